"""The shortest inputs of those that once were answered with a bug."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from starlette.testclient import TestClient

from tests.api.grpc_world import floats, rows
from tests.hostile.world import ID, fill, opened
from weavelet.api import auth
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.caller import identify
from weavelet.api.grpc.service import Service
from weavelet.api.rest.app import create
from weavelet.app import App
from weavelet.errors import InvalidQuery

NAN, INFINITY = float("nan"), float("inf")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened(tmp_path_factory.mktemp("found")) as running:
        fill(running)
        yield running


@pytest.fixture(scope="module")
def client(app: App) -> Iterator[TestClient]:
    with TestClient(create(app)) as started:
        vectors = {"a": [1, 2], "m": [[1, 2], [3, 4]]}
        body = {"class": "Named", "id": ID, "properties": {"title": "soup"}, "vectors": vectors}
        assert started.post("/v1/objects", json=body).status_code == 200
        yield started


def call(app: App, method: str, message: Any, document: dict[str, Any]) -> bytes:
    caller = identify({}, auth.authenticator(app.settings), auth.guard(app.settings))
    reply: bytes = getattr(Service(app), method)(ParseDict(document, message).SerializeToString(), caller)
    return reply


def search(app: App, document: dict[str, Any]) -> pb.SearchReply:
    return pb.SearchReply.FromString(call(app, "search", pb.SearchRequest(), document))


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ({"near_vector": {"vector_bytes": floats(NAN, 1)}}, "not a finite number"),
        ({"near_vector": {"vector_bytes": floats(INFINITY, 1)}}, "not a finite number"),
        ({"near_vector": {"vector_bytes": floats(1, 1), "distance": "NaN"}}, "distance must be a finite number"),
        ({"near_vector": {"vector_bytes": floats(1, 1), "certainty": "NaN"}}, "certainty must be a finite number"),
        ({"hybrid_search": {"query": "x", "vector_bytes": floats(1, 1), "alpha": "NaN"}}, "alpha must be a finite"),
    ],
    ids=str,
)
def test_numbers_nothing_can_be_measured_with_are_refused(app: App, target: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidQuery, match=text):
        search(app, {"collection": "Dish", **target})


@pytest.mark.parametrize("vector", ['vector: [], targetVectors: ["a"]', 'vector: [], targetVectors: ["m"]'])
def test_an_empty_query_vector_is_equally_far_from_everything_at_any_distance(client: TestClient, vector: str) -> None:
    query = f"{{Get{{Named(nearVector: {{{vector}, distance: 0.5}}){{_additional{{id distance}}}}}}}}"
    answer = client.post("/v1/graphql", json={"query": query}).json()
    assert answer["data"]["Get"]["Named"] == [{"_additional": {"distance": 0, "id": ID}}]


def test_numbers_too_large_for_float32_are_refused_as_queries(client: TestClient) -> None:
    query = "{Get{Dish(nearVector: {vector: [1e39, 1]}){title}}}"
    answer = client.post("/v1/graphql", json={"query": query}).json()
    assert "not a finite number" in answer["errors"][0]["message"]


def test_scores_are_explained_where_a_property_is_missing_from_later_objects(app: App) -> None:
    reply = search(app, {"collection": "Dish", "bm25_search": {"query": "soup"}, "metadata": {"explain_score": True}})
    assert "propLength:2" in reply.results[0].metadata.explain_score


def test_a_reference_beside_another_value_of_its_name_is_an_error_of_that_object(app: App) -> None:
    properties = {
        "non_ref_properties": {"ref": {"x": 1}},
        "multi_target_ref_props": [{"uuids": [ID], "prop_name": "ref", "target_collection": "Dish"}],
    }
    document = {"objects": [{"uuid": ID, "collection": "Named", "properties": properties}]}
    reply = pb.BatchObjectsReply.FromString(call(app, "batch_objects", pb.BatchObjectsRequest(), document))
    assert [error.index for error in reply.errors] == [0]


def test_an_aggregation_over_no_objects_counts_none(app: App) -> None:
    hybrid = {"query": "soup", "alpha": 0}
    document = {"collection": "Dish", "object_limit": 0, "hybrid": hybrid, "objects_count": True}
    reply = pb.AggregateReply.FromString(call(app, "aggregate", pb.AggregateRequest(), document))
    assert reply.single_result.objects_count == 0


def test_a_setting_of_a_generator_that_does_not_exist_is_refused(app: App) -> None:
    single = {"prompt": "x", "queries": [{"openai": {"verbosity": 99}}]}
    with pytest.raises(InvalidQuery, match="verbosity has no value 99"):
        search(app, {"collection": "Dish", "generative": {"single": single}})


def test_null_in_a_list_of_texts_is_an_empty_text(client: TestClient) -> None:
    where = {"path": [None], "operator": "Equal", "valueText": "x"}
    answer = client.request("DELETE", "/v1/batch/objects", json={"match": {"class": "Dish", "where": where}})
    assert (answer.status_code, "no such prop with name ''" in answer.text) == (422, True)


@pytest.mark.parametrize("length", [129, 5_000])
def test_ids_too_long_for_a_folder_are_refused(client: TestClient, length: int) -> None:
    answer = client.post("/v1/backups/filesystem", json={"id": "b" * length, "include": ["Dish"]})
    assert (answer.status_code, "at most 128" in answer.text) == (422, True)
    for path in (f"/v1/backups/filesystem/{'b' * length}", f"/v1/backups/filesystem/{'b' * length}/restore"):
        assert client.get(path).status_code == 404


def test_a_multi_vector_of_rows_without_numbers_is_refused(app: App) -> None:
    target = {"vector_for_targets": [{"name": "m", "vectors": [{"vector_bytes": rows((NAN, 1.0)), "type": 2}]}]}
    with pytest.raises(InvalidQuery, match="not a finite number"):
        search(app, {"collection": "Named", "near_vector": {**target, "targets": {"target_vectors": ["m"]}}})
