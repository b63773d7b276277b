"""How many calls a module has under way, and how many may wait for their turn.

A container that answers slowly would otherwise hold every thread of the server, one request each: beyond a bounded
number of waiting calls the next are refused at once, and their callers may come back.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from weavelet.errors import ModuleTimeout, ModuleUnavailable


class Pressure:
    """At most `width` calls pass at a time, and at most `queue` wait."""

    def __init__(self, module: str, width: int, queue: int) -> None:
        self._module = module
        self._places = threading.BoundedSemaphore(width)
        self._queue = queue
        self._waiting = 0
        self._lock = threading.Lock()

    @contextmanager
    def passing(self, url: str, seconds: float) -> Iterator[None]:
        """Inside, the call is one of those under way. Raises `ModuleUnavailable` at once where too many wait."""
        if not self._places.acquire(blocking=False):
            self._wait(url, seconds)
        try:
            yield
        finally:
            self._places.release()

    def _wait(self, url: str, seconds: float) -> None:
        with self._lock:
            if self._waiting >= self._queue:
                raise ModuleUnavailable(
                    f"{self._module}: {self._queue} calls are waiting for {url} already, try again later"
                )
            self._waiting += 1
        try:
            if not self._places.acquire(timeout=seconds):
                raise ModuleTimeout(f"{self._module}: waited {seconds:g} s for other calls to {url} to end")
        finally:
            with self._lock:
                self._waiting -= 1
