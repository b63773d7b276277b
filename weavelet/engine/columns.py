"""Numbers by document number: arrays that grow, scalar and list columns that answer comparisons, points on the globe.

A comparison reads the whole column at once, which for a million documents takes a fraction of a millisecond and needs
no upkeep. Removed documents stay in list columns until `sweep`; whoever asks intersects with what is alive.
Imports only `docset` and the request's values.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from weavelet.engine.docset import DocSet
from weavelet.engine.postings import Part
from weavelet.engine.query import GeoRange, Operator

EARTH_RADIUS: Final = 6_371_000.0
"""Metres, as Weaviate has it."""
_DEGREES_MARGIN: Final = 1e-4
"""More than 32-bit degrees are rounded by."""
_FIRST_SIZE: Final = 64
_FEW: Final = 8
"""Values that are looked for one by one."""


class Growing:
    """An array that grows at its end. `values` has exactly the rows in use; what was never put is zero."""

    __slots__ = ("_room", "_size")

    def __init__(self, dtype: DTypeLike) -> None:
        self._room: NDArray[Any] = np.zeros(0, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> NDArray[Any]:
        return self._room[: self._size]

    def put(self, rows: Sequence[int], values: Sequence[Any] | Any) -> None:
        """Set the rows; those in between that were never set become zero."""
        self.reserve(max(rows) + 1)
        self._room[np.asarray(rows)] = values

    def extend(self, values: Sequence[Any] | NDArray[Any]) -> None:
        start = self._size
        self.reserve(start + len(values))
        self._room[start : self._size] = values

    def reserve(self, size: int) -> None:
        """Have at least so many rows."""
        if size > len(self._room):
            room = np.zeros(max(size, len(self._room) * 3 // 2, _FIRST_SIZE), self._room.dtype)
            room[: self._size] = self.values
            self._room = room
        self._size = max(self._size, size)

    def restore(self, values: Part) -> None:
        self._room = np.array(values, self._room.dtype)
        self._size = len(self._room)


class ScalarColumn:
    """At most one number for each document."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._values = Growing(dtype)
        self._present = Growing(np.bool_)

    @property
    def values(self) -> NDArray[Any]:
        """By document number; meaningless where `present` is False."""
        return self._values.values

    @property
    def present(self) -> NDArray[np.bool_]:
        return self._present.values

    def at(self, docs: NDArray[np.uint32]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The number of each of these documents, and whether it has one."""
        inside = docs < len(self.present)
        if inside.all():
            return self.values[docs], self.present[docs]
        there = docs[inside]
        values, present = np.zeros(len(docs), self.values.dtype), np.zeros(len(docs), np.bool_)
        values[inside], present[inside] = self.values[there], self.present[there]
        return values, present

    def add(self, docs: Sequence[int], values: Sequence[Any]) -> None:
        if docs:
            self._values.put(docs, values)
            self._present.put(docs, True)

    def remove(self, docs: Sequence[int]) -> None:
        known = [doc for doc in docs if doc < len(self._present)]
        self._present.values[known] = False

    def compare(self, operator: Operator, value: Any) -> DocSet:
        """The documents whose number compares so with `value`."""
        return DocSet.of_mask(compared(self.values, operator, value) & self.present)

    def among(self, values: Sequence[Any]) -> DocSet:
        """The documents whose number is one of `values`."""
        return DocSet.of_mask(_among(self.values, values) & self.present)

    def filled(self) -> DocSet:
        """The documents that have a number."""
        return DocSet.of_mask(self.present.copy())

    def sweep(self, live: DocSet) -> None:
        """Nothing to do: a removed document's number is marked at once."""

    def snapshot(self) -> dict[str, Part]:
        return {"values": self.values.copy(), "present": self.present.copy()}

    def load(self, parts: Mapping[str, Part]) -> None:
        self._values.restore(parts["values"])
        self._present.restore(parts["present"])


class ListColumn:
    """Any number of numbers for each document. A document passes a comparison when one of its numbers does."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._values = Growing(dtype)
        self._owners = Growing(np.uint32)

    def add(self, docs: Sequence[int], values: Sequence[Sequence[Any]]) -> None:
        sizes = [len(numbers) for numbers in values]
        self._values.extend([number for numbers in values for number in numbers])
        self._owners.extend(np.repeat(np.asarray(docs, np.uint32), sizes))

    def remove(self, docs: Sequence[int]) -> None:
        """Left to `sweep`."""

    def compare(self, operator: Operator, value: Any) -> DocSet:
        return DocSet.of(self._owners.values[compared(self._values.values, operator, value)])

    def among(self, values: Sequence[Any]) -> DocSet:
        return DocSet.of(self._owners.values[_among(self._values.values, values)])

    def sweep(self, live: DocSet) -> None:
        """Forget the numbers of documents that are not alive."""
        owners = self._owners.values
        if not len(owners):
            return
        stays = live.mask(int(owners.max()) + 1)[owners]
        self._values.restore(self._values.values[stays])
        self._owners.restore(owners[stays])

    def snapshot(self) -> dict[str, Part]:
        return {"values": self._values.values.copy(), "owners": self._owners.values.copy()}

    def load(self, parts: Mapping[str, Part]) -> None:
        self._values.restore(parts["values"])
        self._owners.restore(parts["owners"])


class GeoColumn:
    """At most one place for each document, in degrees of 32-bit precision."""

    def __init__(self) -> None:
        self._latitudes = ScalarColumn(np.float32)
        self._longitudes = ScalarColumn(np.float32)

    def add(self, docs: Sequence[int], values: Sequence[Mapping[str, float]]) -> None:
        self._latitudes.add(docs, [place["latitude"] for place in values])
        self._longitudes.add(docs, [place["longitude"] for place in values])

    def remove(self, docs: Sequence[int]) -> None:
        self._latitudes.remove(docs)
        self._longitudes.remove(docs)

    def within(self, area: GeoRange) -> DocSet:
        """The documents in the area; only those between its most northern and southern point are measured."""
        latitudes, longitudes = self._latitudes.values, self._longitudes.values
        near = np.abs(latitudes - np.float32(area.latitude)) <= np.degrees(area.metres / EARTH_RADIUS) + _DEGREES_MARGIN
        maybe = np.flatnonzero(near & self._latitudes.present)
        return DocSet.of(maybe[metres_from(area, latitudes[maybe], longitudes[maybe]) <= area.metres])

    def sweep(self, live: DocSet) -> None:
        """Nothing to do."""

    def snapshot(self) -> dict[str, Part]:
        latitudes, longitudes = self._latitudes.snapshot(), self._longitudes.snapshot()
        return {"latitudes": latitudes["values"], "longitudes": longitudes["values"], "present": latitudes["present"]}

    def load(self, parts: Mapping[str, Part]) -> None:
        self._latitudes.load({"values": parts["latitudes"], "present": parts["present"]})
        self._longitudes.load({"values": parts["longitudes"], "present": parts["present"]})


def compared(values: NDArray[Any], operator: Operator, value: Any) -> NDArray[np.bool_]:
    """For each number whether it compares so with `value`."""
    result: NDArray[np.bool_]
    match operator:
        case Operator.EQUAL:
            result = values == value
        case Operator.GREATER_THAN:
            result = values > value
        case Operator.GREATER_THAN_EQUAL:
            result = values >= value
        case Operator.LESS_THAN:
            result = values < value
        case Operator.LESS_THAN_EQUAL:
            result = values <= value
        case _:
            raise ValueError(f"{operator} does not compare numbers")
    return result


def _among(numbers: NDArray[Any], values: Sequence[Any]) -> NDArray[np.bool_]:
    """For each number whether it is one of `values`."""
    if len(values) > _FEW:
        return np.isin(numbers, np.asarray(values))
    found = np.zeros(len(numbers), np.bool_)
    for value in values:
        found |= numbers == value
    return found


def metres_from(area: GeoRange, latitudes: NDArray[np.float32], longitudes: NDArray[np.float32]) -> NDArray[np.float64]:
    """Metres along the great circle from the middle of the area, itself of 32-bit precision, to each place."""
    here, east = np.radians(np.array([area.latitude, area.longitude], np.float32).astype(np.float64))
    there = np.radians(latitudes.astype(np.float64))
    across = np.radians(longitudes.astype(np.float64)) - east
    chord = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(across / 2) ** 2
    distances: NDArray[np.float64] = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))
    return distances
