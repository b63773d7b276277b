"""Questions as GraphQL arguments and as gRPC messages: every kind of search, filter, order and step after a search.

A case is a collection of `tests.api.graphql_world`, the arguments of its field under Get, and the message without the
collection. `STEPS` ask for something below the field, too.
"""

import base64
import struct
from typing import Any

from tests.api.graphql_world import id_of


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

B = id_of(2)
PLACE = {"latitude": 1.5, "longitude": 2.5, "distance": 2000}
RANGE = "{geoCoordinates: {latitude: 1.5, longitude: 2.5}, distance: {max: 2000}}"
DATE = "2024-01-01T00:00:00Z"

VALUES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "t": ('valueText: "soup"', 'valueText: ["soup", "stew"]', {"value_text": "soup"}),
    "i": ("valueInt: 3", "valueInt: [3, 4]", {"value_int": 3}),
    "f": ("valueNumber: 1.5", "valueNumber: [1.5, 2.5]", {"value_number": 1.5}),
    "b": ("valueBoolean: true", "valueBoolean: [true, false]", {"value_boolean": True}),
    "d": (f'valueDate: "{DATE}"', f'valueDate: ["{DATE}"]', {"value_text": DATE}),
    "u": (f'valueText: "{A}"', f'valueText: ["{A}", "{B}"]', {"value_text": A}),
}
"""By property: one value and several for GraphQL, one for gRPC."""
SEVERAL: dict[str, dict[str, Any]] = {
    "t": {"value_text_array": {"values": ["soup", "stew"]}},
    "i": {"value_int_array": {"values": [3, 4]}},
    "f": {"value_number_array": {"values": [1.5, 2.5]}},
    "b": {"value_boolean_array": {"values": [True, False]}},
    "d": {"value_text_array": {"values": [DATE]}},
    "u": {"value_text_array": {"values": [A, B]}},
}
COMPARING = {
    "Equal": "EQUAL",
    "NotEqual": "NOT_EQUAL",
    "GreaterThan": "GREATER_THAN",
    "GreaterThanEqual": "GREATER_THAN_EQUAL",
    "LessThan": "LESS_THAN",
    "LessThanEqual": "LESS_THAN_EQUAL",
}
CONTAINING = {"ContainsAny": "CONTAINS_ANY", "ContainsAll": "CONTAINS_ALL", "ContainsNone": "CONTAINS_NONE"}

for _name, (_one, _many, _value) in VALUES.items():
    for _operator, _code in COMPARING.items():
        _where = f'(limit: 3, where: {{path: ["{_name}"], operator: {_operator}, {_one}}})'
        CASES[f"{_operator} on {_name}"] = ("Agg", _where, {"filters": leaf(_code, _name, **_value)})
    for _operator, _code in CONTAINING.items():
        _where = f'(limit: 3, where: {{path: ["{_name}"], operator: {_operator}, {_many}}})'
        CASES[f"{_operator} on {_name}"] = ("Agg", _where, {"filters": leaf(_code, _name, **SEVERAL[_name])})

for _path, _target in (("_creationTimeUnix", "_creationTimeUnix"), ("_lastUpdateTimeUnix", "_lastUpdateTimeUnix")):
    _where = f'(limit: 3, where: {{path: ["{_path}"], operator: GreaterThan, valueText: "1700000000000"}})'
    CASES[f"a filter on {_path}"] = (
        "Agg",
        _where,
        {"filters": leaf("GREATER_THAN", _target, value_text="1700000000000")},
    )

CASES |= {
    "a filter on null": (
        "Agg",
        '(limit: 3, where: {path: ["t"], operator: IsNull, valueBoolean: true})',
        {"filters": leaf("IS_NULL", "t", value_boolean=True)},
    ),
    "a filter on some ids": (
        "Agg",
        f'(limit: 3, where: {{path: ["id"], operator: ContainsAny, valueText: ["{A}", "{B}"]}})',
        {"filters": leaf("CONTAINS_ANY", "_id", value_text_array={"values": [A, B]})},
    ),
    "either of two filters": (
        "Agg",
        '(limit: 3, where: {operator: Or, operands: [{path: ["i"], operator: Equal, valueInt: 1}, '
        '{path: ["t"], operator: Like, valueText: "s?"}]})',
        {
            "filters": {
                "operator": "OPERATOR_OR",
                "filters": [leaf("EQUAL", "i", value_int=1), leaf("LIKE", "t", value_text="s?")],
            }
        },
    ),
    "a filter through one reference": (
        "Agg",
        '(limit: 3, where: {path: ["ref", "Person", "age"], operator: LessThan, valueInt: 30})',
        {
            "filters": {
                "operator": "OPERATOR_LESS_THAN",
                "target": {"single_target": {"on": "ref", "target": {"property": "age"}}},
                "value_int": 30,
            }
        },
    ),
    "a filter through two references": (
        "Agg",
        '(limit: 3, where: {path: ["refs", "Person", "knows", "Person", "name"], operator: Equal, valueText: "ada"})',
        {
            "filters": {
                "operator": "OPERATOR_EQUAL",
                "target": {
                    "multi_target": {
                        "on": "refs",
                        "target_collection": "Person",
                        "target": {"single_target": {"on": "knows", "target": {"property": "name"}}},
                    }
                },
                "value_text": "ada",
            }
        },
    ),
    "a sort by time": (
        "Agg",
        '(limit: 3, sort: [{path: ["_creationTimeUnix"], order: desc}])',
        {"sort_by": [{"path": ["_creationTimeUnix"]}]},
    ),
    "bm25 across properties": (
        "Agg",
        '(limit: 3, bm25: {query: "hot soup", searchOperator: {operator: AndCross}})',
        {"bm25_search": {"query": "hot soup", "search_operator": {"operator": "OPERATOR_AND_CROSS"}}},
    ),
    "bm25 with a filter": (
        "Agg",
        '(limit: 3, bm25: {query: "soup"}, where: {path: ["i"], operator: Equal, valueInt: 3})',
        {"bm25_search": {"query": "soup"}, "filters": leaf("EQUAL", "i", value_int=3)},
    ),
    "autocut of a search": (
        "Agg",
        '(limit: 3, autocut: 2, bm25: {query: "soup"})',
        {"autocut": 2, "bm25_search": {"query": "soup"}},
    ),
    "near vector with certainty": (
        "Agg",
        "(limit: 3, nearVector: {vector: [0.5, 1], certainty: 0.75})",
        {"near_vector": {"vector_bytes": floats(0.5, 1), "certainty": 0.75}},
    ),
    "near vector, today's form": (
        "Agg",
        "(limit: 3, nearVector: {vector: [0.5, 1]})",
        {"near_vector": {"vectors": [{"vector_bytes": floats(0.5, 1), "type": "VECTOR_TYPE_SINGLE_FP32"}]}},
    ),
    "near text, moved away": (
        "Txt",
        f'(limit: 3, nearText: {{concepts: ["soup"], distance: 0.5, '
        f'moveAwayFrom: {{objects: [{{id: "{A}"}}], concepts: ["salt"], force: 0.25}}}})',
        {
            "near_text": {
                "query": ["soup"],
                "distance": 0.5,
                "move_away": {"force": 0.25, "concepts": ["salt"], "uuids": [A]},
            }
        },
    ),
    "an object near others by name": (
        "Named",
        f'(limit: 3, nearObject: {{id: "{A}", targetVectors: ["b"]}})',
        {"near_object": {"id": A, "targets": {"target_vectors": ["b"]}}},
    ),
    "relative scores, today's form": (
        "Agg",
        '(limit: 3, hybrid: {query: "soup", vector: [0.5, 1], fusionType: relativeScoreFusion})',
        {
            "hybrid_search": {
                "query": "soup",
                "vectors": [{"vector_bytes": floats(0.5, 1), "type": "VECTOR_TYPE_SINGLE_FP32"}],
                "use_alpha_param": True,
                "fusion_type": "FUSION_TYPE_RELATIVE_SCORE",
            }
        },
    ),
    "hybrid with everything": (
        "Agg",
        '(limit: 3, hybrid: {query: "soup", vector: [0.5, 1], alpha: 0.3, properties: ["t^2"], maxVectorDistance: 0.5, '
        "bm25SearchOperator: {operator: Or, minimumOrTokensMatch: 2}})",
        {
            "hybrid_search": {
                "query": "soup",
                "vector_bytes": floats(0.5, 1),
                "use_alpha_param": True,
                "alpha_param": 0.3,
                "properties": ["t^2"],
                "vector_distance": 0.5,
                "bm25_search_operator": {"operator": "OPERATOR_OR", "minimum_or_tokens_match": 2},
            }
        },
    ),
    "hybrid of nothing but words": (
        "Agg",
        '(limit: 3, hybrid: {query: "soup", alpha: 0})',
        {"hybrid_search": {"query": "soup", "use_alpha_param": True, "alpha_param": 0}},
    ),
    "hybrid with a text of its own": (
        "Txt",
        '(limit: 3, hybrid: {query: "soup", searches: [{nearText: {concepts: ["stew"], '
        'moveTo: {concepts: ["hot"], force: 0.5}}}]})',
        {
            "hybrid_search": {
                "query": "soup",
                "use_alpha_param": True,
                "near_text": {"query": ["stew"], "move_to": {"force": 0.5, "concepts": ["hot"]}},
            }
        },
    ),
    "hybrid with a vector of its own": (
        "Agg",
        '(limit: 3, hybrid: {query: "soup", searches: [{nearVector: {vector: [0.5, 1]}}]})',
        {
            "hybrid_search": {
                "query": "soup",
                "use_alpha_param": True,
                "near_vector": {"vector_bytes": floats(0.5, 1)},
            }
        },
    ),
    "groups of a vector search": (
        "Agg",
        '(limit: 3, nearVector: {vector: [0.5, 1]}, groupBy: {path: ["i"], groups: 3, objectsPerGroup: 1})',
        {
            "near_vector": {"vector_bytes": floats(0.5, 1)},
            "group_by": {"path": ["i"], "number_of_groups": 3, "objects_per_group": 1},
        },
    ),
}

JOINS = {
    "minimum": "COMBINATION_METHOD_TYPE_MIN",
    "sum": "COMBINATION_METHOD_TYPE_SUM",
    "average": "COMBINATION_METHOD_TYPE_AVERAGE",
    "manualWeights": "COMBINATION_METHOD_TYPE_MANUAL",
    "relativeScore": "COMBINATION_METHOD_TYPE_RELATIVE_SCORE",
}

for _method, _combination in JOINS.items():
    _weighted = _method in ("manualWeights", "relativeScore")
    _weights = ", weights: {a: 1, b: 2.5}" if _weighted else ""
    _graphql = f'targets: {{targetVectors: ["a", "b"], combinationMethod: {_method}{_weights}}}'
    _grpc: dict[str, Any] = {"target_vectors": ["a", "b"], "combination": _combination}
    if _weighted:
        _grpc["weights_for_targets"] = [{"target": "a", "weight": 1}, {"target": "b", "weight": 2.5}]
    _each = [{"name": name, "vector_bytes": floats(number, 1)} for name, number in (("a", 1), ("b", 2))]
    CASES |= {
        f"one vector, joined by {_method}": (
            "Named",
            f"(limit: 3, nearVector: {{vector: [1], {_graphql}}})",
            {"near_vector": {"vector_bytes": floats(1), "targets": _grpc}},
        ),
        f"a vector each, joined by {_method}": (
            "Named",
            f"(limit: 3, nearVector: {{vectorPerTarget: {{a: [1, 1], b: [2, 1]}}, {_graphql}}})",
            {"near_vector": {"vector_for_targets": _each, "targets": _grpc}},
        ),
        f"an object's vectors, joined by {_method}": (
            "Named",
            f'(limit: 3, nearObject: {{id: "{A}", {_graphql}}})',
            {"near_object": {"id": A, "targets": _grpc}},
        ),
        f"hybrid, joined by {_method}": (
            "Named",
            f'(limit: 3, hybrid: {{query: "soup", vector: [1], {_graphql}}})',
            {
                "hybrid_search": {
                    "query": "soup",
                    "vector_bytes": floats(1),
                    "use_alpha_param": True,
                    "targets": _grpc,
                }
            },
        ),
    }

STEPS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "rerank": (
        "Txt",
        '(limit: 3, bm25: {query: "soup"})',
        '_additional { rerank(property: "t", query: "hot") { score } }',
        {"bm25_search": {"query": "soup"}, "rerank": {"property": "t", "query": "hot"}},
    ),
    "rerank without a query": (
        "Txt",
        '(limit: 3, nearText: {concepts: ["soup"]})',
        '_additional { rerank(property: "t") { score } }',
        {"near_text": {"query": ["soup"]}, "rerank": {"property": "t"}},
    ),
    "a text for each object": (
        "Txt",
        "(limit: 3)",
        '_additional { generate(singleResult: {prompt: "about {t}"}) { singleResult } }',
        {"generative": {"single": {"prompt": "about {t}"}}},
    ),
    "a text for all objects": (
        "Txt",
        "(limit: 3)",
        '_additional { generate(groupedResult: {task: "sum up", properties: ["t"]}) { groupedResult } }',
        {"generative": {"grouped": {"task": "sum up", "properties": {"values": ["t"]}}}},
    ),
}
