"""Tenants nobody asks for cost no open file, and are there again when somebody does."""

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.engine.shard_world import by_keyword, by_vector, collection, id_of, ids, put, vector_of
from weavelet.engine.database import Database
from weavelet.engine.plan import Limits, make_plan
from weavelet.engine.query import Delete, Keyword, Page, SearchRequest, Want
from weavelet.engine.retrieve import retrieve, show
from weavelet.engine.settings import EngineSettings
from weavelet.errors import TenantNotFound, Unavailable
from weavelet.schema.collection import TenantStatus

HOT, COLD = TenantStatus.HOT, TenantStatus.COLD
SETTINGS = EngineSettings(synchronous_full=False, open_tenants=3, tenant_idle_seconds=60, spare_numbers=20)


@dataclass
class World:
    """A database whose clock stands still until it is moved."""

    folder: Path
    now: float = 1000.0
    database: Database = field(init=False)

    def open(self, *tenants: str) -> Database:
        self.database = Database(self.folder, SETTINGS, lambda: self.now)
        if "Note" not in self.database.collections:
            self.database.create(collection(tenants=True))
        self.database.put_tenants("Note", dict.fromkeys(tenants, HOT))
        return self.database

    def awake(self) -> list[str]:
        infos = self.database.shards("Note")
        return [info.name for info in infos if info.shard is not None and info.shard.awake]

    def use(self, tenant: str, *numbers: int) -> None:
        self.now += 1
        assert not any(self.database.shard("Note", tenant).commit(put(*numbers)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "data")
    yield world
    world.database.close()


def test_the_tenant_used_longest_ago_makes_room(world: World) -> None:
    world.open("t1", "t2", "t3", "t4", "t5")
    for number, tenant in enumerate(("t1", "t2", "t3", "t1", "t4", "t5")):
        world.use(tenant, number)
    assert world.awake() == ["t1", "t4", "t5"]
    assert ids(world.database.shard("Note", "t2")) == [id_of(1)]
    assert world.awake() == ["t2", "t4", "t5"]


def test_a_tenant_idle_for_long_rests(world: World) -> None:
    database = world.open("t1", "t2")
    world.use("t1", 1)
    world.now += 59
    world.use("t2", 2)
    world.now += 2
    database.upkeep()
    assert world.awake() == ["t2"]


def test_whoever_still_holds_a_resting_shard_wakes_it(world: World) -> None:
    database = world.open("t1")
    world.use("t1", 1)
    shard = database.shard("Note", "t1")
    wakings: list[Callable[[], object]] = [
        lambda: ids(shard),
        lambda: shard.commit(put(2)),
        lambda: by_vector(shard, vector_of(1)),
        lambda: by_keyword(shard, "w1"),
        lambda: shard.get([id_of(1)]),
    ]
    for wake in wakings:
        database.rest("Note", "t1")
        assert (world.awake(), shard.queue_length) == ([], 0)
        wake()
        assert world.awake() == ["t1"]
    assert ids(shard) == [id_of(1), id_of(2)]
    world.now += 61
    database.upkeep()
    assert world.awake() == []


def test_what_a_search_found_can_be_looked_at_when_the_shard_rests(world: World) -> None:
    database = world.open("t1")
    world.use("t1", 1, 2)
    shard = database.shard("Note", "t1")
    request = SearchRequest(collection="Note", tenant="t1", target=Keyword("note"), page=Page(limit=9))
    plan = make_plan(request, shard.collection, Limits())
    with shard.read_lock():
        rows = show(shard, retrieve(shard, plan, ()), plan, Want())
    assert shard.rest()
    assert sorted(row.object.id for row in rows) == [id_of(1), id_of(2)]
    assert world.awake() == []


def test_a_shard_in_use_does_not_rest(world: World) -> None:
    database = world.open("t1")
    world.use("t1", 1)
    shard = database.shard("Note", "t1")
    with shard.read_lock():
        assert not shard.rest()
        assert world.awake() == ["t1"]
    assert shard.rest()
    assert shard.rest()


@pytest.mark.skipif(sys.platform != "linux", reason="counts files in /proc")
def test_resting_tenants_have_no_file_open(world: World) -> None:
    database = world.open(*(f"t{n}" for n in range(15)))
    world.use("t0", 0)
    open_before = len(os.listdir("/proc/self/fd"))
    for number in range(1, 15):
        world.use(f"t{number}", number)
    assert len(world.awake()) == 3
    per_tenant = 8
    assert len(os.listdir("/proc/self/fd")) <= open_before + 2 * per_tenant
    for number in range(15):
        database.rest("Note", f"t{number}")
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) < open_before


@pytest.mark.skipif(sys.platform != "linux", reason="counts files in /proc")
def test_thousands_of_tenants_cost_no_more_than_those_in_use(tmp_path: Path) -> None:
    settings = EngineSettings(synchronous_full=False, open_tenants=5)
    names = [f"t{number}" for number in range(2_000)]
    database = Database(tmp_path / "data", settings)
    database.create(collection(tenants=True))
    for start in range(0, 2_000, 100):
        database.put_tenants("Note", dict.fromkeys(names[start : start + 100], HOT))
    used = names[::80]
    for number, name in enumerate(used):
        assert database.shard("Note", name).commit(put(number)) == [None]
    database.close()
    before = len(os.listdir("/proc/self/fd"))
    database = Database(tmp_path / "data", settings)
    assert list(database.tenants("Note")) == names
    assert len(os.listdir("/proc/self/fd")) <= before + 4
    for number, name in enumerate(used):
        assert ids(database.shard("Note", name)) == [id_of(number)]
        assert by_vector(database.shard("Note", name), vector_of(number)) == id_of(number)
    assert len(os.listdir("/proc/self/fd")) <= before + 4 + 6 * 8
    database.close()


def test_resting_tenants_can_be_closed_dropped_and_redefined(world: World) -> None:
    database = world.open("t1", "t2", "t3")
    for tenant in ("t1", "t2", "t3"):
        world.use(tenant, 1)
        database.rest("Note", tenant)
    held = database.shards("Note")[0].shard
    assert held is not None
    database.redefine(collection(tenants=True, numbers=("number", "more")))
    database.put_tenants("Note", {"t1": COLD})
    with pytest.raises(TenantNotFound, match="not active"):
        ids(held)
    database.drop_tenants("Note", ["t2"])
    third = database.shard("Note", "t3")
    assert [prop.name for prop in third.collection.properties] == ["text", "number", "more"]
    assert by_keyword(third, "w1") == [id_of(1)]
    database.put_tenants("Note", {"t1": HOT})
    assert ids(database.shard("Note", "t1")) == [id_of(1)]


def test_what_was_acknowledged_while_tenants_came_and_went_is_there(world: World) -> None:
    database = world.open(*(f"t{n}" for n in range(8)))
    done: dict[str, list[int]] = {f"t{n}": [] for n in range(8)}

    def write(thread: int) -> None:
        for step in range(30):
            tenant = f"t{(step * 3 + thread) % 8}"
            number = thread * 1000 + step
            if database.shard("Note", tenant).commit(put(number)) == [None]:
                done[tenant].append(number)
            assert by_keyword(database.shard("Note", tenant), f"w{number}") == [id_of(number)]

    threads = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        database.upkeep()
    for tenant, numbers in done.items():
        assert ids(database.shard("Note", tenant)) == [id_of(number) for number in sorted(numbers)]
    assert sum(map(len, done.values())) == 90


# --- Document numbers ------------------------------------------------------------------------------------------------


def test_an_idle_shard_that_wastes_numbers_is_opened_anew_with_new_ones(world: World) -> None:
    database = world.open("t1")
    for _ in range(30):
        world.use("t1", 1)
        database.shard("Note", "t1").commit([*put(2), *put(3)])
        database.shard("Note", "t1").commit([Delete(id_of(2)), Delete(id_of(3))])
    held = database.shard("Note", "t1")
    database.upkeep()
    assert database.shard("Note", "t1") is held
    world.now += 61
    database.upkeep()
    with pytest.raises(Unavailable, match="opened anew"):
        ids(held)
    shard = database.shard("Note", "t1")
    assert shard.doc_of(id_of(1)) == 0
    assert by_vector(shard, vector_of(1)) == id_of(1)
