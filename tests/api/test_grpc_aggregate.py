"""Aggregate: messages into requests, figures into messages."""

import math
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from tests.api.grpc_world import BOOK, find, floats
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.aggregate import aggregate_reply, check_ends, parse_aggregate
from weavelet.engine.query import (
    AggregateGroup,
    AggregateProperty,
    AggregateRequest,
    Aggregation,
    Compare,
    Hybrid,
    Metric,
    NearVector,
    Occurrence,
    OfProperty,
    Operator,
    ValueKind,
)
from weavelet.errors import WeaveletError


def message(document: dict[str, Any]) -> pb.AggregateRequest:
    parsed: pb.AggregateRequest = ParseDict({"collection": "Book", **document}, pb.AggregateRequest())
    return parsed


def request(document: dict[str, Any]) -> AggregateRequest:
    return parse_aggregate(message(document), find, {})


def rendered(document: dict[str, Any], aggregation: Aggregation) -> dict[str, Any]:
    sent = message(document)
    reply = aggregate_reply(aggregation, sent, parse_aggregate(sent, find, {}), BOOK)
    return dict(MessageToDict(reply, preserving_proto_field_name=True))


def single(document: dict[str, Any], figures: dict[str, Any], count: int = 3) -> dict[str, Any]:
    group = AggregateGroup(count=count, figures=figures)
    return dict(rendered(document, Aggregation(groups=(group,), grouped=False))["single_result"])


def test_an_aggregation_with_everything_around_it() -> None:
    found = request(
        {
            "tenant": "t",
            "objects_count": True,
            "group_by": {"property": "title"},
            "limit": 7,
            "object_limit": 0,
            "filters": {"operator": "OPERATOR_EQUAL", "target": {"property": "pages"}, "value_int": 1},
            "near_vector": {"vector_bytes": floats(1)},
        }
    )

    assert (found.tenant, found.count, found.group_by, found.limit, found.object_limit) == ("t", True, ("title",), 7, 0)
    assert found.where == Compare(OfProperty("pages"), Operator.EQUAL, 1, ValueKind.INT)
    assert isinstance(found.target, NearVector)


@pytest.mark.parametrize(
    "document",
    [
        {"near_vector": {"vector_bytes": floats(1), "distance": 0.5}},
        {"near_object": {"id": "x", "certainty": 0.5}},
        {"hybrid": {"query": "q", "vector_distance": 0.5}},
    ],
    ids=str,
)
def test_a_vector_search_ends_at_a_distance(document: dict[str, Any]) -> None:
    assert request(document).target is not None


def test_limits_that_are_not_given_are_none() -> None:
    found = request({"hybrid": {"query": "q"}, "object_limit": 3})

    assert (found.limit, found.object_limit, found.group_by, found.count) == (None, 3, None, False)
    assert isinstance(found.target, Hybrid)


@pytest.mark.parametrize(
    ("document", "metrics"),
    [
        ({"property": "pages", "int": {"count": True, "mean": True}}, {Metric.COUNT, Metric.MEAN}),
        ({"property": "pages", "text": {"count": True, "top_occurences": True}}, {Metric.COUNT}),
        ({"property": "title", "int": {"count": True, "mean": True}}, {Metric.COUNT, Metric.TOP_OCCURRENCES}),
        ({"property": "title", "text": {"count": True}}, {Metric.COUNT, Metric.TOP_OCCURRENCES}),
        ({"property": "title", "text": {"type": True}}, {Metric.TYPE}),
        ({"property": "sold", "boolean": {"total_true": True}}, {Metric.TOTAL_TRUE}),
        ({"property": "printed", "date": {"median": True}}, {Metric.MEDIAN}),
        ({"property": "author", "reference": {"pointing_to": True}}, {Metric.POINTING_TO}),
        ({"property": "pages"}, set()),
    ],
    ids=lambda given: str(given) if isinstance(given, dict) else " ".join(sorted(given)),
)
def test_the_property_decides_which_metrics_there_are(document: dict[str, Any], metrics: set[Metric]) -> None:
    (found,) = request({"aggregations": [document]}).properties

    assert found.metrics == metrics


@pytest.mark.parametrize(("text", "limit"), [({}, 5), ({"top_occurences_limit": 2}, 2)], ids=str)
def test_how_many_top_occurrences(text: dict[str, Any], limit: int) -> None:
    text = {"top_occurences": True, **text}
    (found,) = request({"aggregations": [{"property": "title", "text": text}]}).properties

    assert found == AggregateProperty("title", frozenset({Metric.TOP_OCCURRENCES}), limit)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"collection": "Nope"}, "could not find class Nope in schema"),
        ({"aggregations": [{"property": "zz"}]}, "property zz: no such prop with name 'zz' found in class 'Book'"),
        ({"aggregations": [{"property": "isbn"}]}, "property isbn: data type uuid cannot be aggregated"),
        ({"group_by": {"property": "shop"}}, "groupedBy: property 'shop' is a place, which cannot name a group"),
    ],
    ids=str,
)
def test_aggregations_that_make_no_sense_say_why(document: dict[str, Any], text: str) -> None:
    with pytest.raises(WeaveletError) as caught:
        request(document)

    assert text in str(caught.value)


@pytest.mark.parametrize("document", [{"near_vector": {"vector_bytes": floats(1)}}, {"hybrid": {"query": "q"}}])
def test_a_vector_search_under_an_aggregation_ends_somewhere(document: dict[str, Any]) -> None:
    with pytest.raises(WeaveletError, match="must provide certainty or objectLimit with vector search"):
        check_ends(request(document))

    check_ends(request({**document, "object_limit": 1}))


@pytest.mark.parametrize(
    ("sent", "figures", "shown"),
    [
        (
            {"property": "pages", "int": {"mean": True, "sum": True, "count": True}},
            {Metric.COUNT: 2, Metric.MEAN: 1.5, Metric.SUM: 3.0},
            {"int": {"count": "2", "type": "", "mean": 1.5, "sum": "3"}},
        ),
        (
            {"property": "price", "number": {"mode": True, "maximum": True, "type": True}},
            {Metric.MODE: 1.5, Metric.MAXIMUM: 2.0, Metric.TYPE: "number"},
            {"number": {"mode": 1.5, "maximum": 2.0, "type": "number"}},
        ),
        (
            {"property": "title", "text": {"count": True, "top_occurences": True}},
            {Metric.COUNT: 2, Metric.TOP_OCCURRENCES: (Occurrence("a", 2),)},
            {"text": {"count": "2", "type": "", "top_occurences": {"items": [{"value": "a", "occurs": "2"}]}}},
        ),
        (
            {"property": "title", "text": {"count": True, "top_occurences": True}},
            {Metric.COUNT: 0, Metric.TOP_OCCURRENCES: ()},
            {"text": {"count": "0", "type": ""}},
        ),
        (
            {"property": "sold", "boolean": {"total_true": True, "percentage_true": True}},
            {Metric.TOTAL_TRUE: 0, Metric.PERCENTAGE_TRUE: math.nan},
            {"boolean": {"type": "", "total_true": "0", "percentage_true": "NaN"}},
        ),
        (
            {"property": "printed", "date": {"median": True, "mode": True}},
            {Metric.MEDIAN: "2024-01-01T00:00:00Z", Metric.MODE: None},
            {"date": {"type": "", "median": "2024-01-01T00:00:00Z"}},
        ),
        (
            {"property": "author", "reference": {"type": True, "pointing_to": True}},
            {Metric.TYPE: "cref", Metric.POINTING_TO: ("Author",)},
            {"reference": {"type": "cref", "pointing_to": ["Author"]}},
        ),
        ({"property": "pages"}, {}, {"int": {}}),
    ],
    ids=str,
)
def test_figures_come_back_in_the_propertys_kind(
    sent: dict[str, Any], figures: dict[Metric, Any], shown: dict[str, Any]
) -> None:
    name = sent["property"]
    result = single({"aggregations": [sent]}, {name: figures})

    assert result["aggregations"]["aggregations"] == [{"property": name, **shown}]


@pytest.mark.parametrize(("asked", "shown"), [(True, "3"), (False, "0")])
def test_the_count_is_there_in_any_case(asked: bool, shown: str) -> None:
    assert single({"objects_count": asked}, {}) == {"objects_count": shown}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("x", {"text": "x"}), (True, {"boolean": True}), (3, {"number": 3.0}), (0.5, {"number": 0.5})],
    ids=str,
)
def test_groups_say_which_they_are(value: Any, shown: dict[str, Any]) -> None:
    group = AggregateGroup(count=2, figures={}, path=("title",), value=value)
    document = {"objects_count": True, "group_by": {"property": "title"}}

    assert rendered(document, Aggregation(groups=(group,), grouped=True)) == {
        "grouped_results": {"groups": [{"objects_count": "2", "grouped_by": {"path": ["title"], **shown}}]},
    }


def test_no_groups_are_an_empty_reply() -> None:
    assert rendered({"group_by": {"property": "title"}}, Aggregation(groups=(), grouped=True)) == {}
