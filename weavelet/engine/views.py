"""What a reader of a shard sees: one state from its first look at an index to its last fetch.

A reader is inside a `View`, the read lock of a shard that is awake. While a commit is on its way from the store into
the indexes, the records it replaced are still at hand (`InFlight`).
"""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

import orjson

from weavelet.engine.ids import id_text
from weavelet.engine.locks import ReadWriteLock
from weavelet.engine.query import Internal
from weavelet.engine.store import Record
from weavelet.engine.writing import Step


class InFlight:
    """What a commit has changed in the store but not yet in the indexes, as it was before."""

    def __init__(self) -> None:
        self._former: dict[bytes, Record | None] = {}
        self._leaving: dict[int, Record] = {}
        self._coming: dict[int, int] = {}

    def begin(self, steps: Sequence[Step], old: Mapping[bytes, Record]) -> None:
        for step in steps:
            record = self._former[step.id] = old.get(step.id)
            if record is not None:
                self._leaving[record.doc] = record
            if record is not None and step.new is not None:
                self._coming[step.new.doc] = record.doc

    def settle(self, steps: Sequence[Step]) -> None:
        for step in steps:
            record = self._former.pop(step.id)
            if record is not None:
                del self._leaving[record.doc]
            if record is not None and step.new is not None:
                del self._coming[step.new.doc]

    def leaving(self, doc: int) -> Record | None:
        """The record of a document that the store no longer has."""
        return self._leaving.get(doc)

    def known(self, docs: Sequence[int]) -> list[int]:
        """The documents under the numbers by which the indexes know them."""
        return [self._coming.get(doc, doc) for doc in docs]

    def correct(self, found: dict[bytes, Record], ids: Sequence[bytes]) -> None:
        """Put what the indexes know of these ids in place of what the store has already."""
        for id in ids if self._former else ():
            if id in self._former:
                former = self._former[id]
                found.pop(id, None)
                found |= {} if former is None else {id: former}


class View:
    """The read lock of a shard that is awake. A class of its own because every read enters it, often twice."""

    __slots__ = ("_is_awake", "_lock", "_wake")

    def __init__(self, lock: ReadWriteLock, is_awake: Callable[[], bool], wake: Callable[[], None]) -> None:
        self._lock = lock
        self._is_awake = is_awake
        self._wake = wake

    def __enter__(self) -> None:
        self._lock.acquire_read()
        while not self._is_awake():
            self._lock.release_read()
            self._wake()
            self._lock.acquire_read()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release_read()


def value_of(name: str, record: Record) -> Any:
    """A property's value, or an `Internal` path's; None where the object has none."""
    match name:
        case Internal.ID.value:
            return id_text(record.id)
        case Internal.CREATED.value:
            return record.created_ms
        case Internal.UPDATED.value:
            return record.updated_ms
        case _:
            return orjson.loads(record.properties).get(name)
