"""One aggregation, asked through GraphQL and through gRPC, is one request to the engine."""

from typing import Any, cast

import pytest
from google.protobuf.json_format import ParseDict

from tests.api.graphql_world import World, make_world
from tests.doors.cases import A, floats, leaf
from tests.doors.test_same_requests import plain
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.aggregate import parse_aggregate
from weavelet.engine.query import AggregateRequest
from weavelet.schema.collection import Collection

NUMERIC = ("count", "type", "sum", "mean", "mode", "median", "maximum", "minimum")
DATES = ("count", "median", "mode", "maximum", "minimum")
BOOLEANS = {
    "count": "count",
    "type": "type",
    "totalTrue": "total_true",
    "totalFalse": "total_false",
    "percentageTrue": "percentage_true",
    "percentageFalse": "percentage_false",
}


def of(name: str, kind: str, *flags: str, **more: Any) -> dict[str, Any]:
    return {"aggregations": [{"property": name, kind: {**dict.fromkeys(flags, True), **more}}]}


CASES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "a count": ("Agg", "", "meta { count }", {}),
    "a filter": (
        "Agg",
        '(where: {path: ["i"], operator: GreaterThan, valueInt: 3})',
        "meta { count }",
        {"filters": leaf("GREATER_THAN", "i", value_int=3)},
    ),
    "a tenant": ("Note", '(tenant: "t")', "meta { count }", {"tenant": "t"}),
    "groups": (
        "Agg",
        '(groupBy: ["t"], limit: 4)',
        "meta { count } groupedBy { path value }",
        {"group_by": {"property": "t"}, "limit": 4},
    ),
    "near a vector, some objects": (
        "Agg",
        "(nearVector: {vector: [0.5, 1]}, objectLimit: 5)",
        "meta { count }",
        {"near_vector": {"vector_bytes": floats(0.5, 1)}, "object_limit": 5},
    ),
    "near a vector, within a distance": (
        "Agg",
        "(nearVector: {vector: [0.5, 1], distance: 0.25})",
        "meta { count }",
        {"near_vector": {"vector_bytes": floats(0.5, 1), "distance": 0.25}},
    ),
    "near an object": (
        "Agg",
        f'(nearObject: {{id: "{A}"}}, objectLimit: 5)',
        "meta { count }",
        {"near_object": {"id": A}, "object_limit": 5},
    ),
    "near a text": (
        "Txt",
        '(nearText: {concepts: ["soup"]}, objectLimit: 5)',
        "meta { count }",
        {"near_text": {"query": ["soup"]}, "object_limit": 5},
    ),
    "hybrid": (
        "Agg",
        '(hybrid: {query: "soup", vector: [0.5, 1], alpha: 0.5}, objectLimit: 5)',
        "meta { count }",
        {
            "hybrid": {
                "query": "soup",
                "vector_bytes": floats(0.5, 1),
                "use_alpha_param": True,
                "alpha_param": 0.5,
            },
            "object_limit": 5,
        },
    ),
    "every figure of a boolean": ("Agg", "", f"b {{ {' '.join(BOOLEANS)} }}", of("b", "boolean", *BOOLEANS.values())),
    "the most frequent texts": (
        "Agg",
        "",
        "t { count type topOccurrences(limit: 3) { value occurs } }",
        of("t", "text", "count", "type", "top_occurences", top_occurences_limit=3),
    ),
    "what references point at": ("Agg", "", "ref { type pointingTo }", of("ref", "reference", "type", "pointing_to")),
}
for _name, _kind in (("i", "int"), ("ii", "int"), ("f", "number")):
    CASES[f"every figure of {_name}"] = ("Agg", "", f"{_name} {{ {' '.join(NUMERIC)} }}", of(_name, _kind, *NUMERIC))
for _name in ("d", "dd"):
    CASES[f"every figure of {_name}"] = ("Agg", "", f"{_name} {{ {' '.join(DATES)} }}", of(_name, "date", *DATES))


@pytest.fixture
def world() -> World:
    return make_world()


def over_grpc(collection: str, document: dict[str, Any], world: World) -> AggregateRequest:
    def find(name: str) -> Collection:
        return cast(Collection, world.catalog.find(name))

    message = ParseDict({"collection": collection, "objects_count": True, **document}, pb.AggregateRequest())
    return parse_aggregate(message, find, {})


@pytest.mark.parametrize("name", CASES)
def test_both_doors_ask_for_the_same_figures(name: str, world: World) -> None:
    collection, arguments, below, document = CASES[name]
    world.ask(f"{{Aggregate{{{collection}{arguments}{{{below}}}}}}}")
    asked = cast(AggregateRequest, world.searcher.asked[-1])

    assert figures(over_grpc(collection, document, world)) == figures(asked)


def figures(request: AggregateRequest) -> dict[str, Any]:
    document: dict[str, Any] = plain(request)
    document["properties"] = {
        each.name: (each.metrics, each.top_occurrences) for each in request.properties if each.metrics
    }
    return document
