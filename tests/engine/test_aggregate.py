"""Aggregations over a handful of objects."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelet.engine.aggregate import aggregate
from weavelet.engine.docset import DocSet
from weavelet.engine.query import AggregateProperty, AggregateRequest, Aggregation, Metric, Occurrence
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

PROPERTIES = {
    "t": DataType.TEXT,
    "tags": DataType.TEXT_ARRAY,
    "i": DataType.INT,
    "ii": DataType.INT_ARRAY,
    "f": DataType.NUMBER,
    "b": DataType.BOOLEAN,
    "d": DataType.DATE,
    "u": DataType.UUID,
    "blob": DataType.BLOB,
    "geo": DataType.GEO,
    "phone": DataType.PHONE,
    "addr": DataType.OBJECT,
}
RECIPE = Collection(
    name="Recipe",
    properties=(
        *(Property(name=name, type=type_) for name, type_ in PROPERTIES.items()),
        Property(name="by", type=DataType.REFERENCE, targets=("Cook", "Guest")),
    ),
)
ADA = {"beacon": "weaviate://localhost/Cook/00000000-0000-4000-8000-000000000001"}
OBJECTS: dict[int, dict[str, Any]] = {
    1: {"t": "soup", "tags": ["hot", "red"], "i": 4, "ii": [1, 2], "f": 1.5, "b": True, "d": "2024-01-01T00:00:00Z"},
    2: {"t": "Soup", "tags": ["hot", "hot"], "i": 2, "ii": [], "f": 2.5, "b": False, "d": "2024-01-03T00:00:00Z"},
    5: {"t": "soup", "tags": [], "i": 4, "ii": [2], "b": False, "d": "2024-01-03T02:00:00+02:00", "by": [ADA]},
    7: {"i": -1, "f": -1.0, "by": [ADA, ADA], "geo": {"latitude": 1.5, "longitude": 2}},
}


def _aggregate(
    name: str, *metrics: Metric, docs: tuple[int, ...] = (1, 2, 5, 7), top: int = 5, **request: Any
) -> Aggregation:
    asked = AggregateProperty(name, frozenset(metrics), top)
    wanted = AggregateRequest(collection="Recipe", properties=(asked,), **request)
    found = aggregate(wanted, RECIPE, DocSet.of(docs), _read, _in_no_column)
    assert repr(aggregate(wanted, RECIPE, DocSet.of(docs), _read, _in_a_column)) == repr(found)
    return found


def _read(name: str, docs: DocSet) -> list[Any]:
    return [OBJECTS[doc].get(name) for doc in docs]


def _in_no_column(name: str, docs: DocSet) -> None:
    return None


def _in_a_column(name: str, docs: DocSet) -> np.ndarray:
    dtype = {"i": np.int64, "f": np.float64, "b": np.bool_}[name]
    return np.array([OBJECTS[doc][name] for doc in docs if name in OBJECTS[doc]], dtype)


def _figures(name: str, *metrics: Metric, **more: Any) -> Mapping[Metric, Any]:
    (group,) = _aggregate(name, *metrics, **more).groups
    return group.figures[name]


NUMERIC = (Metric.COUNT, Metric.SUM, Metric.MEAN, Metric.MODE, Metric.MEDIAN, Metric.MINIMUM, Metric.MAXIMUM)
FIGURES = {
    "ints": ("i", NUMERIC, (4, 9, 2.25, 4, 3.0, -1, 4)),
    "elements of arrays": ("ii", NUMERIC, (3, 5, 5 / 3, 2, 2.0, 1, 2)),
    "numbers": ("f", NUMERIC, (3, 3.0, 1.0, -1.0, 1.5, -1.0, 2.5)),
    "dates": (
        "d",
        (Metric.COUNT, Metric.MODE, Metric.MEDIAN, Metric.MINIMUM, Metric.MAXIMUM),
        (3, "2024-01-03T00:00:00Z", "2024-01-03T00:00:00Z", "2024-01-01T00:00:00Z", "2024-01-03T00:00:00Z"),
    ),
    "booleans": (
        "b",
        (Metric.COUNT, Metric.TOTAL_TRUE, Metric.TOTAL_FALSE, Metric.PERCENTAGE_TRUE, Metric.PERCENTAGE_FALSE),
        (3, 1, 2, 1 / 3, 2 / 3),
    ),
    "texts as they are written": (
        "t",
        (Metric.COUNT, Metric.TOP_OCCURRENCES),
        (3, (Occurrence("soup", 2), Occurrence("Soup", 1))),
    ),
    "references": ("by", (Metric.TYPE, Metric.POINTING_TO), ("cref", ("Cook", "Guest"))),
    "types": ("ii", (Metric.TYPE,), ("int[]",)),
}


@pytest.mark.parametrize(("name", "metrics", "values"), FIGURES.values(), ids=FIGURES)
def test_figures(name: str, metrics: tuple[Metric, ...], values: tuple[Any, ...]) -> None:
    found = _figures(name, *metrics)
    assert [found[metric] for metric in metrics] == list(values)


def test_frequent_texts_are_cut_and_ties_go_by_text() -> None:
    assert _figures("tags", Metric.TOP_OCCURRENCES, top=1) == {Metric.TOP_OCCURRENCES: (Occurrence("hot", 3),)}
    found = _figures("tags", Metric.TOP_OCCURRENCES, docs=(1,))
    assert found[Metric.TOP_OCCURRENCES] == (Occurrence("hot", 1), Occurrence("red", 1))


def test_the_median_of_an_even_number_of_dates_lies_between() -> None:
    assert _figures("d", Metric.MEDIAN, docs=(1, 2)) == {Metric.MEDIAN: "2024-01-02T00:00:00Z"}


def test_only_what_is_asked_for_is_answered() -> None:
    assert _figures("i", Metric.MAXIMUM) == {Metric.MAXIMUM: 4}


NOTHING = {
    "numbers": ("f", {Metric.COUNT: 0, Metric.SUM: None, Metric.MEAN: None, Metric.MEDIAN: None, Metric.MODE: None}),
    "dates": ("d", {Metric.COUNT: 0, Metric.MINIMUM: None, Metric.MEDIAN: None}),
    "texts": ("t", {Metric.COUNT: 0, Metric.TOP_OCCURRENCES: ()}),
    "totals": ("b", {Metric.COUNT: 0, Metric.TOTAL_TRUE: 0, Metric.TOTAL_FALSE: 0}),
}


@pytest.mark.parametrize(("name", "expected"), NOTHING.values(), ids=NOTHING)
def test_figures_over_nothing(name: str, expected: dict[Metric, Any]) -> None:
    assert _figures(name, *expected, docs=()) == expected


def test_shares_of_no_booleans_are_no_numbers() -> None:
    found = _figures("b", Metric.PERCENTAGE_TRUE, Metric.PERCENTAGE_FALSE, docs=(7,))
    assert all(math.isnan(share) for share in found.values())


@pytest.mark.parametrize("large", [2**62, -(2**62)])
def test_sums_of_ints_are_exact(large: int) -> None:
    big = {doc: {"i": large} for doc in (1, 2, 3)}
    request = AggregateRequest(collection="Recipe", properties=(AggregateProperty("i", frozenset({Metric.SUM})),))
    found = aggregate(
        request, RECIPE, DocSet.of([1, 2, 3]), lambda name, docs: [big[doc][name] for doc in docs], _in_no_column
    )
    assert found.groups[0].figures["i"][Metric.SUM] == 3 * large


GROUPS = {
    "by text": ("t", [("soup", 2), ("Soup", 1)]),
    "by elements, each object once": ("tags", [("hot", 2), ("red", 1)]),
    "by int": ("i", [(4, 2), (-1, 1), (2, 1)]),
    "by boolean": ("b", [(False, 2), (True, 1)]),
    "by reference": ("by", [(ADA["beacon"], 2)]),
    "by place": ("geo", [("{1.5 2}", 1)]),
    "by an unknown property": ("zz", []),
}


@pytest.mark.parametrize(("name", "groups"), GROUPS.values(), ids=GROUPS)
def test_groups_come_largest_first(name: str, groups: list[tuple[Any, int]]) -> None:
    found = _aggregate("i", Metric.COUNT, group_by=(name,))
    assert found.grouped
    assert [(group.value, group.count) for group in found.groups] == groups
    assert all(group.path == (name,) for group in found.groups)


def test_figures_of_a_group_are_about_its_objects() -> None:
    found = _aggregate("i", Metric.MEAN, group_by=("t",))
    assert [group.figures["i"][Metric.MEAN] for group in found.groups] == [4.0, 2.0]


def test_groups_are_cut_at_the_limit() -> None:
    assert [group.value for group in _aggregate("i", Metric.COUNT, group_by=("t",), limit=1).groups] == ["soup"]


REFUSED = {
    "blobs": ("blob", {}, "property blob: unrecoginzed dataType blob"),
    "uuids": ("u", {}, "property u: unrecoginzed dataType uuid"),
    "unknown properties": ("zz", {}, "no such prop with name 'zz' found in class 'Recipe'"),
    "references of references": ("i", {"group_by": ("by", "Cook", "name")}, "grouping by cross-refs not supported"),
    "objects to group by": ("i", {"group_by": ("addr",)}, "cannot group by property 'addr'"),
}


@pytest.mark.parametrize(("name", "request_", "text"), REFUSED.values(), ids=REFUSED)
def test_refused(name: str, request_: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidQuery, match=text):
        _aggregate(name, Metric.COUNT, **request_)


@given(st.lists(st.integers(-4, 4), min_size=1))
def test_numbers_agree_with_the_definitions(values: list[int]) -> None:
    asked = AggregateProperty("ii", frozenset(NUMERIC))
    request = AggregateRequest(collection="Recipe", properties=(asked,))
    found = (
        aggregate(request, RECIPE, DocSet.of([1]), lambda name, docs: [values], _in_no_column).groups[0].figures["ii"]
    )
    ordered = sorted(values)
    middle = (ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2
    assert found[Metric.MEDIAN] == middle
    assert found[Metric.MODE] == min(values, key=lambda value: (-values.count(value), value))
    assert found[Metric.MEAN] == pytest.approx(sum(values) / len(values))
