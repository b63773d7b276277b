"""Objects as they are sent: vectors become arrays, documents become `NewObject`s."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from weavelet.api.rest.bodies import json_kind, unreadable
from weavelet.errors import DimensionMismatch, InvalidObject
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import NewObject, Vector
from weavelet.schema.wording import value_text


def with_arrays(document: dict[str, Any]) -> dict[str, Any]:
    """The object's document with float32 arrays for its vectors; empty ones are left out.

    A list of vectors of different lengths is no array, and stays as it is.
    """
    if "vector" in document:
        document["vector"] = _plain(document["vector"])
    if "vectors" in document:
        given = document["vectors"].items()
        document["vectors"] = {name: _named(name, value) for name, value in given if value is not None and value != []}
    return document


def new_object(document: Mapping[str, Any]) -> NewObject:
    """What the caller sends. Raises `InvalidObject`, and `DimensionMismatch` for vectors of different lengths."""
    properties = document.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise InvalidObject(f"could not recognize object's properties: {value_text(properties)}")
    for name, vector in document.get("vectors", {}).items():
        if isinstance(vector, list):
            raise DimensionMismatch(_uneven(name, vector, document.get("id", "")))
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


def _uneven(name: str, rows: list[list[float]], id: str) -> str:
    first = len(rows[0])
    position, odd = next((position, len(row)) for position, row in enumerate(rows) if len(row) != first)
    return (
        f"Validate vector index {name} for target multi vector {id}: new node has a multi vector with length {odd} "
        f"at position {position}. Existing nodes have vectors with length {first}"
    )


def _named(name: str, values: Any) -> Vector | list[Any]:
    array = _array(values) if isinstance(values, list) else None
    if array is None and _is_uneven(values):
        return list(values)
    if array is None:
        raise unreadable(
            "body",
            f"vectors: cannot unmarshal vector into either []float32 or [][]float32 for target vector {name}",
        )
    return array


def _is_uneven(values: Any) -> bool:
    """Whether these are lists of numbers of different lengths."""
    if not isinstance(values, list) or not all(isinstance(row, list) for row in values):
        return False
    return all(_array(row) is not None for row in values) and len({len(row) for row in values}) > 1


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
