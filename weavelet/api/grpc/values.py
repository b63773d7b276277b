"""Property values on the wire: canonical JSON values into `Value` messages.

The type of a property decides how its value is written, so a writer is chosen once per property and request and then
called for every row. A property without a value is `null_value`, explicitly present; in nested objects it is left out.
Lists of numbers are one bytes field. Knows types, not collections' names or searches.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from google.protobuf.struct_pb2 import NULL_VALUE

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.wire import FALSE, TRUE, VARINT, double_bytes, tag
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Property
from weavelet.schema.datatypes import DataType

Writer: TypeAlias = Callable[[pb.Value, Any], None]
"""Writes one value, which is not None, into an empty message."""

Encoder: TypeAlias = Callable[[Any], bytes]
"""The bytes of the `Value` message of one value, which is not None."""

Fields: TypeAlias = tuple[tuple[str, Writer], ...]
"""What to show of an object, and how: property name and writer."""

_BLOBS = frozenset({DataType.BLOB, DataType.BLOB_HASH})


def is_default(prop: Property) -> bool:
    """Whether the property is shown to those who ask for all: references and blobs are not."""
    return not prop.is_reference and prop.type not in _BLOBS


def default_fields(properties: Iterable[Property]) -> Fields:
    return tuple((prop.name, writer(prop)) for prop in properties if is_default(prop))


def writer(prop: Property) -> Writer:
    """How values of the property are written, an object with all of its own properties. Raises `InvalidQuery`."""
    if prop.type in _WRITERS:
        return _WRITERS[prop.type]
    if prop.type.element is DataType.OBJECT:
        return object_writer(prop, default_fields(prop.nested))
    raise InvalidQuery(f"property '{prop.name}' is a reference: ask for it among the reference properties")


def object_writer(prop: Property, fields: Fields) -> Writer:
    """How an object, or a list of objects, is written with only `fields` of it."""

    def write_object(value: pb.Value, data: Mapping[str, Any]) -> None:
        value.object_value.SetInParent()
        _write_present(value.object_value.fields, fields, data)

    def write_objects(value: pb.Value, data: Sequence[Mapping[str, Any]]) -> None:
        objects = value.list_value.object_values
        objects.SetInParent()
        for item in data:
            _write_present(objects.values.add().fields, fields, item)

    return write_objects if prop.type.is_array else write_object


def write_fields(target: Any, fields: Fields, data: Mapping[str, Any]) -> None:
    """Write an object's fields into the map of a `Properties` message; what is missing is null."""
    for name, write in fields:
        value = data.get(name)
        if value is None:
            target[name].null_value = NULL_VALUE
        else:
            write(target[name], value)


def _write_present(target: Any, fields: Fields, data: Mapping[str, Any]) -> None:
    """The same for a nested object, where what is missing is left out."""
    for name, write in fields:
        value = data.get(name)
        if value is not None:
            write(target[name], value)


def _text(value: pb.Value, data: str) -> None:
    value.text_value = data


def _int(value: pb.Value, data: int) -> None:
    value.int_value = data


def _number(value: pb.Value, data: float) -> None:
    value.number_value = data


def _boolean(value: pb.Value, data: bool) -> None:
    value.bool_value = data


def _date(value: pb.Value, data: str) -> None:
    value.date_value = data


def _uuid(value: pb.Value, data: str) -> None:
    value.uuid_value = data


def _blob(value: pb.Value, data: str) -> None:
    value.blob_value = data


def _geo(value: pb.Value, data: Mapping[str, float]) -> None:
    value.geo_value.SetInParent()
    value.geo_value.longitude = data["longitude"]
    value.geo_value.latitude = data["latitude"]


def _phone(value: pb.Value, data: Mapping[str, Any]) -> None:
    phone = value.phone_value
    phone.SetInParent()
    phone.country_code = data.get("countryCode", 0)
    phone.default_country = data.get("defaultCountry", "")
    phone.input = data.get("input", "")
    phone.international_formatted = data.get("internationalFormatted", "")
    phone.national = data.get("national", 0)
    phone.national_formatted = data.get("nationalFormatted", "")
    phone.valid = data.get("valid", False)


def _texts(value: pb.Value, data: Sequence[str]) -> None:
    value.list_value.text_values.SetInParent()
    value.list_value.text_values.values.extend(data)


def _dates(value: pb.Value, data: Sequence[str]) -> None:
    value.list_value.date_values.SetInParent()
    value.list_value.date_values.values.extend(data)


def _uuids(value: pb.Value, data: Sequence[str]) -> None:
    value.list_value.uuid_values.SetInParent()
    value.list_value.uuid_values.values.extend(data)


def _booleans(value: pb.Value, data: Sequence[bool]) -> None:
    value.list_value.bool_values.SetInParent()
    value.list_value.bool_values.values.extend(data)


def _ints(value: pb.Value, data: Sequence[int]) -> None:
    value.list_value.int_values.SetInParent()
    value.list_value.int_values.values = struct.pack(f"<{len(data)}q", *data)


def _numbers(value: pb.Value, data: Sequence[float]) -> None:
    value.list_value.number_values.SetInParent()
    value.list_value.number_values.values = struct.pack(f"<{len(data)}d", *data)


_WRITERS: Mapping[DataType, Writer] = {
    DataType.TEXT: _text,
    DataType.TEXT_ARRAY: _texts,
    DataType.INT: _int,
    DataType.INT_ARRAY: _ints,
    DataType.NUMBER: _number,
    DataType.NUMBER_ARRAY: _numbers,
    DataType.BOOLEAN: _boolean,
    DataType.BOOLEAN_ARRAY: _booleans,
    DataType.DATE: _date,
    DataType.DATE_ARRAY: _dates,
    DataType.UUID: _uuid,
    DataType.UUID_ARRAY: _uuids,
    DataType.BLOB: _blob,
    DataType.BLOB_HASH: _blob,
    DataType.GEO: _geo,
    DataType.PHONE: _phone,
}


# --- The same, as bytes ---


def encoder(write: Writer) -> Encoder:
    """What the writer would write, as bytes."""
    return _ENCODERS.get(write) or _serialised(write)


def _serialised(write: Writer) -> Encoder:
    def encode(data: Any) -> bytes:
        value = pb.Value()
        write(value, data)
        return bytes(value.SerializeToString())

    return encode


def _string(field: str) -> Encoder:
    before = tag(pb.Value, field)

    def encode(data: str) -> bytes:
        raw = data.encode()
        return before + VARINT[len(raw)] + raw

    return encode


def _scalar(field: str, payload: Callable[[Any], bytes]) -> Encoder:
    before = tag(pb.Value, field)
    return lambda data: before + payload(data)


_ENCODERS: Mapping[Writer, Encoder] = {
    _text: _string("text_value"),
    _date: _string("date_value"),
    _uuid: _string("uuid_value"),
    _blob: _string("blob_value"),
    _int: _scalar("int_value", VARINT.__getitem__),
    _number: _scalar("number_value", double_bytes),
    _boolean: _scalar("bool_value", lambda data: TRUE if data else FALSE),
}
