"""Objects that expire: what is shown of them, when they go, and what stays."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from weavelet.app import App, open_app
from weavelet.catalog import TenantChange
from weavelet.engine.query import (
    AggregateRequest,
    Compare,
    Delete,
    Filter,
    Keyword,
    NearVector,
    OfProperty,
    OfReferenced,
    Operator,
    Page,
    PickReference,
    Put,
    SearchRequest,
    Target,
    ValueKind,
    Want,
)
from weavelet.engine.writing import outcomes, proposal
from weavelet.errors import InvalidInput, InvalidSchema
from weavelet.expiry import Expiry
from weavelet.modules.base import Call
from weavelet.schedule import Every, parse_schedule
from weavelet.schema.collection import TenantStatus
from weavelet.schema.objects import NewObject
from weavelet.settings import Settings

HOUR_MS = 3_600_000
IDS = [f"00000000-0000-4000-8000-{n:012x}" for n in range(6)]
BY_AGE = {"enabled": True, "deleteOn": "_creationTimeUnix", "defaultTtl": 3600, "filterExpiredObjects": True}
BY_UPDATE = {**BY_AGE, "deleteOn": "_lastUpdateTimeUnix"}
BY_DATE = {**BY_AGE, "deleteOn": "until", "defaultTtl": 0}
PROPERTIES = [
    {"name": "text", "dataType": ["text"]},
    {"name": "number", "dataType": ["int"]},
    {"name": "until", "dataType": ["date"]},
]


@dataclass
class Clock:
    ms: int = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms

    def later(self, hours: float) -> None:
        self.ms += int(hours * HOUR_MS)

    def date(self, hours: float = 0) -> str:
        return (datetime.fromtimestamp(self.ms / 1000, UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class World:
    app: App
    clock: Clock
    names: list[str] = field(default_factory=list)

    def create(self, ttl: dict[str, Any], name: str = "Note", **more: Any) -> None:
        self.app.catalog.create({"class": name, "properties": PROPERTIES, "objectTtlConfig": ttl, **more})

    def put(self, *numbers: int, name: str = "Note", tenant: str = "", **properties: Any) -> None:
        news = [
            NewObject(
                collection=name,
                id=IDS[n] if n < len(IDS) else None,
                properties={"text": f"word w{n}", "number": n, **properties},
                vectors={"": np.array([n, 1.0], np.float32)},
                tenant=tenant,
            )
            for n in numbers
        ]
        assert [verdict.error for verdict in self.app.ingest.put_many(news, Call({}))] == [None] * len(news)

    def found(self, target: Target = None, where: Filter | None = None, **more: Any) -> list[int]:
        page = more.pop("page", Page(limit=100))
        request = SearchRequest(collection="Note", target=target, where=where, page=page, **more)
        return [row.object.properties["number"] for row in self.app.searcher.execute(request).rows]

    def stored(self, name: str = "Note", tenant: str = "") -> int:
        return self.app.database.shard(name, tenant).count

    def sweeper(self) -> Expiry:
        return Expiry(self.app.database, self.app.ingest, Every(1), self.clock)

    def sweep(self, sweeper: Expiry | None = None) -> int:
        """Everything that has expired is deleted; how many slices that took."""
        sweeper = sweeper or self.sweeper()
        self.clock.later(1 / 3600)
        slices = 1
        while sweeper.work():
            slices += 1
        return slices


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from _opened(tmp_path, "@yearly")


def _opened(path: Path, schedule: str) -> Iterator[World]:
    clock = Clock()
    plain = {"WEAVELET_EMBEDDED_INFERENCE": "false", "AUTOSCHEMA_ENABLED": "false"}
    given = {"PERSISTENCE_DATA_PATH": path / "data", "OBJECTS_TTL_DELETE_SCHEDULE": schedule, **plain}
    opened = open_app(Settings.model_validate(given), clock)
    yield World(opened, clock)
    opened.close()


def _equals(name: str, value: Any) -> Compare:
    return Compare(OfProperty(name), Operator.EQUAL, value, ValueKind.INT)


# --- What is shown ---


@pytest.mark.parametrize(
    "ask",
    [
        {},
        {"target": Keyword("word")},
        {"target": NearVector((np.array([0, 1], np.float32),))},
        {"where": Compare(OfProperty("number"), Operator.LESS_THAN, 9, ValueKind.INT)},
        {"page": Page(limit=100, after="")},
        {"page": Page(limit=1, after=IDS[1])},
    ],
    ids=["listing", "keyword", "vector", "filter", "cursor from the first", "cursor"],
)
def test_no_search_shows_what_has_expired(world: World, ask: dict[str, Any]) -> None:
    world.create(BY_AGE)
    world.put(0, 1, 3)
    world.clock.later(0.5)
    world.put(2, 4)
    assert len(world.found()) == 5

    world.clock.later(0.5)

    expected = [2, 4][: ask["page"].limit] if "page" in ask else [2, 4]
    assert sorted(world.found(**ask)) == expected
    assert world.stored() == 5


def test_a_cursor_walks_in_order_of_id(world: World) -> None:
    world.create(BY_DATE)
    world.put(5, 3, 1, until=world.clock.date(2))
    world.put(4, 2, 0, until=world.clock.date(1))
    world.clock.later(1)

    assert world.found(page=Page(limit=2, after="")) == [1, 3]
    assert world.found(page=Page(limit=2, after=IDS[3])) == [5]
    assert world.found(page=Page(limit=2, after=IDS[5])) == []


def test_what_has_expired_is_neither_counted_nor_fetched(world: World) -> None:
    world.create(BY_AGE)
    world.put(0)
    world.clock.later(1)
    world.put(1)
    searcher = world.app.searcher

    (total,) = searcher.aggregate(AggregateRequest(collection="Note")).groups
    assert total.count == 1
    assert [searcher.get("Note", id) is not None for id in IDS[:2]] == [False, True]
    assert [searcher.exists("Note", id) for id in IDS[:2]] == [False, True]
    assert [searcher.locate(id) for id in IDS[:2]] == [(), ("Note",)]


def test_what_has_expired_is_not_seen_through_references(world: World) -> None:
    world.create(BY_AGE)
    properties = [{"name": "number", "dataType": ["int"]}, {"name": "notes", "dataType": ["Note"]}]
    world.app.catalog.create({"class": "Book", "properties": properties})
    world.put(0)
    beacon = {"beacon": f"weaviate://localhost/Note/{IDS[0]}"}
    book = NewObject(collection="Book", id=IDS[1], properties={"number": 7, "notes": [beacon]}, vectors={})
    world.app.ingest.add(book, Call({}))
    behind = Compare(OfReferenced("notes", "Note", OfProperty("number")), Operator.EQUAL, 0, ValueKind.INT)
    pick = PickReference(name="notes", collection="Note", want=Want())

    def seen() -> tuple[int, int]:
        page, want = Page(limit=5), Want(references=(pick,))
        filtered = world.app.searcher.execute(SearchRequest(collection="Book", page=page, where=behind)).rows
        (shown,) = world.app.searcher.execute(SearchRequest(collection="Book", page=page, want=want)).rows
        return len(filtered), len(shown.references["notes"])

    assert seen() == (1, 1)
    world.clock.later(1)
    assert seen() == (0, 0)


def test_what_has_expired_is_shown_until_it_goes_where_nobody_filters_it(world: World) -> None:
    world.create({**BY_AGE, "filterExpiredObjects": False})
    world.put(0)
    world.clock.later(2)

    assert world.found() == [0]
    assert world.app.searcher.get("Note", IDS[0]) is not None
    world.sweep()
    assert world.found() == []


@pytest.mark.parametrize(("seconds", "numbers"), [(0, [1, 3]), (7200, [0, 1, 3]), (-7200, [3])])
def test_objects_expire_so_long_after_their_date_and_never_without_one(
    world: World, seconds: int, numbers: list[int]
) -> None:
    world.create({**BY_DATE, "defaultTtl": seconds})
    world.put(0, until=world.clock.date(-1))
    world.put(1, until=world.clock.date(1))
    world.put(2, until=world.clock.date(-3))
    world.put(3)

    assert world.found() == numbers
    world.sweep()
    assert world.found() == numbers
    assert world.stored() == len(numbers)


@pytest.mark.parametrize("seconds", [10**15, -(10**15)])
def test_times_beyond_the_calendar_are_no_trouble(world: World, seconds: int) -> None:
    world.create({**BY_DATE, "defaultTtl": seconds})
    world.put(0, until=world.clock.date())

    assert world.found() == ([0] if seconds > 0 else [])


# --- Sweeps ---


def test_a_sweep_deletes_what_has_expired_and_nothing_else(world: World) -> None:
    world.create(BY_AGE)
    world.create(BY_UPDATE, "Memo")
    world.create({**BY_AGE, "enabled": False}, "Kept")
    for name in ("Note", "Memo", "Kept"):
        world.put(0, 1, name=name)
    world.clock.later(0.5)
    world.app.ingest.merge(NewObject(collection="Memo", id=IDS[0], properties={"text": "new"}), Call({}))
    world.clock.later(0.5)

    world.sweep()

    assert [world.stored(name) for name in ("Note", "Memo", "Kept")] == [0, 1, 2]


def test_a_sweep_goes_a_few_objects_at_a_time(world: World) -> None:
    world.create(BY_AGE)
    world.put(0, 1, 2, 3, 4)
    world.clock.later(2)

    sweeper = Expiry(world.app.database, world.app.ingest, Every(1), world.clock, at_once=2)
    assert world.sweep(sweeper) == 3
    assert world.stored() == 0


def test_nothing_is_deleted_before_its_time(world: World) -> None:
    world.create(BY_AGE)
    world.put(0)
    sweeper = Expiry(world.app.database, world.app.ingest, parse_schedule("@every 3h"), world.clock)

    world.clock.later(2)
    assert not sweeper.work()
    assert world.stored() == 1
    world.clock.later(1)
    assert not sweeper.work()
    assert world.stored() == 0


def test_tenants_nobody_uses_are_closed_again_after_the_sweep(world: World) -> None:
    world.create(BY_AGE, multiTenancyConfig={"enabled": True})
    world.app.catalog.add_tenants("Note", [TenantChange(name) for name in ("used", "idle", "empty")])
    for tenant in ("used", "idle"):
        world.put(0, 1, tenant=tenant)
    database = world.app.database
    database.rest("Note", "idle")
    world.clock.later(1)
    world.sweep()
    assert [database.is_awake("Note", tenant) for tenant in ("used", "idle", "empty")] == [True, False, False]
    assert [database.was_used("Note", tenant) for tenant in ("used", "idle", "empty")] == [True, True, False]
    assert (world.stored(tenant="used"), world.stored(tenant="idle")) == (0, 0)


def test_active_tenants_are_swept_and_others_left_alone(world: World) -> None:
    world.create(BY_AGE, multiTenancyConfig={"enabled": True, "autoTenantActivation": True})
    world.app.catalog.add_tenants("Note", [TenantChange(name) for name in ("hot", "cold")])
    for tenant in ("hot", "cold"):
        world.put(0, tenant=tenant)
    world.clock.later(2)
    world.app.database.put_tenants("Note", {"cold": TenantStatus.COLD})

    world.sweep()

    assert world.app.database.tenants("Note") == {"hot": TenantStatus.HOT, "cold": TenantStatus.COLD}
    assert (world.stored(tenant="hot"), world.stored(tenant="cold")) == (0, 1)


def test_a_shard_that_cannot_be_written_does_not_stop_the_sweep(world: World) -> None:
    for name in ("Aaa", "Note"):
        world.create(BY_AGE, name)
        world.put(0, name=name)
    world.clock.later(2)
    (shard,) = world.app.database.shards("Aaa")
    world.app.database.set_read_only("Aaa", shard.name, True)

    assert world.sweep() == 2
    assert (world.stored("Aaa"), world.stored("Note")) == (1, 0)


def test_a_collection_that_goes_during_a_sweep_is_passed_over(world: World) -> None:
    for name in ("Aaa", "Bbb", "Note"):
        world.create(BY_AGE, name)
        world.put(0, name=name)
    world.clock.later(2)
    sweeper = world.sweeper()
    world.clock.later(1)
    assert sweeper.work()
    world.app.catalog.drop("Bbb")

    while sweeper.work():
        pass

    assert world.stored("Note") == 0


def test_the_server_sweeps_on_its_own(tmp_path: Path) -> None:
    for world in _opened(tmp_path, "@every 1s"):
        world.create(BY_AGE)
        world.put(0)
        world.clock.later(2)
        end = time.monotonic() + 20
        while world.stored() and time.monotonic() < end:
            time.sleep(0.05)
        assert world.stored() == 0


# --- Deleted only as found ---


def test_an_object_written_since_it_was_found_stays(world: World) -> None:
    world.create(BY_AGE)
    world.put(0, 1)
    shard = world.app.database.shard("Note")
    found = {id: shard.doc_of(id) for id in IDS[:2]}
    world.put(0, text="renewed")

    assert shard.commit([Delete(id, doc) for id, doc in found.items()]) == [None, None]
    assert [shard.exists(id) for id in IDS[:2]] == [True, False]


def test_a_write_in_the_same_commit_comes_before_a_delete_of_what_was_found(world: World) -> None:
    world.create(BY_AGE)
    world.put(0)
    shard = world.app.database.shard("Note")
    (stored,) = shard.get([IDS[0]], None)
    assert stored is not None
    put, delete = proposal(Put(stored)), proposal(Delete(IDS[0], shard.doc_of(IDS[0])))

    _, final = outcomes([put, delete], lambda object: None)

    assert list(final.values()) == [put]


def test_the_index_that_objects_expire_by_cannot_be_dropped(world: World) -> None:
    world.create(BY_DATE)

    with pytest.raises(InvalidSchema, match="should have filterable or rangeable index"):
        world.app.catalog.drop_property_index("Note", "until", "filterable")


# --- Schedules ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@every 12h", "2024-02-28 12:30:10"),
        ("@every 1m30s", "2024-02-28 00:31:40"),
        ("@hourly", "2024-02-28 01:00:00"),
        ("@daily", "2024-02-29 00:00:00"),
        ("@weekly", "2024-03-03 00:00:00"),
        ("@monthly", "2024-03-01 00:00:00"),
        ("@yearly", "2025-01-01 00:00:00"),
        ("30 4 * * *", "2024-02-28 04:30:00"),
        ("*/15 * * * *", "2024-02-28 00:45:00"),
        ("30 0 * * *", "2024-02-29 00:30:00"),
        ("*/10 * * * * *", "2024-02-28 00:30:20"),
        ("0 6-8/2,23 * * *", "2024-02-28 06:00:00"),
        ("0 0 29 feb *", "2024-02-29 00:00:00"),
        ("0 0 * * MON-FRI", "2024-02-29 00:00:00"),
        ("0 0 13 * fri", "2024-03-01 00:00:00"),
        ("0 0 1 */6 ?", "2024-07-01 00:00:00"),
    ],
)
def test_the_next_time_of_a_schedule(text: str, expected: str) -> None:
    now = datetime(2024, 2, 28, 0, 30, 10, tzinfo=UTC)

    found = parse_schedule(text).after(int(now.timestamp()) * 1000)

    assert datetime.fromtimestamp(found / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "@every", "@every 5", "@every 1ms", "@often", "* * * *", "60 * * * *", "0 0 * * 7"),
        *("5-1 * * * *", "*/0 * * * *", "a * * * *", "1- * * * *", "0 0 30 feb *"),
    ],
)
def test_what_is_no_schedule_stops_the_start_with_a_sentence(tmp_path: Path, text: str) -> None:
    given = {"PERSISTENCE_DATA_PATH": tmp_path / "data", "OBJECTS_TTL_DELETE_SCHEDULE": text}

    with pytest.raises(InvalidInput, match=r"^OBJECTS_TTL_DELETE_SCHEDULE: .* is no schedule \(.*\): write for"):
        open_app(Settings.model_validate(given))
    assert not (tmp_path / "data").exists()
