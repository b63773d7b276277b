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
_NO_RUNS = 12346
"""First word of the serialised form without run containers (Roaring format specification)."""


class DocSet:
    """Mutable by `add`, `discard` and `update` only; a set that was handed out is not changed by its owner."""

    __slots__ = ("_bits",)

    def __init__(self, bits: BitMap | None = None) -> None:
        self._bits: BitMap = BitMap() if bits is None else bits

    @classmethod
    def of(cls, docs: "Iterable[int] | NDArray[np.uint32]") -> "DocSet":
        """The set of these numbers, in any order."""
        if isinstance(docs, np.ndarray):
            if len(docs) > _SPARSE and (end := int(docs.max()) + 1) < _CHUNK * len(docs) // _SPARSE:
                mask = np.zeros(end, np.bool_)
                mask[docs] = True
                return cls.of_mask(mask)
            return cls(BitMap(array.array("I", docs.astype(np.uint32, copy=False).tobytes())))
        return cls(BitMap(docs))

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_]) -> "DocSet":
        """The set of the positions that are True."""
        return cls(BitMap.deserialize(_serialized(mask)))

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
        bits = [one._bits for one in sets]
        return DocSet(BitMap.union(*bits)) if bits else DocSet()

    def to_bytes(self) -> bytes:
        data: bytes = self._bits.serialize()
        return data

    def __and__(self, other: "DocSet") -> "DocSet":
        return DocSet(self._bits & other._bits)

    def __or__(self, other: "DocSet") -> "DocSet":
        return DocSet(self._bits | other._bits)

    def __sub__(self, other: "DocSet") -> "DocSet":
        return DocSet(self._bits - other._bits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DocSet) and bool(self._bits == other._bits)

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self._bits)

    def __bool__(self) -> bool:
        return bool(self._bits)

    def __contains__(self, doc: int) -> bool:
        return doc in self._bits

    def __iter__(self) -> Iterator[int]:
        """Ascending."""
        return iter(self._bits)

    def __repr__(self) -> str:
        first = ", ".join(str(doc) for doc, _ in zip(self, range(8), strict=False))
        return f"DocSet({first}{', …' if len(self) > 8 else ''})"

    def array(self) -> NDArray[np.uint32]:
        """The numbers, ascending."""
        return np.frombuffer(self._bits.to_array(), np.uint32)

    def mask(self, end: int) -> NDArray[np.bool_]:
        """For every number below `end` whether it is in the set."""
        mask = np.zeros(end, np.bool_)
        docs = self.array()
        mask[docs if not len(docs) or docs[-1] < end else docs[: np.searchsorted(docs, end)]] = True
        return mask

    def isdisjoint(self, other: "DocSet") -> bool:
        return bool(self._bits.isdisjoint(other._bits))

    def add(self, doc: int) -> None:
        self._bits.add(doc)

    def discard(self, doc: int) -> None:
        self._bits.discard(doc)

    def update(self, docs: Iterable[int]) -> None:
        self._bits.update(docs)

    def difference_update(self, docs: Iterable[int]) -> None:
        self._bits.difference_update(BitMap(docs))

    def copy(self) -> "DocSet":
        return DocSet(self._bits.copy())


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
