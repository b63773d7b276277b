"""A stage that scans codes of a few bits instead of the vectors, and measures the best few exactly.

Eight times less to read than the vectors, two microseconds to add one, any filter for free. How far the codes' own
distances are off is measured on every query: where the k-th exact distance is not clearly ahead of the last candidate,
more candidates are taken, and when that does not help the stage gives up. `snapshot` writes the codes with a checksum;
what a snapshot lacks is made from the vectors. Needs the package `turbovec`; without it slots do without this stage.

A few ten thousand vectors have codes of two bits, more have four. The library scans short lists of 2-bit codes more
than twice as fast, which pays for the further candidates they need; long lists cost the same either way. Codes keep
the precision they have begun with: other ones are made by the slot, in the background.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.distance import normalised, squared_norms
from weavelet.engine.docset import DocSet
from weavelet.engine.files import Bundle, read_bundle, write_bundle
from weavelet.engine.vectors.flat import Flat
from weavelet.engine.vectors.places import NOWHERE, grown
from weavelet.engine.vectors.protocol import Docs, Floats, Nearest, among, nearest
from weavelet.errors import CorruptionError
from weavelet.handlers import computing
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

_log = logging.getLogger(__name__)

try:
    from turbovec import TurboQuantIndex  # type: ignore[import-untyped, unused-ignore]
except ImportError:
    TurboQuantIndex = None


@dataclass(frozen=True, slots=True)
class Precision:
    """How exact the codes are, and so how many candidates a query for k measures at first: `factor * k + spare`."""

    bits: int
    factor: float
    spare: int


COARSE = Precision(bits=2, factor=1.2, spare=36)
FINE = Precision(bits=4, factor=1.0, spare=16)
_MOST_COARSE = 32_000
_FEWEST_FINE = _MOST_COARSE // 2
_LANES = 8
"""The codes want dimensions in multiples of this."""
_WIDEN = 2
_SHARE = 8
"""Candidates beyond one in so many are not worth it: a full scan is as quick."""
_DEVIATIONS = 2.5
"""How many standard deviations of the measured error the k-th must be ahead of the last candidate."""
_UNIT_TOLERANCE = 1e-3
_BATCH = 16384
_LONG_SCAN = _MOST_COARSE
"""Codes whose scan takes so long that other calls should begin meanwhile."""


def available(metric: Distance) -> bool:
    """Whether slots of this distance can have this stage."""
    return TurboQuantIndex is not None and metric in (Distance.COSINE, Distance.DOT, Distance.L2_SQUARED)


def precision_for(count: int, present: Precision | None = None) -> Precision:
    """What suits so many vectors. What there is already suits a while longer where they become fewer."""
    return FINE if count > (_FEWEST_FINE if present is FINE else _MOST_COARSE) else COARSE


def learn(dimensions: int, precision: Precision) -> None:
    """Have the library work out how it codes vectors of so many dimensions: up to a tenth of a second, once a process.

    It would do so at the first `add`. It uses threads of its own, which it has few of, so that whoever adds codes
    meanwhile waits.
    """
    _learn(_lanes(dimensions), precision.bits)


@cache
def _learn(lanes: int, bits: int) -> None:
    TurboQuantIndex(lanes, bits).to_bytes()


def _lanes(dimensions: int) -> int:
    """The dimensions that the codes have."""
    return -(-dimensions // _LANES) * _LANES


class Quantised:
    """Codes of all vectors of a `Flat` index. L2 works only for vectors of length 1, where it orders like cosine."""

    def __init__(self, flat: Flat, metric: Distance, dimensions: int, precision: Precision = COARSE) -> None:
        self._flat = flat
        self._metric = metric
        self._dimensions = dimensions
        self._suited = True
        self._copying = threading.Lock()
        """Held while the codes change, and while they are copied for a snapshot."""
        self.precision = precision
        self.changes = 0
        """Codes added and removed since the last snapshot."""
        self._begin()

    def __len__(self) -> int:
        return len(self._codes)

    def _begin(self) -> None:
        """Empty codes."""
        self._codes: Any = TurboQuantIndex(_lanes(self._dimensions), self.precision.bits)
        self._doc_of = np.empty(0, np.uint32)
        self._slot_of = np.empty(0, np.int32)
        self._in_order = True
        """Whether every code stands in the slot of its document's number."""

    def add(self, docs: Docs) -> None:
        for start in range(0, len(docs), _BATCH):
            part = docs[start : start + _BATCH]
            self.take(part, self.vectors(part))

    def vectors(self, docs: Docs) -> Floats:
        """What `take` wants to know of the documents, which all have a vector."""
        return self._flat.vectors(docs)

    def take(self, docs: Docs, vectors: Floats) -> None:
        """Add the documents, whose vectors these are."""
        with self._copying:
            self.changes += len(docs)
            if self._suited:
                self._add(docs, vectors)

    def _add(self, docs: Docs, vectors: Floats) -> None:
        if not self._suits(vectors):
            self._give_up()
            return
        before, after = len(self._codes), len(self._codes) + len(docs)
        try:
            self._codes.add(self._prepared(vectors))
        except ValueError:
            self._give_up()
            return
        self._take_slots(docs, before, after)

    def _take_slots(self, docs: Docs, before: int, after: int) -> None:
        """The documents' codes are in the slots from `before` to `after`."""
        self._doc_of = grown(self._doc_of, after, 0)
        self._doc_of[before:after] = docs
        self._slot_of = grown(self._slot_of, int(docs.max()) + 1, NOWHERE)
        self._slot_of[docs] = np.arange(before, after)
        self._in_order = self._in_order and bool((docs == self._slot_of[docs]).all())

    def remove(self, docs: Docs) -> None:
        with self._copying:
            for doc in docs[docs < len(self._slot_of)].tolist():
                if (slot := int(self._slot_of[doc])) != NOWHERE:
                    self._remove(doc, slot)

    def _remove(self, doc: int, slot: int) -> None:
        """The codes close ranks: the last one moves into the gap."""
        moved = self._codes.swap_remove(slot)
        mover = self._doc_of[moved]
        self._doc_of[slot] = mover
        self._slot_of[mover] = slot
        self._slot_of[doc] = NOWHERE
        self._in_order = self._in_order and moved == slot
        self.changes += 1

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest | None:
        total = len(self._codes)
        if not self._suited or not total:
            return None
        mask = None if allowed is None else self._mask(allowed, total)
        if self._metric is Distance.COSINE:
            query = normalised(query)
        codes = self._padded(query)[np.newaxis]
        wanted = int(self.precision.factor * k) + self.precision.spare
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
        with computing() if len(self._codes) >= _LONG_SCAN else nullcontext():
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
        self._begin()

    # Snapshots --------------------------------------------------------------------------------------------------------

    def snapshot(self, path: Path, settle: Callable[[], None]) -> None:
        """Write the codes as they are now. `settle` returns once the store's commits would survive a power cut."""
        with self._copying:
            codes, docs = self._codes.to_bytes(), self._doc_of[: len(self._codes)].copy()
            self.changes = 0
        settle()
        write_bundle(path, Bundle(self._about(), {"codes": codes, "docs": docs}))

    def load(self, path: Path) -> None:
        """Take the codes, of which there are none yet, from their snapshot as far as they are still good.

        A damaged snapshot, or one of another version of the library, counts as none.
        """
        try:
            bundle = read_bundle(path)
        except CorruptionError as error:
            _log.warning("making codes anew: %s", error)
            return
        precision = next((one for one in (COARSE, FINE) if bundle and bundle.about.get("bits") == one.bits), None)
        if bundle is None or precision is None or bundle.about != {**self._about(), "bits": precision.bits}:
            return
        docs = np.asarray(bundle.parts["docs"])
        try:
            codes = TurboQuantIndex.from_bytes(bundle.parts["codes"])
        except ValueError as error:
            _log.warning("making codes anew: %s", error)
            return
        if len(codes) == len(docs) and len(docs):
            self.precision, self._codes = precision, codes
            self._take_slots(docs, 0, len(docs))
            self.remove(docs[~among(self._flat.docs(), docs)])

    def missing(self) -> Docs:
        """The documents of the exact index that have no code."""
        docs = self._flat.docs()
        return docs[~among(self._doc_of[: len(self._codes)], docs)]

    def _about(self) -> dict[str, Any]:
        return {
            "kind": "turbovec",
            "bits": self.precision.bits,
            "distance": self._metric.value,
            "dimensions": self._dimensions,
        }
