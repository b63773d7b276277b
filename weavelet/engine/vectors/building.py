"""Codes of many vectors, made in the background: after a slot is opened, so that opening does not wait for them, and
where there have come to be so many vectors, or so few, that codes of another precision suit them better.

Until all are made nobody searches them. What is added meanwhile joins the end of the queue, what is removed leaves it;
`lock` keeps one slice of work and one change of the slot apart.
"""

import threading

import numpy as np

from weavelet.engine.vectors.protocol import Docs
from weavelet.engine.vectors.quantised import Quantised

_SLICE = 4_096
"""Vectors a slice: some twenty milliseconds, for which a writer may have to wait."""


class Building:
    def __init__(self, codes: Quantised) -> None:
        self.codes = codes
        self.lock = threading.Lock()
        """To be held while the slot's vectors change, together with `add` and `remove`."""
        self._queue: list[Docs] = [codes.missing()]

    @property
    def waiting(self) -> int:
        return sum(len(docs) for docs in self._queue)

    def add(self, docs: Docs) -> None:
        self._queue.append(docs)

    def remove(self, docs: Docs) -> None:
        self.codes.remove(docs)
        self._queue = [kept for queued in self._queue if len(kept := queued[~np.isin(queued, docs)])]

    def work(self) -> bool:
        """A slice; whether all are made. The lock must be held."""
        if self._queue:
            docs = self._queue[0]
            self.codes.add(docs[:_SLICE])
            self._queue[:1] = [docs[_SLICE:]] if len(docs) > _SLICE else []
        return not self._queue
