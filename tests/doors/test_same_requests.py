"""One question, asked through GraphQL and through gRPC, is one request to the engine."""

import base64
import dataclasses
import struct
from typing import Any

import numpy as np
import pytest
from google.protobuf.json_format import ParseDict

from tests.api.graphql_world import World, id_of, make_world
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.search import parse_search
from weavelet.engine.query import SearchRequest
from weavelet.errors import CollectionNotFound
from weavelet.schema.collection import Collection


@pytest.fixture
def world() -> World:
    return make_world()


def over_grpc(document: dict[str, Any], world: World) -> SearchRequest:
    def find(name: str) -> Collection:
        found = world.catalog.find(name)
        if found is None:
            raise CollectionNotFound(name)
        return found

    message = ParseDict({"limit": 3, **document}, pb.SearchRequest())
    return parse_search(message, find, world.settings.query_defaults_limit, {}).request


def plain(value: Any) -> Any:
    """The same with arrays as lists and float32 numbers as such, so that requests can be compared."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"": type(value).__name__, **named}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return float(np.float32(value)) if isinstance(value, float) else value


def asked(request: SearchRequest) -> dict[str, Any]:
    """All of a request but what it shows and what it carries along."""
    document: dict[str, Any] = plain(request)
    for name in ("want", "headers"):
        document.pop(name)
    return document


def floats(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def leaf(operator: str, name: str, **value: Any) -> dict[str, Any]:
    return {"operator": f"OPERATOR_{operator}", "target": {"property": name}, **value}


A = id_of(1)

CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a listing": ("Agg", "(limit: 3)", {}),
    "an offset": ("Agg", "(limit: 3, offset: 2)", {"offset": 2}),
    "a cursor": ("Agg", f'(limit: 3, after: "{A}")', {"after": A}),
    "autocut": ("Agg", "(limit: 3, autocut: 1)", {"autocut": 1}),
    "a tenant": ("Note", '(limit: 3, tenant: "t")', {"tenant": "t"}),
    "a sort": (
        "Agg",
        '(limit: 3, sort: [{path: ["i"], order: asc}, {path: ["t"], order: desc}])',
        {"sort_by": [{"path": ["i"], "ascending": True}, {"path": ["t"]}]},
    ),
    "bm25": (
        "Agg",
        '(limit: 3, bm25: {query: "soup", properties: ["t^2", "fld"]})',
        {"bm25_search": {"query": "soup", "properties": ["t^2", "fld"]}},
    ),
    "bm25 and": (
        "Agg",
        '(limit: 3, bm25: {query: "soup", searchOperator: {operator: And}})',
        {"bm25_search": {"query": "soup", "search_operator": {"operator": "OPERATOR_AND"}}},
    ),
    "bm25 or two": (
        "Agg",
        '(limit: 3, bm25: {query: "soup", searchOperator: {operator: Or, minimumOrTokensMatch: 2}})',
        {"bm25_search": {"query": "soup", "search_operator": {"operator": 1, "minimum_or_tokens_match": 2}}},
    ),
    "near vector": (
        "Agg",
        "(limit: 3, nearVector: {vector: [0.5, 1], distance: 0.25})",
        {"near_vector": {"vector_bytes": floats(0.5, 1), "distance": 0.25}},
    ),
    "near object": (
        "Agg",
        f'(limit: 3, nearObject: {{id: "{A}", certainty: 0.75}})',
        {"near_object": {"id": A, "certainty": 0.75}},
    ),
    "a named vector": (
        "Named",
        '(limit: 3, nearVector: {vector: [1], targetVectors: ["b"]})',
        {"near_vector": {"vector_bytes": floats(1), "targets": {"target_vectors": ["b"]}}},
    ),
    "a sum of vectors": (
        "Named",
        '(limit: 3, nearVector: {vector: [1], targets: {targetVectors: ["a", "b"], combinationMethod: sum}})',
        {
            "near_vector": {
                "vector_bytes": floats(1),
                "targets": {"target_vectors": ["a", "b"], "combination": "COMBINATION_METHOD_TYPE_SUM"},
            }
        },
    ),
    "near text": (
        "Txt",
        '(limit: 3, nearText: {concepts: ["hot", "soup"], moveTo: {concepts: ["honey"], force: 0.5}})',
        {"near_text": {"query": ["hot", "soup"], "move_to": {"concepts": ["honey"], "force": 0.5}}},
    ),
    "hybrid": (
        "Agg",
        '(limit: 3, hybrid: {query: "soup", vector: [0.5, 1], alpha: 0.3, fusionType: rankedFusion})',
        {
            "hybrid_search": {
                "query": "soup",
                "vector_bytes": floats(0.5, 1),
                "alpha": 0.3,
                "fusion_type": "FUSION_TYPE_RANKED",
            }
        },
    ),
    "hybrid by default": (
        "Txt",
        '(limit: 3, hybrid: {query: "soup"})',
        {"hybrid_search": {"query": "soup", "use_alpha_param": True}},
    ),
    "groups": (
        "Agg",
        '(limit: 3, bm25: {query: "q"}, groupBy: {path: ["fld"], groups: 2, objectsPerGroup: 4})',
        {
            "bm25_search": {"query": "q"},
            "group_by": {"path": ["fld"], "number_of_groups": 2, "objects_per_group": 4},
        },
    ),
    "a filter on a text": (
        "Agg",
        '(limit: 3, where: {path: ["t"], operator: Like, valueText: "so*"})',
        {"filters": leaf("LIKE", "t", value_text="so*")},
    ),
    "a filter on a date": (
        "Agg",
        '(limit: 3, where: {path: ["d"], operator: LessThan, valueDate: "2024-01-01T00:00:00Z"})',
        {"filters": leaf("LESS_THAN", "d", value_text="2024-01-01T00:00:00Z")},
    ),
    "a filter on a list": (
        "Agg",
        '(limit: 3, where: {path: ["ii"], operator: ContainsAll, valueInt: [1, 2]})',
        {"filters": leaf("CONTAINS_ALL", "ii", value_int_array={"values": [1, 2]})},
    ),
    "a filter on a place": (
        "Agg",
        '(limit: 3, where: {path: ["geo"], operator: WithinGeoRange, '
        "valueGeoRange: {geoCoordinates: {latitude: 1.5, longitude: 2.5}, distance: {max: 2000}}})",
        {"filters": leaf("WITHIN_GEO_RANGE", "geo", value_geo={"latitude": 1.5, "longitude": 2.5, "distance": 2000})},
    ),
    "a filter on the id": (
        "Agg",
        f'(limit: 3, where: {{path: ["id"], operator: Equal, valueText: "{A}"}})',
        {"filters": leaf("EQUAL", "_id", value_text=A)},
    ),
    "a filter on a length": (
        "Agg",
        '(limit: 3, where: {path: ["len(t)"], operator: GreaterThan, valueInt: 3})',
        {"filters": leaf("GREATER_THAN", "len(t)", value_int=3)},
    ),
    "a filter through a reference": (
        "Agg",
        '(limit: 3, where: {path: ["ref", "Person", "name"], operator: Equal, valueText: "ada"})',
        {"filters": {"operator": "OPERATOR_EQUAL", "on": ["ref", "Person", "name"], "value_text": "ada"}},
    ),
    "a filter on the number of references": (
        "Agg",
        '(limit: 3, where: {path: ["refs"], operator: Equal, valueInt: 2})',
        {"filters": {"operator": "OPERATOR_EQUAL", "target": {"count": {"on": "refs"}}, "value_int": 2}},
    ),
    "filters within filters": (
        "Agg",
        '(limit: 3, where: {operator: And, operands: [{path: ["i"], operator: Equal, valueInt: 1}, '
        '{operator: Not, operands: [{path: ["b"], operator: Equal, valueBoolean: true}]}]})',
        {
            "filters": {
                "operator": "OPERATOR_AND",
                "filters": [
                    leaf("EQUAL", "i", value_int=1),
                    {"operator": "OPERATOR_NOT", "filters": [leaf("EQUAL", "b", value_boolean=True)]},
                ],
            }
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_both_doors_ask_the_same(name: str, world: World) -> None:
    collection, arguments, document = CASES[name]

    assert asked(over_grpc({"collection": collection, **document}, world)) == asked(
        world.request(arguments, collection)
    )
