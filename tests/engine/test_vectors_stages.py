"""The approximate stages on their own: what they vouch for is right, and what is hopeless they decline."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from weavelet.engine.docset import DocSet
from weavelet.engine.vectors.file import VectorFile
from weavelet.engine.vectors.flat import Flat
from weavelet.engine.vectors.graph import Graph, is_installed
from weavelet.engine.vectors.protocol import Stage
from weavelet.engine.vectors.quantised import Quantised
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance

COUNT, DIMENSIONS = 6000, 32


def _vectors(n: int, seed: int) -> np.ndarray:
    centres = np.random.default_rng(99).standard_normal((150, DIMENSIONS))
    random = np.random.default_rng(seed)
    return (centres[random.integers(0, 150, n)] + random.standard_normal((n, DIMENSIONS)) * 0.5).astype(np.float32)


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flat]:
    file = VectorFile(tmp_path_factory.mktemp("stages") / "vectors.f32")
    flat = Flat(file, Distance.COSINE)
    flat.add(np.arange(COUNT, dtype=np.uint32), file.append(_vectors(COUNT, 0)))
    yield flat
    file.close()


@pytest.fixture(scope="module", params=["quantised", "usearch", "hnswlib"])
def stage(request: pytest.FixtureRequest, flat: Flat) -> Stage:
    if request.param == "quantised":
        codes = Quantised(flat, Distance.COSINE, DIMENSIONS)
        codes.add(flat.docs())
        return codes
    if not is_installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    graph = Graph(flat, VectorIndex(kind="hnsw"), DIMENSIONS, request.param)
    graph.add(flat.docs())
    graph.work(COUNT)
    return graph


@pytest.mark.parametrize("share", [1.0, 0.5, 0.2, 0.02, 0.001])
@pytest.mark.parametrize("k", [1, 10, 60])
def test_whatever_a_stage_vouches_for_is_nearly_all_right(flat: Flat, stage: Stage, share: float, k: int) -> None:
    allowed = None
    if share < 1:
        chosen = np.random.default_rng(3).choice(COUNT, int(COUNT * share), replace=False)
        allowed = DocSet.of(np.sort(chosen).astype(np.uint32))
    shares, answers = [], 0
    for query in _vectors(25, 1):
        exact = flat.nearest(query, k, allowed)
        found = stage.nearest(query, k, allowed)
        if found is None:
            continue
        answers += 1
        assert len(found.docs) == len(exact.docs)
        assert found.distances.tolist() == flat.distances(query, found.docs).tolist()
        shares.append(len(np.intersect1d(found.docs, exact.docs)) / len(exact.docs))
    assert answers or share < 1 or k > 10
    assert not shares or np.mean(shares) >= 0.97


def test_filters_along_the_query_do_not_shorten_the_answer(flat: Flat, stage: Stage) -> None:
    query = _vectors(1, 5)[0]
    far = np.sort(flat.nearest(-query, COUNT // 3, None).docs)
    found = stage.nearest(query, 10, DocSet.of(far))
    assert found is None or len(found.docs) == 10


def test_more_than_a_stage_can_vouch_for_is_declined(stage: Stage) -> None:
    assert stage.nearest(_vectors(1, 2)[0], COUNT, None) is None


def test_codes_of_vectors_that_do_not_fit_are_given_up(tmp_path: Path) -> None:
    file = VectorFile(tmp_path / "vectors.f32")
    flat = Flat(file, Distance.L2_SQUARED)
    flat.add(np.arange(800, dtype=np.uint32), file.append(_vectors(800, 0)))
    codes = Quantised(flat, Distance.L2_SQUARED, DIMENSIONS)
    codes.add(flat.docs())
    assert codes.nearest(_vectors(1, 1)[0], 1, None) is None
    codes.add(np.array([3], np.uint32))
    codes.remove(np.array([3], np.uint32))
    assert len(codes) == 0
    file.close()


# --- What rounding does not suit ------------------------------------------------------------------------------------


def _spikes(n: int) -> np.ndarray:
    """Nearly all of each vector's length is in one of its dimensions, unlike in all others."""
    random = np.random.default_rng(8)
    vectors = random.standard_normal((n, DIMENSIONS)) * 0.01
    vectors[np.arange(n), random.integers(0, DIMENSIONS, n)] += random.choice([-1, 1], n)
    return vectors.astype(np.float32)


def _finished(flat: Flat, distance: Distance) -> Graph:
    graph = Graph(flat, VectorIndex(kind="hnsw", distance=distance), DIMENSIONS)
    graph.add(flat.docs())
    _finish(graph)
    return graph


def _finish(graph: Graph) -> None:
    while graph.work(1_024):
        pass


@pytest.mark.parametrize("distance", [Distance.COSINE, Distance.DOT])
@pytest.mark.parametrize("more", [40, 1_100], ids=["a few", "many"])
def test_vectors_unlike_all_before_are_found(tmp_path: Path, distance: Distance, more: int) -> None:
    file = VectorFile(tmp_path / "vectors.f32")
    flat = Flat(file, distance)
    flat.add(np.arange(3_000, dtype=np.uint32), file.append(_vectors(3_000, 0)))
    graph = _finished(flat, distance)
    spikes, docs = _spikes(more) * np.float32(40), np.arange(3_000, 3_000 + more, dtype=np.uint32)
    flat.add(docs, file.append(spikes))
    graph.add(docs)
    _finish(graph)
    gone = docs[::3]
    graph.remove(gone)
    flat.remove(gone)
    _finish(graph)
    for query in (*spikes[:12], *_vectors(6, 1)):
        for allowed in (None, DocSet.of(docs)):
            found, exact = graph.nearest(query, 3, allowed), flat.nearest(query, 3, allowed)
            assert found is None or found.docs.tolist() == exact.docs.tolist()
            assert found is not None or allowed is not None
    file.close()


def test_a_rounded_graph_and_what_stood_aside_come_back_from_a_snapshot(tmp_path: Path) -> None:
    file = VectorFile(tmp_path / "vectors.f32")
    flat = Flat(file, Distance.COSINE)
    flat.add(np.arange(3_040, dtype=np.uint32), file.append(np.concatenate((_vectors(3_000, 0), _spikes(40)))))
    _finished(flat, Distance.COSINE).snapshot(tmp_path / "graph.snapshot", lambda: None)
    again = Graph(flat, VectorIndex(kind="hnsw"), DIMENSIONS)
    again.load(tmp_path / "graph.snapshot")
    again.work(0)
    assert again.waiting <= 40
    _finish(again)
    for query in (*_spikes(40)[:10], *_vectors(10, 1)):
        found = again.nearest(query, 3, None)
        assert found is not None
        assert found.docs.tolist() == flat.nearest(query, 3, None).docs.tolist()
    file.close()
