"""The REST door in front of a real database: what the golden cases do not ask, or ask one by one."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from weavelet.api.rest.app import create
from weavelet.app import App, open_app
from weavelet.settings import Settings

ID = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"
KEYS = {
    "AUTHENTICATION_APIKEY_ENABLED": "true",
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "admin-key,reader-key,nobody-key",
    "AUTHENTICATION_APIKEY_USERS": "admin,reader,nobody",
    "AUTHORIZATION_ADMINLIST_ENABLED": "true",
    "AUTHORIZATION_ADMINLIST_USERS": "admin",
    "AUTHORIZATION_ADMINLIST_READONLY_USERS": "reader",
}


def _app(folder: Path, **variables: str) -> App:
    plain = {"WEAVELET_EMBEDDED_INFERENCE": "false", "AUTOSCHEMA_ENABLED": "false", "LOG_LEVEL": "debug"}
    return open_app(Settings.model_validate({"PERSISTENCE_DATA_PATH": folder, **plain, **variables}))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = _app(tmp_path / "data", BACKUP_FILESYSTEM_PATH=str(tmp_path / "backups"))
    yield opened
    opened.close()


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with TestClient(create(app), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[TestClient]:
    opened = _app(tmp_path / "guarded", **KEYS)
    with TestClient(create(opened)) as client:
        yield client
    opened.close()


@pytest.fixture
def dish(client: TestClient) -> TestClient:
    """With a collection that refers to itself, and one object."""
    properties = [{"name": "title", "dataType": ["text"]}, {"name": "next", "dataType": ["Dish"]}]
    assert client.post("/v1/schema", json={"class": "Dish", "properties": properties}).status_code == 200
    body = {"class": "Dish", "id": ID, "properties": {"title": "soup"}, "vector": [0.1, 0.2]}
    assert client.post("/v1/objects", json=body).status_code == 200
    return client


# --- Wire ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/meta", "/v1/meta/", "/v1//meta", "//v1/meta//"])
def test_slashes_too_many_do_not_matter(client: TestClient, path: str) -> None:
    assert client.get(f"http://testserver{path}").json()["version"] == "1.39.0"


def test_answers_end_with_a_newline_and_have_sorted_keys(client: TestClient) -> None:
    body = client.get("/v1/meta").content
    assert body.startswith(b'{"grpcMaxMessageSize"')
    assert body.endswith(b"}\n")


def test_every_answer_lets_browsers_in(client: TestClient) -> None:
    for answer in (client.get("/v1/meta"), client.get("/v1/nope"), client.options("/v1/nope")):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "X-Nvidia-Api-Key" in answer.headers["access-control-allow-headers"]


def test_a_wrong_method_is_told_the_right_ones(client: TestClient) -> None:
    answer = client.patch("/v1/schema/Dish")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE,GET,PUT"
    assert answer.json() == {"code": 405, "message": "method PATCH is not allowed, but [DELETE,GET,PUT] are"}


def test_the_root_leads_to_the_links(client: TestClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (301, "/v1")
    assert len(client.get("/v1").json()["links"]) == 8


@pytest.mark.parametrize("path", ["/v1/.well-known/live", "/v1/.well-known/ready", "/v1/.well-known/ready?x=1"])
def test_health_is_an_empty_200(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_parameter_of_the_wrong_type_is_refused_by_name(client: TestClient) -> None:
    answer = client.get("/v1/objects?limit=x")
    assert (answer.status_code, answer.json()) == (
        422,
        {"code": 601, "message": 'limit in query must be of type int64: "x"'},
    )


def test_bugs_are_logged_and_told_nobody(app: App, caplog: pytest.LogCaptureFixture) -> None:
    api = create(app)

    @api.get("/v1/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    with TestClient(api) as client, caplog.at_level(logging.ERROR, "weavelet.rest"):
        answer = client.get("/v1/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["error"][0]["message"].startswith("internal error")
    assert "a secret" in caplog.text


def test_a_body_may_be_yaml_where_the_content_type_says_so(client: TestClient) -> None:
    headers = {"content-type": "application/yaml; charset=utf-8"}
    answer = client.post("/v1/schema", content=b"class: Dish\nvectorizer: none\n", headers=headers)
    assert (answer.status_code, answer.json()["class"]) == (200, "Dish")
    assert client.post("/v1/schema", content=b"a: [1", headers=headers).status_code == 400


# --- Authentication --------------------------------------------------------------------------------------------------


def _bearer(user: str) -> dict[str, str]:
    return {"authorization": f"Bearer {user}-key"}


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", "/v1/meta", (401, 200, 200, 200)),
        ("GET", "/v1/schema/Nope", (401, 403, 404, 404)),
        ("DELETE", "/v1/schema/Nope", (401, 403, 403, 200)),
        ("GET", f"/v1/objects/Nope/{ID}", (401, 403, 404, 404)),
        ("DELETE", f"/v1/objects/Nope/{ID}", (401, 403, 403, 500)),
        ("GET", "/v1/schema", (401, 200, 200, 200)),
        ("GET", "/v1/users/own-info", (401, 200, 200, 200)),
        ("GET", "/v1/.well-known/ready", (200, 200, 200, 200)),
        ("GET", "/v1/.well-known/openid-configuration", (404, 404, 404, 404)),
        ("GET", "/v1/nope", (404, 404, 404, 404)),
    ],
)
def test_callers_get_as_far_as_they_may(
    guarded: TestClient, method: str, path: str, statuses: tuple[int, int, int, int]
) -> None:
    callers: list[dict[str, str]] = [{}, _bearer("nobody"), _bearer("reader"), _bearer("admin")]
    assert tuple(guarded.request(method, path, headers=headers).status_code for headers in callers) == statuses


def test_a_key_may_come_in_the_query(guarded: TestClient) -> None:
    assert guarded.get("/v1/users/own-info?access_token=admin-key").json()["username"] == "admin"


# --- Objects ---------------------------------------------------------------------------------------------------------


def test_a_written_object_is_echoed_with_its_vector_but_without_weights(client: TestClient) -> None:
    client.post("/v1/schema", json={"class": "Dish"})
    answer = client.post("/v1/objects", json={"class": "dish", "id": ID.upper(), "vector": [0.1, 0.2]})
    assert answer.json().keys() == {"class", "creationTimeUnix", "id", "lastUpdateTimeUnix", "properties", "vector"}
    assert answer.json()["vector"] == [0.1, 0.2]


def test_a_read_object_has_weights_and_shows_vectors_only_on_request(dish: TestClient) -> None:
    plain = dish.get(f"/v1/objects/Dish/{ID}").json()
    assert plain["vectorWeights"] is None
    assert "vector" not in plain
    assert dish.get(f"/v1/objects/Dish/{ID}?include=vector").json()["vector"] == [0.1, 0.2]


def test_references_are_linked_when_they_are_read(dish: TestClient) -> None:
    beacon = f"weaviate://localhost/Dish/{ID}"
    assert dish.post(f"/v1/objects/Dish/{ID}/references/next", json={"beacon": beacon}).status_code == 200
    shown = dish.get(f"/v1/objects/Dish/{ID}").json()["properties"]["next"]
    assert shown == [{"beacon": beacon, "href": f"/v1/objects/Dish/{ID}"}]


def test_what_a_list_answers_can_be_put_back(dish: TestClient) -> None:
    (found,) = dish.get("/v1/objects?class=Dish&include=vector").json()["objects"]
    assert dish.put(f"/v1/objects/Dish/{ID}", json=found).status_code == 200


def test_a_cursor_walks_a_whole_collection(dish: TestClient) -> None:
    batch = [{"class": "Dish", "id": f"00000000-0000-4000-8000-{number:012}"} for number in range(2, 26)]
    assert dish.post("/v1/batch/objects", json={"objects": batch}).status_code == 200
    seen: list[str] = []
    after = ""
    while page := dish.get(f"/v1/objects?class=Dish&limit=10&after={after}").json()["objects"]:
        seen += [found["id"] for found in page]
        after = seen[-1]
    assert seen == sorted({ID, *(entry["id"] for entry in batch)})


def test_a_batch_answers_each_object_on_its_own(dish: TestClient) -> None:
    sent: list[Any] = [
        {"class": "Dish", "properties": {"title": "stew"}},
        {"class": "Dish", "id": OTHER, "properties": {"title": 5}},
        {"class": "Nope"},
        {"class": "Dish", "properties": [1]},
        None,
    ]
    answers = dish.post("/v1/batch/objects", json={"objects": sent}).json()
    assert [answer["result"]["status"] for answer in answers] == ["SUCCESS", *["FAILED"] * 4]
    assert answers[1]["id"] == OTHER
    assert answers[1]["properties"] == {"title": 5}
    assert [answer["result"]["errors"]["error"][0]["message"] for answer in answers[1:]] == [
        "invalid text property 'title' on class 'Dish': not a string, but json.Number",
        "class 'Nope' not present in schema",
        "could not recognize object's properties: [1]",
        "object has an empty class",
    ]


def test_deleting_by_filter_counts_all_and_shows_what_was_asked_for(dish: TestClient) -> None:
    where = {"path": ["title"], "operator": "ContainsAny", "valueTextArray": ["soup", "stew"]}
    body = {"match": {"class": "dish", "where": where}, "dryRun": True, "output": "verbose"}
    answer = dish.request("DELETE", "/v1/batch/objects", json=body).json()
    assert answer["match"] == {"class": "Dish", "where": {**where, "operands": None}}
    assert answer["results"] == {
        "failed": 0,
        "limit": 10_000,
        "matches": 1,
        "objects": [{"id": ID, "status": "DRYRUN"}],
        "successful": 0,
    }


# --- Definitions and shards ------------------------------------------------------------------------------------------


def test_refused_definitions_carry_an_empty_list_of_what_is_allowed(client: TestClient) -> None:
    answer = client.post("/v1/schema", json={"class": "x-y"})
    assert (answer.status_code, answer.json()["allowed"]) == (422, None)


def test_a_definition_can_be_put_back_as_it_was_read(dish: TestClient) -> None:
    document = dish.get("/v1/schema/Dish").json()
    answer = dish.put("/v1/schema/Dish", json=document)
    assert (answer.status_code, answer.json()) == (200, document)


def test_a_shard_can_be_closed_for_writes_and_opened_again(dish: TestClient) -> None:
    (shard,) = dish.get("/v1/schema/Dish/shards").json()
    path = f"/v1/schema/Dish/shards/{shard['name']}"
    body = {"class": "Dish", "id": OTHER}
    assert dish.put(path, json={"status": "READONLY"}).json() == {"status": "READONLY"}
    assert dish.get("/v1/schema/Dish/shards").json()[0]["status"] == "READONLY"
    refused = dish.post("/v1/objects", json=body)
    assert refused.status_code >= 400
    assert "read-only" in refused.text
    dish.put(path, json={"status": "READY"})
    assert dish.post("/v1/objects", json=body).status_code == 200


def test_nodes_count_the_objects_of_every_shard(dish: TestClient) -> None:
    (node,) = dish.get("/v1/nodes?output=verbose").json()["nodes"]
    assert node["stats"] == {"objectCount": 1, "shardCount": 1}
    assert node["shards"][0]["class"] == "Dish"


# --- The document ----------------------------------------------------------------------------------------------------


def test_the_api_describes_the_routes_it_has(client: TestClient) -> None:
    paths = client.get("/v1/openapi.json").json()["paths"]
    assert {"get", "head", "put", "patch", "delete"} == paths["/v1/objects/{collection}/{id}"].keys()
    listing = {parameter["name"] for parameter in paths["/v1/objects"]["get"]["parameters"]}
    assert {"class", "limit", "offset", "after", "include", "sort", "order", "tenant"} <= listing


def test_every_operation_has_a_name_of_its_own(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
