"""Objects as they are sent: vectors become arrays, documents become `NewObject`s."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from weavelet.api.rest.bodies import json_kind, unreadable
from weavelet.errors import InvalidObject
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import NewObject, Vector
from weavelet.schema.wording import value_text


def with_arrays(document: dict[str, Any]) -> dict[str, Any]:
    """The object's document with float32 arrays for its vectors; those without numbers are left out."""
    if "vector" in document:
        document["vector"] = _plain(document["vector"])
    if "vectors" in document:
        named = {name: _named(name, value) for name, value in document["vectors"].items() if value is not None}
        document["vectors"] = {name: vector for name, vector in named.items() if vector.size}
    return document


def new_object(document: Mapping[str, Any]) -> NewObject:
    """What the caller sends. Raises `InvalidObject` where the properties are no object."""
    properties = document.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise InvalidObject(f"could not recognize object's properties: {value_text(properties)}")
    return NewObject(
        collection=document.get("class", ""),
        id=document.get("id") or None,
        properties=properties,
        vectors=sent_vectors(document),
        tenant=document.get("tenant", ""),
    )


def sent_vectors(document: Mapping[str, Any]) -> dict[str, Vector]:
    """Every vector of the document, the one without a name under `UNNAMED`."""
    vectors: dict[str, Vector] = dict(document.get("vectors", ()))
    plain = document.get("vector")
    if plain is not None and plain.size:
        vectors[UNNAMED] = plain
    return vectors


def _plain(values: list[Any]) -> Vector:
    array = _array(values)
    if array is None or array.ndim != 1:
        odd = next((value for value in values if isinstance(value, bool) or not isinstance(value, int | float)), None)
        raise unreadable(
            "body", f"json: cannot unmarshal {json_kind(odd)} into Go struct field Object.vector of type float32"
        )
    return array


def _named(name: str, values: Any) -> Vector:
    array = _array(values) if isinstance(values, list) else None
    if array is None:
        raise unreadable(
            "body",
            f"vectors: cannot unmarshal vector into either []float32 or [][]float32 for target vector {name}",
        )
    return array


def _array(values: list[Any]) -> Vector | None:
    """`(d,)` or `(n, d)` float32, or None where the values are not all numbers of such a form."""
    try:
        array = np.asarray(values) if values else np.empty(0)
    except ValueError:
        return None
    if array.dtype.kind not in "fiu" or array.ndim > 2:
        return None
    with np.errstate(over="ignore"):
        return array.astype(np.float32)
