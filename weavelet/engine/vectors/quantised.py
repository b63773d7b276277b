"""A stage that scans codes of a few bits instead of the vectors, and measures the best few exactly.

Eight times less to read than the vectors, two microseconds to add one, any filter for free. How far the codes' own
distances are off is measured on every query: where the k-th exact distance is not clearly ahead of the last candidate,
more candidates are taken, and when that does not help the stage gives up. The codes live in memory only: they are made
again from the vectors when a slot is opened. Needs the package `turbovec`; without it slots do without this stage.

Up to `_MOST_COARSE` vectors the codes have two bits, beyond it four. The library scans short lists of 2-bit codes more
than twice as fast, which pays for the further candidates they need; long lists cost the same either way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.distance import normalised, squared_norms
from weavelet.engine.docset import DocSet
from weavelet.engine.vectors.flat import Flat
from weavelet.engine.vectors.places import NOWHERE, grown
from weavelet.engine.vectors.protocol import Docs, Floats, Nearest, nearest
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

try:
    from turbovec import TurboQuantIndex  # type: ignore[import-untyped, unused-ignore]
except ImportError:
    TurboQuantIndex = None


@dataclass(frozen=True, slots=True)
class _Precision:
    """How exact the codes are, and so how many candidates a query for k measures at first: `factor * k + spare`."""

    bits: int
    factor: float
    spare: int


_COARSE = _Precision(bits=2, factor=1.2, spare=36)
_FINE = _Precision(bits=4, factor=1.0, spare=16)
_MOST_COARSE = 32_000
_LANES = 8
"""The codes want dimensions in multiples of this."""
_WIDEN = 2
_SHARE = 8
"""Candidates beyond one in so many are not worth it: a full scan is as quick."""
_DEVIATIONS = 2.5
"""How many standard deviations of the measured error the k-th must be ahead of the last candidate."""
_UNIT_TOLERANCE = 1e-3
_BATCH = 16384


def available(metric: Distance) -> bool:
    """Whether slots of this distance can have this stage."""
    return TurboQuantIndex is not None and metric in (Distance.COSINE, Distance.DOT, Distance.L2_SQUARED)


class Quantised:
    """Codes of all vectors of a `Flat` index. L2 works only for vectors of length 1, where it orders like cosine."""

    def __init__(self, flat: Flat, metric: Distance, dimensions: int) -> None:
        self._flat = flat
        self._metric = metric
        self._dimensions = dimensions
        self._suited = True
        self._begin(_COARSE)

    def __len__(self) -> int:
        return len(self._codes)

    def _begin(self, precision: _Precision) -> None:
        """Empty codes of this precision."""
        self._precision = precision
        self._codes: Any = TurboQuantIndex(-(-self._dimensions // _LANES) * _LANES, precision.bits)
        self._doc_of = np.empty(0, np.uint32)
        self._slot_of = np.empty(0, np.int32)
        self._in_order = True
        """Whether every code stands in the slot of its document's number."""

    def add(self, docs: Docs) -> None:
        if self._precision is _COARSE and len(self._codes) + len(docs) > _MOST_COARSE:
            known = self._doc_of[: len(self._codes)]
            self._begin(_FINE)
            docs = np.concatenate((known, docs))
        for start in range(0, len(docs) if self._suited else 0, _BATCH):
            self._add(docs[start : start + _BATCH])

    def _add(self, docs: Docs) -> None:
        vectors = self._flat.vectors(docs)
        if not self._suits(vectors):
            self._give_up()
            return
        before, after = len(self._codes), len(self._codes) + len(docs)
        try:
            self._codes.add(self._prepared(vectors))
        except ValueError:
            self._give_up()
            return
        self._doc_of = grown(self._doc_of, after, 0)
        self._doc_of[before:after] = docs
        self._slot_of = grown(self._slot_of, int(docs.max()) + 1, NOWHERE)
        self._slot_of[docs] = np.arange(before, after)
        self._in_order = self._in_order and bool((docs == self._slot_of[docs]).all())

    def remove(self, docs: Docs) -> None:
        """The codes close ranks: the last one moves into the gap."""
        for doc in docs[docs < len(self._slot_of)].tolist():
            slot = int(self._slot_of[doc])
            if slot == NOWHERE:
                continue
            moved = self._codes.swap_remove(slot)
            mover = self._doc_of[moved]
            self._doc_of[slot] = mover
            self._slot_of[mover] = slot
            self._slot_of[doc] = NOWHERE
            self._in_order = self._in_order and moved == slot

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest | None:
        total = len(self._codes)
        if not self._suited or not total:
            return None
        mask = None if allowed is None else self._mask(allowed, total)
        if self._metric is Distance.COSINE:
            query = normalised(query)
        codes = self._padded(query)[np.newaxis]
        wanted = int(self._precision.factor * k) + self._precision.spare
        while wanted * _SHARE <= total:
            found, sure = self._attempt(query, codes, k, wanted, mask)
            if sure:
                return found
            wanted *= _WIDEN
        return None

    def _mask(self, allowed: DocSet, total: int) -> NDArray[np.bool_]:
        """For each slot whether its document is allowed."""
        if self._in_order:
            return allowed.mask(total)
        return allowed.mask(len(self._slot_of))[self._doc_of[:total]]

    def _attempt(
        self, query: Vector, codes: Floats, k: int, wanted: int, mask: NDArray[np.bool_] | None
    ) -> tuple[Nearest, bool]:
        """The k nearest of so many candidates, and whether a document outside them could be as near."""
        scores, slots = self._codes.search(codes, wanted, mask=mask)
        approximate = scores[0]
        docs = self._doc_of.take(slots[0])
        distances = self._flat.measured(query, docs)
        found = nearest(docs, distances, k)
        if len(docs) < wanted or not len(found.docs):
            return found, True
        exact, least = self._as_scores(query, distances, found.distances[-1])
        errors = approximate - exact
        variance = float(errors.dot(errors)) / wanted - (float(np.add.reduce(errors)) / wanted) ** 2
        best_unseen = float(approximate[-1]) + _DEVIATIONS * max(variance, 0.0) ** 0.5
        return found, least >= best_unseen

    def _as_scores(self, query: Vector, distances: Floats, last: np.float32) -> tuple[Floats, float]:
        """The scores that codes without error would have given for these distances, and for the last one found."""
        match self._metric:
            case Distance.COSINE:
                return np.float32(1) - distances, 1 - float(last)
            case Distance.L2_SQUARED:
                length = 1 + float(query.dot(query))
                return (np.float32(length) - distances) * np.float32(0.5), (length - float(last)) / 2
            case _:
                return -distances, -float(last)

    def _suits(self, vectors: Floats) -> bool:
        if self._metric is not Distance.L2_SQUARED:
            return True
        return bool((np.abs(squared_norms(vectors) - 1) <= _UNIT_TOLERANCE).all())

    def _prepared(self, vectors: Floats) -> Floats:
        """Rows of vectors as the codes take them."""
        return self._padded(normalised(vectors) if self._metric is Distance.COSINE else vectors)

    def _padded(self, vectors: Floats) -> Floats:
        """One vector, or rows of them, with as many dimensions as the codes have."""
        missing = -self._dimensions % _LANES
        if missing:
            vectors = np.pad(vectors, (*((0, 0),) * (vectors.ndim - 1), (0, missing)))
        return np.ascontiguousarray(vectors)

    def _give_up(self) -> None:
        """Some vector does not fit: from now on the exact index answers."""
        self._suited = False
        self._begin(self._precision)
