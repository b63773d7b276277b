"""The little of the protocol-buffer encoding that pages of results are spliced from.

Making a message object for every row, property and value costs more than everything else in a reply, and nobody but
the serialiser would look at them. The bytes of two messages of one type, one behind the other, are the message with
the fields of both, so what is spliced and what is serialised mix freely. Field numbers come from the message classes.
"""

import struct
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

_UNSIGNED: Final = (1 << 64) - 1
FIXED_64, FIXED_32, DELIMITED, NUMBER = 1, 5, 2, 0
"""How the value of a field is encoded, as it stands in the three lowest bits before it."""
_KINDS: Final = {
    FieldDescriptor.TYPE_DOUBLE: FIXED_64,
    FieldDescriptor.TYPE_FLOAT: FIXED_32,
    FieldDescriptor.TYPE_STRING: DELIMITED,
    FieldDescriptor.TYPE_BYTES: DELIMITED,
    FieldDescriptor.TYPE_MESSAGE: DELIMITED,
}

TRUE: Final = b"\x01"
FALSE: Final = b"\x00"
float_bytes = struct.Struct("<f").pack
double_bytes = struct.Struct("<d").pack


class _Varints(dict[int, bytes]):
    """Numbers as seven bits a byte, the lowest first; negative ones as 64 bits. Small ones are kept.

    A table and no function, because a page of results looks up dozens.
    """

    def __missing__(self, number: int) -> bytes:
        number &= _UNSIGNED
        out = bytearray()
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
        return bytes(out)


VARINT: Final = _Varints()
VARINT.update((number, VARINT[number]) for number in range(4096))


def tag(message: Any, field: str) -> bytes:
    """What stands before the value of a message class's field."""
    found = message.DESCRIPTOR.fields_by_name[field]
    return VARINT[found.number << 3 | _KINDS.get(found.type, NUMBER)]


def delimited(tag: bytes, data: bytes) -> bytes:
    """A string, bytes or message with its tag."""
    return tag + VARINT[len(data)] + data
