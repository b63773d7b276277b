"""The data directory: collections, tenants and aliases, and the shards behind them.

Definitions are in the catalog file, which alone says what exists: a folder it does not know is debris and is removed
at the next opening. So creating and dropping are durable in one step. Shards open when they are first asked for, and
those of tenants rest while nobody does (`residents.py`). A collection may be made in secret, filled, and shown when it
is whole. One process has a data directory at a time. `collections` and `aliases` are snapshots, replaced at every
change.
"""

import logging
import os
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import orjson

from weavelet.engine.catalog_store import CatalogStore, StoredCollection, StoredShard
from weavelet.engine.files import FolderLock, make_folder, remove_debris, remove_folder
from weavelet.engine.residents import Place, Residents, folder_name
from weavelet.engine.settings import EngineSettings
from weavelet.engine.shard import Shard
from weavelet.errors import (
    CollectionNotFound,
    Conflict,
    InvalidQuery,
    InvalidSchema,
    NotFound,
    TenantNotFound,
    Unavailable,
)
from weavelet.schema.codec import parse_stored, render_collection
from weavelet.schema.collection import Collection, TenantStatus

_log = logging.getLogger(__name__)

_SECRET = "~"
"""Before the name of a collection that is not to be seen yet; no name of a collection begins so."""
_SHARD_NAME_LENGTH = 12
_SHARD_LETTERS = string.ascii_letters + string.digits


@dataclass(slots=True)
class _Entry:
    """A collection and its shards by name: its tenants, or the only one."""

    number: int
    collection: Collection
    folder: Path
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShardInfo:
    """What is known of a shard without opening it; `shard` is None while it is not open."""

    name: str
    status: TenantStatus
    read_only: bool
    shard: Shard | None


class Database:
    def __init__(
        self, path: Path, engine: EngineSettings | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises `Unavailable` when another process has the directory open."""
        self._path = path
        self._clock = clock
        self.settings = engine or EngineSettings()
        self._residents = Residents(self.settings.open_tenants, self.settings.tenant_idle_seconds, clock)
        self._changing = threading.RLock()
        self._closed = False
        make_folder(path)
        self._lock = FolderLock(path)
        try:
            self._catalog = CatalogStore(path / "catalog.db")
            self._entries = {stored.name: self._entry(stored) for stored in self._whole_collections()}
            self._secret: dict[str, _Entry] = {}
            self._sweep()
        except BaseException:
            self._lock.release()
            raise
        self.version = 0
        """Goes up whenever `collections`, `aliases` or a tenant changes."""
        self.collections: Mapping[str, Collection] = {}
        self.aliases: Mapping[str, str] = {}
        self._changed()

    def close(self) -> None:
        """Close every shard; each writes a snapshot if that is worth while."""
        with self._changing:
            if self._closed:
                return
            self._closed = True
            for place in self._places():
                place.close(Unavailable("the server is stopping"))
            self._catalog.close()
            self._lock.release()

    # Collections -----------------------------------------------------------------------------------------------------

    def create(self, collection: Collection, *, secretly: bool = False) -> None:
        """Add a collection. Raises `Conflict` when there is one of that name.

        One made secretly is not among `collections`, and does not outlive the process, until `reveal`.
        """
        with self._changing:
            self._check_open()
            if collection.name in self._entries or collection.name in self._secret:
                raise Conflict(f"class name {collection.name} already exists")
            shards = {} if collection.multi_tenancy.enabled else {_shard_name(): TenantStatus.HOT.value}
            name = _SECRET + collection.name if secretly else collection.name
            stored = self._catalog.create(name, _definition(collection), shards)
            entries = self._secret if secretly else self._entries
            entries[collection.name] = self._entry(stored, collection)
            self._changed()

    def reveal(self, names: Iterable[str]) -> None:
        """Show collections made secretly, all in one step."""
        with self._changing:
            self._check_open()
            entries = {name: self._secret[name] for name in names}
            self._catalog.rename({entry.number: name for name, entry in entries.items()})
            for name, entry in entries.items():
                del self._secret[name]
                self._entries[name] = entry
            self._changed()

    def redefine(self, collection: Collection) -> None:
        """Replace the definition of the collection of that name, open shards included."""
        with self._changing:
            entry = self._known(collection.name)
            self._catalog.redefine(entry.number, _definition(collection))
            entry.collection = collection
            for place in entry.places.values():
                place.redefine(collection)
            self._changed()

    def drop(self, name: str) -> None:
        """Remove the collection and its objects; nothing happens where there is none. Aliases stay."""
        with self._changing:
            self._check_open()
            entry = self._entries.get(name) or self._secret.get(name)
            if entry is None:
                return
            self._catalog.drop(entry.number)
            self._entries.pop(name, None)
            self._secret.pop(name, None)
            self._changed()
            for place in entry.places.values():
                place.close(_no_collection(name))
            remove_folder(entry.folder)

    # Shards ----------------------------------------------------------------------------------------------------------

    def shard(self, name: str, tenant: str = "") -> Shard:
        """The collection's shard, or its tenant's, opened if need be.

        Raises `CollectionNotFound`, `TenantNotFound` (unknown or not active) or `InvalidQuery` (a tenant where there
        are none, or none where there are).
        """
        entry = self._known(name)
        place = _place(entry, tenant)
        place.used = self._clock()
        shard = place.shard
        if shard is not None and shard.awake:
            return shard
        if place.status is TenantStatus.COLD and entry.collection.multi_tenancy.auto_tenant_activation:
            self.put_tenants(name, {tenant: TenantStatus.HOT})
        return self._opened(entry, place)

    def shards(self, name: str) -> tuple[ShardInfo, ...]:
        """All shards of the collection, open or not, in order of creation."""
        places = list(self._known(name).places.values())
        return tuple(ShardInfo(p.stored.name, p.status, p.stored.read_only, p.shard) for p in places)

    def is_active(self, name: str, tenant: str = "") -> bool:
        """Whether there is such a shard and requests may use it without activating it."""
        entry = self._entries.get(name)
        if entry is None:
            return False
        places = [entry.places.get(tenant)] if entry.collection.multi_tenancy.enabled else entry.places.values()
        return any(place is not None and place.status is TenantStatus.HOT for place in places)

    def set_read_only(self, name: str, shard: str, read_only: bool) -> None:
        """Refuse, or again accept, changes to the shard of this name. Raises `NotFound` where there is none."""
        with self._changing:
            place = self._known(name).places.get(shard)
            if place is None:
                raise NotFound(f"shard {shard!r} not found in class {name}")
            self._catalog.set_read_only(place.stored.number, read_only)
            with place.opening:
                place.stored = replace(place.stored, read_only=read_only)
                if place.shard is not None:
                    place.shard.read_only = read_only

    def upkeep(self) -> bool:
        """A slice of what the open shards have put off, for one background thread. Whether there is more to do now."""
        more = False
        places = [place for place in self._places() if place.shard is not None]
        for place in places:
            shard = place.shard
            if shard is not None and shard.awake:
                more = shard.upkeep() or more
        self._residents.upkeep(places)
        return more

    def was_used(self, name: str, tenant: str = "") -> bool:
        """Whether anybody ever asked for the shard; before that it has no files, and no objects."""
        place = _place(self._known(name), tenant)
        return place.shard is not None or place.folder.exists()

    def is_awake(self, name: str, tenant: str) -> bool:
        """Whether the tenant's shard is open, and not resting."""
        place = self._known(name).places.get(tenant)
        return place is not None and place.shard is not None and place.shard.awake

    def rest(self, name: str, tenant: str) -> None:
        """Let the tenant's shard rest, unless somebody is using it."""
        place = self._known(name).places.get(tenant)
        if place is not None:
            self._residents.dismiss(place)

    # Tenants ---------------------------------------------------------------------------------------------------------

    def tenant(self, name: str, tenant: str) -> TenantStatus | None:
        """The tenant's status; None where there is none of that name. Raises `InvalidSchema` as `tenants` does."""
        place = self._with_tenants(name).places.get(tenant)
        return None if place is None else place.status

    def tenants(self, name: str) -> dict[str, TenantStatus]:
        """Every tenant's status, in order of creation. Raises `InvalidSchema` where the collection has no tenants."""
        places = list(self._with_tenants(name).places.items())
        return {tenant: place.status for tenant, place in places}

    def put_tenants(self, name: str, statuses: Mapping[str, TenantStatus]) -> None:
        """Add the tenants that are new and give the others their status. What is not HOT is closed."""
        with self._changing:
            entry = self._with_tenants(name)
            added = {tenant: status.value for tenant, status in statuses.items() if tenant not in entry.places}
            changed = {
                tenant: status
                for tenant, status in statuses.items()
                if tenant in entry.places and entry.places[tenant].status is not status
            }
            numbers = {entry.places[tenant].stored.number: status.value for tenant, status in changed.items()}
            for stored in self._catalog.put_shards(entry.number, added, numbers):
                entry.places[stored.name] = _new_place(entry.folder, stored)
            for tenant, status in changed.items():
                place = entry.places[tenant]
                place.stored = replace(place.stored, status=status.value)
                if status is TenantStatus.HOT:
                    place.allow()
                else:
                    place.close(_not_active(tenant))
            if added or changed:
                self.version += 1

    def drop_tenants(self, name: str, tenants: Iterable[str]) -> None:
        """Remove these tenants and their objects. Unknown ones are passed over."""
        with self._changing:
            entry = self._with_tenants(name)
            places = [entry.places[tenant] for tenant in dict.fromkeys(tenants) if tenant in entry.places]
            if not places:
                return
            self._catalog.drop_shards([place.stored.number for place in places])
            for place in places:
                del entry.places[place.stored.name]
            self.version += 1
            for place in places:
                place.close(_no_tenant(place.stored.name))
                remove_folder(place.folder)

    # Aliases ---------------------------------------------------------------------------------------------------------

    def put_alias(self, alias: str, name: str) -> None:
        """Let the alias stand for the collection, whether or not that exists."""
        with self._changing:
            self._check_open()
            self._catalog.put_alias(alias, name)
            self._changed()

    def drop_alias(self, alias: str) -> None:
        with self._changing:
            self._check_open()
            self._catalog.drop_alias(alias)
            self._changed()

    # -----------------------------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("the server is stopping")

    def _changed(self) -> None:
        """Show readers the present state."""
        self.collections = MappingProxyType({name: entry.collection for name, entry in self._entries.items()})
        self.aliases = MappingProxyType(self._catalog.aliases())
        self.version += 1

    def _known(self, name: str) -> _Entry:
        self._check_open()
        entry = self._entries.get(name) or self._secret.get(name)
        if entry is None:
            raise _no_collection(name)
        return entry

    def _with_tenants(self, name: str) -> _Entry:
        entry = self._known(name)
        if not entry.collection.multi_tenancy.enabled:
            raise InvalidSchema(f'multi-tenancy is not enabled for class "{name}"')
        return entry

    def _opened(self, entry: _Entry, place: Place) -> Shard:
        """The place's shard, opened by whoever comes first while the others wait."""
        with place.opening:
            if place.refusal is not None:
                raise place.refusal
            if place.shard is None or place.shard.closed:
                stored, collection = place.stored, entry.collection
                tenant = stored.name if collection.multi_tenancy.enabled else ""
                place.shard = Shard(
                    stored.name, collection, place.folder, self.settings, tenant=tenant, read_only=stored.read_only
                )
            shard = place.shard
        shard.wake()
        if entry.collection.multi_tenancy.enabled:
            self._residents.admit(place)
        return shard

    def _places(self) -> list[Place]:
        entries = (*self._entries.copy().values(), *self._secret.copy().values())
        return [place for entry in entries for place in list(entry.places.values())]

    def _whole_collections(self) -> list[StoredCollection]:
        """What the catalog has, without those that were still being made in secret; these are dropped."""
        whole = []
        for stored in self._catalog.collections():
            if stored.name.startswith(_SECRET):
                _log.info("removing %s, which was never finished", stored.name.removeprefix(_SECRET))
                self._catalog.drop(stored.number)
            else:
                whole.append(stored)
        return whole

    def _entry(self, stored: StoredCollection, collection: Collection | None = None) -> _Entry:
        folder = self._path / "collections" / folder_name(stored.name.removeprefix(_SECRET), stored.number)
        places = {shard.name: _new_place(folder, shard) for shard in stored.shards}
        return _Entry(stored.number, collection or parse_stored(orjson.loads(stored.definition)), folder, places)

    def _sweep(self) -> None:
        """Remove folders that the catalog does not know, left by a crash between dropping and removing."""
        make_folder(self._path / "collections")
        _keep_only(self._path / "collections", {entry.folder.name for entry in self._entries.values()})
        for entry in self._entries.values():
            if entry.folder.exists():
                _keep_only(entry.folder, {place.folder_name for place in entry.places.values()})


def _place(entry: _Entry, tenant: str) -> Place:
    """The place a request for this tenant, or for none, means."""
    name = entry.collection.name
    if not entry.collection.multi_tenancy.enabled:
        if tenant:
            raise InvalidQuery(f"class {name} has multi-tenancy disabled, but request was with tenant")
        return next(iter(entry.places.values()))
    if not tenant:
        raise InvalidQuery(f"class {name} has multi-tenancy enabled, but request was without tenant")
    place = entry.places.get(tenant)
    if place is None:
        raise _no_tenant(tenant)
    return place


def _new_place(folder: Path, stored: StoredShard) -> Place:
    active = stored.status == TenantStatus.HOT.value
    return Place(stored, folder, refusal=None if active else _not_active(stored.name))


def _keep_only(folder: Path, known: set[str]) -> None:
    """Remove the folders within this one whose names are not known."""
    remove_debris(folder)
    with os.scandir(folder) as found:
        strange = [entry.path for entry in found if entry.name not in known and entry.is_dir()]
    for path in strange:
        _log.info("removing %s, which belongs to nothing", path)
        remove_folder(Path(path))


def _shard_name() -> str:
    return "".join(secrets.choice(_SHARD_LETTERS) for _ in range(_SHARD_NAME_LENGTH))


def _definition(collection: Collection) -> bytes:
    return orjson.dumps(render_collection(collection))


def _no_collection(name: str) -> CollectionNotFound:
    return CollectionNotFound(f'class "{name}" not found in schema')


def _no_tenant(tenant: str) -> TenantNotFound:
    return TenantNotFound(f'tenant not found: "{tenant}"')


def _not_active(tenant: str) -> TenantNotFound:
    return TenantNotFound(f"tenant not active: '{tenant}'")
