"""Rows about rerankers: the containers and services, what they are asked, and what becomes of their scores."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import weaviate
from weaviate.classes.config import Configure, Reconfigure
from weaviate.classes.query import Filter, GroupBy, MetadataQuery, Rerank

from tests.seeds.world import FILMS, HOLIDAY, NVIDIA_KEY, World, add_films, call, scores, titles
from weavelet.modules.base import Call, ModuleSettings
from weavelet.modules.reranker_cohere import RerankerCohere
from weavelet.modules.reranker_nvidia import RerankerNvidia, ranking_urls
from weavelet.modules.testing import Asked, FakeContainer, Told, jina_container, ranking_container

RECORDED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("recorded.json").read_text())
CAROL = Rerank(prop="title", query="A melodic holiday film")


def define(world: World, recorded: str) -> dict[str, Any]:
    """Post a body that a client once sent; the definition that came of it."""
    body = RECORDED[recorded]
    world.client.collections.delete(body["class"])
    assert call(world.server.url, "POST", "/v1/schema", body)[0] == 200
    return call(world.server.url, "GET", f"/v1/schema/{body['class']}")[1]


def test_row_01_the_container_is_asked_as_weaviate_asks_it(world: World) -> None:
    collection = world.collection(reranker_config=Configure.Reranker.transformers())
    collection.data.insert_many([{"title": f"film number {number} of the holiday"} for number in range(40)])
    reply = collection.query.bm25("film", limit=40, rerank=Rerank(prop="title", query="number 7 and number 8"))
    asked = world.asked("/rerank")
    assert [set(one.body) for one in asked] == [{"query", "documents", "property"}] * 2
    assert {(one.body["query"], one.body["property"]) for one in asked} == {("number 7 and number 8", "")}
    assert sorted(len(one.body["documents"]) for one in asked) == [8, 32]
    assert {title.split()[2] for title in titles(reply)[:2]} == {"7", "8"}
    assert scores(reply)[:3] == [2.125, 2.125, 1.125]
    world.client.collections.delete(collection.name)


def test_row_01_our_own_container_serves_as_well(real: weaviate.WeaviateClient) -> None:
    real.collections.delete("Reranked")
    collection = real.collections.create("Reranked", reranker_config=Configure.Reranker.transformers())
    add_films(collection)
    rerank = Rerank(prop="description", query="ghosts teach a miser")
    reply = collection.query.bm25("christmas criminal family", limit=5, rerank=rerank)
    assert titles(reply)[0] == "A Christmas Carol"
    assert scores(reply) == sorted(scores(reply), reverse=True)
    real.collections.delete("Reranked")


def test_row_09_a_reranker_is_configured_and_shown_as_it_was(world: World) -> None:
    assert define(world, "row 9: a reranker container")["moduleConfig"] == {"reranker-transformers": {}}
    collection = world.collection(reranker_config=Configure.Reranker.transformers())
    config = collection.config.get().reranker_config
    assert config is not None
    assert config.reranker == "reranker-transformers"


def test_row_10_rerank_with_another_query_and_property(world: World, films: weaviate.collections.Collection) -> None:
    reply = films.query.near_text(
        query="ghosts and a sold-out toy at Christmas",
        limit=2,
        rerank=Rerank(prop="title", query="A melodic holiday carol"),
    )
    [asked] = world.asked("/rerank")
    assert asked.body["query"] == "A melodic holiday carol"
    assert set(asked.body["documents"]) == set(titles(reply)) == HOLIDAY
    assert titles(reply)[0] == "A Christmas Carol"
    assert scores(reply) == sorted(scores(reply), reverse=True)


def test_row_10_without_a_query_the_searchs_own_is_asked(world: World, films: weaviate.collections.Collection) -> None:
    films.query.near_text(query="A holiday film", limit=2, rerank=Rerank(prop="title"))
    films.query.bm25(query="holiday toy", limit=2, rerank=Rerank(prop="title"))
    films.query.hybrid(query="holiday ghosts", limit=2, rerank=Rerank(prop="title"))
    assert [asked.body["query"] for asked in world.asked("/rerank")] == [
        "A holiday film",
        "holiday toy",
        "holiday ghosts",
    ]


@pytest.mark.parametrize("kind", ["near_text", "bm25", "hybrid", "near_vector", "near_object", "offset"])
def test_row_11_any_search_can_be_reranked(films: weaviate.collections.Collection, kind: str) -> None:
    stored = films.query.fetch_objects(limit=1, include_vector=True).objects[0]
    words = "a christmas man hero family"
    search: Any = {
        "near_text": lambda **how: films.query.near_text(words, **how),
        "bm25": lambda **how: films.query.bm25(words, **how),
        "hybrid": lambda **how: films.query.hybrid(words, **how),
        "near_vector": lambda **how: films.query.near_vector(stored.vector["film"], **how),
        "near_object": lambda **how: films.query.near_object(stored.uuid, **how),
        "offset": lambda **how: films.query.near_text(words, offset=1, **how),
    }[kind]
    reply = search(limit=4, rerank=Rerank(prop="description", query="ghosts a criminal and a toy"))
    assert len(scores(reply)) >= 2
    assert None not in scores(reply)
    assert scores(reply) == sorted(scores(reply), reverse=True)


def test_row_11_listings_and_groups_too(world: World, films: weaviate.collections.Collection) -> None:
    rows = world.graphql(
        '{Get{DemoCollection(limit:3){title _additional{rerank(property:"title" query:"godfather"){score}}}}}'
    )["Get"]["DemoCollection"]
    listed = [row["_additional"]["rerank"][0]["score"] for row in rows]
    assert listed == sorted(listed, reverse=True)
    grouped = films.query.near_text(
        "christmas",
        limit=5,
        group_by=GroupBy(prop="title", objects_per_group=1, number_of_groups=5),
        rerank=Rerank(prop="title", query="the dark knight"),
    )
    assert next(iter(grouped.groups)) == "The Dark Knight"
    ranked = [group.rerank_score for group in grouped.groups.values()]
    assert ranked == sorted(ranked, reverse=True)


def test_row_12_first_the_search_then_one_call(world: World, films: weaviate.collections.Collection) -> None:
    films.query.near_text(query="A film for two steps", limit=2, rerank=CAROL)
    assert [asked.path for asked in world.container.posts] == ["/vectors", "/rerank"]
    world.container.asked.clear()
    nothing = films.query.bm25(query="nowhere", limit=2, rerank=CAROL)
    assert (nothing.objects, world.container.posts) == ([], [])


def test_row_16_cohere_is_the_service_that_does_the_same(world: World) -> None:
    collection = world.collection(
        "WithCohere", reranker_config=Configure.Reranker.cohere(model="own", base_url=world.container_url)
    )
    add_films(collection)
    ports = {"port": world.server.http_ports[0], "grpc_port": world.server.grpc_port}
    with weaviate.connect_to_local(**ports, headers={"X-Cohere-Api-Key": "given"}) as client:
        reply = client.collections.use("WithCohere").query.bm25(
            "christmas", rerank=Rerank(prop="title", query="a carol")
        )
    assert titles(reply)[0] == "A Christmas Carol"
    [asked] = world.asked("/v2/rerank")
    assert asked.headers["authorization"] == "Bearer given"
    assert (asked.body["model"], asked.body["query"], len(asked.body["documents"])) == ("own", "a carol", 2)
    world.client.collections.delete("WithCohere")


def test_row_16_cohere_takes_a_thousand_documents_at_once() -> None:
    container = FakeContainer(jina_container)
    module = RerankerCohere(ModuleSettings({"COHERE_APIKEY": "k"}, network=container.transport()))
    assert len(module.rerank("q", [f"document {number}" for number in range(1001)], {}, Call())) == 1001
    module.close()
    assert sorted(len(asked.body["documents"]) for asked in container.posts) == [1, 1000]


def test_row_18_graphql_has_a_field_for_it_where_there_is_a_reranker(
    world: World, films: weaviate.collections.Collection
) -> None:
    rows = world.graphql(
        """
        { Get { DemoCollection(nearText: {concepts: "christmas"}, limit: 3) {
            title
            _additional { distance rerank(property: "description" query: "ghosts") { score } }
        } } }
        """
    )["Get"]["DemoCollection"]
    assert rows[0]["title"] == "A Christmas Carol"
    assert rows[0]["_additional"]["rerank"] == [{"score": 1.125}]
    assert rows[0]["_additional"]["distance"] > 0
    world.collection("NotReranked")
    kinds = '__type(name:"%sAdditional"){fields{name args{name type{name}} type{ofType{name}}}}'
    for name, expected in (("DemoCollection", True), ("NotReranked", False)):
        fields = {field["name"]: field for field in world.graphql("{" + kinds % name + "}")["__type"]["fields"]}
        assert ("rerank" in fields) is expected
        if expected:
            arguments = {one["name"]: one["type"]["name"] for one in fields["rerank"]["args"]}
            assert (arguments["property"], arguments["query"]) == ("String", "String")
            assert fields["rerank"]["type"]["ofType"]["name"] == "DemoCollectionAdditionalReranker"
    world.client.collections.delete("NotReranked")


def test_row_19_nvidias_reranker_is_on_by_default(world: World) -> None:
    meta = world.client.get_meta()
    assert tuple(map(int, meta["version"].split(".")[:2])) >= (1, 29)
    assert meta["modules"]["reranker-nvidia"]["name"] == "Reranker - NVIDIA"


def nvidia(world: World, headers: dict[str, str]) -> list[Asked]:
    """What NVIDIA's reranker sends for two films, given the caller's headers."""
    collection = world.collection("OfNvidia", reranker_config=Configure.Reranker.nvidia())
    add_films(collection)
    world.container.asked.clear()
    ports = {"port": world.server.http_ports[0], "grpc_port": world.server.grpc_port}
    with weaviate.connect_to_local(**ports, headers={"X-Nvidia-Baseurl": world.container_url, **headers}) as client:
        reply = client.collections.use("OfNvidia").query.bm25("christmas", rerank=Rerank(prop="title", query="a carol"))
    assert titles(reply)[0] == "A Christmas Carol"
    world.client.collections.delete("OfNvidia")
    return world.container.posts


def test_row_20_the_key_is_in_the_header_or_in_the_variable(world: World) -> None:
    (stored,) = nvidia(world, {})
    (given,) = nvidia(world, {"X-NVIDIA-Api-Key": "given"})
    assert stored.headers["authorization"] == f"Bearer {NVIDIA_KEY}"
    assert given.headers["authorization"] == "Bearer given"


def test_row_20_without_a_key_both_places_are_named(real: weaviate.WeaviateClient) -> None:
    real.collections.delete("OfNvidia")
    collection = real.collections.create("OfNvidia", reranker_config=Configure.Reranker.nvidia())
    collection.data.insert({"title": "A film"})
    with pytest.raises(weaviate.exceptions.WeaviateQueryError) as caught:
        collection.query.bm25("film", rerank=Rerank(prop="title", query="film"))
    assert (
        "Nvidia API Key: no api key found neither in request header: X-Nvidia-Api-Key nor in environment variable "
        "under NVIDIA_APIKEY"
    ) in str(caught.value)
    real.collections.delete("OfNvidia")


def test_row_21_a_model_of_ones_own_and_where_it_is_asked(world: World) -> None:
    assert define(world, "row 21: NVIDIA's reranker")["moduleConfig"] == {"reranker-nvidia": {}}
    settings = define(world, "row 21: NVIDIA's reranker, another model")["moduleConfig"]["reranker-nvidia"]
    assert settings == RECORDED["row 21: NVIDIA's reranker, another model"]["moduleConfig"]["reranker-nvidia"]
    assert ranking_urls(settings["baseURL"].removesuffix("/v1"), settings["model"]) == [
        "https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking"
    ]
    container = FakeContainer(ranking_container)
    module = RerankerNvidia(ModuleSettings({"NVIDIA_APIKEY": "k"}, network=container.transport()))
    documents = [f"document {number}" for number in range(600)]
    found = module.rerank("document 7", documents, settings, Call())
    module.close()
    assert {asked.body["model"] for asked in container.posts} == {"nvidia/llama-3.2-nv-rerankqa-1b-v2"}
    assert sorted(len(asked.body["passages"]) for asked in container.posts) == [88, 512]
    assert [place for place, score in enumerate(found) if score == max(found)] == [7]


def test_row_22_the_reranker_of_a_filled_collection_can_be_exchanged(
    world: World, films: weaviate.collections.Collection
) -> None:
    films.config.update(reranker_config=Reconfigure.Reranker.nvidia())
    assert films.config.get().reranker_config.reranker == "reranker-nvidia"
    ports = {"port": world.server.http_ports[0], "grpc_port": world.server.grpc_port}
    with weaviate.connect_to_local(**ports, headers={"X-Nvidia-Baseurl": world.container_url}) as client:
        client.collections.use(films.name).query.bm25("christmas", rerank=CAROL)
    films.config.update(reranker_config=Reconfigure.Reranker.transformers())
    films.query.bm25("christmas", rerank=CAROL)
    assert [asked.path for asked in world.container.posts] == ["/v1/retrieval/nvidia/reranking", "/rerank"]
    assert len(films) == len(FILMS)
    definition = call(world.server.url, "GET", f"/v1/schema/{films.name}")[1]
    for other in ({"text2vec-transformers": {"poolingStrategy": "cls"}}, {"text2vec-model2vec": {}}):
        definition["vectorConfig"]["film"]["vectorizer"] = other
        changed = {**definition, "properties": [{**prop, "moduleConfig": {}} for prop in definition["properties"]]}
        status, answer = call(world.server.url, "PUT", f"/v1/schema/{films.name}", changed)
        assert status == 422
        assert 'vectorizer config of vector "film" is immutable for class DemoCollection' in str(answer)


def test_row_23_the_default_model_and_its_misprint(world: World, caplog: pytest.LogCaptureFixture) -> None:
    (asked,) = nvidia(world, {})
    assert asked.body["model"] == "nvidia/rerank-qa-mistral-4b"
    collection = world.collection("Misprint", reranker_config=Configure.Reranker.nvidia("nnvidia/rerank-qa-mistral-4b"))
    collection.data.insert({"title": "a film"})
    ports = {"port": world.server.http_ports[0], "grpc_port": world.server.grpc_port}
    with (
        caplog.at_level(logging.WARNING),
        weaviate.connect_to_local(**ports, headers={"X-Nvidia-Baseurl": world.container_url}) as client,
    ):
        client.collections.use("Misprint").query.bm25("film", rerank=Rerank(prop="title", query="film"))
    assert world.container.posts[-1].body["model"] == "nvidia/rerank-qa-mistral-4b"
    assert "'nnvidia/rerank-qa-mistral-4b' is taken for 'nvidia/rerank-qa-mistral-4b'" in caplog.text
    world.client.collections.delete("Misprint")


def test_row_24_any_model_in_a_container_of_ones_own(world: World) -> None:
    def nim(asked: Asked) -> Told:
        return ranking_container(asked) if asked.path == "/v1/ranking" else Told({"detail": "Not Found"}, 404)

    collection = world.collection(
        "InNim", reranker_config=Configure.Reranker.nvidia("any/model at all", base_url=f"{world.container_url}/")
    )
    add_films(collection)
    world.container.behaviour = nim
    reply = collection.query.bm25("christmas", rerank=Rerank(prop="title", query="a carol"))
    assert titles(reply)[0] == "A Christmas Carol"
    [asked] = world.asked("/v1/ranking")
    assert asked.body["model"] == "any/model at all"
    world.client.collections.delete("InNim")


@pytest.mark.parametrize(
    ("module", "settings", "path"),
    [
        ("reranker-jinaai", {}, "/v1/rerank"),
        ("reranker-generic", {"style": "jina"}, "/v1/rerank"),
        ("reranker-generic", {"style": "cohere"}, "/v2/rerank"),
    ],
)
def test_row_29_servers_of_jinas_shape_rerank_here(
    world: World, module: str, settings: dict[str, str], path: str
) -> None:
    of_module = {"baseURL": world.container_url, "model": "cross-encoder", **settings}
    collection = world.collection("LikeJina", reranker_config=Configure.Reranker.custom(module, of_module))
    add_films(collection)
    reply = collection.query.bm25("christmas", rerank=Rerank(prop="title", query="a carol"))
    assert titles(reply)[0] == "A Christmas Carol"
    assert world.asked(path)[0].body["model"] == "cross-encoder"
    world.client.collections.delete("LikeJina")


def test_row_29_the_rerankers_library_understands_our_container(inference_url: str) -> None:
    """Asked with the body that `APIRanker(api_provider="jina")` sends, and read the way it reads the answer."""
    texts = list(FILMS.values())
    body = {"model": "", "query": "ghosts", "documents": texts, "top_n": len(texts), "return_documents": True}
    status, answer = call(inference_url, "POST", "/v1/rerank", body, {"authorization": "Bearer none"})
    assert status == 200
    assert {result["index"] for result in answer["results"]} == set(range(len(texts)))
    ranked = [result["relevance_score"] for result in answer["results"]]
    assert ranked == sorted(ranked, reverse=True)
    best = answer["results"][0]
    assert texts[best["index"]] == best["document"]["text"] == FILMS["A Christmas Carol"]


def test_row_30_what_is_not_relevant_is_left_out(world: World, films: weaviate.collections.Collection) -> None:
    kept = world.graphql(
        "{Get{DemoCollection(limit:5){title _additional{rerank("
        'property:"title" query:"a christmas carol" candidates:5 minimumScore:1){score}}}}}'
    )["Get"]["DemoCollection"]
    assert {row["title"] for row in kept} == {"A Christmas Carol"}
    definition = call(world.server.url, "GET", f"/v1/schema/{films.name}")[1]
    definition["moduleConfig"]["reranker-transformers"] = {"rerankMinimumScore": 3, "rerankCandidates": 5}
    assert call(world.server.url, "PUT", f"/v1/schema/{films.name}", definition)[0] == 200
    reply = films.query.near_text("a film", limit=5, rerank=Rerank(prop="title", query="a christmas carol"))
    assert titles(reply) == ["A Christmas Carol"]


def test_row_30_scores_are_told_with_the_searchs_own(films: weaviate.collections.Collection) -> None:
    reply = films.query.bm25(
        "christmas",
        filters=Filter.by_property("title").like("*a*"),
        rerank=Rerank(prop="title", query="carol"),
        return_metadata=MetadataQuery(score=True),
    )
    assert all(found.metadata.score and found.metadata.rerank_score for found in reply.objects)
