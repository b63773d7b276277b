"""Float32 rows of one length in a file: appended, never changed, read through a memory map.

A row has a number for life. `append` makes rows readable at once; after `sync` they survive a power cut. Which rows
matter is not recorded here: whoever keeps row numbers says with `reuse`, right after opening and whenever many have
been given up, which they are, and later rows fill the gaps. A torn tail is cut off at opening. One thread writes; any
number read meanwhile.
"""

import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.files import sync_file, sync_folder
from weavelet.errors import CorruptionError, StorageError

Floats = NDArray[np.float32]
RowNumbers = NDArray[np.int64]

_MAGIC = b"weavelet rows 1\n"
_HEADER = struct.Struct("<16sII")  # magic, dimensions, CRC-32 of the two
_START = 64
_PAGE = 4096
_FLOAT = 4
_GAPS_TRIED = 16
_LONG = 4
"""Rows that are worth a read of their own."""


class VectorFile:
    """`count` rows of `dimensions` floats. Both are 0 until the first `append`, which creates the file."""

    def __init__(self, path: Path) -> None:
        """Raises `CorruptionError` when the file is not one of ours, `StorageError` when it cannot be read."""
        self.path = path
        self._file: IO[bytes] | None = None
        self._rows: Floats = np.empty((0, 0), np.float32)
        self._free: list[int] = []
        self._gaps: list[tuple[int, int]] | None = None
        """The free rows as (first, how many), once rows that belong together have been written."""
        self._unsynced = False
        self.dimensions = 0
        self.count = 0
        if path.exists():
            self._open()

    def append(self, rows: Floats) -> RowNumbers:
        """Write the rows `(n, d)`; their numbers, which need not follow each other."""
        return self._write(rows, self._places(len(rows)))

    def append_together(self, rows: Floats) -> int:
        """Write the rows one behind the other; the number of the first."""
        first = self._gap(len(rows))
        return int(self._write(rows, np.arange(first, first + len(rows)))[0])

    def sync(self) -> None:
        """Return once everything appended would survive a power cut."""
        if self._file is not None and self._unsynced:
            try:
                sync_file(self._file)
            except OSError as error:
                raise self._failure("write", error) from error
            self._unsynced = False

    def rows(self) -> Floats:
        """All rows `(count, d)`, as a read-only view of the file."""
        return self._rows[: self.count]

    def gather(self, numbers: RowNumbers) -> Floats:
        """Copies of these rows, in this order."""
        return self._rows.take(numbers, axis=0)

    def read(self, numbers: RowNumbers) -> Floats:
        """As `gather`, but past the map: what is looked at once in passing does not stay in the process's memory."""
        stretches = list(_runs(numbers)) if len(numbers) else []
        if self._file is None or not hasattr(os, "preadv") or len(stretches) * _LONG > len(numbers):
            return self.gather(numbers)
        rows = np.empty((len(numbers), self.dimensions), np.float32)
        try:
            for start, stop in stretches:
                self._fill(rows[start:stop], int(numbers[start]))
        except OSError as error:
            raise self._failure("read", error) from error
        return rows

    def reuse(self, taken: RowNumbers) -> None:
        """No row but these is referred to: the others may be written again."""
        used = np.zeros(self.count, np.bool_)
        used[taken] = True
        self.count = int(taken.max()) + 1 if len(taken) else 0
        self._free = np.flatnonzero(~used[: self.count])[::-1].tolist()
        self._gaps = None

    def close(self) -> None:
        if self._file is None:
            return
        self._rows = np.empty((0, self.dimensions), np.float32)
        self._file.truncate(self._end(self.count))
        self._file.close()
        self._file = None

    # Reading and making the file --------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            self._file = self.path.open("r+b", buffering=0)
            header = self._file.read(_START)
            size = self.path.stat().st_size
        except OSError as error:
            raise self._failure("open", error) from error
        self.dimensions = self._dimensions_of(header)
        if not self.dimensions:
            self._file.close()
            self._file = None
            return
        self.count = (size - _START) // (self.dimensions * _FLOAT)
        self._map()

    def _dimensions_of(self, header: bytes) -> int:
        """0 for a header that was cut off while the file was made."""
        if len(header) < _START:
            return 0
        magic, dimensions, crc = _HEADER.unpack_from(header)
        if magic != _MAGIC or crc != _checksum(dimensions) or dimensions < 1:
            assert self._file is not None
            self._file.close()
            raise CorruptionError(f"{self.path} is damaged: it does not begin like a file of vectors")
        return int(dimensions)

    def _create(self, dimensions: int) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w+b", buffering=0)
            self._file.write(_HEADER.pack(_MAGIC, dimensions, _checksum(dimensions)).ljust(_START, b"\0"))
            sync_file(self._file)
            sync_folder(self.path.parent)
        except OSError as error:
            raise self._failure("create", error) from error
        self.dimensions = dimensions

    # Writing ----------------------------------------------------------------------------------------------------------

    def _places(self, n: int) -> RowNumbers:
        """Free rows first, then new ones at the end."""
        again = [self._free.pop() for _ in range(min(n, len(self._free)))]
        return np.concatenate((np.array(again, np.int64), np.arange(self.count, self.count + n - len(again))))

    def _gap(self, length: int) -> int:
        """Where so many rows have room together: in the first of a few gaps that is long enough, or at the end."""
        if self._gaps is None:
            free = np.array(self._free[::-1], np.int64)
            self._gaps = [(int(free[start]), stop - start) for start, stop in _runs(free)] if len(free) else []
            self._free = []
        for place, (first, room) in enumerate(self._gaps[:_GAPS_TRIED]):
            if room >= length:
                left = [(first + length, room - length)] if room > length else []
                self._gaps[place : place + 1] = left
                return first
        del self._gaps[:_GAPS_TRIED]
        return self.count

    def _write(self, rows: Floats, numbers: RowNumbers) -> RowNumbers:
        if not len(numbers):
            return numbers
        rows = np.ascontiguousarray(rows, np.float32)
        if self._file is None:
            self._create(rows.shape[1])
        if rows.shape[1] != self.dimensions:
            raise ValueError(f"rows of {rows.shape[1]} floats do not fit a file of rows of {self.dimensions}")
        self._unsynced = True
        try:
            self._grow(int(numbers.max()) + 1)
            for start, stop in _runs(numbers):
                self._put(int(numbers[start]), rows[start:stop])
        except OSError as error:
            raise self._failure("write", error) from error
        self.count = max(self.count, int(numbers.max()) + 1)
        return numbers

    def _put(self, number: int, rows: Floats) -> None:
        assert self._file is not None
        self._file.seek(self._end(number))
        rest = rows.reshape(-1).view(np.uint8).data
        while rest:
            rest = rest[self._file.write(rest) :]

    def _fill(self, rows: Floats, number: int) -> None:
        """Read the rows that begin with this number."""
        assert self._file is not None
        place, rest = self._end(number), rows.reshape(-1).view(np.uint8).data
        while rest:
            done = os.preadv(self._file.fileno(), [rest], place)
            if not done:
                raise CorruptionError(f"{self.path} is damaged: row {number} is beyond its end")
            place, rest = place + done, rest[done:]

    def _grow(self, count: int) -> None:
        """Room for that many rows: the file grows in steps, so that the map is seldom made again."""
        if count <= len(self._rows):
            return
        assert self._file is not None
        wanted = max(self._end(count), self._end(len(self._rows)) * 5 // 4)
        self._file.truncate(-(-wanted // _PAGE) * _PAGE)
        self._map()

    def _map(self) -> None:
        """The rows the file has room for. Views of the map before this one stay valid."""
        assert self._file is not None
        size = self._file.seek(0, 2)
        capacity = (size - _START) // (self.dimensions * _FLOAT)
        if not capacity:
            self._rows = np.empty((0, self.dimensions), np.float32)
            return
        mapped = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)
        floats = np.frombuffer(mapped, np.float32, capacity * self.dimensions, _START)
        self._rows = floats.reshape(capacity, self.dimensions)

    def _end(self, count: int) -> int:
        """Where in the file row number `count` begins."""
        return _START + count * self.dimensions * _FLOAT

    def _failure(self, verb: str, error: OSError) -> StorageError:
        return StorageError(f"cannot {verb} {self.path}: {error.strerror or error}")


def _checksum(dimensions: int) -> int:
    return zlib.crc32(_MAGIC + dimensions.to_bytes(4, "little"))


def _runs(numbers: RowNumbers) -> Iterator[tuple[int, int]]:
    """Where in `numbers` stretches of consecutive numbers begin and end."""
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    starts = [0, *breaks.tolist(), len(numbers)]
    return pairwise(starts)
