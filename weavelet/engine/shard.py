"""One collection's objects, or one tenant's: the store and the indexes, moving together.

`commit` returns when its changes survive a crash and every kind of search finds them. A search holds `read_lock` and
sees one state from its first look at an index to its last fetch: while a commit is on its way from the store into the
indexes, the records it replaced are still at hand (`views.py`). A shard that `rest`s has let go of its files and
indexes; whoever reads or commits next wakes it. Lock order: `_upkeep`, `_commits.leading`, `_lock`.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weavelet.engine import numbering
from weavelet.engine.docset import DocSet
from weavelet.engine.files import Bundle, make_folder
from weavelet.engine.indexes import Codec, Indexes, drop_snapshot
from weavelet.engine.keyword import KeywordIndex
from weavelet.engine.locks import GroupCommit, ReadWriteLock
from weavelet.engine.properties import PropertyIndex
from weavelet.engine.query import Change, Want
from weavelet.engine.records import Records
from weavelet.engine.settings import EngineSettings
from weavelet.engine.snapshots import QUIET_SECONDS, WORTH_WHILE, is_due
from weavelet.engine.store import ObjectStore, Record
from weavelet.engine.vectors.slot import VectorSlot
from weavelet.engine.views import InFlight, View
from weavelet.engine.writing import Proposal, Step, VectorChecks, outcomes, place, proposal, without_repeats
from weavelet.errors import CorruptionError, StorageError, Unavailable, WeaveletError
from weavelet.schema.collection import Collection
from weavelet.schema.objects import Object

_log = logging.getLogger(__name__)

_MOST_CHANGES_TOGETHER = 2_000
_CHANGES_UNDER_LOCK = 32
_SNAPSHOT_SHARE = 10
"""Changes, one in so many objects, after which the indexes are written while others write."""
_WORTH_TELLING_SECONDS = 0.5
_RECENT_BYTES = 8 << 20
"""Room a shard has for the objects it has shown lately."""
_RECENT_BYTES_OF_A_TENANT = 256 << 10
_EVERYTHING = Want()


class Shard:
    """Every method may be called from any thread. `tenant` is "" in a collection without tenants."""

    def __init__(
        self,
        name: str,
        collection: Collection,
        folder: Path,
        settings: EngineSettings,
        *,
        tenant: str = "",
        read_only: bool = False,
    ) -> None:
        """Opens the store and fills the indexes, which takes a while after a crash."""
        self.name = name
        self.collection = collection
        self.tenant = tenant
        self.read_only = read_only
        self._folder = folder
        self._settings = settings
        self._lock = ReadWriteLock()
        self._view = View(self._lock, lambda: self._awake, self.wake)
        self._commits: GroupCommit[Proposal, WeaveletError | None] = GroupCommit(self._commit, _MOST_CHANGES_TOGETHER)
        self._upkeep = threading.Lock()
        self._in_flight = InFlight()
        self._closed: WeaveletError | None = None
        self._last_commit = time.monotonic()
        self._awake = False
        self.count = 0
        """Objects stored."""
        make_folder(folder)
        self._open(first=True)

    # Lifecycle -------------------------------------------------------------------------------------------------------

    def _open(self, *, first: bool) -> None:
        """Open the store and fill the indexes. Only the `first` time may documents get other numbers."""
        self._store = ObjectStore(
            self._folder / "objects.db",
            synchronous_full=self._settings.synchronous_full,
            slots=list(self.collection.vectors),
        )
        try:
            self._store.settle()
            self.count = self._store.count()
            if first and self.wasteful:
                numbering.renumber(self._store, self.count, self._folder)
            self._codec = self._new_codec()
            started = time.perf_counter()
            self._indexes, self._changes = self._filled()
            seconds = time.perf_counter() - started
            if seconds > _WORTH_TELLING_SECONDS:
                told = (self.name, self.count, seconds, self._changes)
                _log.info("shard %s: %d objects indexed in %.2f s, %d changes since the snapshot", *told)
        except BaseException:
            self._store.close()
            raise
        room = _RECENT_BYTES_OF_A_TENANT if self.tenant else _RECENT_BYTES
        self._records = Records(self._store, self._in_flight, self._codec, self._indexes.slots, room)
        self._awake = True

    @property
    def wasteful(self) -> bool:
        """Whether so many document numbers belong to nothing any more that giving all of them anew is worth it."""
        return numbering.is_wasteful(self._store, self.count, self._settings)

    def rest(self) -> bool:
        """Let go of files and memory until somebody comes; False where the shard is in use."""
        if not self._upkeep.acquire(blocking=False):
            return False
        try:
            if not self._commits.leading.acquire(blocking=False):
                return False
            try:
                return not self._awake or self._rested()
            finally:
                self._commits.leading.release()
        finally:
            self._upkeep.release()

    def _rested(self) -> bool:
        """Holding all locks but the last, which is not waited for: a reader may be on its way to another shard."""
        self._save()
        if not self._lock.try_write():
            return False
        with self._lock.writing:
            self._awake = False
            self._let_go()
        return True

    def wake(self) -> None:
        """Open the files again, if the shard rests. Raises the reason where it has been closed."""
        with self._commits.leading:
            self._check_awake()

    def _check_awake(self) -> None:
        """The same for who leads the commits already."""
        self._check_open()
        if not self._awake:
            self._open(first=False)

    def _new_codec(self) -> Codec:
        for name in self.collection.vectors.keys() - self._store.slots().keys():
            self._store.slot(name)
        return Codec(self.collection.name, self.tenant, self._store.slots())

    def _filled(self) -> tuple[Indexes, int]:
        """New indexes of all that is stored, and how many changes their snapshot does not have."""
        indexes = Indexes(self.collection, self._folder, self._settings)
        try:
            return indexes, indexes.fill(self._store, self._codec)
        except CorruptionError as error:
            _log.warning("indexing anew: %s", error)
            indexes.close()
        drop_snapshot(self._folder)
        indexes = Indexes(self.collection, self._folder, self._settings)
        try:
            return indexes, indexes.fill(self._store, self._codec)
        except BaseException:
            indexes.close()
            raise

    def redefine(self, collection: Collection) -> None:
        """Go on with another definition of the same collection."""
        with self._commits.leading, self._lock.write:
            self._check_open()
            self.collection = collection
            if not self._awake:
                return
            self._records.codec = self._codec = self._new_codec()
            self._indexes.redefine(collection)
            self._changes += self._settings.snapshot_changes

    def close(self, reason: WeaveletError) -> None:
        """Finish what is under way and let go of every file. Whoever comes later gets the reason."""
        with self._upkeep, self._commits.leading:
            if self._closed is not None:
                return
            if self._awake:
                self._save()
            self._shut(reason)

    def _save(self) -> None:
        """Write snapshots before the indexes are let go, if that is worth while."""
        try:
            self._indexes.write_slots(self._store, quiet=True, last=True)
            if self._changes >= WORTH_WHILE:
                self._indexes.write(self._snapshot(), self._store)
        except StorageError as error:
            _log.warning("closing shard %s without a snapshot: %s", self.name, error)

    def _shut(self, reason: WeaveletError) -> None:
        with self._lock.write:
            self._closed = reason
            awake, self._awake = self._awake, False
            if awake:
                self._let_go()

    def _let_go(self) -> None:
        self._indexes.close()
        self._store.close()
        del self._indexes, self._records

    @property
    def closed(self) -> bool:
        return self._closed is not None

    @property
    def awake(self) -> bool:
        return self._awake

    def _check_open(self) -> None:
        if self._closed is not None:
            raise self._closed

    # Writing ---------------------------------------------------------------------------------------------------------

    def commit(self, changes: Sequence[Change]) -> list[WeaveletError | None]:
        """Apply the changes in one transaction, in order. One answer each: None, or why it was refused.

        Durable and searchable on return. Raises where none of them could be stored.
        """
        return list(self._commits.commit([proposal(change) for change in changes])) if changes else []

    def _commit(self, proposals: Sequence[Proposal]) -> list[WeaveletError | None]:
        """The work of one group of commits, by its leader."""
        self._check_awake()
        if self.read_only:
            return [Unavailable("store is read-only")] * len(proposals)
        slots = self._indexes.slots
        self._check_numbers_left(len(proposals))
        errors, final = outcomes(proposals, VectorChecks(self.collection.name, slots).check)
        old = {record.id: record for record in self._store.fetch_ids(list(final))}
        wanted = without_repeats(final, old, self._codec, slots)
        if wanted:
            self._apply(self._steps(wanted, old), old)
        return errors

    def _check_numbers_left(self, wanted: int) -> None:
        """Where document numbers run out the shard closes, since opening it anew gives it new ones."""
        if self._store.last_doc + 1 + wanted > self._settings.document_numbers:
            reason = Unavailable(f"shard {self.name} is being opened anew, try again")
            self._save()
            self._shut(reason)
            raise reason

    def _steps(self, wanted: Sequence[Proposal], old: Mapping[bytes, Record]) -> list[Step]:
        objects = [one.object for one in wanted if one.object is not None]
        entries = iter(place(objects, self._store.last_doc + 1, self._indexes.slots))
        return [
            Step(
                one.id,
                old=self._codec.entry(old[one.id]) if one.id in old else None,
                new=None if one.object is None else next(entries),
                properties=one.properties,
            )
            for one in wanted
        ]

    def _apply(self, steps: Sequence[Step], old: Mapping[bytes, Record]) -> None:
        added = [self._codec.record(step.new, step.properties) for step in steps if step.new is not None]
        removed = [step.old.doc for step in steps if step.old is not None]
        self._in_flight.begin(steps, old)
        try:
            self._store.commit(added, removed, keep_removed=self._indexes.has_snapshot)
        except BaseException:
            self._in_flight.settle(steps)
            raise
        try:
            self._index(steps)
        except BaseException:
            self._take_back(steps, old)
            raise
        if self._indexes.wants_rows_back:
            self._store.settle()
            with self._lock.write:
                self._indexes.take_rows_back()
        self.count += len(added) - len(removed)
        self._changes += len(steps)
        self._last_commit = time.monotonic()

    def _index(self, steps: Sequence[Step]) -> None:
        """Let the indexes follow the store, a few steps at a time so that searches get their turn."""
        for slot in self._indexes.slots.values():
            slot.learn(len(steps))
        for start in range(0, len(steps), _CHANGES_UNDER_LOCK):
            piece = steps[start : start + _CHANGES_UNDER_LOCK]
            removed = [step.old for step in piece if step.old is not None]
            added = [step.new for step in piece if step.new is not None]
            texts = self._indexes.read(added)
            with self._lock.write:
                self._indexes.replace(removed, added, texts)
                self._in_flight.settle(piece)

    def _take_back(self, steps: Sequence[Step], old: Mapping[bytes, Record]) -> None:
        """What cannot be indexed must not stay in the store, where it would fail again at every opening.

        The store gets its former records back; the indexes, half changed, are made anew by the next opening.
        """
        former = [old[step.id] for step in steps if step.id in old]
        restored = [record._replace(doc=doc) for doc, record in enumerate(former, self._store.last_doc + 1)]
        try:
            added = [step.new.doc for step in steps if step.new is not None]
            self._store.commit(restored, added, keep_removed=self._indexes.has_snapshot)
        finally:
            self._shut(StorageError(f"the indexes of shard {self.name} failed and are made anew"))

    # Reading ---------------------------------------------------------------------------------------------------------

    def read_lock(self) -> View:
        """For a `with`: one consistent view until its end. May be entered again inside; nothing commits inside."""
        return self._view

    @property
    def keyword(self) -> KeywordIndex:
        return self._indexes.keyword

    @property
    def properties(self) -> PropertyIndex:
        return self._indexes.properties

    @property
    def slots(self) -> Mapping[str, VectorSlot]:
        return MappingProxyType(self._indexes.slots)

    @property
    def queue_length(self) -> int:
        """Vectors that the graphs still lack. Searches find them all the same."""
        with self._lock.read:
            return sum(slot.queue_length for slot in self._indexes.slots.values()) if self._awake else 0

    @property
    def vector_count(self) -> int:
        """Vectors of all names; 0 while the shard rests."""
        with self._lock.read:
            return sum(len(slot) for slot in self._indexes.slots.values()) if self._awake else 0

    def id_of(self, doc: int) -> str:
        """The id of a document number that was given once."""
        return self._indexes.ids.text_of(doc)

    def doc_of(self, id: str) -> int | None:
        with self.read_lock():
            (record,) = self._records.of_ids([id], properties=False)
            return None if record is None else record.doc

    def exists(self, id: str) -> bool:
        return self.doc_of(id) is not None

    def get(self, ids: Sequence[str], vectors: frozenset[str] | None = frozenset()) -> list[Object | None]:
        """The object of each id, or None, with the vectors of these names (None: all)."""
        with self.read_lock():
            found = self._records.of_ids(ids)
            return [None if record is None else self._records.object(record, vectors) for record in found]

    def fetch(self, docs: Sequence[int], want: Want = _EVERYTHING) -> list[Object]:
        """The objects of these document numbers, in this order; numbers that are gone are left out."""
        with self.read_lock():
            found = self._records.of_docs([int(doc) for doc in docs], want)
            return [self._records.object(record, want.vectors) for record in found]

    def records(self, docs: Sequence[int], want: Want = _EVERYTHING) -> list[Record]:
        """The same as the store has them, for `object_of`. The caller holds the read lock."""
        return self._records.of_docs(docs, want)

    def object_of(self, record: Record) -> Object:
        """A record as an object without vectors."""
        return self._codec.object(record)

    def list_docs(self, after: str | None, limit: int, offset: int = 0) -> list[int]:
        """Document numbers in ascending order of id: behind the id `after`, or from the first."""
        with self.read_lock():
            return self._records.list_docs(after, limit, offset)

    def list_ids(self, after: str | None, limit: int, offset: int = 0) -> list[str]:
        """Ids in ascending order: behind the id `after`, or from the first."""
        with self.read_lock():
            return [self.id_of(doc) for doc in self.list_docs(after, limit, offset)]

    def read(self, name: str, docs: DocSet) -> list[Any]:
        """A property's value, or an `Internal` path's, in each document, ascending; None where it has none."""
        with self.read_lock():
            return self._records.values(name, docs)

    def numbers(self, name: str, docs: DocSet) -> NDArray[Any] | None:
        """A property's numbers in those of the documents that have one, in their order; None without a column."""
        column = self.properties.column(name)
        if column is None:
            return None
        values, present = column.at(docs.array())
        return values[present]

    def id_keys(self, docs: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], ...]:
        """By what the documents are in order of their ids, as `lexsort` takes it."""
        return self._indexes.ids.keys(docs)

    # Upkeep ----------------------------------------------------------------------------------------------------------

    def upkeep(self) -> bool:
        """A slice of what has been put off: graphs grow, snapshots are written. Whether there is more to do now."""
        with self._upkeep:
            if not self._awake:
                return False
            quiet = time.monotonic() - self._last_commit > QUIET_SECONDS
            if is_due(self._changes, self.count, _SNAPSHOT_SHARE, self._settings.snapshot_changes, quiet=quiet):
                self._write_snapshot()
            self._indexes.write_slots(self._store, quiet=quiet)
            return any(slot.work() for slot in self._indexes.slots.values())

    def snapshot(self) -> None:
        """Write the indexes to disk, so that the next opening need not make them anew."""
        with self._upkeep:
            self._check_open()
            if self._awake:
                self._write_snapshot()
                for slot in self._indexes.slots.values():
                    slot.snapshot(self._store.settle)

    def _write_snapshot(self) -> None:
        """Commits wait for the copy, not for the disk."""
        started = time.perf_counter()
        with self._commits.leading:
            self._check_awake()
            snapshot, count = self._snapshot(), self.count
        _log.info("shard %s: writing a snapshot of the indexes of %d objects", self.name, count)
        self._indexes.write(snapshot, self._store)
        _log.info("shard %s: snapshot written in %.2f s", self.name, time.perf_counter() - started)

    def _snapshot(self) -> Bundle:
        self._changes = 0
        return self._indexes.snapshot(self._store)
