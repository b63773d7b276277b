"""The index of one property: a column of its values, which documents have one, and how long they are.

Text, uuids and references are terms in postings; numbers, dates and booleans are numeric columns; places have their
own. Values come in the canonical form of `schema.objects`. Knows nothing of filters' operators beyond comparing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from weavelet.engine.columns import GeoColumn, ListColumn, ScalarColumn
from weavelet.engine.docset import DocSet
from weavelet.engine.postings import Part, Postings
from weavelet.engine.tokenize import terms
from weavelet.schema.collection import InvertedIndex, Property
from weavelet.schema.datatypes import DataType, Tokenization
from weavelet.schema.dates import epoch_ns

_INT64: Final = np.iinfo(np.int64)
_DTYPES: Final = {
    DataType.INT: np.int64,
    DataType.NUMBER: np.float64,
    DataType.DATE: np.int64,
    DataType.BOOLEAN: np.bool_,
}
_STATELESS: Final = frozenset({DataType.GEO, DataType.PHONE, DataType.BLOB, DataType.BLOB_HASH})
"""Types of which neither null state nor length is kept."""


class TermColumn:
    """Terms of each document. `shared` postings are filled by the keyword index, others here."""

    def __init__(self, postings: Postings, shared: bool, terms_of: Callable[[Any], Iterable[str]]) -> None:
        self.postings = postings
        self.shared = shared
        self._terms_of = terms_of

    def add(self, docs: Sequence[int], values: Sequence[Any]) -> None:
        if self.shared:
            return
        for doc, value in zip(docs, values, strict=True):
            self.postings.add(doc, Counter(self._terms_of(value)))

    def remove(self, docs: Sequence[int]) -> None:
        """Left to a sweep of the postings."""

    def sweep(self, live: DocSet) -> None:
        """Left to a sweep of the postings."""

    def snapshot(self) -> dict[str, Part]:
        return {} if self.shared else self.postings.snapshot()

    def load(self, parts: Mapping[str, Part]) -> None:
        if not self.shared:
            self.postings.load(parts)


Column: TypeAlias = TermColumn | ScalarColumn | ListColumn | GeoColumn


class Field:
    """One property's index. `column` is None where the property cannot be filtered by value."""

    def __init__(self, prop: Property, inverted: InvertedIndex, shared: Postings | None, *, always_state: bool) -> None:
        """`always_state`: keep which documents have a value even where the collection does not ask for null state."""
        self.property = prop
        self.column = _column(prop, shared)
        indexed = self.column is not None and prop.type not in _STATELESS
        self.filled = DocSet() if indexed and (always_state or inverted.index_null_state) else None
        self.lengths = ScalarColumn(np.int32) if indexed and inverted.index_property_length else None
        self.counts = ScalarColumn(np.int32) if indexed and prop.is_reference else None
        """Of a reference: how many each document holds."""
        self._converted = _converter(prop.type)

    def redefine(self, prop: Property, shared: Postings | None) -> None:
        """Go on under a new definition of the same property. An index that was dropped is forgotten."""
        self.property = prop
        if not can_filter(prop):
            self.column = self.filled = self.lengths = self.counts = None
        elif isinstance(self.column, TermColumn) and shared is None:
            self.column.shared = False

    def add(self, docs: Sequence[int], values: Sequence[Any]) -> None:
        """`values`: one for each document, none of them None."""
        if not docs or self.column is None:
            return
        self.column.add(docs, values if self._converted is None else [self._converted(value) for value in values])
        if self.filled is not None:
            self.filled.update(doc for doc, value in zip(docs, values, strict=True) if has_content(value))
        if self.lengths is not None and has_length(self.property.type):
            self.lengths.add(docs, [len(value) for value in values])
        if self.counts is not None:
            self.counts.add(docs, [len(value) for value in values])

    def remove(self, docs: Sequence[int]) -> None:
        if self.column is not None:
            self.column.remove(docs)
        if self.filled is not None:
            self.filled.difference_update(docs)
        for column in (self.lengths, self.counts):
            if column is not None:
                column.remove(docs)

    def owned_postings(self) -> Postings | None:
        """The postings that this field fills itself."""
        column = self.column
        return column.postings if isinstance(column, TermColumn) and not column.shared else None

    def snapshot(self) -> dict[str, Part]:
        parts: dict[str, Part] = {}
        if self.column is not None:
            parts |= {f"column/{name}": part for name, part in self.column.snapshot().items()}
        if self.filled is not None:
            parts["filled"] = self.filled.to_bytes()
        for key, column in (("lengths", self.lengths), ("counts", self.counts)):
            if column is not None:
                parts |= {f"{key}/{name}": part for name, part in column.snapshot().items()}
        return parts

    def load(self, parts: Mapping[str, Part]) -> None:
        if self.column is not None:
            self.column.load(under("column/", parts))
        if self.filled is not None:
            self.filled = DocSet.from_bytes(bytes(parts["filled"]))
        for key, column in (("lengths", self.lengths), ("counts", self.counts)):
            if column is not None:
                column.load(under(f"{key}/", parts))


def can_filter(prop: Property) -> bool:
    """Whether documents can be found by the property's value."""
    if prop.type in (DataType.PHONE, DataType.BLOB, DataType.BLOB_HASH, DataType.OBJECT, DataType.OBJECT_ARRAY):
        return False
    return prop.filterable or prop.range_filters or (prop.is_text and prop.searchable)


def has_length(type: DataType) -> bool:
    """Whether `len()` of a value means anything: characters of a text, elements of an array, references."""
    return type is DataType.TEXT or type is DataType.REFERENCE or type.is_array


def has_content(value: Any) -> bool:
    """False for an empty text or array, which count as null."""
    return not (isinstance(value, str | list | tuple) and not value)


def text_terms(value: str | Sequence[str], prop: Property) -> list[str]:
    """The terms of a text, or of all texts of an array."""
    tokenization = prop.tokenization or Tokenization.WORD
    if isinstance(value, str):
        return terms(value, tokenization, prop.analyzer)
    return [term for text in value for term in terms(text, tokenization, prop.analyzer)]


def as_ns(text: str) -> int:
    """A date as the index keeps it: nanoseconds since 1970, within 64 bits. Raises ValueError."""
    return min(max(epoch_ns(text), _INT64.min), _INT64.max)


def under(prefix: str, parts: Mapping[str, Part]) -> dict[str, Part]:
    """The parts whose name begins so, without that beginning."""
    return {name.removeprefix(prefix): part for name, part in parts.items() if name.startswith(prefix)}


def _column(prop: Property, shared: Postings | None) -> Column | None:
    if not can_filter(prop):
        return None
    element = prop.type.element
    if dtype := _DTYPES.get(element):
        return ListColumn(dtype) if prop.type.is_array else ScalarColumn(dtype)
    match element:
        case DataType.TEXT:
            own = Postings() if shared is None else shared
            return TermColumn(own, shared is not None, lambda value: text_terms(value, prop))
        case DataType.UUID:
            return TermColumn(Postings(), False, _listed)
        case DataType.REFERENCE:
            return TermColumn(Postings(), False, beacons)
        case DataType.GEO:
            return GeoColumn()
        case _:
            raise ValueError(f"no index for {prop.type}")


def beacons(references: Sequence[Mapping[str, Any]]) -> list[str]:
    return [reference["beacon"] for reference in references]


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def _converter(type: DataType) -> Callable[[Any], Any] | None:
    """From a canonical value to what the column takes; None where that is the value itself."""
    if type is DataType.DATE:
        return as_ns
    if type is DataType.DATE_ARRAY:
        return lambda texts: [as_ns(text) for text in texts]
    return None
