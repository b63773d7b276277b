"""Codes from a snapshot answer as the codes that wrote it, follow what happened since, and are never damaged ones; and
codes of another precision are made without anybody waiting for them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from weavelet.engine.settings import EngineSettings
from weavelet.engine.vectors import quantised
from weavelet.engine.vectors.building import Building
from weavelet.engine.vectors.file import VectorFile
from weavelet.engine.vectors.flat import Flat
from weavelet.engine.vectors.quantised import COARSE, FINE, Quantised, precision_for
from weavelet.engine.vectors.slot import VectorSlot
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance

COUNT, DIMENSIONS = 3_000, 20

pytestmark = pytest.mark.skipif(not quantised.available(Distance.COSINE), reason="turbovec is not installed")


def _vectors(n: int, seed: int = 0, dimensions: int = DIMENSIONS) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, dimensions)).astype(np.float32)


def _nothing() -> None: ...


@dataclass(frozen=True)
class World:
    """Vectors, and a snapshot of the codes of all but the last hundred."""

    file: VectorFile
    snapshot: Path

    def flat(self, docs: np.ndarray) -> Flat:
        flat = Flat(self.file, Distance.COSINE)
        flat.add(docs.astype(np.uint32), docs)
        return flat

    def loaded(self, docs: np.ndarray) -> Quantised:
        codes = Quantised(self.flat(docs), Distance.COSINE, DIMENSIONS)
        codes.load(self.snapshot)
        return codes

    def assert_right(self, codes: Quantised, docs: np.ndarray) -> None:
        flat = self.flat(docs)
        for query in _vectors(20, seed=5):
            found = codes.nearest(query, 10, None)
            assert found is not None
            assert len(np.intersect1d(found.docs, flat.nearest(query, 10, None).docs)) >= 9


@pytest.fixture(params=[COARSE, FINE], ids=["coarse", "fine"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    file = VectorFile(tmp_path / "vectors.f32")
    file.append(_vectors(COUNT))
    world = World(file, tmp_path / "codes.snapshot")
    codes = Quantised(world.flat(np.arange(COUNT - 100)), Distance.COSINE, DIMENSIONS, request.param)
    codes.add(codes.missing())
    codes.remove(np.array([7, 8], np.uint32))
    codes.add(np.array([8, 7], np.uint32))
    assert codes.changes == COUNT - 100 + 4
    codes.snapshot(world.snapshot, _nothing)
    assert codes.changes == 0
    yield world
    file.close()


def test_codes_are_taken_from_their_snapshot(world: World) -> None:
    docs = np.arange(COUNT - 100)
    codes = world.loaded(docs)
    assert codes.changes == 0
    assert not len(codes.missing())
    world.assert_right(codes, docs)


def test_codes_follow_what_happened_since(world: World) -> None:
    docs = np.arange(200, COUNT)
    codes = world.loaded(docs)
    assert codes.changes == 200
    assert codes.missing().tolist() == list(range(COUNT - 100, COUNT))
    codes.add(codes.missing())
    world.assert_right(codes, docs)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
        lambda data: b"",
        lambda data: data + b"more",
    ],
    ids=["half", "flipped", "nothing", "more"],
)
def test_damaged_codes_are_made_again(world: World, damage: Callable[[bytes], bytes]) -> None:
    world.snapshot.write_bytes(damage(world.snapshot.read_bytes()))
    docs = np.arange(COUNT)
    codes = world.loaded(docs)
    assert len(codes) == 0
    codes.add(codes.missing())
    world.assert_right(codes, docs)


def test_codes_of_another_distance_are_not_taken(world: World) -> None:
    codes = Quantised(world.flat(np.arange(COUNT)), Distance.DOT, DIMENSIONS)
    codes.load(world.snapshot)
    assert len(codes) == 0


@pytest.mark.parametrize(
    ("count", "present", "wanted"),
    [
        (32_000, None, COARSE),
        (32_001, None, FINE),
        (32_001, COARSE, FINE),
        (31_999, FINE, FINE),
        (16_001, FINE, FINE),
        (16_000, FINE, COARSE),
    ],
)
def test_precision_follows_the_number_of_vectors_with_some_patience(
    count: int, present: quantised.Precision | None, wanted: quantised.Precision
) -> None:
    assert precision_for(count, present) is wanted


@dataclass
class Growing:
    """A slot that vectors come to and go from."""

    slot: VectorSlot
    vectors: np.ndarray

    def add(self, start: int, stop: int) -> None:
        self.slot.index(range(start, stop), self.slot.append(list(self.vectors[start:stop])))

    def assert_right(self, docs: np.ndarray) -> None:
        """The nearest of each vector is the vector itself."""
        for doc in docs[:: len(docs) // 7]:
            assert self.slot.search(self.vectors[doc], 5)[0].doc == doc


def test_codes_are_made_while_searches_are_answered_without_them(tmp_path: Path) -> None:
    growing = Growing(VectorSlot(VectorIndex(kind="hnsw"), tmp_path, EngineSettings()), _vectors(34_000, 0, 8))
    slot = growing.slot
    growing.add(0, 31_000)
    assert slot.queue_length == 31_000, "they wait to be made"
    growing.assert_right(np.arange(31_000))
    while slot.work():
        pass
    assert slot.queue_length == 0
    growing.add(31_000, 33_000)
    assert slot.queue_length == 33_000, "they wait to be made again"
    growing.assert_right(np.arange(33_000))
    assert slot.work()
    assert 0 < slot.queue_length < 33_000
    slot.remove([5, 32_999])
    growing.add(33_000, 34_000)
    growing.assert_right(np.setdiff1d(np.arange(34_000), [5, 32_999]))
    while slot.work():
        pass
    assert slot.queue_length == 0
    growing.assert_right(np.setdiff1d(np.arange(34_000), [5, 32_999]))
    for gone in (5, 32_999):
        assert gone not in {hit.doc for hit in slot.search(growing.vectors[gone], 5)}
    slot.remove(range(15_000, 34_000))
    assert slot.queue_length == 14_999, "few are left, so that codes of fewer bits will do"
    growing.assert_right(np.arange(6, 15_000))
    while slot.work():
        pass
    growing.assert_right(np.arange(6, 15_000))
    slot.close()


class Watched(Quantised):
    """Codes while some of which are being made something happens, once."""

    meanwhile: Callable[[], None] | None = None

    def take(self, docs: np.ndarray, vectors: np.ndarray) -> None:
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        super().take(docs, vectors)


def test_vectors_come_and_go_while_codes_are_being_made(world: World) -> None:
    docs, gone = np.arange(COUNT - 1), np.array([3, COUNT - 2], np.uint32)
    flat, changing = world.flat(docs), threading.Lock()
    codes = Watched(flat, Distance.COSINE, DIMENSIONS, FINE)
    building = Building(codes, changing)

    def change() -> None:
        assert changing.acquire(timeout=10), "nobody who changes the vectors waits for codes"
        building.remove(gone)
        flat.remove(gone)
        flat.add(np.array([COUNT - 1], np.uint32), np.array([COUNT - 1]))
        building.add(np.array([COUNT - 1], np.uint32))
        changing.release()

    codes.meanwhile = change
    while not building.done:
        building.work()
    assert len(codes) == len(flat)
    assert not len(codes.missing())
    world.assert_right(codes, np.setdiff1d(np.arange(COUNT), gone))


@pytest.mark.parametrize("made", [0, 1], ids=["before any is made", "when they have been made"])
def test_removed_vectors_have_no_codes_in_the_end(world: World, made: int) -> None:
    flat = world.flat(np.arange(100))
    building = Building(Quantised(flat, Distance.COSINE, DIMENSIONS, FINE), threading.Lock())
    for _ in range(made):
        building.work()
    building.remove(np.array([0, 99], np.uint32))
    flat.remove(np.array([0, 99], np.uint32))
    assert not building.done
    while not building.done:
        building.work()
    assert len(building.codes) == 98
    assert not len(building.codes.missing())


@pytest.mark.parametrize(
    "config",
    [
        VectorIndex(kind="hnsw"),
        VectorIndex(kind="hnsw", distance=Distance.MANHATTAN),
        VectorIndex(kind="hnsw", skip=True),
    ],
    ids=["codes", "a distance without codes", "not indexed"],
)
@pytest.mark.parametrize("coming", [0, 200, 100_000])
def test_slots_are_the_same_whether_they_learn_beforehand_or_not(
    tmp_path: Path, config: VectorIndex, coming: int
) -> None:
    growing = Growing(VectorSlot(config, tmp_path, EngineSettings(quantised_threshold=300)), _vectors(400))
    growing.slot.learn(coming)
    growing.add(0, 200)
    growing.slot.learn(coming)
    growing.add(200, 400)
    assert len(growing.slot) == 400
    if not config.skip:
        growing.assert_right(np.arange(400))
    growing.slot.close()


def test_a_slot_writes_and_reads_the_codes_of_many_vectors(tmp_path: Path) -> None:
    settings, config = EngineSettings(background_codes=1), VectorIndex(kind="hnsw")
    slot, vectors = VectorSlot(config, tmp_path, settings), _vectors(12_000)
    rows = slot.append(list(vectors))
    slot.index(range(12_000), rows)
    while slot.work():
        pass
    assert slot.snapshot_is_due(quiet=True)
    slot.snapshot()
    assert not slot.snapshot_is_due(quiet=True)
    written = (tmp_path / "codes.snapshot").stat().st_mtime_ns
    slot.snapshot()
    assert (tmp_path / "codes.snapshot").stat().st_mtime_ns == written
    before = slot.search(vectors[5], 10)
    slot.close()
    again = VectorSlot(config, tmp_path, settings)
    again.load(range(12_000), rows)
    assert again.queue_length == 0
    assert again.search(vectors[5], 10) == before
    again.close()


@pytest.mark.parametrize("metric", Distance)
def test_what_is_known_of_vectors_need_not_be_measured_again(tmp_path: Path, metric: Distance) -> None:
    file = VectorFile(tmp_path / "vectors.f32")
    rows = file.append(_vectors(300) * 3)
    docs = np.arange(300, dtype=np.uint32)
    flat, again = Flat(file, metric), Flat(file, metric)
    flat.add(docs, rows)
    scales = flat.scales(docs[:250])
    if scales is None:
        assert metric in (Distance.MANHATTAN, Distance.HAMMING)
    else:
        again.load(docs[50:], rows[50:], docs[:250], scales)
        flat.remove(docs[:50])
        for query in _vectors(5, seed=3):
            expected, found = flat.nearest(query, 10, None), again.nearest(query, 10, None)
            assert found.docs.tolist() == expected.docs.tolist()
            assert found.distances.tolist() == expected.distances.tolist()
    file.close()
