"""Filters that look through references, answered one collection at a time.

`resolve` replaces every comparison behind a reference (`author.Author.name = "Ada"`) by the set of beacons it leads
to, so that a shard can answer the rest from its own indexes, and keeps out what has expired. It reads other
collections' shards under their own locks, before the search itself starts.
"""

from typing import assert_never

from weavelet.engine import filters
from weavelet.engine.database import Database
from weavelet.engine.lifetime import unexpired
from weavelet.engine.query import And, Compare, Filter, Not, OfReferenced, Or, PointsAt
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection
from weavelet.schema.objects import beacon


def resolve(
    where: Filter | None, collection: Collection, tenant: str, database: Database, now_ms: int | None = None
) -> Filter | None:
    """The same filter without `OfReferenced` paths. Raises `InvalidFilter` where it does not fit the collection.

    With `now_ms`, it also keeps out what has expired by then, here and behind references, where that is not to be
    shown.
    """
    shown = None if now_ms is None else unexpired(collection, now_ms)
    if where is None:
        return shown
    filters.check(where, collection, nested=database.settings.nested_filters)
    resolved = _resolved(where, collection, tenant, database, now_ms)
    return resolved if shown is None else And((resolved, shown))


def _resolved(where: Filter, collection: Collection, tenant: str, database: Database, now_ms: int | None) -> Filter:
    match where:
        case And(operands):
            return And(tuple(_resolved(operand, collection, tenant, database, now_ms) for operand in operands))
        case Or(operands):
            return Or(tuple(_resolved(operand, collection, tenant, database, now_ms) for operand in operands))
        case Not(operand):
            return Not(_resolved(operand, collection, tenant, database, now_ms))
        case Compare(OfReferenced() as path, operator, value, kind):
            inner = Compare(path.path, operator, value, kind)
            return PointsAt(path.property, _led_to(path, inner, collection, tenant, database, now_ms))
        case Compare() | PointsAt():
            return where
        case _:
            assert_never(where)


def _led_to(
    path: OfReferenced, where: Compare, collection: Collection, tenant: str, database: Database, now_ms: int | None
) -> frozenset[str]:
    """The beacons of what the comparison holds for; none behind a property that is no reference."""
    prop = collection.property_named(path.property)
    if prop is not None and not prop.is_reference:
        return frozenset()
    name = path.collection or (prop.targets[0] if prop is not None else "")
    target = database.collections.get(name)
    if prop is None or target is None:
        raise InvalidFilter(
            f"no such prop with name '{path.property}' found in class '{collection.name}' in the schema. "
            "Check your schema files for which properties in this class are available"
        )
    inner = resolve(where, target, tenant, database, now_ms)
    assert inner is not None
    shard = database.shard(target.name, tenant if target.multi_tenancy.enabled else "")
    with shard.read_lock():
        docs = filters.allowed(inner, shard.properties, target)
        return frozenset(beacon(target.name, shard.id_of(int(doc))) for doc in docs.array())
