"""What a `SearchRequest` message looks for, taken out of its bytes without parsing the rest.

Requests of one client mostly differ in nothing but a vector and a text. `cut` walks over the message's fields, which is
a fraction of what making objects of them costs, and gives those two, and what is left as the message's shape. It knows
just enough of the encoding to step over a field; whatever is unusual it leaves to the parser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.wire import DELIMITED, FIXED_32, FIXED_64, NUMBER

Shape: TypeAlias = tuple[bytes | bool, ...]
"""The pieces of a message between what was cut out, and whether it had a text and a vector that are not empty.

A field that holds a cut one loses its length, and ends a piece, so that equal shapes are equally nested.
"""

_TEXT: Final = "text"
_VECTOR: Final = "vector"
_Fields: TypeAlias = Mapping[int, Any]
"""By what stands before a field, as a number: what it is, or the fields of the message in it."""

_LONG: Final = 0x80
"""The bit of a byte that says that a number goes on."""
_MOST_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Cut:
    """Text and vector are empty where the message has none."""

    text: str
    vector: bytes
    shape: Shape

    @property
    def size(self) -> int:
        """Of the shape, in bytes."""
        return sum(len(piece) for piece in self.shape if isinstance(piece, bytes))


def cut(data: bytes) -> Cut | None:
    """None for a message that has several texts or vectors, or that only the parser can make sense of."""
    found: dict[str, bytes] = {}
    pieces: list[bytes] = []
    try:
        if (start := _walk(data, 0, len(data), 0, _SEARCH, found, pieces)) is None:
            return None
        text, vector = found.get(_TEXT, b"").decode(), found.get(_VECTOR, b"")
    except (IndexError, UnicodeDecodeError):
        return None
    return Cut(text, vector, (*pieces, data[start:], bool(text), bool(vector)))


def _walk(
    data: bytes, place: int, end: int, start: int, fields: _Fields, found: dict[str, bytes], pieces: list[bytes]
) -> int | None:
    """Go over one message. `start` is where the piece begins that is not yet among the `pieces`; its new place."""
    while place < end:
        field = data[place]
        place += 1
        if field & _LONG:
            field += (data[place] - 1) * _LONG
            place += 1
            if field >= _LONG * _LONG:
                return None
        kind = field & 7
        if kind == DELIMITED:
            before = place
            length = data[place]
            place += 1
            if length & _LONG:
                length, place = _number(data, before)
            after = place + length
            if after > end:
                return None
            inside = fields.get(field)
            if inside is not None:
                pieces.append(data[start:before])
                if isinstance(inside, str):
                    if inside in found:
                        return None
                    found[inside] = data[place:after]
                    start = after
                else:
                    begun = _walk(data, place, after, place, inside, found, pieces)
                    if begun is None:
                        return None
                    pieces.append(data[begun:after])
                    start = after
            place = after
        elif kind == NUMBER:
            while data[place] & _LONG:
                place += 1
            place += 1
        elif kind == FIXED_32:
            place += 4
        elif kind == FIXED_64:
            place += 8
        else:
            return None
    return start if place == end else None


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A length of several bytes, and the place behind it. Raises `IndexError` where it is longer than any message."""
    number = 0
    for shift in range(_MOST_LENGTH_BYTES):
        byte = data[place + shift]
        number |= (byte & ~_LONG) << 7 * shift
        if not byte & _LONG:
            return number, place + shift + 1
    raise IndexError(place)


def _field(message: Any, name: str) -> int:
    return int(message.DESCRIPTOR.fields_by_name[name].number) << 3 | DELIMITED


_VECTORS: Final[_Fields] = {_field(pb.Vectors, "vector_bytes"): _VECTOR}
_NEAR: Final[_Fields] = {_field(pb.NearVector, "vector_bytes"): _VECTOR, _field(pb.NearVector, "vectors"): _VECTORS}
_HYBRID: Final[_Fields] = {
    _field(pb.Hybrid, "query"): _TEXT,
    _field(pb.Hybrid, "vector_bytes"): _VECTOR,
    _field(pb.Hybrid, "near_vector"): _NEAR,
    _field(pb.Hybrid, "vectors"): _VECTORS,
}
_SEARCH: Final[_Fields] = {
    _field(pb.SearchRequest, "hybrid_search"): _HYBRID,
    _field(pb.SearchRequest, "bm25_search"): {_field(pb.BM25, "query"): _TEXT},
    _field(pb.SearchRequest, "near_vector"): _NEAR,
}
