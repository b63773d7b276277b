"""A writer is killed again and again; what it was told is stored is there each time, everywhere."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from tests.crash.writer import SETTINGS, versioned
from tests.engine.shard_world import by_keyword, by_vector, id_of, ids, vector_of
from weavelet.engine import filters
from weavelet.engine.database import Database
from weavelet.engine.query import Compare, OfProperty, Operator, ValueKind
from weavelet.engine.shard import Shard

Batch = list[tuple[int, int]]
"""(number of the object, its new version or 0 for a deletion)."""


@dataclass
class Model:
    """What must be there: `stored` surely, and each of `open` as a whole or not at all."""

    stored: dict[int, int] = field(default_factory=dict)
    open: dict[str, Batch] = field(default_factory=dict)
    retired: list[int] = field(default_factory=list)

    def hear(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "try":
            thread, _, batch = rest.partition(" ")
            self.open[thread] = [(number, version) for number, version in orjson.loads(batch)]
        elif word == "done":
            self.apply(self.open.pop(rest))

    def apply(self, batch: Batch) -> None:
        for number, version in batch:
            if number in self.stored:
                self.retired.append(self.stored.pop(number))
            if version:
                self.stored[number] = version


def killed_writer(folder: Path, round: int, model: Model, rng: random.Random) -> None:
    """Let a writer write for a moment, kill it, and hear out what it said."""
    command = [sys.executable, "-m", "tests.crash.writer", str(folder), str(round)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        for _ in range(rng.choice((2, 20, 100, 300))):
            model.hear(writer.stdout.readline().decode().strip())
        time.sleep(rng.random() * 0.01)
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout.read().decode().splitlines():
            model.hear(line)
    assert writer.returncode == -signal.SIGKILL


def settle(shard: Shard, model: Model) -> None:
    """Find out which open batches made it, as a whole."""
    for batch in model.open.values():
        found = shard.get([id_of(number) for number, _ in batch])
        now = [0 if object is None else int(object.properties["version"]) for object in found]
        before = [model.stored.get(number, 0) for number, _ in batch]
        after = [version for _, version in batch]
        assert now in (before, after), "a batch is there in part"
        if now == after:
            model.apply(batch)
        else:
            model.retired += [version for version in after if version]
    model.open.clear()


def by_filter(shard: Shard, version: int) -> list[str]:
    where = Compare(OfProperty("version"), Operator.EQUAL, version, ValueKind.INT)
    with shard.read_lock():
        docs = filters.allowed(where, shard.properties, shard.collection)
        return [shard.id_of(doc) for doc in docs.array().tolist()]


def check(shard: Shard, model: Model, stored: int, retired: int) -> None:
    """All ids are looked at, and so many of the objects, and of those that are gone, by every search."""
    assert ids(shard) == [id_of(number) for number in sorted(model.stored)]
    assert shard.count == len(shard.properties.live) == len(model.stored)
    for number, version in list(model.stored.items())[-stored:]:
        (found,) = shard.get([id_of(number)], None)
        assert found is not None
        assert found.properties == versioned(number, version).properties
        assert by_keyword(shard, f"v{version}") == [id_of(number)]
        assert by_vector(shard, vector_of(version)) == id_of(number)
        assert by_filter(shard, version) == [id_of(number)]
    for version in model.retired[-retired:]:
        assert by_keyword(shard, f"v{version}") == []
        assert by_filter(shard, version) == []
        assert by_vector(shard, vector_of(version)) is None


def torture(folder: Path, rounds: int, seed: int) -> None:
    rng, model = random.Random(seed), Model()
    for round in range(1, rounds + 1):
        killed_writer(folder, round, model, rng)
        database = Database(folder, SETTINGS)
        shard = database.shard("Note")
        settle(shard, model)
        last = round == rounds
        check(shard, model, stored=1_000 if last else 150, retired=500 if last else 50)
        model.retired = model.retired[-500:]
        database.close()


def test_acknowledged_objects_survive_kills(tmp_path: Path) -> None:
    torture(tmp_path / "data", rounds=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 6))
def test_acknowledged_objects_survive_many_kills(tmp_path: Path, seed: int) -> None:
    torture(tmp_path / "data", rounds=50, seed=seed)
