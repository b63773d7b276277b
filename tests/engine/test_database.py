"""The data directory remembers collections, tenants and aliases, and lets one process in."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.shard_world import collection, id_of, ids, put
from weavelet.engine.database import Database
from weavelet.engine.settings import EngineSettings
from weavelet.errors import (
    CollectionNotFound,
    Conflict,
    InvalidQuery,
    InvalidSchema,
    NotFound,
    TenantNotFound,
    Unavailable,
    WeaveletError,
)
from weavelet.schema.collection import TenantStatus

HOT, COLD, FROZEN = TenantStatus.HOT, TenantStatus.COLD, TenantStatus.FROZEN
Opener = Callable[[], Database]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Opens this test's data directory, closing it first where it is open."""
    databases: list[Database] = []

    def open_database() -> Database:
        if databases:
            databases[-1].close()
        databases.append(Database(tmp_path / "data", EngineSettings(synchronous_full=False)))
        return databases[-1]

    yield open_database
    for database in databases:
        database.close()


def shard_folders(tmp_path: Path) -> list[str]:
    return sorted(place.name for place in (tmp_path / "data" / "collections").glob("*/*"))


def test_collections_objects_and_aliases_survive_reopening(opened: Opener) -> None:
    database = opened()
    note = replace(collection(), description="Notes of the day")
    database.create(note)
    database.create(collection("Other"))
    database.put_alias("Memo", "Note")
    database.shard("Note").commit(put(1, 2))
    (info,) = database.shards("Note")
    database = opened()
    assert list(database.collections) == ["Note", "Other"]
    assert database.collections["Note"].description == "Notes of the day"
    assert database.aliases == {"Memo": "Note"}
    assert [again.name for again in database.shards("Note")] == [info.name]
    assert ids(database.shard("Note")) == [id_of(1), id_of(2)]
    assert ids(database.shard("Other")) == []


def test_shards_open_when_they_are_asked_for(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    (info,) = database.shards("Note")
    assert (len(info.name), info.status, info.read_only, info.shard) == (12, HOT, False, None)
    shard = database.shard("Note")
    assert database.shard("Note") is shard
    assert database.shards("Note")[0].shard is shard


def test_a_dropped_collection_is_gone_with_its_files_and_can_be_made_again(opened: Opener, tmp_path: Path) -> None:
    database = opened()
    database.create(collection())
    database.put_alias("Memo", "Note")
    shard = database.shard("Note")
    shard.commit(put(1))
    database.drop("Note")
    database.drop("Note")
    assert shard_folders(tmp_path) == []
    assert database.aliases == {"Memo": "Note"}
    with pytest.raises(CollectionNotFound):
        database.shard("Note")
    with pytest.raises(CollectionNotFound):
        shard.commit(put(2))
    database.create(collection())
    assert ids(database.shard("Note")) == []
    database = opened()
    assert ids(database.shard("Note")) == []


def test_two_collections_cannot_have_one_name(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    with pytest.raises(Conflict, match="class name Note already exists"):
        database.create(collection())


def test_a_collection_made_in_secret_is_seen_once_it_is_revealed(opened: Opener) -> None:
    database = opened()
    database.create(collection(), secretly=True)
    database.create(collection("Other"), secretly=True)
    database.shard("Note").commit(put(1))
    assert list(database.collections) == []
    with pytest.raises(Conflict):
        database.create(collection())
    database.drop("Other")
    database.reveal(["Note"])
    assert list(database.collections) == ["Note"]
    assert ids(database.shard("Note")) == [id_of(1)]
    database = opened()
    assert list(database.collections) == ["Note"]
    assert ids(database.shard("Note")) == [id_of(1)]


def test_a_collection_made_in_secret_does_not_outlive_the_process(opened: Opener, tmp_path: Path) -> None:
    database = opened()
    database.create(collection(tenants=True), secretly=True)
    database.put_tenants("Note", {"tA": HOT})
    database.shard("Note", "tA").commit(put(1))
    database = opened()
    assert list(database.collections) == []
    assert shard_folders(tmp_path) == []
    database.create(collection())
    assert ids(database.shard("Note")) == []


def test_folders_the_catalog_does_not_know_are_swept(opened: Opener, tmp_path: Path) -> None:
    database = opened()
    database.create(collection())
    database.shard("Note").commit(put(1))
    database.close()
    stray = tmp_path / "data" / "collections" / "Gone-77"
    stray.mkdir()
    (next((tmp_path / "data" / "collections").glob("Note-*")) / "tX-9").mkdir()
    database = opened()
    assert not stray.exists()
    assert len(shard_folders(tmp_path)) == 1
    assert ids(database.shard("Note")) == [id_of(1)]


def test_a_second_process_is_told_that_the_directory_is_in_use(opened: Opener, tmp_path: Path) -> None:
    opened()
    code = "import pathlib, sys, weavelet.engine.database as d; d.Database(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path / "data")]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert "is in use by another process" in second.stderr


def test_a_new_definition_reaches_open_shards_and_survives(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    shard = database.shard("Note")
    changed = replace(collection(), description="changed")
    database.redefine(changed)
    assert database.collections["Note"].description == "changed"
    assert shard.collection.description == "changed"
    database = opened()
    assert database.collections["Note"].description == "changed"
    with pytest.raises(CollectionNotFound):
        database.redefine(collection("Nope"))


def test_the_version_goes_up_with_every_change(opened: Opener) -> None:
    database = opened()
    seen = [database.version]
    steps: list[Callable[[], None]] = [
        lambda: database.create(collection(tenants=True)),
        lambda: database.redefine(replace(collection(tenants=True), description="x")),
        lambda: database.put_tenants("Note", {"tA": HOT}),
        lambda: database.put_tenants("Note", {"tA": COLD}),
        lambda: database.drop_tenants("Note", ["tA"]),
        lambda: database.put_alias("Memo", "Note"),
        lambda: database.drop_alias("Memo"),
        lambda: database.drop("Note"),
    ]
    for step in steps:
        step()
        seen.append(database.version)
    assert seen == sorted(set(seen))


def test_the_views_a_reader_holds_do_not_change(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    before = database.collections
    database.create(collection("Other"))
    assert list(before) == ["Note"]
    assert list(database.collections) == ["Note", "Other"]


# --- Tenants ---


@pytest.mark.parametrize(
    ("tenants", "tenant", "error", "text"),
    [
        (True, "", InvalidQuery, "class Note has multi-tenancy enabled, but request was without tenant"),
        (False, "tA", InvalidQuery, "class Note has multi-tenancy disabled, but request was with tenant"),
        (True, "tX", TenantNotFound, 'tenant not found: "tX"'),
        (True, "tC", TenantNotFound, "tenant not active: 'tC'"),
        (True, "tF", TenantNotFound, "tenant not active: 'tF'"),
    ],
    ids=["no tenant", "tenant on plain", "unknown", "cold", "frozen"],
)
def test_a_request_that_means_no_shard_says_why(
    opened: Opener, tenants: bool, tenant: str, error: type[WeaveletError], text: str
) -> None:
    database = opened()
    database.create(collection(tenants=tenants))
    if tenants:
        database.put_tenants("Note", {"tA": HOT, "tC": COLD, "tF": FROZEN})
    with pytest.raises(error) as raised:
        database.shard("Note", tenant)
    assert str(raised.value) == text


def test_the_status_of_one_tenant(opened: Opener) -> None:
    database = opened()
    database.create(collection(tenants=True))
    database.create(collection("Plain"))
    database.put_tenants("Note", {"tA": HOT, "tC": COLD})
    assert [database.tenant("Note", name) for name in ("tA", "tC", "tX")] == [HOT, COLD, None]
    with pytest.raises(InvalidSchema, match="multi-tenancy is not enabled"):
        database.tenant("Plain", "tA")


def test_tenants_keep_their_objects_apart(opened: Opener) -> None:
    database = opened()
    database.create(collection(tenants=True))
    database.put_tenants("Note", {"tA": HOT, "ta": HOT})
    database.shard("Note", "tA").commit(put(1))
    database.shard("Note", "ta").commit(put(2))
    database = opened()
    assert ids(database.shard("Note", "tA")) == [id_of(1)]
    (found,) = database.shard("Note", "ta").get([id_of(2)])
    assert found is not None
    assert found.tenant == "ta"


def test_a_cold_tenant_is_closed_and_keeps_its_objects(opened: Opener) -> None:
    database = opened()
    database.create(collection(tenants=True))
    database.put_tenants("Note", {"tA": HOT, "tB": COLD})
    shard = database.shard("Note", "tA")
    shard.commit(put(1))
    database.put_tenants("Note", {"tA": COLD, "tB": HOT})
    assert database.tenants("Note") == {"tA": COLD, "tB": HOT}
    with pytest.raises(TenantNotFound, match="not active"):
        shard.get([id_of(1)])
    database = opened()
    assert database.tenants("Note") == {"tA": COLD, "tB": HOT}
    with pytest.raises(TenantNotFound, match="not active"):
        database.shard("Note", "tA")
    database.put_tenants("Note", {"tA": HOT})
    assert ids(database.shard("Note", "tA")) == [id_of(1)]


def test_a_cold_tenant_opens_by_itself_where_the_collection_says_so(opened: Opener) -> None:
    database = opened()
    database.create(collection(tenants=True, activation=True))
    database.put_tenants("Note", {"tA": COLD, "tF": FROZEN})
    assert ids(database.shard("Note", "tA")) == []
    assert database.tenants("Note") == {"tA": HOT, "tF": FROZEN}


def test_dropped_tenants_are_gone_with_their_files(opened: Opener, tmp_path: Path) -> None:
    database = opened()
    database.create(collection(tenants=True))
    database.put_tenants("Note", {"tA": HOT, "tB": HOT, "tC": COLD})
    shard = database.shard("Note", "tA")
    shard.commit(put(1))
    database.shard("Note", "tB").commit(put(2))
    database.drop_tenants("Note", ["tA", "tC", "unknown", "tA"])
    assert database.tenants("Note") == {"tB": HOT}
    assert [name.rpartition("-")[0] for name in shard_folders(tmp_path)] == ["tB"]
    with pytest.raises(TenantNotFound, match='tenant not found: "tA"'):
        shard.commit(put(3))
    database.put_tenants("Note", {"tA": HOT})
    assert ids(database.shard("Note", "tA")) == []


@pytest.mark.parametrize(
    "use",
    [
        lambda database: database.tenants("Note"),
        lambda database: database.put_tenants("Note", {"tA": HOT}),
        lambda database: database.drop_tenants("Note", ["tA"]),
    ],
    ids=["list", "put", "drop"],
)
def test_a_collection_without_tenants_says_so(opened: Opener, use: Callable[[Database], object]) -> None:
    database = opened()
    database.create(collection())
    with pytest.raises(InvalidSchema, match='multi-tenancy is not enabled for class "Note"'):
        use(database)


def test_writes_acknowledged_while_a_tenant_goes_to_and_fro_are_there(opened: Opener) -> None:
    database = opened()
    database.create(collection(tenants=True))
    database.put_tenants("Note", {"tA": HOT})
    acknowledged: list[int] = []

    def write(first: int) -> None:
        for number in range(first, first + 60):
            with suppress(TenantNotFound):
                if database.shard("Note", "tA").commit(put(number)) == [None]:
                    acknowledged.append(number)

    threads = [threading.Thread(target=write, args=(n * 60,)) for n in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        database.put_tenants("Note", {"tA": COLD})
        database.put_tenants("Note", {"tA": HOT})
    assert ids(database.shard("Note", "tA")) == [id_of(n) for n in sorted(acknowledged)]


# --- Shards ---


def test_read_only_survives_reopening(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    (info,) = database.shards("Note")
    database.set_read_only("Note", info.name, True)
    database = opened()
    assert database.shards("Note")[0].read_only
    assert [str(error) for error in database.shard("Note").commit(put(1))] == ["store is read-only"]
    database.set_read_only("Note", info.name, False)
    assert database.shard("Note").commit(put(1)) == [None]
    with pytest.raises(NotFound):
        database.set_read_only("Note", "nope", True)


def test_threads_that_ask_together_get_one_shard(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(database.shard("Note"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1


def test_a_closed_database_says_why(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    shard = database.shard("Note")
    database.close()
    for use in (lambda: database.shard("Note"), lambda: shard.list_ids(None, 1), lambda: database.drop("Note")):
        with pytest.raises(Unavailable, match="stopping"):
            use()


def test_upkeep_reaches_every_open_shard(opened: Opener) -> None:
    database = opened()
    database.create(collection())
    database.create(collection("Other"))
    database.shard("Note").commit(put(*range(5)))
    assert database.upkeep() is False
