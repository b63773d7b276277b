"""The threads of a door: one of them reads, and whoever has read a call makes it, with everything still in its caches.

One call works at a time. Two would fight for the interpreter's lock, which a call lets go of and takes back dozens of
times, and each time find the other one's data in the caches: both would take longer than one after the other. While
the thread that works makes a call nobody reads, since most calls are over sooner than another thread could be woken.

Others work meanwhile when a call is about to wait, for a container, the disk or the client's next message, which it
says with `waiting()`; when it is about to compute outside of the interpreter, which it says with `computing()`; and
when it takes long, from then on until it ends, or comes back from waiting or computing. Imports nothing of ours.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from types import TracebackType
from typing import Final, TypeAlias

Call: TypeAlias = Callable[[], None]
"""Raises nothing."""

LONG_SECONDS: Final = 0.004
"""How often somebody looks whether a call takes long, and so what long is."""

_mine = threading.local()


def waiting() -> AbstractContextManager[None]:
    """For a `with` around what waits. Does nothing in threads that are not a door's, nor inside of another one."""
    return _aside(reads=True)


def computing() -> AbstractContextManager[None]:
    """For a `with` around native code that computes some hundred microseconds or more without the interpreter's lock.

    As `waiting`, but only calls that have been read already are made meanwhile: reading is not worth waking a thread.
    """
    return _aside(reads=False)


def _aside(*, reads: bool) -> AbstractContextManager[None]:
    threads: HandlerThreads | None = getattr(_mine, "threads", None)
    return nullcontext() if threads is None or _mine.aside else _Aside(threads, reads)


class _Aside:
    """The call of this thread does not count among those at work."""

    __slots__ = ("_reads", "_threads")

    def __init__(self, threads: "HandlerThreads", reads: bool) -> None:
        self._threads = threads
        self._reads = reads

    def __enter__(self) -> None:
        _mine.aside = True
        self._threads.step_aside(self._reads)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.step_back()
        _mine.aside = False


class HandlerThreads:
    """Calls begin in the order in which they come. The latest idle thread is woken first: its stack is still warm."""

    def __init__(
        self,
        read: Callable[[], Sequence[Call]],
        most: int = 64,
        name: str = "handler",
        long_seconds: float = LONG_SECONDS,
    ) -> None:
        """`read` waits for calls; one thread at a time is in it.

        With those whose calls wait or take long there are at most `most` threads. One of them makes no call, since
        calls may wait for what is still to be read.
        """
        self._read = read
        self._most = most
        self._name = name
        self._long_seconds = long_seconds
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque()
        self._idle: list[threading.Lock] = []
        """Held by threads that sleep; whoever releases one has made it busy or the reader."""
        self._threads: list[threading.Thread] = []
        self._busy = 0
        """Calls at work that do not take long: one, and for a moment those that come back from waiting."""
        self._inside = 0
        """Calls at work or waiting, whether they take long or not."""
        self._era = 0
        """Calls of an era before this one take long."""
        self._reading = False
        self._reads = 0
        """How many times somebody has begun to read."""
        self._turns = 0
        """How many times a call has begun, or come back from waiting."""
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

    def step_aside(self, reads: bool) -> None:
        """This thread's call lets others work. `reads`: also those that are still to be read."""
        with self._lock:
            self._leave()
            if reads or self._may_begin:
                self._wake()

    def step_back(self) -> None:
        """It works again, beside another one where need be."""
        with self._lock:
            self._enter()

    def _enter(self) -> None:
        """This thread's call is at work. The lock is held."""
        self._busy += 1
        self._turns += 1
        _mine.era = self._era
        if self._unwatched:
            self._unwatched = False
            self._watch.release()

    def _leave(self) -> None:
        """This thread's call is at work no more. The lock is held."""
        if _mine.era == self._era:
            self._busy -= 1

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
        return bool(self._calls) and not self._busy and self._inside < self._most - 1

    def _work(self) -> None:
        _mine.threads = self
        _mine.aside = False
        turn = threading.Lock()
        turn.acquire()
        while not self._closed:
            call = self._next(turn)
            if call is not None:
                call()
                call = None  # Or what it holds would stay until this thread's next one.
                with self._lock:
                    self._leave()
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
        """Take the first call. The lock is held."""
        self._inside += 1
        self._enter()
        return self._calls.popleft()

    def _watch_for_long_calls(self) -> None:
        """Say of a call that it takes long, and have another thread read where nobody has begun to for a while."""
        reads = turns = -1
        while not self._closed:
            with self._lock:
                if self._busy and self._turns == turns:
                    self._busy = 0
                    self._era += 1
                    self._wake()
                elif self._reads == reads and not self._reading:
                    self._wake()
                self._unwatched = self._reads == reads and self._reading and not self._busy
                reads, turns, sleep = self._reads, self._turns, self._unwatched
            if sleep:
                self._watch.acquire()
            else:
                self._watch.acquire(timeout=self._long_seconds)
