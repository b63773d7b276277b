"""What collections, aliases and tenants there are, and who may change them how.

The doors' way to the schema: names are made canonical here (first letter in capitals, aliases followed), documents
are checked by `weavelet.schema`, and what passes is kept by the database. Every change is one step: refused whole,
or durable when the call returns. Knows no wire and no module.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any

from weavelet.engine.database import Database
from weavelet.errors import (
    CollectionNotFound,
    Conflict,
    InvalidInput,
    InvalidSchema,
    NotFound,
    TenantNotFound,
)
from weavelet.schema import changes, codec, names
from weavelet.schema.collection import Collection, Property, TenantStatus
from weavelet.schema.references import Beacon
from weavelet.schema.rules import SchemaRules

MAXIMUM_TENANT_UPDATES = 100

_STATUSES = {
    "HOT": TenantStatus.HOT,
    "ACTIVE": TenantStatus.HOT,
    "COLD": TenantStatus.COLD,
    "INACTIVE": TenantStatus.COLD,
}
_OFFLOADED = frozenset({"FROZEN", "OFFLOADED"})


@dataclass(frozen=True, slots=True)
class TenantChange:
    """One tenant as a caller names it; `status` None where the caller gave none."""

    name: str
    status: str | None = None


class Catalog:
    """The collections of one database, under the rules of one server."""

    def __init__(self, database: Database, rules: SchemaRules) -> None:
        self._database = database
        self._rules = rules
        self._lock = RLock()

    @property
    def version(self) -> int:
        """Goes up with every change that a door may have to show."""
        return self._database.version

    @property
    def rules(self) -> SchemaRules:
        return self._rules

    def collections(self) -> Mapping[str, Collection]:
        """Every collection by its own name."""
        return self._database.collections

    def collection(self, name: str) -> Collection:
        """The collection of that name or alias. Raises `CollectionNotFound`."""
        found = self.find(name)
        if found is None:
            raise CollectionNotFound(f"could not find class {name} in schema")
        return found

    def find(self, name: str) -> Collection | None:
        """The collection of that name or alias, the first letter in either case; or None."""
        return self._database.collections.get(self.meant(name))

    def meant(self, name: str) -> str:
        """The collection that a name or an alias stands for, whether or not there is one."""
        canonical = names.upper_first(name)
        if canonical in self._database.collections:
            return canonical
        return self._database.aliases.get(canonical, canonical)

    def locate(self, id: str) -> str | None:
        """The collection, of those without tenants, that holds an object of that id."""
        for name, collection in sorted(self.collections().items()):
            if not collection.multi_tenancy.enabled and self._database.shard(name).exists(id):
                return name
        return None

    def has_object(self, target: Beacon, tenant: str = "") -> bool:
        """Whether there is such an object; in any collection where the beacon names none."""
        if not target.collection:
            return self.locate(target.id) is not None
        collection = self.find(target.collection)
        if collection is None:
            return False
        tenant = tenant if collection.multi_tenancy.enabled else ""
        return self._database.shard(collection.name, tenant).exists(target.id)

    # --- Collections ---

    def create(self, document: Mapping[str, Any]) -> Collection:
        """Add a collection from its class JSON. Raises `InvalidSchema`."""
        with self._lock:
            collection = codec.parse_collection(document, self._rules, self._exists)
            return self.add(collection)

    def add(self, collection: Collection, *, secretly: bool = False) -> Collection:
        """Add a collection that is parsed already. Raises `InvalidSchema` where its name is taken.

        One that is added secretly is not seen until `reveal`, and gone with the process if that never comes.
        """
        with self._lock:
            self._check_name_is_free(collection.name)
            self._check_room()
            self._database.create(collection, secretly=secretly)
            return collection

    def reveal(self, names: Sequence[str]) -> None:
        """Show collections that were added secretly, all at once. Raises `InvalidSchema` where a name is taken."""
        with self._lock:
            for name in names:
                self._check_name_is_free(name)
            self._database.reveal(names)

    def update(self, name: str, document: Mapping[str, Any]) -> Collection:
        """Put a definition in place of the present one, as far as that is legal.

        Returns the definition as it was asked for, with defaults. Aliases are not followed. Raises
        `CollectionNotFound` and `InvalidSchema`.
        """
        with self._lock:
            current = self._own(name)
            asked = codec.parse_update(current, document, self._rules)
            shards = [shard.name for shard in self._database.shards(current.name)]
            self._database.redefine(changes.merged(current, asked, self._rules, shards))
            return asked

    def evolve(self, name: str, step: Callable[[Collection | None], Collection | None]) -> None:
        """Replace a definition by what `step` makes of the present one; None leaves it. For auto-schema."""
        with self._lock:
            current = self.find(name)
            wanted = step(current)
            if wanted is None:
                return
            if current is None:
                self.add(wanted)
            else:
                self._database.redefine(wanted)

    def drop(self, name: str) -> None:
        """Remove a collection with everything in it. A name that is none, or an alias, removes nothing."""
        with self._lock:
            canonical = names.upper_first(name)
            if canonical in self._database.collections:
                self._database.drop(canonical)

    def add_property(self, name: str, document: Mapping[str, Any]) -> Property:
        """Add a property from its JSON. Aliases are not followed. Raises `InvalidSchema`."""
        with self._lock:
            try:
                current = self._own(name)
            except CollectionNotFound as error:
                raise InvalidSchema(f'class "{names.upper_first(name)}": not found') from error
            prop = codec.parse_property(document, current, self._rules, self._exists)
            self._database.redefine(changes.with_property(current, prop))
            return prop

    def drop_property_index(self, name: str, property_name: str, index: str) -> None:
        """Switch one of a property's indexes off. Raises `CollectionNotFound` and `InvalidSchema`."""
        with self._lock:
            self._database.redefine(changes.without_property_index(self._own(name), property_name, index))

    def _own(self, name: str) -> Collection:
        canonical = names.upper_first(name)
        try:
            return self._database.collections[canonical]
        except KeyError:
            raise CollectionNotFound(f"class {canonical} not found") from None

    def _exists(self, name: str) -> bool:
        return name in self._database.collections

    def _check_name_is_free(self, name: str) -> None:
        if name in self._database.collections:
            raise InvalidSchema(f"class name {name} already exists")
        if name in self._database.aliases:
            raise InvalidSchema(f"alias name {name} already exists")
        folded = name.casefold()
        for taken in self._database.collections:
            if taken.casefold() == folded:
                raise InvalidSchema(f'class already exists: found similar class "{taken}"')
        for taken in self._database.aliases:
            if taken.casefold() == folded:
                raise InvalidSchema(f'class already exists: found similar alias "{taken}"')

    def _check_room(self) -> None:
        most = self._rules.maximum_collections
        if 0 <= most <= len(self._database.collections):
            raise InvalidSchema(f"maximum number of collections ({most}) reached, delete one to make room for another")

    # --- Aliases ---

    def aliases(self, name: str | None = None) -> Mapping[str, str]:
        """Alias -> collection, of all collections or of the one named."""
        every = self._database.aliases
        if name is None:
            return dict(every)
        canonical = names.upper_first(name)
        return {alias: target for alias, target in every.items() if target == canonical}

    def alias(self, alias: str) -> tuple[str, str]:
        """(alias, collection). Raises `NotFound`."""
        canonical = names.upper_first(alias)
        try:
            return canonical, self._database.aliases[canonical]
        except KeyError:
            raise NotFound(f"alias {canonical} not found") from None

    def create_alias(self, alias: str, name: str) -> tuple[str, str]:
        """Raises `InvalidSchema`; `Conflict` where a collection has the alias's name."""
        with self._lock:
            canonical, target = names.alias_name(alias), names.collection_name(name)
            if canonical in self._database.aliases:
                raise InvalidSchema(
                    f"updating schema: TYPE_CREATE_ALIAS: create alias: {canonical}, alias already exists"
                )
            if canonical in self._database.collections:
                raise Conflict(f"create alias: class {canonical} already exists")
            self._check_target(target)
            self._database.put_alias(canonical, target)
            return canonical, target

    def update_alias(self, alias: str, name: str) -> tuple[str, str]:
        """Point an alias elsewhere. Raises `NotFound` and `InvalidSchema`."""
        with self._lock:
            canonical, _ = self.alias(alias)
            target = names.upper_first(name)
            self._check_target(target)
            self._database.put_alias(canonical, target)
            return canonical, target

    def drop_alias(self, alias: str) -> None:
        """Raises `NotFound`."""
        with self._lock:
            canonical, _ = self.alias(alias)
            self._database.drop_alias(canonical)

    def _check_target(self, name: str) -> None:
        if name not in self._database.collections:
            raise InvalidSchema(f'target class "{name}" does not exist')

    # --- Tenants ---

    def tenants(self, name: str) -> Mapping[str, TenantStatus]:
        """Every tenant in order of name. Follows aliases. Raises `CollectionNotFound` and `InvalidSchema`."""
        found = self.find(name)
        if found is None:
            raise CollectionNotFound("class not found")
        _check_multi_tenant(found)
        return dict(sorted(self._database.tenants(found.name).items()))

    def tenant(self, name: str, tenant: str) -> TenantStatus | None:
        """One tenant's status, None where there is none of that name. Otherwise as `tenants`."""
        found = self.find(name)
        if found is None:
            raise CollectionNotFound("class not found")
        return self._database.tenant(found.name, tenant)

    def add_tenants(self, name: str, tenants: Sequence[TenantChange]) -> None:
        """Tenants that are there already stay as they are. Raises `InvalidInput` and `CollectionNotFound`."""
        with self._lock:
            _check_tenants(tenants)
            wanted = {tenant.name: _initial_status(tenant) for tenant in tenants}
            collection = self._multi_tenant(name)
            new = {tenant: status for tenant, status in wanted.items() if not self._has(collection, tenant)}
            self._database.put_tenants(collection.name, new)

    def update_tenants(self, name: str, tenants: Sequence[TenantChange]) -> None:
        """Open or close tenants. Raises `InvalidInput`, `CollectionNotFound` and `TenantNotFound`."""
        with self._lock:
            if len(tenants) > MAXIMUM_TENANT_UPDATES:
                raise InvalidInput(
                    f"maximum number of tenants allowed to be updated simultaneously is {MAXIMUM_TENANT_UPDATES}. "
                    "Please reduce the number of tenants in your request and try again"
                )
            _check_tenants(tenants)
            wanted = {tenant.name: _status(tenant) for tenant in tenants}
            collection = self._multi_tenant(name)
            if unknown := [tenant for tenant in wanted if not self._has(collection, tenant)]:
                raise TenantNotFound(f"shard not found: {', '.join(unknown)}")
            self._database.put_tenants(collection.name, wanted)

    def drop_tenants(self, name: str, tenants: Sequence[str]) -> None:
        """Remove tenants with their objects; unknown ones are nothing to remove."""
        with self._lock:
            for index, tenant in enumerate(tenants):
                if not tenant:
                    raise InvalidInput(f"empty tenant name at index {index}")
            collection = self._multi_tenant(name)
            self._database.drop_tenants(collection.name, tenants)

    def _has(self, collection: Collection, tenant: str) -> bool:
        return self._database.tenant(collection.name, tenant) is not None

    def _multi_tenant(self, name: str) -> Collection:
        try:
            collection = self._own(name)
        except CollectionNotFound as error:
            raise CollectionNotFound("class not found") from error
        _check_multi_tenant(collection)
        return collection


def _check_multi_tenant(collection: Collection) -> None:
    if not collection.multi_tenancy.enabled:
        raise InvalidSchema(f'multi-tenancy is not enabled for class "{collection.name}"')


def _check_tenants(tenants: Sequence[TenantChange]) -> None:
    names.check_tenants([tenant.name for tenant in tenants])


def _initial_status(tenant: TenantChange) -> TenantStatus:
    return TenantStatus.HOT if not tenant.status else _status(tenant)


def _status(tenant: TenantChange) -> TenantStatus:
    if tenant.status in _OFFLOADED:
        raise InvalidInput("can't offload tenants, because offload-s3 module is not enabled")
    status = _STATUSES.get(tenant.status or "")
    if status is None:
        raise InvalidInput(f"invalid activity status '{tenant.status or ''}' for tenant \"{tenant.name}\"")
    return status
