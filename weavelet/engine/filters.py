"""Filters answered: `check` says whether one fits a collection, `allowed` finds by index what passes it, `matches`
asks a single object. The last two agree on every filter; `matches` is the plain reading that tests hold against.

Comparisons behind references are resolved to `PointsAt` before they get here. Removed documents are still in some
columns and postings, so whatever a column answers is intersected with the documents alive.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import eq, ge, gt, le, lt
from typing import Any, Final, assert_never

from weavelet.engine.columns import GeoColumn, ListColumn, ScalarColumn
from weavelet.engine.docset import DocSet
from weavelet.engine.fields import Field, TermColumn, has_length
from weavelet.engine.filter_check import check
from weavelet.engine.filter_rows import matches
from weavelet.engine.filter_tree import evaluate
from weavelet.engine.filter_values import (
    check_operator,
    contained_terms,
    number,
    text_terms_of,
    timestamp_ms,
    uuid,
    values_of,
)
from weavelet.engine.like import matching
from weavelet.engine.nested_paths import LevelPath, Step, address, is_nested
from weavelet.engine.postings import Postings
from weavelet.engine.properties import Level, NestedLevel, PropertyIndex
from weavelet.engine.query import (
    Compare,
    Filter,
    GeoRange,
    Internal,
    OfLength,
    OfProperty,
    OfReferenceCount,
    OfReferenced,
    Operator,
    PointsAt,
)
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.uuids import canonical_uuid

__all__ = ["allowed", "check", "matches"]

_ORDER: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.GREATER_THAN: gt,
    Operator.GREATER_THAN_EQUAL: ge,
    Operator.LESS_THAN: lt,
    Operator.LESS_THAN_EQUAL: le,
}
"""Text orders by code point, which is the order of its UTF-8 bytes."""
_COMPARED: Final[dict[Operator, Callable[[Any, Any], bool]]] = {Operator.EQUAL: eq, **_ORDER}
_TIMES: Final = {Internal.CREATED: "_creationTimeUnix", Internal.UPDATED: "_lastUpdateTimeUnix"}


def allowed(where: Filter, index: PropertyIndex, collection: Collection) -> DocSet:
    """The documents that pass the filter. Raises `InvalidFilter` where it asks for what is not indexed."""
    return evaluate(where, _IndexSpace(index, collection))


class _IndexSpace:
    """Sets of objects as sets of their numbers on each level of a property index."""

    def __init__(self, index: PropertyIndex, collection: Collection) -> None:
        self._index = index
        self._collection = collection

    def everything(self, path: LevelPath) -> DocSet:
        level: Level = self._index.root
        found = level.live
        for step in path:
            nested = level.nested[step.name]
            found = nested.live & nested.owned_by(found)
            if step.place is not None:
                found = found & nested.at(step.place)
            level = nested
        return found

    def owners(self, path: LevelPath, members: DocSet) -> DocSet:
        return self._nested(path).owners(members)

    def holding(self, comparison: Compare | PointsAt) -> tuple[LevelPath, DocSet]:
        if isinstance(comparison, PointsAt):
            return (), self._pointing(comparison)
        match comparison.path:
            case OfProperty(name):
                return self._of_property(name, comparison)
            case OfReferenceCount(name):
                return (), self._of_count(self._field(name), comparison)
            case OfLength(name):
                return (), self._of_length(self._field(name), comparison)
            case Internal.ID:
                return (), self._of_id(comparison)
            case Internal.CREATED | Internal.UPDATED:
                return (), self._of_time(comparison.path, comparison)
            case OfReferenced(property=name):
                raise InvalidFilter(f"the objects behind reference '{name}' were not looked up")
            case _:
                assert_never(comparison.path)

    def _level(self, path: Sequence[Step]) -> Level:
        level: Level = self._index.root
        for step in path:
            level = level.nested[step.name]
        return level

    def _nested(self, path: Sequence[Step]) -> NestedLevel:
        level = self._level(path)
        assert isinstance(level, NestedLevel)
        return level

    def _field(self, name: str) -> Field:
        prop = address(name, self._collection).property
        field = self._index.root.fields.get(prop.name)
        if field is None:
            raise InvalidFilter(f"property '{name}' of type {prop.type} cannot be filtered")
        return field

    # One comparison

    def _pointing(self, wanted: PointsAt) -> DocSet:
        field = self._index.root.fields.get(wanted.property)
        if field is None or not field.property.is_reference or not isinstance(field.column, TermColumn):
            return DocSet()
        return field.column.postings.docs_of_any(wanted.beacons) & self._index.root.live

    def _of_property(self, name: str, compare: Compare) -> tuple[LevelPath, DocSet]:
        found = address(name, self._collection)
        everything = self.everything(found.path)
        if is_nested(found.property):
            return found.path, self._of_objects(found.path, found.property, found.place, compare, everything)
        field = self._level(found.path).fields[found.property.name]
        if compare.operator is Operator.IS_NULL:
            return found.path, self._of_null_state(field, compare, everything, nested=bool(found.path))
        if field.property.is_reference:
            return (), self._of_count(field, compare)
        _check_indexed(field)
        return found.path, _Values(field, self._collection, everything).passing(compare)

    def _of_objects(
        self, path: LevelPath, prop: Property, place: int | None, compare: Compare, everything: DocSet
    ) -> DocSet:
        """The objects that have, or have not, an object in this property."""
        if compare.operator is not Operator.IS_NULL:
            raise InvalidFilter(f"property '{prop.name}' holds objects: only operator IsNull can be used on it")
        inner = (*path, Step(prop.name, place))
        filled = self.owners(inner, self.everything(inner))
        return everything - filled if compare.value else everything & filled

    def _of_null_state(self, field: Field, compare: Compare, everything: DocSet, *, nested: bool) -> DocSet:
        prop = field.property
        if not nested and not self._collection.inverted.index_null_state:
            raise InvalidFilter(
                "Nullstate must be indexed to be filterable! Add `indexNullState: true` to the invertedIndexConfig"
            )
        if prop.type in (DataType.GEO, DataType.PHONE, DataType.BLOB, DataType.BLOB_HASH):
            return DocSet()
        if field.filled is None:
            raise InvalidFilter(f"bucket for prop {prop.name}_nullState not found - is it indexed?")
        return everything - field.filled if compare.value else everything & field.filled

    def _of_count(self, field: Field, compare: Compare) -> DocSet:
        """By number of references; an object without the property has none."""
        _check_indexed(field)
        if not isinstance(field.column, TermColumn) or field.counts is None:
            raise InvalidFilter(f"property '{field.property.name}' holds no references to count")
        return _measured(field.counts, compare, self._index.root.live, missing_is_zero=True)

    def _of_length(self, field: Field, compare: Compare) -> DocSet:
        inverted, prop = self._collection.inverted, field.property
        if not inverted.index_property_length:
            raise InvalidFilter(
                "Property length must be indexed to be filterable! add `IndexPropertyLength: true` to the "
                f"invertedIndexConfig in {self._collection.name}.  Geo-coordinates, phone numbers and data blobs are "
                "not supported by property length."
            )
        if field.lengths is None or not (has_length(prop.type) or prop.type is DataType.UUID):
            raise InvalidFilter(f"bucket for prop {prop.name}_propertyLength not found - is it indexed?")
        zero = inverted.index_null_state or prop.is_reference
        present = None if has_length(prop.type) else field.filled
        return _measured(field.lengths, compare, self._index.root.live, missing_is_zero=zero, measureless=present)

    def _of_time(self, path: Internal, compare: Compare) -> DocSet:
        column = self._index.created if path is Internal.CREATED else self._index.updated
        if column is None:
            raise InvalidFilter(
                "Timestamps must be indexed to be filterable! "
                f"Add `IndexTimestamps: true` to the InvertedIndexConfig in {self._collection.name}"
            )
        values = [timestamp_ms(value) for value in values_of(compare, _TIMES[path])]
        return _by_number(column, compare.operator, values, self._index.root.live)

    def _of_id(self, compare: Compare) -> DocSet:
        live = self._index.root.live
        values = [str(value) for value in values_of(compare, "id")]
        match compare.operator:
            case Operator.EQUAL | Operator.CONTAINS_ANY:
                return self._with_ids(values) & live
            case Operator.NOT_EQUAL | Operator.CONTAINS_NONE:
                return live - self._with_ids(values)
            case Operator.CONTAINS_ALL:
                return _intersection(self._with_ids((value,)) & live for value in values)
            case Operator.LIKE:
                texts = {text: doc for doc, text in self._index.ids.texts(live)}
                return DocSet.of([texts[text] for text in matching(values[0], texts)])
            case operator if operator in _ORDER:
                return self._ids_in_order(operator, values[0]) & live
            case operator:
                raise InvalidFilter(f"operator {operator} cannot be used on ids")

    def _with_ids(self, values: Iterable[str]) -> DocSet:
        return self._index.ids.among([id for value in values if (id := canonical_uuid(value)) is not None])

    def _ids_in_order(self, operator: Operator, value: str) -> DocSet:
        if (id := canonical_uuid(value)) is not None:
            return self._index.ids.compare(operator, id)
        passes = _ORDER[operator]
        return DocSet.of([doc for doc, text in self._index.ids.texts(self._index.root.live) if passes(text, value)])


class _Values:
    """Comparisons with the values of one property, among `everything` on its level."""

    def __init__(self, field: Field, collection: Collection, everything: DocSet) -> None:
        self._field = field
        self._property = field.property
        self._inverted = collection.inverted
        self._everything = everything

    def passing(self, compare: Compare) -> DocSet:
        check_operator(compare.operator, self._property)
        column = self._field.column
        match column:
            case GeoColumn():
                return self._near(column, compare.value)
            case ScalarColumn() | ListColumn():
                values = [number(value, self._property) for value in values_of(compare, self._property.name)]
                return _by_number(column, compare.operator, values, self._everything)
            case TermColumn() if self._property.is_text:
                return self._by_text(column.postings, compare)
            case TermColumn():
                keys = [[uuid(value)] for value in values_of(compare, self._property.name)]
                return self._by_terms(column.postings, compare.operator, keys)
            case None:
                raise AssertionError("a property that is not indexed")
            case _:
                assert_never(column)

    def _near(self, column: GeoColumn, area: Any) -> DocSet:
        if not isinstance(area, GeoRange):
            raise InvalidFilter(f"operator WithinGeoRange on '{self._property.name}' needs a valueGeoRange")
        if area.metres < 0:
            raise InvalidFilter("valueGeoRange: field 'distance.max' must be a positive number")
        return column.within(area) & self._everything

    def _by_text(self, postings: Postings, compare: Compare) -> DocSet:
        operator, values = compare.operator, values_of(compare, self._property.name)
        if operator in (Operator.CONTAINS_ANY, Operator.CONTAINS_ALL, Operator.CONTAINS_NONE):
            return self._by_terms(postings, operator, contained_terms(values, operator, self._property, self._inverted))
        wildcard = operator is Operator.LIKE
        found = text_terms_of(values[0], self._property, self._inverted, wildcard=wildcard)
        return self._by_terms(postings, operator, [found])

    def _by_terms(self, postings: Postings, operator: Operator, values: Sequence[Sequence[str]]) -> DocSet:
        """`values`: the terms of each value; an object has a value when it has all its terms."""
        match operator:
            case Operator.NOT_EQUAL:
                return self._everything - postings.docs_of_any(values[0])
            case Operator.CONTAINS_ANY:
                return self._with_any(postings, values) & self._everything
            case Operator.CONTAINS_NONE:
                return self._everything - self._with_any(postings, values)
            case Operator.EQUAL | Operator.CONTAINS_ALL:
                distinct = dict.fromkeys(term for terms in values for term in terms)
                return _intersection((postings.docs(term) for term in distinct), self._everything)
            case Operator.LIKE:
                sets = (postings.docs_of_any(matching(pattern, postings)) for pattern in values[0])
                return _intersection(sets, self._everything)
            case _:
                passes = _ORDER[operator]
                sets = (postings.docs_of_any([term for term in postings if passes(term, v)]) for v in values[0])
                return _intersection(sets, self._everything)

    def _with_any(self, postings: Postings, values: Sequence[Sequence[str]]) -> DocSet:
        single = postings.docs_of_any(terms[0] for terms in values if len(terms) == 1)
        several = [_intersection(postings.docs(term) for term in terms) for terms in values if len(terms) > 1]
        return DocSet.union([single, *several])


# --- Steps -----------------------------------------------------------------------------------------------------------


def _check_indexed(field: Field) -> None:
    name = field.property.name
    if field.column is None:
        raise InvalidFilter(
            f"Filtering by property '{name}' requires inverted index. Is `indexFilterable` option of property "
            f"'{name}' enabled? Set it to `true` or leave empty"
        )


def _by_number(
    column: ScalarColumn | ListColumn, operator: Operator, values: Sequence[Any], everything: DocSet
) -> DocSet:
    match operator:
        case Operator.NOT_EQUAL:
            return everything - column.compare(Operator.EQUAL, values[0])
        case Operator.CONTAINS_ANY:
            return column.among(values) & everything
        case Operator.CONTAINS_NONE:
            return everything - column.among(values)
        case Operator.CONTAINS_ALL:
            return _intersection((column.compare(Operator.EQUAL, value) for value in values), everything)
        case _:
            return column.compare(operator, values[0]) & everything


def _measured(
    column: ScalarColumn, compare: Compare, live: DocSet, *, missing_is_zero: bool, measureless: DocSet | None = None
) -> DocSet:
    """By a length or count. `measureless`: documents that have a value of which there is no length."""
    if not isinstance(compare.value, int) or isinstance(compare.value, bool):
        raise InvalidFilter(f"a length or count is compared with an int, got {compare.value!r}")
    negated = compare.operator is Operator.NOT_EQUAL
    operator = Operator.EQUAL if negated else compare.operator
    if operator not in _COMPARED:
        raise InvalidFilter(f"operator {operator} cannot be used on a length or count")
    found = column.compare(operator, compare.value)
    if missing_is_zero and _COMPARED[operator](0, compare.value):
        found = found | (live - column.filled() - (measureless or DocSet()))
    return live - found if negated else live & found


def _intersection(sets: Iterable[DocSet], everything: DocSet | None = None) -> DocSet:
    several = list(sets) if everything is None else [everything, *sets]
    return reduce(lambda one, other: one & other, several)
