"""What a search found, best first, as columns.

A `Hits` reads like a list of `Hit`s, which are made only when somebody looks at one: rankings of hundreds are fused,
cut and paged on the columns. Imports only the request values and numpy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.query import Hit


@dataclass(frozen=True, slots=True, eq=False)
class Hits(Sequence[Hit]):
    """`docs` are document numbers. `scores` or `distances`, where there are any, are as long, and so is `explains`."""

    docs: NDArray[np.uint32]
    scores: NDArray[np.float32] | None = None
    distances: NDArray[np.float32] | None = None
    explains: Sequence[str] = ()

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> "Hits":
        """The same as columns; for hits that all have a score, or all a distance, or neither."""
        if isinstance(hits, Hits):
            return hits
        return cls(
            np.array([hit.doc for hit in hits], np.uint32),
            _column([hit.score for hit in hits]),
            _column([hit.distance for hit in hits]),
            [hit.explain for hit in hits] if any(hit.explain for hit in hits) else (),
        )

    def __len__(self) -> int:
        return len(self.docs)

    @overload
    def __getitem__(self, place: int) -> Hit: ...
    @overload
    def __getitem__(self, place: slice) -> "Hits": ...
    def __getitem__(self, place: int | slice) -> "Hit | Hits":
        if isinstance(place, slice):
            scores = None if self.scores is None else self.scores[place]
            distances = None if self.distances is None else self.distances[place]
            return Hits(self.docs[place], scores, distances, self.explains[place])
        found = list(self[place : place + 1 or None])
        if not found:
            raise IndexError(f"there are {len(self)} hits, none at {place}")
        return found[0]

    def __iter__(self) -> Iterator[Hit]:
        return map(Hit, self.docs.tolist(), _values(self.scores), _values(self.distances), self.explains or repeat(""))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def at(self, places: NDArray[Any]) -> "Hits":
        """The hits at these places, in this order, without explanations."""
        scores = None if self.scores is None else self.scores[places]
        return Hits(self.docs[places], scores, None if self.distances is None else self.distances[places])


def runs(equal: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where stretches of several equals begin and end, given for every place but the last whether the next is equal."""
    places = np.flatnonzero(equal).tolist()
    start = 0
    for n, place in enumerate(places, 1):
        if n == len(places) or places[n] != place + 1:
            yield places[start], place + 2
            start = n


def _column(values: Sequence[float | None]) -> NDArray[np.float32] | None:
    return np.array(values, np.float32) if values and values[0] is not None else None


def _values(column: NDArray[np.float32] | None) -> Iterator[float | None]:
    return repeat(None) if column is None else iter(column.tolist())
