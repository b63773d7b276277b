"""The checks of single property values: each returns the canonical value or raises `Unfit` with the reason."""

import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import numpy as np

from weavelet.errors import InvalidReference
from weavelet.schema.collection import Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.dates import canonical_date
from weavelet.schema.phone import expanded_phone
from weavelet.schema.references import Beacon, parse_beacon
from weavelet.schema.uuids import canonical_uuid
from weavelet.schema.wording import type_name, value_text

_MINIMUM_INT: Final = -(2**63)
_MAXIMUM_INT: Final = 2**63 - 1
_INFINITY: Final = float("inf")


class Unfit(Exception):
    """A value that does not fit its property. The text is the tail of a message."""


Check: TypeAlias = Callable[[Any], Any]


def checks_for(type: DataType) -> Check:
    """The check of a data type that needs to know nothing else of its property."""
    return _CHECKS[type]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Unfit(f"not a string, but {type_name(value)}")


def _int(value: Any) -> int:
    if isinstance(value, int) and value is not True and value is not False and _MINIMUM_INT <= value <= _MAXIMUM_INT:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise Unfit(f"the JSON number '{value}' could not be converted to an int")
    raise Unfit(f"requires an integer, the given value is '{value_text(value)}'")


def _number(value: Any) -> float:
    if isinstance(value, float) and -_INFINITY < value < _INFINITY:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return _int_as_float(value)
    raise Unfit(f"requires a float, the given value is '{value_text(value)}'")


def _int_as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        raise Unfit(f"the JSON number '{value}' could not be converted to a float.") from None


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Unfit(f"not a bool, but {type_name(value)}")


def _date(value: Any) -> str:
    try:
        if isinstance(value, str):
            return canonical_date(value)
    except ValueError:
        pass
    raise Unfit(f"requires a string with a RFC3339 formatted date, but the given value is '{value_text(value)}'")


def _uuid(value: Any) -> str:
    canonical = canonical_uuid(value) if isinstance(value, str) else None
    if canonical is None:
        raise Unfit(f"requires a string of UUID format, but the given value is '{value_text(value)}'")
    return canonical


def _blob(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(f"not a blob base64 string, but {type_name(value)}")
    if not value or len(value) % 4:
        raise Unfit("not a valid blob base64 string")
    try:
        binascii.a2b_base64(value, strict_mode=True)
    except ValueError:
        raise Unfit("not a valid blob base64 string") from None
    return value


def _blob_hash(value: Any) -> str:
    """The blob's SHA-256 in hexadecimal; what is such a hash already stays, so that objects can be written back."""
    if isinstance(value, str) and len(value) == 64 and not value.strip("0123456789abcdef"):
        return value
    return hashlib.sha256(_blob(value).encode()).hexdigest()


def _geo(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise Unfit(f"geoCoordinates must be a map, but got: {type_name(value)}")
    for key in ("longitude", "latitude"):
        if key not in value:
            raise Unfit(f"geoCoordinates is missing required field '{key}'")
    longitude, latitude = (_coordinate(key, value[key]) for key in ("longitude", "latitude"))
    return {"latitude": latitude, "longitude": longitude}


def _coordinate(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(f"invalid {name}: must be json.Number or float, but got {type_name(value)}")
    if not -3.4e38 < value < 3.4e38:
        raise Unfit(f"invalid {name}: cannot interpret as float: {value} is out of range")
    return float(str(np.float32(value)))


def _phone(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Unfit(f"phoneNumber must be a map, but got: {type_name(value)}")
    try:
        return expanded_phone(value)
    except ValueError as error:
        raise Unfit(str(error)) from None


def _array(element: Check, kind: str, elements: str) -> Check:
    """The check of a list. `kind` and `elements` are what messages call it."""

    def check(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise Unfit(f"not {kind}, but {type_name(value)}")
        try:
            return [element(item) for item in value]
        except Unfit:
            raise Unfit(f"invalid {elements} value: {value_text(value)}") from None

    return check


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        for item in value:
            if not isinstance(item, str):
                raise Unfit(f"invalid text array value: {value_text(value)}")
        return list(value)
    raise Unfit(f"not a text array, but {type_name(value)}")


_CHECKS: Final[Mapping[DataType, Check]] = {
    DataType.TEXT: _text,
    DataType.TEXT_ARRAY: _texts,
    DataType.INT: _int,
    DataType.INT_ARRAY: _array(_int, "an integer array", "integer array"),
    DataType.NUMBER: _number,
    # Weaviate's own words for lists of numbers.
    DataType.NUMBER_ARRAY: _array(_number, "an integer array", "integer array"),
    DataType.BOOLEAN: _boolean,
    DataType.BOOLEAN_ARRAY: _array(_boolean, "a boolean array", "boolean array"),
    DataType.DATE: _date,
    DataType.DATE_ARRAY: _array(_date, "a date array", "date array"),
    DataType.UUID: _uuid,
    DataType.UUID_ARRAY: _array(_uuid, "a uuid array", "uuid array"),
    DataType.BLOB: _blob,
    DataType.BLOB_HASH: _blob_hash,
    DataType.GEO: _geo,
    DataType.PHONE: _phone,
}

# --- References ------------------------------------------------------------------------------------------------------


def reference_check(prop: Property) -> Check:
    """The check of a reference property. Whether the objects exist is not asked here."""
    only = prop.targets[0] if len(prop.targets) == 1 else ""

    def check(value: Any) -> list[dict[str, str]]:
        if not isinstance(value, list | tuple):
            raise Unfit(f"reference property is not a slice {value_text(value)}")
        return [{"beacon": _beacon(item, only)} for item in value]

    return check


def _beacon(value: Any, only: str) -> str:
    if not isinstance(value, Mapping):
        raise Unfit(f"reference property is not a map: {type_name(value)}")
    text = value.get("beacon")
    if not isinstance(text, str):
        raise Unfit(f"beacon property is not a string: {value_text(text)}")
    try:
        beacon = parse_beacon(text)
    except InvalidReference as error:
        raise Unfit(str(error)) from None
    return (beacon if beacon.collection else Beacon(only, beacon.id)).text
