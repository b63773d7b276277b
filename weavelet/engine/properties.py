"""Everything a filter can ask about an object, by property: values, null state, lengths, references, ids, times.

The objects of a shard are a `Level`; the objects inside its object properties are levels of their own, whose numbers
lead back to the one above. So a nested property is filtered like any other, on its own level. Text of a searchable
property lives once, in the keyword index's postings. The caller locks; nothing here does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from weavelet.engine.columns import Growing, ScalarColumn
from weavelet.engine.docset import DocSet
from weavelet.engine.fields import Field, under
from weavelet.engine.keyword import KeywordIndex
from weavelet.engine.object_ids import IdColumn
from weavelet.engine.postings import Part, Postings, Tombstones
from weavelet.schema.collection import Collection, InvertedIndex, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.objects import Object

_OBJECTS = frozenset({DataType.OBJECT, DataType.OBJECT_ARRAY})


class Level:
    """Objects at one depth under ascending numbers, with an index for each of their properties."""

    def __init__(
        self, properties: Iterable[Property], inverted: InvertedIndex, shared: Callable[[str], Postings | None] | None
    ) -> None:
        """`shared`: the postings of a property's text that somebody else fills; None on nested levels."""
        self._inverted = inverted
        self._shared = shared
        self._tombstones = Tombstones()
        self.live = DocSet()
        self.fields: dict[str, Field] = {}
        self.nested: dict[str, NestedLevel] = {}
        self.redefine(properties)

    def redefine(self, properties: Iterable[Property]) -> None:
        """Index new properties from now on, and forget those that are indexed no more."""
        properties = tuple(properties)
        fields = {p.name: self._field(p) for p in properties if p.type not in _OBJECTS}
        nested = {p.name: self._nested(p) for p in properties if p.type in _OBJECTS}
        self.fields, self.nested = fields, nested

    def _field(self, prop: Property) -> Field:
        shared = self._shared(prop.name) if self._shared is not None else None
        known = self.fields.get(prop.name)
        if known is None:
            return Field(prop, self._inverted, shared, always_state=self._shared is None)
        known.redefine(prop, shared)
        return known

    def _nested(self, prop: Property) -> "NestedLevel":
        known = self.nested.get(prop.name)
        if known is None:
            return NestedLevel(prop.nested, self._inverted)
        known.redefine(prop.nested)
        return known

    def add(self, objects: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        self.live.update(number for number, _ in objects)
        for name, field in self.fields.items():
            found = [(number, value) for number, values in objects if (value := values.get(name)) is not None]
            field.add([number for number, _ in found], [value for _, value in found])
        for name, level in self.nested.items():
            level.add_values([(number, value) for number, values in objects if (value := values.get(name)) is not None])
        self._sweep(len(objects))

    def remove(self, numbers: Sequence[int]) -> None:
        self.live.difference_update(numbers)
        self._tombstones.bury(numbers)
        for field in self.fields.values():
            field.remove(numbers)
        for level in self.nested.values():
            level.remove_values(numbers)
        self._sweep(len(numbers))

    def _sweep(self, changes: int) -> None:
        postings = [own for field in self.fields.values() if (own := field.owned_postings()) is not None]
        if self._tombstones.sweep(postings, changes, len(self.live)):
            for field in self.fields.values():
                if field.column is not None:
                    field.column.sweep(self.live)

    def snapshot(self) -> dict[str, Part]:
        parts: dict[str, Part] = {"live": self.live.to_bytes(), "dead": self._tombstones.dead.to_bytes()}
        for name, field in self.fields.items():
            parts |= {f"fields/{name}/{key}": part for key, part in field.snapshot().items()}
        for name, level in self.nested.items():
            parts |= {f"nested/{name}/{key}": part for key, part in level.snapshot().items()}
        return parts

    def load(self, parts: Mapping[str, Part]) -> None:
        self.live = DocSet.from_bytes(bytes(parts["live"]))
        self._tombstones.dead = DocSet.from_bytes(bytes(parts["dead"]))
        for name, field in self.fields.items():
            field.load(under(f"fields/{name}/", parts))
        for name, level in self.nested.items():
            level.load(under(f"nested/{name}/", parts))


class NestedLevel(Level):
    """The objects in one object property of the level above. `owners` and `places` are rows by number here."""

    def __init__(self, properties: Iterable[Property], inverted: InvertedIndex) -> None:
        super().__init__(properties, inverted, None)
        self._owners = Growing(np.uint32)
        self._places = Growing(np.uint32)

    def add_values(self, values: Sequence[tuple[int, Any]]) -> None:
        """Add the objects of some owners' values: one object, or a list of them."""
        objects = [
            (owner, place, inner)
            for owner, value in values
            for place, inner in enumerate(value if isinstance(value, list | tuple) else (value,))
        ]
        if not objects:
            return
        first = len(self._owners)
        self._owners.extend([owner for owner, _, _ in objects])
        self._places.extend([place for _, place, _ in objects])
        self.add([(first + offset, inner) for offset, (_, _, inner) in enumerate(objects)])

    def remove_values(self, owners: Sequence[int]) -> None:
        """Remove the objects of some owners. Owners are ascending, so each has its objects in one run."""
        rows = self._owners.values
        starts, ends = np.searchsorted(rows, owners, "left"), np.searchsorted(rows, owners, "right")
        numbers = [number for start, end in zip(starts, ends, strict=True) for number in range(start, end)]
        if numbers:
            self.remove(numbers)

    def owners(self, numbers: DocSet) -> DocSet:
        """The objects above that own at least one of these."""
        return DocSet.of(self._owners.values[numbers.array()])

    def owned_by(self, owners: DocSet) -> DocSet:
        """The objects here that belong to one of these above."""
        rows = self._owners.values
        return DocSet.of_mask(owners.mask(int(rows.max()) + 1)[rows]) if len(rows) else DocSet()

    def at(self, place: int) -> DocSet:
        """The objects that stand at this place of their list, counted from 0."""
        return DocSet.of_mask(self._places.values == place)

    def snapshot(self) -> dict[str, Part]:
        return super().snapshot() | {"owners": self._owners.values.copy(), "places": self._places.values.copy()}

    def load(self, parts: Mapping[str, Part]) -> None:
        super().load(parts)
        self._owners.restore(parts["owners"])
        self._places.restore(parts["places"])


class PropertyIndex:
    """The properties of a shard's objects. Document numbers must come in ascending order."""

    def __init__(self, collection: Collection, keyword: KeywordIndex | None = None) -> None:
        """`keyword`: the shard's keyword index, whose postings answer filters on searchable text too.

        It must be given every document before this index is. Without one, all text is indexed here.
        """
        self._keyword = keyword
        self.collection = collection
        self.root = Level(collection.properties, collection.inverted, self._shared_postings)
        self.ids = IdColumn()
        self.created: ScalarColumn | None = None
        self.updated: ScalarColumn | None = None
        self._keep_times()

    @property
    def live(self) -> DocSet:
        """Every document there is; the caller's own copy."""
        return self.root.live.copy()

    def redefine(self, collection: Collection) -> None:
        self.collection = collection
        self.root.redefine(collection.properties)
        self._keep_times()

    def add(self, docs: Sequence[tuple[int, Object]]) -> None:
        """Make the documents findable. Their numbers are higher than any before."""
        if not docs:
            return
        numbers = [doc for doc, _ in docs]
        self.root.add([(doc, found.properties) for doc, found in docs])
        self.ids.add(numbers, [found.id for _, found in docs])
        if self.created is not None and self.updated is not None:
            self.created.add(numbers, [found.created_ms for _, found in docs])
            self.updated.add(numbers, [found.updated_ms for _, found in docs])

    def remove(self, docs: Sequence[tuple[int, Object]]) -> None:
        """Forget documents. Nothing happens for one that is not there."""
        numbers = list(dict.fromkeys(doc for doc, _ in docs if doc in self.root.live))
        if numbers:
            self.root.remove(numbers)

    def column(self, name: str) -> ScalarColumn | None:
        """The numbers of a scalar int, number, date (nanoseconds since 1970) or boolean property, where indexed.

        `values` and `present` go by document number; a document that is not alive is not present.
        """
        field = self.root.fields.get(name)
        return field.column if field is not None and isinstance(field.column, ScalarColumn) else None

    def snapshot(self) -> dict[str, Part]:
        parts = {f"root/{name}": part for name, part in self.root.snapshot().items()}
        parts |= {f"ids/{name}": part for name, part in self.ids.snapshot().items()}
        if self.created is not None and self.updated is not None:
            parts |= {f"created/{name}": part for name, part in self.created.snapshot().items()}
            parts |= {f"updated/{name}": part for name, part in self.updated.snapshot().items()}
        return parts

    def load(self, parts: Mapping[str, Part]) -> None:
        """Take over what `snapshot` gave under the same definition."""
        self.root.load(under("root/", parts))
        self.ids.load(under("ids/", parts))
        if self.created is not None and self.updated is not None:
            self.created.load(under("created/", parts))
            self.updated.load(under("updated/", parts))

    def _keep_times(self) -> None:
        if self.collection.inverted.index_timestamps and self.created is None:
            self.created, self.updated = ScalarColumn(np.int64), ScalarColumn(np.int64)

    def _shared_postings(self, name: str) -> Postings | None:
        return self._keyword.postings(name) if self._keyword is not None else None
