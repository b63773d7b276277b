"""/v1/openapi.json says what the door does, no more and no less."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from weavelet.api.rest.app import create
from weavelet.app import open_app
from weavelet.settings import Settings

METHODS = ("get", "post", "put", "patch", "delete")
PLACES = {
    "collection": "Dish",
    "id": "00000000-0000-4000-8000-000000000001",
    "property": "title",
    "backend": "filesystem",
    "index": "searchable",
}
"""What is put into the paths; the name itself where nothing is said."""

Described = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("document")
    environment = {
        "PERSISTENCE_DATA_PATH": folder / "data",
        "BACKUP_FILESYSTEM_PATH": folder / "backups",
        "EXPORT_ENABLED": "true",
        "WEAVELET_EMBEDDED_INFERENCE": "false",
    }
    app = open_app(Settings.model_validate(environment))
    with TestClient(create(app), follow_redirects=False) as opened:
        yield opened
    app.close()


@pytest.fixture(scope="module")
def described(client: TestClient) -> Described:
    """By path and method."""
    paths = client.get("/v1/openapi.json").json()["paths"]
    return {(path, method): operation for path, methods in paths.items() for method, operation in methods.items()}


@pytest.fixture(autouse=True)
def dish(client: TestClient) -> None:
    """The collection that the paths name; calls may have dropped it."""
    body = {"class": "Dish", "properties": [{"name": "title", "dataType": ["text"]}]}
    assert client.post("/v1/schema", json=body).status_code in (200, 422)


def filled(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: PLACES.get(found[1], found[1]), path)


def _pattern(path: str) -> str:
    """One path may be another's too: `/v1/objects/validate` is an `/v1/objects/{id}`."""
    return re.sub(r"{\w+}", "[^/]+", path)


def test_every_described_operation_is_answered(client: TestClient, described: Described) -> None:
    for path, method in described:
        answer = client.request(method, filled(path), headers={"content-type": "application/json"}, content=b"{}")
        assert answer.status_code not in (405, 503), (method, path, answer.text)
        assert "internal error" not in answer.text, (method, path)
        assert not answer.text.startswith('{"code":404,"message":"path'), (method, path)


def test_whatever_is_not_described_is_refused(client: TestClient, described: Described) -> None:
    for path in sorted({path for path, _ in described}):
        known = {method.upper() for at, method in described if re.fullmatch(_pattern(at), filled(path))}
        for method in {*METHODS} - {method.lower() for method in known}:
            answer = client.request(method, filled(path))
            assert answer.status_code == 405, (method, path)
            assert known == set(answer.headers["allow"].split(",")), (method, path)


def test_numbers_among_the_parameters_are_numbers(client: TestClient, described: Described) -> None:
    seen = 0
    for (path, method), operation in described.items():
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            types = {schema.get("type"), *(each["type"] for each in schema.get("anyOf", ()))}
            if types & {"integer", "boolean"}:
                answer = client.request(method, f"{filled(path)}?{parameter['name']}=x")
                assert answer.json()["message"].startswith(f"{parameter['name']} in query must be of type"), path
                seen += 1
    assert seen


def test_the_operations_that_read_a_body_are_those_described_with_one(client: TestClient, described: Described) -> None:
    headers = {"content-type": "application/json"}
    for (path, method), operation in described.items():
        answer = client.request(method, filled(path), headers=headers, content=b"{bad")
        reads = answer.status_code == 400 and "parsing" in answer.text
        assert reads == ("requestBody" in operation), (method, path, answer.text)


def test_every_operation_can_be_refused_or_fail(described: Described) -> None:
    for operation in described.values():
        assert {"4XX", "5XX"} <= operation["responses"].keys()
