"""One object against a filter, read from its values alone: what every index must agree with.

Objects inside the object are named by their places (`cars` second, its `tires` first: `(1, 0)`); a set of objects is
a frozenset of such names, the object itself being `()`. Slow and plain on purpose.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, assert_never

import numpy as np

from weavelet.engine.columns import compared, metres_from
from weavelet.engine.fields import beacons, can_filter, has_content, has_length, text_terms
from weavelet.engine.filter_tree import evaluate
from weavelet.engine.filter_values import (
    CONTAINS,
    check_operator,
    contained_terms,
    number,
    text_terms_of,
    timestamp_ms,
    uuid,
    values_of,
)
from weavelet.engine.like import matcher
from weavelet.engine.nested_paths import LevelPath, Step, address, is_nested
from weavelet.engine.query import (
    Compare,
    Filter,
    GeoRange,
    Internal,
    OfLength,
    OfProperty,
    OfReferenceCount,
    OfReferenced,
    Operator,
    PointsAt,
)
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.objects import Object
from weavelet.schema.uuids import canonical_uuid

_Name: TypeAlias = tuple[int, ...]
_Names: TypeAlias = frozenset[_Name]


def matches(where: Filter, object: Object, collection: Collection) -> bool:
    """Whether the object passes the filter. Raises `InvalidFilter` for a value that cannot be read."""
    return bool(evaluate(where, _RowSpace(object, collection)))


class _RowSpace:
    def __init__(self, object: Object, collection: Collection) -> None:
        self._object = object
        self._collection = collection

    def everything(self, path: LevelPath) -> _Names:
        return frozenset(self._objects(path))

    def owners(self, path: LevelPath, members: _Names) -> _Names:
        return frozenset(name[:-1] for name in members)

    def holding(self, comparison: Compare | PointsAt) -> tuple[LevelPath, _Names]:
        if isinstance(comparison, PointsAt):
            return (), _whole(self._points_at(comparison))
        match comparison.path:
            case OfProperty(name):
                return self._of_property(name, comparison)
            case OfReferenceCount(name):
                return (), _whole(_count_holds(self._object.properties.get(name), comparison))
            case OfLength(name):
                return (), _whole(self._length_holds(name, comparison))
            case Internal.ID:
                return (), _whole(_id_holds(self._object.id, comparison))
            case Internal.CREATED:
                return (), _whole(_time_holds(self._object.created_ms, comparison))
            case Internal.UPDATED:
                return (), _whole(_time_holds(self._object.updated_ms, comparison))
            case OfReferenced(property=name):
                raise InvalidFilter(f"the objects behind reference '{name}' were not looked up")
            case _:
                assert_never(comparison.path)

    def _points_at(self, wanted: PointsAt) -> bool:
        prop = self._collection.property_named(wanted.property)
        if prop is None or not prop.is_reference:
            return False
        return not wanted.beacons.isdisjoint(beacons(self._object.properties.get(prop.name) or ()))

    def _objects(self, path: LevelPath) -> dict[_Name, Mapping[str, Any]]:
        """The objects of a level by their names."""
        found: dict[_Name, Mapping[str, Any]] = {(): self._object.properties}
        for step in path:
            found = {
                (*name, place): inner
                for name, properties in found.items()
                for place, inner in enumerate(_listed(properties.get(step.name)))
                if step.place in (None, place)
            }
        return found

    def _of_property(self, name: str, compare: Compare) -> tuple[LevelPath, _Names]:
        found = address(name, self._collection)
        prop = found.property
        if is_nested(prop):
            inner = {name[:-1] for name in self._objects((*found.path, Step(prop.name, found.place)))}
            return found.path, frozenset(
                name for name in self._objects(found.path) if (name not in inner) == compare.value
            )
        return found.path, frozenset(
            name
            for name, properties in self._objects(found.path).items()
            if self._holds(properties.get(prop.name), prop, compare)
        )

    def _holds(self, value: Any, prop: Property, compare: Compare) -> bool:
        if compare.operator is Operator.IS_NULL:
            if prop.type in (DataType.GEO, DataType.PHONE, DataType.BLOB, DataType.BLOB_HASH):
                return False
            return (value is None or not has_content(value)) == compare.value
        if prop.is_reference:
            return _count_holds(value, compare)
        if not can_filter(prop):
            raise InvalidFilter(f"property '{prop.name}' is not indexed")
        check_operator(compare.operator, prop)
        if isinstance(compare.value, GeoRange):
            return value is not None and _is_near(value, compare.value)
        if prop.is_text:
            return self._text_holds(value, prop, compare)
        wanted = values_of(compare, prop.name)
        if prop.type.element is DataType.UUID:
            return _any_holds(_listed(value), compare.operator, [uuid(one) for one in wanted])
        has = [number(one, prop) for one in _listed(value)]
        return _any_holds(has, compare.operator, [number(one, prop) for one in wanted])

    def _text_holds(self, value: Any, prop: Property, compare: Compare) -> bool:
        inverted, operator = self._collection.inverted, compare.operator
        has = set(text_terms(value, prop)) if value is not None else set()
        wanted = values_of(compare, prop.name)
        if operator in CONTAINS:
            contained = [has.issuperset(terms) for terms in contained_terms(wanted, operator, prop, inverted)]
            if operator is Operator.CONTAINS_ALL:
                return all(contained)
            return any(contained) == (operator is Operator.CONTAINS_ANY)
        terms = text_terms_of(wanted[0], prop, inverted, wildcard=operator is Operator.LIKE)
        match operator:
            case Operator.NOT_EQUAL:
                return has.isdisjoint(terms)
            case Operator.LIKE:
                return all(any(map(matcher(pattern), has)) for pattern in terms)
            case _:
                return all(_any_holds(sorted(has), operator, [term]) for term in terms)

    def _length_holds(self, name: str, compare: Compare) -> bool:
        prop = address(name, self._collection).property
        value = self._object.properties.get(name)
        length = None
        if value is not None and has_length(prop.type):
            length = len(value)
        elif value is None and (self._collection.inverted.index_null_state or prop.is_reference):
            length = 0
        return _any_holds([] if length is None else [length], compare.operator, [compare.value])


def _whole(holds: bool) -> _Names:
    return frozenset({()}) if holds else frozenset()


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _count_holds(references: Any, compare: Compare) -> bool:
    if compare.operator is Operator.IS_NULL:
        return (not references) == compare.value
    return _any_holds([len(references or ())], compare.operator, [compare.value])


def _id_holds(id: str, compare: Compare) -> bool:
    wanted = [canonical_uuid(str(value)) or str(value) for value in values_of(compare, "id")]
    if compare.operator is Operator.LIKE:
        return matcher(wanted[0])(id)
    return _any_holds([id], compare.operator, wanted)


def _time_holds(milliseconds: int, compare: Compare) -> bool:
    return _any_holds([milliseconds], compare.operator, [timestamp_ms(value) for value in values_of(compare, "time")])


def _is_near(place: Mapping[str, float], area: GeoRange) -> bool:
    latitude, longitude = np.array([[place["latitude"]], [place["longitude"]]], np.float32)
    return bool(metres_from(area, latitude, longitude)[0] <= area.metres)


def _any_holds(has: Sequence[Any], operator: Operator, wanted: Sequence[Any]) -> bool:
    """Whether at least one of the values compares so; for negations, whether none of them is wanted."""
    match operator:
        case Operator.NOT_EQUAL | Operator.CONTAINS_NONE:
            return not any(value == one for value in has for one in wanted)
        case Operator.CONTAINS_ALL:
            return all(any(value == one for value in has) for one in wanted)
        case Operator.CONTAINS_ANY:
            return any(value == one for value in has for one in wanted)
        case _:
            return any(bool(compared(np.array([value], object), operator, wanted[0])[0]) for value in has)
