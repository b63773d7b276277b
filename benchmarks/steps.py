"""Where the microseconds of one query go: `python -m benchmarks.steps`.

The server's own steps, called one after the other in this process on the benchmark's data. Each is timed by the CPU
time of its thread, the best of several rounds, since whatever else the machine does can only add to it. Beside them
two floors: the bare codes' scan for the same question, and a gRPC call to a server whose handler does nothing.

Called like this every step finds its code and data in the processor's caches. In a server that shares its cores with
a client it does not: the whole then costs about twice the sum.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from turbovec import TurboQuantIndex

from benchmarks import asking, transport, workload
from benchmarks.servers import HOST, Address
from benchmarks.workload import DIMENSIONS, NUMBERS, Workload
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.prepared import Searches
from weavelet.api.grpc.replies import search_reply
from weavelet.app import App, open_app
from weavelet.embedding import given
from weavelet.engine.plan import Limits, make_plan
from weavelet.engine.query import Reply
from weavelet.engine.retrieve import retrieve, show
from weavelet.server import Server
from weavelet.settings import Settings

QUESTIONS = 400
ROUNDS = 7
STEPS = ("parse", "search", "objects", "reply")


@dataclass(frozen=True)
class Broken:
    """One kind of question, in microseconds: each of the `STEPS`, and all of them without a clock in between."""

    name: str
    steps: tuple[float, ...]
    whole: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    for size in parser.parse_args().sizes:
        data = workload.make(size)
        with _filled(data) as app:
            rows = [_broken(app, name, messages) for name, messages in _questions(data).items()]
        print(f"\n## {size:,} objects, CPU microseconds\n")
        print("| | " + " | ".join(STEPS) + " | together | in one go |")
        print("|---|" + "--:|" * (len(STEPS) + 2))
        for row in rows:
            figures = (*row.steps, sum(row.steps), row.whole)
            print(f"| {row.name} | " + " | ".join(f"{figure:.0f}" for figure in figures) + " |")
        print(f"\nbare scan for 48 and 156 candidates: {_scan(data, 48):.0f}, {_scan(data, 156):.0f}")
    print(f"a gRPC call that does nothing, client not counted: {transport.measure('listener')[0][0]:.0f}")


@contextmanager
def _filled(data: Workload) -> Iterator[App]:
    with tempfile.TemporaryDirectory(prefix="weavelet-steps-") as folder:
        settings = Settings(data_path=Path(folder), port=0, grpc_port=0, enable_modules=())
        app = open_app(settings)
        server = Server(app)
        server.start()
        try:
            with asking.connect(Address(HOST, server.http_ports[0], server.grpc_port)) as client:
                asking.create(client)
                asking.fill(client, data, 2)
            yield app
        finally:
            server.stop()


def _questions(data: Workload) -> dict[str, list[bytes]]:
    """Serialised messages as the official client sends them, by kind."""

    def message(number: int, *, vector: bool = False, below: int = 0, terms: int = 0, hybrid: bool = False) -> bytes:
        asked = pb.SearchRequest(collection=asking.COLLECTION, limit=10, uses_127_api=True)
        asked.properties.non_ref_properties.extend(asking.PROPERTIES)
        asked.metadata.uuid = True
        packed = pb.Vectors(vector_bytes=data.query_vectors[number].tobytes(), type=pb.Vectors.VECTOR_TYPE_SINGLE_FP32)
        if vector:
            asked.near_vector.vectors.append(packed)
        if below:
            asked.filters.operator = pb.Filters.OPERATOR_LESS_THAN
            asked.filters.target.property = "number"
            asked.filters.value_int = below
        if terms:
            asked.bm25_search.query = data.question(number, terms)
        if hybrid:
            asked.hybrid_search.query = data.question(number, 3)
            asked.hybrid_search.alpha = asking.ALPHA
            asked.hybrid_search.fusion_type = pb.Hybrid.FUSION_TYPE_RELATIVE_SCORE
            asked.hybrid_search.vectors.append(packed)
        return asked.SerializeToString()

    numbers = range(QUESTIONS)
    return {
        "listing": [message(number) for number in numbers],
        "vector": [message(number, vector=True) for number in numbers],
        "vector, 10 % pass": [message(number, vector=True, below=NUMBERS // 10) for number in numbers],
        "bm25, 3 terms": [message(number, terms=3) for number in numbers],
        "hybrid": [message(number, hybrid=True) for number in numbers],
    }


def _broken(app: App, name: str, messages: list[bytes]) -> Broken:
    searches, find = Searches(app.settings.query_defaults_limit), app.catalog.collection
    shard = app.database.shard(asking.COLLECTION)
    first = searches.parse(messages[0], lambda _: find, {}).request
    plan = make_plan(first, shard.collection, Limits())

    def answer(data: bytes, lap: Callable[[], None]) -> None:
        search = searches.parse(data, lambda _: find, {})
        subject = search.subject
        assert subject is not None, "one kind of question has one shape"
        vectors = given(subject.vector, plan)
        lap()
        with shard.read_lock():
            found = retrieve(shard, plan, vectors, subject.text)
            lap()
            rows = show(shard, found, plan, first.want)
        lap()
        search_reply(Reply(rows=rows), search)
        lap()

    best = np.full(len(STEPS), np.inf)
    for _ in range(ROUNDS):
        times: list[float] = []

        def lap(times: list[float] = times) -> None:
            times.append(time.thread_time())

        for data in messages:
            lap()
            answer(data, lap)
        laps = np.diff(np.array(times).reshape(len(messages), -1), axis=1)
        best = np.minimum(best, np.median(laps, axis=0))
    whole = min(_seconds(lambda: [answer(data, _nothing) for data in messages]) for _ in range(ROUNDS))
    return Broken(name, tuple((best * 1e6).tolist()), whole / len(messages) * 1e6)


def _scan(data: Workload, candidates: int) -> float:
    """The codes as the engine makes them for so many vectors, asked alone."""
    codes = TurboQuantIndex(DIMENSIONS, 2 if len(data) <= 32_000 else 4)
    codes.add(data.vectors)
    queries = data.query_vectors[:QUESTIONS]

    def ask() -> None:
        for query in queries:
            codes.search(query[np.newaxis], candidates)

    return min(_seconds(ask) for _ in range(ROUNDS)) / len(queries) * 1e6


def _seconds(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun


def _nothing() -> None: ...


if __name__ == "__main__":
    main()
