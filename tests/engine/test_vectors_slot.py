"""A vector slot: whichever stage answers, it answers like a look at every vector."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from weavelet.engine.distance import distances
from weavelet.engine.docset import DocSet
from weavelet.engine.settings import EngineSettings
from weavelet.engine.vectors.graph import is_installed
from weavelet.engine.vectors.slot import VectorSlot
from weavelet.errors import CorruptionError, DimensionMismatch, InvalidQuery, InvalidVector
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance

DIMENSIONS = 24
NEVER = 10**9
STAGES = {
    "exact": EngineSettings(quantised_threshold=NEVER, graph_threshold=NEVER),
    "quantised": EngineSettings(quantised_threshold=1, graph_threshold=NEVER),
    "graph": EngineSettings(quantised_threshold=NEVER, graph_threshold=1),
    "graph and quantised": EngineSettings(quantised_threshold=1, graph_threshold=1),
    "hnswlib graph": EngineSettings(graph="hnswlib", quantised_threshold=NEVER, graph_threshold=1),
}
EXACT = STAGES["exact"]


def _vectors(n: int, seed: int = 0, dimensions: int = DIMENSIONS) -> np.ndarray:
    """Around a hundred centres, as embeddings are."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((100, dimensions))
    noise = random.standard_normal((n, dimensions)) * 0.5
    return (centres[random.integers(0, 100, n)] + noise).astype(np.float32)


_OPENED: list[VectorSlot] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().close()


def _slot(folder: Path, settings: EngineSettings = EXACT, **config: object) -> VectorSlot:
    slot = VectorSlot(VectorIndex(**{"kind": "hnsw"} | config), folder, settings)  # type: ignore[arg-type]
    _OPENED.append(slot)
    return slot


def _fill(slot: VectorSlot, vectors: np.ndarray | list[np.ndarray], first: int = 0) -> list[int]:
    rows = slot.append(list(vectors))
    slot.sync()
    slot.index(range(first, first + len(vectors)), rows)
    while slot.work():
        pass
    return rows


def _nearest(metric: Distance, query: np.ndarray, vectors: np.ndarray, docs: np.ndarray, k: int) -> list[int]:
    measured = distances(metric, query, vectors[docs])
    return docs[np.lexsort((docs, measured))[:k]].tolist()


@pytest.fixture(params=Distance)
def metric(request: pytest.FixtureRequest) -> Distance:
    return Distance(request.param)


@pytest.fixture(params=STAGES)
def settings(request: pytest.FixtureRequest) -> EngineSettings:
    return _available(request.param)


@pytest.fixture(params=[name for name in STAGES if "graph" in name and "quantised" not in name])
def graph(request: pytest.FixtureRequest) -> EngineSettings:
    """A graph of each library."""
    return _available(request.param)


def _available(stages: str) -> EngineSettings:
    settings = STAGES[stages]
    if not is_installed(settings.graph):
        pytest.skip(f"{settings.graph} is not installed")
    return settings


# --- Exact -----------------------------------------------------------------------------------------------------------


def test_the_nearest_come_in_order_with_their_distances(tmp_path: Path, metric: Distance) -> None:
    slot, vectors = _slot(tmp_path, distance=metric), _vectors(300)
    _fill(slot, vectors)
    for query in _vectors(10, seed=1):
        hits = slot.search(query, 20)
        assert [hit.doc for hit in hits] == _nearest(metric, query, vectors, np.arange(300), 20)
        measured = distances(metric, query, vectors[[hit.doc for hit in hits]])
        assert [hit.distance for hit in hits] == measured.tolist()


@pytest.mark.parametrize("share", [0.9, 0.5, 0.1, 0.01])
def test_filters_are_exact_at_every_selectivity(tmp_path: Path, metric: Distance, share: float) -> None:
    slot, vectors = _slot(tmp_path, distance=metric), _vectors(500)
    _fill(slot, vectors)
    allowed = np.sort(np.random.default_rng(2).choice(500, int(500 * share), replace=False))
    for query in _vectors(5, seed=1):
        found = [hit.doc for hit in slot.search(query, 10, DocSet.of(allowed.astype(np.uint32)))]
        assert found == _nearest(metric, query, vectors, allowed, 10)


def test_ties_go_to_the_lower_document(tmp_path: Path, metric: Distance, settings: EngineSettings) -> None:
    slot = _slot(tmp_path, settings, distance=metric)
    _fill(slot, np.tile(_vectors(1), (200, 1)))
    assert [hit.doc for hit in slot.search(_vectors(1, seed=5)[0], 10)] == list(range(10))


def test_documents_may_arrive_in_any_order(tmp_path: Path) -> None:
    slot, vectors = _slot(tmp_path), _vectors(30)
    rows = slot.append(list(vectors))
    slot.index([29, 3, 11], [rows[29], rows[3], rows[11]])
    slot.index([1], [rows[1]])
    assert {hit.doc for hit in slot.search(vectors[3], 9)} == {1, 3, 11, 29}
    assert slot.search(vectors[3], 1)[0].doc == 3


def test_vectors_come_back_as_they_were_sent(tmp_path: Path) -> None:
    slot, vectors = _slot(tmp_path, distance=Distance.COSINE), _vectors(4) * 7
    _fill(slot, vectors)
    found = slot.vector(2)
    assert found is not None
    assert (found == vectors[2]).all()
    assert slot.vector(9) is None


def test_distances_to_given_documents(tmp_path: Path, metric: Distance) -> None:
    slot, vectors = _slot(tmp_path, distance=metric), _vectors(5)
    _fill(slot, vectors)
    found = slot.distances(vectors[0], np.array([4, 77, 1], np.uint32))
    assert np.isnan(found[1])
    assert found[[0, 2]].tolist() == distances(metric, vectors[0], vectors[[4, 1]]).tolist()


@pytest.mark.parametrize("limit", [0.2, 0.9, 3.0, -0.5])
def test_within_finds_all_that_are_near_enough(tmp_path: Path, metric: Distance, limit: float) -> None:
    slot, vectors = _slot(tmp_path, distance=metric), _vectors(400)
    _fill(slot, vectors)
    query = _vectors(1, seed=3)[0]
    measured = distances(metric, query, vectors)
    inside = np.flatnonzero(measured <= limit)
    found = slot.within(query, limit, NEVER)
    assert [hit.doc for hit in found] == inside[np.lexsort((inside, measured[inside]))].tolist()


def test_within_counts_the_distance_itself_and_stops_at_the_maximum(tmp_path: Path) -> None:
    slot = _slot(tmp_path, distance=Distance.HAMMING)
    _fill(slot, np.eye(6, dtype=np.float32))
    assert len(slot.within(np.zeros(6, np.float32), 1, 100)) == 6
    assert [hit.doc for hit in slot.within(np.zeros(6, np.float32), 1, 2)] == [0, 1]


def test_l2_does_not_lose_near_neighbours_far_from_the_origin(tmp_path: Path) -> None:
    slot = _slot(tmp_path, distance=Distance.L2_SQUARED)
    vectors = (_vectors(500) * 0.01 + 1000).astype(np.float32)
    _fill(slot, vectors)
    for query in vectors[:5]:
        found = [hit.doc for hit in slot.search(query, 10)]
        assert found == _nearest(Distance.L2_SQUARED, query, vectors, np.arange(500), 10)


# --- Every stage -----------------------------------------------------------------------------------------------------


def _recall(slot: VectorSlot, vectors: np.ndarray, metric: Distance, docs: np.ndarray, k: int) -> float:
    allowed = None if len(docs) == len(vectors) else DocSet.of(docs.astype(np.uint32))
    shares = []
    for query in _vectors(20, seed=7):
        wanted = set(_nearest(metric, query, vectors, docs, k))
        found = [hit.doc for hit in slot.search(query, k, allowed)]
        assert len(found) == min(k, len(docs))
        assert set(found) <= set(docs.tolist())
        shares.append(len(wanted & set(found)) / len(wanted))
    return float(np.mean(shares))


@pytest.mark.parametrize("metric_", [Distance.COSINE, Distance.DOT, Distance.L2_SQUARED])
def test_recall(tmp_path: Path, settings: EngineSettings, metric_: Distance) -> None:
    vectors = _vectors(4000)
    if metric_ is Distance.L2_SQUARED:
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    slot = _slot(tmp_path, settings, distance=metric_)
    _fill(slot, vectors)
    assert _recall(slot, vectors, metric_, np.arange(4000), 10) >= 0.97
    assert _recall(slot, vectors, metric_, np.arange(0, 4000, 7), 10) == 1.0


def test_removed_documents_never_return(tmp_path: Path, settings: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, settings), _vectors(1000)
    _fill(slot, vectors)
    slot.remove(range(0, 1000, 2))
    slot.remove([0, 5000])
    assert len(slot) == 500
    docs = np.arange(1, 1000, 2)
    assert _recall(slot, vectors, Distance.COSINE, docs, 10) >= 0.97
    assert slot.vector(0) is None
    slot.remove(docs.tolist())
    assert slot.search(vectors[1], 10) == []


def test_later_documents_are_found_at_once(tmp_path: Path, settings: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, settings), _vectors(1200)
    _fill(slot, vectors[:1000])
    rows = slot.append(list(vectors[1000:]))
    slot.index(range(1000, 1200), rows)
    for doc in (1000, 1100, 1199):
        assert slot.search(vectors[doc], 1)[0].doc == doc


def test_k_beyond_what_there_is_gives_all_there_is(tmp_path: Path, settings: EngineSettings) -> None:
    slot = _slot(tmp_path, settings)
    _fill(slot, _vectors(37))
    assert len(slot.search(_vectors(1)[0], 1000)) == 37
    assert len(slot.search(_vectors(1)[0], 1000, DocSet.of([3, 5, 99]))) == 2
    assert slot.search(_vectors(1)[0], 10, DocSet.of([])) == []
    assert slot.search(_vectors(1)[0], 0) == []


def test_an_empty_slot_finds_nothing(tmp_path: Path, settings: EngineSettings) -> None:
    slot = _slot(tmp_path, settings)
    assert slot.search(_vectors(1)[0], 10) == []
    assert slot.within(_vectors(1)[0], 1.0, 10) == []
    assert slot.dimensions is None


def test_vectors_of_length_zero_are_found_last(tmp_path: Path, settings: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, settings), np.abs(_vectors(200))
    vectors[7] = 0
    _fill(slot, vectors)
    hits = slot.search(vectors[3], 200)
    assert (hits[-1].doc, hits[-1].distance) == (7, 1.0)


@pytest.mark.parametrize("dimensions", [1, 2, 7, 8, 9])
def test_few_dimensions(tmp_path: Path, settings: EngineSettings, dimensions: int) -> None:
    slot = _slot(tmp_path, settings, distance=Distance.DOT)
    vectors = _vectors(900, dimensions=dimensions)
    _fill(slot, vectors)
    for query in vectors[:5]:
        found = slot.search(query, 5)
        best = np.sort(distances(Distance.DOT, query, vectors))[:5]
        assert [hit.distance for hit in found] == pytest.approx(best.tolist(), rel=1e-3)


def test_a_query_without_dimensions_is_equally_far_from_everything(tmp_path: Path) -> None:
    slot = _slot(tmp_path)
    _fill(slot, _vectors(9))
    hits = slot.search(np.empty(0, np.float32), 3)
    assert [(hit.doc, hit.distance) for hit in hits] == [(0, 0.0), (1, 0.0), (2, 0.0)]


@given(st.data())
def test_a_slot_agrees_with_a_dictionary(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    settings = data.draw(st.sampled_from([one for one in STAGES.values() if is_installed(one.graph)]))
    slot = _slot(tmp_path_factory.mktemp("any"), settings, distance=Distance.DOT)
    known: dict[int, np.ndarray] = {}
    for step in range(data.draw(st.integers(1, 6))):
        if known and data.draw(st.booleans()):
            gone = data.draw(st.lists(st.sampled_from(sorted(known)), unique=True))
            slot.remove(gone)
            known = {doc: vector for doc, vector in known.items() if doc not in gone}
        else:
            vectors = _vectors(data.draw(st.integers(0, 30)), seed=step)
            _fill(slot, vectors, first=1000 * step)
            known |= {1000 * step + place: vector for place, vector in enumerate(vectors)}
        query = _vectors(1, seed=50 + step)[0]
        expected = sorted(known, key=lambda doc: (-float(known[doc] @ query), doc))
        assert [hit.doc for hit in slot.search(query, 200)] == expected


# --- Multi-vectors ---------------------------------------------------------------------------------------------------


def _matrices(n: int, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.standard_normal((int(random.integers(1, 9)), 6)).astype(np.float32) for _ in range(n)]


def _maxsim(query: np.ndarray, matrix: np.ndarray) -> float:
    unit = query / np.linalg.norm(query, axis=1, keepdims=True)
    return -float((unit @ matrix.T).max(axis=1).sum())


def test_multi_vectors_are_compared_by_maxsim(tmp_path: Path) -> None:
    slot, matrices = _slot(tmp_path, multivector=True), _matrices(60)
    _fill(slot, matrices)
    query = _matrices(1, seed=9)[0]
    expected = sorted(range(60), key=lambda doc: _maxsim(query, matrices[doc]))
    hits = slot.search(query, 7)
    assert [hit.doc for hit in hits] == expected[:7]
    assert [hit.distance for hit in hits] == pytest.approx([_maxsim(query, matrices[doc]) for doc in expected[:7]])
    allowed = DocSet.of([3, 30, 59, 400])
    assert {hit.doc for hit in slot.search(query, 7, allowed)} == {3, 30, 59}
    limit = _maxsim(query, matrices[expected[4]])
    assert [hit.doc for hit in slot.within(query, limit, 100)] == expected[:5]


def test_a_multi_vector_keeps_its_shape_and_its_place(tmp_path: Path) -> None:
    matrices = _matrices(5)
    slot = _slot(tmp_path, multivector=True)
    rows = _fill(slot, matrices)
    slot.remove([1])
    slot.close()
    again = _slot(tmp_path, multivector=True)
    again.load([0, 2, 3, 4], [rows[0], *rows[2:]])
    assert again.vector(1) is None
    for doc in (0, 2, 3, 4):
        found = again.vector(doc)
        assert found is not None
        assert (found == matrices[doc]).all()
    more = _matrices(2, seed=3)
    _fill(again, more, first=10)
    found = again.vector(11)
    assert found is not None
    assert (found == more[1]).all()


@pytest.mark.parametrize("metric_", [Distance.DOT, Distance.L2_SQUARED])
def test_multi_vectors_of_other_distances(tmp_path: Path, metric_: Distance) -> None:
    slot, matrices = _slot(tmp_path, multivector=True, distance=metric_), _matrices(20)
    _fill(slot, matrices)
    (hit,) = slot.search(matrices[4], 20)[:1] if metric_ is Distance.L2_SQUARED else slot.search(matrices[4], 1)
    pairs = np.stack([distances(metric_, one, matrices[hit.doc]) for one in matrices[4]])
    assert hit.distance == pytest.approx(float(pairs.min(axis=1).sum()), abs=1e-5)


# --- What is refused -------------------------------------------------------------------------------------------------


def test_vectors_of_another_length_are_refused(tmp_path: Path) -> None:
    slot = _slot(tmp_path)
    slot.check(np.ones(2, np.float32))
    _fill(slot, _vectors(1, dimensions=3))
    text = (
        "new node has a vector with length 2. Existing nodes have vectors with length 3: "
        "vector dimensions do not match the index dimensions"
    )
    with pytest.raises(DimensionMismatch, match=text):
        slot.check(np.ones(2, np.float32))
    with pytest.raises(DimensionMismatch, match="3 vs 2: vector lengths don't match"):
        slot.search(np.ones(2, np.float32), 5)


def test_one_vector_and_many_are_not_mixed_up(tmp_path: Path) -> None:
    single, multi = _slot(tmp_path / "single"), _slot(tmp_path / "multi", multivector=True)
    with pytest.raises(InvalidVector, match="multi vector"):
        single.check(np.ones((2, 3), np.float32))
    with pytest.raises(InvalidVector, match="list of vectors"):
        multi.check(np.ones(3, np.float32))
    with pytest.raises(InvalidVector, match="multivector search is not enabled"):
        single.search(np.ones((2, 3), np.float32), 5)


def test_a_slot_without_an_index_keeps_vectors_and_refuses_searches(tmp_path: Path) -> None:
    slot = _slot(tmp_path, STAGES["graph and quantised"], skip=True)
    _fill(slot, _vectors(3))
    assert slot.vector(1) is not None
    with pytest.raises(InvalidQuery, match="cannot vector-search on a class not vector-indexed"):
        slot.search(_vectors(1)[0], 2)


# --- Opening again ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """A slot with a graph, closed after a snapshot."""

    folder: Path
    settings: EngineSettings
    vectors: np.ndarray
    rows: list[int]

    def opened(self, docs: list[int], rows: list[int], **config: object) -> VectorSlot:
        """Opened again, and the snapshot read as far as it is good."""
        slot = _slot(self.folder, self.settings, **config)
        slot.load(docs, rows)
        slot.work(0)
        return slot


@pytest.fixture
def built(tmp_path: Path, graph: EngineSettings) -> Built:
    vectors = _vectors(600)
    slot = _slot(tmp_path, graph)
    rows = _fill(slot, vectors)
    slot.snapshot()
    slot.close()
    return Built(tmp_path, graph, vectors, rows)


def test_a_graph_is_taken_from_its_snapshot(built: Built) -> None:
    slot = built.opened(list(range(600)), built.rows)
    assert slot.queue_length == 0
    assert _recall(slot, built.vectors, Distance.COSINE, np.arange(600), 10) >= 0.97


def test_a_snapshot_is_brought_up_to_date(built: Built) -> None:
    before = built.opened(list(range(600)), built.rows)
    assert before.queue_length == 0
    more = before.append(list(_vectors(50, seed=8)))
    before.sync()
    before.close()
    docs = [*range(100, 600), *range(600, 650)]
    slot = built.opened(docs, [*built.rows[100:], *more])
    assert slot.queue_length == 50
    everything = np.concatenate((built.vectors, _vectors(50, seed=8)))
    assert _recall(slot, everything, Distance.COSINE, np.array(docs), 10) >= 0.97
    while slot.work():
        pass
    assert _recall(slot, everything, Distance.COSINE, np.array(docs), 10) >= 0.97


def _flipped(data: bytearray, place: int) -> bytearray:
    data[place] ^= 1
    return data


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: _flipped(data, len(data) // 2),
        lambda data: _flipped(data, 20),
        lambda data: _flipped(data, len(data) - 100),
        lambda data: data[: len(data) // 2],
        lambda data: data[:10],
        lambda data: b"",
        lambda data: data + b"more",
    ],
    ids=["middle", "header", "end", "half", "stump", "nothing", "more"],
)
@pytest.mark.parametrize("pattern", ["graph.snapshot", "graph-*.data"])
def test_a_damaged_snapshot_is_not_used(built: Built, pattern: str, damage: Callable[[bytearray], bytes]) -> None:
    file = next(built.folder.glob(pattern))
    file.write_bytes(damage(bytearray(file.read_bytes())))
    slot = built.opened(list(range(600)), built.rows)
    assert slot.queue_length == 600
    assert _recall(slot, built.vectors, Distance.COSINE, np.arange(600), 10) == 1.0


def test_a_snapshot_of_other_settings_is_not_used(built: Built) -> None:
    assert built.opened(list(range(600)), built.rows, max_connections=8).queue_length == 600


def test_a_graph_of_another_library_is_not_used(built: Built) -> None:
    other = next(settings for settings in STAGES.values() if settings.graph != built.settings.graph)
    if not is_installed(other.graph):
        pytest.skip(f"{other.graph} is not installed")
    slot = replace(built, settings=replace(built.settings, graph=other.graph)).opened(list(range(600)), built.rows)
    assert slot.queue_length == 600


def test_a_graph_whose_vectors_change_all_the_time_stays_small(tmp_path: Path, graph: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, graph), _vectors(2400)
    for first in range(0, 2400, 300):
        _fill(slot, vectors[first : first + 300], first)
        if first:
            slot.remove(range(first - 300, first))
    slot.snapshot()
    (file,) = tmp_path.glob("graph-*.data")
    few = file.stat().st_size
    assert _recall(slot, vectors, Distance.COSINE, np.arange(2100, 2400), 10) >= 0.97
    assert few < 4 * 300 * (DIMENSIONS * 4 + 400)


def test_objects_that_refer_to_missing_rows_are_reported(tmp_path: Path) -> None:
    slot = _slot(tmp_path)
    _fill(slot, _vectors(3))
    slot.close()
    with pytest.raises(CorruptionError, match=r"vectors\.f32 is damaged"):
        _slot(tmp_path).load([0, 1], [0, 500_000])


def test_rows_without_an_object_are_used_again_after_opening(tmp_path: Path) -> None:
    slot, vectors = _slot(tmp_path), _vectors(10)
    rows = _fill(slot, vectors)
    slot.close()
    again = _slot(tmp_path)
    again.load([4, 5], [rows[4], rows[5]])
    assert sorted(_fill(again, _vectors(4, seed=1), first=20)) == [0, 1, 2, 3]
    found = again.vector(4)
    assert found is not None
    assert (found == vectors[4]).all()


# --- In the background -----------------------------------------------------------------------------------------------


def test_searches_are_exact_until_the_graph_has_caught_up(tmp_path: Path, graph: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, graph), _vectors(6000)
    slot.index(range(6000), slot.append(list(vectors)))
    assert slot.queue_length == 6000
    assert _recall(slot, vectors, Distance.COSINE, np.arange(6000), 10) == 1.0
    while slot.queue_length == 6000:
        assert slot.work(100)


def test_a_graph_that_still_grows_is_kept_where_the_slot_is_let_go(tmp_path: Path, graph: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, replace(graph, snapshot_changes=NEVER)), _vectors(2600)
    rows = slot.append(list(vectors))
    slot.index(range(2600), rows)
    while slot.queue_length > 1_300:
        slot.work()
    waiting = slot.queue_length
    assert not slot.snapshot_is_due(quiet=True), "there will be more to write"
    assert slot.snapshot_is_due(quiet=True, last=True)
    slot.snapshot()
    assert not slot.snapshot_is_due(quiet=True, last=True)
    slot.close()
    again = _slot(tmp_path, graph)
    again.load(range(2600), rows)
    again.work(0)
    assert again.queue_length == waiting


def test_the_graph_grows_while_others_search_and_delete(tmp_path: Path, graph: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, graph), _vectors(2500)
    slot.index(range(2500), slot.append(list(vectors)))
    builder = threading.Thread(target=lambda: [None for _ in iter(lambda: slot.work(32), False)])
    builder.start()
    for doc in range(0, 400, 4):
        slot.remove([doc])
        assert doc not in {hit.doc for hit in slot.search(vectors[doc], 5)}
    builder.join(60)
    assert slot.queue_length == 0
    left = np.setdiff1d(np.arange(2500), np.arange(0, 400, 4))
    assert _recall(slot, vectors, Distance.COSINE, left, 10) >= 0.97


def test_new_search_settings_take_effect(tmp_path: Path, graph: EngineSettings) -> None:
    slot, vectors = _slot(tmp_path, graph, ef=16), _vectors(1500)
    _fill(slot, vectors)
    slot.redefine(VectorIndex(kind="hnsw", ef=800))
    assert _recall(slot, vectors, Distance.COSINE, np.arange(1500), 10) >= 0.99


@settings_of_hypothesis(max_examples=8, deadline=None)
@given(st.data())
def test_codes_made_in_the_background_know_what_happened_meanwhile(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder, vectors = tmp_path_factory.mktemp("codes"), _vectors(9_000)
    settings = EngineSettings(quantised_threshold=1, graph_threshold=NEVER, background_codes=1)
    before = _slot(folder)
    rows = before.append(list(vectors[:8_500]))
    before.sync()
    before.close()
    slot = _slot(folder, settings)
    slot.load(range(8_500), rows)
    live, fresh = set(range(8_500)), iter(range(8_500, 9_000))
    assert slot.queue_length == 8_500
    for _ in range(3):
        gone = data.draw(st.lists(st.sampled_from(sorted(live)), max_size=20, unique=True))
        slot.remove(gone)
        added = [next(fresh) for _ in range(data.draw(st.integers(0, 50)))]
        slot.index(added, slot.append(list(vectors[added])))
        live = (live - set(gone)) | set(added)
        assert slot.queue_length <= len(live)
        slot.work()
    while slot.work():
        pass
    assert slot.queue_length == 0
    docs = np.array(sorted(live))
    right = 0
    for query in _vectors(10, seed=1):
        found = {hit.doc for hit in slot.search(query, 10)}
        assert found <= live
        right += len(found.intersection(_nearest(Distance.COSINE, query, vectors, docs, 10)))
    assert right >= 95
    slot.close()
