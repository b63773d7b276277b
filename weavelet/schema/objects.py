"""Objects as they travel: what a caller sends, what the store keeps, and the answer for one object of a batch.

Property values are JSON values throughout. In an `Object` they are canonical (see `validate.py`): dates in the
shortest RFC 3339 form, uuids lower case, ints as `int`, numbers as `float`, geo as float32 numbers, phone numbers
expanded, references as a list of `{"beacon": "weaviate://localhost/<Collection>/<id>"}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from weavelet.errors import WeaveletError

Vector: TypeAlias = NDArray[np.float32]
"""`(d,)` float32, or `(n, d)` float32 for a multi-vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObject:
    """What a caller sends: nothing is checked yet.

    `id` None asks for a random one. A vector without a name is under `UNNAMED`; `vectors` is empty where the
    caller sent none. `properties` None means the caller sent no such key.
    """

    collection: str
    id: str | None = None
    properties: Mapping[str, Any] | None = None
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    tenant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """What the store keeps. `id` is the lower-case 36-character form; times are milliseconds since 1970."""

    collection: str
    id: str
    properties: Mapping[str, Any]
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    created_ms: int = 0
    updated_ms: int = 0
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one object of a batch: `object` as stored, or the `error` that kept it out."""

    object: Object | None = None
    error: WeaveletError | None = None


def beacon(collection: str, id: str) -> str:
    """The URI by which objects refer to each other."""
    return f"weaviate://localhost/{collection}/{id}"
