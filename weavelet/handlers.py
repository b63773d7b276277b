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
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeAlias

Call: TypeAlias = Callable[[], None]
"""Raises nothing."""

_LONG_SECONDS = 0.004
"""How often somebody looks whether a call takes long."""

_mine = threading.local()


def waiting() -> AbstractContextManager[None]:
    """For a `with` around what waits. Does nothing in threads that are not a door's."""
    threads: HandlerThreads | None = getattr(_mine, "threads", None)
    return nullcontext() if threads is None else threads.waiting()


class HandlerThreads:
    """Calls begin in the order in which they come. The latest idle thread is woken first: its stack is still warm."""

    def __init__(self, read: Callable[[], Sequence[Call]], width: int, most: int = 64, name: str = "handler") -> None:
        """`read` waits for calls; one thread at a time is in it. At most `width` calls work at a time.

        With those that wait there are at most `most` threads.
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
        self._reading = False
        self._begun = 0
        """How many calls there have been."""
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
        try:
            yield
        finally:
            with self._lock:
                self._busy += 1

    def _start(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _wake(self) -> None:
        """Put a thread to work where there is something to do for it. The lock is held."""
        if self._closed or (self._reading and not (self._calls and self._busy < self._width)):
            return
        if self._idle:
            self._idle.pop().release()
        elif len(self._threads) <= self._most:
            self._start(self._work, f"{self._name}-{len(self._threads)}")

    def _work(self) -> None:
        _mine.threads = self
        turn = threading.Lock()
        turn.acquire()
        while not self._closed:
            call = self._next(turn)
            if call is not None:
                call()
                with self._lock:
                    self._busy -= 1

    def _next(self, turn: threading.Lock) -> Call | None:
        """The next call, read where none is known. None after a sleep, which ends when there may be one."""
        with self._lock:
            if self._calls and self._busy < self._width:
                return self._begin()
            if self._reading or self._closed:
                self._idle.append(turn)
                read = False
            else:
                read = self._reading = True
        if not read:
            turn.acquire()
            return None
        calls = self._read()
        with self._lock:
            self._reading = False
            self._calls.extend(calls)
            if not self._calls or self._busy >= self._width:
                return None
            call = self._begin()
            if self._calls:
                self._wake()
            return call

    def _begin(self) -> Call:
        """Take the first call. The lock is held."""
        self._busy += 1
        self._begun += 1
        if self._unwatched:
            self._unwatched = False
            self._watch.release()
        return self._calls.popleft()

    def _watch_for_long_calls(self) -> None:
        """Have another thread read where the same calls have been at work for a while."""
        seen = -1
        while not self._closed:
            with self._lock:
                if self._begun != seen:
                    seen = self._begun
                elif self._reading:
                    self._unwatched = True
                else:
                    self._wake()
                sleep = self._unwatched
            if sleep:
                self._watch.acquire()
            else:
                self._watch.acquire(timeout=_LONG_SECONDS)
