"""Filters that look through references, answered one collection at a time.

`resolve` replaces every comparison behind a reference (`author.Author.name = "Ada"`) by the set of beacons it leads
to, so that a shard can answer the rest from its own indexes. It reads other collections' shards under their own
locks, before the search itself starts.
"""

from typing import assert_never

from weavelet.engine import filters
from weavelet.engine.database import Database
from weavelet.engine.query import And, Compare, Filter, Not, OfReferenced, Or, PointsAt
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection
from weavelet.schema.objects import beacon


def resolve(where: Filter | None, collection: Collection, tenant: str, database: Database) -> Filter | None:
    """The same filter without `OfReferenced` paths. Raises `InvalidFilter` where it does not fit the collection."""
    if where is None:
        return None
    filters.check(where, collection)
    return _resolved(where, collection, tenant, database)


def _resolved(where: Filter, collection: Collection, tenant: str, database: Database) -> Filter:
    match where:
        case And(operands):
            return And(tuple(_resolved(operand, collection, tenant, database) for operand in operands))
        case Or(operands):
            return Or(tuple(_resolved(operand, collection, tenant, database) for operand in operands))
        case Not(operand):
            return Not(_resolved(operand, collection, tenant, database))
        case Compare(OfReferenced() as path, operator, value, kind):
            target = _target(path, collection, database)
            inner = Compare(path.path, operator, value, kind)
            return PointsAt(path.property, _beacons(inner, target, tenant, database))
        case Compare() | PointsAt():
            return where
        case _:
            assert_never(where)


def _target(path: OfReferenced, collection: Collection, database: Database) -> Collection:
    prop = collection.property_named(path.property)
    if prop is None:
        raise InvalidFilter(
            f"no such prop with name '{path.property}' found in class '{collection.name}' in the schema. "
            "Check your schema files for which properties in this class are available"
        )
    name = path.collection or "".join(prop.targets[:1])
    target = database.collections.get(name)
    if target is None:
        raise InvalidFilter(f"class '{name}' behind reference '{path.property}' is not present in the schema")
    return target


def _beacons(where: Compare, target: Collection, tenant: str, database: Database) -> frozenset[str]:
    inner = resolve(where, target, tenant, database)
    assert inner is not None
    shard = database.shard(target.name, tenant if target.multi_tenancy.enabled else "")
    with shard.read_lock():
        docs = filters.allowed(inner, shard.properties, target)
        return frozenset(beacon(target.name, shard.id_of(int(doc))) for doc in docs.array())
