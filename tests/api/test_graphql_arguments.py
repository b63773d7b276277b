"""What a Get asks the searcher for, and which combinations of arguments it refuses."""

from typing import Any

import numpy as np
import pytest

from tests.api.graphql_world import World, id_of, make_world
from weavelet.engine.query import (
    Cut,
    Fusion,
    GroupBy,
    Hybrid,
    Join,
    Keyword,
    Match,
    Move,
    NearObject,
    NearText,
    NearVector,
    Page,
    Sort,
    TargetVectors,
)


@pytest.fixture
def world() -> World:
    return make_world()


PAGES: dict[str, tuple[str, Page]] = {
    "nothing": ("", Page(100)),
    "limit": ("(limit:3)", Page(3)),
    "offset": ("(offset:20)", Page(25, 20)),
    "autocut": ("(autocut:1)", Page(25, autocut=1)),
    "autocut off": ("(limit:3 autocut:-1)", Page(3)),
    "negative limit": ("(limit:-5)", Page(25)),
    "no limit": ("(limit:0)", Page(0)),
    "limit and offset": ("(limit:0 offset:2)", Page(0, 2)),
    "cursor": ('(limit:5 after:"")', Page(5, after="")),
    "distance": ("(nearVector:{vector:[1] distance:0})", Page(None)),
    "certainty": ("(nearVector:{vector:[1] certainty:0.7})", Page(None)),
    "no certainty": ("(nearVector:{vector:[1] certainty:0})", Page(100)),
    "distance and offset": ("(nearVector:{vector:[1] distance:0.5} offset:2)", Page(None, 2)),
    "distance and limit": ("(nearVector:{vector:[1] distance:0.5} limit:2)", Page(2)),
    "hybrid and offset": ('(hybrid:{query:"x"} offset:2)', Page(25, 2)),
}


@pytest.mark.parametrize(("arguments", "page"), PAGES.values(), ids=PAGES.keys())
def test_the_page_has_the_defaults_of_this_door(world: World, arguments: str, page: Page) -> None:
    assert world.request(arguments).page == page


TARGETS: dict[str, tuple[str, Any]] = {
    "nothing": ("", None),
    "keyword": ('(bm25:{query:"a b" properties:["t^2" "fld"]})', Keyword("a b", ("t^2", "fld"))),
    "keyword with one property": ('(bm25:{query:"a" properties:"t"})', Keyword("a", ("t",))),
    "keyword with an operator": (
        '(bm25:{query:"a" searchOperator:{operator:Or minimumOrTokensMatch:2}})',
        Keyword("a", (), Match.OR, 2),
    ),
    "keyword with all terms": ('(bm25:{query:"a" searchOperator:{operator:And}})', Keyword("a", (), Match.AND)),
    "object": (f'(nearObject:{{id:"{id_of(1)}" distance:0.5}})', NearObject(id_of(1), cut=Cut(0.5))),
    "object by beacon": (
        f'(nearObject:{{beacon:"weaviate://localhost/Agg/{id_of(1)}"}})',
        NearObject(id_of(1)),
    ),
    "object of another collection": (
        f'(nearObject:{{beacon:"weaviate://localhost/L2/{id_of(1)}"}})',
        NearObject(id_of(1), collection="L2"),
    ),
    "object by nothing": ("(nearObject:{})", NearObject("")),
    "hybrid": ('(hybrid:{query:"x"})', Hybrid("x", 0.75)),
    "hybrid with everything": (
        '(hybrid:{query:"x" alpha:0.5 fusionType:rankedFusion properties:["t"] maxVectorDistance:0.7 '
        'bm25SearchOperator:{operator:And} targetVectors:["a"]})',
        Hybrid(
            "x",
            0.5,
            properties=("t",),
            fusion=Fusion.RANKED,
            targets=TargetVectors(("a",)),
            max_distance=0.7,
            match=Match.AND,
        ),
    ),
    "hybrid with texts": (
        '(hybrid:{query:"x" searches:[{nearText:{concepts:["y"] distance:0.4}}]})',
        Hybrid("x", 0.75, NearText(("y",), cut=Cut(0.4))),
    ),
    "hybrid with one search": (
        '(hybrid:{query:"x" searches:{nearText:{concepts:"y"}}})',
        Hybrid("x", 0.75, NearText(("y",))),
    ),
    "keyword wins over hybrid": ('(bm25:{query:"a"} hybrid:{query:"x"})', Keyword("a")),
    "near wins over hybrid": (f'(nearObject:{{id:"{id_of(1)}"}} hybrid:{{query:"x"}})', NearObject(id_of(1))),
}


@pytest.mark.parametrize(("arguments", "target"), TARGETS.values(), ids=TARGETS.keys())
def test_the_target_is_what_the_arguments_say(world: World, arguments: str, target: Any) -> None:
    assert world.request(arguments).target == target


TEXTS: dict[str, tuple[str, NearText]] = {
    "one concept": ('{concepts:"hot soup"}', NearText(("hot soup",))),
    "moved": (
        f'{{concepts:["a"] moveTo:{{concepts:["b"] objects:[{{id:"{id_of(3)}"}}] force:0.5}} '
        'moveAwayFrom:{concepts:["c"] force:2}}',
        NearText(("a",), Move(0.5, ("b",), (id_of(3),)), Move(2.0, ("c",))),
    ),
    "without force": ('{concepts:["a"] moveTo:{concepts:["b"] force:0} moveAwayFrom:{force:-1}}', NearText(("a",))),
}


@pytest.mark.parametrize(("argument", "target"), TEXTS.values(), ids=TEXTS.keys())
def test_near_text_reads_its_movements(world: World, argument: str, target: NearText) -> None:
    assert world.request(f"(nearText:{argument})", "Txt").target == target


VECTORS: dict[str, tuple[str, list[Any], TargetVectors]] = {
    "one": ("{vector:[1, 2.5]}", [[1, 2.5]], TargetVectors()),
    "a matrix": ('{vector:[[1,2],[3,4]] targetVectors:["a"]}', [[[1, 2], [3, 4]]], TargetVectors(("a",))),
    "for several": ('{vector:[1] targetVectors:["a","b"]}', [[1]], TargetVectors(("a", "b"))),
    "per target": ("{vectorPerTarget:{a:[1] b:[2,3]}}", [[1], [2, 3]], TargetVectors(("a", "b"))),
    "in the order of the targets": (
        '{vectorPerTarget:{a:[1] b:[2,3]} targets:{targetVectors:["b","a"] combinationMethod:sum}}',
        [[2, 3], [1]],
        TargetVectors(("b", "a"), Join.SUM),
    ),
    "several for one": (
        '{vectorPerTarget:{a:[[1,2],[3,4]]} targets:{targetVectors:["a","a"] combinationMethod:manualWeights '
        "weights:{a:[0.5,0.25]}}}",
        [[1, 2], [3, 4]],
        TargetVectors(("a", "a"), Join.MANUAL, (0.5, 0.25)),
    ),
    "weights without use": (
        '{vectorPerTarget:{a:[1]} targets:{targetVectors:["a"] combinationMethod:average weights:{a:1}}}',
        [[1]],
        TargetVectors(("a",), Join.AVERAGE),
    ),
}


@pytest.mark.parametrize(("argument", "vectors", "targets"), VECTORS.values(), ids=VECTORS.keys())
def test_near_vector_has_a_vector_for_each_target(
    world: World, argument: str, vectors: list[Any], targets: TargetVectors
) -> None:
    target = world.request(f"(nearVector:{argument})", "Named").target
    assert isinstance(target, NearVector)
    assert target.targets == targets
    assert [vector.tolist() for vector in target.vectors] == vectors
    assert all(vector.dtype == np.float32 for vector in target.vectors)


def test_a_long_vector_arrives_whole(world: World) -> None:
    numbers = [float(np.float32(number / 7)) for number in range(384)]
    target = world.request(f"(nearVector:{{vector:{numbers}}})").target
    assert isinstance(target, NearVector)
    assert target.vectors[0].tolist() == numbers


def test_a_vector_may_come_in_a_variable_of_its_type(world: World) -> None:
    query = "query($v:GetObjectsAggNearVectorVectorScalar){Get{Agg(nearVector:{vector:$v}){t}}}"
    assert "errors" not in world.ask(query, {"v": [0.5, 1]})
    assert world.searcher.asked[-1].target.vectors[0].tolist() == [0.5, 1.0]


def test_variables_fill_plain_arguments(world: World) -> None:
    query = "query($n:Int $c:[String]){Get{Agg(limit:$n sort:{path:$c order:desc}){i}}}"
    assert "errors" not in world.ask(query, {"n": 2, "c": ["i"]})
    request = world.searcher.asked[-1]
    assert (request.page, request.sort) == (Page(2), (Sort(("i",), ascending=False),))


def test_sort_group_by_and_tenant_are_passed_on(world: World) -> None:
    request = world.request(
        '(tenant:"x" sort:[{path:["t"]},{path:"id" order:desc}] nearVector:{vector:[1]} '
        'groupBy:{path:"t" groups:2 objectsPerGroup:3} consistencyLevel:ONE)',
        "Note",
        "_additional{id}",
    )
    assert request.sort == (Sort(("t",)), Sort(("id",), ascending=False))
    assert request.group_by == GroupBy(("t",), 2, 3)
    assert request.tenant == "x"


def test_headers_reach_the_search(world: World) -> None:
    world.endpoint.execute("{Get{Agg{t}}}", headers={"x-openai-api-key": "k"})
    assert world.searcher.asked[-1].headers == {"x-openai-api-key": "k"}


def test_an_alias_is_a_class_of_its_own(world: World) -> None:
    assert world.request("", "People", "name").collection == "Person"


CONFLICTS: dict[str, tuple[str, str, str]] = {
    "two near": (
        "Agg",
        f'(nearVector:{{vector:[1]}} nearObject:{{id:"{id_of(1)}"}})',
        "found both 'nearVector' and 'nearObject' parameters which are conflicting, choose one instead",
    ),
    "text and vector": (
        "Txt",
        '(nearVector:{vector:[1]} nearText:{concepts:["x"]})',
        "found both 'nearText' and 'nearVector' parameters which are conflicting, choose one instead",
    ),
    "three near": (
        "Txt",
        f'(nearVector:{{vector:[1]}} nearText:{{concepts:["x"]}} nearObject:{{id:"{id_of(1)}"}})',
        "found both 'nearText', 'nearVector' and 'nearObject' parameters which are conflicting, choose one instead",
    ),
    "keyword and near": (
        "Agg",
        '(bm25:{query:"x"} nearVector:{vector:[1]})',
        "conflict: both near<Media> and keyword-based (bm25) arguments present, choose one",
    ),
    "no vector": (
        "Agg",
        "(nearVector:{distance:0.1})",
        "failed to extract nearVector params: vector or vectorPerTarget is required field",
    ),
    "vector twice": (
        "Named",
        "(nearVector:{vector:[1] vectorPerTarget:{a:[1]}})",
        "failed to extract nearVector params: vector or vectorPerTarget is required field",
    ),
    "certainty and distance": (
        "Agg",
        "(nearVector:{vector:[1] distance:0.1 certainty:0.9})",
        "failed to extract nearVector params: cannot provide distance and certainty",
    ),
    "certainty and distance of an object": (
        "Agg",
        f'(nearObject:{{id:"{id_of(1)}" distance:0.1 certainty:0.9}})',
        "failed to extract nearObject params: cannot provide distance and certainty",
    ),
    "certainty and distance of a text": (
        "Txt",
        '(nearText:{concepts:["x"] distance:0.1 certainty:0.9})',
        "nearText cannot provide both distance and certainty",
    ),
    "a weight missing": (
        "Named",
        '(nearVector:{vectorPerTarget:{a:[1] c:[2]} targets:{targetVectors:["a","c"] combinationMethod:manualWeights '
        "weights:{a:1}}})",
        "failed to extract nearVector params: weight for target c is not provided",
    ),
    "a vector missing": (
        "Named",
        '(nearVector:{vectorPerTarget:{a:[1]} targets:{targetVectors:["a","c"] combinationMethod:sum}})',
        "failed to extract nearVector params: vectorPerTarget for target c is not provided",
    ),
    "nowhere to move": (
        "Txt",
        '(nearText:{concepts:["x"] moveTo:{force:0.5}})',
        "'nearText.moveTo' parameter needs to have defined either 'concepts' or 'objects' fields",
    ),
    "alpha": (
        "Agg",
        '(hybrid:{query:"x" alpha:1.5})',
        "failed to extract hybrid params: alpha should be between 0.0 and 1.0",
    ),
    "hybrid with vector and text": (
        "Agg",
        '(hybrid:{query:"x" vector:[1] searches:[{nearText:{concepts:["a"]}}]})',
        "failed to extract hybrid params: cannot have both vector and nearTextParams",
    ),
    "hybrid with two vectors": (
        "Agg",
        '(hybrid:{query:"x" vector:[1] searches:[{nearVector:{vector:[1]}}]})',
        "failed to extract hybrid params: cannot have both vector and nearVectorParams",
    ),
    "hybrid with two searches": (
        "Agg",
        '(hybrid:{query:"x" searches:[{nearText:{concepts:["a"]} nearVector:{vector:[1]}}]})',
        "failed to extract hybrid params: hybrid search cannot have both nearText and nearVector parameters",
    ),
    "cursor with limit 0": ("Agg", '(limit:0 after:"")', "invalid pagination params: invalid default limit: 0"),
    "cursor without limit": ("Agg", '(after:"")', "cursor api: invalid 'after' parameter: limit parameter must be set"),
    "cursor with a negative limit": (
        "Agg",
        '(limit:-1 after:"")',
        "cursor api: invalid 'after' parameter: limit parameter must be set",
    ),
}


@pytest.mark.parametrize(("collection", "arguments", "text"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_conflicting_arguments_are_refused(world: World, collection: str, arguments: str, text: str) -> None:
    assert world.failure(arguments, collection) == text


CERTAINTIES: dict[str, tuple[str, str, str]] = {
    "another metric": (
        "L2",
        "",
        "can't compute and return certainty when vector index is configured with l2-squared distance",
    ),
    "several vectors": (
        "Named",
        '(nearVector:{vector:[1] targetVectors:["a","b"]})',
        "multiple target vectors are not supported with certainty",
    ),
    "no vector named": (
        "Named",
        "(nearVector:{vector:[1]})",
        "multiple vector configs found for class 'Named', but no target vector specified",
    ),
}


@pytest.mark.parametrize(("collection", "arguments", "text"), CERTAINTIES.values(), ids=CERTAINTIES.keys())
def test_certainty_is_refused_where_there_is_none(world: World, collection: str, arguments: str, text: str) -> None:
    assert world.failure(arguments, collection, "_additional{certainty}") == text
