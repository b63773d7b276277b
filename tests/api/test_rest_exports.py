"""Exports through the REST door, read back by another library."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from starlette.testclient import TestClient

from weavelet.api.rest.app import create
from weavelet.app import open_app
from weavelet.settings import Settings

WAIT_SECONDS = 20.0
PATH = "/v1/export/filesystem"
COUNT = 1100


def _client(folder: Path, **variables: str) -> Iterator[TestClient]:
    environment = {
        "EXPORT_ENABLED": "true",
        "EXPORT_DEFAULT_PATH": folder / "exports",
        "PERSISTENCE_DATA_PATH": folder / "data",
        "WEAVELET_EMBEDDED_INFERENCE": "false",
        **variables,
    }
    app = open_app(Settings.model_validate(environment))
    with TestClient(create(app)) as opened:
        yield opened
    app.close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    yield from _client(tmp_path)


@pytest.fixture
def filled(client: TestClient) -> TestClient:
    many = {"vectorizer": {"none": {}}, "vectorIndexConfig": {"multivector": {"enabled": True}}}
    named = {"one": {"vectorizer": {"none": {}}}, "many": {**many, "vectorIndexType": "hnsw"}}
    for document in (
        {"class": "Plain", "vectorizer": "none"},
        {"class": "Named", "vectorConfig": named},
        {"class": "Shared", "multiTenancyConfig": {"enabled": True}},
    ):
        assert client.post("/v1/schema", json=document).status_code == 200
    tenants = [{"name": "open"}, {"name": "closed", "activityStatus": "INACTIVE"}]
    client.post("/v1/schema/Shared/tenants", json=tenants)
    objects: list[dict[str, Any]] = [
        {"class": "Plain", "id": _id(number), "properties": {"n": number}, "vector": [number, 0.5]}
        for number in range(COUNT)
    ]
    objects += [
        {"class": "Named", "id": _id(0), "vectors": {"one": [1, 2], "many": [[1, 2], [3, 4]]}},
        {"class": "Named", "id": _id(1)},
        {"class": "Shared", "id": _id(0), "tenant": "open"},
    ]
    answers = client.post("/v1/batch/objects", json={"objects": objects}).json()
    assert {answer["result"]["status"] for answer in answers} == {"SUCCESS"}
    return client


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _exported(client: TestClient, **body: Any) -> dict[str, Any]:
    started = client.post(PATH, json={"id": "e1", "file_format": "parquet", **body})
    assert started.status_code == 200, started.text
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        state: dict[str, Any] = client.get(f"{PATH}/e1").json()
        if state["status"] in ("SUCCESS", "FAILED", "CANCELED"):
            return state
        time.sleep(0.01)
    raise AssertionError(f"still {state['status']} after {WAIT_SECONDS} s")


def _rows(state: dict[str, Any], name: str) -> list[dict[str, Any]]:
    (shard,) = (shard for shard, of in state["shardStatus"][name].items() if of["status"] == "SUCCESS")
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(
        Path(state["path"]) / f"{name}_{shard}_0000.parquet"
    ).to_pylist()
    return rows


def test_every_object_is_in_its_file(filled: TestClient) -> None:
    state = _exported(filled)
    assert (state["status"], state["classes"]) == ("SUCCESS", ["Named", "Plain", "Shared"])
    rows = _rows(state, "Plain")
    assert [row["id"] for row in rows] == [_id(number) for number in range(COUNT)]
    assert json.loads(rows[7]["properties"]) == {"n": 7}
    assert np.frombuffer(rows[7]["vector"], "<f4").tolist() == [7, 0.5]
    assert abs(rows[7]["creation_time"] / 1000 - time.time()) < 3600


def test_vectors_with_names_are_json(filled: TestClient) -> None:
    first, second = _rows(_exported(filled, include=["named"]), "Named")
    assert json.loads(first["named_vectors"]) == {"one": [1, 2]}
    assert json.loads(first["multi_vectors"]) == {"many": [[1, 2], [3, 4]]}
    assert (first["vector"], second["named_vectors"], second["properties"]) == (None, None, None)


def test_tenants_are_files_and_inactive_ones_are_passed_over(filled: TestClient) -> None:
    state = _exported(filled, exclude=["Plain", "Named"])
    assert state["shardStatus"]["Shared"]["open"] == {"objectsExported": 1, "status": "SUCCESS"}
    assert state["shardStatus"]["Shared"]["closed"]["status"] == "SKIPPED"
    assert [row["id"] for row in _rows(state, "Shared")] == [_id(0)]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"file_format": "parquet"}, 422, "id in body is required"),
        ({"id": "e", "file_format": "csv"}, 422, "file_format in body should be one of [parquet]"),
        ({"id": "Ä", "file_format": "parquet"}, 422, "invalid export id"),
        ({"id": "e", "file_format": "parquet", "include": ["Nope"]}, 422, "class Nope doesn't exist"),
        ({"id": "e", "file_format": "parquet", "include": ["A"], "exclude": ["B"]}, 422, "cannot specify both"),
        ({"id": "e", "file_format": "parquet"}, 422, "no exportable classes"),
    ],
)
def test_exports_that_make_no_sense_are_refused(client: TestClient, body: Any, status: int, problem: str) -> None:
    answer = client.post(PATH, json=body)
    assert answer.status_code == status
    assert problem in answer.text


def test_an_id_is_used_once_and_what_ended_cannot_be_cancelled(filled: TestClient) -> None:
    _exported(filled)
    assert filled.post(PATH, json={"id": "e1", "file_format": "parquet"}).status_code == 409
    assert filled.delete(f"{PATH}/e1").status_code == 409
    assert filled.delete(f"{PATH}/e2").status_code == 404
    assert filled.get(f"{PATH}/e2").status_code == 404
    assert filled.get("/v1/export/s3/e1").status_code == 422


def test_an_export_outlives_the_server(filled: TestClient, tmp_path: Path) -> None:
    state = _exported(filled)
    for again in _client(tmp_path, PERSISTENCE_DATA_PATH=str(tmp_path / "other")):
        assert again.get(f"{PATH}/e1").json() == state


def test_exports_are_off_unless_enabled(tmp_path: Path) -> None:
    for client in _client(tmp_path, EXPORT_ENABLED="false"):
        answer = client.post(PATH, json={"id": "e", "file_format": "parquet"})
        assert (answer.status_code, "export API is disabled" in answer.text) == (422, True)
