"""Reads one JSON object of a schema document: keys without regard to letter case, values of the type asked for.

A key that is absent and a key that is null are the same. A value of another type raises `InvalidSchema` with a
sentence that names the key; doors have usually refused such a body before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from weavelet.errors import InvalidSchema
from weavelet.schema.wording import type_name


class Fields:
    """The values of one JSON object."""

    __slots__ = ("_values", "_where")

    def __init__(self, document: Any, where: str) -> None:
        if not isinstance(document, Mapping):
            raise InvalidSchema(f"{where} must be an object, got {type_name(document)}")
        self._values = {str(key).lower(): value for key, value in document.items() if value is not None}
        self._where = where

    def raw(self, key: str) -> Any:
        """The value as it came, None where there is none."""
        return self._values.get(key.lower())

    def has(self, key: str) -> bool:
        return key.lower() in self._values

    def text(self, key: str, default: str = "") -> str:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._wrong(key, "a string", value)
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.optional_flag(key)
        return default if value is None else value

    def optional_flag(self, key: str) -> bool | None:
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def integer(self, key: str, default: int = 0) -> int:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, "an integer", value)
        return value

    def number(self, key: str, default: float = 0.0) -> float:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number", value)
        return value

    def items(self, key: str) -> Sequence[Any] | None:
        value = self.raw(key)
        if value is not None and not isinstance(value, list | tuple):
            raise self._wrong(key, "a list", value)
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, None where there is none."""
        items = self.items(key)
        if items is None:
            return None
        for item in items:
            if not isinstance(item, str):
                raise self._wrong(key, "a list of strings", item)
        return tuple(items)

    def mapping(self, key: str) -> Mapping[str, Any] | None:
        """An object whose own keys are kept as written, None where there is none."""
        value = self.raw(key)
        if value is not None and not isinstance(value, Mapping):
            raise self._wrong(key, "an object", value)
        return value

    def section(self, key: str) -> "Fields | None":
        """An object to be read like this one, None where there is none."""
        value = self.raw(key)
        return None if value is None else Fields(value, f"{self._where}.{key}")

    def _wrong(self, key: str, expected: str, value: Any) -> InvalidSchema:
        return InvalidSchema(f"{self._where}.{key} must be {expected}, got {type_name(value)}")
