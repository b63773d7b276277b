"""A million objects, with the graph built: `python -m benchmarks.million [--objects N] [--folder PLACE]`.

Imports them through the official client, waits until the server says that its graph is finished, and then has another
process build a plain usearch graph of the same vectors, with the same parameters and one thread: one after the other,
since either fills the processor's caches. Asks, stops, starts, kills and starts again. With `--folder` the data stays
there; a folder that has been filled is not filled again, and only what comes after the import is measured.
"""

import argparse
import json
import multiprocessing
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import weaviate
from numpy.typing import NDArray
from usearch.index import Index
from weaviate.classes.query import Filter, Metrics, Sort

from benchmarks import asking, report, workload
from benchmarks.__main__ import seconds_to_answer
from benchmarks.asking import Party
from benchmarks.exact import Exact, recall
from benchmarks.libraries import Bare
from benchmarks.report import Asked, Measured
from benchmarks.servers import Process, Weavelet, wait
from benchmarks.workload import DIMENSIONS, QUERIES, Workload

KINDS = ("vector", "bm25, 3 terms", "hybrid")
"""Beginnings of the names of the questions asked."""
CHECKED = 50
_TIMES = 100
_ROUNDS = 3
_BARE = {"ndim": DIMENSIONS, "metric": "ip", "dtype": "bf16", "connectivity": 32, "expansion_add": 128}
_EF = 100
_AT_ONCE = 1_000


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="weavelet-million-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        measured = measure(folder, workload.make(options.objects))
    result = report.about("weavelet", [measured])
    print(report.markdown(result))
    if options.save:
        print(f"written to {report.write(result)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million", description=__doc__)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the data is, or is to stay")
    parser.add_argument("--no-save", dest="save", action="store_false")
    return parser.parse_args()


def measure(folder: Path, data: Workload) -> Measured:
    server, figures_file = Weavelet(folder / "data"), folder / "import.json"
    try:
        if not figures_file.exists():
            figures_file.write_text(json.dumps(_filled(server, data, folder)))
        imported, exact = json.loads(figures_file.read_text()), Exact(data)
        measured = Measured(len(data), imported.pop("per second"), imported.pop("server ms"), float("nan"))
        measured.more = imported
        measured.libraries = [_asked_bare(data, exact, folder, imported["plain usearch, CPU ms a vector"])]
        _ask(measured, server, data, exact)
        measured.disk_mb = server.disk_mb()
        server.stop()
        measured.start_seconds = seconds_to_answer(server, data, len(data) - 1)
        measured.more["memory after the start, MB"] = server.process.resident_mb()
        _ask_after_start(measured, server, data)
        measured.recovery_seconds = _recovery(server, data)
    finally:
        server.stop(signal.SIGKILL)
    return measured


# --- Importing --------------------------------------------------------------------------------------------------------


def _filled(server: Weavelet, data: Workload, folder: Path) -> dict[str, float]:
    """Import everything and wait for the graph; what that cost, and what a plain graph does."""
    process = server.start()
    wait(server.address)
    with asking.connect(server.address) as client:
        asking.create(client)
        before = process.cpu_seconds()
        seconds = asking.fill(client, data, 2)
        figures = {"per second": len(data) / seconds, "CPU ms an object without its graph": float("nan")}
        imported = process.cpu_seconds()
        missing = _queue_length(client)
        figures["memory after the import, MB"] = process.resident_mb()
        asking.wait_until_indexed(client)
        finished = process.cpu_seconds()
        figures["memory with the graph finished, MB"] = process.resident_mb()
    server.stop()
    cost = _built_bare(len(data), folder)
    graph = (finished - imported) / max(missing, 1)
    alone = float(np.mean(np.diff(cost, prepend=0.0)[-missing // _AT_ONCE :])) / _AT_ONCE
    figures["server ms"] = (finished - before) * 1e3 / len(data)
    figures["plain usearch, CPU ms a vector"] = cost[-1] * 1e3 / len(data)
    figures["server with graph / plain usearch"] = figures["server ms"] / figures["plain usearch, CPU ms a vector"]
    figures["vectors added to the graph after the import"] = missing
    figures["those, server CPU ms a vector"] = graph * 1e3
    figures["the same vectors in plain usearch, CPU ms"] = alone * 1e3
    figures["CPU ms an object without its graph"] = (
        ((imported - before) - (len(data) - missing) * graph) * 1e3 / len(data)
    )
    return figures


def _queue_length(client: weaviate.WeaviateClient) -> int:
    nodes = client.cluster.nodes(asking.COLLECTION, output="verbose")
    return sum(shard.vector_queue_length for node in nodes for shard in node.shards)


def _built_bare(count: int, folder: Path) -> NDArray[np.float64]:
    """Have a plain graph built; the CPU seconds it took up to each thousand vectors."""
    builder = multiprocessing.get_context("spawn").Process(target=_build_bare, args=(count, folder))
    builder.start()
    builder.join()
    if builder.exitcode:
        raise RuntimeError(f"the plain graph was not built: exit code {builder.exitcode}")
    cost: NDArray[np.float64] = np.load(folder / "bare.npy")
    return cost


def _build_bare(count: int, folder: Path) -> None:
    """A plain graph of the same vectors: the CPU seconds it took up to each thousand, and the graph itself."""
    vectors, graph = workload.vectors(count)[:count], Index(**_BARE)
    cost, begun = [], time.process_time()
    for start in range(0, count, _AT_ONCE):
        part = vectors[start : start + _AT_ONCE]
        graph.add(np.arange(start, start + len(part), dtype=np.uint64), part, threads=1)
        cost.append(time.process_time() - begun)
    graph.save(folder / "bare.usearch")
    np.save(folder / "bare.npy", np.array(cost))


def _asked_bare(data: Workload, exact: Exact, folder: Path, add_ms: float) -> Bare:
    graph = Index(**_BARE, expansion_search=_EF)
    graph.load(folder / "bare.usearch")

    def ask(number: int) -> list[int]:
        found: list[int] = graph.search(data.query_vectors[number], 10, threads=1).keys.astype(np.int64).tolist()
        return found

    found = [recall(exact.near(number), ask(number), 10) for number in range(CHECKED)]
    begun = time.process_time()
    for number in range(QUERIES):
        ask(number)
    query_ms = (time.process_time() - begun) * 1e3 / QUERIES
    return Bare(f"usearch HNSW bf16, ef {_EF}", "vector", add_ms, query_ms, float(np.mean(found)))


# --- Asking -----------------------------------------------------------------------------------------------------------


def _ask(measured: Measured, server: Weavelet, data: Workload, exact: Exact) -> None:
    process = server.start()
    wait(server.address)
    with asking.connect(server.address) as client:
        party = Party(client, process)
        asking.wait_until_indexed(client)
        for question in asking.questions(data, exact):
            if question.name.startswith(KINDS):
                timings = [asking.measure([party], question, n, _TIMES * n // 2 or 1, _ROUNDS)[0] for n in (1, 8)]
                measured.questions.append(Asked(question.name, asking.found_share(client, question, CHECKED), timings))
        collection = client.collections.get(asking.COLLECTION)
        for name, ask in _columns(collection).items():
            measured.more[f"{name}, server CPU ms"] = _server_ms(process, ask)
    measured.resident_mb = process.resident_mb()


def _columns(collection: Any) -> dict[str, Callable[[int], Any]]:
    """Filters, sorting and aggregates over everything."""
    number, price = Filter.by_property("number"), Filter.by_property("price")
    fetch, over_all = collection.query.fetch_objects, collection.aggregate.over_all
    return {
        "list 10": lambda n: fetch(limit=10),
        "list 10, number = x": lambda n: fetch(limit=10, filters=number.equal(n)),
        "list 10, number < 100": lambda n: fetch(limit=10, filters=number.less_than(100 + n)),
        "list 10, price > 50": lambda n: fetch(limit=10, filters=price.greater_than(50.0 + n / 100)),
        "list 10, sorted by price": lambda n: fetch(limit=10, sort=Sort.by_property("price")),
        "list 10, number < 100, sorted by price": lambda n: fetch(
            limit=10, filters=number.less_than(100 + n), sort=Sort.by_property("price")
        ),
        "count": lambda n: over_all(total_count=True),
        "count, number < 100": lambda n: over_all(total_count=True, filters=number.less_than(100 + n)),
        "mean and maximum of price": lambda n: over_all(
            return_metrics=Metrics("price").number(mean=True, maximum=True)
        ),
    }


def _server_ms(process: Process, ask: Callable[[int], Any], times: int = 40) -> float:
    for number in range(3):
        ask(number)
    before = process.cpu_seconds()
    for number in range(times):
        ask(number)
    return (process.cpu_seconds() - before) * 1e3 / times


# --- Starting ---------------------------------------------------------------------------------------------------------


def _ask_after_start(measured: Measured, server: Weavelet, data: Workload) -> None:
    """How long until the graph is back, and what the first questions cost meanwhile."""
    with asking.connect(server.address) as client:
        collection, begun = client.collections.get(asking.COLLECTION), time.perf_counter()
        times = []
        while _queue_length(client):
            asked = time.perf_counter()
            collection.query.near_vector(data.query_vectors[len(times) % QUERIES].tolist(), limit=10)
            times.append(time.perf_counter() - asked)
            measured.more["start: until the graph answers, s"] = time.perf_counter() - begun
            time.sleep(0.02)
        if times:
            measured.more["start: vector questions meanwhile, p50 ms"] = float(np.median(times)) * 1e3
            measured.more["start: vector questions meanwhile, slowest ms"] = max(times) * 1e3
        measured.more["memory with the graph read, MB"] = server.process.resident_mb()


def _recovery(server: Weavelet, data: Workload) -> float:
    """Import a thousand more, kill the server at the last acknowledgement, start it again."""
    more, shift = workload.make(1_000), len(data)
    with asking.connect(server.address) as client:
        collection = client.collections.get(asking.COLLECTION)
        for start in range(0, 1_000, 100):
            collection.data.insert_many(asking.objects(more, range(start, start + 100), shift))
    server.stop(signal.SIGKILL)
    return seconds_to_answer(server, more, 999, shift)


if __name__ == "__main__":
    main()
