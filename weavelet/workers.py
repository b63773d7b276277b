"""Who works when: a gate before the processor cores, and one thread for what can wait.

Searches pass the `ComputeGate`: as many as there are cores compute at a time, a bounded number waits, and the rest are
told so at once instead of making everybody slow. The `Background` thread builds graphs, writes snapshots and sweeps,
in small slices that take turns. Imports only `weavelet.errors`.
"""

import heapq
import itertools
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeAlias

from weavelet.errors import Unavailable

_log = logging.getLogger(__name__)

Slice: TypeAlias = Callable[[], bool]
"""A little work, some milliseconds of it; True when there is more to do, and then it is called again."""


class ComputeGate:
    """`with gate:` computes. At most `width` threads are inside, at most `queue` wait before it."""

    def __init__(self, width: int, queue: int) -> None:
        self._free = width
        self._queue = queue
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        with self._lock:
            if self._closed:
                raise Unavailable("the server is stopping")
            if self._free > 0:
                self._free -= 1
                return self
            if len(self._waiting) >= self._queue:
                raise Unavailable(f"the server is busy: {self._queue} requests are waiting already, try again later")
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The place goes to whoever has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def close(self) -> None:
        """Let nobody else in. Those inside and those waiting finish."""
        with self._lock:
            self._closed = True


class Background:
    """One thread for work nobody waits for. A slice that fails is logged and not called again."""

    def __init__(self, name: str = "weavelet-background") -> None:
        self._changed = threading.Condition(threading.Lock())
        self._ready: deque[Slice] = deque()
        self._timed: list[tuple[float, int, Slice]] = []
        self._order = itertools.count()
        self._working = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, slice: Slice) -> None:
        """Call it until it says False, taking turns with the other slices."""
        with self._changed:
            self._ready.append(slice)
            self._changed.notify_all()

    def every(self, seconds: float, slice: Slice) -> None:
        """Call it for ever: again when its turn comes while it says True, else after a pause of so many seconds.

        A slice that fails is called again after the pause.
        """
        with self._changed:
            self._schedule(seconds, slice)
            self._changed.notify_all()

    def idle(self, timeout_seconds: float) -> bool:
        """Wait until no slice has its turn; whether that came true in time. Repeated ones pausing do not count."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._ready and not self._working, timeout_seconds)

    def close(self) -> None:
        """Finish the slice at work and end the thread; what is left undone is forgotten."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _schedule(self, seconds: float, slice: Slice) -> None:
        def repeated() -> bool:
            more = _attempt(slice)
            if not more:
                with self._changed:
                    self._schedule(seconds, slice)
            return more

        heapq.heappush(self._timed, (time.monotonic() + seconds, next(self._order), repeated))

    def _run(self) -> None:
        while (slice := self._next()) is not None:
            more = _attempt(slice)
            with self._changed:
                self._working = False
                if more:
                    self._ready.append(slice)
                self._changed.notify_all()

    def _next(self) -> Slice | None:
        """The slice whose turn it is, waited for; None at the end."""
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                while self._timed and self._timed[0][0] <= now:
                    self._ready.append(heapq.heappop(self._timed)[2])
                if self._ready:
                    self._working = True
                    return self._ready.popleft()
                self._changed.wait(self._timed[0][0] - now if self._timed else None)
            return None


def _attempt(slice: Slice) -> bool:
    """The edge of the thread: a failure here must end neither the thread nor the process."""
    try:
        return slice()
    except Exception:
        _log.exception("background work failed")
        return False


class Workers:
    """A gate as wide as the cores this process may use, and a background thread."""

    def __init__(self, cores: int | None = None, queue: int = 1_000) -> None:
        self.compute = ComputeGate(cores or available_cores(), queue)
        self.background = Background()

    def close(self) -> None:
        self.compute.close()
        self.background.close()


def available_cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
