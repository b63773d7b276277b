"""What the server did and has, as Prometheus reads it, under Weaviate's names where it has one for it.

`Metrics` counts what goes by: queries and batches, by collection. `exposition` adds what there is at the moment:
objects, vectors, what still waits to be built into a graph, memory and files. `MeteredSearcher` and `MeteredIngest`
take the place of the plain ones where monitoring is on; where it is off, nothing is counted and nothing costs.
"""

import os
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from weavelet.engine.database import Database
from weavelet.engine.query import AggregateRequest, Aggregation, Filter, Hybrid, Keyword, Reply, SearchRequest, Subject
from weavelet.errors import NotFound
from weavelet.ingest import Deleted, Ingest
from weavelet.modules.base import Call
from weavelet.schema.collection import Collection, TenantStatus
from weavelet.schema.objects import NewObject, Verdict
from weavelet.search import Searcher

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_BOUNDS_MS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
_NOT_TOLD = "n/a"
_STARTED = time.time()

Labels: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class _Durations:
    """How many lasted how long, in milliseconds."""

    within: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_MS) + 1))
    total_ms: float = 0.0

    def observe(self, ms: float) -> None:
        self.within[bisect_left(_BOUNDS_MS, ms)] += 1
        self.total_ms += ms


class Metrics:
    """Counts of one server. With `grouped`, collections are not told apart."""

    def __init__(self, *, grouped: bool = False) -> None:
        self._grouped = grouped
        self._lock = threading.Lock()
        self._queries: dict[Labels, _Durations] = defaultdict(_Durations)
        self._batches: dict[Labels, _Durations] = defaultdict(_Durations)
        self._deletes: dict[Labels, _Durations] = defaultdict(_Durations)
        self._objects: dict[str, int] = defaultdict(int)
        self._running: dict[Labels, int] = defaultdict(int)

    def name(self, collection: str) -> str:
        """The label of a collection."""
        return _NOT_TOLD if self._grouped else collection

    @contextmanager
    def query(self, collection: str, kind: str) -> Iterator[None]:
        """Around a query."""
        labels = (self.name(collection), kind)
        with self._lock:
            self._running[labels] += 1
        started = time.perf_counter()
        try:
            yield
        finally:
            ms = (time.perf_counter() - started) * 1000
            with self._lock:
                self._running[labels] -= 1
                self._queries[labels].observe(ms)

    def batch(self, objects: Mapping[str, int], ms: float) -> None:
        """So many objects of these collections were stored in one batch."""
        with self._lock:
            for collection, count in objects.items():
                self._batches["object", self.name(collection), _NOT_TOLD].observe(ms)
                self._objects[self.name(collection)] += count

    def delete(self, collection: str, ms: float) -> None:
        """Objects were deleted by filter."""
        with self._lock:
            self._deletes["object", self.name(collection), _NOT_TOLD].observe(ms)

    def lines(self) -> list[str]:
        with self._lock:
            operation = ("operation", "class_name", "shard_name")
            kinds = ("class_name", "query_type")
            lines = _histogram("queries_durations_ms", "Time a query took.", kinds, self._queries)
            lines += _gauge("concurrent_queries_count", "Queries under way.", kinds, self._running)
            lines += _histogram("batch_durations_ms", "Time a batch of objects took.", operation, self._batches)
            lines += _histogram("batch_delete_durations_ms", "Time a delete by filter took.", operation, self._deletes)
            objects: dict[Labels, float] = {(name, _NOT_TOLD): count for name, count in self._objects.items()}
            return lines + _family(
                "batch_objects_processed_total", "counter", "Objects in batches.", operation[1:], objects
            )


class MeteredSearcher(Searcher):
    """A searcher whose queries are counted."""

    def __init__(self, metrics: Metrics, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._metrics = metrics

    def execute(self, request: SearchRequest, subject: Subject | None = None) -> Reply:
        with self._metrics.query(request.collection, _kind(request)):
            return super().execute(request, subject)

    def aggregate(self, request: AggregateRequest) -> Aggregation:
        with self._metrics.query(request.collection, "aggregate"):
            return super().aggregate(request)


class MeteredIngest(Ingest):
    """An ingest whose batches are counted."""

    def __init__(self, metrics: Metrics, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._metrics = metrics

    def put_many(self, news: Sequence[NewObject], call: Call) -> list[Verdict]:
        started = time.perf_counter()
        verdicts = super().put_many(news, call)
        stored: dict[str, int] = defaultdict(int)
        for verdict in verdicts:
            if verdict.object is not None:
                stored[verdict.object.collection] += 1
        self._metrics.batch(stored, (time.perf_counter() - started) * 1000)
        return verdicts

    def delete_where(
        self, name: str, where: Filter, tenant: str = "", dry_run: bool = False, at_most: int | None = None
    ) -> Deleted:
        started = time.perf_counter()
        deleted = super().delete_where(name, where, tenant, dry_run, at_most)
        self._metrics.delete(name, (time.perf_counter() - started) * 1000)
        return deleted


def _kind(request: SearchRequest) -> str:
    match request.target:
        case None:
            return "list"
        case Keyword():
            return "bm25"
        case Hybrid():
            return "hybrid"
        case _:
            return "vector"


# --- What there is ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Shards:
    """Of one collection, or of one of its shards."""

    objects: int = 0
    vectors: int = 0
    queued: int = 0


def exposition(metrics: Metrics, database: Database) -> str:
    """Everything, in Prometheus' text format."""
    found: dict[Labels, _Shards] = defaultdict(_Shards)
    loaded = unloaded = 0
    for collection in list(database.collections.values()):
        with suppress(NotFound):
            awake, asleep = _add_shards(found, metrics, database, collection)
            loaded, unloaded = loaded + awake, unloaded + asleep
    labels = ("class_name", "shard_name")
    lines = metrics.lines()
    lines += _gauge("object_count", "Objects.", labels, {key: one.objects for key, one in found.items()})
    lines += _gauge("vector_index_size", "Vectors.", labels, {key: one.vectors for key, one in found.items()})
    queued = {key: one.queued for key, one in found.items()}
    lines += _gauge("queue_size", "Vectors that their graph still lacks.", labels, queued)
    lines += _gauge("shards_loaded", "Shards whose files are open.", (), {(): loaded})
    lines += _gauge("shards_unloaded", "Shards nobody uses.", (), {(): unloaded})
    return "\n".join(lines + _process()) + "\n"


def _add_shards(
    found: dict[Labels, _Shards], metrics: Metrics, database: Database, collection: Collection
) -> tuple[int, int]:
    """Count the collection's shards in; how many are open, and how many are not though they might be."""
    awake = asleep = 0
    for info in database.shards(collection.name):
        shard = info.shard
        if shard is None or not shard.awake:
            asleep += info.status is TenantStatus.HOT
        else:
            awake += 1
        if shard is not None:
            name = metrics.name(collection.name)
            one = found[name, _NOT_TOLD if name == _NOT_TOLD else info.name]
            one.objects += shard.count
            one.vectors += shard.vector_count
            one.queued += shard.queue_length
    return awake, asleep


def _process() -> list[str]:
    """What the system knows of this process, as far as it tells."""
    seconds = time.process_time()
    lines = _family("process_cpu_seconds_total", "counter", "Processor time used.", (), {(): seconds})
    lines += _gauge("process_start_time_seconds", "When it started, since 1970.", (), {(): _STARTED})
    with suppress(OSError, ValueError, AttributeError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        resident = pages * os.sysconf("SC_PAGE_SIZE")
        lines += _gauge("process_resident_memory_bytes", "Memory in use.", (), {(): resident})
        lines += _gauge("process_open_fds", "Open files.", (), {(): len(os.listdir("/proc/self/fd"))})
    return lines


# --- Text ------------------------------------------------------------------------------------------------------------


def _histogram(name: str, purpose: str, labels: Sequence[str], found: Mapping[Labels, _Durations]) -> list[str]:
    lines = _head(name, "histogram", purpose)
    for values, durations in found.items():
        pairs = list(zip(labels, values, strict=True))
        total = 0
        for bound, count in zip((*map(str, _BOUNDS_MS), "+Inf"), durations.within, strict=True):
            total += count
            lines.append(_sample(f"{name}_bucket", [*pairs, ("le", bound)], total))
        lines.append(_sample(f"{name}_sum", pairs, durations.total_ms))
        lines.append(_sample(f"{name}_count", pairs, total))
    return lines


def _gauge(name: str, purpose: str, labels: Sequence[str], found: Mapping[Labels, float]) -> list[str]:
    return _family(name, "gauge", purpose, labels, found)


def _family(name: str, kind: str, purpose: str, labels: Sequence[str], found: Mapping[Labels, float]) -> list[str]:
    samples = [_sample(name, zip(labels, values, strict=True), number) for values, number in found.items()]
    return _head(name, kind, purpose) + samples


def _head(name: str, kind: str, purpose: str) -> list[str]:
    return [f"# HELP {name} {purpose}", f"# TYPE {name} {kind}"]


def _sample(name: str, labels: Iterable[tuple[str, str]], value: Any) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{name}{{{told}}} {value}" if told else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
