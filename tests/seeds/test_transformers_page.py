"""What Weaviate's pages on text2vec-transformers and reranker-transformers show, with our own models behind it.

A server process without any container configured: the modules use the inference server inside it.
"""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import weaviate
from weaviate.classes.query import MetadataQuery, Rerank

from tests.processes import Serving, serving
from tests.seeds.world import HOLIDAY, for_films, import_films, titles


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    data = tmp_path_factory.mktemp("seeds") / "data"
    with serving(data, "text2vec-transformers, reranker-transformers") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Serving) -> Iterator[weaviate.WeaviateClient]:
    with weaviate.connect_to_local(port=server.port, grpc_port=server.grpc_port) as connected:
        yield connected


@pytest.fixture(scope="module")
def films(client: weaviate.WeaviateClient) -> weaviate.collections.Collection:
    collection = for_films(client)
    import_films(collection)
    return collection


def test_near_text_knows_what_a_holiday_film_is(films: weaviate.collections.Collection) -> None:
    assert set(titles(films.query.near_text(query="A holiday film", limit=2))) == HOLIDAY


def test_hybrid_knows_too(films: weaviate.collections.Collection) -> None:
    assert set(titles(films.query.hybrid(query="A holiday film", limit=2))) == HOLIDAY


def test_a_reranker_with_another_query_reorders_the_page(films: weaviate.collections.Collection) -> None:
    reply = films.query.near_text(
        query="A holiday film", limit=2, rerank=Rerank(prop="title", query="A melodic holiday film")
    )
    scores = [found.metadata.rerank_score for found in reply.objects]
    assert set(titles(reply)) == HOLIDAY
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("kind", ["near_text", "bm25", "hybrid"])
def test_every_kind_of_search_can_be_reranked(films: weaviate.collections.Collection, kind: str) -> None:
    search = getattr(films.query, kind)
    reply = search(
        query="christmas",
        limit=3,
        rerank=Rerank(prop="description", query="a visit by ghosts"),
        return_metadata=MetadataQuery(score=True),
    )
    assert titles(reply)[0] == "A Christmas Carol"


def test_the_property_that_nobody_declared_is_there(films: weaviate.collections.Collection) -> None:
    declared = {prop.name: prop.data_type.value for prop in films.config.get().properties}
    assert declared == {"title": "text", "description": "text"}


def test_the_graphql_of_the_rerank_page(server: Serving, films: object) -> None:
    query = """
    {
      Get {
        DemoCollection(nearText: {concepts: "holiday"}, limit: 3) {
          title
          _additional {
            distance
            rerank(property: "description", query: "ghosts") { score }
          }
        }
      }
    }
    """
    rows = post(server, "/v1/graphql", {"query": query})["data"]["Get"]["DemoCollection"]
    scores = [row["_additional"]["rerank"][0]["score"] for row in rows]
    assert rows[0]["title"] == "A Christmas Carol"
    assert scores == sorted(scores, reverse=True)
    assert all(isinstance(row["_additional"]["distance"], float) for row in rows)


def test_the_metadata_names_the_modules_and_their_models(server: Serving) -> None:
    with urllib.request.urlopen(f"{server.url}/v1/meta") as reply:
        modules = json.load(reply)["modules"]
    assert "model" in modules["text2vec-transformers"]
    assert "model" in modules["reranker-transformers"]
    assert modules["reranker-nvidia"]["name"] == "Reranker - NVIDIA"


def post(server: Serving, path: str, body: object) -> Any:
    request = urllib.request.Request(
        f"{server.url}{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)
