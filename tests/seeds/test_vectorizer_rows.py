"""Rows about text2vec-transformers: its containers, its settings, and the snippets of its page."""

import time
from pathlib import Path
from typing import Any

import pytest
import weaviate
from weaviate.classes.config import Configure
from weaviate.classes.data import DataObject

from tests.seeds.test_reranker_rows import RECORDED, define
from tests.seeds.world import FILMS, HOLIDAY, World, add_films, call, for_films, import_films, titles
from weavelet import run
from weavelet.cli.child import free_ports
from weavelet.modules.base import Call, ModuleSettings, Task
from weavelet.modules.testing import FakeContainer, transformers_container
from weavelet.modules.text2vec_transformers import Text2VecTransformers

OWN = [0.5, *[0.0] * 255]


def vectorizer(**settings: Any) -> Any:
    return [Configure.Vectors.text2vec_transformers(name="title_vector", source_properties=["title"], **settings)]


def body(text: str, task: str, pooling: str = "masked_mean") -> dict[str, Any]:
    config = {"pooling_strategy": pooling, "task_type": task}
    return {"text": text, "dims": 0, "vector": None, "error": "", "config": config}


def test_row_32_the_container_is_asked_as_weaviate_asks_it(world: World) -> None:
    collection = world.collection(vector_config=vectorizer(vectorize_collection_name=True))
    collection.data.insert({"title": "A Film", "description": "not in the text"})
    collection.query.near_text("What the container is asked", limit=1)
    collection.query.hybrid("What it is asked next", limit=1)
    assert [asked.body for asked in world.asked("/vectors")] == [
        body("Demo Collection A Film", "passage"),
        body("What the container is asked", "query"),
        body("What it is asked next", "query"),
    ]


def test_row_33_a_container_that_comes_later_is_used_as_soon_as_it_is_up() -> None:
    (port,) = free_ports(1)
    environment = {"TRANSFORMERS_INFERENCE_API": f"http://127.0.0.1:{port}"}
    module = Text2VecTransformers(ModuleSettings(environment))
    assert module.state().startswith("starting: text2vec") or module.state().startswith("starting: ")
    with FakeContainer(transformers_container).serve(port):
        deadline = time.monotonic() + 5
        while module.state() != "ready" and time.monotonic() < deadline:
            time.sleep(0.02)
        [vector] = module.vectorize(["x"], Task.PASSAGE, module.class_defaults, Call())
    module.close()
    assert len(vector) == 256


def test_row_33_one_that_never_comes_is_named_and_takes_nothing_else_down(world: World) -> None:
    collection = world.collection("NeverUp", vector_config=Configure.Vectors.text2vec_model2vec())
    reply = collection.data.insert_many([DataObject({"title": "x"}), DataObject({"title": "y"}, vector=OWN)])
    assert list(reply.errors) == [0]
    said = reply.errors[0].message
    assert "text2vec-model2vec: the inference container at http://127.0.0.1:" in said
    assert "is not ready after" in said
    posted = {"class": "NeverUp", "properties": {"title": "z"}}
    assert call(world.server.url, "POST", "/v1/objects", posted)[0] == 503
    assert titles(collection.query.near_vector(OWN, limit=1)) == ["y"]
    world.client.collections.delete("NeverUp")


def test_row_33_whoever_does_not_wait_asks_at_once(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    environment = {
        "TRANSFORMERS_INFERENCE_API": f"http://127.0.0.1:{port}",
        "TRANSFORMERS_WAIT_FOR_STARTUP": "false",
    }
    started = time.monotonic()
    module = Text2VecTransformers(ModuleSettings(environment))
    [error] = module.vectorize(["x"], Task.PASSAGE, module.class_defaults, Call())
    module.close()
    assert "could not be reached" in str(error)
    assert time.monotonic() - started < 2


def test_row_35_passages_and_queries_have_containers_of_their_own(tmp_path: Path) -> None:
    passages, queries = FakeContainer(transformers_container), FakeContainer(transformers_container)
    with passages.serve() as passage_url, queries.serve() as query_url:
        environment = {
            "TRANSFORMERS_PASSAGE_INFERENCE_API": passage_url,
            "TRANSFORMERS_QUERY_INFERENCE_API": query_url,
        }
        with (
            run(data_path=tmp_path / "data", enable_modules="text2vec-transformers", environment=environment) as server,
            weaviate.connect_to_local(port=server.http_ports[0], grpc_port=server.grpc_port) as client,
        ):
            assert client.get_meta()["modules"]["text2vec-transformers"] == {
                "passage": {"model": "fake"},
                "query": {"model": "fake"},
            }
            collection = client.collections.create("DemoCollection", vector_config=vectorizer())
            add_films(collection)
            assert titles(collection.query.near_text("carol", limit=1)) == ["A Christmas Carol"]
            assert titles(collection.query.hybrid("godfather", limit=1)) == ["The Godfather"]
    assert {asked.body["config"]["task_type"] for asked in passages.posts} == {"passage"}
    assert [asked.body for asked in queries.posts] == [body("carol", "query"), body("godfather", "query")]


def test_row_36_each_collection_may_have_containers_of_its_own(world: World) -> None:
    one, two = FakeContainer(transformers_container), FakeContainer(transformers_container)
    with one.serve() as one_url, two.serve() as two_url:
        first = world.collection("First", vector_config=vectorizer(inference_url=one_url))
        pair = {"passage_inference_url": two_url, "query_inference_url": one_url}
        second = world.collection("Second", vector_config=vectorizer(**pair))
        for collection in (first, second):
            collection.data.insert({"title": f"of {collection.name}"})
            collection.query.near_text(f"asked {collection.name}", limit=1)
    assert [(asked.body["text"], asked.body["config"]["task_type"]) for asked in one.posts] == [
        ("First of First", "passage"),
        ("asked First", "query"),
        ("asked Second", "query"),
    ]
    assert [asked.body["text"] for asked in two.posts] == ["Second of Second"]
    assert world.asked("/vectors") == []
    world.client.collections.delete(["First", "Second"])


@pytest.mark.parametrize(
    ("urls", "problem"),
    [
        (
            {"inference_url": "http://a", "passage_inference_url": "http://b", "query_inference_url": "http://c"},
            "either inferenceUrl or passageInferenceUrl together with queryInferenceUrl needs to be set, not both",
        ),
        ({"query_inference_url": "http://c"}, "queryInferenceUrl is set but passageInferenceUrl is empty"),
        ({"passage_inference_url": "http://c"}, "passageInferenceUrl is set but queryInferenceUrl is empty"),
    ],
)
def test_row_36_addresses_that_contradict_each_other_are_refused(
    world: World, urls: dict[str, str], problem: str
) -> None:
    with pytest.raises(weaviate.exceptions.UnexpectedStatusCodeError) as caught:
        world.collection("Contradicting", vector_config=vectorizer(**urls))
    assert caught.value.status_code == 422
    assert f"module 'text2vec-transformers': {problem}" in caught.value.message


def test_row_37_the_pooling_is_kept_sent_and_checked(world: World) -> None:
    collection = world.collection("Pooled", vector_config=vectorizer(pooling_strategy="cls"))
    collection.data.insert({"title": "x"})
    assert world.asked("/vectors")[0].body == body("Pooled x", "passage", "cls")
    plain = world.collection("Pooled", vector_config=[Configure.Vectors.text2vec_transformers(name="v")])
    shown = call(world.server.url, "GET", "/v1/schema/Pooled")[1]["vectorConfig"]["v"]["vectorizer"]
    assert shown["text2vec-transformers"]["poolingStrategy"] == "masked_mean"
    definition = {"class": "Bad", "vectorizer": "text2vec-transformers"}
    definition["moduleConfig"] = {"text2vec-transformers": {"poolingStrategy": "max"}}
    status, answer = call(world.server.url, "POST", "/v1/schema", definition)
    assert status == 422
    assert "poolingStrategy must be one of [masked_mean cls], got 'max'" in answer["error"][0]["message"]
    world.client.collections.delete(plain.name)


def test_row_38_the_pages_snippets_work(world: World) -> None:
    recorded = RECORDED["row 38: a vectorizer container"]
    shown = define(world, "row 38: a vectorizer container")
    assert shown["vectorConfig"]["title_vector"]["vectorizer"] == recorded["vectorConfig"]["title_vector"]["vectorizer"]
    collection = world.collection(vector_config=vectorizer())
    import_films(collection)
    assert {asked.body["text"] for asked in world.asked("/vectors")} == {f"Demo Collection {title}" for title in FILMS}
    assert {prop.name for prop in collection.config.get().properties} == {"title", "description"}
    assert titles(collection.query.near_text(query="christmas carol", limit=2))[0] == "A Christmas Carol"
    assert titles(collection.query.hybrid(query="christmas carol", limit=2))[0] == "A Christmas Carol"


def test_row_38_the_pages_snippets_of_the_older_client_work(world: World) -> None:
    world.client.collections.delete("DemoCollection")
    with pytest.warns(DeprecationWarning, match="vector"):
        collection = world.client.collections.create(
            "DemoCollection",
            vectorizer_config=[
                Configure.NamedVectors.text2vec_transformers(name="title_vector", source_properties=["title"])
            ],
        )
    add_films(collection)
    assert titles(collection.query.near_text(query="christmas carol", limit=1)) == ["A Christmas Carol"]


def test_row_38_the_snippet_with_every_setting_runs_unchanged(world: World) -> None:
    settings = define(world, "row 38: a vectorizer container, every setting")["vectorConfig"]["title_vector"]
    assert settings["vectorizer"]["text2vec-transformers"]["inferenceUrl"] == "<custom_transformers_url>"
    world.client.collections.delete("DemoCollection")


def test_row_39_vectors_one_has_are_not_made_again(world: World) -> None:
    collection = world.collection(vector_config=vectorizer())
    collection.data.insert({"title": "with its own"}, vector={"title_vector": OWN})
    assert world.asked("/vectors") == []
    collection.data.insert_many(
        [
            DataObject({"title": "one"}, vector={"title_vector": OWN}),
            DataObject({"title": "two"}),
            DataObject({"title": "three"}, vector={"title_vector": OWN}),
        ]
    )
    assert [asked.body["text"] for asked in world.asked("/vectors")] == ["Demo Collection two"]
    stored = collection.query.near_vector(OWN, limit=3, target_vector="title_vector")
    assert set(titles(stored)) == {"with its own", "one", "three"}


@pytest.fixture(scope="module")
def real_films(real: weaviate.WeaviateClient) -> weaviate.collections.Collection:
    collection = for_films(real, "Films")
    add_films(collection)
    return collection


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_row_40_the_nearest_films_come_first_as_many_as_asked(
    real_films: weaviate.collections.Collection, limit: int
) -> None:
    for kind in (real_films.query.near_text, real_films.query.hybrid):
        found = titles(kind(query="A holiday film", limit=limit))
        assert len(found) == limit
        assert set(found[:2]) <= HOLIDAY


def test_row_44_our_container_stands_behind_the_pages_variables(
    real: weaviate.WeaviateClient, real_films: weaviate.collections.Collection, inference_url: str
) -> None:
    """`real` is a server with `TRANSFORMERS_INFERENCE_API=http://localhost:PORT` and nothing else said of it."""
    status, answer = call(inference_url, "POST", "/vectors", body("Films " + "A Christmas Carol", "passage"))
    assert (status, answer["dim"]) == (200, len(answer["vector"]))
    assert (
        real.get_meta()["modules"]["text2vec-transformers"]["model"] == call(inference_url, "GET", "/meta")[1]["model"]
    )
    stored = real_films.query.fetch_objects(limit=1, include_vector=True).objects[0]
    assert len(stored.vector["film"]) == answer["dim"]
