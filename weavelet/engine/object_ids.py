"""Object ids by document number, to compare them: two 64-bit halves, which order like the text they are written as."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.columns import Growing, compared
from weavelet.engine.docset import DocSet
from weavelet.engine.postings import Part
from weavelet.engine.query import Operator

_HALF_DIGITS = 16
_FEW = 4
"""Ids that are looked for one by one."""
_HASH_BITS = 16
_ODD = np.uint64(0x9E3779B97F4A7C15)


class IdColumn:
    """The id of every document number given. Removed documents keep theirs; the caller knows who is alive."""

    def __init__(self) -> None:
        self._high = Growing(np.uint64)
        self._low = Growing(np.uint64)

    def add(self, docs: Sequence[int], ids: Sequence[str]) -> None:
        halves = [_halves(id) for id in ids]
        self._high.put(docs, np.array([high for high, _ in halves], np.uint64))
        self._low.put(docs, np.array([low for _, low in halves], np.uint64))

    def compare(self, operator: Operator, id: str) -> DocSet:
        """The document numbers whose id compares so with a canonical one; removed ones may be among them."""
        high, low = _halves(id)
        same = self._high.values == high
        found = same & compared(self._low.values, operator, low)
        if operator is not Operator.EQUAL:
            strict = Operator.GREATER_THAN if "Greater" in operator else Operator.LESS_THAN
            found |= compared(self._high.values, strict, high)
        return DocSet.of_mask(found)

    def among(self, ids: Sequence[str]) -> DocSet:
        """The document numbers whose id is one of these; removed ones may be among them."""
        if len(ids) <= _FEW:
            return DocSet.union([self.compare(Operator.EQUAL, id) for id in ids])
        wanted = {_halves(id) for id in ids}
        pairs = np.array(sorted(wanted), np.uint64).reshape(-1, 2)
        hashed = np.zeros(1 << _HASH_BITS, np.bool_)
        hashed[_hashes(pairs[:, 0], pairs[:, 1])] = True
        maybe = np.flatnonzero(hashed[_hashes(self._high.values, self._low.values)])
        halves = zip(self._high.values[maybe].tolist(), self._low.values[maybe].tolist(), strict=True)
        return DocSet.of([doc for doc, pair in zip(maybe.tolist(), halves, strict=True) if pair in wanted])

    def texts(self, docs: DocSet) -> list[tuple[int, str]]:
        """Document numbers with their ids, ascending."""
        numbers = docs.array()
        high, low = self._high.values[numbers].tolist(), self._low.values[numbers].tolist()
        return [(doc, _text(*halves)) for doc, *halves in zip(numbers.tolist(), high, low, strict=True)]

    def snapshot(self) -> dict[str, Part]:
        return {"high": self._high.values.copy(), "low": self._low.values.copy()}

    def load(self, parts: Mapping[str, Part]) -> None:
        self._high.restore(parts["high"])
        self._low.restore(parts["low"])


def _hashes(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A few bits of each id that depend on all of them."""
    mixed: NDArray[np.uint64] = (high ^ low) * _ODD >> np.uint64(64 - _HASH_BITS)
    return mixed


def _halves(id: str) -> tuple[int, int]:
    digits = id.replace("-", "")
    return int(digits[:_HALF_DIGITS], 16), int(digits[_HALF_DIGITS:], 16)


def _text(high: int, low: int) -> str:
    digits = f"{high:016x}{low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
