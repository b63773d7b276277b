"""Where a property is: names of properties, with dots into object properties (`cars.tires.width`, `cars[0].make`).

An `Address` says which level of objects a property belongs to. Imports only the schema's values.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

_PART = re.compile(r"([_A-Za-z][_0-9A-Za-z]*)(?:\[(\d+)\])?")
_OBJECTS = frozenset({DataType.OBJECT, DataType.OBJECT_ARRAY})


@dataclass(frozen=True, slots=True)
class Step:
    """Into an object property: all its objects, or only the one at a place counted from 0."""

    name: str
    place: int | None = None


LevelPath: TypeAlias = tuple[Step, ...]
"""The way to a level of nested objects; () are the objects of the collection."""


@dataclass(frozen=True, slots=True)
class Address:
    """A property on the level that `path` leads to. `place`: only the object there, of an object array."""

    path: LevelPath
    property: Property
    place: int | None = None


def is_nested(prop: Property) -> bool:
    """Whether its values are objects."""
    return prop.type in _OBJECTS


def address(name: str, collection: Collection) -> Address:
    """Where the property is. Raises `InvalidFilter` where there is none of that name."""
    prop = collection.property_named(name)
    if prop is not None:
        return Address((), prop)
    return _nested_address(name, collection)


def no_such_property(name: str, collection: Collection) -> InvalidFilter:
    return InvalidFilter(
        f"no such prop with name '{name}' found in class '{collection.name}' in the schema. "
        "Check your schema files for which properties in this class are available"
    )


def _nested_address(name: str, collection: Collection) -> Address:
    path: list[Step] = []
    properties: Sequence[Property] = collection.properties
    *above, last = name.split(".")
    for part in above:
        prop, place = _found(part, properties, name, collection)
        if not is_nested(prop):
            raise InvalidFilter(f"path '{name}' goes through '{prop.name}', which is no object property")
        path.append(Step(prop.name, place))
        properties = prop.nested
    prop, place = _found(last, properties, name, collection)
    return Address(tuple(path), prop, place)


def _found(part: str, properties: Sequence[Property], name: str, collection: Collection) -> tuple[Property, int | None]:
    match = _PART.fullmatch(part)
    prop = next((p for p in properties if match is not None and p.name == match[1]), None)
    if match is None or prop is None:
        raise no_such_property(name, collection)
    if match[2] is not None and prop.type is not DataType.OBJECT_ARRAY:
        raise InvalidFilter(f"path '{name}' counts the elements of '{prop.name}', which is no list of objects")
    return prop, None if match[2] is None else int(match[2])
