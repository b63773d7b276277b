"""A whole server is killed again and again while everybody writes: what it acknowledged is there each time.

Each round: start, check that every search agrees with the ledger, write through every door, SIGKILL. Beside the writers
something else goes on that must not be found half done: definitions change, tenants come and go, a backup is restored,
expired objects are swept; snapshots and graphs are made all the time. All rounds share one data folder.
"""

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from tests.crash import disturbing
from tests.crash.ledger import Ledger
from tests.crash.wire import Grpc, Lost, Refused, Rest, object_document, schema_document, wait_until_ready
from tests.engine.shard_world import id_of
from weavelet.cli.child import free_ports

NUMBERS_PER_WRITER = 100
SAMPLE = 5
THOROUGH_SAMPLE = 100
ORDER = (0, 1, 2, 3, 0, 1, 2)
"""Which disturbance comes when: the last one takes longest."""
ENVIRONMENT = {
    "ENABLE_MODULES": "backup-filesystem",
    "OBJECTS_TTL_DELETE_SCHEDULE": "@every 1s",
    "QUERY_HYBRID_MAXIMUM_RESULTS": "10000",
    "WEAVELET_GRAPH_THRESHOLD": "150",
    "WEAVELET_OPEN_TENANTS": "3",
    "WEAVELET_QUANTISED_THRESHOLD": "80",
    "WEAVELET_SNAPSHOT_CHANGES": "60",
}


class Nursery:
    """Servers of one data folder, one at a time."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._environment = {
            **ENVIRONMENT,
            **environment,
            "PERSISTENCE_DATA_PATH": str(folder / "data"),
            "BACKUP_FILESYSTEM_PATH": str(folder / "backups"),
            "LOG": str(folder / "server.log"),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        self._server = 0

    def _said(self, line: bytes) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def start(self) -> tuple[int, int]:
        """A server that answers; its two ports."""
        port, grpc_port = free_ports(2)
        environment = {**self._environment, "WEAVELET_PORT": str(port), "GRPC_PORT": str(grpc_port)}
        self._server = int(self._said(orjson.dumps(environment)))
        wait_until_ready(port)
        return port, grpc_port

    def kill(self) -> None:
        if self._server:
            os.kill(self._server, signal.SIGKILL)
            assert self._said(b"") == b"dead"
            self._server = 0

    def close(self) -> None:
        self.kill()
        self._process.communicate()


# --- Writing ---------------------------------------------------------------------------------------------------------


@dataclass
class Writer:
    """Writes its own objects through one door for as long as there is a server."""

    first: int
    ledger: Ledger
    rng: random.Random
    versions: Iterator[int]

    def batch(self, most: int) -> list[tuple[int, int]]:
        size = self.rng.randint(1, most)
        numbers = self.rng.sample(range(self.first, self.first + NUMBERS_PER_WRITER), size)
        return [(number, next(self.versions)) for number in numbers]

    def doomed(self, most: int) -> list[tuple[int, int]]:
        """Some stored objects, to be deleted."""
        mine = [n for n in range(self.first, self.first + NUMBERS_PER_WRITER) if n in self.ledger.stored]
        return [(number, 0) for number in self.rng.sample(mine, min(len(mine), most))]

    @contextlib.contextmanager
    def trying(self, batch: Sequence[tuple[int, int]]) -> Iterator[None]:
        self.ledger.attempt(batch)
        yield
        self.ledger.done(batch)


def by_rest_batch(writer: Writer, rest: Rest, grpc: Grpc) -> None:
    batch = writer.batch(30)
    with writer.trying(batch):
        answer = rest("POST", "/v1/batch/objects", {"objects": [object_document(*entry) for entry in batch]})
        if failed := [row for row in answer if row["result"]["status"] != "SUCCESS"]:
            raise Refused(str(failed))
    for entry in writer.doomed(2):
        with writer.trying([entry]):
            rest("DELETE", f"/v1/objects/Note/{id_of(entry[0])}")


def by_grpc_batch(writer: Writer, rest: Rest, grpc: Grpc) -> None:
    batch = writer.batch(60)
    with writer.trying(batch):
        grpc.put(batch)
    doomed = writer.doomed(15)
    versions = [writer.ledger.stored[number] for number, _ in doomed]
    if doomed:
        with writer.trying(doomed):
            grpc.delete_versions(versions)


def by_stream(writer: Writer, rest: Rest, grpc: Grpc) -> None:
    under_way: list[list[tuple[int, int]]] = []

    def batches() -> Iterator[list[tuple[int, int]]]:
        for _ in range(8):
            batch = writer.batch(20)
            writer.ledger.attempt(batch)
            under_way.append(batch)
            yield batch
            while under_way:
                time.sleep(0.001)

    for _ in grpc.stream(batches()):
        writer.ledger.done(under_way.pop())


def by_single_requests(writer: Writer, rest: Rest, grpc: Grpc) -> None:
    ((number, version),) = writer.batch(1)
    there = number in writer.ledger.stored
    document = object_document(number, version)
    with writer.trying([(number, version)]):
        if not there:
            rest("POST", "/v1/objects", document)
        elif version % 2:
            rest("PUT", f"/v1/objects/Note/{id_of(number)}", document)
        else:
            rest("PATCH", f"/v1/objects/Note/{id_of(number)}", document)
    for entry in writer.doomed(1 if version % 5 == 0 else 0):
        with writer.trying([entry]):
            rest("DELETE", f"/v1/objects/Note/{id_of(entry[0])}")


Write = Callable[[Writer, Rest, Grpc], None]
DOORS: tuple[Write, ...] = (by_rest_batch, by_grpc_batch, by_stream, by_single_requests)


# --- Rounds ----------------------------------------------------------------------------------------------------------


@dataclass
class Torture:
    nursery: Nursery
    rng: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    failures: list[BaseException] = field(default_factory=list)
    versions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.disturbances = [made(self.rng) for made in disturbing.ALL]
        self.writers = [
            Writer(number * NUMBERS_PER_WRITER, self.ledger, self.rng, self.versions) for number in range(len(DOORS))
        ]

    def run(self, rounds: int) -> None:
        for number in range(rounds):
            self.round(self.disturbances[ORDER[number % len(ORDER)]], first=number == 0)
        ports = self.nursery.start()
        self.check(ports, thorough=True)
        self.nursery.kill()

    def round(self, disturbance: disturbing.Disturbance, *, first: bool) -> None:
        ports = self.nursery.start()
        if first:
            self.prepare(ports)
        self.check(ports)
        jobs = [
            threading.Thread(target=self.keep_at, args=(ports, lambda r, g, d=door, w=writer: d(w, r, g)))
            for door, writer in zip(DOORS, self.writers, strict=True)
        ]
        jobs.append(threading.Thread(target=self.keep_at, args=(ports, disturbance.disturb)))
        for job in jobs:
            job.start()
        time.sleep(self.rng.uniform(*disturbance.seconds))
        self.nursery.kill()
        for job in jobs:
            job.join(30)
            assert not job.is_alive(), "a writer hangs although its server is dead"
        if self.failures:
            raise self.failures[0]

    def prepare(self, ports: tuple[int, int]) -> None:
        with connected(ports) as (rest, grpc):
            index = {"distance": "cosine", "efConstruction": 32}
            rest("POST", "/v1/schema", schema_document("Note", vectorIndexConfig=index))
            for disturbance in self.disturbances:
                disturbance.prepare(rest, grpc)

    def keep_at(self, ports: tuple[int, int], work: Callable[[Rest, Grpc], None]) -> None:
        """Do it again and again until the server is gone."""
        try:
            with connected(ports) as (rest, grpc), contextlib.suppress(Lost):
                while True:
                    work(rest, grpc)
        except BaseException as error:
            self.failures.append(error)

    def check(self, ports: tuple[int, int], *, thorough: bool = False) -> None:
        with connected(ports) as (rest, grpc):
            sample = THOROUGH_SAMPLE if thorough else SAMPLE
            self.ledger.check(rest, grpc, self.rng, sample)
            for disturbance in self.disturbances:
                disturbance.check(rest, grpc)


@contextlib.contextmanager
def connected(ports: tuple[int, int]) -> Iterator[tuple[Rest, Grpc]]:
    rest, grpc = Rest(ports[0]), Grpc(ports[1])
    try:
        yield rest, grpc
    finally:
        rest.close()
        grpc.close()


def tortured(folder: Path, rounds: int, seed: int, **environment: str) -> None:
    nursery = Nursery(folder, **environment)
    try:
        Torture(nursery, random.Random(seed)).run(rounds)
    except BaseException:
        print((folder / "server.log").read_text()[-4000:])
        raise
    finally:
        nursery.close()


def test_a_server_that_is_killed_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    tortured(tmp_path, rounds=20, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 6))
def test_a_server_that_is_killed_200_times_loses_nothing_it_acknowledged(tmp_path: Path, seed: int) -> None:
    tortured(tmp_path, rounds=50, seed=seed)
