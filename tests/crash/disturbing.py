"""What else goes on while a server is killed, and how it must be found afterwards: done or not, never half."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.crash.wire import Grpc, Refused, Rest, object_document, schema_document
from tests.engine.shard_world import id_of

PAST, FUTURE = "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"


class Disturbance(Protocol):
    seconds: tuple[float, float]
    """How long it goes on before the kill."""

    def prepare(self, rest: Rest, grpc: Grpc) -> None:
        """Once, before the first round."""

    def disturb(self, rest: Rest, grpc: Grpc) -> None:
        """Some of it; called again and again."""

    def check(self, rest: Rest, grpc: Grpc) -> None:
        """After the kill, on the next server."""


@dataclass
class Definitions:
    """Properties are added to the collection everybody writes to; collections come and go."""

    rng: random.Random
    seconds: tuple[float, float] = (0.05, 0.4)
    properties: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)
    unsure: str = ""
    count: int = 0

    def prepare(self, rest: Rest, grpc: Grpc) -> None: ...

    def disturb(self, rest: Rest, grpc: Grpc) -> None:
        self.count += 1
        if self.count % 4 == 0:
            name = f"extra{self.count}"
            rest("POST", "/v1/schema/Note/properties", {"name": name, "dataType": ["text"]})
            self.properties.add(name)
        elif len(self.there) > 3:
            self.unsure = min(self.there)
            rest("DELETE", f"/v1/schema/{self.unsure}")
            self.there.discard(self.unsure)
            self.unsure = ""
        else:
            self.unsure = f"Passing{self.count}"
            rest("POST", "/v1/schema", schema_document(self.unsure))
            self.there.add(self.unsure)
            rest("POST", "/v1/objects", object_document(self.count, self.count, self.unsure))
            self.unsure = ""

    def check(self, rest: Rest, grpc: Grpc) -> None:
        classes = {shown["class"]: shown for shown in rest("GET", "/v1/schema")["classes"]}
        assert {prop["name"] for prop in classes["Note"]["properties"]} >= self.properties
        passing = {name for name in classes if name.startswith("Passing")}
        assert passing - {self.unsure} == self.there - {self.unsure}
        if self.unsure in passing:
            rest("DELETE", f"/v1/schema/{self.unsure}")
        self.there.discard(self.unsure)
        self.unsure = ""
        for name in self.there:
            assert len(grpc.all_by_keyword("note", collection=name)) == 1


@dataclass
class Tenants:
    """Tenants are made, filled, put to sleep and dropped."""

    rng: random.Random
    seconds: tuple[float, float] = (0.1, 0.5)
    versions: dict[str, int] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    count: int = 0

    def prepare(self, rest: Rest, grpc: Grpc) -> None:
        settings = {"enabled": True, "autoTenantActivation": True}
        rest("POST", "/v1/schema", schema_document("Box", multiTenancyConfig=settings))

    def disturb(self, rest: Rest, grpc: Grpc) -> None:
        made = [f"t{self.count + step}" for step in range(3)]
        self.count += 3
        self.unsure = set(made)
        rest("POST", "/v1/schema/Box/tenants", [{"name": name} for name in made])
        for name in made:
            version = int(name[1:]) + 1
            grpc.put([(version, version)], "Box", name)
            self.versions[name] = version
            self.unsure.discard(name)
        asleep = self.rng.choice(sorted(self.versions))
        rest("PUT", "/v1/schema/Box/tenants", [{"name": asleep, "activityStatus": "COLD"}])
        if len(self.versions) > 12:
            gone = self.rng.choice(sorted(self.versions))
            self.unsure.add(gone)
            del self.versions[gone]
            rest("DELETE", "/v1/schema/Box/tenants", [gone])
            self.unsure.discard(gone)

    def check(self, rest: Rest, grpc: Grpc) -> None:
        found = {shown["name"] for shown in rest("GET", "/v1/schema/Box/tenants")}
        assert found - self.unsure == self.versions.keys() - self.unsure
        for name in self.rng.sample(sorted(self.versions), min(5, len(self.versions))):
            version = self.versions[name]
            whole = [(id_of(version), version)]
            assert _rows(grpc.all_by_keyword(f"v{version}", collection="Box", tenant=name)) == whole
            assert _rows(grpc.all_by_vector(version, collection="Box", tenant=name)) == whole
            assert _rows(grpc.all_by_filter(collection="Box", tenant=name)) == whole
        for name in self.unsure & found:
            rest("DELETE", "/v1/schema/Box/tenants", [name])
        self.unsure.clear()


@dataclass
class Restoring:
    """A collection is dropped and restored from a backup."""

    rng: random.Random
    seconds: tuple[float, float] = (0.05, 0.4)
    numbers: range = range(5000, 5120)
    certain: bool | None = True
    """Whether the collection is there; None while that is open."""

    def prepare(self, rest: Rest, grpc: Grpc) -> None:
        rest("POST", "/v1/schema", schema_document("Kept"))
        grpc.put([(number, number) for number in self.numbers], "Kept")
        rest("POST", "/v1/backups/filesystem", {"id": "kept", "include": ["Kept"]})
        _wait(rest, "/v1/backups/filesystem/kept")

    def disturb(self, rest: Rest, grpc: Grpc) -> None:
        self.certain = None
        rest("DELETE", "/v1/schema/Kept")
        self.certain = False
        rest("POST", "/v1/backups/filesystem/kept/restore", {})
        self.certain = None
        _wait(rest, "/v1/backups/filesystem/kept/restore")
        self.certain = True

    def check(self, rest: Rest, grpc: Grpc) -> None:
        there = "Kept" in {shown["class"] for shown in rest("GET", "/v1/schema")["classes"]}
        assert self.certain in (there, None, False)
        if there:
            whole = [(id_of(number), number) for number in self.numbers]
            for found in (
                grpc.all_by_keyword("note", collection="Kept"),
                grpc.all_by_vector(1, collection="Kept"),
                grpc.all_by_filter(collection="Kept"),
            ):
                assert sorted(_rows(found)) == whole
        self.certain = there


@dataclass
class Expiring:
    """Objects expire and are swept."""

    rng: random.Random
    seconds: tuple[float, float] = (0.8, 1.3)
    lasting: dict[int, int] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)
    count: int = 0

    def prepare(self, rest: Rest, grpc: Grpc) -> None:
        document = dict(schema_document("Brief"))
        document["properties"] = [*document["properties"], {"name": "until", "dataType": ["date"]}]
        rest("POST", "/v1/schema", {**document, "objectTtlConfig": {"enabled": True, "deleteOn": "until"}})

    def disturb(self, rest: Rest, grpc: Grpc) -> None:
        first = self.count + 1
        self.count += 20
        self.unsure = set(range(first, first + 20))
        documents = [
            object_document(number, number, "Brief", until=FUTURE if number % 4 == 0 else PAST)
            for number in range(first, first + 20)
        ]
        rest("POST", "/v1/batch/objects", {"objects": documents})
        self.lasting |= {number: number for number in self.unsure if number % 4 == 0}
        self.unsure.clear()
        time.sleep(0.02)

    def check(self, rest: Rest, grpc: Grpc) -> None:
        searches: Sequence[Callable[[], Any]] = (
            lambda: grpc.all_by_filter(collection="Brief"),
            lambda: grpc.all_by_keyword("note", collection="Brief"),
            lambda: grpc.all_by_vector(1, collection="Brief"),
            lambda: grpc.all_by_hybrid("note", 1, collection="Brief"),
        )
        found = [{row.version for row in search()} for search in searches]
        lasting = {version for version in found[0] if version % 4 == 0}
        assert lasting - self.unsure == self.lasting.keys() - self.unsure
        self.lasting = {number: number for number in lasting}
        assert all({version for version in one if version % 4 == 0} == lasting for one in found)


def _rows(found: Sequence[Any]) -> list[tuple[str, int]]:
    return [(row.id, row.version) for row in found]


def _wait(rest: Rest, path: str) -> None:
    while (status := rest("GET", path)["status"]) != "SUCCESS":
        if status == "FAILED":
            raise Refused(f"{path} failed")
        time.sleep(0.005)


ALL: Sequence[Callable[[random.Random], Disturbance]] = (Definitions, Tenants, Restoring, Expiring)
