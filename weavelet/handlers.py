"""The threads of a door: one of them reads, and whoever has read a call makes it, with everything still in its caches.

At most as many calls are at work as there are cores: more would only fight for the interpreter's lock, and every call
would take longer than if it had been begun later. While one thread makes a call nobody reads, since most calls are
over sooner than another thread could be woken. Another one is woken when a call is about to wait, which it says with
`waiting()`, for a container, the disk or the client's next message; when a call takes long; and when several have come
at once. Imports nothing of ours.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TypeAlias

Call: TypeAlias = Callable[[], None]
"""Raises nothing."""

_LONG_SECONDS = 0.004
"""How often somebody looks whether a call takes long."""

_mine = threading.local()


def waiting() -> AbstractContextManager[None]:
    """For a `with` around what waits. Does nothing in threads that are not a door's, nor inside of another one."""
    threads: HandlerThreads | None = getattr(_mine, "threads", None)
    return nullcontext() if threads is None or _mine.waits else threads.waiting()


class HandlerThreads:
    """Calls begin in the order in which they come. The latest idle thread is woken first: its stack is still warm."""

    def __init__(self, read: Callable[[], Sequence[Call]], width: int, most: int = 64, name: str = "handler") -> None:
        """`read` waits for calls; one thread at a time is in it. At most `width` calls work at a time.

        With those that wait there are at most `most` threads. One of them makes no call, since calls may wait for
        what is still to be read.
        """
        self._read = read
        self._width = width
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque()
        self._idle: list[threading.Lock] = []
        """Held by threads that sleep; whoever releases one has made it busy or the reader."""
        self._threads: list[threading.Thread] = []
        self._busy = 0
        """Calls at work."""
        self._inside = 0
        """Calls at work or waiting."""
        self._reading = False
        self._reads = 0
        """How many times somebody has begun to read."""
        self._unwatched = False
        """Whether the watcher sleeps, since nothing happens."""
        self._watch = threading.Semaphore(0)
        self._closed = False

    def start(self) -> None:
        with self._lock:
            self._start(self._watch_for_long_calls, f"{self._name}-watch")
            self._wake()

    def close(self) -> None:
        """End the threads when their calls are done. The one that reads must be brought to return from it."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().release()
            self._watch.release()

    def join(self, seconds: float) -> bool:
        """Wait for the threads to end after `close`; whether all did."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let another thread work meanwhile. Afterwards there may be one too many at work for a moment."""
        with self._lock:
            self._busy -= 1
            self._wake()
        _mine.waits = True
        try:
            yield
        finally:
            _mine.waits = False
            with self._lock:
                self._busy += 1

    def _start(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _wake(self) -> None:
        """Put a thread to work where there is something to do for it. The lock is held."""
        if self._closed or (self._reading and not self._may_begin):
            return
        if self._idle:
            self._idle.pop().release()
        elif len(self._threads) <= self._most:
            with suppress(RuntimeError):  # The system has no more threads; those that are there go on.
                self._start(self._work, f"{self._name}-{len(self._threads)}")

    @property
    def _may_begin(self) -> bool:
        return bool(self._calls) and self._busy < self._width and self._inside < self._most - 1

    def _work(self) -> None:
        _mine.threads = self
        _mine.waits = False
        turn = threading.Lock()
        turn.acquire()
        while not self._closed:
            call = self._next(turn)
            if call is not None:
                call()
                call = None  # Or what it holds would stay until this thread's next one.
                with self._lock:
                    self._busy -= 1
                    self._inside -= 1

    def _next(self, turn: threading.Lock) -> Call | None:
        """The next call, read where none is known. None after a sleep, which ends when there may be one."""
        with self._lock:
            if self._closed:
                return None
            if self._may_begin:
                return self._begin()
            read = not self._reading
            if read:
                self._reading = True
                self._reads += 1
            else:
                self._idle.append(turn)
        if not read:
            turn.acquire()
            return None
        calls = self._read()
        with self._lock:
            self._reading = False
            self._calls.extend(calls)
            return self._begin() if self._may_begin else None

    def _begin(self) -> Call:
        """Take the first call, and have another thread take the next. The lock is held."""
        self._busy += 1
        self._inside += 1
        if self._unwatched:
            self._unwatched = False
            self._watch.release()
        call = self._calls.popleft()
        if self._calls and self._may_begin:
            self._wake()
        return call

    def _watch_for_long_calls(self) -> None:
        """Have another thread read where nobody has begun to for a while."""
        seen = -1
        while not self._closed:
            with self._lock:
                if self._reads != seen:
                    seen = self._reads
                elif self._reading:
                    self._unwatched = True
                else:
                    self._wake()
                sleep = self._unwatched
            if sleep:
                self._watch.acquire()
            else:
                self._watch.acquire(timeout=_LONG_SECONDS)
