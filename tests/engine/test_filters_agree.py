"""Whatever the objects, the changes and the filter: the indexes and the plain reading of each object agree."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from weavelet.engine import filters
from weavelet.engine.keyword import KeywordIndex
from weavelet.engine.properties import PropertyIndex
from weavelet.engine.query import (
    And,
    Compare,
    Filter,
    GeoRange,
    Internal,
    Not,
    OfLength,
    OfProperty,
    OfReferenceCount,
    Operator,
    Or,
    PointsAt,
    ValueKind,
)
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, InvertedIndex, Property
from weavelet.schema.datatypes import DataType, Tokenization
from weavelet.schema.objects import Object, beacon

_NESTED = (
    Property(name="make", type=DataType.TEXT, tokenization=Tokenization.FIELD),
    Property(name="year", type=DataType.INT),
    Property(name="tires", type=DataType.OBJECT_ARRAY, nested=(Property(name="width", type=DataType.INT_ARRAY),)),
)
COLLECTION = Collection(
    name="Thing",
    properties=(
        Property(name="word", type=DataType.TEXT, tokenization=Tokenization.WORD, searchable=True),
        Property(name="field", type=DataType.TEXT, tokenization=Tokenization.FIELD),
        Property(name="tri", type=DataType.TEXT_ARRAY, tokenization=Tokenization.TRIGRAM, searchable=True),
        Property(name="i", type=DataType.INT, range_filters=True, filterable=False),
        Property(name="fs", type=DataType.NUMBER_ARRAY),
        Property(name="b", type=DataType.BOOLEAN),
        Property(name="ds", type=DataType.DATE_ARRAY),
        Property(name="u", type=DataType.UUID),
        Property(name="geo", type=DataType.GEO),
        Property(name="ref", type=DataType.REFERENCE, targets=("Thing",)),
        Property(name="cars", type=DataType.OBJECT_ARRAY, nested=_NESTED),
        Property(name="phone", type=DataType.PHONE),
    ),
    inverted=InvertedIndex(index_null_state=True, index_property_length=True, index_timestamps=True),
)

WORDS = st.sampled_from(["", "hot", "soup", "Hot Soup", "hot  soup, bread", "the", "cold a*b"])
NUMBERS = st.integers(-2, 3)
FLOATS = st.sampled_from([-1.5, 0.0, 0.5, 2.0])
DATES = st.sampled_from(["2020-01-01T00:00:00Z", "2021-06-01T12:00:00+02:00", "2021-06-01T10:00:00.5Z"])
UUIDS = st.integers(1, 4).map(lambda n: f"00000000-0000-4000-8000-{n:012}")
BEACONS = UUIDS.map(lambda id: beacon("Thing", id))
CARS = st.fixed_dictionaries(
    {},
    optional={
        "make": st.sampled_from(["Kia", "Toyota", ""]),
        "year": NUMBERS,
        "tires": st.lists(st.fixed_dictionaries({}, optional={"width": st.lists(NUMBERS, max_size=2)}), max_size=2),
    },
)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "word": WORDS,
        "field": WORDS,
        "tri": st.lists(WORDS, max_size=3),
        "i": NUMBERS,
        "fs": st.lists(FLOATS, max_size=3),
        "b": st.booleans(),
        "ds": st.lists(DATES, max_size=2),
        "u": UUIDS,
        "geo": st.fixed_dictionaries({"latitude": FLOATS, "longitude": FLOATS}),
        "ref": st.lists(BEACONS.map(lambda uri: {"beacon": uri}), max_size=3),
        "cars": st.lists(CARS, max_size=3),
        "phone": st.just({"input": "1"}),
    },
)

_ORDER = [
    Operator.EQUAL,
    Operator.NOT_EQUAL,
    Operator.GREATER_THAN,
    Operator.GREATER_THAN_EQUAL,
    Operator.LESS_THAN,
    Operator.LESS_THAN_EQUAL,
]
_CONTAINS = [Operator.CONTAINS_ANY, Operator.CONTAINS_ALL, Operator.CONTAINS_NONE]


def compares(path: Any, values: st.SearchStrategy[Any], kind: ValueKind, *more: Operator) -> st.SearchStrategy[Filter]:
    single = st.builds(Compare, st.just(path), st.sampled_from([*_ORDER, *more]), values, st.just(kind))
    lists = st.lists(values, min_size=1, max_size=3).map(tuple)
    return single | st.builds(Compare, st.just(path), st.sampled_from(_CONTAINS), lists, st.just(kind))


def measures(path: Any) -> st.SearchStrategy[Filter]:
    return st.builds(Compare, st.just(path), st.sampled_from(_ORDER), NUMBERS, st.just(ValueKind.INT))


PATTERNS = st.sampled_from(["*", "so*", "*o*", "h?t", "Hot*", "?", "*a*b*"])
NULL_STATES = st.builds(
    Compare,
    st.sampled_from([p.name for p in COLLECTION.properties] + ["cars.make", "cars[0].tires", "cars[1]"]).map(
        OfProperty
    ),
    st.just(Operator.IS_NULL),
    st.booleans(),
    st.just(ValueKind.BOOLEAN),
)
PLAIN = st.one_of(
    *(compares(OfProperty(name), WORDS, ValueKind.TEXT) for name in ("word", "field", "tri")),
    *(
        st.builds(Compare, st.just(OfProperty(name)), st.just(Operator.LIKE), PATTERNS, st.just(ValueKind.TEXT))
        for name in ("word", "field", "tri", "cars.make")
    ),
    compares(OfProperty("i"), NUMBERS, ValueKind.INT),
    compares(OfProperty("fs"), FLOATS, ValueKind.NUMBER),
    compares(OfProperty("b"), st.booleans(), ValueKind.BOOLEAN),
    compares(OfProperty("ds"), DATES, ValueKind.DATE),
    compares(OfProperty("u"), UUIDS, ValueKind.TEXT),
    compares(Internal.ID, UUIDS | st.just("00000000-0000-4000-8000-00000000001"), ValueKind.TEXT),
    compares(Internal.CREATED, NUMBERS.map(str), ValueKind.TEXT),
    compares(OfProperty("cars.make"), WORDS, ValueKind.TEXT),
    compares(OfProperty("cars[1].year"), NUMBERS, ValueKind.INT),
    compares(OfProperty("cars.year"), NUMBERS, ValueKind.INT),
    compares(OfProperty("cars.tires.width"), NUMBERS, ValueKind.INT),
    *(measures(OfLength(name)) for name in ("word", "tri", "fs", "u", "ref")),
    measures(OfReferenceCount("ref")),
    NULL_STATES,
    st.builds(
        Compare,
        st.just(OfProperty("geo")),
        st.just(Operator.WITHIN_GEO_RANGE),
        st.builds(GeoRange, FLOATS, FLOATS, st.sampled_from([0.0, 60_000.0, 1e6])),
        st.just(ValueKind.GEO),
    ),
    st.builds(PointsAt, st.just("ref"), st.frozensets(BEACONS, max_size=2)),
)
FILTERS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda some: And(tuple(some))),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: Or(tuple(some))),
        inner.map(Not),
    ),
    max_leaves=5,
)


def outcome(where: Filter, ask: Any) -> Any:
    """The answer, or the sentence of the refusal."""
    try:
        return ask(where)
    except InvalidFilter as error:
        return str(error)


@settings(max_examples=400, deadline=None)
@given(
    values=st.lists(PROPERTIES, min_size=1, max_size=8),
    gone=st.sets(st.integers(0, 7)),
    where=FILTERS,
    shared=st.booleans(),
    restored=st.booleans(),
)
def test_indexes_and_rows_agree(
    values: list[dict[str, Any]], gone: set[int], where: Filter, shared: bool, restored: bool
) -> None:
    objects = {
        doc: Object(
            collection="Thing",
            id=f"00000000-0000-4000-8000-{doc:012}",
            properties=properties,
            created_ms=doc - 2,
            updated_ms=doc,
        )
        for doc, properties in enumerate(values)
    }
    keyword = KeywordIndex(COLLECTION, lambda docs: (docs,))
    index = PropertyIndex(COLLECTION, keyword if shared else None)
    keyword.add([(doc, one.properties) for doc, one in objects.items()])
    index.add(list(objects.items()))
    removed = [(doc, one) for doc, one in objects.items() if doc in gone]
    keyword.remove([(doc, one.properties) for doc, one in removed])
    index.remove(removed)
    if restored:
        keyword.load(keyword.snapshot())
        index.load(index.snapshot())
    live = {doc: one for doc, one in objects.items() if doc not in gone}
    filters.check(where, COLLECTION, nested=True)
    rows = outcome(where, lambda f: {doc for doc, one in live.items() if filters.matches(f, one, COLLECTION)})
    found = outcome(where, lambda f: set(filters.allowed(f, index, COLLECTION)))
    if live or isinstance(found, set):
        assert found == rows
    assert np.array_equal(index.live.array(), sorted(live))
