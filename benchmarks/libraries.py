"""The bare libraries, on the same data in the same run: what the search itself costs without a server around it.

All figures are CPU time of one thread. `usearch` is the HNSW graph with the parameters of the collection; the scan is
turbovec's 4-bit codes with the best fifty measured exactly; `rank-bm25` is the keyword library most people start with.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rank_bm25 import BM25Okapi
from turbovec import TurboQuantIndex
from usearch.index import Index

from benchmarks.exact import Exact, Scores, recall
from benchmarks.workload import DIMENSIONS, Workload

CANDIDATES = 50
_CHECKED = 50


@dataclass(frozen=True)
class Bare:
    """One library: building costs `add_ms` an object, a question `query_ms`."""

    name: str
    stands_beside: str
    """The question of `asking.questions` it answers."""
    add_ms: float
    query_ms: float
    recall: float


def measure(data: Workload, exact: Exact) -> list[Bare]:
    return [_graph(data, exact), _scan(data, exact), _okapi(data, exact)]


def _graph(data: Workload, exact: Exact) -> Bare:
    graph = Index(ndim=DIMENSIONS, metric="ip", dtype="f32", connectivity=32, expansion_add=128, expansion_search=100)
    count = min(len(data), 20_000)
    """A graph of all would take minutes to build; its price per object only grows from here."""
    add = _cpu(lambda: graph.add(np.arange(count), data.vectors[:count], threads=1)) / count
    return _asked(
        f"usearch HNSW ({count:,} vectors)",
        "vector",
        add,
        lambda number: graph.search(data.query_vectors[number], 10, threads=1).keys.astype(np.int64).tolist(),
        lambda number: exact.near(number)[:count],
    )


def _scan(data: Workload, exact: Exact) -> Bare:
    codes = TurboQuantIndex(DIMENSIONS, 4)
    add = _cpu(lambda: codes.add(data.vectors)) / len(data)

    def ask(number: int) -> list[int]:
        query = data.query_vectors[number]
        candidates = codes.search(query[np.newaxis], CANDIDATES)[1][0]
        distances = -(data.vectors[candidates] @ query)
        found: list[int] = candidates[np.argsort(distances)[:10]].tolist()
        return found

    return _asked("turbovec scan + exact", "vector", add, ask, exact.near)


def _okapi(data: Workload, exact: Exact) -> Bare:
    texts = [data.text(position).split() for position in range(len(data))]
    made: list[BM25Okapi] = []
    add = _cpu(lambda: made.append(BM25Okapi(texts))) / len(data)

    def ask(number: int) -> list[int]:
        scores = made[0].get_scores(data.question(number, 3).split())
        found: list[int] = np.argpartition(-scores, 10)[:10].tolist()
        return found

    return _asked("rank-bm25 Okapi", "bm25, 3 terms, top 10", add, ask, lambda number: exact.keyword(number, 3))


def _asked(
    name: str, beside: str, add_seconds: float, ask: Callable[[int], list[int]], right: Callable[[int], Scores]
) -> Bare:
    ask(0)
    times = [_cpu(lambda number=number: ask(number)) for number in range(_CHECKED)]  # type: ignore[misc]
    found = [recall(right(number), ask(number), 10) for number in range(_CHECKED)]
    return Bare(name, beside, add_seconds * 1e3, float(np.mean(times)) * 1e3, float(np.mean(found)))


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
