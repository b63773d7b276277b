"""A page of results as it was read from the store.

`Rows` reads like a list of `Row`s, which are made, all at once, when somebody looks at one. A door that renders many
plain rows works on the `hits` and `records` instead and needs none of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import overload

from weavelet.engine.query import Hit, Row
from weavelet.engine.store import Record
from weavelet.schema.objects import Object


@dataclass(frozen=True, slots=True, eq=False)
class Rows(Sequence[Row]):
    """`records` are those of the `hits`, in the same order, their properties as JSON; nothing of them has vectors."""

    hits: Sequence[Hit]
    records: Sequence[Record]
    object_of: Callable[[Record], Object]
    certain: bool
    """Whether distances can be said as certainties."""
    _made: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if not self._made:
            self._made.extend(self._row(hit, record) for hit, record in zip(self.hits, self.records, strict=True))
        return self._made[place]

    def _row(self, hit: Hit, record: Record) -> Row:
        return row(hit, self.object_of(record), self.certain)


def row(hit: Hit, shown: Object, certain: bool) -> Row:
    """`certain`: whether the distance can be said as a certainty."""
    return Row(
        object=shown,
        score=hit.score,
        distance=hit.distance,
        certainty=1 - hit.distance / 2 if certain and hit.distance is not None else None,
        explain=hit.explain,
    )
