"""What a shard tells of its objects: records by document number and by id, as the indexes know them.

The store is a step ahead of the indexes while a commit is on its way; `InFlight` puts that right. Records shown lately
are remembered. Made anew whenever a shard wakes. The caller holds the shard's read lock.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from weavelet.engine.docset import DocSet
from weavelet.engine.ids import id_bytes
from weavelet.engine.indexes import Codec
from weavelet.engine.query import Want
from weavelet.engine.recent import Recent
from weavelet.engine.store import ObjectStore, Record
from weavelet.engine.vectors.slot import VectorSlot
from weavelet.engine.views import InFlight, value_of
from weavelet.schema.objects import Object

_READ_AT_ONCE = 2_000
_RECORD_BYTES = 300
"""What a record takes in memory beside its properties."""


class Records:
    def __init__(
        self, store: ObjectStore, in_flight: InFlight, codec: Codec, slots: Mapping[str, VectorSlot], room: int
    ) -> None:
        """`room`: bytes for records shown lately."""
        self._store = store
        self._in_flight = in_flight
        self._slots = slots
        self._recent: Recent[int, Record] = Recent(room)
        """By document number. No number gets another record while the shard is awake."""
        self.codec = codec

    def of_docs(self, docs: Sequence[int], want: Want) -> list[Record]:
        """Those of these numbers, in this order; numbers that are gone are left out."""
        if want.properties == () and not want.references:
            found = self._by_doc(docs, properties=False)
            return [found[doc] for doc in docs if doc in found]
        recent = self._recent
        records = list(map(recent.get, docs))
        if missing := [doc for doc, record in zip(docs, records, strict=True) if record is None]:
            fetched = self._by_doc(missing, properties=True)
            for doc, record in fetched.items():
                recent.put(doc, record, len(record.properties) + _RECORD_BYTES)
            records = [record or fetched.get(doc) for doc, record in zip(docs, records, strict=True)]
        return [record for record in records if record is not None]

    def of_ids(self, ids: Sequence[str], *, properties: bool = True) -> list[Record | None]:
        """That of each id, or None."""
        wanted = [id_bytes(id) for id in ids]
        found = {record.id: record for record in self._store.fetch_ids(wanted, properties=properties)}
        self._in_flight.correct(found, wanted)
        return [found.get(id) for id in wanted]

    def list_docs(self, after: str | None, limit: int, offset: int) -> list[int]:
        """Document numbers in ascending order of id: behind the id `after`, or from the first."""
        return self._in_flight.known(self._store.list_docs(id_bytes(after) if after else b"", limit, offset))

    def values(self, name: str, docs: DocSet) -> list[Any]:
        """A property's value, or an `Internal` path's, in each document, ascending; None where it has none."""
        numbers = docs.array().tolist()
        values: list[Any] = []
        for start in range(0, len(numbers), _READ_AT_ONCE):
            piece = numbers[start : start + _READ_AT_ONCE]
            found = self._by_doc(piece, properties=True)
            values += [value_of(name, found[doc]) if doc in found else None for doc in piece]
        return values

    def object(self, record: Record, vectors: frozenset[str] | None) -> Object:
        """The record as an object, with the vectors of these names (None: all)."""
        if vectors == frozenset():
            return self.codec.object(record)
        names = self._slots.keys() if vectors is None else vectors & self._slots.keys()
        found = {name: self._slots[name].vector(record.doc) for name in sorted(names)}
        return self.codec.object(record, {name: vector for name, vector in found.items() if vector is not None})

    def _by_doc(self, docs: Sequence[int], *, properties: bool) -> dict[int, Record]:
        found = {record.doc: record for record in self._store.fetch(docs, properties=properties)}
        if len(found) < len(docs):
            leaving = ((doc, self._in_flight.leaving(doc)) for doc in docs if doc not in found)
            found.update((doc, record) for doc, record in leaving if record is not None)
        return found
