"""Codes of many vectors, made in the background: the first ones of a slot, very many that it lacks when it is opened,
and where there have come to be so many vectors, or so few, that codes of another precision suit them better.

Until all are made nobody searches them. What is added meanwhile joins the end of the queue; what is removed leaves it,
and the codes too, where it has one already. Nobody waits for codes being made: a slice reads its vectors under the
slot's lock and makes their codes outside.
"""

import threading

import numpy as np

from weavelet.engine.vectors.protocol import Docs, Floats
from weavelet.engine.vectors.quantised import Quantised

_SLICE = 1_024
"""Vectors a slice. Reading them is what a writer, and with it every search, may have to wait for: less than a
millisecond."""


class Building:
    def __init__(self, codes: Quantised, lock: threading.Lock) -> None:
        """`lock` is held by whoever changes the slot's vectors, and calls `add` or `remove` or asks for `done`."""
        self.codes = codes
        self._lock = lock
        self._queue: list[Docs] = [codes.missing()]
        self._gone: list[Docs] = []
        """Removed since the last slice began; some may have a code by now."""

    @property
    def waiting(self) -> int:
        return sum(len(docs) for docs in self._queue)

    @property
    def done(self) -> bool:
        """Whether the codes are those of all vectors there are."""
        return not self._queue and not self._gone

    def add(self, docs: Docs) -> None:
        self._queue.append(docs)

    def remove(self, docs: Docs) -> None:
        self._gone.append(docs)
        self._queue = [kept for queued in self._queue if len(kept := queued[~np.isin(queued, docs)])]

    def work(self) -> None:
        """Make a slice of codes. For one thread at a time, which does not hold the lock."""
        with self._lock:
            gone, self._gone = self._gone, []
            docs, vectors = self._next()
        for removed in gone:
            self.codes.remove(removed)
        if len(docs):
            self.codes.take(docs, vectors)

    def _next(self) -> tuple[Docs, Floats]:
        """The first of the queue, which they leave, and their vectors."""
        if not self._queue:
            return np.empty(0, np.uint32), np.empty((0, 0), np.float32)
        docs = self._queue[0][:_SLICE]
        self._queue[:1] = [rest] if len(rest := self._queue[0][_SLICE:]) else []
        return docs, self.codes.vectors(docs)
