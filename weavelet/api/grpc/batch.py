"""Objects and references to write, and what became of them.

A `Struct` knows no ints: whole numbers are handed on as ints and the schema says what they are. Lists travel outside
it, in one field per type of item. An object that cannot be read is an error of its own and spoils no other.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from google.protobuf.struct_pb2 import ListValue, Struct

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.vectors import decode, decode_floats, from_list
from weavelet.errors import InvalidObject, WeaveletError
from weavelet.linking import NewReference
from weavelet.schema.collection import UNNAMED, Collection
from weavelet.schema.infer import Integers
from weavelet.schema.names import upper_first
from weavelet.schema.objects import NewObject, Vector, beacon
from weavelet.schema.references import parse_source

FindOrNone: TypeAlias = Callable[[str], Collection | None]

_Item = TypeVar("_Item")
_LARGEST_WHOLE = 2.0**53
_Properties: TypeAlias = pb.BatchObject.Properties | pb.ObjectPropertiesValue
"""An object's properties, or a nested object's: the same fields for everything but references."""


def parse_objects(messages: Iterable[pb.BatchObject], find: FindOrNone) -> list[NewObject | WeaveletError]:
    """One object or error per message, in order."""
    known = lru_cache(maxsize=None)(find)
    return [_object_or_error(message, known) for message in messages]


def _object_or_error(message: pb.BatchObject, find: FindOrNone) -> NewObject | WeaveletError:
    try:
        return _object(message, find)
    except WeaveletError as error:
        return error


def _object(message: pb.BatchObject, find: FindOrNone) -> NewObject:
    if not message.uuid:
        raise InvalidObject("object has no uuid")
    return NewObject(
        collection=message.collection,
        id=message.uuid,
        properties=_object_properties(message, find) if message.HasField("properties") else None,
        vectors=_vectors(message),
        tenant=message.tenant,
    )


def _vectors(message: pb.BatchObject) -> dict[str, Vector]:
    vectors = {vector.name: decode(vector) for vector in message.vectors}
    if message.vector_bytes:
        vectors[UNNAMED] = decode_floats(message.vector_bytes)
    elif message.vector:
        vectors[UNNAMED] = from_list(message.vector)
    return vectors


# --- Properties ---


def _object_properties(message: pb.BatchObject, find: FindOrNone) -> dict[str, Any]:
    properties = _properties(message.properties)
    for single in message.properties.single_target_ref_props:
        target = _only_target(message.collection, single.prop_name, find)
        properties[single.prop_name] = _references(single.uuids, target)
    for multi in message.properties.multi_target_ref_props:
        references = _references(multi.uuids, multi.target_collection)
        before = properties.get(multi.prop_name)
        properties[multi.prop_name] = [*before, *references] if isinstance(before, list) else references
    return properties


def _only_target(collection: str, name: str, find: FindOrNone) -> str:
    """The collection a reference points at; "" where the schema does not say, which is for the writer to judge."""
    found = find(collection) if collection else None
    prop = found.property_named(name) if found is not None else None
    if prop is None or not prop.is_reference:
        return ""
    if len(prop.targets) > 1:
        raise InvalidObject(
            f"reference property '{name}' points at several collections {', '.join(prop.targets)}: "
            "name the target collection"
        )
    return prop.targets[0]


def _references(ids: Iterable[str], collection: str) -> list[dict[str, str]]:
    """Some clients send whole beacons for ids: their last part is the id."""
    bare = (id.rsplit("/", 1)[-1] for id in ids)
    return [{"beacon": _beacon(collection, id)} for id in bare]


def _beacon(collection: str, id: str) -> str:
    return beacon(collection, id) if collection else f"weaviate://localhost/{id}"


def _properties(message: _Properties) -> dict[str, Any]:
    properties = _struct(message.non_ref_properties)
    for texts in message.text_array_properties:
        properties[texts.prop_name] = list(texts.values)
    for ints in message.int_array_properties:
        properties[ints.prop_name] = Integers(ints.values)
    for numbers in message.number_array_properties:
        properties[numbers.prop_name] = _numbers(numbers)
    for booleans in message.boolean_array_properties:
        properties[booleans.prop_name] = list(booleans.values)
    for nested in message.object_properties:
        properties[nested.prop_name] = _properties(nested.value)
    for several in message.object_array_properties:
        properties[several.prop_name] = [_properties(value) for value in several.values]
    for name in message.empty_list_props:
        properties[name] = []
    return properties


def _numbers(message: pb.NumberArrayProperties) -> list[Any]:
    data = message.values_bytes
    values = struct.unpack_from(f"<{len(data) // 8}d", data) if data else message.values
    return [_number(value) for value in values]


def _struct(message: Struct) -> dict[str, Any]:
    return {name: _value(value) for name, value in message.fields.items()}


def _value(message: Any) -> Any:
    """The one set field of a `Value`. Null alone is an int there; a number is always a float."""
    set_fields = message.ListFields()
    if not set_fields:
        return None
    value = set_fields[0][1]
    match value:
        case bool() | str():
            return value
        case float():
            return _number(value)
        case Struct():
            return _struct(value)
        case ListValue():
            return [_value(item) for item in value.values]
        case _:
            return None


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) <= _LARGEST_WHOLE else value


# --- References ---


def parse_references(messages: Iterable[pb.BatchReference]) -> list[NewReference | WeaveletError]:
    """One reference or error per message, in order."""
    return [_reference_or_error(message) for message in messages]


def _reference_or_error(message: pb.BatchReference) -> NewReference | WeaveletError:
    try:
        return _reference(message)
    except WeaveletError as error:
        return error


def _reference(message: pb.BatchReference) -> NewReference:
    collection = upper_first(message.from_collection)
    source, property_name = parse_source(f"{beacon(collection, message.from_uuid)}/{message.name}")
    return NewReference(
        collection=collection,
        id=source.id,
        property=property_name,
        beacon=_beacon(message.to_collection, message.to_uuid.rsplit("/", 1)[-1]),
        tenant=message.tenant,
    )


# --- Replies ---


def write_errors(reply: pb.BatchObjectsReply | pb.BatchReferencesReply, errors: Sequence[WeaveletError | None]) -> None:
    """An entry for each position that failed."""
    for index, error in enumerate(errors):
        if error is not None:
            entry = reply.errors.add()
            entry.index = index
            entry.error = str(error)


def merge_in_order(
    parsed: Sequence[_Item | WeaveletError], store: Callable[[list[_Item]], Sequence[WeaveletError | None]]
) -> list[WeaveletError | None]:
    """Store what could be read and put the errors of both steps beside the messages."""
    readable = [item for item in parsed if not isinstance(item, WeaveletError)]
    outcomes = iter(store(readable) if readable else ())
    return [item if isinstance(item, WeaveletError) else next(outcomes) for item in parsed]


def source_beacon(message: pb.BatchReference) -> str:
    """Which reference a stream's answer is about: `weaviate://localhost/<Collection>/<id>/<property>`."""
    return f"{beacon(message.from_collection, message.from_uuid)}/{message.name}"
