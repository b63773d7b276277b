"""Many tenants in one collection: `python -m benchmarks.tenants [--tenants 10000]`.

Creates them, lists them, gives each a few objects, and asks some of those that rest. The first question to a resting
tenant opens its files, so the difference to the second is what opening costs; both go through the official client.
"""

import argparse
import json
import os
import random
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import weaviate
from weaviate.classes.config import Configure, DataType, Property
from weaviate.classes.data import DataObject
from weaviate.classes.tenants import Tenant

from benchmarks import asking, report
from benchmarks.report import RESULTS
from benchmarks.servers import Process, Weavelet, wait

COLLECTION = "Tenanted"
DIMENSIONS = 384
OBJECTS = 10
"""Of each tenant."""
ASKED = 500
"""Resting tenants that are asked."""
AT_ONCE = 1_000
"""Tenants created by one request."""


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="weavelet-tenants-") as folder:
        figures = measure(Weavelet(Path(folder) / "data"), options.tenants)
    print("\n".join(f"{name:<44} {value:>10}" for name, value in figures.items()))
    if options.save:
        now = datetime.now(UTC).strftime("%Y-%m-%d-%H%M")
        RESULTS.mkdir(exist_ok=True)
        about = report.about("weavelet", ())
        result = {"date": about.date, "commit": about.commit, "machine": about.machine, "figures": figures}
        (RESULTS / f"tenants-{now}.json").write_text(json.dumps(result, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tenants", description=__doc__)
    parser.add_argument("--tenants", type=int, default=10_000)
    parser.add_argument("--no-save", dest="save", action="store_false")
    return parser.parse_args()


def measure(server: Weavelet, count: int) -> dict[str, float]:
    """Every figure by its name."""
    figures: dict[str, float] = {"tenants": count}
    names = [f"tenant-{number:06d}" for number in range(count)]
    process = server.start()
    try:
        wait(server.address)
        with asking.connect(server.address) as client:
            _note_process(figures, "empty", process)
            _fill(figures, client, names)
            _note_process(figures, "all used once", process)
        server.stop()
        process = _started(figures, server, names[-1])
        with asking.connect(server.address) as client:
            _note_process(figures, "started", process)
            _ask(figures, client, random.Random(1).sample(names, min(ASKED, count)))
            _note_process(figures, f"{min(ASKED, count)} asked", process)
    finally:
        server.stop(signal.SIGKILL)
    return {name: round(value, 3) for name, value in figures.items()}


def _fill(figures: dict[str, float], client: weaviate.WeaviateClient, names: Sequence[str]) -> None:
    collection = client.collections.create(
        COLLECTION,
        multi_tenancy_config=Configure.multi_tenancy(enabled=True),
        vector_config=Configure.Vectors.self_provided(),
        properties=[Property(name="body", data_type=DataType.TEXT)],
    )
    parts = [[Tenant(name=name) for name in names[start : start + AT_ONCE]] for start in range(0, len(names), AT_ONCE)]
    figures["create all, s"] = _timed(lambda: [collection.tenants.create(part) for part in parts])
    figures["list all, s"] = _timed(collection.tenants.get)
    seconds = [_timed(_writing(collection.with_tenant(name), number)) for number, name in enumerate(names)]
    _note(figures, f"first write ({OBJECTS} objects)", seconds)
    figures["first writes, all, s"] = sum(seconds)


def _writing(tenant: Any, number: int) -> Callable[[], Any]:
    objects = [
        DataObject({"body": f"note {number} {n}"}, vector=_vector(number * OBJECTS + n).tolist())
        for n in range(OBJECTS)
    ]
    return lambda: tenant.data.insert_many(objects)


def _started(figures: dict[str, float], server: Weavelet, name: str) -> Process:
    """The server started anew, and the time to its first answer."""
    started = time.perf_counter()
    process = server.start()
    wait(server.address)
    with asking.connect(server.address) as client:
        _asking(client.collections.use(COLLECTION).with_tenant(name))()
    figures["start to first answer, s"] = time.perf_counter() - started
    return process


def _ask(figures: dict[str, float], client: weaviate.WeaviateClient, names: Sequence[str]) -> None:
    collection = client.collections.use(COLLECTION)
    first, second = [], []
    for name in names:
        ask = _asking(collection.with_tenant(name))
        first.append(_timed(ask))
        second.append(_timed(ask))
    _note(figures, "question to a resting tenant", first)
    _note(figures, "the same again", second)
    _note(figures, "so opening", [max(0.0, one - other) for one, other in zip(first, second, strict=True)])
    writing = [_writing(collection.with_tenant(name), number) for number, name in enumerate(names)]
    _note(figures, f"write of {OBJECTS} objects to a tenant", [_timed(write) for write in writing])


def _asking(tenant: Any) -> Callable[[], Any]:
    query = _vector(7).tolist()
    return lambda: _checked(tenant.query.near_vector(query, limit=3).objects)


def _checked(objects: Sequence[Any]) -> None:
    if len(objects) != 3:
        raise AssertionError(f"{len(objects)} objects found instead of 3")


def _vector(number: int) -> np.ndarray:
    return np.random.default_rng(number).standard_normal(DIMENSIONS).astype(np.float32)


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _note(figures: dict[str, float], name: str, seconds: Sequence[float]) -> None:
    figures[f"{name}, p50 ms"] = statistics.median(seconds) * 1000
    figures[f"{name}, p99 ms"] = float(np.percentile(seconds, 99)) * 1000


def _note_process(figures: dict[str, float], when: str, process: Process) -> None:
    figures[f"memory, {when}, MB"] = process.resident_mb()
    figures[f"open files, {when}"] = float(len(os.listdir(f"/proc/{process.pid}/fd")))


if __name__ == "__main__":
    main()
