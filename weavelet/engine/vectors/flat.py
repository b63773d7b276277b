"""The exact index: every vector is looked at, so any distance and any filter works and nothing is missed.

A scan multiplies the whole vector file with the query in one go, which is quick and a rounding error off; whatever
could be among the nearest is then measured row by row, so that results do not depend on the way they were found and
equal vectors have equal distances.
"""

from collections.abc import Callable
from typing import assert_never

import numpy as np

from weavelet.engine.distance import cosines, distances, inverse_norms, normalised, squared_norms
from weavelet.engine.docset import DocSet
from weavelet.engine.vectors.file import VectorFile
from weavelet.engine.vectors.places import NOBODY, Places, grown
from weavelet.engine.vectors.protocol import Docs, Floats, Nearest, RowNumbers, among, first, smallest
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

_SPARE = 16
"""So many more than k are measured exactly at first."""
_GATHER_SHARE = 4
"""A filter that leaves fewer than one vector in so many is answered without scanning the others."""
_ROUNDING = 2e-6
"""How far off a product of two float32 vectors of length 1 may be."""
_AT_ONCE = 8_192
"""Vectors measured at once."""
TOLERANCE = np.float32(1e-6)
"""How far beyond the largest distance asked for a vector still counts as within it."""


class Flat:
    """The exact index of a slot with one vector per object."""

    def __init__(self, file: VectorFile, metric: Distance) -> None:
        self._file = file
        self._metric = metric
        self._places = Places()
        self._scale = np.empty(0, np.float32)
        """Per row, for cosine: one over its length; for dot and L2: its squared length; else nothing."""
        self._longest = 0.0
        """The largest squared length."""

    def __len__(self) -> int:
        return self._places.live

    def add(self, docs: Docs, rows: RowNumbers) -> None:
        self._places.put(docs, rows)
        self._measure(rows)

    def load(self, docs: Docs, rows: RowNumbers, known: Docs, scales: Floats) -> None:
        """As `add`, without reading the vectors of those that are known, whose `scales` these were."""
        self._places.put(docs, rows)
        places = self._places.rows(known)
        there = places >= 0
        self._scale = grown(self._scale, self._places.count, 0)
        self._scale[places[there]] = scales[there]
        self._longest = max(self._longest, float(scales.max(initial=0)))
        self._measure(rows[~among(known, docs)])

    def scales(self, docs: Docs) -> Floats | None:
        """What was measured of each of these documents' vectors; None where nothing is."""
        if _scale_of(self._metric) is None:
            return None
        scales: Floats = self._scale[self._places.known_rows(docs)]
        return scales

    def _measure(self, rows: RowNumbers) -> None:
        if measure := _scale_of(self._metric):
            self._scale = grown(self._scale, self._places.count, 0)
            for start in range(0, len(rows), _AT_ONCE):
                part = rows[start : start + _AT_ONCE]
                scale = measure(self._file.read(part))
                self._scale[part] = scale
                self._longest = max(self._longest, float(scale.max()))

    def remove(self, docs: Docs) -> None:
        self._places.take(docs)

    def docs(self) -> Docs:
        return self._places.docs()

    def vector(self, doc: int) -> Vector | None:
        found = self.vectors(np.array([doc], np.uint32))
        return found[0] if len(found) else None

    def vectors(self, docs: Docs) -> Floats:
        """Those of the documents that have one, in order, as `(n, d)`."""
        rows = self._places.rows(docs)
        return self._file.read(rows[rows >= 0])

    def distances(self, query: Vector, docs: Docs) -> Floats:
        rows = self._places.rows(docs)
        known = rows >= 0
        if known.all():
            return self._measured(query, rows)
        result = np.full(len(docs), np.nan, np.float32)
        result[known] = self._measured(query, rows[known])
        return result

    def measured(self, query: Vector, docs: Docs) -> Floats:
        """As `distances`, of documents that all have a vector here; for cosine the query has length 1."""
        return self._measured_from(query, self._places.known_rows(docs))

    def _measured(self, query: Vector, rows: RowNumbers) -> Floats:
        return self._measured_from(normalised(query) if self._metric is Distance.COSINE else query, rows)

    def _measured_from(self, query: Vector, rows: RowNumbers) -> Floats:
        if self._metric is Distance.COSINE:
            return cosines(query, self._file.gather(rows), self._scale.take(rows))
        return distances(self._metric, query, self._file.gather(rows))

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest:
        if allowed is not None and len(allowed) * _GATHER_SHARE < len(self):
            return self.among(query, allowed.array(), k)
        docs, scanned = self._scan(query, allowed)
        chosen = smallest(scanned, docs, k + _SPARE)
        found = self.among(query, docs[chosen], k)
        if len(chosen) == len(docs) or not len(found.docs):
            return found
        limit = found.distances[-1] + 2 * self._error(query)
        if scanned[chosen].max() > limit:
            return found
        return self.among(query, docs[scanned <= limit], k) if self._error(query) else found

    def within(self, query: Vector, distance: float, allowed: DocSet | None) -> Nearest:
        docs, scanned = self._scan(query, allowed)
        limit = np.float32(distance) + TOLERANCE
        near = docs[scanned <= limit + self._error(query)]
        measured = self.distances(query, near)
        inside = measured <= limit
        return first(near[inside], measured[inside], len(near))

    def among(self, query: Vector, docs: Docs, k: int) -> Nearest:
        """The k nearest of these documents."""
        return first(docs, self.distances(query, docs), k)

    def _scan(self, query: Vector, allowed: DocSet | None) -> tuple[Docs, Floats]:
        """All allowed documents, in order of row, and their distances but for a rounding error."""
        docs = self._places.owners()
        scanned = self._scanned(query, self._file.rows()[: len(docs)])
        if allowed is None and len(docs) == len(self):
            return docs, scanned
        wanted = docs != NOBODY
        if allowed is not None:
            wanted &= allowed.mask(self._places.size)[np.where(wanted, docs, 0)]
        return docs[wanted], scanned[wanted]

    def _scanned(self, query: Vector, rows: Floats) -> Floats:
        result: Floats
        match self._metric:
            case Distance.COSINE:
                result = np.float32(1) - (rows @ normalised(query)) * self._scale[: len(rows)]
            case Distance.DOT:
                result = -(rows @ query)
            case Distance.L2_SQUARED:
                result = self._scale[: len(rows)] - np.float32(2) * (rows @ query) + query.dot(query)
            case Distance.MANHATTAN | Distance.HAMMING:
                result = distances(self._metric, query, rows)
            case _:
                assert_never(self._metric)
        return result

    def _error(self, query: Vector) -> np.float32:
        """How far off a scanned distance may be."""
        match self._metric:
            case Distance.COSINE:
                return np.float32(_ROUNDING)
            case Distance.DOT:
                return np.float32(_ROUNDING * (self._longest * float(query.dot(query))) ** 0.5)
            case Distance.L2_SQUARED:
                return np.float32(_ROUNDING * (self._longest + float(query.dot(query))))
            case Distance.MANHATTAN | Distance.HAMMING:
                return np.float32(0)
            case _:
                assert_never(self._metric)


def _scale_of(metric: Distance) -> Callable[[Floats], Floats] | None:
    match metric:
        case Distance.COSINE:
            return inverse_norms
        case Distance.DOT | Distance.L2_SQUARED:
            return squared_norms
        case Distance.MANHATTAN | Distance.HAMMING:
            return None
        case _:
            assert_never(metric)
