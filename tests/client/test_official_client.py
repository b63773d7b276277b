"""The official Python client, unmodified, against a real server process: the calls people make first."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import weaviate
from weaviate.classes.config import Configure, DataType, Property, Reconfigure, Tokenization
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, MetadataQuery, Rerank
from weaviate.util import generate_uuid5

from tests.processes import serving
from weavelet.modules.testing import FakeContainer, scoring_container, transformers_container

TITLES = ("beetroot soup", "tomato soup", "beetroot salad", "pancakes with honey", "hot chocolate")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[weaviate.WeaviateClient]:
    data = tmp_path_factory.mktemp("client") / "data"
    embedder, reranker = FakeContainer(transformers_container), FakeContainer(scoring_container)
    with embedder.serve() as embedder_url, reranker.serve() as reranker_url:
        environment = {"TRANSFORMERS_INFERENCE_API": embedder_url, "RERANKER_INFERENCE_API": reranker_url}
        with (
            serving(data, "text2vec-transformers,reranker-transformers", environment) as server,
            weaviate.connect_to_local(port=server.port, grpc_port=server.grpc_port) as connected,
        ):
            yield connected


@pytest.fixture
def dishes(client: weaviate.WeaviateClient) -> Iterator[weaviate.collections.Collection]:
    client.collections.delete("Dish")
    collection = client.collections.create(
        "Dish",
        properties=[
            Property(name="title", data_type=DataType.TEXT),
            Property(name="kind", data_type=DataType.TEXT, tokenization=Tokenization.FIELD),
            Property(name="servings", data_type=DataType.INT),
            Property(name="tags", data_type=DataType.TEXT_ARRAY),
        ],
        vector_config=Configure.Vectors.text2vec_transformers(source_properties=["title"]),
        reranker_config=Configure.Reranker.transformers(),
    )
    reply = collection.data.insert_many(
        [
            DataObject(
                {"title": title, "kind": title.split()[-1], "servings": number, "tags": title.split()},
                uuid=generate_uuid5(title),
            )
            for number, title in enumerate(TITLES)
        ]
    )
    assert not reply.has_errors
    yield collection
    client.collections.delete("Dish")


def titles(reply: object) -> list[str]:
    return [found.properties["title"] for found in reply.objects]  # type: ignore[attr-defined]


def test_the_client_connects_and_sees_a_ready_server(client: weaviate.WeaviateClient) -> None:
    assert client.is_ready()
    assert client.is_live()
    assert client.get_meta()["version"].startswith("1.39")


def test_collections_are_created_listed_and_deleted(client: weaviate.WeaviateClient) -> None:
    client.collections.create("Passing")
    assert client.collections.exists("Passing")
    assert "Passing" in client.collections.list_all(simple=False)
    client.collections.delete("Passing")
    assert not client.collections.exists("Passing")


def test_the_older_syntax_makes_a_collection_with_one_unnamed_vector(client: weaviate.WeaviateClient) -> None:
    with pytest.warns(DeprecationWarning, match="vector"):
        client.collections.create(
            "Older",
            vectorizer_config=Configure.Vectorizer.text2vec_transformers(),
            reranker_config=Configure.Reranker.nvidia(),
        )
    config = client.collections.use("Older").config.get()
    assert config.vectorizer is not None
    assert config.reranker_config is not None
    assert config.reranker_config.reranker == "reranker-nvidia"
    client.collections.delete("Older")


def test_a_reranker_can_be_changed_on_a_filled_collection(dishes: weaviate.collections.Collection) -> None:
    dishes.config.update(reranker_config=Reconfigure.Reranker.nvidia(model="nvidia/rerank-qa-mistral-4b"))
    config = dishes.config.get().reranker_config
    assert config is not None
    assert config.reranker == "reranker-nvidia"


def test_near_text_finds_the_nearest_title_first(dishes: weaviate.collections.Collection) -> None:
    reply = dishes.query.near_text("beetroot soup", limit=2, return_metadata=MetadataQuery(distance=True))
    assert titles(reply)[0] == "beetroot soup"
    distances = [found.metadata.distance for found in reply.objects]
    assert distances == sorted(distances)


def test_bm25_finds_words_and_scores_them(dishes: weaviate.collections.Collection) -> None:
    reply = dishes.query.bm25("tomato soup", return_metadata=MetadataQuery(score=True))
    assert titles(reply)[0] == "tomato soup"
    assert all(found.metadata.score for found in reply.objects)


def test_hybrid_with_rerank_orders_by_the_reranker(dishes: weaviate.collections.Collection) -> None:
    reply = dishes.query.hybrid("soup", limit=5, rerank=Rerank(prop="title", query="beetroot salad"))
    scores = [found.metadata.rerank_score for found in reply.objects]
    assert titles(reply)[0] == "beetroot salad"
    assert scores == sorted(scores, reverse=True)


def test_near_vector_and_near_object_agree(dishes: weaviate.collections.Collection) -> None:
    source = dishes.query.fetch_object_by_id(generate_uuid5("tomato soup"), include_vector=True)
    by_vector = dishes.query.near_vector(source.vector["default"], limit=3)
    by_object = dishes.query.near_object(generate_uuid5("tomato soup"), limit=3)
    assert titles(by_vector) == titles(by_object)
    assert titles(by_vector)[0] == "tomato soup"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        pytest.param(Filter.by_property("kind").equal("soup"), {"beetroot soup", "tomato soup"}, id="equal"),
        pytest.param(Filter.by_property("servings").greater_than(2), {TITLES[3], TITLES[4]}, id="greater than"),
        pytest.param(Filter.by_property("tags").contains_any(["salad", "honey"]), {TITLES[2], TITLES[3]}, id="any"),
        pytest.param(Filter.by_property("tags").contains_all(["beetroot", "soup"]), {TITLES[0]}, id="all"),
        pytest.param(
            Filter.by_property("tags").contains_any(["beetroot"]) & Filter.by_property("servings").less_than(1),
            {TITLES[0]},
            id="and",
        ),
        pytest.param(
            Filter.by_property("kind").equal("salad") | Filter.by_property("servings").equal(4),
            {TITLES[2], TITLES[4]},
            id="or",
        ),
        pytest.param(Filter.by_property("title").like("*choc*"), {TITLES[4]}, id="like"),
    ],
)
def test_filters_narrow_a_listing(dishes: weaviate.collections.Collection, where: object, expected: set[str]) -> None:
    assert set(titles(dishes.query.fetch_objects(filters=where))) == expected  # type: ignore[arg-type]


def test_limit_and_offset_page_through_everything_once(dishes: weaviate.collections.Collection) -> None:
    pages = [titles(dishes.query.fetch_objects(limit=2, offset=offset)) for offset in range(0, 6, 2)]
    assert sorted(title for page in pages for title in page) == sorted(TITLES)


def test_only_the_properties_asked_for_come_back(dishes: weaviate.collections.Collection) -> None:
    (found,) = dishes.query.fetch_objects(limit=1, return_properties=["servings"]).objects
    assert set(found.properties) == {"servings"}


def test_an_object_is_inserted_changed_replaced_and_deleted(dishes: weaviate.collections.Collection) -> None:
    id = dishes.data.insert({"title": "onion pie", "servings": 4})
    dishes.data.update(id, {"servings": 6})
    assert dishes.query.fetch_object_by_id(id).properties["servings"] == 6
    assert dishes.query.fetch_object_by_id(id).properties["title"] == "onion pie"
    dishes.data.replace(id, {"title": "leek pie"})
    assert dishes.query.fetch_object_by_id(id).properties == {
        "title": "leek pie",
        "servings": None,
        "kind": None,
        "tags": None,
    }
    assert dishes.data.delete_by_id(id)
    assert not dishes.data.exists(id)


def test_delete_many_deletes_what_the_filter_says(dishes: weaviate.collections.Collection) -> None:
    rehearsal = dishes.data.delete_many(where=Filter.by_property("kind").equal("soup"), dry_run=True)
    assert (rehearsal.matches, len(dishes)) == (2, 5)
    deleted = dishes.data.delete_many(where=Filter.by_property("kind").equal("soup"), verbose=True)
    assert (deleted.successful, len(deleted.objects or ()), len(dishes)) == (2, 2, 3)


@pytest.mark.parametrize("kind", ["dynamic", "fixed_size", "rate_limit", "stream"])
def test_every_kind_of_batch_arrives_whole(dishes: weaviate.collections.Collection, kind: str) -> None:
    opened = {
        "dynamic": dishes.batch.dynamic,
        "fixed_size": lambda: dishes.batch.fixed_size(batch_size=40, concurrent_requests=2),
        "rate_limit": lambda: dishes.batch.rate_limit(requests_per_minute=6000),
        "stream": dishes.batch.stream,
    }[kind]()
    with opened as batch:
        for number in range(120):
            batch.add_object({"title": f"{kind} dish {number}", "servings": number}, uuid=uuid.uuid4())
    assert not dishes.batch.failed_objects
    assert len(dishes) == 5 + 120
    assert dishes.aggregate.over_all(total_count=True).total_count == 5 + 120


def test_an_object_that_does_not_fit_fails_alone(dishes: weaviate.collections.Collection) -> None:
    reply = dishes.data.insert_many([{"title": "good"}, {"title": "bad", "servings": "many"}, {"title": "fine"}])
    assert list(reply.errors) == [1]
    assert "servings" in reply.errors[1].message
    assert len(dishes) == 7


def test_the_iterator_walks_every_object_once(dishes: weaviate.collections.Collection) -> None:
    seen = [found.properties["title"] for found in dishes.iterator(cache_size=2)]
    assert sorted(seen) == sorted(TITLES)


def test_graphql_answers_the_same_search(client: weaviate.WeaviateClient, dishes: object) -> None:
    answer = client.graphql_raw_query(
        '{Get{Dish(hybrid:{query:"beetroot"} limit:2){title '
        '_additional{score rerank(property:"title" query:"soup"){score}}}}}'
    )
    assert not answer.errors
    assert answer.get["Dish"][0]["title"] == "beetroot soup"
    assert answer.get["Dish"][0]["_additional"]["rerank"][0]["score"] is not None


def test_data_is_there_after_a_restart_and_after_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number, kill in enumerate((False, True, False)):
        with (
            serving(data) as server,
            weaviate.connect_to_local(port=server.port, grpc_port=server.grpc_port) as client,
        ):
            if not number:
                client.collections.create("Kept", properties=[Property(name="t", data_type=DataType.TEXT)])
            kept = client.collections.use("Kept")
            assert len(kept) == number
            kept.data.insert({"t": f"number {number}"}, vector=[float(number), 1.0])
            assert len(kept.query.bm25("number").objects) == number + 1
            assert len(kept.query.near_vector([1.0, 1.0]).objects) == number + 1
            if kill:
                server.kill()
