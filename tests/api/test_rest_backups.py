"""Backups through the REST door: there, away, and back again."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from weavelet.api.rest.app import create
from weavelet.app import open_app
from weavelet.settings import Settings

WAIT_SECONDS = 20.0
PATH = "/v1/backups/filesystem"


@contextmanager
def _opened(folder: Path) -> Iterator[TestClient]:
    variables = {
        "AUTOSCHEMA_ENABLED": "false",
        "BACKUP_FILESYSTEM_PATH": folder / "backups",
        "ENABLE_MODULES": "backup-filesystem",
        "PERSISTENCE_DATA_PATH": folder / "data",
        "WEAVELET_EMBEDDED_INFERENCE": "false",
    }
    app = open_app(Settings.model_validate(variables))
    with TestClient(create(app)) as opened:
        yield opened
    app.close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with _opened(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More objects than a page of a backup, vectors of every kind, tenants open and closed, an alias."""
    folder = tmp_path_factory.mktemp("filled")
    with _opened(folder) as opened:
        _fill(opened)
    return folder / "data"


@pytest.fixture
def filled(data: Path, tmp_path: Path) -> Iterator[TestClient]:
    shutil.copytree(data, tmp_path / "data")
    with _opened(tmp_path) as opened:
        yield opened


def _fill(client: TestClient) -> None:
    named = {"plain": {"vectorizer": {"none": {}}, "vectorIndexType": "hnsw"}}
    multi = {"multivector": {"enabled": True}}
    named["many"] = {"vectorizer": {"none": {}}, "vectorIndexType": "hnsw", "vectorIndexConfig": multi}
    dish = {"class": "Dish", "properties": [{"name": "n", "dataType": ["int"]}], "vectorConfig": named}
    note = {"class": "Note", "multiTenancyConfig": {"enabled": True}}
    for document in (dish, note):
        assert client.post("/v1/schema", json=document).status_code == 200
    tenants = [{"name": "open"}, {"name": "OPEN"}, {"name": "closed", "activityStatus": "INACTIVE"}]
    client.post("/v1/schema/Note/tenants", json=tenants)
    client.post("/v1/aliases", json={"alias": "Meal", "class": "Dish"})
    objects: list[dict[str, Any]] = [
        {
            "class": "Dish",
            "id": f"00000000-0000-4000-8000-{number:012}",
            "properties": {"n": number},
            "vectors": {"plain": [number, 0.1], "many": [[1, number], [0.1, 2]]},
        }
        for number in range(1100)
    ]
    objects += [{"class": "Note", "id": objects[0]["id"], "tenant": "open"}]
    answers = client.post("/v1/batch/objects", json={"objects": objects}).json()
    assert {answer["result"]["status"] for answer in answers} == {"SUCCESS"}


def _finished(client: TestClient, path: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        state: dict[str, Any] = client.get(path).json()
        if state["status"] in ("SUCCESS", "FAILED", "CANCELED"):
            return state
        time.sleep(0.01)
    raise AssertionError(f"still {state['status']} after {WAIT_SECONDS} s")


def _everything(client: TestClient) -> list[Any]:
    dishes = client.get("/v1/objects?class=Dish&include=vector&limit=10000").json()["objects"]
    notes = [client.get(f"/v1/objects?class=Note&tenant={name}").json()["objects"] for name in ("open", "OPEN")]
    paths = ("/v1/schema/Dish", "/v1/schema/Note", "/v1/schema/Note/tenants", "/v1/aliases")
    return [dishes, notes, *(client.get(path).json() for path in paths)]


def test_what_is_restored_is_what_was_backed_up(filled: TestClient) -> None:
    before = _everything(filled)
    started = filled.post(PATH, json={"id": "b1"}).json()
    assert (started["status"], started["classes"]) == ("STARTED", ["Dish", "Note"])
    assert _finished(filled, f"{PATH}/b1")["status"] == "SUCCESS"
    for name in ("Dish", "Note"):
        filled.delete(f"/v1/schema/{name}")
    filled.delete("/v1/aliases/Meal")
    assert filled.post(f"{PATH}/b1/restore", json={}).json()["classes"] == ["Dish", "Note"]
    assert _finished(filled, f"{PATH}/b1/restore")["status"] == "SUCCESS"
    assert _everything(filled) == before


def test_a_restore_over_a_collection_fails_and_says_so(filled: TestClient) -> None:
    filled.post(PATH, json={"id": "b1", "include": ["Note"]})
    _finished(filled, f"{PATH}/b1")
    filled.post(f"{PATH}/b1/restore", json={})
    state = _finished(filled, f"{PATH}/b1/restore")
    assert state["status"] == "FAILED"
    assert "Note already exists" in state["error"]


def test_a_restore_that_fails_leaves_nothing_behind(filled: TestClient) -> None:
    path = _finished(filled, _started(filled, "b1"))["path"]
    Path(path, "Note", f"tenant-{b'open'.hex()}.jsonl.gz").write_bytes(b"no gzip")
    for name in ("Dish", "Note"):
        filled.delete(f"/v1/schema/{name}")
    filled.post(f"{PATH}/b1/restore", json={})
    assert _finished(filled, f"{PATH}/b1/restore")["status"] == "FAILED"
    assert filled.get("/v1/schema").json() == {"classes": []}


def _started(client: TestClient, id: str) -> str:
    """The path of a backup of everything."""
    assert client.post(PATH, json={"id": id}).status_code == 200
    return f"{PATH}/{id}"


def test_backups_are_listed_with_what_is_in_them(filled: TestClient) -> None:
    for id in ("b1", "b2"):
        filled.post(PATH, json={"id": id, "exclude": ["Dish"]})
        _finished(filled, f"{PATH}/{id}")
    listed = filled.get(f"{PATH}?order=asc").json()
    assert [(entry["id"], entry["classes"], entry["status"]) for entry in listed] == [
        ("b1", ["Note"], "SUCCESS"),
        ("b2", ["Note"], "SUCCESS"),
    ]
    assert [entry["id"] for entry in filled.get(PATH).json()] == ["b2", "b1"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"id": "B!"}, "invalid backup id: 'B!' allowed characters are lowercase, 0-9, _, -"),
        ({"id": "../b"}, "invalid backup id: '../b' allowed characters are lowercase, 0-9, _, -"),
        ({"id": "b", "include": ["Nope"]}, "class Nope doesn't exist"),
        ({"id": "b", "include": ["Dish", "Dish"]}, "class list 'include' contains duplicate: Dish"),
        (
            {"id": "b", "include": ["Dish"], "exclude": ["Dish"]},
            "malformed request: 'include' and 'exclude' cannot both contain values",
        ),
    ],
)
def test_senseless_backups_are_refused(filled: TestClient, body: dict[str, Any], message: str) -> None:
    answer = filled.post(PATH, json=body)
    assert (answer.status_code, answer.json()) == (422, {"error": [{"message": message}]})


def test_an_id_is_good_for_one_backup(filled: TestClient) -> None:
    filled.post(PATH, json={"id": "b1", "include": ["Note"]})
    _finished(filled, f"{PATH}/b1")
    answer = filled.post(PATH, json={"id": "b1"})
    assert answer.status_code == 422
    assert answer.json()["error"][0]["message"].startswith('backup "b1" already exists')


@pytest.mark.parametrize("path", [f"{PATH}/..", f"{PATH}/%2e%2e/restore"])
def test_a_path_leads_to_no_other_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (404, 405)
