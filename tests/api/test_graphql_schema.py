"""The schema: what introspection tells, what changes with the catalogue, and that it is made as far as it is used."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.api.graphql_world import AGG, L2, NOTE, World, id_of, make_world
from weavelet.engine.query import Cut, NearObject, NearText, NearVector
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Property
from weavelet.schema.datatypes import DataType
from weavelet.search import Explored


@pytest.fixture
def world() -> World:
    return make_world()


def fields(world: World, kind: str) -> dict[str, Any]:
    query = f'{{__type(name:"{kind}"){{fields{{name description type{{name kind}} args{{name type{{name}}}}}}}}}}'
    found = world.ask(query)["data"]["__type"]
    return {field["name"]: field for field in found["fields"]}


def test_the_root_has_no_explore_with_several_vectorizers(world: World) -> None:
    assert fields(world, "WeaviateObj").keys() == {"Get", "Aggregate"}


def test_classes_and_aliases_are_fields(world: World) -> None:
    assert fields(world, "GetObjectsObj").keys() == {"Person", "Agg", "L2", "Named", "Txt", "Note", "People"}


ARGUMENTS = {
    "after", "autocut", "bm25", "group", "groupBy", "hybrid", "limit", "nearObject", "nearVector", "offset", "sort",
    "where",
}  # fmt: skip


@pytest.mark.parametrize(
    ("collection", "more"),
    [("Agg", set()), ("Txt", {"nearText"}), ("Note", {"tenant", "consistencyLevel"})],
)
def test_arguments_depend_on_what_the_class_can_do(world: World, collection: str, more: set[str]) -> None:
    arguments = {argument["name"] for argument in fields(world, "GetObjectsObj")[collection]["args"]}
    assert arguments == ARGUMENTS | more


@pytest.mark.parametrize(
    ("collection", "more"),
    [("Agg", set()), ("Txt", {"rerank"}), ("Note", {"isConsistent"}), ("Named", {"vectors"})],
)
def test_additional_fields_depend_on_what_the_class_can_do(world: World, collection: str, more: set[str]) -> None:
    common = {
        "certainty", "classification", "creationTimeUnix", "distance", "explainScore", "generate", "group", "id",
        "lastUpdateTimeUnix", "queryProfile", "score", "vector",
    }  # fmt: skip
    assert fields(world, f"{collection}Additional").keys() == common | more


def test_input_types_have_the_names_that_clients_declare_variables_with(world: World) -> None:
    query = '{__type(name:"GetObjectsAggWhereInpObj"){inputFields{name type{name kind}}}}'
    found = {field["name"]: field["type"]["name"] for field in world.ask(query)["data"]["__type"]["inputFields"]}
    assert found == {
        "operator": "GetObjectsAggWhereOperatorEnum",
        "path": None,
        "operands": None,
        "valueInt": "IntGetObjectsAgg",
        "valueNumber": "FloatGetObjectsAgg",
        "valueBoolean": "BooleanGetObjectsAgg",
        "valueText": "TextGetObjectsAgg",
        "valueString": "TextStringGetObjectsAgg",
        "valueDate": "TextDateGetObjectsAgg",
        "valueGeoRange": "GetObjectsAggWhereGeoRangeInpObj",
    }


def test_an_unknown_type_is_null(world: World) -> None:
    assert world.ask('{__type(name:"Nope"){name}}') == {"data": {"__type": None}}


def test_there_are_no_mutations(world: World) -> None:
    answer = world.ask("{__schema{queryType{name} mutationType{name} subscriptionType{name}}}")
    assert answer["data"]["__schema"] == {
        "mutationType": None,
        "queryType": {"name": "WeaviateObj"},
        "subscriptionType": None,
    }


def test_introspection_stands_beside_data(world: World) -> None:
    answer = world.ask('{__type(name:"Agg"){name} Get{Agg{t}}}')
    assert answer == {"data": {"Get": {"Agg": []}, "__type": {"name": "Agg"}}}


def test_the_schema_follows_the_catalogue(world: World) -> None:
    assert "errors" in world.ask("{Get{L2{extra}}}")
    extra = Property(name="extra", type=DataType.INT)
    world.catalog.known["L2"] = replace(L2, properties=(*L2.properties, extra))
    world.catalog.version += 1
    assert "errors" not in world.ask("{Get{L2{extra}}}")


def test_a_dropped_target_leaves_the_reference_without_fragments(world: World) -> None:
    del world.catalog.known["Person"]
    world.catalog.version += 1
    assert "errors" not in world.ask("{Get{Agg{refs{... on Agg{t}}}}}")
    (error,) = world.ask("{Get{Agg{refs{... on Person{name}}}}}")["errors"]
    assert error["message"] == 'Unknown type "Person".'


def test_many_threads_may_be_the_first_to_ask() -> None:
    query = "query($w:GetObjectsAggWhereInpObj){Get{Agg(where:$w){refs{... on Person{name}}}}}"
    for _ in range(5):
        world = make_world()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, world=world: world.ask(query), range(16)))  # type: ignore[misc]
        assert answers == [{"data": {"Get": {"Agg": []}}}] * 16


def test_a_change_among_many_collections_costs_little() -> None:
    """A factor of several above what it takes, so that a slow machine passes and a schema made whole does not."""
    properties = tuple(Property(name=f"p{number}", type=DataType.TEXT) for number in range(20))
    many = tuple(replace(AGG, name=f"Class{number}", properties=properties) for number in range(50))
    world = make_world(collections=many)
    world.ask("{Get{Class3{p0}}}")
    took = []
    for _ in range(5):
        world.catalog.version += 1
        started = time.process_time()
        world.ask("{Get{Class3{p0 p1 p2}}}")
        took.append(time.process_time() - started)
    assert min(took) < 0.06


# --- Explore ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def explorer() -> World:
    return make_world(vectorizers=1, collections=(AGG, NOTE))


def test_explore_shows_beacons(explorer: World) -> None:
    explorer.searcher.explored = [Explored("Agg", id_of(1), 0.25, 0.875)]
    answer = explorer.ask(
        "{Explore(nearVector:{vector:[1,0.5]} limit:4 offset:1){beacon className distance certainty}}"
    )
    shown = {
        "beacon": f"weaviate://localhost/Agg/{id_of(1)}",
        "certainty": 0.875,
        "className": "Agg",
        "distance": 0.25,
    }
    assert answer == {"data": {"Explore": [shown]}}
    near, limit, offset = explorer.searcher.asked[-1]
    assert isinstance(near, NearVector)
    assert (near.vectors[0].tolist(), limit, offset) == ([1.0, 0.5], 4, 1)


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (f'nearObject:{{id:"{id_of(1)}" certainty:0.7}}', NearObject(id_of(1), cut=Cut(certainty=0.7))),
        (f'nearObject:{{beacon:"weaviate://localhost/Agg/{id_of(1)}"}}', NearObject(id_of(1), collection="Agg")),
        ('nearText:{concepts:"x" distance:0.5}', NearText(("x",), cut=Cut(0.5))),
    ],
    ids=["object", "beacon", "text"],
)
def test_explore_searches_near_objects_and_texts(explorer: World, arguments: str, near: Any) -> None:
    explorer.ask(f"{{Explore({arguments}){{beacon}}}}")
    assert explorer.searcher.asked[-1] == (near, 20, 0)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("", "exactly one"),
        ('(limit:-1 nearText:{concepts:["x"]})', "must not be negative"),
        ('(nearText:{concepts:["x"] distance:1 certainty:1})', "cannot provide distance and certainty"),
    ],
)
def test_explore_refuses_what_it_cannot_do(explorer: World, arguments: str, text: str) -> None:
    answer = explorer.ask(f"{{Explore{arguments}{{beacon}}}}")
    assert answer["data"] == {"Explore": None}
    assert text in answer["errors"][0]["message"]


def test_what_the_searcher_refuses_is_told(explorer: World) -> None:
    explorer.searcher.failure = InvalidQuery("vector search across classes not possible")
    answer = explorer.ask("{Explore(nearVector:{vector:[1]}){beacon}}")
    assert answer["errors"][0]["message"] == "vector search across classes not possible"
    assert answer["errors"][0]["path"] == ["Explore"]
