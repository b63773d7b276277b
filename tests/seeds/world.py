"""What the rows share: five films, and a server in front of stand-ins that remember what they were asked."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import weaviate
from weaviate.classes.config import Configure

from weavelet.modules.testing import Asked, FakeContainer
from weavelet.server import Server

FILMS = {
    "The Shawshank Redemption": "A wrongfully imprisoned man forms a lasting friendship while hoping to get out.",
    "The Godfather": "A mafia family fights for power and survival in a world of crime.",
    "The Dark Knight": "A masked hero has to stop a criminal who spreads chaos in his city.",
    "Jingle All the Way": "A father goes to great lengths to find the sold-out toy his son wants for Christmas.",
    "A Christmas Carol": "A miser is visited by three ghosts on Christmas Eve and learns to be generous.",
}
HOLIDAY = {"Jingle All the Way", "A Christmas Carol"}
API_KEY, NVIDIA_KEY = "a key of this server", "the key in the variable"


@dataclass(frozen=True, slots=True)
class World:
    """A server, a client of it, and the container that all its modules were pointed at."""

    server: Server
    client: weaviate.WeaviateClient
    container: FakeContainer
    container_url: str

    def asked(self, path: str) -> list[Asked]:
        """The requests the container was sent at this path."""
        return [asked for asked in self.container.posts if asked.path == path]

    def collection(self, name: str = "DemoCollection", **settings: Any) -> weaviate.collections.Collection:
        """A new collection in the place of whatever had the name."""
        self.client.collections.delete(name)
        return self.client.collections.create(name, **settings)

    def graphql(self, query: str) -> Any:
        """The data of a GraphQL answer without errors."""
        status, answer = call(self.server.url, "POST", "/v1/graphql", {"query": query})
        assert status == 200
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


def call(
    url: str, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """One request by hand: the status, and the answer's JSON."""
    content = None if body is None else json.dumps(body).encode()
    sent = {"content-type": "application/json", **(headers or {})}
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, content, sent, method=method)) as reply:
            return reply.status, json.loads(reply.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def for_films(client: weaviate.WeaviateClient, name: str = "DemoCollection") -> weaviate.collections.Collection:
    """An empty collection with a vectorizer of titles and descriptions and a reranker, in the place of another."""
    client.collections.delete(name)
    return client.collections.create(
        name,
        vector_config=[
            Configure.Vectors.text2vec_transformers(name="film", source_properties=["title", "description"])
        ],
        reranker_config=Configure.Reranker.transformers(),
    )


def add_films(collection: weaviate.collections.Collection) -> None:
    """The five films in one request."""
    films = [{"title": title, "description": description} for title, description in FILMS.items()]
    assert not collection.data.insert_many(films).has_errors


def import_films(collection: weaviate.collections.Collection) -> None:
    """The five films in a batch, as the pages import theirs."""
    with collection.batch.fixed_size(200) as batch:
        for title, description in FILMS.items():
            batch.add_object(properties={"title": title, "description": description})
            assert batch.number_errors == 0
    assert not collection.batch.failed_objects


def titles(reply: Any) -> list[str]:
    return [found.properties["title"] for found in reply.objects]


def scores(reply: Any) -> list[float]:
    return [found.metadata.rerank_score for found in reply.objects]
