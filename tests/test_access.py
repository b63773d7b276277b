"""Permissions, what they cover, and the book that is kept of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from weavelet.access.book import FILE, Book, StaticUsers
from weavelet.access.permissions import ACTIONS, Wanted, covers, domain_of, parse_permission, render_permission
from weavelet.access.state import BUILT_IN
from weavelet.errors import Conflict, InvalidInput, NotFound, StorageError

STATIC = StaticUsers(frozenset({"ann", "root-user"}), frozenset({"root-user"}))
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def book(folder: Path) -> Book:
    return Book(folder, STATIC, lambda: NOW)


def permission(action: str, **on: str) -> Any:
    return parse_permission({"action": action, domain_of(action): on})


def wanted(verb: str, domain: str, **on: str) -> Wanted:
    return Wanted(verb, domain, tuple(on.items()))


@pytest.mark.parametrize(
    ("held", "asked", "covered"),
    [
        (permission("read_data"), wanted("read", "data", collection="Dish", tenant="*", object="*"), True),
        (permission("read_data"), wanted("update", "data", collection="Dish"), False),
        (permission("read_data"), wanted("read", "tenants", collection="Dish"), False),
        (permission("read_data", collection="Di*"), wanted("read", "data", collection="Dish"), True),
        (permission("read_data", collection="Di*"), wanted("read", "data", collection="Adish"), False),
        (permission("read_data", collection="Di*"), wanted("read", "data", collection="*"), False),
        (permission("read_data", collection="D.sh"), wanted("read", "data", collection="Dish"), False),
        (permission("read_data", tenant="one"), wanted("read", "data", collection="Dish", tenant="*"), False),
        (permission("read_data", tenant="one"), wanted("read", "data", collection="Dish", tenant="one"), True),
        (permission("manage_backups", collection="Dish"), wanted("create", "backups", collection="Dish"), True),
        (permission("manage_backups", collection="Dish"), wanted("delete", "backups", collection="*"), False),
        (permission("read_nodes"), wanted("read", "nodes", verbosity="minimal"), True),
        (permission("read_nodes"), wanted("read", "nodes", verbosity="verbose", collection="Dish"), False),
        (
            permission("read_nodes", verbosity="verbose", collection="Dish"),
            wanted("read", "nodes", verbosity="verbose", collection="Dish"),
            True,
        ),
        (
            permission("read_nodes", verbosity="verbose", collection="Dish"),
            wanted("read", "nodes", verbosity="minimal"),
            False,
        ),
        (permission("assign_and_revoke_users"), wanted("assign_and_revoke", "users", users="bob"), True),
        (permission("create_roles"), wanted("create", "roles", role="x", scope="all"), False),
        (permission("create_roles", scope="all"), wanted("create", "roles", role="x", scope="match"), True),
    ],
)
def test_permissions_cover_what_they_say_and_no_more(held: Any, asked: Wanted, covered: bool) -> None:
    assert covers(held, asked) is covered


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_shown_of_a_permission_can_be_sent_again(action: str) -> None:
    made = parse_permission({"action": action})
    assert parse_permission(render_permission(made)) == made


def test_names_of_collections_are_written_as_their_own() -> None:
    assert permission("read_data", collection="dish").field("collection") == "Dish"


@pytest.mark.parametrize("name", ["", "a b", "x" * 256, "é"])
def test_roles_have_plain_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="role name is invalid"):
        book(tmp_path).create_role(name, [])


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_built_in_roles_stay_as_they_are(tmp_path: Path, name: str) -> None:
    kept = book(tmp_path)
    for change in (
        lambda: kept.create_role(name, []),
        lambda: kept.add_permissions(name, [permission("read_data")]),
        lambda: kept.remove_permissions(name, [permission("read_data")]),
        lambda: kept.delete_role(name),
    ):
        with pytest.raises(InvalidInput, match="built-in role"):
            change()


def test_permissions_are_added_once_and_taken_away(tmp_path: Path) -> None:
    kept, one, other = book(tmp_path), permission("read_data"), permission("create_data")
    kept.create_role("mine", [one])
    kept.add_permissions("mine", [one, other])
    assert kept.role("mine") == (one, other)
    kept.remove_permissions("mine", [one])
    assert kept.role("mine") == (other,)


def test_a_name_is_given_to_one_user(tmp_path: Path) -> None:
    kept = book(tmp_path)
    kept.create_user("bob")
    for name in ("bob", "ann", "root-user"):
        with pytest.raises(Conflict, match="already exists"):
            kept.create_user(name)


def test_keys_are_long_random_and_kept_nowhere(tmp_path: Path) -> None:
    kept = book(tmp_path)
    keys = {kept.create_user(f"user-{number}") for number in range(5)}
    assert len(keys) == 5
    assert min(map(len, keys)) >= 40
    written = (tmp_path / FILE).read_text()
    assert not any(key in written for key in keys)
    assert {kept.owner(key) for key in keys} == {f"user-{number}" for number in range(5)}
    assert kept.owner("another") is None


def test_users_that_are_not_there_cannot_be_changed(tmp_path: Path) -> None:
    kept = book(tmp_path)
    for change in (kept.rotate_key, kept.delete_user, lambda name: kept.set_active(name, False)):
        with pytest.raises(NotFound):
            change("nobody")


def test_a_deleted_user_of_the_same_name_holds_nothing(tmp_path: Path) -> None:
    kept = book(tmp_path)
    kept.create_user("bob")
    kept.assign("bob", ["db"], ["viewer"])
    kept.delete_user("bob")
    kept.create_user("bob")
    assert kept.roles_of("bob") == ()


def test_everything_is_there_in_the_next_life(tmp_path: Path) -> None:
    first = book(tmp_path)
    first.create_role("mine", [permission("read_data", collection="Dish")])
    key = first.create_user("bob")
    first.assign("bob", ["db"], ["mine"])
    first.assign_to_group("/team", ["viewer"])
    second = book(tmp_path)
    assert second.owner(key) == "bob"
    assert second.permits("bob", (), wanted("read", "data", collection="Dish"))
    assert second.permits("guest", ("/team",), wanted("read", "data", collection="Other"))
    assert not second.permits("guest", (), wanted("read", "data", collection="Other"))


@pytest.mark.parametrize("content", ["", "{}", "[]", "no json"])
def test_a_book_that_cannot_be_read_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(StorageError, match=FILE):
        book(tmp_path)
