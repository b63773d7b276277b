"""The threads that answer a door's calls: as many at work as there are cores, and one more for each that waits.

More threads than cores would only fight for the interpreter's lock, and every call would take longer than if it had
been begun later. A call that is about to wait, for a container, the disk or the client's next message, says so with
`waiting()`, and the next call begins meanwhile. Imports nothing of ours.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

_mine = threading.local()


def waiting() -> AbstractContextManager[None]:
    """For a `with` around what waits. Does nothing in threads that are not a door's."""
    threads: HandlerThreads | None = getattr(_mine, "threads", None)
    return nullcontext() if threads is None else threads.waiting()


class HandlerThreads(Executor):
    """Calls begin in the order in which they come. The latest idle thread is woken first: its stack is still warm."""

    def __init__(self, width: int, most: int = 64, name: str = "handler") -> None:
        """At most `width` calls work at a time; with those that wait there are at most `most`."""
        self._width = width
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._calls: deque[Callable[[], None]] = deque()
        self._idle: list[threading.Lock] = []
        """Held by threads that sleep; whoever releases one has counted it among the busy."""
        self._threads = 0
        self._busy = 0
        self._closed = False

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()

        def call() -> None:
            _run(future, fn, args, kwargs)

        with self._lock:
            if self._closed:
                raise RuntimeError("no more calls are taken")
            self._calls.append(call)
            self._begin_another()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; those that wait for a thread are still made."""
        with self._lock:
            self._closed = True
            self._busy += len(self._idle)
            while self._idle:
                self._idle.pop().release()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let another call work meanwhile. Afterwards there may be one too many at work for a moment."""
        with self._lock:
            self._busy -= 1
            self._begin_another()
        try:
            yield
        finally:
            with self._lock:
                self._busy += 1

    def _begin_another(self) -> None:
        """Put a thread to work where there is something to do and room for it. The lock is held."""
        if not self._calls or self._busy >= self._width:
            return
        if self._idle:
            self._busy += 1
            self._idle.pop().release()
        elif self._threads < self._most:
            self._busy += 1
            self._threads += 1
            threading.Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        _mine.threads = self
        turn = threading.Lock()
        turn.acquire()
        while True:
            with self._lock:
                call = self._calls.popleft() if self._calls and self._busy <= self._width else None
                if call is None:
                    self._busy -= 1
                    if self._closed:
                        return
                    self._idle.append(turn)
            if call is None:
                turn.acquire()
            else:
                call()


def _run(future: Future[Any], fn: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """The edge of a call: what it raises is its caller's business, and must not end the thread."""
    try:
        result = fn(*args, **kwargs)
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
