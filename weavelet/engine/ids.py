"""Object ids as text and as the 16 bytes the engine keeps, and a table from document number to id.

Ids compare alike in both forms: the text is lower-case hexadecimal with its hyphens always in the same places.
Imports nothing of ours.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ID_BYTES = 16


def id_bytes(text: str) -> bytes:
    """The 16 bytes of a canonical id."""
    return bytes.fromhex(text.replace("-", ""))


def id_text(id: bytes) -> str:
    """The canonical, lower-case form with hyphens."""
    digits = id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class IdTable:
    """The id of every document number, 16 bytes each. Numbers never given hold zeros; removed ones keep their id."""

    def __init__(self) -> None:
        self._ids = np.zeros((0, ID_BYTES), np.uint8)

    def restore(self, ids: NDArray[np.uint8]) -> None:
        """Take over what `array` gave: `(n, 16)` uint8, row = document number."""
        self._ids = ids.copy()

    def put(self, docs: Sequence[int], ids: Sequence[bytes]) -> None:
        if not docs:
            return
        self._reserve(max(docs) + 1)
        self._ids[np.asarray(docs)] = np.frombuffer(b"".join(ids), np.uint8).reshape(-1, ID_BYTES)

    def text_of(self, doc: int) -> str:
        return id_text(self.bytes_of(doc))

    def bytes_of(self, doc: int) -> bytes:
        """The 16 bytes, which order like the text."""
        data: bytes = self._ids[doc].tobytes()
        return data

    def keys(self, docs: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], ...]:
        """By what `lexsort` puts the documents in order of their ids: two halves, the more important one last."""
        halves = self._ids[docs].view(">u8").astype(np.uint64)
        return halves[:, 1], halves[:, 0]

    def array(self, count: int) -> NDArray[np.uint8]:
        """A copy of the first `count` rows, `(count, 16)` uint8."""
        self._reserve(count)
        return self._ids[:count].copy()

    def _reserve(self, count: int) -> None:
        """Room for that many; readers of the old array are not disturbed."""
        if count > len(self._ids):
            grown = np.zeros((max(count, len(self._ids) * 5 // 4, 256), ID_BYTES), np.uint8)
            grown[: len(self._ids)] = self._ids
            self._ids = grown


class RowTable:
    """The row of every document's vector in its vector file, or -1."""

    def __init__(self) -> None:
        self._rows = np.full(0, -1, np.int64)

    def put(self, docs: Sequence[int] | NDArray[np.uint32], rows: Sequence[int] | NDArray[np.int64]) -> None:
        if len(docs) == 0:
            return
        numbers = np.asarray(docs, np.int64)
        self._reserve(int(numbers.max()) + 1)
        self._rows[numbers] = np.asarray(rows, np.int64)

    def forget(self, docs: Sequence[int]) -> None:
        known = [doc for doc in docs if doc < len(self._rows)]
        self._rows[np.asarray(known, np.int64)] = -1

    def pairs(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The documents that have a vector, ascending, and its row for each."""
        docs = np.flatnonzero(self._rows >= 0)
        return docs.astype(np.uint32), self._rows[docs]

    def _reserve(self, count: int) -> None:
        if count > len(self._rows):
            grown = np.full(max(count, len(self._rows) * 5 // 4, 256), -1, np.int64)
            grown[: len(self._rows)] = self._rows
            self._rows = grown
