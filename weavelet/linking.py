"""References between objects: add one or many, replace, remove.

A reference is a value of its object, so each change here is a rewrite of the object that holds it. Nothing is
vectorized again: references are not part of any text.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from weavelet.catalog import Catalog
from weavelet.engine.database import Database
from weavelet.engine.shard import Shard
from weavelet.errors import CollectionNotFound, InvalidReference, ObjectNotFound, WeaveletError
from weavelet.ingest import Ingest
from weavelet.schema import names, validate
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.objects import Object
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
        by_shard: dict[Shard, dict[str, dict[int, _Link]]] = defaultdict(lambda: defaultdict(dict))
        for position, reference in enumerate(references):
            try:
                link = self._link(reference)
                by_shard[link.shard][link.id][position] = link
            except WeaveletError as error:
                outcome[position] = _said_of_batch(error, reference)
        for shard, by_object in by_shard.items():
            changes = {id: _with_links(tuple(links.values())) for id, links in by_object.items()}
            for id, failure in self._ingest.rewrite_many(shard, changes).items():
                for position in by_object[id]:
                    outcome[position] = failure and _said_of_batch(failure, references[position])
        return outcome

    def add(self, reference: NewReference) -> None:
        """Add one reference to an object that exists, to an object that exists. Raises `WeaveletError`."""
        link = self._link(reference)
        self._check_exists(link.target, reference.tenant)
        self._ingest.rewrite(link.shard, link.id, _with_links([link]))

    def replace(self, name: str, id: str, property_name: str, beacons: Sequence[str], tenant: str = "") -> None:
        """Make these the only references of a property. Raises `WeaveletError`."""
        collection, shard = self._source(name, tenant)
        prop = _reference_property(collection, property_name)
        targets = [self._target(collection, prop, text) for text in beacons]
        for target in targets:
            self._check_exists(target, tenant)
        values = [_value(target) for target in targets]
        self._ingest.rewrite(
            shard, validate.canonical_id(id), lambda current: {**current.properties, prop.name: values}
        )

    def delete(self, name: str, id: str, property_name: str, beacon_text: str, tenant: str = "") -> None:
        """Remove a reference; one that is not there is nothing to remove. Raises `WeaveletError`."""
        collection, shard = self._source(name, tenant)
        prop = _reference_property(collection, property_name)
        unwanted = _value(_completed(prop, parse_beacon(beacon_text)))

        def without(current: Object) -> dict[str, Any]:
            present = current.properties.get(prop.name, ())
            return {**current.properties, prop.name: [value for value in present if value != unwanted]}

        self._ingest.rewrite(shard, validate.canonical_id(id), without)

    def _link(self, reference: NewReference) -> "_Link":
        collection, shard = self._source(reference.collection, reference.tenant)
        prop = _reference_property(collection, reference.property)
        return _Link(shard, validate.canonical_id(reference.id), prop, self._target(collection, prop, reference.beacon))

    def _source(self, name: str, tenant: str) -> tuple[Collection, Shard]:
        collection = self._catalog.find(name)
        if collection is None:
            raise CollectionNotFound(f'source class "{names.upper_first(name)}" not found in schema')
        return collection, self._database.shard(collection.name, tenant)

    def _target(self, source: Collection, prop: Property, text: str) -> Beacon:
        target = _completed(prop, parse_beacon(text))
        found = self._catalog.find(target.collection)
        if found is not None and found.multi_tenancy.enabled and not source.multi_tenancy.enabled:
            raise InvalidReference(
                "invalid reference: cannot reference a multi-tenant enabled class from a non multi-tenant enabled class"
            )
        return target

    def _check_exists(self, target: Beacon, tenant: str) -> None:
        if not self._catalog.has_object(target, tenant):
            raise InvalidReference(f"validate reference: no object with id {target.id} found")
        if target.collection != names.upper_first(target.collection):
            raise CollectionNotFound(f'target class "{target.collection}" not found in schema')


@dataclass(frozen=True, slots=True)
class _Link:
    """An object, by its shard and id, and what its property should point at."""

    shard: Shard
    id: str
    property: Property
    target: Beacon


def _reference_property(collection: Collection, name: str) -> Property:
    prop = collection.property_named(names.lower_first(name))
    if prop is None:
        raise InvalidReference(f"property '{name}' not found in schema")
    if not prop.is_reference:
        raise InvalidReference(f"prop {name} is present, but not a ref, got: {_json_kind(prop)}")
    return prop


def _json_kind(prop: Property) -> str:
    """What JSON the values of a property are."""
    if prop.type.is_array:
        return "array"
    match prop.type:
        case DataType.INT | DataType.NUMBER:
            return "number"
        case DataType.BOOLEAN:
            return "boolean"
        case DataType.GEO | DataType.PHONE | DataType.OBJECT:
            return "object"
        case _:
            return "string"


def _completed(prop: Property, target: Beacon) -> Beacon:
    """A beacon without a collection means the only one its property points at; where there are more it stays so."""
    if target.collection or len(prop.targets) != 1:
        return target
    return Beacon(prop.targets[0], target.id)


def _with_links(links: Sequence[_Link]) -> Callable[[Object], dict[str, Any]]:
    """An object's properties with these references at the end of theirs."""

    def extended(current: Object) -> dict[str, Any]:
        properties = dict(current.properties)
        for link in links:
            present = properties.get(link.property.name, ())
            value = _value(link.target)
            if not (link.property.unique_references and value in present):
                properties[link.property.name] = [*present, value]
        return properties

    return extended


def _value(target: Beacon) -> dict[str, str]:
    return {"beacon": target.text}


def _said_of_batch(error: WeaveletError, reference: NewReference) -> WeaveletError:
    """The error of one reference of many, which says that it is one, or which object is missing."""
    match error:
        case ObjectNotFound():
            return ObjectNotFound(f"ref batch: object with id {reference.id} not found")
        case InvalidReference():
            return InvalidReference(f"ref batch: {error}")
        case _:
            return error
