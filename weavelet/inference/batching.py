"""Texts of many requests run through one model together.

A few threads take batches from one queue. A batch is the text that has waited longest, filled up with those nearest to
it in length, because every text of a batch costs as much as its longest. Queries go before passages. The queue has a
limit: beyond it a request is turned away at once instead of waiting for ever.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from math import ceil
from time import perf_counter
from typing import Generic, TypeVar

from weavelet.errors import Overloaded, Unavailable

_LONGEST_WAIT = 30
_RECENT = 0.1
"""How much the last batch counts in the mean time a job takes."""

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[_Job, _Result]):
    job: _Job
    length: int
    urgent: bool
    future: "Future[_Result]"


class Batcher(Generic[_Job, _Result]):
    """`workers` threads that run `run` on batches of at most `size` jobs each.

    `run` gives one result per job, in order. `length` is a job's cost. `capacity` is how many jobs may wait.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[_Job]], Sequence[_Result]],
        length: Callable[[_Job], int],
        size: int = 1,
        workers: int = 1,
        capacity: int = 4096,
    ) -> None:
        self._run = run
        self._length = length
        self._size = size
        self._capacity = capacity
        self._workers = workers
        self._job_seconds = 0.0
        self.jobs = 0
        self.batches = 0
        self.seconds = 0.0
        self._queue: list[_Waiting[_Job, _Result]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, jobs: Sequence[_Job], urgent: bool = False) -> "list[Future[_Result]]":
        """The jobs' results to come. `Overloaded` where they would not fit into the queue."""
        waiting = [_Waiting(job, self._length(job), urgent, Future[_Result]()) for job in jobs]
        with self._changed:
            if self._closed:
                raise Unavailable("the inference server is stopping")
            if len(self._queue) + len(waiting) > self._capacity and self._queue:
                raise self._overloaded()
            self._queue += waiting
            self._changed.notify(len(waiting))
        return [entry.future for entry in waiting]

    @property
    def waiting(self) -> int:
        """How many jobs are in the queue."""
        return len(self._queue)

    def close(self) -> None:
        """Finish the batches under way and cancel what waits."""
        with self._changed:
            self._closed = True
            for entry in self._queue:
                entry.future.cancel()
            self._queue.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while batch := self._next():
            running = [entry for entry in batch if entry.future.set_running_or_notify_cancel()]
            if running:
                self._finish(running)

    def _overloaded(self) -> Overloaded:
        waiting = len(self._queue)
        seconds = ceil(waiting * self._job_seconds / self._workers)
        text = f"the inference server is busy: {waiting} texts are waiting already"
        return Overloaded(text, retry_after=min(max(seconds, 1), _LONGEST_WAIT))

    def _finish(self, running: Sequence[_Waiting[_Job, _Result]]) -> None:
        started = perf_counter()
        try:
            results = self._run([entry.job for entry in running])
        except Exception as error:  # whatever the model raises belongs to the requests, not to this thread
            for entry in running:
                entry.future.set_exception(error)
            return
        self._count(len(running), perf_counter() - started)
        for entry, result in zip(running, results, strict=True):
            entry.future.set_result(result)

    def _count(self, jobs: int, seconds: float) -> None:
        with self._changed:
            self.jobs += jobs
            self.batches += 1
            self.seconds += seconds
            self._job_seconds += (seconds / jobs - self._job_seconds) * (_RECENT if self.batches > 1 else 1)

    def _next(self) -> list[_Waiting[_Job, _Result]]:
        """The next batch, waited for; empty at the end."""
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            chosen = self._chosen()
            taken = set(map(id, chosen))
            self._queue = [entry for entry in self._queue if id(entry) not in taken]
            return chosen

    def _chosen(self) -> list[_Waiting[_Job, _Result]]:
        if not self._queue:
            return []
        first = next((entry for entry in self._queue if entry.urgent), self._queue[0])
        alike = [entry for entry in self._queue if entry.urgent == first.urgent]
        return sorted(alike, key=lambda entry: (entry is not first, abs(entry.length - first.length)))[: self._size]
