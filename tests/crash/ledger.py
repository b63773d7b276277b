"""What must be there after a crash: what was acknowledged surely, what was under way as a whole or not at all."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.crash.wire import EVERYTHING, Found, Grpc, Rest, properties_of, vector_of
from tests.engine.shard_world import id_of

FAR_OFF = 3_000_000
"""A version nobody writes, so its vector is nobody's."""


@dataclass
class Ledger:
    """Objects by number; a version of 0 is no object. Each writer has numbers of its own."""

    stored: dict[int, int] = field(default_factory=dict)
    open: dict[int, int] = field(default_factory=dict)
    retired: list[int] = field(default_factory=list)

    def attempt(self, batch: Sequence[tuple[int, int]]) -> None:
        self.open.update(batch)

    def done(self, batch: Sequence[tuple[int, int]]) -> None:
        for number, version in batch:
            del self.open[number]
            if number in self.stored:
                self.retired.append(self.stored.pop(number))
            if version:
                self.stored[number] = version

    def settle(self, found: Mapping[int, int]) -> None:
        """Whatever was under way has happened, or not."""
        for number, version in list(self.open.items()):
            now, before = found.get(number, 0), self.stored.get(number, 0)
            assert now in (before, version), f"object {number} has version {now}, not {before} or {version}"
            if now == version:
                self.done([(number, version)])
            elif version:
                self.retired.append(version)
        self.open.clear()
        self.retired = self.retired[-100:]

    def check(self, rest: Rest, grpc: Grpc, rng: random.Random, sample: int) -> None:
        """Every way to find objects finds exactly these."""
        listed = rest("GET", f"/v1/objects?class=Note&limit={EVERYTHING}&include=vector")["objects"]
        versions = {int(shown["properties"]["number"]): int(shown["properties"]["version"]) for shown in listed}
        assert len(versions) == len(listed), "an object is there twice"
        self.settle(versions)
        assert versions == self.stored
        self.check_whole(listed)
        whole = {id_of(number): version for number, version in self.stored.items()}
        for search in (
            grpc.all_by_filter(),
            grpc.all_by_keyword("note"),
            grpc.all_by_vector(FAR_OFF),
            grpc.all_by_hybrid("note", FAR_OFF),
        ):
            assert {row.id: row.version for row in search} == whole
        self.check_distances(grpc.all_by_vector(FAR_OFF))
        for number in rng.sample(sorted(self.stored), min(sample, len(self.stored))):
            self.check_one(grpc, number, self.stored[number])
        for version in rng.sample(self.retired, min(2, len(self.retired))):
            assert grpc.all_by_keyword(f"v{version}") == []
            assert grpc.all_by_filter([version]) == []

    def check_whole(self, listed: Sequence[Mapping[str, object]]) -> None:
        for shown in listed:
            properties, vector = shown["properties"], shown["vector"]
            assert isinstance(properties, dict)
            number, version = int(properties["number"]), int(properties["version"])
            assert shown["id"] == id_of(number)
            assert properties.items() >= properties_of(number, version).items()
            assert np.array_equal(np.array(vector, np.float32), vector_of(version))

    def check_distances(self, found: Sequence[Found]) -> None:
        """Each is as far away as its own vector is."""
        if not found:
            return
        vectors = np.stack([vector_of(row.version) for row in found])
        query = vector_of(FAR_OFF)
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
        assert np.allclose([row.distance for row in found], 1 - vectors @ query / lengths, atol=1e-5)

    def check_one(self, grpc: Grpc, number: int, version: int) -> None:
        id = id_of(number)
        assert [row.id for row in grpc.all_by_keyword(f"v{version}")] == [id]
        assert [row.id for row in grpc.all_by_filter([version])] == [id]
        (nearest, *_) = grpc.all_by_vector(version, limit=2)
        assert (nearest.id, nearest.version) == (id, version)
        assert abs(nearest.distance) < 1e-5
        assert grpc.all_by_hybrid(f"v{version}", version, limit=1)[0].id == id
