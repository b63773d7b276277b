"""Auto-schema: the definition that objects lack, worked out from their values.

A string is a date or a uuid if it reads as one, else text; every number is one type; `{latitude, longitude}` and
`{input, defaultCountry?}` are geo coordinates and phone numbers at the top level; a list of `{beacon}` is a
reference. What says nothing (null, an empty list) counts as text unless another object of the batch says more. A
property that exists keeps its type; an object property gains the nested properties it lacks.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from weavelet.errors import InvalidObject, InvalidReference, InvalidSchema
from weavelet.schema import changes, codec
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.dates import canonical_date
from weavelet.schema.names import lower_first
from weavelet.schema.objects import NewObject
from weavelet.schema.property_codec import nested_property
from weavelet.schema.references import parse_beacon
from weavelet.schema.rules import SchemaRules
from weavelet.schema.uuids import canonical_uuid
from weavelet.schema.wording import value_text

Locate: TypeAlias = Callable[[str], str | None]
"""The collection of the object with an id, for beacons that do not name it."""

_REFERENCE: Final = "cref"
_OBJECT: Final = DataType.OBJECT.value
_STRINGS: Final = frozenset({DataType.TEXT.value, DataType.UUID.value, DataType.DATE.value})
_GEO_KEYS: Final = frozenset({"latitude", "longitude"})
_PHONE_KEYS: Final = (frozenset({"input"}), frozenset({"input", "defaultCountry"}))


@dataclass(frozen=True, slots=True)
class InferOptions:
    """The data types given to strings, numbers and dates."""

    default_string: str = DataType.TEXT.value
    default_number: str = DataType.NUMBER.value
    default_date: str = DataType.DATE.value


class Integers(list[int]):
    """A list that the caller's protocol, unlike JSON, says is one of integers."""


def inferred(
    collection: Collection | None,
    name: str,
    objects: Sequence[NewObject],
    rules: SchemaRules,
    options: InferOptions,
    now: datetime,
    *,
    exists: Callable[[str], bool] = lambda _: True,
    locate: Locate = lambda _: None,
) -> Collection | None:
    """The definition with everything the objects need; None where nothing is to be added.

    `collection` None asks for a new one called `name`. Raises `InvalidObject` for a value of no type, and
    `InvalidSchema` for a name that no property or collection can have.
    """
    inference = _Inference(name, options, locate, time.asctime(now.timetuple()))
    values = _values_by_name(new.properties or {} for new in objects)
    if collection is None:
        return _created(inference, values, rules, exists)
    extended = _extended(collection, inference, values, rules, exists)
    return None if extended is collection else extended


def _created(
    inference: "_Inference", values: Mapping[str, list[Any]], rules: SchemaRules, exists: Callable[[str], bool]
) -> Collection:
    document = {
        "class": inference.collection,
        "description": inference.description("property"),
        "properties": [inference.property(name, known) for name, known in values.items()],
    }
    try:
        return codec.parse_collection(document, rules, exists)
    except InvalidSchema as error:
        raise InvalidSchema(f"auto-schema: create collection: {error}") from error


def _extended(
    collection: Collection,
    inference: "_Inference",
    values: Mapping[str, list[Any]],
    rules: SchemaRules,
    exists: Callable[[str], bool],
) -> Collection:
    for name, known in values.items():
        prop = collection.property_named(name)
        if prop is None:
            added = codec.parse_property(inference.property(name, known), collection, rules, exists)
            collection = changes.with_property(collection, added)
        elif prop.nested and (fuller := inference.extended(prop, name, known)) is not prop:
            properties = tuple(fuller if old is prop else old for old in collection.properties)
            collection = replace(collection, properties=properties)
    return collection


def _values_by_name(objects: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Every property's values, those that tell a type first."""
    values: dict[str, list[Any]] = {}
    for properties in objects:
        for name, value in properties.items():
            values.setdefault(lower_first(name), []).append(value)
    return {name: sorted(known, key=_says_nothing) for name, known in values.items()}


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, list) and not value and not isinstance(value, Integers))


@dataclass(frozen=True, slots=True)
class _Inference:
    """Property documents from values, for one collection at one time."""

    collection: str
    options: InferOptions
    locate: Locate
    time: str

    def description(self, kind: str) -> str:
        return f"This {kind} was generated by Weaviate's auto-schema feature on {self.time}"

    def property(self, name: str, values: Sequence[Any]) -> dict[str, Any]:
        """The document of a property that has these values in some objects."""
        return self._document(name, name, values, nested=False)

    def extended(self, prop: Property, path: str, values: Sequence[Any]) -> Property:
        """An object property with the nested properties that its values need; the same one if it lacks none."""
        nested = {inner.name: inner for inner in prop.nested}
        for name, known in _values_by_exact_name(_maps(prop.type, values)).items():
            inner = nested.get(name)
            if inner is None:
                nested[name] = nested_property(self._document(name, f"{path}.{name}", known, nested=True), path)
            elif inner.nested:
                nested[name] = self.extended(inner, f"{path}.{name}", known)
        fuller = tuple(nested.values())
        return prop if fuller == prop.nested else replace(prop, nested=fuller)

    def _document(self, name: str, path: str, values: Sequence[Any], *, nested: bool) -> dict[str, Any]:
        types = self._types(path, values[0], nested=nested)
        document: dict[str, Any] = {
            "name": name,
            "dataType": types,
            "description": self.description("nested property" if nested else "property"),
        }
        if types[0] in (DataType.OBJECT, DataType.OBJECT_ARRAY):
            inner = _values_by_exact_name(_maps(DataType(types[0]), values))
            document["nestedProperties"] = [
                self._document(key, f"{path}.{key}", known, nested=True) for key, known in inner.items()
            ]
        return document

    def _types(self, path: str, value: Any, *, nested: bool) -> list[str]:
        """The `dataType` of a value."""
        match value:
            case None:
                return [DataType.TEXT.value]
            case Integers():
                return [DataType.INT_ARRAY.value]
            case list() | tuple():
                return self._list_types(path, value)
            case Mapping() if not nested and value.keys() == _GEO_KEYS:
                return [DataType.GEO.value]
            case Mapping() if not nested and value.keys() in _PHONE_KEYS:
                return [DataType.PHONE.value]
            case _:
                return [self._scalar(value) or DataType.TEXT.value]

    def _list_types(self, path: str, items: Sequence[Any]) -> list[str]:
        if not items:
            return [DataType.TEXT_ARRAY.value]
        common = ""
        for position, item in enumerate(items):
            try:
                common = _common(common, self._element(item), item)
            except InvalidObject as error:
                raise InvalidObject(
                    f"property '{path}' on class '{self.collection}': element [{position}]: {error}"
                ) from None
        return self._targets(items) if common == _REFERENCE else [f"{common}[]"]

    def _element(self, item: Any) -> str | None:
        return _REFERENCE if _is_reference(item) else self._scalar(item)

    def _scalar(self, value: Any) -> str | None:
        match value:
            case bool():
                return DataType.BOOLEAN.value
            case int() | float():
                return self.options.default_number
            case str():
                return self._string(value)
            case Mapping():
                return _OBJECT
            case _:
                return None

    def _string(self, text: str) -> str:
        if canonical_uuid(text) is not None:
            return DataType.UUID.value
        try:
            canonical_date(text)
        except ValueError:
            return self.options.default_string
        return self.options.default_date

    def _targets(self, references: Sequence[Mapping[str, Any]]) -> list[str]:
        targets: dict[str, None] = {}
        for reference in references:
            try:
                beacon = parse_beacon(reference["beacon"])
            except InvalidReference as error:
                raise InvalidObject(str(error)) from error
            target = beacon.collection or self.locate(beacon.id)
            if target is None:
                raise InvalidObject(f"no object with id {beacon.id} found")
            targets[target] = None
        return list(targets)


def _is_reference(item: Any) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get("beacon"), str)


def _common(common: str, kind: str | None, item: Any) -> str:
    """The type of a list's elements so far and one more."""
    if kind is None:
        raise InvalidObject(
            f"unrecognized data type of value '{value_text(item)}' - one of 'text', 'number', 'int', 'boolean', "
            "'date', 'uuid', 'object', 'cref' expected"
        )
    if common in ("", kind):
        return kind
    if common in _STRINGS and kind in _STRINGS:
        return DataType.TEXT.value
    raise InvalidObject(f"mismatched data type - '{common}' expected, got '{kind}'")


def _maps(type: DataType, values: Sequence[Any]) -> Iterable[Mapping[str, Any]]:
    """The objects among the values of an object property, or among the elements of its lists."""
    if type is DataType.OBJECT_ARRAY:
        values = [item for value in values if isinstance(value, list | tuple) for item in value]
    return (value for value in values if isinstance(value, Mapping))


def _values_by_exact_name(maps: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for value in maps:
        for name, inner in value.items():
            values.setdefault(name, []).append(inner)
    return {name: sorted(known, key=_says_nothing) for name, known in values.items()}
