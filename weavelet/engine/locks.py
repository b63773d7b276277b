"""Who may touch a shard's memory when: many readers or one writer (`ReadWriteLock`), and one leader at a time who
commits what all have queued up (`GroupCommit`); and who may change an object that is being changed (`Stripes`).
Imports nothing of ours.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Side:
    """One side of a `ReadWriteLock`, for a `with`."""

    __slots__ = ("_acquire", "_release")

    def __init__(self, acquire: Callable[[], None], release: Callable[[], None]) -> None:
        self._acquire = acquire
        self._release = release

    def __enter__(self) -> None:
        self._acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()


class ReadWriteLock:
    """Readers share it, a writer has it alone. Neither side can starve the other: a waiting writer goes before new
    readers, and the readers who waited for a writer go before the next one.

    A thread that reads may read again inside; it must not write inside. A writer must not read inside.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._readers = 0
        self._readers_waiting = 0
        self._readers_next = 0
        self._writers_waiting = 0
        self._writing = False
        self._mine = threading.local()
        self.read = _Side(self.acquire_read, self.release_read)
        self.write = _Side(self._acquire_write, self._release_write)
        self.writing = _Side(lambda: None, self._release_write)
        """For the `with` behind a `try_write` that came true."""

    def acquire_read(self) -> None:
        depth = getattr(self._mine, "depth", 0)
        if depth == 0:
            with self._changed:
                if self._writing or self._writers_waiting:
                    self._wait_to_read()
                self._readers += 1
        self._mine.depth = depth + 1

    def _wait_to_read(self) -> None:
        self._readers_waiting += 1
        try:
            while self._writing or (self._writers_waiting and not self._readers_next):
                self._changed.wait()
        finally:
            self._readers_waiting -= 1
            self._readers_next = max(self._readers_next - 1, 0)

    def release_read(self) -> None:
        self._mine.depth -= 1
        if self._mine.depth == 0:
            with self._changed:
                self._readers -= 1
                if self._readers == 0 and self._writers_waiting:
                    self._changed.notify_all()

    def _acquire_write(self) -> None:
        with self._changed:
            self._writers_waiting += 1
            try:
                while self._writing or self._readers or self._readers_next:
                    self._changed.wait()
            finally:
                self._writers_waiting -= 1
            self._writing = True

    def try_write(self) -> bool:
        """Begin to write if that is possible without waiting; whether it was."""
        with self._changed:
            if self._writing or self._readers or self._readers_next or self._writers_waiting:
                return False
            self._writing = True
            return True

    def _release_write(self) -> None:
        with self._changed:
            self._writing = False
            self._readers_next = self._readers_waiting
            self._changed.notify_all()


class _Request(Generic[Item, Answer]):
    """Some items on their way. Its thread sleeps on `turn` until it is answered, or is the one to lead."""

    __slots__ = ("answers", "error", "items", "turn")

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.answers: Sequence[Answer] | None = None
        self.error: BaseException | None = None
        self.turn = threading.Lock()
        self.turn.acquire()

    @property
    def answered(self) -> bool:
        return self.answers is not None or self.error is not None


class GroupCommit(Generic[Item, Answer]):
    """Calls `work` with the items of all threads that came while the last call was running.

    So many small commits cost one sync of the disk together, and a lone one does not wait. `work` gives one answer
    per item, in order; whatever it raises is raised in every thread whose items it had.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Answer]], most_items: int) -> None:
        self._work = work
        self._most_items = most_items
        self._queueing = threading.Lock()
        self._waiting: deque[_Request[Item, Answer]] = deque()
        self._led = False
        self.leading = threading.Lock()
        """Held during `work`; whoever else takes it keeps commits out for that time."""

    def commit(self, items: Sequence[Item]) -> Sequence[Answer]:
        request: _Request[Item, Answer] = _Request(items)
        with self._queueing:
            self._waiting.append(request)
            leads, self._led = not self._led, True
        if not leads:
            request.turn.acquire()
        if not request.answered:
            self._lead(request)
        if request.error is not None:
            raise request.error
        assert request.answers is not None
        return request.answers

    def _lead(self, own: _Request[Item, Answer]) -> None:
        """Work for those waiting longest, of whom the leader is the first, and let the next one lead."""
        try:
            with self.leading:
                self._answer(self._group())
        finally:
            with self._queueing:
                if not own.answered:
                    self._waiting.remove(own)
                self._led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].turn.release()

    def _group(self) -> list[_Request[Item, Answer]]:
        with self._queueing:
            group = [self._waiting.popleft()]
            count = len(group[0].items)
            while self._waiting and count + len(self._waiting[0].items) <= self._most_items:
                group.append(self._waiting.popleft())
                count += len(group[-1].items)
            return group

    def _answer(self, group: Sequence[_Request[Item, Answer]]) -> None:
        error: BaseException | None = None
        answers: Sequence[Answer] = ()
        try:
            answers = self._work([item for request in group for item in request.items])
        except BaseException as failure:
            error = failure
        start = 0
        for request in group:
            request.error = error
            request.answers = answers[start : start + len(request.items)]
            start += len(request.items)
            request.turn.release()
