"""What is asked through the official client, and how long that takes.

A `Question` is one kind of search. A round asks it so many times from so many threads and reads the server's CPU time
before and after; figures are medians of several rounds.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import weaviate
from weaviate.classes.config import Configure, DataType, Property, VectorDistances
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, HybridFusion

from benchmarks.exact import Exact, Scores, recall
from benchmarks.servers import Address, Process
from benchmarks.workload import NUMBERS, QUERIES, Workload, id_of, make

COLLECTION = "Benchmark"
PROPERTIES = ["body", "number"]
BATCH = 1_000
ALPHA = 0.5
_PATIENCE_SECONDS = 4 * 3_600.0
CHECKED = 100
"""Questions of each kind whose answers are compared with the exact ones."""


@dataclass(frozen=True)
class Question:
    """`ask(collection, number)` asks the number-th question; `exact(number)` scores every object for it."""

    name: str
    limit: int
    ask: Callable[[Any, int], Any]
    exact: Callable[[int], Scores]


@dataclass(frozen=True)
class Timing:
    """Medians over rounds. Milliseconds; `server_ms` is CPU time of the server per question."""

    threads: int
    qps: float
    p50: float
    p95: float
    p99: float
    server_ms: float


def connect(address: Address) -> weaviate.WeaviateClient:
    return weaviate.connect_to_local(address.host, address.port, address.grpc_port, skip_init_checks=True)


def questions(data: Workload, exact: Exact) -> list[Question]:
    return [
        _vector(data, exact),
        *(_filtered(data, exact, share) for share in (0.5, 0.1, 0.01, 0.001)),
        *(_keyword(data, exact, terms, limit) for limit in (10, 100) for terms in (1, 3, 8, 20)),
        _hybrid(data, exact),
    ]


def _vector(data: Workload, exact: Exact) -> Question:
    vectors = data.query_vectors.tolist()

    def ask(collection: Any, number: int) -> Any:
        return collection.query.near_vector(vectors[number], limit=10, return_properties=PROPERTIES)

    return Question("vector", 10, ask, exact.near)


def _filtered(data: Workload, exact: Exact, share: float) -> Question:
    vectors, below = data.query_vectors.tolist(), int(share * NUMBERS)

    def ask(collection: Any, number: int) -> Any:
        where = Filter.by_property("number").less_than(below)
        return collection.query.near_vector(vectors[number], limit=10, filters=where, return_properties=PROPERTIES)

    return Question(f"vector, {share:.1%} pass", 10, ask, lambda number: exact.filtered(number, below))


def _keyword(data: Workload, exact: Exact, terms: int, limit: int) -> Question:
    texts = [data.question(number, terms) for number in range(QUERIES)]

    def ask(collection: Any, number: int) -> Any:
        return collection.query.bm25(texts[number], limit=limit, return_properties=PROPERTIES)

    return Question(f"bm25, {terms} terms, top {limit}", limit, ask, lambda number: exact.keyword(number, terms))


def _hybrid(data: Workload, exact: Exact) -> Question:
    vectors, texts = data.query_vectors.tolist(), [data.question(number, 3) for number in range(QUERIES)]

    def ask(collection: Any, number: int) -> Any:
        return collection.query.hybrid(
            texts[number],
            vector=vectors[number],
            alpha=ALPHA,
            fusion_type=HybridFusion.RELATIVE_SCORE,
            limit=10,
            return_properties=PROPERTIES,
        )

    return Question(f"hybrid, alpha {ALPHA}", 10, ask, lambda number: exact.hybrid(number, 3, ALPHA))


# --- Writing ---------------------------------------------------------------------------------------------------------


def create(client: weaviate.WeaviateClient) -> None:
    client.collections.delete(COLLECTION)
    client.collections.create(
        COLLECTION,
        properties=[
            Property(name="body", data_type=DataType.TEXT),
            Property(name="number", data_type=DataType.INT),
            Property(name="price", data_type=DataType.NUMBER),
        ],
        vector_config=Configure.Vectors.self_provided(
            vector_index_config=Configure.VectorIndex.hnsw(
                distance_metric=VectorDistances.COSINE, ef_construction=128, max_connections=32, ef=100
            )
        ),
    )


def objects(data: Workload, positions: Iterable[int], shift: int = 0) -> list[DataObject[Any, Any]]:
    """The objects at these positions, under the ids of positions so much further on."""
    return [
        DataObject(
            properties={
                "body": data.text(position),
                "number": int(data.numbers[position]),
                "price": float(data.prices[position]),
            },
            uuid=id_of(position + shift),
            vector=data.vectors[position].tolist(),
        )
        for position in positions
    ]


def fill(client: weaviate.WeaviateClient, data: Workload, threads: int) -> float:
    """Import everything; the seconds spent in `insert_many`, without making the objects."""
    collection = client.collections.get(COLLECTION)
    seconds = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(data), BATCH * 10):
            stop = min(start + BATCH * 10, len(data))
            batches = [objects(data, range(at, min(at + BATCH, stop))) for at in range(start, stop, BATCH)]
            begun = time.perf_counter()
            results = list(pool.map(collection.data.insert_many, batches))
            seconds += time.perf_counter() - begun
            if any(result.has_errors for result in results):
                raise RuntimeError(f"the server refused objects: {results[0].errors}")
    return seconds


def wait_until_indexed(client: weaviate.WeaviateClient) -> None:
    """Return when the server says that nothing is left to do in the background."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        shards = [shard for node in client.cluster.nodes(COLLECTION, output="verbose") for shard in node.shards]
        if all(shard.vector_indexing_status == "READY" and not shard.vector_queue_length for shard in shards):
            return
        time.sleep(0.2)
    raise TimeoutError("the server is still indexing")


def import_for_ever(address: Address, first: int) -> None:
    """Insert new objects, the first under the id of that position, until the process ends."""
    data = make(5_000)
    with connect(address) as client:
        collection = client.collections.get(COLLECTION)
        for shift in count(first, len(data)):
            for start in range(0, len(data), BATCH):
                collection.data.insert_many(objects(data, range(start, start + BATCH), shift))


# --- Asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Party:
    """A server that is asked, through this client."""

    client: weaviate.WeaviateClient
    process: Process


def measure(parties: Sequence[Party], question: Question, threads: int, times: int, rounds: int) -> list[Timing]:
    """Each party's medians of so many rounds of `times` questions, after a short warm-up.

    They take turns, round by round, so that all meet the same machine.
    """
    collections = [party.client.collections.get(COLLECTION) for party in parties]
    asked = list(zip(collections, [party.process for party in parties], strict=True))
    for collection, process in asked:
        _round(collection, process, question, threads, max(times // 10, threads))
    taken = [
        [_round(collection, process, question, threads, times) for collection, process in asked] for _ in range(rounds)
    ]
    return [_medians(threads, timings) for timings in zip(*taken, strict=True)]


def _medians(threads: int, timings: Sequence[Sequence[float]]) -> Timing:
    return Timing(threads, *(statistics.median(column) for column in zip(*timings, strict=True)))


def found_share(client: Any, question: Question, checked: int = CHECKED) -> float:
    """The mean share of the exact answers that is found."""
    collection = client.collections.get(COLLECTION)
    positions = _Positions()
    shares = []
    for number in range(checked):
        found = [positions[found.uuid] for found in question.ask(collection, number).objects]
        shares.append(recall(question.exact(number), found, question.limit))
    return statistics.fmean(shares)


def _round(
    collection: Any, process: Process, question: Question, threads: int, times: int
) -> tuple[float, float, float, float, float]:
    """QPS, p50, p95 and p99 in milliseconds, and the server's CPU milliseconds a question."""
    each = max(times // threads, 1)
    latencies = np.zeros((threads, each))

    def work(thread: int) -> None:
        for step in range(each):
            begun = time.perf_counter()
            question.ask(collection, (thread * each + step) % QUERIES)
            latencies[thread, step] = time.perf_counter() - begun

    cpu, begun = process.cpu_seconds(), time.perf_counter()
    _run_all([threading.Thread(target=work, args=(thread,)) for thread in range(threads)])
    seconds, cpu = time.perf_counter() - begun, process.cpu_seconds() - cpu
    p50, p95, p99 = (np.percentile(latencies, [50, 95, 99]) * 1e3).tolist()
    return latencies.size / seconds, p50, p95, p99, cpu * 1e3 / latencies.size


def _run_all(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class _Positions(dict[Any, int]):
    """From an object's id to its position: `id_of` the other way round."""

    def __missing__(self, id: Any) -> int:
        inverse = pow(0x9E3779B97F4A7C15F39CC0605CEDC835, -1, 2**128)
        self[id] = int(id.int * inverse % 2**128) - 1
        return self[id]
