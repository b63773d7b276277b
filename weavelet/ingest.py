"""The one way objects are written: validate, vectorize, commit.

`Ingest` takes `NewObject`s from any door and answers with what was stored. A batch is one pass: auto-schema once,
each object checked on its own, vectors made side by side, one commit per shard; an object that fails is a `Verdict`
with its error and spoils no other. When a call returns, what it accepted is durable and searchable.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, TypeAlias

from weavelet.autoschema import AutoSchema
from weavelet.catalog import Catalog, TenantChange
from weavelet.engine import filters
from weavelet.engine.database import Database
from weavelet.engine.query import Delete, Filter, Put
from weavelet.engine.references import resolve
from weavelet.engine.shard import Shard
from weavelet.errors import (
    CollectionNotFound,
    Conflict,
    InvalidInput,
    InvalidObject,
    ObjectNotFound,
    WeaveletError,
)
from weavelet.modules.base import Call
from weavelet.schema import names, validate
from weavelet.schema.collection import Collection
from weavelet.schema.objects import NewObject, Object, Verdict
from weavelet.schema.references import parse_beacon
from weavelet.vectorizing import Draft, ObjectVectors

Rewrite: TypeAlias = Callable[[Object], Mapping[str, Any]]
"""An object's properties after a change."""


@dataclass(frozen=True, slots=True)
class DeletedRow:
    id: str
    error: WeaveletError | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a delete by filter did: `matches` objects in all, of which the first `limit` are in `rows`."""

    matches: int
    limit: int
    rows: tuple[DeletedRow, ...]
    dry_run: bool


class _Stripes:
    """Locks for objects that are read, changed and written back: equal ids share one, others seldom do.

    Whoever needs several takes them together, in order, and none while holding any: so nobody waits in a circle.
    """

    def __init__(self, count: int = 64) -> None:
        self._locks = tuple(Lock() for _ in range(count))

    def of(self, id: str) -> Lock:
        return self._locks[self._place(id)]

    @contextmanager
    def of_all(self, ids: Iterable[str]) -> Iterator[None]:
        """Holds the locks of all these objects."""
        with ExitStack() as stack:
            for place in sorted({self._place(id) for id in ids}):
                stack.enter_context(self._locks[place])
            yield

    def _place(self, id: str) -> int:
        return hash(id) % len(self._locks)


class Ingest:
    """Writes objects into one database."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        vectors: ObjectVectors,
        auto_schema: AutoSchema | None,
        maximum_deletes: int,
        now_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._vectors = vectors
        self._auto_schema = auto_schema
        self._maximum_deletes = maximum_deletes
        self._now_ms = now_ms
        self._changing = _Stripes()

    # --- Whole objects ---

    def put_many(self, news: Sequence[NewObject], call: Call) -> list[Verdict]:
        """Store a batch, in place of whatever has the same ids. One verdict per object, in order."""
        if self._auto_schema is not None:
            news, unfit = self._auto_schema.extend(news)
        else:
            unfit = {}
        self._create_tenants(news)
        drafts = [unfit.get(position) or self._draft_or_error(new) for position, new in enumerate(news)]
        return self._store(drafts, call)

    def add(self, new: NewObject, call: Call) -> Object:
        """Store a new object. Raises `Conflict` where its id is taken."""
        if self._auto_schema is not None:
            self._auto_schema.extend_for(new)
        self._create_tenants([new] if new.tenant else [])
        draft = self._draft(new)
        with self._changing.of(draft.object.id):
            if draft.shard.exists(draft.object.id):
                raise Conflict(f"id '{draft.object.id}' already exists")
            return self._stored(draft, call)

    def replace(self, new: NewObject, call: Call) -> Object:
        """Store an object in place of one that exists. Raises `ObjectNotFound`."""
        if self._auto_schema is not None:
            self._auto_schema.extend_for(new, create=False)
        collection = self._collection(new)
        shard, id = self._database.shard(collection.name, new.tenant), validate.canonical_id(new.id or "")
        with self._changing.of(id):
            current = self._existing(shard, id)
            draft = self._draft(new)
            kept = replace(draft.object, created_ms=current.created_ms)
            return self._stored(replace(draft, object=kept, stored=current), call)

    def merge(self, new: NewObject, call: Call) -> Object:
        """Change some properties of an object that exists: null removes one, references are added.

        Raises `ObjectNotFound`.
        """
        if self._auto_schema is not None:
            self._auto_schema.extend_for(new, create=False)
        collection = self._collection(new)
        shard, id = self._database.shard(collection.name, new.tenant), validate.canonical_id(new.id or "")
        with self._changing.of(id):
            current = self._existing(shard, id)
            changed = self._checked_properties(collection, new)
            merged = _merged(collection, current.properties, changed, new.properties or {})
            given = validate.canonical_vectors(collection, new.vectors)
            draft = Draft(
                shard=shard,
                object=replace(current, properties=merged, vectors=given, updated_ms=self._now_ms()),
                stored=current,
                merging=True,
            )
            return self._stored(draft, call)

    def validate(self, new: NewObject) -> None:
        """Raise what `add` would raise, as far as that can be said without storing or vectorizing anything."""
        validate.canonical_id(new.id or "")
        collection = self._collection(new)
        self._checked_properties(collection, new)
        validate.canonical_vectors(collection, new.vectors)

    # --- Deletes ---

    def delete(self, name: str, id: str, tenant: str = "") -> bool:
        """Remove an object; False where there was none. Raises `CollectionNotFound` and `TenantNotFound`."""
        collection = self._catalog.collection(name)
        shard = self._database.shard(collection.name, tenant)
        id = validate.canonical_id(id)
        with self._changing.of(id):
            existed = shard.exists(id)
            if existed:
                _raise_first(shard.commit([Delete(id)]))
            return existed

    def delete_where(
        self, name: str, where: Filter, tenant: str = "", dry_run: bool = False, at_most: int | None = None
    ) -> Deleted:
        """Remove the objects that pass the filter, the oldest first and only so many at a time.

        One that is written while this happens stays as it was written.
        """
        limit = self._maximum_deletes if at_most is None else min(at_most, self._maximum_deletes)
        collection = self._catalog.collection(name)
        shard = self._database.shard(collection.name, tenant)
        resolved = resolve(where, collection, tenant, self._database)
        assert resolved is not None
        with shard.read_lock():
            docs = filters.allowed(resolved, shard.properties, collection).array()
            changes = [Delete(shard.id_of(doc), doc) for doc in docs[:limit].tolist()]
        errors: Sequence[WeaveletError | None] = [None] * len(changes)
        if not dry_run and changes:
            errors = shard.commit(changes)
        rows = tuple(DeletedRow(change.id, error) for change, error in zip(changes, errors, strict=True))
        return Deleted(len(docs), limit, rows, dry_run)

    # --- Steps ---

    def rewrite(self, shard: Shard, id: str, change: Rewrite) -> None:
        """Give an object new properties, its vectors as they are. Raises `ObjectNotFound`."""
        _raise_first(list(self.rewrite_many(shard, {id: change}).values()))

    def rewrite_many(self, shard: Shard, changes: Mapping[str, Rewrite]) -> dict[str, WeaveletError | None]:
        """Give objects new properties, all in one commit: what went wrong with each."""
        with self._changing.of_all(changes):
            present = dict(zip(changes, shard.get(list(changes), None), strict=True))
            outcome: dict[str, WeaveletError | None] = {id: _no_object(id) for id, it in present.items() if it is None}
            now = self._now_ms()
            changed = [
                replace(current, properties=changes[id](current), updated_ms=now)
                for id, current in present.items()
                if current is not None
            ]
            errors = _commit(shard, changed)
            outcome.update({object.id: error for object, error in zip(changed, errors, strict=True)})
            return outcome

    def _collection(self, new: NewObject) -> Collection:
        found = self._catalog.find(new.collection) if new.collection else None
        if found is None:
            raise CollectionNotFound(f'class "{self._catalog.meant(new.collection)}" not found in schema')
        return found

    def _draft_or_error(self, new: NewObject) -> Draft | WeaveletError:
        try:
            if not new.collection:
                raise InvalidObject("object has an empty class")
            if self._catalog.find(new.collection) is None:
                raise CollectionNotFound(f"class '{self._catalog.meant(new.collection)}' not present in schema")
            return self._draft(new)
        except WeaveletError as error:
            return error

    def _draft(self, new: NewObject) -> Draft:
        collection = self._collection(new)
        id = str(uuid.uuid4()) if new.id is None else validate.canonical_id(new.id)
        properties = self._checked_properties(collection, new)
        vectors = validate.canonical_vectors(collection, new.vectors)
        shard = self._database.shard(collection.name, new.tenant)
        now = self._now_ms()
        return Draft(
            shard=shard,
            object=Object(
                collection=collection.name,
                id=id,
                properties=properties,
                vectors=vectors,
                created_ms=now,
                updated_ms=now,
                tenant=new.tenant,
            ),
        )

    def _checked_properties(self, collection: Collection, new: NewObject) -> dict[str, Any]:
        properties = validate.canonical_properties(collection, new.properties or {})
        for prop in collection.properties:
            if prop.is_reference and prop.name in properties:
                self._check_targets(collection, prop.name, properties[prop.name], new.tenant)
        return properties

    def _check_targets(self, collection: Collection, name: str, references: Sequence[Any], tenant: str) -> None:
        for reference in references:
            target = parse_beacon(reference["beacon"])
            if not self._catalog.has_object(target, tenant):
                raise InvalidObject(
                    f"invalid cref: 'cref' {collection.name}:{name}: no object with id {target.id} found"
                )

    def _create_tenants(self, news: Sequence[NewObject]) -> None:
        """Tenants seen for the first time, where collections create them on their own. Fails as a whole."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for new in news:
            collection = self._catalog.find(new.collection) if new.collection else None
            if collection is not None and collection.multi_tenancy.auto_tenant_creation:
                wanted[collection.name].add(new.tenant)
        for name, tenants in wanted.items():
            missing = sorted(tenant for tenant in tenants if self._database.tenant(name, tenant) is None)
            if missing:
                self._add_tenants(name, missing)

    def _add_tenants(self, name: str, tenants: Sequence[str]) -> None:
        try:
            self._catalog.add_tenants(name, [TenantChange(tenant) for tenant in tenants])
        except InvalidInput as error:
            raise InvalidInput(
                f'auto create tenants: auto-tenant: add tenants to collection "{name}": {error}'
            ) from error

    def _existing(self, shard: Shard, id: str) -> Object:
        (current,) = shard.get([id], None)
        if current is None:
            raise _no_object(id)
        return current

    def _stored(self, draft: Draft, call: Call) -> Object:
        (verdict,) = self._store([draft], call)
        if verdict.error is not None:
            raise verdict.error
        assert verdict.object is not None
        return verdict.object

    def _store(self, drafts: Sequence[Draft | WeaveletError], call: Call) -> list[Verdict]:
        """Vectorize what needs it and commit shard by shard."""
        drafts = self._vectors.fill(drafts, call)
        verdicts: list[Verdict] = [
            Verdict(error=draft) if isinstance(draft, WeaveletError) else Verdict(object=draft.object)
            for draft in drafts
        ]
        by_shard: dict[int, list[int]] = defaultdict(list)
        for position, draft in enumerate(drafts):
            if isinstance(draft, Draft):
                by_shard[id(draft.shard)].append(position)
        for positions in by_shard.values():
            chosen = [draft for position in positions if isinstance(draft := drafts[position], Draft)]
            errors = _commit(chosen[0].shard, [draft.object for draft in chosen])
            for position, error in zip(positions, errors, strict=True):
                if error is not None:
                    verdicts[position] = Verdict(error=error)
        return verdicts


def _commit(shard: Shard, objects: Sequence[Object]) -> Sequence[WeaveletError | None]:
    try:
        return shard.commit([Put(object) for object in objects])
    except WeaveletError as error:
        return [error] * len(objects)


def _no_object(id: str) -> ObjectNotFound:
    return ObjectNotFound(f"no object with id {id} found")


def _raise_first(errors: Sequence[WeaveletError | None]) -> None:
    for error in errors:
        if error is not None:
            raise error


def _merged(
    collection: Collection, current: Mapping[str, Any], changed: Mapping[str, Any], sent: Mapping[str, Any]
) -> dict[str, Any]:
    merged = {**current, **changed}
    for name in changed:
        prop = collection.property_named(name)
        if prop is not None and prop.is_reference:
            merged[name] = [*current.get(name, ()), *changed[name]]
    for name, value in sent.items():
        if value is None:
            merged.pop(names.lower_first(name), None)
    return merged
