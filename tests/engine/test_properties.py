"""The property index through its life: changes, sweeps, new definitions, snapshots."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from weavelet.engine import filters
from weavelet.engine.columns import Growing
from weavelet.engine.keyword import KeywordIndex
from weavelet.engine.postings import Postings, Tombstones
from weavelet.engine.properties import PropertyIndex
from weavelet.engine.query import Compare, Internal, OfProperty, Operator, ValueKind
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType, Tokenization
from weavelet.schema.objects import Object

TEXT = Property(name="word", type=DataType.TEXT, tokenization=Tokenization.WORD, searchable=True)
TAG = Property(name="tag", type=DataType.TEXT, tokenization=Tokenization.FIELD)
NUMBER = Property(name="n", type=DataType.INT)
NUMBERS = Property(name="ns", type=DataType.INT_ARRAY)
DATE = Property(name="d", type=DataType.DATE)
COLLECTION = Collection(name="Thing", properties=(TEXT, TAG, NUMBER, NUMBERS, DATE))


def thing(doc: int, **properties: Any) -> tuple[int, Object]:
    return doc, Object(collection="Thing", id=f"00000000-0000-4000-8000-{doc:012}", properties=properties)


def found(index: PropertyIndex, name: str, value: Any) -> list[int]:
    kind = {int: ValueKind.INT, str: ValueKind.TEXT}[type(value)]
    where = Compare(OfProperty(name), Operator.EQUAL, value, kind)
    return list(filters.allowed(where, index, index.collection))


def filled(count: int) -> PropertyIndex:
    index = PropertyIndex(COLLECTION)
    index.add(
        [thing(doc, tag=f"t{doc % 3}", word=f"soup u{doc}", n=doc, ns=[doc % 2, doc % 5]) for doc in range(count)]
    )
    return index


def test_removed_objects_never_return_even_while_they_are_swept() -> None:
    index = filled(5_000)
    for start in range(0, 4_500, 500):
        index.remove([thing(doc) for doc in range(start, start + 500)])
        rest = range(start + 500, 5_000)
        assert found(index, "tag", "t1") == [doc for doc in rest if doc % 3 == 1]
        assert found(index, "ns", 1) == [doc for doc in rest if doc % 2 == 1 or doc % 5 == 1]
        assert found(index, "n", start) == []
    assert len(index.live) == 500


def test_live_is_the_callers_own() -> None:
    index = filled(3)
    live = index.live
    live.discard(0)
    assert list(index.live) == [0, 1, 2]


def test_columns_give_numbers_by_document() -> None:
    index = PropertyIndex(COLLECTION)
    index.add([thing(2, n=7, d="1970-01-01T00:00:01Z"), thing(4, d="9999-01-01T00:00:00Z")])
    numbers, dates = index.column("n"), index.column("d")
    assert numbers is not None
    assert dates is not None
    assert numbers.values[numbers.present].tolist() == [7]
    assert dates.values[dates.present].tolist() == [1_000_000_000, np.iinfo(np.int64).max]
    index.remove([thing(2)])
    assert numbers.present.tolist() == [False] * len(numbers.present)
    assert index.column("word") is None
    assert index.column("ns") is None
    assert index.column("nope") is None


def test_a_new_property_is_filtered_from_its_first_object_on() -> None:
    index = filled(2)
    index.redefine(replace(COLLECTION, properties=(*COLLECTION.properties, replace(TAG, name="more"))))
    index.add([thing(2, more="x")])
    assert found(index, "more", "x") == [2]
    assert found(index, "tag", "t1") == [1]


def test_a_dropped_index_is_named_and_searchable_text_still_filters() -> None:
    keyword = KeywordIndex(COLLECTION, lambda docs: (docs,))
    index = PropertyIndex(COLLECTION, keyword)
    both = [thing(0, word="hot soup", tag="a")]
    keyword.add([(doc, one.properties) for doc, one in both])
    index.add(both)
    unfiltered = replace(COLLECTION, properties=(replace(TEXT, filterable=False), replace(TAG, filterable=False)))
    keyword.redefine(unfiltered)
    index.redefine(unfiltered)
    assert found(index, "word", "soup") == [0]
    with pytest.raises(InvalidFilter, match="Filtering by property 'tag' requires inverted index"):
        found(index, "tag", "a")


def test_text_that_is_searchable_no_more_keeps_its_filter() -> None:
    keyword = KeywordIndex(COLLECTION, lambda docs: (docs,))
    index = PropertyIndex(COLLECTION, keyword)
    for doc, collection in enumerate((COLLECTION, replace(COLLECTION, properties=(replace(TEXT, searchable=False),)))):
        keyword.redefine(collection)
        index.redefine(collection)
        keyword.add([(doc, {"word": "soup"})])
        index.add([thing(doc, word="soup")])
    assert found(index, "word", "soup") == [0, 1]


def test_a_snapshot_brings_everything_back() -> None:
    index = filled(700)
    index.remove([thing(3)])
    restored = PropertyIndex(COLLECTION)
    restored.load(index.snapshot())
    for both in (index, restored):
        both.add([thing(700, tag="t1", word="soup", n=1, ns=[1])])
        assert len(found(both, "word", "soup")) == 700
    for name, value in (("tag", "t1"), ("n", 1), ("ns", 4)):
        assert found(restored, name, value) == found(index, name, value)


@pytest.mark.parametrize("count", [1, 40])
def test_ids_are_found_among_many(count: int) -> None:
    index = filled(300)
    wanted = tuple(thing(doc)[1].id for doc in range(0, 7 * count, 7))
    where = Compare(Internal.ID, Operator.CONTAINS_ANY, wanted, ValueKind.TEXT)
    assert list(filters.allowed(where, index, COLLECTION)) == list(range(0, 7 * count, 7))[:43]


# --- Postings --------------------------------------------------------------------------------------------------------


def test_counts_beyond_sixteen_bits_are_kept() -> None:
    postings = Postings()
    postings.add(1, {"a": 1, "b": 70_000})
    postings.add(2, {"a": 70_000, "b": 2})
    postings.add(3, {"a": 3, "b": 4})
    assert postings.find("a")[1].tolist() == [1, 70_000, 3]
    assert postings.find("b")[1].tolist() == [70_000, 2, 4]
    again = Postings()
    again.load(postings.snapshot())
    assert again.find("a")[1].tolist() == [1, 70_000, 3]


def test_the_set_of_a_common_term_grows_with_it() -> None:
    postings = Postings()
    for doc in range(600):
        postings.add(doc, {"soup": 1})
        if doc in (300, 301, 599):
            assert len(postings.docs("soup")) == doc + 1
    assert len(postings.docs_of_any(["soup", "nope"])) == 600
    assert not postings.docs("nope")


def test_a_sweep_leaves_nothing_of_the_dead() -> None:
    postings, tombstones = Postings(), Tombstones()
    for doc in range(3_000):
        postings.add(doc, {"all": 1, f"pair{doc // 2}": 1, f"own{doc}": 1})
    tombstones.bury(range(0, 2_998))
    while not tombstones.sweep([postings], 1, 2):
        pass
    assert not tombstones.dead
    assert sorted(postings) == ["all", "own2998", "own2999", "pair1499"]
    assert postings.find("all")[0].tolist() == [2_998, 2_999]


def test_rows_never_put_are_zero() -> None:
    column = Growing(np.int64)
    column.put([5], [7])
    column.extend([8])
    assert column.values.tolist() == [0, 0, 0, 0, 0, 7, 8]
