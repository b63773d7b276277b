"""A set of document numbers: what a filter allows, what is alive, which documents hold a value.

A compressed bitmap (pyroaring) behind the few operations the engine uses. `&`, `|` and `-` make a new set and are
cheap even for millions of numbers; `array` and `mask` are the ways out to numpy, `of` and `of_mask` the ways in.
Numbers are unsigned 32 bit. Imports nothing of ours.
"""

import array
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

_CHUNK = 1 << 16
"""Numbers one container of the bitmap covers."""
_SPARSE = 4096
"""A container of at most this many numbers lists them; a fuller one is a bit field."""
_DENSE = 4
"""A bitmap with at least one number in so many keeps its mask, once it has been asked for."""
_WORD = 8
_SCATTERED = 64
"""A set with fewer than one number in so many is quicker looked up, number by number, than combined as a whole."""
_NO_RUNS = 12346
"""First word of the serialised form without run containers (Roaring format specification)."""


class DocSet:
    """Mutable by `add`, `discard` and `update` only; a set that was handed out is not changed by its owner.

    Held as a bitmap, as a mask, or as both: what a comparison finds in a column is a mask, and mostly it is asked for
    as one, so the bitmap is made only where somebody wants it. A mask is never written to once it is here.
    """

    __slots__ = ("_bits", "_count", "_mask")

    def __init__(self, bits: BitMap | None = None, *, mask: NDArray[np.bool_] | None = None) -> None:
        """`mask` alone, or `bits` with or without the mask that says the same."""
        self._bits: BitMap | None = BitMap() if bits is None and mask is None else bits
        self._mask = mask
        self._count = -1

    @classmethod
    def of(cls, docs: "Iterable[int] | NDArray[np.uint32]") -> "DocSet":
        """The set of these numbers, in any order."""
        if isinstance(docs, np.ndarray):
            if len(docs) > _SPARSE and (end := int(docs.max()) + 1) < _CHUNK * len(docs) // _SPARSE:
                mask = np.zeros(end, np.bool_)
                mask[docs] = True
                return cls(mask=mask)
            return cls(BitMap(array.array("I", docs.astype(np.uint32, copy=False).tobytes())))
        return cls(BitMap(docs))

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_]) -> "DocSet":
        """The set of the positions that are True. The mask must not change any more."""
        return cls(mask=mask)

    @classmethod
    def range(cls, end: int) -> "DocSet":
        """Every number below `end`."""
        bits = BitMap()
        bits.add_range(0, end)
        return cls(bits)

    @classmethod
    def from_bytes(cls, data: bytes) -> "DocSet":
        return cls(BitMap.deserialize(bytes(data)))

    @staticmethod
    def union(sets: "Iterable[DocSet]") -> "DocSet":
        bits = [one._bitmap() for one in sets]
        return DocSet(BitMap.union(*bits)) if bits else DocSet()

    def _bitmap(self) -> BitMap:
        if self._bits is None:
            assert self._mask is not None
            self._bits = BitMap.deserialize(_serialized(self._mask))
        return self._bits

    def _changing(self) -> BitMap:
        """The bitmap, about to be changed."""
        bits = self._bitmap()
        self._mask, self._count = None, -1
        return bits

    def to_bytes(self) -> bytes:
        data: bytes = self._bitmap().serialize()
        return data

    def __and__(self, other: "DocSet") -> "DocSet":
        if self._bits is not None and other._bits is not None:
            return DocSet(self._bits & other._bits)
        if len(self) * _SCATTERED < other._end():
            return self._within(other)
        if len(other) * _SCATTERED < self._end():
            return other._within(self)
        end = min(self._end(), other._end())
        return DocSet(mask=self.mask(end) & other.mask(end))

    def __or__(self, other: "DocSet") -> "DocSet":
        if self._bits is not None and other._bits is not None:
            return DocSet(self._bits | other._bits)
        end = max(self._end(), other._end())
        return DocSet(mask=self.mask(end) | other.mask(end))

    def __sub__(self, other: "DocSet") -> "DocSet":
        if self._bits is not None and other._bits is not None:
            return DocSet(self._bits - other._bits)
        mask = self.mask(self._end())
        return DocSet(mask=mask & ~other.mask(len(mask)) if other else mask)

    def _within(self, other: "DocSet") -> "DocSet":
        """Those of these few that are in the other, larger set too."""
        docs = self.array()
        return DocSet.of(docs[other.mask(max(other._end(), int(docs[-1]) + 1))[docs]]) if len(docs) else DocSet()

    def _end(self) -> int:
        """More than any number in the set."""
        if self._mask is not None:
            return len(self._mask)
        return int(self._bits.max()) + 1 if self._bits else 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DocSet) and bool(self._bitmap() == other._bitmap())

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        if self._bits is not None:
            return len(self._bits)
        if self._count < 0:
            assert self._mask is not None
            self._count = int(np.count_nonzero(self._mask))
        return self._count

    def __bool__(self) -> bool:
        return bool(self._bits) if self._bits is not None else len(self) > 0

    def __contains__(self, doc: int) -> bool:
        return doc in self._bitmap()

    def __iter__(self) -> Iterator[int]:
        """Ascending."""
        return iter(self._bitmap())

    def __repr__(self) -> str:
        first = ", ".join(str(doc) for doc, _ in zip(self, range(8), strict=False))
        return f"DocSet({first}{', …' if len(self) > 8 else ''})"

    def array(self) -> NDArray[np.uint32]:
        """The numbers, ascending."""
        if self._mask is None:
            return np.frombuffer(self._bitmap().to_array(), np.uint32)
        scattered = len(self) * _SCATTERED < len(self._mask)
        return _few_positions(self._mask) if scattered else np.flatnonzero(self._mask).astype(np.uint32)

    def mask(self, end: int) -> NDArray[np.bool_]:
        """For every number below `end` whether it is in the set. Read-only: that of a dense set is kept and shared."""
        mask = self._mask
        if mask is None:
            mask = self._unpacked(end)
            if len(self) * _DENSE >= len(mask):
                self._mask = mask
        if len(mask) == end:
            return mask
        return mask[:end] if len(mask) > end else np.concatenate((mask, np.zeros(end - len(mask), np.bool_)))

    def _unpacked(self, end: int) -> NDArray[np.bool_]:
        """The bitmap as a mask that has room for `end` numbers, and for all there are."""
        docs = self.array()
        mask = np.zeros(max(end, int(docs[-1]) + 1 if len(docs) else 0), np.bool_)
        mask[docs] = True
        return mask

    def isdisjoint(self, other: "DocSet") -> bool:
        return bool(self._bitmap().isdisjoint(other._bitmap()))

    def add(self, doc: int) -> None:
        self._changing().add(doc)

    def discard(self, doc: int) -> None:
        self._changing().discard(doc)

    def update(self, docs: Iterable[int]) -> None:
        self._changing().update(docs)

    def difference_update(self, docs: Iterable[int]) -> None:
        self._changing().difference_update(BitMap(docs))

    def copy(self) -> "DocSet":
        return DocSet(None if self._bits is None else self._bits.copy(), mask=self._mask)


def _few_positions(mask: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Where the mask is True, ascending. Eight positions without any are passed over at once."""
    whole = len(mask) // _WORD * _WORD
    words = np.flatnonzero(mask[:whole].view(np.uint64) != 0)
    rows, places = np.nonzero(mask[:whole].reshape(-1, _WORD)[words])
    rest = np.flatnonzero(mask[whole:]) + whole
    return np.concatenate((words[rows] * _WORD + places, rest)).astype(np.uint32)


def _serialized(mask: NDArray[np.bool_]) -> bytes:
    """The portable serialised bitmap of the True positions, built a container at a time.

    Ten times faster than adding the positions, since the full containers are the packed mask itself.
    """
    padded = -len(mask) % _CHUNK
    chunks = np.packbits(np.pad(mask, (0, padded)) if padded else mask, bitorder="little").reshape(-1, _CHUNK // 8)
    header = bytearray()
    bodies: list[bytes] = []
    for key, chunk in enumerate(chunks):
        part = mask[key * _CHUNK : (key + 1) * _CHUNK]
        count = int(np.count_nonzero(part))
        if not count:
            continue
        header += key.to_bytes(2, "little") + (count - 1).to_bytes(2, "little")
        bodies.append(chunk.tobytes() if count > _SPARSE else np.flatnonzero(part).astype("<u2").tobytes())
    start = 8 + len(header) + 4 * len(bodies)
    sizes = np.array([len(body) for body in bodies], np.uint32)
    offsets = (start + np.cumsum(sizes, dtype=np.uint32) - sizes).astype("<u4")
    cookie = _NO_RUNS.to_bytes(4, "little") + len(bodies).to_bytes(4, "little")
    return b"".join((cookie, header, offsets.tobytes(), *bodies))
