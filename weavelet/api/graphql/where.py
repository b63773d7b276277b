"""A `where` filter, as GraphQL arguments and JSON bodies have it, into the engine's `Filter`.

`parse_where` looks at the form of each clause: an operator, a path, one value. Values keep the kind the caller gave
them (`valueInt`, `valueText`, …), and a list of values becomes a tuple. `check_where` asks the engine whether each path
leads anywhere and the value fits what is there, behind references too. Both raise `InvalidFilter`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from weavelet.engine.filter_check import check
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
from weavelet.schema.collection import Collection

Clause = Mapping[str, Any]
Find = Callable[[str], Collection | None]
"""The collection of a name or alias, or None."""

_COMBINATIONS = frozenset({"And", "Or", "Not"})
_LENGTH = re.compile(r"len\((.*)\)")
_INTERNAL = {"id": Internal.ID, **{internal.value: internal for internal in Internal}}
_START = "invalid where filter: "


def parse_where(clause: Clause, collection: Collection, find: Find) -> Filter:
    """The filter, on objects of `collection`; `find` gives the collections behind references."""
    name = str(clause.get("operator") or "")
    if name in _COMBINATIONS:
        return _combination(name, clause, collection, find)
    try:
        operator = Operator(name)
    except ValueError:
        raise InvalidFilter(f"unrecognized operator: {name}") from None
    return _comparison(operator, clause, collection, find)


def _combination(name: str, clause: Clause, collection: Collection, find: Find) -> Filter:
    if clause.get("path"):
        raise _clash(name, "path", "'path'")
    if _values(clause):
        raise _clash(name, "value<Type>", "value field")
    operands = clause.get("operands") or ()
    if not operands:
        raise InvalidFilter(f"{_START}operator '{name}', but no operands set - add at least one operand")
    parsed = tuple(parse_where(operand, collection, find) for operand in operands)
    match name:
        case "And":
            return And(parsed)
        case "Or":
            return Or(parsed)
        case _:
            return _negation(parsed)


def _clash(name: str, field: str, what: str) -> InvalidFilter:
    return InvalidFilter(
        f"{_START}operator '{name}' not compatible with field '{field}', remove {what} or switch to compare operator "
        "(eg. Equal, NotEqual, etc.)"
    )


def _negation(operands: tuple[Filter, ...]) -> Not:
    if len(operands) > 1:
        raise InvalidFilter(f'too many children for operator "Not". Expected 1, given {len(operands)}')
    return Not(operands[0])


def _comparison(operator: Operator, clause: Clause, collection: Collection, find: Find) -> Compare:
    if clause.get("operands"):
        raise InvalidFilter(
            f"{_START}operator '{operator}' not compatible with field 'operands', remove 'operands' or switch to "
            "nested operator (eg. And, Or, Not)"
        )
    values = _values(clause)
    if len(values) > 1:
        raise InvalidFilter(f"{_START}found more than one values the clause '{_as_json(clause)}'")
    if not values:
        raise InvalidFilter(f"{_START}got operator '{operator}', but no value<Type> field set")
    path = parse_path(clause.get("path") or (), collection, find, counted=operator is not Operator.IS_NULL)
    kind, value = values[0]
    return Compare(path, operator, _value(kind, value), kind)


def _values(clause: Clause) -> list[tuple[ValueKind, Any]]:
    """The value fields that are set; an empty list counts as no value."""
    given = ((kind, clause.get(kind.value)) for kind in ValueKind)
    return [(kind, value) for kind, value in given if value is not None and value != () and value != []]


def _as_json(clause: Clause) -> str:
    return json.dumps({"operands": None, **clause}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _value(kind: ValueKind, value: Any) -> FilterValue:
    if kind is ValueKind.GEO:
        return _geo_range(value)
    return tuple(value) if isinstance(value, list | tuple) else value


def _geo_range(value: Any) -> GeoRange:
    place, distance = value.get("geoCoordinates") or {}, value.get("distance") or {}
    metres = distance.get("max") or 0.0
    if metres < 0:
        raise InvalidFilter(f"{_START}valueGeoRange: field 'distance.max' must be a positive number")
    if place.get("latitude") is None or place.get("longitude") is None:
        raise InvalidFilter(f"{_START}valueGeoRange: field 'geoCoordinates' must have a latitude and a longitude")
    return GeoRange(float(place["latitude"]), float(place["longitude"]), float(metres))


# --- What the engine says --------------------------------------------------------------------------------------------


def check_where(where: Filter, collection: Collection, find: Find) -> None:
    """Whether the filter fits the collection, and those behind its references."""
    check(where, collection)
    for compare in _comparisons(where):
        if isinstance(compare.path, OfReferenced):
            _check_behind(compare.path, compare, find)


def _check_behind(path: OfReferenced, compare: Compare, find: Find) -> None:
    target = find(path.collection)
    if target is None:
        raise InvalidFilter(f'class "{path.collection}" does not exist in schema')
    check_where(replace(compare, path=path.path), target, find)


def _comparisons(where: Filter) -> Iterator[Compare]:
    match where:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _comparisons(operand)
        case Not(operand):
            yield from _comparisons(operand)
        case Compare():
            yield where


# --- Paths -----------------------------------------------------------------------------------------------------------


def parse_path(path: Sequence[str] | str, collection: Collection | None, find: Find, *, counted: bool = True) -> Path:
    """`["title"]`, `["len(title)"]`, `["author"]` (how many), `["author", "Author", "name"]` and so on.

    `collection` None: one that does not exist. `counted` False: a reference stands for itself, not for its number.
    """
    steps = [path] if isinstance(path, str) else list(path)
    if not steps:
        raise InvalidFilter(f"{_START}field 'path': must have at least one element")
    if len(steps) % 2 == 0:
        raise InvalidFilter(f"{_START}missing an argument after '{steps[-1]}'")
    name, *rest = steps
    if not rest:
        return _last(name, collection, counted)
    target = find(rest[0])
    behind = parse_path(rest[1:], target, find, counted=counted)
    return OfReferenced(name, target.name if target else rest[0], behind)


def _last(name: str, collection: Collection | None, counted: bool) -> Path:
    if name in _INTERNAL:
        return _INTERNAL[name]
    if length := _LENGTH.fullmatch(name):
        return OfLength(length.group(1))
    prop = collection.property_named(name) if collection else None
    return OfReferenceCount(name) if prop is not None and prop.is_reference and counted else OfProperty(name)
