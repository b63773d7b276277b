"""The one way objects are found: plan, embed, retrieve, show, and the stages after it.

`Searcher.execute` takes a `SearchRequest` from any door. Waiting for inference containers happens before and after
the compute gate, never inside it; each shard is read under one lock, so a search sees one consistent state.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from weavelet.catalog import Catalog
from weavelet.embedding import QueryVectors, given
from weavelet.engine import filters
from weavelet.engine.aggregate import aggregate
from weavelet.engine.database import Database
from weavelet.engine.lifetime import unexpired
from weavelet.engine.plan import Limits, Plan, make_aggregate_plan, make_plan
from weavelet.engine.profile import profile
from weavelet.engine.query import (
    AggregateRequest,
    Aggregation,
    Near,
    Page,
    PickReference,
    Reply,
    Row,
    SearchRequest,
    Subject,
    Want,
)
from weavelet.engine.references import resolve
from weavelet.engine.retrieve import grouped, matching, retrieve, show
from weavelet.engine.shard import Shard
from weavelet.errors import InvalidQuery, NotFound
from weavelet.modules.base import Call
from weavelet.schema import validate
from weavelet.schema.collection import Collection
from weavelet.schema.objects import Object
from weavelet.schema.references import parse_beacon
from weavelet.stages import Run, Stages
from weavelet.workers import Workers

_EVERYTHING = Want()


@dataclass(frozen=True, slots=True)
class Explored:
    """One object found by a search across collections."""

    collection: str
    id: str
    distance: float
    certainty: float | None


class _Prepared(NamedTuple):
    """What is to be done for a request: its stages, the plan, what is fetched, and which references are followed."""

    run: Run
    plan: Plan
    want: Want
    picks: Sequence[PickReference]


class Searcher:
    """Searches one database."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        vectors: QueryVectors,
        stages: Stages,
        workers: Workers,
        limits: Limits,
        node: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._vectors = vectors
        self._stages = stages
        self._workers = workers
        self._limits = limits
        self._node = node
        self._now_ms = now_ms

    def execute(self, request: SearchRequest, subject: Subject | None = None) -> Reply:
        """Answer a search; with `subject`, the request once more, about something else. Raises `WeaveletError`."""
        started = time.perf_counter()
        collection = self._catalog.collection(request.collection)
        run, plan, want, picks = self._prepared(request, collection)
        shard = self._database.shard(collection.name, request.tenant)
        plan = self._resolved(plan, request.tenant)
        call = Call(request.headers if subject is None else subject.headers)
        text: str | None = None
        if subject is None:
            vectors = self._vectors.of(plan, shard, call)
        else:
            text, vectors = subject.text, given(subject.vector, plan)
        with self._workers.compute, shard.read_lock():
            found = retrieve(shard, plan, vectors, text, explain=want.explain)
            rows = show(shard, found, plan, want)
        if run.stages:
            rows = run.paged(rows, request.page, call)
        if picks:
            rows = self._with_references(rows, picks, request.tenant)
        groups = None if request.group_by is None else grouped(rows, request.group_by, collection)
        found_in = time.perf_counter() - started
        reply = Reply(rows=rows if groups is None else (), groups=groups, seconds=found_in)
        if run.stages:
            reply = run.apply(reply, request.page, call)
            reply = replace(reply, seconds=time.perf_counter() - started)
        if want.profile:
            shown = profile(found.clock, plan, shard.name, self._node, time.perf_counter() - started)
            reply = replace(reply, profile=shown)
        return reply

    def _prepared(self, request: SearchRequest, collection: Collection) -> "_Prepared":
        """What can be said without looking at data; as it was the last time, where the request has been kept."""
        kept = request.kept
        known: _Prepared | None = None if kept is None else kept.prepared
        if known is not None and known.plan.collection is collection:
            return known
        run = self._stages.prepare(request, collection)
        plan = make_plan(request, collection, self._limits, run.pool(request.page))
        want = run.wanted(request.want)
        prepared = _Prepared(run, plan, want, _reference_picks(want))
        if kept is not None:
            kept.prepared = prepared
        return prepared

    def aggregate(self, request: AggregateRequest) -> Aggregation:
        """Answer an aggregation. Raises `WeaveletError`."""
        started = time.perf_counter()
        collection = self._catalog.collection(request.collection)
        shard = self._database.shard(collection.name, request.tenant)
        plan = make_aggregate_plan(request, collection, self._limits)
        plan = self._resolved(plan, request.tenant)
        vectors = self._vectors.of(plan, shard, Call(request.headers))
        with self._workers.compute, shard.read_lock():
            docs = matching(shard, plan, vectors)
            result = aggregate(request, collection, docs, shard.read, shard.numbers)
        return replace(result, seconds=time.perf_counter() - started)

    def get(self, name: str, id: str, tenant: str = "", want: Want = _EVERYTHING) -> Object | None:
        """One object, or None. Raises `NotFound` for an unknown collection or tenant."""
        collection = self._catalog.collection(name)
        shard = self._database.shard(collection.name, tenant)
        return self._shown(shard, validate.canonical_id(id), want.vectors)

    def exists(self, name: str, id: str, tenant: str = "") -> bool:
        """Whether there is an object of that id. Raises `NotFound` for an unknown collection or tenant."""
        collection = self._catalog.collection(name)
        return self._shows(self._database.shard(collection.name, tenant), validate.canonical_id(id))

    def locate(self, id: str) -> tuple[str, ...]:
        """The collections, without tenants, that hold an object of that id."""
        id = validate.canonical_id(id)
        return tuple(
            name
            for name, collection in sorted(self._catalog.collections().items())
            if not collection.multi_tenancy.enabled and self._shows(self._database.shard(name), id)
        )

    def explore(self, near: Near, limit: int, offset: int, headers: Mapping[str, str]) -> list[Explored]:
        """The nearest objects of all collections that can answer, nearest first. Raises `InvalidQuery`."""
        collections = [c for c in self._catalog.collections().values() if not c.multi_tenancy.enabled]
        metrics = {config.index.distance for c in collections for config in c.vectors.values()}
        if len(metrics) > 1:
            raise InvalidQuery(
                "vector search across classes not possible: found different distance metrics: "
                + ", ".join(sorted(metrics))
            )
        found = [row for collection in collections for row in self._explored(collection, near, limit + offset, headers)]
        found.sort(key=lambda row: (row.distance, row.id))
        return found[offset : offset + limit]

    def _resolved(self, plan: Plan, tenant: str) -> Plan:
        """The plan for what may be shown now, its filter without paths through references."""
        where = resolve(plan.where, plan.collection, tenant, self._database, self._now_ms())
        return plan if where is plan.where else replace(plan, where=where)

    def _shown(self, shard: Shard, id: str, vectors: frozenset[str] | None = frozenset()) -> Object | None:
        """The object, unless it has expired and is not to be shown."""
        (found,) = shard.get([id], vectors)
        where = unexpired(shard.collection, self._now_ms())
        return found if found is None or where is None or filters.matches(where, found, shard.collection) else None

    def _shows(self, shard: Shard, id: str) -> bool:
        if unexpired(shard.collection, self._now_ms()) is None:
            return shard.exists(id)
        return self._shown(shard, id) is not None

    def _explored(self, collection: Collection, near: Near, limit: int, headers: Mapping[str, str]) -> list[Explored]:
        request = SearchRequest(
            collection=collection.name,
            target=near,
            page=Page(limit=limit),
            want=Want(properties=(), certainty=True),
            headers=headers,
        )
        try:
            rows = self.execute(request).rows
        except InvalidQuery:
            return []
        return [Explored(collection.name, row.object.id, row.distance or 0.0, row.certainty) for row in rows]

    def _with_references(self, rows: Sequence[Row], picks: Sequence[PickReference], tenant: str) -> Sequence[Row]:
        return [replace(row, references={**row.references, **self._followed(row, picks, tenant)}) for row in rows]

    def _followed(self, row: Row, picks: Sequence[PickReference], tenant: str) -> dict[str, tuple[Row, ...]]:
        followed: dict[str, tuple[Row, ...]] = {}
        for pick in picks:
            beacons = [parse_beacon(value["beacon"]) for value in row.object.properties.get(pick.name) or ()]
            wanted = [b for b in beacons if not pick.collection or b.collection == pick.collection]
            shown = [
                shown for target in wanted if (shown := self._referenced(target.collection, target.id, pick, tenant))
            ]
            followed[pick.name] = (*followed.get(pick.name, ()), *shown)
        return followed

    def _referenced(self, name: str, id: str, pick: PickReference, tenant: str) -> Row | None:
        """The object behind a beacon, with its own references; None where it is gone."""
        collection = self._catalog.find(name)
        if collection is None:
            return None
        try:
            shard = self._database.shard(collection.name, tenant if collection.multi_tenancy.enabled else "")
        except NotFound:
            return None
        found = self._shown(shard, id, pick.want.vectors)
        if found is None:
            return None
        (row,) = self._with_references([Row(object=found)], _reference_picks(pick.want), tenant)
        return row


def _reference_picks(want: Want) -> list[PickReference]:
    """The references that are followed."""
    return [pick for pick in (*(want.properties or ()), *want.references) if isinstance(pick, PickReference)]
