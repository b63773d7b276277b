"""Rows about the server and its modules: what runs, what it says of itself, and who may ask."""

import logging
from pathlib import Path

import pytest
import weaviate
from weaviate.classes.config import Configure, Reconfigure
from weaviate.classes.generate import GenerativeConfig, GenerativeParameters
from weaviate.classes.init import Auth
from weaviate.classes.query import Filter, Rerank

from tests.seeds.world import API_KEY, FILMS, HOLIDAY, World, add_films, call, titles
from weavelet import run
from weavelet.app import open_app
from weavelet.settings import Settings


def test_row_02_the_metadata_describes_every_module_that_runs(world: World) -> None:
    status, meta = call(world.server.url, "GET", "/v1/meta")
    modules = meta["modules"]
    assert status == 200
    assert modules["reranker-transformers"] == {"model": "fake"}
    assert modules["text2vec-transformers"] == {"model": "fake"}
    assert modules["reranker-nvidia"] == {
        "name": "Reranker - NVIDIA",
        "documentationHref": "https://docs.api.nvidia.com/nim/reference/retrieval-apis",
    }
    assert "could not be reached" in modules["text2vec-model2vec"]["error"]
    assert world.client.get_meta()["modules"] == modules


def test_row_03_modules_are_named_in_a_list_and_services_are_on_without(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    modules = world.client.get_meta()["modules"]
    named = {"text2vec-transformers", "reranker-transformers", "reranker-generic", "generative-dummy"}
    assert named <= set(modules)
    assert {"reranker-nvidia", "reranker-cohere", "text2vec-nvidia"} <= set(modules)
    settings = {
        "PERSISTENCE_DATA_PATH": tmp_path / "data",
        "ENABLE_MODULES": "reranker-dummy , reranker-transformerz,no-module",
        "API_BASED_MODULES_DISABLED": "true",
    }
    with caplog.at_level(logging.WARNING):
        app = open_app(Settings.model_validate(settings))
    assert app.registry.names == ("reranker-dummy",)
    app.close()
    assert "'reranker-transformerz', it is left out; did you mean reranker-transformers?" in caplog.text
    assert "'no-module', it is left out" in caplog.text


def test_row_07_nothing_needs_credentials(world: World) -> None:
    """Define, import, search and rerank by hand, without a key, a header or a client."""
    url, name = world.server.url, "WithoutKeys"
    definition = {
        "class": name,
        "vectorizer": "text2vec-transformers",
        "moduleConfig": {"reranker-transformers": {}},
        "properties": [{"name": "title", "dataType": ["text"]}],
    }
    assert call(url, "POST", "/v1/schema", definition)[0] == 200
    objects = [{"class": name, "properties": {"title": title}} for title in FILMS]
    assert call(url, "POST", "/v1/batch/objects", {"objects": objects})[0] == 200
    found = world.graphql(
        f'{{Get{{{name}(nearText:{{concepts:["christmas"]}} limit:2)'
        '{title _additional{rerank(property:"title" query:"a carol"){score}}}}}'
    )
    assert found["Get"][name][0]["title"] == "A Christmas Carol"
    assert all("authorization" not in asked.headers for asked in world.container.asked)
    assert call(url, "DELETE", f"/v1/schema/{name}")[0] == 200


def test_row_08_a_client_connects_with_a_key_and_headers_or_without(world: World) -> None:
    ports = {"port": world.server.http_ports[0], "grpc_port": world.server.grpc_port}
    plain = weaviate.connect_to_local(**ports)
    assert plain.is_ready()
    plain.close()
    client = weaviate.connect_to_local(
        **ports, auth_credentials=Auth.api_key(API_KEY), headers={"X-Cohere-Api-Key": "of the service"}
    )
    assert client.is_ready()
    assert client.users.get_my_user().user_id == "somebody"
    client.close()
    with pytest.raises(weaviate.exceptions.WeaviateBaseError):
        weaviate.connect_to_local(**ports, auth_credentials=Auth.api_key("not a key"))


def test_row_25_the_other_modules_of_nvidia_are_there_and_say_when_they_are_not(world: World, tmp_path: Path) -> None:
    meta = world.client.get_meta()["modules"]
    assert {"text2vec-nvidia", "multi2vec-nvidia", "generative-nvidia"} <= set(meta)
    collection = world.collection(
        "OfNvidia",
        vector_config=Configure.Vectors.text2vec_nvidia(base_url=world.container_url, source_properties=["title"]),
        generative_config=Configure.Generative.nvidia(base_url=world.container_url),
    )
    add_films(collection)
    reply = collection.generate.near_text("christmas carol", limit=1, single_prompt="Describe {title}")
    assert reply.objects[0].generative is not None
    assert reply.objects[0].generative.text == "An answer to: Describe A Christmas Carol"
    assert {asked.body["input_type"] for asked in world.asked("/v1/embeddings")} == {"passage", "query"}
    [row] = world.graphql(
        '{Get{OfNvidia(nearText:{concepts:["carol"]} limit:1){_additional{generate(singleResult:{prompt:"Describe '
        '{title}" nvidia:{model:"any/model" maxTokens:9}}){singleResult nvidia{usage{total_tokens}}}}}}}'
    )["Get"]["OfNvidia"]
    assert row["_additional"]["generate"] == {
        "nvidia": {"usage": {"total_tokens": 11}},
        "singleResult": "An answer to: Describe A Christmas Carol",
    }
    sent = world.asked("/v1/chat/completions")[-1].body
    assert (sent["model"], sent["max_tokens"]) == ("any/model", 9)
    ports = {"port": world.server.http_ports[0], "grpc_port": world.server.grpc_port}
    with weaviate.connect_to_local(**ports) as client:
        told = client.collections.use("OfNvidia").generate.fetch_objects(
            limit=1,
            single_prompt=GenerativeParameters.single_prompt(prompt="Describe {title}", metadata=True),
            generative_provider=GenerativeConfig.nvidia(base_url=world.container_url, model="another"),
        )
    assert told.objects[0].generative.metadata.usage.total_tokens > 3
    assert world.asked("/v1/chat/completions")[-1].body["model"] == "another"
    world.client.collections.delete("OfNvidia")
    without = run(data_path=tmp_path / "data", enable_modules="reranker-dummy", api_based_modules_disabled=True)
    with without as server:
        status, answer = call(server.url, "POST", "/v1/schema", {"class": "C", "vectorizer": "text2vec-nvidia"})
    assert status == 422
    assert answer["error"][0]["message"].endswith('vectorizer: no module with name "text2vec-nvidia" present')


def test_row_48_one_collection_is_managed_searched_and_written_about(world: World) -> None:
    collection = world.collection(
        "Managed",
        vector_config=Configure.Vectors.text2vec_transformers(source_properties=["title", "description"]),
        reranker_config=Configure.Reranker.transformers(),
        generative_config=Configure.Generative.custom("generative-dummy"),
    )
    add_films(collection)
    carol = collection.query.fetch_objects(filters=Filter.by_property("title").like("*Carol*"), limit=1).objects[0]
    collection.data.update(carol.uuid, {"description": "Ghosts at Christmas, and a miser."})
    updated = collection.query.fetch_object_by_id(carol.uuid)
    assert updated.properties["description"].startswith("Ghosts")
    assert titles(collection.query.bm25("ghosts")) == ["A Christmas Carol"]
    assert titles(collection.query.near_text("ghosts christmas miser", limit=1)) == ["A Christmas Carol"]
    written = collection.generate.hybrid(
        "christmas",
        limit=2,
        rerank=Rerank(prop="title", query="a carol"),
        single_prompt="Say more of {title}",
        grouped_task="Compare them",
    )
    assert set(titles(written)) == HOLIDAY
    assert titles(written)[0] == "A Christmas Carol"
    first = written.objects[0].generative
    assert first is not None
    assert "Say more of A Christmas Carol" in first.text
    assert written.generative is not None
    assert "Compare them" in written.generative.text
    collection.data.delete_by_id(carol.uuid)
    assert len(collection) == len(FILMS) - 1
    collection.config.update(generative_config=Reconfigure.Generative.openai())
    assert collection.config.get().generative_config.generative.value == "generative-openai"
    world.client.collections.delete("Managed")
