"""Writes for as long as it lives: `python -m tests.crash.writer FOLDER ROUND`.

Each of its threads has its own ids. Before a commit it prints `try THREAD [[number, version], ...]` (version 0 is a
deletion), after it `done THREAD`. Snapshots are written all the time, so that a kill finds one under way.
"""

import os
import random
import sys
import threading
from pathlib import Path

import orjson

from tests.engine.shard_world import collection, id_of, note, vector_of
from weavelet.engine.database import Database
from weavelet.engine.query import Change, Delete, Put
from weavelet.engine.settings import EngineSettings
from weavelet.engine.shard import Shard
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import Object

THREADS = 2
IDS_PER_THREAD = 300
SETTINGS = EngineSettings(synchronous_full=True, snapshot_changes=150, quantised_threshold=200)


def versioned(number: int, version: int) -> Object:
    """Found by the word `v<version>`, which is its own; its vector is its own, too."""
    return note(number, f"note v{version}", vectors={UNNAMED: vector_of(version)}, version=version)


def change(number: int, version: int) -> Change:
    return Put(versioned(number, version)) if version else Delete(id_of(number))


def say(line: str) -> None:
    """One whole line at once, also when the next thing that happens is a kill."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def write(shard: Shard, thread: int, round: int) -> None:
    rng = random.Random(f"{round} {thread}")
    version = (round * THREADS + thread) * 100_000
    while True:
        numbers = rng.sample(range(IDS_PER_THREAD), rng.choice((1, 1, 5, 60)))
        batch = []
        for number in numbers:
            version += 1
            batch.append((thread * IDS_PER_THREAD + number, 0 if rng.random() < 0.2 else version))
        say(f"try {thread} {orjson.dumps(batch).decode()}")
        if any(shard.commit([change(*entry) for entry in batch])):
            raise SystemExit("a commit was refused")
        say(f"done {thread}")


def main(folder: Path, round: int) -> None:
    database = Database(folder, SETTINGS)
    if "Note" not in database.collections:
        database.create(collection(numbers=("number", "version")))
    shard = database.shard("Note")
    say("ready")
    for thread in range(THREADS):
        threading.Thread(target=write, args=(shard, thread, round), daemon=True).start()
    while True:
        database.upkeep()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
