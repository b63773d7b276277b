"""One question to a real database: both doors show the same objects, scores, groups and figures."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from tests.doors.cases import JOINS, floats, leaf
from tests.doors.world import Doors, doors, from_graphql, from_grpc, id_of

SIXTH = id_of(5)
SOUP = {"query": "tomato soup"}

SEARCHES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a listing": ("Dish", "(limit: 5)", {"limit": 5}),
    "a cursor": ("Dish", f'(limit: 2, after: "{id_of(2)}")', {"limit": 2, "after": id_of(2)}),
    "a sort": (
        "Dish",
        '(limit: 5, offset: 1, sort: [{path: ["servings"], order: desc}, {path: ["title"], order: asc}])',
        {"limit": 5, "offset": 1, "sort_by": [{"path": ["servings"]}, {"path": ["title"], "ascending": True}]},
    ),
    "bm25": ("Dish", '(limit: 5, bm25: {query: "tomato soup"})', {"limit": 5, "bm25_search": SOUP}),
    "bm25, all words": (
        "Dish",
        '(limit: 5, bm25: {query: "tomato soup", properties: ["title^2"], searchOperator: {operator: And}})',
        {
            "limit": 5,
            "bm25_search": {**SOUP, "properties": ["title^2"], "search_operator": {"operator": "OPERATOR_AND"}},
        },
    ),
    "bm25, cut": (
        "Dish",
        '(limit: 5, autocut: 1, bm25: {query: "tomato soup"})',
        {"limit": 5, "autocut": 1, "bm25_search": SOUP},
    ),
    "near text": ("Dish", '(limit: 5, nearText: {concepts: ["soup"]})', {"limit": 5, "near_text": {"query": ["soup"]}}),
    "near text, cut": (
        "Dish",
        '(limit: 7, autocut: 1, nearText: {concepts: ["soup"]})',
        {"limit": 7, "autocut": 1, "near_text": {"query": ["soup"]}},
    ),
    "near text, moved": (
        "Dish",
        '(limit: 5, nearText: {concepts: ["soup"], moveTo: {concepts: ["tomato"], force: 0.5}, '
        f'moveAwayFrom: {{objects: [{{id: "{SIXTH}"}}], force: 0.25}}}})',
        {
            "limit": 5,
            "near_text": {
                "query": ["soup"],
                "move_to": {"force": 0.5, "concepts": ["tomato"]},
                "move_away": {"force": 0.25, "uuids": [SIXTH]},
            },
        },
    ),
    "near an object": (
        "Dish",
        f'(limit: 5, nearObject: {{id: "{SIXTH}", certainty: 0.5}})',
        {"limit": 5, "near_object": {"id": SIXTH, "certainty": 0.5}},
    ),
    "hybrid": (
        "Dish",
        '(limit: 5, hybrid: {query: "tomato soup"})',
        {"limit": 5, "hybrid_search": {**SOUP, "use_alpha_param": True}},
    ),
    "hybrid by rank": (
        "Dish",
        '(limit: 5, offset: 1, hybrid: {query: "tomato soup", alpha: 0.3, fusionType: rankedFusion})',
        {
            "limit": 5,
            "offset": 1,
            "hybrid_search": {
                **SOUP,
                "use_alpha_param": True,
                "alpha_param": 0.3,
                "fusion_type": "FUSION_TYPE_RANKED",
            },
        },
    ),
    "hybrid, cut": (
        "Dish",
        '(limit: 5, autocut: 1, hybrid: {query: "tomato soup", alpha: 0.5})',
        {"limit": 5, "autocut": 1, "hybrid_search": {**SOUP, "use_alpha_param": True, "alpha_param": 0.5}},
    ),
    "hybrid, none farther than": (
        "Dish",
        '(limit: 5, hybrid: {query: "tomato soup", maxVectorDistance: 0.4})',
        {"limit": 5, "hybrid_search": {**SOUP, "use_alpha_param": True, "vector_distance": 0.4}},
    ),
    "a vector": (
        "Point",
        '(limit: 5, nearVector: {vector: [2, 1], targetVectors: ["a"]})',
        {"limit": 5, "near_vector": {"vector_bytes": floats(2, 1), "targets": {"target_vectors": ["a"]}}},
    ),
    "a tenant": (
        "Note",
        '(limit: 5, tenant: "two", nearVector: {vector: [2, 1]})',
        {"limit": 5, "tenant": "two", "near_vector": {"vector_bytes": floats(2, 1)}},
    ),
    "through a reference": (
        "Dish",
        '(limit: 5, where: {path: ["goesWith", "Dish", "kind"], operator: Equal, valueText: "dessert"})',
        {
            "limit": 5,
            "filters": {
                "operator": "OPERATOR_EQUAL",
                "target": {"single_target": {"on": "goesWith", "target": {"property": "kind"}}},
                "value_text": "dessert",
            },
        },
    ),
    "a filtered search": (
        "Dish",
        '(limit: 5, bm25: {query: "soup"}, where: {path: ["servings"], operator: LessThan, valueInt: 2})',
        {"limit": 5, "bm25_search": {"query": "soup"}, "filters": leaf("LESS_THAN", "servings", value_int=2)},
    ),
}
for _method, _combination in JOINS.items():
    _weighted = _method in ("manualWeights", "relativeScore")
    _targets: dict[str, Any] = {"target_vectors": ["a", "b"], "combination": _combination}
    if _weighted:
        _targets["weights_for_targets"] = [{"target": "a", "weight": 1}, {"target": "b", "weight": 0.5}]
    _each = [{"name": name, "vector_bytes": floats(number, 1)} for name, number in (("a", 3), ("b", 2))]
    SEARCHES[f"two vectors, joined by {_method}"] = (
        "Point",
        f"(limit: 5, nearVector: {{vectorPerTarget: {{a: [3, 1], b: [2, 1]}}, targets: {{targetVectors: "
        f'["a", "b"], combinationMethod: {_method}{", weights: {a: 1, b: 0.5}" if _weighted else ""}}}}})',
        {"limit": 5, "near_vector": {"vector_for_targets": _each, "targets": _targets}},
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as opened:
        yield opened


@pytest.mark.parametrize("name", SEARCHES)
def test_both_doors_show_the_same_objects(both: Doors, name: str) -> None:
    collection, arguments, document = SEARCHES[name]
    certain = "certainty" if collection == "Dish" else ""
    by_graphql = [from_graphql(row) for row in both.graphql(collection, arguments, "title", certain)]
    by_grpc = [from_grpc(result) for result in both.grpc({"collection": collection, **document}).results]
    assert by_graphql
    for row in by_grpc if not certain else ():
        row["certainty"] = None
    assert by_grpc == by_graphql


def test_both_doors_show_the_same_references(both: Doors) -> None:
    shown = "title goesWith { ... on Dish { title } }"
    properties = {
        "non_ref_properties": ["title"],
        "ref_properties": [{"reference_property": "goesWith", "properties": {"non_ref_properties": ["title"]}}],
    }
    by_graphql = [from_graphql(row) for row in both.graphql("Dish", "(limit: 7)", shown)]
    found = both.grpc({"collection": "Dish", "limit": 7, "properties": properties})
    assert [from_grpc(result) for result in found.results] == by_graphql
    assert by_graphql[1]["goesWith"] == [by_graphql[0]["title"]]


def test_both_doors_show_the_same_scores_of_a_reranker(both: Doors) -> None:
    shown = 'title _additional { rerank(property: "title", query: "soup") { score } }'
    by_graphql = both.graphql("Dish", '(limit: 5, bm25: {query: "soup"})', shown)
    document = {"bm25_search": {"query": "soup"}, "rerank": {"property": "title", "query": "soup"}}
    by_grpc = both.grpc({"collection": "Dish", "limit": 5, **document}).results
    assert [from_grpc(result) for result in by_grpc] == [from_graphql(row) for row in by_graphql]


@pytest.mark.parametrize(
    ("arguments", "document"),
    [
        ('nearText: {concepts: ["soup"]}', {"near_text": {"query": ["soup"]}}),
        ('bm25: {query: "soup salad"}', {"bm25_search": {"query": "soup salad"}}),
        ('hybrid: {query: "soup"}', {"hybrid_search": {"query": "soup", "use_alpha_param": True}}),
    ],
    ids=["near text", "bm25", "hybrid"],
)
def test_both_doors_show_the_same_groups(both: Doors, arguments: str, document: dict[str, Any]) -> None:
    grouping = '(limit: 7, groupBy: {path: ["kind"], groups: 2, objectsPerGroup: 2}, ' + arguments + ")"
    shown = "title _additional { group { groupedBy { value } count minDistance maxDistance hits { title } } }"
    by_graphql = [row["_additional"]["group"] for row in both.graphql("Dish", grouping, shown)]
    group_by = {"path": ["kind"], "number_of_groups": 2, "objects_per_group": 2}
    by_grpc = both.grpc({"collection": "Dish", "limit": 7, "group_by": group_by, **document}).group_by_results
    assert [
        {
            "groupedBy": {"value": group.name},
            "count": group.number_of_objects,
            "minDistance": pytest.approx(group.min_distance, abs=1e-6),
            "maxDistance": pytest.approx(group.max_distance, abs=1e-6),
            "hits": [{"title": hit.properties.non_ref_props.fields["title"].text_value} for hit in group.objects],
        }
        for group in by_grpc
    ] == by_graphql
    assert len(by_graphql) == 2


NUMBERS = ("count", "sum", "mean", "mode", "median", "maximum", "minimum")


@pytest.mark.parametrize(
    ("arguments", "document"),
    [
        ("", {}),
        (
            '(where: {path: ["servings"], operator: LessThan, valueInt: 3})',
            {"filters": leaf("LESS_THAN", "servings", value_int=3)},
        ),
        ('(nearText: {concepts: ["soup"]}, objectLimit: 3)', {"near_text": {"query": ["soup"]}, "object_limit": 3}),
        (
            '(hybrid: {query: "soup", alpha: 0.5}, objectLimit: 3)',
            {"hybrid": {"query": "soup", "use_alpha_param": True, "alpha_param": 0.5}, "object_limit": 3},
        ),
    ],
    ids=["everything", "a filter", "near text", "hybrid"],
)
def test_both_doors_show_the_same_figures(both: Doors, arguments: str, document: dict[str, Any]) -> None:
    shown = f"meta {{ count }} servings {{ {' '.join(NUMBERS)} }} price {{ {' '.join(NUMBERS)} }} "
    shown += "vegan { totalTrue percentageFalse } made { minimum median } title { topOccurrences { value occurs } }"
    asked = [
        {"property": "servings", "int": dict.fromkeys(NUMBERS, True)},
        {"property": "price", "number": dict.fromkeys(NUMBERS, True)},
        {"property": "vegan", "boolean": {"total_true": True, "percentage_false": True}},
        {"property": "made", "date": {"minimum": True, "median": True}},
        {"property": "title", "text": {"top_occurences": True}},
    ]
    (by_graphql,) = both.figures("Dish", arguments, shown)
    single = both.aggregate({"collection": "Dish", "aggregations": asked, **document}).single_result
    found = {each.property: each for each in single.aggregations.aggregations}
    assert single.objects_count == by_graphql["meta"]["count"]
    for name, kind in (("servings", "int"), ("price", "number")):
        figures = getattr(found[name], kind)
        for figure in NUMBERS:
            assert math.isclose(getattr(figures, figure), by_graphql[name][figure]), (name, figure)
    assert found["vegan"].boolean.total_true == by_graphql["vegan"]["totalTrue"]
    assert found["vegan"].boolean.percentage_false == by_graphql["vegan"]["percentageFalse"]
    assert found["made"].date.minimum == by_graphql["made"]["minimum"]
    assert found["made"].date.median == by_graphql["made"]["median"]
    assert [(each.value, each.occurs) for each in found["title"].text.top_occurences.items] == [
        (each["value"], each["occurs"]) for each in by_graphql["title"]["topOccurrences"]
    ]


def test_both_doors_show_the_same_groups_of_figures(both: Doors) -> None:
    shown = "meta { count } servings { sum } groupedBy { path value }"
    by_graphql = both.figures("Dish", '(groupBy: ["kind"])', shown)
    asked = [{"property": "servings", "int": {"sum": True}}]
    document = {"collection": "Dish", "aggregations": asked, "group_by": {"property": "kind"}}
    groups = both.aggregate(document).grouped_results.groups
    assert sorted(
        (group.objects_count, group.aggregations.aggregations[0].int.sum, group.grouped_by.text) for group in groups
    ) == sorted((each["meta"]["count"], each["servings"]["sum"], each["groupedBy"]["value"]) for each in by_graphql)
