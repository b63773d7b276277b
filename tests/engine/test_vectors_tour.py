"""The order in which many vectors are added to a graph: all of them, once, neighbours together."""

from collections.abc import Callable

import numpy as np
import pytest

from weavelet.engine.vectors.protocol import Docs, Floats
from weavelet.engine.vectors.tour import Read, tour

DIMENSIONS = 24


def clustered(n: int) -> Floats:
    random = np.random.default_rng(4)
    centres = random.standard_normal((max(n // 40, 1), DIMENSIONS)) * 4
    return (centres[random.integers(0, len(centres), n)] + random.standard_normal((n, DIMENSIONS))).astype(np.float32)


def alike(n: int) -> Floats:
    return np.ones((n, DIMENSIONS), np.float32)


def huge(n: int) -> Floats:
    return clustered(n) * np.float32(1e25)


def reading(vectors: Floats, gone: frozenset[int] = frozenset()) -> Read:
    """As of documents whose numbers are ten times their rows."""

    def read(docs: Docs) -> tuple[Docs, Floats]:
        known = np.array([doc for doc in docs.tolist() if doc not in gone], np.uint32)
        return known, vectors[known // 10]

    return read


@pytest.mark.parametrize("make", [clustered, alike, huge])
@pytest.mark.parametrize("count", [1, 2, 255, 257, 3_000])
def test_every_document_comes_once(make: Callable[[int], Floats], count: int) -> None:
    docs = np.arange(count, dtype=np.uint32) * 10
    stretches = list(tour(docs, reading(make(count))))
    assert sorted(np.concatenate(stretches).tolist()) == docs.tolist()
    assert max(map(len, stretches)) <= 512


def test_documents_that_go_meanwhile_are_left_out() -> None:
    docs, gone = np.arange(2_000, dtype=np.uint32) * 10, frozenset(range(0, 20_000, 30))
    stretches = list(tour(docs, reading(clustered(2_000), gone)))
    assert sorted(np.concatenate(stretches).tolist()) == sorted(set(docs.tolist()) - gone)


def test_a_tour_of_documents_that_are_all_gone_is_empty() -> None:
    docs = np.arange(300, dtype=np.uint32) * 10
    assert list(tour(docs, reading(clustered(300), frozenset(docs.tolist())))) == []


def test_each_is_followed_by_one_close_by() -> None:
    vectors = clustered(6_000)
    order = np.concatenate(list(tour(np.arange(6_000, dtype=np.uint32) * 10, reading(vectors)))) // 10
    steps = np.linalg.norm(vectors[order[1:]] - vectors[order[:-1]], axis=1)
    before = np.linalg.norm(vectors[1:] - vectors[:-1], axis=1)
    assert np.median(steps) < np.median(before) / 3
