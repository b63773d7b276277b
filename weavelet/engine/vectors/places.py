"""Which row of the vector file each document has, and the other way round: twelve bytes a document."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.vectors.protocol import Docs, RowNumbers

NOWHERE = -1
"""The row of a document without one."""
NOBODY = 0xFFFF_FFFF
"""The document of a row without one."""

_Scalar = TypeVar("_Scalar", bound=np.generic)


class Places:
    def __init__(self) -> None:
        self._row_of = np.empty(0, np.int64)
        self._doc_of = np.empty(0, np.uint32)
        self.live = 0
        self.count = 0
        """One more than the largest row number ever given to a document."""

    @property
    def size(self) -> int:
        """More than any document's number."""
        return len(self._row_of)

    def put(self, docs: Docs, rows: RowNumbers) -> None:
        if not len(docs):
            return
        self.count = max(self.count, int(rows.max()) + 1)
        self._row_of = grown(self._row_of, int(docs.max()) + 1, NOWHERE)
        self._doc_of = grown(self._doc_of, self.count, NOBODY)
        self._row_of[docs] = rows
        self._doc_of[rows] = docs
        self.live += len(docs)

    def take(self, docs: Docs) -> Docs:
        """Forget the documents; those of them that had a row."""
        rows = self.rows(docs)
        known = rows >= 0
        self._row_of[docs[known]] = NOWHERE
        self._doc_of[rows[known]] = NOBODY
        self.live -= int(known.sum())
        return docs[known]

    def rows(self, docs: Docs) -> RowNumbers:
        """NOWHERE for a document that has none."""
        inside = docs < len(self._row_of)
        if inside.all():
            return self._row_of[docs]
        rows = np.full(len(docs), NOWHERE, np.int64)
        rows[inside] = self._row_of[docs[inside]]
        return rows

    def known_rows(self, docs: Docs) -> RowNumbers:
        """The same for documents that all have one."""
        return self._row_of.take(docs)

    def owners(self) -> Docs:
        """The document of each row up to `count`, NOBODY where there is none."""
        return self._doc_of[: self.count]

    def docs(self) -> Docs:
        """Ascending."""
        return np.flatnonzero(self._row_of >= 0).astype(np.uint32)


def grown(array: NDArray[_Scalar], size: int, fill: Any) -> NDArray[_Scalar]:
    """The array with room for `size` entries, and some to spare; new ones are `fill`."""
    if size <= len(array):
        return array
    larger = np.full(max(size, len(array) * 3 // 2), fill, array.dtype)
    larger[: len(array)] = array
    return larger
