"""A process is killed while it renumbers documents: they have their old numbers or new ones, and all are there."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.crash.renumbering import WASTING
from tests.crash.test_crash import Model, by_filter
from tests.crash.writer import versioned
from tests.engine.shard_world import by_keyword, by_vector, collection, id_of, vector_of
from weavelet.engine.database import Database
from weavelet.engine.query import Put
from weavelet.engine.shard import Shard

COUNT = 1_500
OBJECTS_OF_A_ROUND = 200
MOST_TIMES = 5
WAITS_SECONDS = (1.0, 0.0, 0.03, 0.08)
"""How long, at most, after the beginning the kill comes: at once, somewhere within, afterwards."""


def waste(shard: Shard, model: Model, round: int) -> None:
    """Write some objects over and over, so that numbers are left behind."""
    for repetition in range(8):
        first = (round * OBJECTS_OF_A_ROUND) % COUNT
        batch = [(n % COUNT, (round * 10 + repetition) * 10_000 + n) for n in range(first, first + OBJECTS_OF_A_ROUND)]
        shard.commit([Put(versioned(number, version)) for number, version in batch])
        model.apply(batch)


def killed(folder: Path, wait_seconds: float) -> bool:
    """Let a process open the shard and kill it; whether that came before the end of the opening."""
    command = [sys.executable, "-m", "tests.crash.renumbering", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"opening\n"
        time.sleep(wait_seconds)
        process.send_signal(signal.SIGKILL)
        return process.stdout.read() == b""


def torture(folder: Path, rounds: int, seed: int) -> None:
    """So many rounds, and more where no kill came in time: on a busy machine it may come after the end every time."""
    rng, model = random.Random(seed), Model()
    interrupted, renumbered = 0, 0
    for round in range(1, MOST_TIMES * rounds + 1):
        if round > rounds and interrupted and renumbered:
            break
        database = Database(folder, WASTING)
        if round == 1:
            database.create(collection(numbers=("number", "version")))
        shard = database.shard("Note")
        if round == 1:
            batch = [(number, number + 1) for number in range(COUNT)]
            shard.commit([Put(versioned(number, version)) for number, version in batch])
            model.apply(batch)
        renumbered += round > 1 and max(shard.list_docs(None, 10_000)) < COUNT
        sample = Model(dict(rng.sample(sorted(model.stored.items()), 40)), {}, model.retired[-20:])
        assert shard.list_ids(None, 10_000) == [id_of(number) for number in sorted(model.stored)]
        check_some(shard, sample)
        waste(shard, model, round)
        shard.snapshot()
        database.close()
        interrupted += killed(folder, rng.random() * WAITS_SECONDS[round % len(WAITS_SECONDS)])
    assert interrupted
    assert renumbered


def check_some(shard: Shard, model: Model) -> None:
    for number, version in model.stored.items():
        assert by_keyword(shard, f"v{version}") == [id_of(number)]
        assert by_vector(shard, vector_of(version)) == id_of(number)
        assert by_filter(shard, version) == [id_of(number)]
    for version in model.retired:
        assert by_keyword(shard, f"v{version}") == []
        assert by_vector(shard, vector_of(version)) is None


def test_renumbering_survives_kills(tmp_path: Path) -> None:
    torture(tmp_path / "data", rounds=4, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_renumbering_survives_many_kills(tmp_path: Path) -> None:
    torture(tmp_path / "data", rounds=60, seed=2)
