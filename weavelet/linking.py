"""References between objects: add one or many, replace, remove.

A reference is a value of its object, so each change here is a rewrite of the object that holds it. Nothing is
vectorized again: references are not part of any text.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from weavelet.catalog import Catalog
from weavelet.engine.database import Database
from weavelet.engine.shard import Shard
from weavelet.errors import (
    CollectionNotFound,
    InvalidReference,
    ObjectNotFound,
    WeaveletError,
)
from weavelet.ingest import Ingest
from weavelet.schema import names, validate
from weavelet.schema.collection import Collection, Property
from weavelet.schema.objects import Object, beacon
from weavelet.schema.references import Beacon, parse_beacon


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReference:
    """One object's `property` should point at `beacon` (its text, as sent)."""

    collection: str
    id: str
    property: str
    beacon: str
    tenant: str = ""


class Linking:
    """Writes references into one database."""

    def __init__(self, database: Database, catalog: Catalog, ingest: Ingest) -> None:
        self._database = database
        self._catalog = catalog
        self._ingest = ingest

    def add_many(self, references: Sequence[NewReference]) -> list[WeaveletError | None]:
        """Add references, each on its own: what went wrong with each, in order. Targets need not exist."""
        outcome: list[WeaveletError | None] = [None] * len(references)
        by_object: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for position, reference in enumerate(references):
            by_object[(reference.collection, reference.id.lower(), reference.tenant)].append(position)
        for positions in by_object.values():
            self._add_to_one(references, positions, outcome)
        return outcome

    def add(self, reference: NewReference) -> None:
        """Add one reference to an object that exists, to an object that exists. Raises `WeaveletError`."""
        collection, shard = self._source(reference.collection, reference.tenant)
        target = self._checked(collection, reference.property, reference.beacon, reference.tenant)
        self._append(shard, reference.id, self._reference_property(collection, reference.property), [target])

    def replace(self, name: str, id: str, property_name: str, beacons: Sequence[str], tenant: str = "") -> None:
        """Make these the only references of a property. Raises `WeaveletError`."""
        collection, shard = self._source(name, tenant)
        prop = self._reference_property(collection, property_name)
        targets = [self._checked(collection, property_name, text, tenant) for text in beacons]
        self._ingest.rewrite(
            shard, validate.canonical_id(id), lambda current: {**current.properties, prop.name: _values(targets)}
        )

    def delete(self, name: str, id: str, property_name: str, beacon_text: str, tenant: str = "") -> None:
        """Remove a reference; one that is not there is nothing to remove. Raises `WeaveletError`."""
        collection, shard = self._source(name, tenant)
        prop = self._reference_property(collection, property_name)
        target = self._target(prop, parse_beacon(beacon_text))

        def without(current: Object) -> dict[str, Any]:
            present = current.properties.get(prop.name, ())
            return {**current.properties, prop.name: [value for value in present if value != _value(target)]}

        self._ingest.rewrite(shard, validate.canonical_id(id), without)

    def _add_to_one(
        self, references: Sequence[NewReference], positions: Sequence[int], outcome: list[WeaveletError | None]
    ) -> None:
        first = references[positions[0]]
        by_property: dict[str, list[int]] = defaultdict(list)
        for position in positions:
            by_property[references[position].property].append(position)
        for property_name, group in by_property.items():
            try:
                collection, shard = self._source(first.collection, first.tenant)
                prop = self._reference_property(collection, property_name)
                targets = [self._target(prop, parse_beacon(references[position].beacon)) for position in group]
                self._check_tenancy(collection, targets)
                self._append(shard, first.id, prop, targets)
            except ObjectNotFound:
                _fill(outcome, group, ObjectNotFound(f"object with id {first.id} not found"))
            except WeaveletError as error:
                _fill(outcome, group, error)

    def _append(self, shard: Shard, id: str, prop: Property, targets: Sequence[Beacon]) -> None:
        def extended(current: Object) -> dict[str, Any]:
            values = list(current.properties.get(prop.name, ()))
            for value in _values(targets):
                if not (prop.unique_references and value in values):
                    values.append(value)
            return {**current.properties, prop.name: values}

        self._ingest.rewrite(shard, validate.canonical_id(id), extended)

    def _source(self, name: str, tenant: str) -> tuple[Collection, Shard]:
        collection = self._catalog.find(name)
        if collection is None:
            raise CollectionNotFound(f'collection "{names.upper_first(name)}" not found in schema')
        return collection, self._database.shard(collection.name, tenant)

    def _reference_property(self, collection: Collection, name: str) -> Property:
        prop = collection.property_named(names.lower_first(name))
        if prop is None:
            raise InvalidReference(f"property '{name}' not found in schema")
        if not prop.is_reference:
            raise InvalidReference(f"prop {name} is present, but not a ref, got: {prop.type}")
        return prop

    def _checked(self, collection: Collection, property_name: str, text: str, tenant: str) -> Beacon:
        prop = self._reference_property(collection, property_name)
        target = self._target(prop, parse_beacon(text))
        self._check_tenancy(collection, [target])
        if not self._exists(target, tenant):
            raise InvalidReference(f"validate reference: no object with id {target.id} found")
        return target

    def _target(self, prop: Property, parsed: Beacon) -> Beacon:
        """A beacon without a collection means the property's only target."""
        if parsed.collection:
            return parsed
        if len(prop.targets) > 1:
            raise InvalidReference(
                f"multiple targets for property '{prop.name}': the beacon must name one of {', '.join(prop.targets)}"
            )
        return Beacon(prop.targets[0], parsed.id)

    def _check_tenancy(self, source: Collection, targets: Sequence[Beacon]) -> None:
        if source.multi_tenancy.enabled:
            return
        for target in targets:
            collection = self._catalog.find(target.collection)
            if collection is not None and collection.multi_tenancy.enabled:
                raise InvalidReference(
                    "invalid reference: cannot reference a multi-tenant enabled class from a non multi-tenant "
                    "enabled class"
                )

    def _exists(self, target: Beacon, tenant: str) -> bool:
        collection = self._catalog.find(target.collection)
        if collection is None:
            return False
        return self._database.shard(collection.name, tenant if collection.multi_tenancy.enabled else "").exists(
            target.id
        )


def _value(target: Beacon) -> dict[str, str]:
    return {"beacon": beacon(target.collection, target.id)}


def _values(targets: Sequence[Beacon]) -> list[dict[str, str]]:
    return [_value(target) for target in targets]


def _fill(outcome: list[WeaveletError | None], positions: Sequence[int], error: WeaveletError) -> None:
    for position in positions:
        outcome[position] = error
