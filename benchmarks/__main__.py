"""The benchmark: `python -m benchmarks`, and with `--against host:port/grpc_port` any server that speaks the same API
beside it, asked in turns with ours.
"""

import argparse
import multiprocessing
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from weaviate.classes.query import MetadataQuery

from benchmarks import asking, libraries, report, workload
from benchmarks.asking import Party
from benchmarks.exact import Exact
from benchmarks.report import Asked, Measured
from benchmarks.servers import Address, Process, Weavelet, wait
from benchmarks.workload import Workload

COUNTS = {1: 1_000, 8: 2_000}
"""Questions a round, by threads."""
FOREIGN = 10_000_000
"""Positions from here on are of objects that only keep the server busy."""


@dataclass(frozen=True)
class Peer:
    """A server that is up already."""

    address: Address
    process: Process

    def party(self, clients: ExitStack) -> Party:
        return Party(clients.enter_context(asking.connect(self.address)), self.process)


def main() -> None:
    options = _options()
    peer = Peer(Address.parse(options.against), Process(options.pid)) if options.against else None
    sizes = []
    with tempfile.TemporaryDirectory(prefix="weavelet-bench-") as folder:
        for size in options.sizes:
            data = workload.make(size)
            sizes.append(_measure(Weavelet(Path(folder) / str(size)), peer, data, Exact(data), options))
    result = report.about("weavelet", sizes, options.name or options.against)
    print(report.markdown(result))
    if options.save:
        print(f"written to {report.write(result)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of questions a round")
    parser.add_argument("--only", default="", help="questions whose name begins so")
    parser.add_argument("--import-threads", type=int, default=2)
    parser.add_argument("--against", default="", metavar="HOST:PORT/GRPC_PORT", help="a server that is up already")
    parser.add_argument("--pid", type=int, help="of that server, for its CPU time and memory")
    parser.add_argument("--name", default="", help="what to call that server")
    parser.add_argument("--no-libraries", dest="libraries", action="store_false")
    parser.add_argument("--no-save", dest="save", action="store_false")
    return parser.parse_args()


def _measure(
    server: Weavelet, peer: Peer | None, data: Workload, exact: Exact, options: argparse.Namespace
) -> Measured:
    process = server.start()
    try:
        wait(server.address)
        with ExitStack() as open_clients:
            ours = Party(open_clients.enter_context(asking.connect(server.address)), process)
            theirs = None if peer is None else peer.party(open_clients)
            measured = _asked(ours, theirs, data, exact, options)
        measured.disk_mb = server.disk_mb()
        if options.libraries:
            measured.libraries = libraries.measure(data, exact)
        server.stop()
        measured.start_seconds = seconds_to_answer(server, data, len(data) - 1)
        measured.importing_p99_ms = _p99_while_importing(server.address, data)
        measured.recovery_seconds = _recovery(server, data)
    finally:
        server.stop(signal.SIGKILL)
    return measured


def _asked(ours: Party, theirs: Party | None, data: Workload, exact: Exact, options: argparse.Namespace) -> Measured:
    """What our server takes to import and to answer, and, where there is one, the other beside it."""
    parties = [ours] if theirs is None else [ours, theirs]
    found = [_filled(party, data, options.import_threads) for party in parties]
    for question in asking.questions(data, exact):
        if question.name.startswith(options.only):
            counts = {threads: int(times * options.share) for threads, times in COUNTS.items()}
            timings = [asking.measure(parties, question, *count, options.rounds) for count in counts.items()]
            for party, measured, taken in zip(parties, found, zip(*timings, strict=True), strict=True):
                share = asking.found_share(party.client, question)
                measured.questions.append(Asked(question.name, share, taken))
    for party, measured in zip(parties, found, strict=True):
        measured.resident_mb = party.process.resident_mb()
    found[0].peer = found[1] if theirs is not None else None
    return found[0]


def _filled(party: Party, data: Workload, threads: int) -> Measured:
    asking.create(party.client)
    before = party.process.cpu_seconds()
    seconds = asking.fill(party.client, data, threads)
    asking.wait_until_indexed(party.client)
    cpu = party.process.cpu_seconds() - before
    return Measured(len(data), len(data) / seconds, cpu * 1e3 / len(data), party.process.resident_mb())


# --- Starting, killing, importing meanwhile ---------------------------------------------------------------------------


def seconds_to_answer(server: Weavelet, data: Workload, position: int, shift: int = 0) -> float:
    """Start the server; the time until a vector search finds this object, whose id is so much further on."""
    begun = time.perf_counter()
    server.start()
    wait(server.address)
    with asking.connect(server.address) as client:
        found = client.collections.get(asking.COLLECTION).query.near_vector(
            data.vectors[position].tolist(), limit=1, return_metadata=MetadataQuery(distance=True)
        )
        seconds = time.perf_counter() - begun
        if [one.uuid for one in found.objects] != [workload.id_of(position + shift)]:
            raise AssertionError("the server lost an object that it had acknowledged")
    return seconds


def _recovery(server: Weavelet, data: Workload) -> float:
    """Import some more, kill the server at the last acknowledgement, start it again."""
    last = len(data)
    more = _further(data, 1_000)
    with asking.connect(server.address) as client:
        collection = client.collections.get(asking.COLLECTION)
        for start in range(last, last + 1_000, 100):
            collection.data.insert_many(asking.objects(more, range(start, start + 100)))
    server.stop(signal.SIGKILL)
    return seconds_to_answer(server, more, last + 999)


def _p99_while_importing(address: Address, data: Workload) -> float:
    question = replace(asking.questions(data, Exact(data))[0], name="vector during an import")
    with _importing(address), asking.connect(address) as client:
        return asking.measure([Party(client, Process(None))], question, 8, COUNTS[8], 1)[0].p99


@contextmanager
def _importing(address: Address) -> Iterator[None]:
    """Another process writes objects, over and over, until the end of the `with`."""
    importer = multiprocessing.get_context("spawn").Process(
        target=asking.import_for_ever, args=(address, FOREIGN), daemon=True
    )
    importer.start()
    time.sleep(5)
    try:
        yield
    finally:
        importer.terminate()
        importer.join()


def _further(data: Workload, count: int) -> Workload:
    """The same objects, and so many new ones behind them."""
    return workload.make(len(data) + count)


if __name__ == "__main__":
    main()
