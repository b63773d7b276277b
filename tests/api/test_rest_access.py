"""Roles and database users through the doors: what callers may do follows what they hold, from one call to the next."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from weavelet.access.book import FILE
from weavelet.api import auth
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.caller import identify
from weavelet.api.grpc.service import Service
from weavelet.api.rest.app import create
from weavelet.app import App, open_app
from weavelet.errors import Forbidden
from weavelet.settings import Settings

ID = "00000000-0000-4000-8000-000000000001"
Answer = tuple[int, Any]


def _open(folder: Path) -> App:
    environment = {
        "PERSISTENCE_DATA_PATH": folder,
        "BACKUP_FILESYSTEM_PATH": folder.parent / "backups",
        "WEAVELET_EMBEDDED_INFERENCE": "false",
        "AUTHENTICATION_APIKEY_ENABLED": "true",
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "root-key,ann-key",
        "AUTHENTICATION_APIKEY_USERS": "root-user,ann",
        "AUTHENTICATION_DB_USERS_ENABLED": "true",
        "AUTHORIZATION_RBAC_ENABLED": "true",
        "AUTHORIZATION_RBAC_ROOT_USERS": "root-user",
    }
    return open_app(Settings.model_validate(environment))


class Caller:
    """Somebody with a key."""

    def __init__(self, client: TestClient, key: str) -> None:
        self._client = client
        self._headers = {"authorization": f"Bearer {key}"}

    def __call__(self, method: str, path: str, body: Any = None) -> Answer:
        sent = {} if body is None else {"json": body}
        answer = self._client.request(method, f"/v1{path}", headers=self._headers, **sent)
        return answer.status_code, answer.json() if answer.content else None

    def may_query(self, query: str) -> bool:
        status, answer = self("POST", "/graphql", {"query": query})
        return status == 200 and "errors" not in answer


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = _open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with TestClient(create(app)) as opened:
        yield opened


@pytest.fixture
def root(client: TestClient) -> Caller:
    """May do everything, and has made two collections."""
    root = Caller(client, "root-key")
    reference = {"name": "about", "dataType": ["Open"]}
    for document in ({"class": "Open"}, {"class": "Secret", "properties": [reference]}):
        assert root("POST", "/schema", document)[0] == 200
    for name in ("Open", "Secret"):
        assert root("POST", "/objects", {"class": name, "id": ID, "properties": {"t": "x"}})[0] == 200
    return root


@pytest.fixture
def ann(client: TestClient) -> Caller:
    return Caller(client, "ann-key")


def give(root: Caller, user: str, *permissions: dict[str, Any], role: str = "given") -> None:
    assert root("POST", "/authz/roles", {"name": role, "permissions": list(permissions)})[0] == 201
    assert root("POST", f"/authz/users/{user}/assign", {"roles": [role], "userType": "db"})[0] == 200


def on(action: str, collection: str) -> dict[str, Any]:
    return {"action": action, action.rpartition("_")[2]: {"collection": collection}}


def test_who_holds_no_role_may_do_nothing(root: Caller, ann: Caller) -> None:
    assert ann("GET", f"/objects/Open/{ID}")[0] == 403
    assert ann("GET", "/schema") == (200, {"classes": []})
    assert not ann.may_query("{Get{Open{t}}}")


def test_a_role_counts_from_the_next_call_on_and_until_it_is_revoked(root: Caller, ann: Caller) -> None:
    give(root, "ann", on("read_data", "Open"))
    assert ann("GET", f"/objects/Open/{ID}")[0] == 200
    assert ann("GET", f"/objects/Secret/{ID}")[0] == 403
    assert ann("DELETE", f"/objects/Open/{ID}")[0] == 403
    root("POST", "/authz/users/ann/revoke", {"roles": ["given"]})
    assert ann("GET", f"/objects/Open/{ID}")[0] == 403


def test_names_in_permissions_may_be_patterns(root: Caller, ann: Caller) -> None:
    give(root, "ann", on("read_data", "Op*"))
    assert ann("GET", f"/objects/Open/{ID}")[0] == 200
    assert ann("GET", f"/objects/Secret/{ID}")[0] == 403
    assert ann("GET", "/objects")[0] == 403


def test_an_alias_leads_past_no_permission(root: Caller, ann: Caller) -> None:
    root("POST", "/aliases", {"alias": "Opened", "class": "Secret"})
    give(root, "ann", on("read_data", "Open*"), on("read_collections", "Open*"))
    assert ann("GET", f"/objects/Opened/{ID}")[0] == 403
    assert ann("GET", "/schema/Opened")[0] == 403


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("{Get{Open{t}}}", True),
        ("{Get{Secret{t}}}", False),
        ("{Aggregate{Secret{meta{count}}}}", False),
        ("{__schema{queryType{name}}}", True),
    ],
)
def test_graphql_shows_only_objects_that_may_be_read(root: Caller, ann: Caller, query: str, allowed: bool) -> None:
    give(root, "ann", on("read_collections", "*"), on("read_data", "Open"))
    assert ann.may_query(query) == allowed


@pytest.mark.parametrize(
    "query",
    [
        "{Get{Secret{about{... on Open{t}}}}}",
        '{Get{Secret(where:{path:["about","Open","t"],operator:Equal,valueText:"x"}){t}}}',
    ],
)
def test_references_lead_to_no_objects_that_may_not_be_read(root: Caller, ann: Caller, query: str) -> None:
    give(root, "ann", on("read_collections", "*"), on("read_data", "Secret"))
    assert not ann.may_query(query)
    give(root, "ann", on("read_data", "Open"), role="more")
    assert ann.may_query(query)


def test_all_doors_ask_the_same_book(app: App, root: Caller) -> None:
    def search(key: str) -> bytes:
        authenticator = auth.authenticator(app.settings, app.access)
        caller = identify({"authorization": f"Bearer {key}"}, authenticator, auth.guard(app.settings, app.access))
        return Service(app).search(pb.SearchRequest(collection="Open").SerializeToString(), caller)

    with pytest.raises(Forbidden, match=r"read_data \[\[Domain: data, Collection: Open"):
        search("ann-key")
    give(root, "ann", on("read_data", "Open"))
    assert search("ann-key")


def test_a_database_user_has_a_key_until_it_is_rotated_switched_off_or_gone(root: Caller, client: TestClient) -> None:
    status, made = root("POST", "/users/db/bob", {})
    assert status == 201
    give(root, "bob", on("read_data", "Open"))
    bob = Caller(client, made["apikey"])
    assert bob("GET", f"/objects/Open/{ID}")[0] == 200
    root("POST", "/users/db/bob/deactivate", {})
    assert bob("GET", f"/objects/Open/{ID}")[0] == 401
    root("POST", "/users/db/bob/activate")
    assert bob("GET", f"/objects/Open/{ID}")[0] == 200
    fresh = Caller(client, root("POST", "/users/db/bob/rotate-key")[1]["apikey"])
    assert (bob("GET", "/meta")[0], fresh("GET", f"/objects/Open/{ID}")[0]) == (401, 200)
    root("DELETE", "/users/db/bob")
    assert fresh("GET", "/meta")[0] == 401


def test_roles_users_and_keys_are_there_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    first = _open(folder)
    with TestClient(create(first)) as client:
        root = Caller(client, "root-key")
        root("POST", "/schema", {"class": "Open"})
        key = root("POST", "/users/db/bob", {})[1]["apikey"]
        give(root, "bob", on("read_collections", "Open"))
        assert Caller(client, key)("GET", "/schema/Open")[0] == 200
    first.close()
    assert key not in (folder / FILE).read_text()
    second = _open(folder)
    with TestClient(create(second)) as client:
        assert Caller(client, key)("GET", "/schema/Open")[0] == 200
        shown = Caller(client, "root-key")("GET", "/users/db/bob?includeLastUsedTime=true")[1]
    second.close()
    assert (shown["roles"], shown["lastUsedAt"][:2]) == (["given"], "20")


def test_who_may_change_roles_within_its_own_scope_hands_on_no_more(root: Caller, ann: Caller) -> None:
    wide = {"action": "create_roles", "roles": {"role": "*", "scope": "match"}}
    give(root, "ann", wide, on("read_data", "Open"))
    assert ann("POST", "/authz/roles", {"name": "less", "permissions": [on("read_data", "Open")]})[0] == 201
    assert ann("POST", "/authz/roles", {"name": "more", "permissions": [on("read_data", "*")]})[0] == 403


def test_a_deleted_role_is_held_by_nobody(root: Caller, ann: Caller) -> None:
    give(root, "ann", on("read_data", "Open"))
    root("DELETE", "/authz/roles/given")
    root("POST", "/authz/roles", {"name": "given", "permissions": [on("read_data", "Open")]})
    assert ann("GET", f"/objects/Open/{ID}")[0] == 403


@pytest.mark.parametrize("wanted", ["all", "noRestore"])
def test_roles_and_users_come_back_with_a_backup_where_they_are_asked_for(
    root: Caller, client: TestClient, wanted: str
) -> None:
    key = root("POST", "/users/db/bob", {})[1]["apikey"]
    give(root, "bob", on("read_data", "Open"))
    assert root("POST", "/backups/filesystem", {"id": "b", "include": ["Open"]})[0] == 200
    _wait(root, "/backups/filesystem/b")
    root("DELETE", "/users/db/bob")
    root("DELETE", "/authz/roles/given")
    root("DELETE", "/schema/Open")
    config = {"rolesOptions": wanted, "usersOptions": wanted}
    assert root("POST", "/backups/filesystem/b/restore", {"config": config})[0] == 200
    _wait(root, "/backups/filesystem/b/restore")
    came_back = wanted == "all"
    assert (root("GET", "/users/db/bob")[0], root("GET", "/authz/roles/given")[0]) == (
        (200,) * 2 if came_back else (404,) * 2
    )
    assert (Caller(client, key)("GET", f"/objects/Open/{ID}")[0] == 200) is came_back


def test_who_may_restore_collections_restores_no_roles(root: Caller, ann: Caller) -> None:
    root("POST", "/backups/filesystem", {"id": "b", "include": ["Open"]})
    _wait(root, "/backups/filesystem/b")
    give(root, "ann", on("manage_backups", "*"))
    for options in ("rolesOptions", "usersOptions"):
        assert ann("POST", "/backups/filesystem/b/restore", {"config": {options: "all"}})[0] == 403


def _wait(root: Caller, path: str) -> None:
    deadline = time.monotonic() + 10
    while root("GET", path)[1]["status"] != "SUCCESS":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_groups_hold_roles_whatever_they_are_called(root: Caller) -> None:
    assert root("POST", "/authz/groups/%2Fteam/assign", {"roles": ["viewer"], "groupType": "oidc"})[0] == 200
    assert root("GET", "/authz/groups/oidc") == (200, ["/team"])
    assert root("GET", "/authz/groups/%2Fteam/roles/oidc") == (200, [{"name": "viewer", "permissions": None}])
    assert root("GET", "/authz/roles/viewer/group-assignments")[1] == [{"groupId": "/team", "groupType": "oidc"}]
    root("POST", "/authz/groups/%2Fteam/revoke", {"roles": ["viewer"], "groupType": "oidc"})
    assert root("GET", "/authz/groups/oidc") == (200, [])
