"""Everything of a shard that is searched: keyword and property indexes, vector slots, and the table of ids.

All of it is a cache of the store. It is filled from a snapshot and what happened since, or from the store alone when
there is no snapshot or any doubt about it. The caller holds the shard's lock, but for `read`; nothing here waits or
locks.
"""

import hashlib
import logging
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from weavelet.engine.files import Array, Bundle, Part, make_folder, read_bundle, remove_files, write_bundle
from weavelet.engine.ids import IdTable, RowTable, id_bytes, id_text
from weavelet.engine.keyword import KeywordIndex, Texts
from weavelet.engine.properties import PropertyIndex
from weavelet.engine.settings import EngineSettings
from weavelet.engine.store import ObjectStore, Record
from weavelet.engine.vectors.slot import VectorSlot, drop_snapshots
from weavelet.errors import CorruptionError
from weavelet.schema.collection import UNNAMED, Collection
from weavelet.schema.objects import Object, Vector

_log = logging.getLogger(__name__)

_FORMAT = 1
_SNAPSHOT = "indexes.snapshot"
_SLOT_FOLDER = "vector"
_REPLAY_BATCH = 1_000
_NO_VECTORS: Mapping[str, Vector] = MappingProxyType({})
_NO_SUCCESSORS: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
_POINTER = struct.Struct("<Hq")  # slot number, row in its vector file


@dataclass(frozen=True, slots=True)
class Entry:
    """An object under its document number. `rows`: per vector name, where its vector file has the vector."""

    doc: int
    object: Object
    rows: Mapping[str, int]


class Codec:
    """Between the store's bytes and the engine's values, for one shard."""

    def __init__(self, collection: str, tenant: str, slots: Mapping[str, int]) -> None:
        """`slots`: the number under which records refer to the vector of each name."""
        self._collection = collection
        self._tenant = tenant
        self._numbers = dict(slots)
        self._names = {number: name for name, number in slots.items()}

    def record(self, entry: Entry, properties: bytes) -> Record:
        """`properties`: the object's own, as JSON."""
        found = entry.object
        return Record(
            entry.doc,
            id_bytes(found.id),
            found.created_ms,
            found.updated_ms,
            b"".join(_POINTER.pack(self._numbers[name], row) for name, row in entry.rows.items()),
            properties,
        )

    def entry(self, record: Record) -> Entry:
        return Entry(record.doc, self.object(record), self.rows(record))

    def object(self, record: Record, vectors: Mapping[str, Vector] = _NO_VECTORS) -> Object:
        """The record as an object with these vectors. A record read without properties has none."""
        return Object(
            collection=self._collection,
            id=id_text(record.id),
            properties=orjson.loads(record.properties) if record.properties else {},
            vectors=vectors,
            created_ms=record.created_ms,
            updated_ms=record.updated_ms,
            tenant=self._tenant,
        )

    def rows(self, record: Record) -> dict[str, int]:
        return {self._names[slot]: row for slot, row in _POINTER.iter_unpack(record.vectors)}


class Indexes:
    def __init__(self, collection: Collection, folder: Path, settings: EngineSettings) -> None:
        self._collection = collection
        self._folder = folder
        self._settings = settings
        self._rows: dict[str, RowTable] = {}
        self._known: dict[str, tuple[Array, Array]] = {}
        """Per vector name the documents of the snapshot and what is known of their vectors, until they are loaded."""
        self.has_snapshot = False
        """Whether a snapshot may need to learn what is removed from now on."""
        self.ids = IdTable()
        self.keyword = KeywordIndex(collection, self.ids.keys)
        self.properties = PropertyIndex(collection, self.keyword)
        self.slots: dict[str, VectorSlot] = {}
        self._add_slots()

    def redefine(self, collection: Collection) -> None:
        self._collection = collection
        self.keyword.redefine(collection)
        self.properties.redefine(collection)
        self._add_slots()

    def close(self) -> None:
        for slot in self.slots.values():
            slot.close()

    def read(self, entries: Sequence[Entry]) -> Texts:
        """The texts of entries that are to be added. Takes about as long as adding them, and excludes nobody."""
        return self.keyword.read([(entry.doc, entry.object.properties) for entry in entries])

    def replace(self, removed: Sequence[Entry], added: Sequence[Entry], texts: Texts) -> None:
        """Forget some entries and make others searchable, whose texts these are."""
        if removed:
            self._remove(removed, {entry.object.id: entry.object.properties for entry in added})
        self._add(added, texts)
        for name, slot in self.slots.items():
            gone = [entry.doc for entry in removed if name in entry.rows]
            if gone:
                slot.remove(gone)
            new = [entry for entry in added if name in entry.rows]
            if new:
                slot.index([entry.doc for entry in new], [entry.rows[name] for entry in new])

    def _remove(self, entries: Sequence[Entry], successors: Mapping[str, Mapping[str, Any]] = _NO_SUCCESSORS) -> None:
        """From everything but the slots. `successors` are the properties that objects have from now on, by id."""
        if not entries:
            return
        new = {entry.doc: successors[entry.object.id] for entry in entries if entry.object.id in successors}
        self.keyword.remove([(entry.doc, entry.object.properties) for entry in entries], new)
        self.properties.remove([(entry.doc, entry.object) for entry in entries])
        for name, table in self._rows.items():
            table.forget([entry.doc for entry in entries if name in entry.rows])

    def _add(self, entries: Sequence[Entry], texts: Texts | None = None) -> None:
        """To everything but the slots."""
        if not entries:
            return
        self.ids.put([entry.doc for entry in entries], [id_bytes(entry.object.id) for entry in entries])
        self.keyword.add([(entry.doc, entry.object.properties) for entry in entries], texts)
        self.properties.add([(entry.doc, entry.object) for entry in entries])
        for name, table in self._rows.items():
            new = [entry for entry in entries if name in entry.rows]
            table.put([entry.doc for entry in new], [entry.rows[name] for entry in new])

    def _add_slots(self) -> None:
        for name, config in self._collection.vectors.items():
            if name in self.slots:
                self.slots[name].redefine(config.index)
            else:
                folder = self._folder / _slot_folder(name)
                make_folder(folder)
                self.slots[name] = VectorSlot(config.index, folder, self._settings)
                self._rows[name] = RowTable()

    @property
    def wants_rows_back(self) -> bool:
        """Whether so many vectors have been removed that writing over their rows is worth the search for them."""
        return any(slot.wants_rows_back for slot in self.slots.values())

    def take_rows_back(self) -> None:
        """Let the rows of removed vectors be written again. Everything appended so far must be known here."""
        for name, slot in self.slots.items():
            if slot.wants_rows_back:
                slot.take_rows_back(self._rows[name].pairs()[1])

    # Filling

    def fill(self, store: ObjectStore, codec: Codec) -> int:
        """Index what the store has: the snapshot and what came since. Returns how many changes came since.

        Called once, on new indexes. Raises `CorruptionError` when the snapshot turns out to be of no use.
        """
        last_doc, removed = self._load(store)
        known = [codec.entry(record) for record in removed if record.doc <= last_doc]
        self._remove(known)
        replayed = len(removed)
        for batch in store.records(last_doc, store.last_doc, _REPLAY_BATCH):
            self._add([codec.entry(record) for record in batch])
            replayed += len(batch)
        for name, slot in self.slots.items():
            slot.load(*self._rows[name].pairs(), self._known.pop(name, None))
        return replayed

    def _load(self, store: ObjectStore) -> tuple[int, list[Record]]:
        """The last document number of the snapshot, and what was removed since; -1 where there is no snapshot."""
        bundle = read_bundle(self._snapshot)
        if bundle is None:
            return -1, []
        fits = bundle.about.get("fits") == self._fits(store) and bundle.about["last_doc"] <= store.last_doc
        removed = store.removed_since(bundle.about["removals"]) if fits else None
        if removed is None:
            _log.info("%s is out of date, indexing anew", self._snapshot)
            return -1, []
        try:
            self._restore(bundle.parts)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise CorruptionError(f"{self._snapshot} cannot be used: {error}") from error
        self.has_snapshot = True
        return bundle.about["last_doc"], removed

    def _restore(self, parts: Mapping[str, Part]) -> None:
        self.ids.restore(_array(parts["ids"]))
        self.keyword.load(_under("keyword/", parts))
        self.properties.load(_under("properties/", parts))
        for name, table in self._rows.items():
            if f"docs/{name}" in parts:
                docs = _array(parts[f"docs/{name}"])
                table.put(docs, _array(parts[f"rows/{name}"]))
                if f"scales/{name}" in parts:
                    self._known[name] = docs, _array(parts[f"scales/{name}"])

    # Snapshots

    @property
    def _snapshot(self) -> Path:
        return self._folder / _SNAPSHOT

    def snapshot(self, store: ObjectStore) -> Bundle:
        """A copy of all this as of the store's last commit. From now on the store's log keeps what is removed."""
        self.has_snapshot = True
        about = {"fits": self._fits(store), "last_doc": store.last_doc, "removals": store.removals}
        parts: dict[str, Part] = {"ids": self.ids.array(store.last_doc + 1)}
        parts |= {f"keyword/{name}": part for name, part in self.keyword.snapshot().items()}
        parts |= {f"properties/{name}": part for name, part in self.properties.snapshot().items()}
        for name, table in self._rows.items():
            docs, rows = table.pairs()
            parts |= {f"docs/{name}": docs, f"rows/{name}": rows}
            if (scales := self.slots[name].scales(docs)) is not None:
                parts[f"scales/{name}"] = scales
        return Bundle(about, parts)

    def write(self, snapshot: Bundle, store: ObjectStore) -> None:
        """Put the snapshot in the old one's place. Commits may go on meanwhile."""
        store.settle()
        write_bundle(self._snapshot, snapshot)
        store.forget_removed(snapshot.about["removals"])

    def write_slots(self, store: ObjectStore, *, quiet: bool, last: bool = False) -> None:
        """Write those of the slots' own snapshots that are worth it. `last`: there will not be a better moment."""
        for slot in self.slots.values():
            if slot.snapshot_is_due(quiet=quiet, last=last):
                slot.snapshot(store.settle)

    def _fits(self, store: ObjectStore) -> str:
        """What a snapshot must agree with: its format, its store, and how properties are indexed."""
        definition = repr((_FORMAT, store.identity, self._collection.properties, self._collection.inverted))
        return hashlib.sha256(definition.encode()).hexdigest()


def drop_snapshot(folder: Path) -> None:
    """Let the shard in this folder be indexed anew at its next opening."""
    remove_files([folder / _SNAPSHOT])


def drop_numbering(folder: Path) -> None:
    """Remove every snapshot that knows documents by their numbers."""
    drop_snapshot(folder)
    for slot in folder.glob(f"{_SLOT_FOLDER}*/"):
        drop_snapshots(slot)


def _slot_folder(name: str) -> str:
    return _SLOT_FOLDER if name == UNNAMED else f"{_SLOT_FOLDER}-{name}"


def _under(prefix: str, parts: Mapping[str, Part]) -> dict[str, Any]:
    return {name.removeprefix(prefix): part for name, part in parts.items() if name.startswith(prefix)}


def _array(part: Part) -> Array:
    if isinstance(part, bytes):
        raise TypeError("expected an array, found bytes")
    return part
