"""What was used lately, kept as long as there is room.

Two generations of entries: what is used moves to the young one, and when that has half the room the old one is
dropped. So anything used again within half the room's worth of other things stays, and nothing is ever sorted or
linked. Any thread may use it; at worst an entry is kept twice or lost. Imports nothing of ours.
"""

from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """Entries that weigh at most `room` together, in whatever unit `put` is given."""

    __slots__ = ("_half", "_old", "_weight", "_young")

    def __init__(self, room: int) -> None:
        self._half = room // 2
        self._young: dict[_Key, tuple[_Value, int]] = {}
        self._old: dict[_Key, tuple[_Value, int]] = {}
        self._weight = 0

    def get(self, key: _Key) -> _Value | None:
        entry = self._young.get(key)
        if entry is None:
            entry = self._old.pop(key, None)
            if entry is None:
                return None
            self._keep(key, entry)
        return entry[0]

    def put(self, key: _Key, value: _Value, weight: int) -> None:
        """What weighs more than half the room is not kept."""
        if weight <= self._half:
            self._keep(key, (value, weight))
        else:
            self._young.pop(key, None)
            self._old.pop(key, None)

    def _keep(self, key: _Key, entry: tuple[_Value, int]) -> None:
        if self._weight + entry[1] > self._half:
            self._old, self._young, self._weight = self._young, {}, 0
        self._young[key] = entry
        self._weight += entry[1]
