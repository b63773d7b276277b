"""Request bodies: JSON bytes in, checked values out, or go-openapi's words for what is wrong with them.

A body is described by a `Shape` that names the fields a route knows and what JSON each may hold; unknown keys are
ignored and keys are matched without regard to case, as Go's decoder does, under whose names the refusals speak of
types. `read` checks the JSON and the types; what values must look like beyond that is `documents.py`'s business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

import orjson

from weavelet.api.rest.refusals import Refusal, flat, required


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    go: str = "string"


@dataclass(frozen=True, slots=True)
class Integer:
    go: str = "int64"


@dataclass(frozen=True, slots=True)
class Decimal:
    go: str = "float64"


@dataclass(frozen=True, slots=True)
class Flag:
    go: str = "bool"


@dataclass(frozen=True, slots=True)
class Free:
    """Any JSON at all."""

    go: str = "interface {}"


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    of: "Shape"
    go: str


@dataclass(frozen=True, slots=True)
class Table:
    """An object with keys of the caller's choice."""

    of: "Shape"
    go: str


@dataclass(frozen=True, slots=True)
class Struct:
    """An object with known keys."""

    go: str
    fields: Mapping[str, "Shape"]

    def known(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document's known keys, spelled our way; null counts as absent.

        Of a key that comes in two spellings the later counts, but of structs it is laid over the earlier: the official
        client sends a changed `objectTTLConfig` beside the present `objectTtlConfig`.
        """
        named: dict[str, Any] = {}
        for key, value in document.items():
            name = key if key in self.fields else self._spelled(key)
            if name is not None and value is not None:
                named[name] = self._laid_over(name, named.get(name), value)
        return named

    def _laid_over(self, name: str, before: Any, value: Any) -> Any:
        if isinstance(self.fields[name], Struct) and isinstance(before, dict) and isinstance(value, dict):
            return {**before, **value}
        return value

    def _spelled(self, key: str) -> str | None:
        lower = key.lower()
        return next((name for name in self.fields if name.lower() == lower), None)

    @property
    def short(self) -> str:
        return self.go.rpartition(".")[2]


Shape: TypeAlias = Text | Integer | Decimal | Flag | Free | Items | Table | Struct


def read(raw: bytes, shape: Shape, name: str = "body") -> Any:
    """The body as JSON values, a struct reduced to its known keys. Raises `Refusal`."""
    if not raw.strip():
        raise required(name)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise unreadable(name, _syntax_complaint(raw, error)) from error
    if document is None:
        document = [] if isinstance(shape, Items) else {}
    complaint, value = _fitted(document, shape, "value", "")
    if complaint is not None:
        raise unreadable(name, complaint)
    return value


def unreadable(name: str, reason: str) -> Refusal:
    """The refusal of a body that is no JSON, or JSON of the wrong types."""
    return flat(400, f'parsing {name} body from "" failed, because {reason}', status=400)


# --- Types -----------------------------------------------------------------------------------------------------------


def _fitted(value: Any, shape: Shape, owner: str, path: str) -> tuple[str | None, Any]:
    """(what is wrong, None) or (None, the value with its structs reduced).

    `owner` is the innermost struct around the value and `path` the keys that lead to it, for the complaint.
    """
    match shape:
        case Free():
            return None, value
        case Text():
            return _scalar(value, isinstance(value, str), shape.go, owner, path)
        case Flag():
            return _scalar(value, isinstance(value, bool), shape.go, owner, path)
        case Integer():
            return _scalar(value, isinstance(value, int) and not isinstance(value, bool), shape.go, owner, path)
        case Decimal():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return _scalar(value, number, shape.go, owner, path)
        case Items():
            return _fitted_items(value, shape, owner, path)
        case Table():
            return _fitted_table(value, shape, owner, path)
        case Struct():
            return _fitted_struct(value, shape, owner, path)
        case _:
            assert_never(shape)


def _scalar(value: Any, fits: bool, go: str, owner: str, path: str) -> tuple[str | None, Any]:
    return (None, value) if fits else (_mismatch(value, go, owner, path), None)


def _fitted_items(value: Any, shape: Items, owner: str, path: str) -> tuple[str | None, Any]:
    if not isinstance(value, list):
        return _mismatch(value, shape.go, owner, path), None
    if isinstance(shape.of, Free):
        return None, value
    items: list[Any] = []
    for element in value:
        complaint, item = (None, _zero(shape.of)) if element is None else _fitted(element, shape.of, owner, path)
        if complaint is not None:
            return complaint, None
        items.append(item)
    return None, items


def _fitted_table(value: Any, shape: Table, owner: str, path: str) -> tuple[str | None, Any]:
    if not isinstance(value, dict):
        return _mismatch(value, shape.go, owner, path), None
    entries: dict[str, Any] = {}
    for key, element in value.items():
        complaint, entry = (None, _zero(shape.of)) if element is None else _fitted(element, shape.of, owner, path)
        if complaint is not None:
            return complaint, None
        entries[key] = entry
    return None, entries


def _zero(shape: Shape) -> Any:
    """What null stands for in a list or table of that shape."""
    match shape:
        case Text():
            return ""
        case Integer() | Decimal():
            return 0
        case Flag():
            return False
        case _:
            return None


def _fitted_struct(value: Any, shape: Struct, owner: str, path: str) -> tuple[str | None, Any]:
    if not isinstance(value, dict):
        return _mismatch(value, shape.go, owner, path), None
    known = shape.known(value)
    for name, element in known.items():
        below = f"{path}.{name}" if path else name
        complaint, known[name] = _fitted(element, shape.fields[name], shape.short, below)
        if complaint is not None:
            return complaint, None
    return None, known


def _mismatch(value: Any, go: str, owner: str, path: str) -> str:
    place = f"struct field {owner}.{path}" if path else "value"
    return f"json: cannot unmarshal {json_kind(value)} into Go {place} of type {go}"


def json_kind(value: Any) -> str:
    """What Go's decoder calls a JSON value's type."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


# --- Syntax ----------------------------------------------------------------------------------------------------------

_LOOKING_FOR = (
    ("string key", "looking for beginning of object key string"),
    ("after document", "after top-level value"),
    ("':'", "after object key"),
    ("colon", "after object key"),
    ("or '}'", "after object key:value pair"),
    ("or ']'", "after array element"),
)


def _syntax_complaint(raw: bytes, error: orjson.JSONDecodeError) -> str:
    """What Go's scanner would say at the place where ours gave up."""
    if "end of data" in error.msg or error.pos >= len(error.doc):
        return "unexpected EOF"
    if "infinity" in error.msg:
        return "a number is larger than float64 can hold"
    where = next((words for hint, words in _LOOKING_FOR if hint in error.msg), "looking for beginning of value")
    return f"invalid character {error.doc[error.pos]!r} {where}"
