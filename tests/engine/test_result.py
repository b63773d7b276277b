"""What is done with ranked hits: cut, group, sort, diversify."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelet.engine.autocut import autocut
from weavelet.engine.diversity import diverse, diverse_fused
from weavelet.engine.grouping import group, near_texts, ranked_texts
from weavelet.engine.sorting import Column, column_keys, first_in_order, sort_order
from weavelet.schema.datatypes import DataType, Distance

THREE_STEPS = (0.1, 0.11, 0.12, 0.4, 0.41, 0.42, 0.9, 0.91)
CUTS = {
    "one jump": (THREE_STEPS[:6], 1, 3),
    "two jumps of one": (THREE_STEPS[:6], 2, 6),
    "one of three": (THREE_STEPS, 1, 3),
    "two of three": (THREE_STEPS, 2, 6),
    "three of three": (THREE_STEPS, 3, 8),
    "descending scores": ((2, 1.95, 1.9, 0.2, 0.1, 0.1, -1), 1, 3),
    "all equal": ((0.5, 0.5, 0.5), 1, 3),
    "two": ((0.1, 0.9), 1, 2),
    "one": ((0.1,), 1, 1),
    "none": ((), 1, 0),
    "off": (THREE_STEPS, 0, 8),
    "less than off": (THREE_STEPS, -1, 8),
}


@pytest.mark.parametrize(("values", "cuts", "kept"), CUTS.values(), ids=CUTS)
def test_autocut(values: tuple[float, ...], cuts: int, kept: int) -> None:
    assert autocut(values, cuts) == kept


@given(st.lists(st.floats(0, 2, width=32)), st.integers(0, 5))
def test_autocut_never_keeps_more_than_there_is_and_more_cuts_keep_more(values: list[float], cuts: int) -> None:
    kept = autocut(sorted(values), cuts)
    assert kept <= len(values)
    assert cuts == 0 or autocut(sorted(values), cuts + 1) >= kept


# --- Grouping --------------------------------------------------------------------------------------------------------


def test_groups_open_in_rank_order_and_fill_up() -> None:
    found = group([["a"], ["b"], ["a"], ["a"], ["c"], ["b"]], groups=2, per_group=2)
    assert [(one.value, one.members) for one in found] == [("a", [0, 2]), ("b", [1, 5])]


def test_a_hit_with_several_values_is_in_several_groups() -> None:
    found = group([["x", "y"], ["y"]], groups=3, per_group=5)
    assert [(one.value, one.members) for one in found] == [("x", [0]), ("y", [0, 1])]


def test_values_behind_one_too_many_are_passed_over() -> None:
    found = group([["a"], ["b", "a"], ["a"]], groups=1, per_group=5)
    assert [(one.value, one.members) for one in found] == [("a", [0, 2])]


@pytest.mark.parametrize(("groups", "per_group"), [(0, 2), (2, 0)])
def test_no_groups_wanted_are_none(groups: int, per_group: int) -> None:
    assert group([["a"]], groups, per_group) == []


NEAR = {
    "a text": ("soup", ["soup"]),
    "no value": (None, [""]),
    "an empty array": ([], [""]),
    "an array": (["x", "y"], ["x", "y"]),
    "a whole number": (14, ["14"]),
    "a number": (1.5, ["1.5"]),
    "a boolean": (True, ["true"]),
    "references": (
        [{"beacon": "weaviate://localhost/Person/00000000-0000-4000-8000-000000000001"}],
        ["weaviate://localhost/Person/00000000-0000-4000-8000-000000000001"],
    ),
}


@pytest.mark.parametrize(("value", "texts"), NEAR.values(), ids=NEAR)
def test_a_vector_search_groups_by_any_value(value: object, texts: list[str]) -> None:
    assert near_texts(value) == texts


RANKED = {"a text": ("soup", ["soup"]), "texts": (["x", "y"], ["x", "y"]), "a number": (3, []), "no value": (None, [])}


@pytest.mark.parametrize(("value", "texts"), RANKED.values(), ids=RANKED)
def test_a_keyword_search_groups_by_texts_only(value: object, texts: list[str]) -> None:
    assert ranked_texts(value) == texts


# --- Sorting ---------------------------------------------------------------------------------------------------------

SORTS: dict[str, tuple[DataType, list[object], list[int]]] = {
    "numbers, nulls first": (DataType.INT, [3, None, -1, 2], [1, 2, 3, 0]),
    "text without case, ties as they came": (DataType.TEXT, ["b", "Bravo", "B", "alpha"], [3, 0, 2, 1]),
    "booleans": (DataType.BOOLEAN, [True, False, None], [2, 1, 0]),
    "dates by instant": (
        DataType.DATE,
        ["2024-01-01T12:00:00Z", "2024-01-01T12:30:00+02:00", "2023-12-31T23:59:59.5Z"],
        [2, 1, 0],
    ),
    "arrays by element and length": (DataType.INT_ARRAY, [[1, 2], [1], [], [0, 9], None], [2, 4, 3, 1, 0]),
    "places by longitude": (
        DataType.GEO,
        [{"latitude": 1, "longitude": 9}, {"latitude": 5, "longitude": 2}, {"latitude": 4, "longitude": 2}],
        [2, 1, 0],
    ),
    "phones by country and number": (
        DataType.PHONE,
        [{"countryCode": 49, "national": 2}, {"countryCode": 31, "national": 7}, {"countryCode": 49, "national": 1}],
        [1, 2, 0],
    ),
    "objects are all equal": (DataType.OBJECT, [{"a": 2}, None, {"a": 1}], [0, 1, 2]),
}


@pytest.mark.parametrize(("type_", "values", "order"), SORTS.values(), ids=SORTS)
def test_sort(type_: DataType, values: list[object], order: list[int]) -> None:
    assert sort_order([Column(values, type_)]).tolist() == order


def test_descending_puts_nulls_last_and_keeps_ties() -> None:
    assert sort_order([Column([1, None, 2, 1, None], DataType.INT, ascending=False)]).tolist() == [2, 0, 3, 1, 4]


def test_later_columns_settle_ties() -> None:
    columns = [Column([True, False, True], DataType.BOOLEAN), Column([1, 2, 3], DataType.INT, ascending=False)]
    assert sort_order(columns).tolist() == [1, 2, 0]


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5))))
def test_sorting_agrees_with_python(values: list[int | None]) -> None:
    expected = sorted(range(len(values)), key=lambda place: (values[place] is not None, values[place] or 0))
    assert sort_order([Column(values, DataType.INT)]).tolist() == expected


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(-2, 2)), st.one_of(st.none(), st.floats(-1, 1)))),
    st.booleans(),
    st.booleans(),
    st.integers(0, 12),
)
def test_the_first_rows_by_columns_are_those_of_the_whole_order(
    rows: list[tuple[int | None, float | None]], up: bool, then_up: bool, count: int
) -> None:
    whole = sort_order(
        [
            Column([row[0] for row in rows], DataType.INT, up),
            Column([row[1] for row in rows], DataType.NUMBER, then_up),
        ]
    )
    keys = []
    for place, dtype, ascending in ((0, np.int64, up), (1, np.float64, then_up)):
        values = np.array([row[place] or 0 for row in rows], dtype)
        keys += column_keys(values, np.array([row[place] is not None for row in rows], np.bool_), ascending=ascending)
    assert first_in_order(keys, count).tolist() == whole[:count].tolist()


# --- Diversity -------------------------------------------------------------------------------------------------------

CLUSTERS = np.array([(1, 0, 0), (0.95, 0.05, 0), (0.9, 0.1, 0), (0, 1, 0), (0.05, 0.95, 0), (0, 0, 1)], np.float32)
TO_QUERY = np.array([0, 0.0014, 0.0061, 1, 0.95, 1], np.float32)


def test_balance_1_is_the_order_of_distance() -> None:
    assert diverse(TO_QUERY, list(CLUSTERS), Distance.COSINE, 3, 1.0) == [0, 1, 2]


def test_balance_0_goes_from_cluster_to_cluster() -> None:
    chosen = diverse(TO_QUERY, list(CLUSTERS), Distance.COSINE, 3, 0.0)
    assert chosen[0] == 0
    assert {3, 5} == set(chosen[1:])


def test_more_than_there_are_gives_all_there_are() -> None:
    assert sorted(diverse(TO_QUERY, list(CLUSTERS), Distance.COSINE, 99, 0.5)) == [0, 1, 2, 3, 4, 5]
    assert diverse(np.empty(0, np.float32), [], Distance.COSINE, 3, 0.5) == []


def test_hits_without_a_vector_are_never_chosen() -> None:
    vectors = [None, *CLUSTERS[1:]]
    assert 0 not in diverse(TO_QUERY, vectors, Distance.COSINE, 6, 0.5)


def test_after_fusion_hits_without_a_vector_keep_their_places() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.2], np.float32)
    vectors = [CLUSTERS[0], None, CLUSTERS[1], CLUSTERS[3]]
    assert diverse_fused(scores, vectors, Distance.COSINE, 3, 0.0) == [0, 1, 3, 2]
    assert diverse_fused(scores, vectors, Distance.COSINE, 3, 1.0) == [0, 1, 2, 3]
    assert diverse_fused(scores, [None] * 4, Distance.COSINE, 2, 0.5) == [0, 1, 2, 3]
