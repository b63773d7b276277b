"""`Filters` messages into the engine's `Filter`.

The wire does not say which type a property has, so clients may send an int for a number or a text for an int; such
values are made to fit here, as far as nothing is lost. Dates and uuids always arrive as text. What is left to the
engine: whether the property can be filtered at all, and the order of the objects that pass.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.engine.query import (
    And,
    Compare,
    Filter,
    FilterValue,
    GeoRange,
    Internal,
    Not,
    OfLength,
    OfProperty,
    OfReferenceCount,
    OfReferenced,
    Operator,
    Or,
    Path,
    ValueKind,
)
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

Find: TypeAlias = Callable[[str], Collection]
"""The collection of a name or alias. Raises `CollectionNotFound`."""

_OPERATORS: Mapping[int, Operator] = {
    pb.Filters.OPERATOR_EQUAL: Operator.EQUAL,
    pb.Filters.OPERATOR_NOT_EQUAL: Operator.NOT_EQUAL,
    pb.Filters.OPERATOR_GREATER_THAN: Operator.GREATER_THAN,
    pb.Filters.OPERATOR_GREATER_THAN_EQUAL: Operator.GREATER_THAN_EQUAL,
    pb.Filters.OPERATOR_LESS_THAN: Operator.LESS_THAN,
    pb.Filters.OPERATOR_LESS_THAN_EQUAL: Operator.LESS_THAN_EQUAL,
    pb.Filters.OPERATOR_WITHIN_GEO_RANGE: Operator.WITHIN_GEO_RANGE,
    pb.Filters.OPERATOR_LIKE: Operator.LIKE,
    pb.Filters.OPERATOR_IS_NULL: Operator.IS_NULL,
    pb.Filters.OPERATOR_CONTAINS_ANY: Operator.CONTAINS_ANY,
    pb.Filters.OPERATOR_CONTAINS_ALL: Operator.CONTAINS_ALL,
    pb.Filters.OPERATOR_CONTAINS_NONE: Operator.CONTAINS_NONE,
}
_KINDS: Mapping[str, ValueKind] = {
    "value_text": ValueKind.TEXT,
    "value_int": ValueKind.INT,
    "value_boolean": ValueKind.BOOLEAN,
    "value_number": ValueKind.NUMBER,
    "value_text_array": ValueKind.TEXT,
    "value_int_array": ValueKind.INT,
    "value_boolean_array": ValueKind.BOOLEAN,
    "value_number_array": ValueKind.NUMBER,
    "value_geo": ValueKind.GEO,
}
_LIST_OPERATORS = frozenset({Operator.CONTAINS_ANY, Operator.CONTAINS_ALL, Operator.CONTAINS_NONE})
_INTERNAL_TYPES = {Internal.ID: DataType.TEXT, Internal.CREATED: DataType.DATE, Internal.UPDATED: DataType.DATE}
_LENGTH = re.compile(r"len\((.+)\)")
_INDEX = re.compile(r"\[\d*\]$")
_NUMERAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What a comparison looks at, and the type its value should have."""

    path: Path
    type: DataType


def parse_filter(message: pb.Filters, collection: Collection, find: Find) -> Filter:
    """Raises `InvalidFilter`, and `CollectionNotFound` for a collection named in a path."""
    operator = message.operator
    if operator == pb.Filters.OPERATOR_NOT:
        return Not(_only_operand(message, collection, find))
    if operator in (pb.Filters.OPERATOR_AND, pb.Filters.OPERATOR_OR):
        operands = tuple(parse_filter(operand, collection, find) for operand in message.filters)
        if not operands:
            raise InvalidFilter(f'no children for operator "{_combination_name(operator)}"')
        return And(operands) if operator == pb.Filters.OPERATOR_AND else Or(operands)
    return _comparison(message, collection, find)


def no_such_property(name: str, collection: Collection) -> str:
    return (
        f"no such prop with name '{name}' found in class '{collection.name}' in the schema. "
        "Check your schema files for which properties in this class are available"
    )


def _combination_name(operator: int) -> str:
    return "And" if operator == pb.Filters.OPERATOR_AND else "Or"


def _only_operand(message: pb.Filters, collection: Collection, find: Find) -> Filter:
    if not message.filters:
        raise InvalidFilter('no children for operator "Not"')
    if len(message.filters) > 1:
        raise InvalidFilter(f'too many children for operator "Not". Expected 1, given {len(message.filters)}')
    return parse_filter(message.filters[0], collection, find)


def _comparison(message: pb.Filters, collection: Collection, find: Find) -> Compare:
    leaf = _leaf(message, collection, find)
    operator = _OPERATORS.get(message.operator)
    if operator is None:
        raise InvalidFilter(f"unknown filter operator {_operator_name(message.operator)}")
    field = message.WhichOneof("test_value")
    if field is None:
        raise InvalidFilter(f"filter with operator '{operator}' has no value")
    is_list = field.endswith("_array")
    if is_list != (operator in _LIST_OPERATORS):
        raise InvalidFilter(f"operator '{operator}' takes {'one value' if is_list else 'a list of values'}")
    if field == "value_geo":
        return Compare(leaf.path, operator, _geo_range(message.value_geo), ValueKind.GEO)
    raw = getattr(message, field)
    value, kind = (
        _fitted_list(raw.values, _KINDS[field], leaf.type) if is_list else _fitted(raw, _KINDS[field], leaf.type)
    )
    return Compare(leaf.path, operator, value, kind)


def _operator_name(operator: int) -> str:
    names = pb.Filters.Operator
    return str(names.Name(operator)) if operator in names.values() else str(operator)


def _geo_range(message: pb.GeoCoordinatesFilter) -> GeoRange:
    return GeoRange(message.latitude, message.longitude, message.distance)


# --- What is compared ---


def _leaf(message: pb.Filters, collection: Collection, find: Find) -> _Leaf:
    if message.HasField("target"):
        return _target_leaf(message.target, collection, find)
    return _path_leaf(message.on, collection, find)


def _target_leaf(target: pb.FilterTarget, collection: Collection, find: Find) -> _Leaf:
    match target.WhichOneof("target"):
        case "property":
            return _named_leaf(target.property, collection)
        case "count":
            return _Leaf(OfReferenceCount(_reference(target.count.on, collection).name), DataType.INT)
        case "single_target":
            single = target.single_target
            pointed = find(_only_target(_reference(single.on, collection)))
            return _through(single.on, pointed.name, _target_leaf(single.target, pointed, find))
        case "multi_target":
            multi = target.multi_target
            _reference(multi.on, collection)
            pointed = find(multi.target_collection)
            return _through(multi.on, pointed.name, _target_leaf(multi.target, pointed, find))
        case _:
            raise InvalidFilter("filter has an empty target: name a property")


def _path_leaf(path: Sequence[str], collection: Collection, find: Find) -> _Leaf:
    """The form before there were targets: property, collection, property, …"""
    if len(path) % 2 == 0:
        raise InvalidFilter(
            "paths needs to have a uneven number of components: property, class, property, ...., "
            f"got [{' '.join(path)}]"
        )
    if len(path) == 1:
        prop = collection.property_named(path[0])
        if prop is not None and prop.is_reference:
            return _Leaf(OfReferenceCount(prop.name), DataType.INT)
        return _named_leaf(path[0], collection)
    name, target, *rest = path
    _reference(name, collection)
    pointed = find(target)
    return _through(name, pointed.name, _path_leaf(rest, pointed, find))


def _through(name: str, collection: str, leaf: _Leaf) -> _Leaf:
    return _Leaf(OfReferenced(name, collection, leaf.path), leaf.type)


def _named_leaf(name: str, collection: Collection) -> _Leaf:
    for internal, type in _INTERNAL_TYPES.items():
        if name == internal.value:
            return _Leaf(internal, type)
    if measured := _LENGTH.fullmatch(name):
        return _Leaf(OfLength(_property(measured[1], collection).name), DataType.INT)
    return _Leaf(OfProperty(name), _property(name, collection).type)


def _property(name: str, collection: Collection) -> Property:
    """The property, or with dots the nested one, of that name."""
    first, *nested = name.split(".")
    prop = collection.property_named(_INDEX.sub("", first) if nested else first)
    for part in nested:
        if prop is None:
            break
        prop = next((inner for inner in prop.nested if inner.name == _INDEX.sub("", part)), None)
    if prop is None:
        raise InvalidFilter(no_such_property(name, collection))
    return prop


def _reference(name: str, collection: Collection) -> Property:
    prop = collection.property_named(name)
    if prop is None:
        raise InvalidFilter(no_such_property(name, collection))
    if not prop.is_reference:
        raise InvalidFilter(f"property '{name}' of class '{collection.name}' is no reference")
    return prop


def _only_target(prop: Property) -> str:
    if len(prop.targets) > 1:
        raise InvalidFilter(
            f"property '{prop.name}' points at several classes [{' '.join(prop.targets)}]: name one of them"
        )
    return prop.targets[0]


# --- What it is compared with ---


def _fitted_list(raw: Sequence[Any], kind: ValueKind, type: DataType) -> tuple[FilterValue, ValueKind]:
    pairs = [_fitted(item, kind, type) for item in raw]
    return tuple(value for value, _ in pairs), pairs[0][1] if pairs else kind


def _fitted(value: Any, kind: ValueKind, type: DataType) -> tuple[Any, ValueKind]:
    """The value as the property's type has it, where it can be read that way; else as it came."""
    match type.element, kind:
        case DataType.INT, ValueKind.NUMBER:
            return _whole(value), ValueKind.INT
        case DataType.INT, ValueKind.TEXT:
            return _whole(_parsed(value, "an integer", "int")), ValueKind.INT
        case DataType.NUMBER, ValueKind.INT:
            return float(value), ValueKind.NUMBER
        case DataType.NUMBER, ValueKind.TEXT:
            return _parsed(value, "a number", "float"), ValueKind.NUMBER
        case DataType.DATE, ValueKind.TEXT if not value.isdecimal():
            return value, ValueKind.DATE
        case _:
            return value, kind


def _parsed(text: str, wanted: str, type: str) -> float:
    if not _NUMERAL.fullmatch(text):
        raise InvalidFilter(f"expected {wanted} value, but could not parse string '{text}' as {type}")
    return float(text)


def _whole(number: float) -> int:
    if not math.isfinite(number) or not number.is_integer() or int(number) not in _INT64:
        raise InvalidFilter(f"filtering for integer, but received a floating point number {number!r}")
    return int(number)
