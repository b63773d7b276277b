"""What was computed for recent texts, within a bound of memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_V = TypeVar("_V")


class Recent(Generic[_V]):
    """Values by key, the least recently used dropped first once they weigh more than `capacity` together."""

    def __init__(self, capacity: int, weigh: Callable[[_V], int]) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._kept: OrderedDict[Hashable, _V] = OrderedDict()
        self._lock = threading.Lock()
        self.weight = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: Hashable) -> _V | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, value: _V) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = value
            self.weight += self._weigh(value)
            while self.weight > self._capacity and self._kept:
                _, dropped = self._kept.popitem(last=False)
                self.weight -= self._weigh(dropped)
