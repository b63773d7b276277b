"""The vectors of recent queries: people page, filter and rerank with the same words."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic

from weavelet.schema.objects import Vector


class RecentVectors:
    """At most `capacity` vectors, the least recently used one dropped first, none kept longer than `seconds`.

    The time limit lets a container that was given another model behind the same address be noticed.
    """

    def __init__(self, capacity: int = 1024, seconds: float = 600.0, now: Callable[[], float] = monotonic) -> None:
        self._capacity = capacity
        self._seconds = seconds
        self._now = now
        self._kept: OrderedDict[Hashable, tuple[float, Vector]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Vector | None:
        """The vector kept under the key, unless it is too old."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if self._now() - found[0] > self._seconds:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: Hashable, vector: Vector) -> None:
        """Keep the vector, made read-only: every later caller is given the same array."""
        vector.flags.writeable = False
        with self._lock:
            self._kept[key] = (self._now(), vector)
            self._kept.move_to_end(key)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
