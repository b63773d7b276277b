"""The words in which queries are refused, as clients of the original know them."""

from typing import Any

import pytest

from tests.api.graphql_world import World, make_world
from weavelet.errors import InvalidQuery


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


Case = tuple[str, str, list[tuple[int, int]]]

REFUSED: dict[str, Case] = {
    "unknown root field": ("{Foo{Agg{t}}}", 'Cannot query field "Foo" on type "WeaviateObj".', [(1, 2)]),
    "unknown class": ("{Get{Unheard{x}}}", 'Cannot query field "Unheard" on type "GetObjectsObj".', [(1, 6)]),
    "class in lower case": (
        "{Get{agg{t}}}",
        'Cannot query field "agg" on type "GetObjectsObj". Did you mean "Agg"?',
        [(1, 6)],
    ),
    "similar fields": (
        "{Get{Agg{fl}}}",
        'Cannot query field "fl" on type "Agg". Did you mean "f" "fld"?',
        [(1, 10)],
    ),
    "field of a nested object": (
        "{Get{Agg{addr{foo}}}}",
        'Cannot query field "foo" on type "Agg_addr_object".',
        [(1, 15)],
    ),
    "reference without a fragment": (
        "{Get{Agg{ref{name}}}}",
        'Cannot query field "name" on type "AggRefObj". Did you mean "Person"?',
        [(1, 14)],
    ),
    "reference without selection": (
        "{Get{Agg{ref}}}",
        'Field "ref" of type "[AggRefObj]" must have a sub selection.',
        [(1, 10)],
    ),
    "fragment on something else": (
        "{Get{Agg{ref{... on Agg{t}}}}}",
        'Fragment cannot be spread here as objects of type "AggRefObj" can never be of type "Agg".',
        [(1, 14)],
    ),
    "fragment on nothing": ("{Get{Agg{ref{... on Nope{t}}}}}", 'Unknown type "Nope".', [(1, 21)]),
    "a leaf with selection": (
        "{Get{Agg{t{x}}}}",
        'Field "t" of type "String" must not have a sub selection.',
        [(1, 11)],
    ),
    "geo without selection": (
        "{Get{Agg{geo}}}",
        'Field "geo" of type "AgggeoGeoCoordinatesObj" must have a sub selection.',
        [(1, 10)],
    ),
    "isConsistent without replicas": (
        "{Get{Agg(limit:1){_additional{isConsistent}}}}",
        'Cannot query field "isConsistent" on type "AggAdditional".',
        [(1, 31)],
    ),
    "vectors without names": (
        "{Get{Agg(limit:1){_additional{vectors{default}}}}}",
        'Cannot query field "vectors" on type "AggAdditional". Did you mean "vector"?',
        [(1, 31)],
    ),
    "rerank without a reranker": (
        '{Get{Agg{_additional{rerank(property:"t"){score}}}}}',
        'Cannot query field "rerank" on type "AggAdditional".',
        [(1, 22)],
    ),
    "hits know little": (
        "{Get{Agg{_additional{group{hits{_additional{score}}}}}}}",
        'Cannot query field "score" on type "AggAdditionalGroupHitsAdditional".',
        [(1, 45)],
    ),
    "unknown argument": (
        "{Get{Agg(foo:1){t}}}",
        'Unknown argument "foo" on field "Agg" of type "GetObjectsObj".',
        [(1, 10)],
    ),
    "similar argument": (
        "{Get{Agg(limi:1){t}}}",
        'Unknown argument "limi" on field "Agg" of type "GetObjectsObj". Did you mean "limit"?',
        [(1, 10)],
    ),
    "nearText without a vectorizer": (
        '{Get{Agg(nearText:{concepts:["x"]}){t}}}',
        'Unknown argument "nearText" on field "Agg" of type "GetObjectsObj". Did you mean "nearObject" "nearVector"?',
        [(1, 10)],
    ),
    "tenant without tenants": (
        '{Get{Agg(tenant:"x"){t}}}',
        'Unknown argument "tenant" on field "Agg" of type "GetObjectsObj".',
        [(1, 10)],
    ),
    "bm25 in Aggregate": (
        '{Aggregate{Agg(bm25:{query:"x"}){meta{count}}}}',
        'Unknown argument "bm25" on field "Agg" of type "AggregateObjectsObj".',
        [(1, 16)],
    ),
    "a text for a number": (
        '{Get{Agg(limit:"a"){t}}}',
        'Argument "limit" has invalid value "a".\nExpected type "Int", found "a".',
        [(1, 16)],
    ),
    "unknown operator": (
        '{Get{Agg(where:{path:["i"] operator:Foo valueInt:1}){t}}}',
        'Argument "where" has invalid value {path: ["i"], operator: Foo, valueInt: 1}.\n'
        'In field "operator": Expected type "GetObjectsAggWhereOperatorEnum", found Foo.',
        [(1, 16)],
    ),
    "quoted operator": (
        '{Get{Agg(where:{path:["i"] operator:"Equal" valueInt:1}){t}}}',
        'Argument "where" has invalid value {path: ["i"], operator: "Equal", valueInt: 1}.\n'
        'In field "operator": Expected type "GetObjectsAggWhereOperatorEnum", found "Equal".',
        [(1, 16)],
    ),
    "something missing deep inside": (
        '{Get{Txt(nearText:{concepts:["x"] moveTo:{concepts:["y"]}}){t}}}',
        'Argument "nearText" has invalid value {concepts: ["x"], moveTo: {concepts: ["y"]}}.\n'
        'In field "moveTo": In field "force": Expected "Float!", found null.',
        [(1, 19)],
    ),
    "no concepts": (
        "{Get{Txt(nearText:{}){t}}}",
        'Argument "nearText" has invalid value {}.\nIn field "concepts": Expected "String!", found null.',
        [(1, 19)],
    ),
    "unknown field of an argument": (
        '{Get{Agg(bm25:{query:"x" foo:1}){t}}}',
        'Argument "bm25" has invalid value {query: "x", foo: 1}.\nIn field "foo": Unknown field.',
        [(1, 15)],
    ),
    "wrong order in an element": (
        '{Get{Agg(sort:[{path:["i"] order:up}]){t}}}',
        'Argument "sort" has invalid value [{path: ["i"], order: up}].\n'
        'In element #1: In field "order": Expected type "GetObjectsAggSortInpObjTypeEnum", found up.',
        [(1, 15)],
    ),
    "a text for a vector": (
        '{Get{Agg(nearVector:{vector:"x"}){t}}}',
        'Argument "nearVector" has invalid value {vector: "x"}.\n'
        'In field "vector": Expected type "GetObjectsAggNearVectorVectorScalar", found "x".',
        [(1, 21)],
    ),
    "unknown combination": (
        '{Get{Named(nearVector:{vector:[1] targets:{targetVectors:["a"] combinationMethod:foo}}){t}}}',
        'Argument "nearVector" has invalid value {vector: [1], targets: {targetVectors: ["a"], '
        "combinationMethod: foo}}.\n"
        'In field "targets": In field "combinationMethod": Expected type "targetCombinationEnum", found foo.',
        [(1, 23)],
    ),
    "argument given twice": (
        "{Get{Agg(limit:1 limit:2){t}}}",
        'There can be only one argument named "limit".',
        [(1, 10), (1, 18)],
    ),
    "unused fragment": (
        "{Get{Person{name}}} fragment F on Person{name}",
        'Fragment "F" is never used.',
        [(1, 21)],
    ),
    "unknown fragment": ("{Get{Person{...Z}}}", 'Unknown fragment "Z".', [(1, 16)]),
    "undeclared variable": ("{Get{Person(limit:$n){name}}}", 'Variable "$n" is not defined.', [(1, 19), (1, 1)]),
    "variable of another type": (
        "query($v:[Float]){Get{Agg(nearVector:{vector:$v}){t}}}",
        'Variable "$v" of type "[Float]" used in position expecting type "GetObjectsAggNearVectorVectorScalar".',
        [(1, 7), (1, 46)],
    ),
    "mutation": ("mutation{Get{Agg{t}}}", "Schema is not configured for mutations", [(1, 1)]),
    "blank": ("   ", "Must provide an operation.", []),
    "several operations": (
        "query A{Get{Person{name}}} query B{Get{Person{age}}}",
        "Must provide operation name if query contains multiple operations.",
        [],
    ),
    "figures of another type": (
        "{Aggregate{Agg{d{mean}}}}",
        'Cannot query field "mean" on type "AggregateAggdObj". Did you mean "median"?',
        [(1, 18)],
    ),
    "what is not aggregated": (
        "{Aggregate{Agg{u{count}}}}",
        'Cannot query field "u" on type "AggregateAgg". Did you mean "b" "d" "f" "i" "t"?',
        [(1, 16)],
    ),
    "Explore with several vectorizers": (
        "{Explore{beacon}}",
        'Cannot query field "Explore" on type "WeaviateObj".',
        [(1, 2)],
    ),
}


@pytest.mark.parametrize(("query", "text", "places"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_query_is_refused_without_data(
    world: World, query: str, text: str, places: list[tuple[int, int]]
) -> None:
    locations = [{"line": line, "column": column} for line, column in places]
    assert world.ask(query) == {"errors": [{"locations": locations, "message": text, "path": None}]}


def test_all_errors_are_told_in_order_of_the_text(world: World) -> None:
    answer = world.ask("{Get{Agg{foo bar} Unheard{x}}}")
    assert [error["message"] for error in answer["errors"]] == [
        'Cannot query field "foo" on type "Agg".',
        'Cannot query field "bar" on type "Agg".',
        'Cannot query field "Unheard" on type "GetObjectsObj".',
    ]


VARIABLES: dict[str, tuple[str, dict[str, Any], str]] = {
    "missing": (
        "($n:Int!){Get{Person(limit:$n){name}}}",
        {},
        'Variable "$n" of required type "Int!" was not provided.',
    ),
    "of another type": (
        "($n:Int){Get{Person(limit:$n){name}}}",
        {"n": "x"},
        'Variable "$n" got invalid value "x".\nExpected type "Int", found "x".',
    ),
    "wrong inside": (
        "($w:GetObjectsPersonWhereInpObj){Get{Person(where:$w){name}}}",
        {"w": {"path": [1], "operator": "Equal", "valueInt": "x"}},
        'Variable "$w" got invalid value {"path":[1],"operator":"Equal","valueInt":"x"}.\n'
        'In field "path": In element #1: Expected type "String", found 1.\n'
        'In field "valueInt": Expected type "IntGetObjectsPerson", found "x".',
    ),
}


@pytest.mark.parametrize(("query", "values", "text"), VARIABLES.values(), ids=VARIABLES.keys())
def test_wrong_variables_are_refused_at_their_declaration(
    world: World, query: str, values: dict[str, Any], text: str
) -> None:
    (error,) = world.ask("query" + query, values)["errors"]
    assert sorted(error["message"].split("\n")) == sorted(text.split("\n"))
    assert error["locations"] == [{"line": 1, "column": 7}]


def test_a_list_of_another_kind_is_refused_after_one_that_fits(world: World) -> None:
    whole, broken = list(range(20)), [number + 0.5 for number in range(20)]
    query = '{{Get{{Agg(where:{{path:"ii" operator:ContainsAny valueInt:{}}}){{t}}}}}}'
    assert "errors" not in world.ask(query.format(whole))
    assert "errors" in world.ask(query.format(broken))


def test_an_unknown_operation_name_is_told(world: World) -> None:
    (error,) = world.ask("query A{Get{Person{name}}}", operation="Z")["errors"]
    assert error == {"locations": [], "message": 'Unknown operation named "Z".', "path": None}


def test_an_empty_query_is_no_query(world: World) -> None:
    with pytest.raises(InvalidQuery, match="query cannot be empty"):
        world.ask("")


def test_without_collections_there_is_no_schema() -> None:
    with pytest.raises(InvalidQuery, match="no graphql provider present"):
        make_world(collections=()).ask("{Get{Agg{t}}}")
