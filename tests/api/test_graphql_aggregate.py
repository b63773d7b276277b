"""Aggregations: what is asked of the searcher, what is refused, and how figures are shown."""

from typing import Any

import pytest

from tests.api.graphql_world import World, make_world
from weavelet.engine.query import (
    AggregateGroup,
    AggregateProperty,
    Aggregation,
    Compare,
    Cut,
    Hybrid,
    Metric,
    NearObject,
    NearVector,
    Occurrence,
    OfProperty,
    Operator,
    ValueKind,
)


@pytest.fixture
def world() -> World:
    return make_world()


def ask(world: World, below: str, arguments: str = "") -> Any:
    return world.ask(f"{{Aggregate{{Agg{arguments}{{{below}}}}}}}")


def test_the_request_names_the_figures_that_are_shown(world: World) -> None:
    arguments = '(where:{path:"i" operator:Equal valueInt:1} groupBy:["b"] limit:7)'
    ask(world, "meta{count} i{sum mean} fld{count topOccurrences(limit:2){value}} ref{pointingTo}", arguments)
    request = world.searcher.asked[-1]
    assert request.where == Compare(OfProperty("i"), Operator.EQUAL, 1, ValueKind.INT)
    assert (request.group_by, request.limit, request.object_limit) == (("b",), 7, None)
    assert set(request.properties) == {
        AggregateProperty("i", frozenset({Metric.SUM, Metric.MEAN})),
        AggregateProperty("fld", frozenset({Metric.COUNT, Metric.TOP_OCCURRENCES}), 2),
        AggregateProperty("ref", frozenset({Metric.POINTING_TO})),
    }


TARGETS: dict[str, tuple[str, Cut]] = {
    "distance": ("distance:0.6", Cut(distance=0.6)),
    "certainty as a distance": ("certainty:0.9", Cut(distance=pytest.approx(0.2))),
}


@pytest.mark.parametrize(("cut", "expected"), TARGETS.values(), ids=TARGETS.keys())
def test_a_search_ends_at_a_distance(world: World, cut: str, expected: Cut) -> None:
    ask(world, "meta{count}", f"(nearVector:{{vector:[1] {cut}}})")
    target = world.searcher.asked[-1].target
    assert isinstance(target, NearVector)
    assert target.cut == expected


def test_a_search_ends_at_a_number_of_objects(world: World) -> None:
    ask(world, "meta{count}", '(nearObject:{id:"x"} objectLimit:4)')
    request = world.searcher.asked[-1]
    assert (request.target, request.object_limit) == (NearObject("x"), 4)


def test_hybrid_with_a_vector_needs_no_limit(world: World) -> None:
    ask(world, "meta{count}", '(hybrid:{query:"x" vector:[1] alpha:0.5})')
    target = world.searcher.asked[-1].target
    assert isinstance(target, Hybrid)
    assert isinstance(target.near, NearVector)


REFUSED: dict[str, tuple[str, str]] = {
    "near without an end": (
        "(nearVector:{vector:[1]})",
        "must provide certainty or objectLimit with vector search",
    ),
    "everything is near enough": (
        "(nearVector:{vector:[1] distance:2})",
        "must provide certainty or objectLimit with vector search",
    ),
    "hybrid without an end": (
        '(hybrid:{query:"x"})',
        "must provide certainty or objectLimit with vector search",
    ),
    "limit without a search": (
        "(objectLimit:3)",
        "objectLimit can only be used with a near<Media> or hybrid filter",
    ),
    "limit of nothing": ("(nearVector:{vector:[1]} objectLimit:0)", "objectLimit must be a positive integer"),
    "even path": ('(groupBy:["b","i"])', "could not extract groupBy path: missing an argument after 'i'"),
    "empty path": ("(groupBy:[])", "could not extract groupBy path: missing an argument after 'Agg'"),
    "path through a reference": ('(groupBy:["ref","Person","name"])', "grouping by cross-refs not supported"),
    "wrong filter": (
        '(where:{path:"i" operator:Equal})',
        "could not extract filters: invalid where filter: got operator 'Equal', but no value<Type> field set",
    ),
}


@pytest.mark.parametrize(("arguments", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_arguments_that_contradict_each_other_are_refused(world: World, arguments: str, text: str) -> None:
    assert ask(world, "meta{count}", arguments) == {
        "data": {"Aggregate": {"Agg": None}},
        "errors": [{"locations": [{"column": 12, "line": 1}], "message": text, "path": ["Aggregate", "Agg"]}],
    }


def test_figures_are_shown_under_their_properties(world: World) -> None:
    figures = {
        "i": {Metric.COUNT: 2, Metric.SUM: 3.0, Metric.MEAN: 1.5, Metric.TYPE: "int"},
        "fld": {Metric.TOP_OCCURRENCES: (Occurrence("a", 2), Occurrence("b", 1))},
        "refs": {Metric.TYPE: "cref", Metric.POINTING_TO: ("Person", "Agg")},
        "b": {Metric.TOTAL_TRUE: 0, Metric.PERCENTAGE_TRUE: None},
    }
    world.searcher.aggregation = Aggregation(groups=(AggregateGroup(count=2, figures=figures),), grouped=False)
    below = (
        "meta{count} i{count sum mean type} fld{topOccurrences{value occurs}} refs{type pointingTo} "
        "b{totalTrue percentageTrue} groupedBy{path value}"
    )
    assert ask(world, below)["data"]["Aggregate"]["Agg"] == [
        {
            "b": {"percentageTrue": None, "totalTrue": 0},
            "fld": {"topOccurrences": [{"occurs": 2, "value": "a"}, {"occurs": 1, "value": "b"}]},
            "groupedBy": None,
            "i": {"count": 2, "mean": 1.5, "sum": 3.0, "type": "int"},
            "meta": {"count": 2},
            "refs": {"pointingTo": ["Person", "Agg"], "type": "cref"},
        }
    ]


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (2, "2"), (1.25, "1.25"), (-1.0, "-1"), (True, "true"), (False, "false")]
)
def test_the_value_of_a_group_is_text(world: World, value: Any, text: str) -> None:
    group = AggregateGroup(count=1, figures={}, path=("x",), value=value)
    world.searcher.aggregation = Aggregation(groups=(group,), grouped=True)
    shown = ask(world, "groupedBy{path value}", '(groupBy:"x")')["data"]["Aggregate"]["Agg"]
    assert shown == [{"groupedBy": {"path": ["x"], "value": text}}]


def test_typenames_and_aliases_work_in_aggregations(world: World) -> None:
    answer = ask(world, "__typename m:meta{__typename n:count} i{__typename}")
    assert answer["data"]["Aggregate"]["Agg"] == [
        {
            "__typename": "AggregateAgg",
            "i": {"__typename": "AggregateAggiObj"},
            "m": {"__typename": "AggregateAggMetaObject", "n": 3},
        }
    ]
