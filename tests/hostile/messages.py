"""Protocol-buffer messages with random fields: the same ones for the same seed."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.hostile.world import ID

_NAN, _INFINITY = float("nan"), float("inf")
_FLOATS = (0.0, 0.5, 1.0, -1.0, 2.0)
_WILD_FLOATS = (_NAN, _INFINITY, -1e30, 1e38)
_SMALL = (0, 1, 2, 5)

_TEXTS = (
    *("", "soup", "Dish", "Named", "t1", "a", "m", "x" * 2_000, "💥", "\x00", "*", "nope", "7d", ID),
    *("title", "n", "ref", "geo", "tags", "obj", "obj.city", "title^2", "_id", "len(title)", "2024-01-01T00:00:00Z"),
)
_BYTES = (
    *(b"", b"\x00", struct.pack("<2f", 1, 2), struct.pack("<3f", 0.1, 0.2, 0.3), struct.pack("<2f", _NAN, 1)),
    *(
        struct.pack("<2f", _INFINITY, 1),
        b"\x02\x00" + struct.pack("<4f", 1, 2, 3, 4),
        b"\x02\x00",
        b"\xff\xff" + bytes(8),
    ),
)
_FITTING: Mapping[str, tuple[Any, ...]] = {
    "collection": ("Dish", "Dish", "Dish", "Named", "Shared"),
    "property": ("title", "n", "f", "b", "d", "u", "tags", "geo", "ref", "obj", "_id", "len(title)"),
    "prop_name": ("title", "n", "tags", "nn", "ff", "obj", "ref"),
    "path": ("title", "n", "tags", "ref", "d"),
    "properties": ("title", "title^2", "tags"),
    "non_ref_properties": ("title", "n", "geo", "obj"),
    "query": ("soup",),
    "id": (ID,),
    "uuid": (ID, "x", ""),
    "name": ("a", "b", "m", ""),
    "target_vectors": ("a", "b", "m"),
    "value_text": ("soup", "2024-01-01T00:00:00Z", ID, "s*"),
    "limit": (1, 3, 10),
    "on": ("ref",),
    "target_collection": ("Dish",),
    "from_collection": ("Dish",),
    "from_uuid": (ID,),
    "origin": ("now", "2024-01-01T00:00:00Z"),
    "scale": ("7d", "1h"),
    "values_bytes": (struct.pack("<2d", 1.5, 2),),
}
_LIKELY: Mapping[str, float] = {
    **dict.fromkeys(("operator", "target", "path", "property", "id", "uuid", "query", "vector_bytes"), 0.95),
    **dict.fromkeys(("from_uuid", "from_collection", "name", "prop_name", "number_of_groups"), 0.95),
    **dict.fromkeys(("objects_per_group", "non_ref_properties"), 0.95),
    **dict.fromkeys(("targets", "vectors", "vector", "move_to", "generative", "rerank", "distance", "boost"), 0.12),
    **dict.fromkeys(("near_text", "near_vector", "group_by", "object_properties", "ref_properties"), 0.12),
    **dict.fromkeys(("certainty", "sort_by", "tenant", "after", "autocut", "vector_for_targets", "selection"), 0.05),
    **dict.fromkeys(("target_vectors", "vector_per_target", "return_all_nonref_properties"), 0.05),
    **dict.fromkeys(("on", "near_image", "near_audio", "near_video", "near_depth", "near_thermal", "near_imu"), 0.01),
    "collection": 0.99,
}
"""How often a field is set, so that some messages get far; the others are set nearly as often as not."""
_SEARCHES = ("near_vector", "near_object", "near_text", "bm25_search", "hybrid_search", "hybrid")


@dataclass
class Filler:
    """Fills messages. `wild`: how often a value is any of its type."""

    random: Random
    wild: float = 0.06

    def fill(self, message: Message, depth: int = 0) -> Message:
        for field in message.DESCRIPTOR.fields:
            if depth == 0 and field.name in _SEARCHES:
                continue
            if depth < 6 and self.random.random() < _LIKELY.get(field.name, 0.4):
                self._set(message, field, depth)
        if depth == 0:
            self._search(message)
        return message

    def _search(self, message: Message) -> None:
        known = [name for name in _SEARCHES if name in message.DESCRIPTOR.fields_by_name]
        for name in self.random.sample(known, min(len(known), self.random.choice((0, *(1,) * 9, 2)))):
            getattr(message, name).SetInParent()
            self.fill(getattr(message, name), 1)

    def _set(self, message: Message, field: FieldDescriptor, depth: int) -> None:
        value = getattr(message, field.name)
        if field.message_type is None:
            self._set_scalar(message, field, value)
        elif field.message_type.GetOptions().map_entry:
            inner = field.message_type.fields_by_name["value"]
            for key in self.random.sample(("a", "title", "n", "geo"), 2):
                if inner.message_type is None:
                    value[key] = self._scalar(inner)
                else:
                    self.fill(value[key], depth + 1)
        elif field.is_repeated:
            self.fill(value.add(), depth + 1)
        else:
            value.SetInParent()
            self.fill(value, depth + 1)

    def _set_scalar(self, message: Message, field: FieldDescriptor, value: Any) -> None:
        if field.is_repeated:
            value.extend(self._scalar(field) for _ in range(self.random.choice((1, 1, 2))))
        else:
            setattr(message, field.name, self._scalar(field))

    def _scalar(self, field: FieldDescriptor) -> Any:
        wild = self.random.random() < self.wild
        if not wild and field.name in _FITTING and isinstance(_FITTING[field.name][0], _python_type(field)):
            return self.random.choice(_FITTING[field.name])
        match field.cpp_type:
            case FieldDescriptor.CPPTYPE_STRING:
                return self.random.choice(_BYTES if field.type == FieldDescriptor.TYPE_BYTES else _TEXTS)
            case FieldDescriptor.CPPTYPE_BOOL:
                return self.random.random() < 0.5
            case FieldDescriptor.CPPTYPE_ENUM:
                return self.random.choice(
                    [*(each.number for each in field.enum_type.values), *((99, -1) if wild else ())]
                )
            case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
                return self.random.choice(_WILD_FLOATS if wild else _FLOATS)
            case FieldDescriptor.CPPTYPE_UINT32 | FieldDescriptor.CPPTYPE_UINT64:
                return self.random.choice((2**31, 2**32 - 1) if wild else _SMALL)
            case _:
                return self.random.choice((2**31 - 1, -1, -(2**31)) if wild else _SMALL)


def _python_type(field: FieldDescriptor) -> type:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return bytes if field.type == FieldDescriptor.TYPE_BYTES else str
    numbers = (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_INT64)
    return int if field.cpp_type in numbers else type(None)
