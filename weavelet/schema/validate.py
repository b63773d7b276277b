"""What a caller sends for one object, checked against its collection and brought into the form that is kept.

Canonical values are JSON values: dates in their shortest RFC 3339 form, uuids lower case with hyphens, ints as `int`,
numbers as `float`, geo coordinates as the shortest numbers of 32-bit floats, phone numbers expanded, references as
`{"beacon": …}` with the collection filled in where the property leaves no choice, hashes in place of hashed blobs.
Values of null are dropped, at every depth. A `Canonicaliser` is compiled once for a collection and used by many
threads; properties cost about a microsecond each. Texts of errors come without what a door puts before them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from weavelet.errors import DimensionMismatch, InvalidObject, InvalidVector
from weavelet.schema.collection import UNNAMED, Collection, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.names import lower_first
from weavelet.schema.objects import Vector
from weavelet.schema.uuids import canonical_uuid, uuid_problem
from weavelet.schema.values import Check, Unfit, checks_for, reference_check
from weavelet.schema.wording import type_name, value_text

_DEFAULT_VECTOR = "default"
_COMPILED_COLLECTIONS = 256

_LABELS: Mapping[DataType, str] = {
    DataType.INT: "integer",
    DataType.TEXT_ARRAY: "text array",
    DataType.INT_ARRAY: "integer array",
    DataType.NUMBER_ARRAY: "number array",
    DataType.BOOLEAN_ARRAY: "boolean array",
    DataType.DATE_ARRAY: "date array",
    DataType.UUID_ARRAY: "uuid array",
}
"""What messages call a data type, where it is not its own name."""


def canonical_id(text: str) -> str:
    """The kept form of an object's id."""
    id = canonical_uuid(text)
    if id is None:
        raise InvalidObject(uuid_problem(text))
    return id


# --- Properties ------------------------------------------------------------------------------------------------------


class Canonicaliser:
    """Checks the properties of one collection's objects."""

    __slots__ = ("_checks", "_name")

    def __init__(self, collection: Collection) -> None:
        self._name = collection.name
        self._checks = {prop.name: (prop.name, _check(prop, collection.name)) for prop in collection.properties}

    def __call__(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The canonical properties. Raises `InvalidObject` for the first that does not fit."""
        if not isinstance(properties, Mapping):
            raise InvalidObject(f"could not recognize object's properties: {value_text(properties)}")
        checks = self._checks
        canonical = {}
        try:
            for key, value in properties.items():
                if value is not None:
                    name, check = checks.get(key) or self._found(key)
                    canonical[name] = check(value)
        except Unfit as unfit:
            raise InvalidObject(str(unfit)) from None
        return canonical

    def _found(self, key: str) -> tuple[str, Check]:
        """The check of a property whose first letter may be a capital."""
        found = self._checks.get(lower_first(key))
        if found is None:
            raise Unfit(
                f"no such prop with name '{lower_first(key)}' found in class '{self._name}' in the schema. "
                "Check your schema files for which properties in this class are available"
            )
        return found


def canonical_properties(collection: Collection, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical properties of one object. Raises `InvalidObject` for the first that does not fit."""
    return canonicaliser(collection)(properties)


_compiled: dict[int, tuple[Collection, Canonicaliser]] = {}


def canonicaliser(collection: Collection) -> Canonicaliser:
    """The compiled checks of a definition; the last few hundred are kept."""
    known = _compiled.get(id(collection))
    if known is not None and known[0] is collection:
        return known[1]
    if len(_compiled) >= _COMPILED_COLLECTIONS:
        _compiled.clear()
    compiled = Canonicaliser(collection)
    _compiled[id(collection)] = (collection, compiled)
    return compiled


def _check(prop: Property, collection: str) -> Check:
    if prop.is_reference:
        return reference_check(prop)
    return _labelled(_values(prop, prop.name, collection), prop.type, prop.name, collection)


def _values(prop: Property, path: str, collection: str) -> Check:
    match prop.type:
        case DataType.OBJECT:
            return _object_check(prop, path, collection)
        case DataType.OBJECT_ARRAY:
            return _object_array_check(_object_check(prop, path, collection))
        case _:
            return checks_for(prop.type)


def _labelled(check: Check, type: DataType, path: str, collection: str) -> Check:
    """The same check, with the property in its message."""
    label = _LABELS.get(type, type.value)

    def labelled(value: Any) -> Any:
        try:
            return check(value)
        except Unfit as unfit:
            raise Unfit(f"invalid {label} property '{path}' on class '{collection}': {unfit}") from None

    return labelled


def _object_check(prop: Property, path: str, collection: str) -> Check:
    checks = {nested.name: _nested_check(nested, f"{path}.{nested.name}", collection) for nested in prop.nested}

    def check(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Unfit(f"object must be a map, but got: {type_name(value)}")
        canonical = {}
        for key, inner in value.items():
            if inner is None:
                continue
            nested = checks.get(key)
            if nested is None:
                raise Unfit(f"unknown property '{path}.{key}'")
            canonical[key] = nested(inner)
        return canonical

    return check


def _nested_check(prop: Property, path: str, collection: str) -> Check:
    labelled = _labelled(_values(prop, path, collection), prop.type, path, collection)

    def check(value: Any) -> Any:
        try:
            return labelled(value)
        except Unfit as unfit:
            raise Unfit(f"property '{path}': {unfit}") from None

    return check


def _object_array_check(element: Check) -> Check:
    def check(value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise Unfit(f"not an object array, but {type_name(value)}")
        canonical = []
        for position, item in enumerate(value):
            try:
                canonical.append(element(item))
            except Unfit as unfit:
                raise Unfit(f"invalid object '{position}' in array: {unfit}") from None
        return canonical

    return check


# --- Vectors ---------------------------------------------------------------------------------------------------------


def canonical_vectors(collection: Collection, vectors: Mapping[str, Vector]) -> dict[str, Vector]:
    """The vectors under the names they are kept by; empty ones are dropped. Raises `InvalidVector`.

    A vector without a name goes to the collection's unnamed vector, or to its only named one. `default` is another
    name for the unnamed vector.
    """
    canonical: dict[str, Vector] = {}
    for name, vector in vectors.items():
        if not vector.size:
            continue
        kept = _vector_name(collection, name)
        if kept in canonical:
            raise InvalidVector(f"collection {collection.name}: vector '{kept}' is given twice")
        _check_vector(collection, kept, vector)
        canonical[kept] = vector
    return canonical


def _vector_name(collection: Collection, name: str) -> str:
    if name in collection.vectors:
        return name
    if name == _DEFAULT_VECTOR and UNNAMED in collection.vectors:
        return UNNAMED
    if name:
        raise InvalidVector(f"collection {collection.name} does not have configuration for vector {name}")
    if len(collection.vectors) != 1:
        raise InvalidVector(f"collection {collection.name} configuration does not have single vector index")
    return next(iter(collection.vectors))


def _check_vector(collection: Collection, name: str, vector: Vector) -> None:
    if not np.isfinite(vector).all():
        raise InvalidVector(
            f"vector '{name}' of collection {collection.name} holds a value that is not a finite number"
        )
    several = collection.vectors[name].index.multivector
    if several and vector.ndim == 1:
        raise DimensionMismatch(
            f"vector '{name}' of collection {collection.name} takes a list of vectors, got one vector"
        )
    if not several and vector.ndim > 1:
        raise DimensionMismatch(
            f"vector '{name}' of collection {collection.name} takes one vector, got a list of vectors"
        )
