"""Writes Parquet files: flat columns of integers, texts and bytes, streamed row group by row group.

The format's small common denominator, which every reader knows: plain encoding, one page per column and row group,
gzip. The headers and the footer are Thrift structs in its compact protocol; their field numbers are the format's.
Knows nothing of objects.
"""

import gzip
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np

Value: TypeAlias = int | str | bytes | None
Cells: TypeAlias = Sequence[Value]
"""The values of one column in one row group."""

_MAGIC = b"PAR1"
_CREATOR = "weavelet"
_FORMAT_VERSION = 1
_GZIP_LEVEL = 1

_INT64, _BYTE_ARRAY = 2, 6
_REQUIRED, _OPTIONAL = 0, 1
_UTF8 = 0
_PLAIN, _RLE = 0, 3
_GZIP = 2
_DATA_PAGE = 0


class Kind(Enum):
    INTEGER = "integer"
    TEXT = "text"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Column:
    """`optional`: whether a row may have None here."""

    name: str
    kind: Kind
    optional: bool = False

    @property
    def type(self) -> int:
        return _INT64 if self.kind is Kind.INTEGER else _BYTE_ARRAY


def parquet(
    columns: Sequence[Column], groups: Iterable[Sequence[Cells]], metadata: Mapping[str, str]
) -> Iterator[bytes]:
    """The file, piece by piece. Each of `groups` is a row group: equally many cells for every column."""
    yield _MAGIC
    position = len(_MAGIC)
    written: list[bytes] = []
    rows = 0
    for group in groups:
        count = len(group[0])
        chunks: list[bytes] = []
        size = 0
        for column, cells in zip(columns, group, strict=True):
            page, plain_size = _page(column, cells)
            chunks.append(_chunk(column, count, position, plain_size, len(page)))
            yield page
            position += len(page)
            size += plain_size
        written.append(_struct({1: _structs(chunks), 2: _long(size), 3: _long(count)}))
        rows += count
    footer = _footer(columns, rows, written, metadata)
    yield footer + struct.pack("<I", len(footer)) + _MAGIC


# --- Pages -----------------------------------------------------------------------------------------------------------


def _page(column: Column, cells: Cells) -> tuple[bytes, int]:
    """A page with its header, and its size before compression, header included."""
    present = [cell for cell in cells if cell is not None]
    levels = _levels(cells) if column.optional else b""
    body = levels + _plain(column, present)
    packed = gzip.compress(body, _GZIP_LEVEL)
    data = _struct({1: _int(len(cells)), 2: _int(_PLAIN), 3: _int(_RLE), 4: _int(_RLE)})
    header = _struct({1: _int(_DATA_PAGE), 2: _int(len(body)), 3: _int(len(packed)), 5: (_STRUCT, data)})
    return header + packed, len(header) + len(body)


def _levels(cells: Cells) -> bytes:
    """Which cells have a value: one bit each, as a single bit-packed run of eights."""
    bits = np.packbits(np.array([cell is not None for cell in cells], np.bool_), bitorder="little").tobytes()
    run = _varint(len(bits) << 1 | 1) + bits
    return struct.pack("<I", len(run)) + run


def _plain(column: Column, values: Sequence[int | str | bytes]) -> bytes:
    if column.kind is Kind.INTEGER:
        return np.array(values, "<i8").tobytes()
    texts = [value.encode() if isinstance(value, str) else bytes(value) for value in values]
    return b"".join(part for text in texts for part in (struct.pack("<I", len(text)), text))


# --- The footer ------------------------------------------------------------------------------------------------------


def _footer(columns: Sequence[Column], rows: int, groups: Sequence[bytes], metadata: Mapping[str, str]) -> bytes:
    root = _struct({4: _text("schema"), 5: _int(len(columns))})
    pairs = [_struct({1: _text(key), 2: _text(value)}) for key, value in metadata.items()]
    return _struct(
        {
            1: _int(_FORMAT_VERSION),
            2: _structs([root, *map(_element, columns)]),
            3: _long(rows),
            4: _structs(groups),
            5: _structs(pairs),
            6: _text(_CREATOR),
        }
    )


def _element(column: Column) -> bytes:
    fields = {1: _int(column.type), 3: _int(_OPTIONAL if column.optional else _REQUIRED), 4: _text(column.name)}
    return _struct(fields | ({6: _int(_UTF8)} if column.kind is Kind.TEXT else {}))


def _chunk(column: Column, count: int, position: int, plain_size: int, size: int) -> bytes:
    described = _struct(
        {
            1: _int(column.type),
            2: _list(_I32, [_zigzag(_PLAIN), _zigzag(_RLE)]),
            3: _list(_BINARY, [_sized(column.name.encode())]),
            4: _int(_GZIP),
            5: _long(count),
            6: _long(plain_size),
            7: _long(size),
            9: _long(position),
        }
    )
    return _struct({2: _long(position), 3: (_STRUCT, described)})


# --- Thrift's compact protocol ---------------------------------------------------------------------------------------

_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_SHORT_LIST = 15

Field: TypeAlias = tuple[int, bytes]
"""A type and what is written of a value of it."""


def _struct(fields: Mapping[int, Field]) -> bytes:
    """Fields in ascending order, each with its distance from the one before, less than 16."""
    parts = []
    last = 0
    for number, (type, value) in fields.items():
        parts += [bytes([(number - last) << 4 | type]), value]
        last = number
    return b"".join(parts) + b"\0"


def _int(value: int) -> Field:
    return _I32, _zigzag(value)


def _long(value: int) -> Field:
    return _I64, _zigzag(value)


def _text(value: str) -> Field:
    return _BINARY, _sized(value.encode())


def _structs(values: Sequence[bytes]) -> Field:
    return _list(_STRUCT, values)


def _list(type: int, values: Sequence[bytes]) -> Field:
    count = len(values)
    head = bytes([count << 4 | type]) if count < _SHORT_LIST else bytes([_SHORT_LIST << 4 | type]) + _varint(count)
    return _LIST, head + b"".join(values)


def _sized(value: bytes) -> bytes:
    return _varint(len(value)) + value


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
