"""The exact index of a slot with many vectors per object, compared by MaxSim.

Every vector of the query looks for its nearest among the object's vectors, and those distances are added up. As in
Weaviate, the query's vectors are normalised for cosine and the objects' are not.
In the vector file an object is a header row, whose first four bytes are the number of its vectors, and those behind it.
"""

from collections.abc import Iterator
from typing import assert_never

import numpy as np

from weavelet.engine.distance import distances, normalised
from weavelet.engine.docset import DocSet
from weavelet.engine.vectors.file import VectorFile
from weavelet.engine.vectors.flat import TOLERANCE
from weavelet.engine.vectors.places import Places, grown
from weavelet.engine.vectors.protocol import Docs, Floats, Nearest, RowNumbers, first
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

_CHUNK = 1 << 16
"""Rows compared in one go."""


def packed(matrix: Vector) -> Floats:
    """The rows to append for one object `(n, d)`, header first."""
    header = np.zeros((1, matrix.shape[1]), np.float32)
    header.view(np.uint32)[0, 0] = len(matrix)
    return np.concatenate((header, matrix))


class MultiFlat:
    def __init__(self, file: VectorFile, metric: Distance) -> None:
        self._file = file
        self._metric = metric
        self._places = Places()
        self._lengths = np.empty(0, np.int64)
        """Per header row, how many rows follow."""

    def __len__(self) -> int:
        return self._places.live

    def add(self, docs: Docs, rows: RowNumbers) -> None:
        self._places.put(docs, rows)
        self._lengths = grown(self._lengths, self._places.count, 0)
        if len(rows):
            self._lengths[rows] = self.lengths(self._file, rows)

    @staticmethod
    def lengths(file: VectorFile, rows: RowNumbers) -> RowNumbers:
        """How many vectors the objects have whose header rows these are."""
        return file.rows()[rows, :1].view(np.uint32)[:, 0].astype(np.int64)

    def remove(self, docs: Docs) -> None:
        self._places.take(docs)

    def docs(self) -> Docs:
        return self._places.docs()

    def vector(self, doc: int) -> Vector | None:
        row = int(self._places.rows(np.array([doc], np.uint32))[0])
        if row < 0:
            return None
        return self._file.rows()[row + 1 : row + 1 + int(self._lengths[row])].copy()

    def distances(self, query: Vector, docs: Docs) -> Floats:
        rows = self._places.rows(docs)
        known = np.flatnonzero(rows >= 0)
        known = known[np.argsort(rows[known], kind="stable")]
        result = np.full(len(docs), np.nan, np.float32)
        prepared = self._prepared(query)
        for part in self._chunks(rows, known):
            result[part] = self._measured(prepared, rows[part])
        return result

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest:
        docs = self.docs() if allowed is None else allowed.array()
        return first(docs, self.distances(query, docs), k)

    def within(self, query: Vector, distance: float, allowed: DocSet | None) -> Nearest:
        found = self.nearest(query, len(self), allowed)
        inside = found.distances <= np.float32(distance) + TOLERANCE
        return Nearest(found.docs[inside], found.distances[inside])

    def _chunks(self, rows: RowNumbers, known: RowNumbers) -> Iterator[RowNumbers]:
        """Positions of objects, together about as many vectors as are compared in one go."""
        behind = np.cumsum(self._lengths[rows[known]])
        start = 0
        while start < len(known):
            used = behind[start - 1] if start else 0
            stop = max(start + 1, int(np.searchsorted(behind, used + _CHUNK, side="right")))
            yield known[start:stop]
            start = stop

    def _measured(self, query: Floats, headers: RowNumbers) -> Floats:
        """MaxSim distances to the objects of these header rows."""
        lengths = self._lengths[headers]
        starts = np.cumsum(lengths) - lengths
        total = int(lengths.sum())
        numbers = np.arange(total) - np.repeat(starts, lengths) + np.repeat(headers + 1, lengths)
        pairs = self._pairs(query, self._file.gather(numbers))
        result = np.zeros(len(headers), np.float32)
        filled = lengths > 0
        if filled.any():
            nearest = np.minimum.reduceat(pairs, starts[filled], axis=0)
            result[filled] = nearest.sum(axis=1, dtype=np.float32)
        return result

    def _prepared(self, query: Vector) -> Floats:
        rows = np.atleast_2d(query)
        return normalised(rows) if self._metric is Distance.COSINE else rows

    def _pairs(self, query: Floats, rows: Floats) -> Floats:
        """The distance of each row to each of the query's vectors, `(n, q)`."""
        match self._metric:
            case Distance.COSINE | Distance.DOT:
                return -(rows @ query.T)
            case Distance.L2_SQUARED | Distance.MANHATTAN | Distance.HAMMING:
                return np.stack([distances(self._metric, one, rows) for one in query], axis=1)
            case _:
                assert_never(self._metric)
