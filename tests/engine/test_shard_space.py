"""What is removed gives back its room: rows of vectors, pages of the store, document numbers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.shard_world import by_keyword, by_vector, collection, id_of, ids, note, vector_of
from weavelet.engine.query import Delete, Put
from weavelet.engine.settings import EngineSettings
from weavelet.engine.shard import Shard
from weavelet.errors import Unavailable
from weavelet.schema.collection import UNNAMED, Collection, VectorConfig, VectorIndex
from weavelet.schema.objects import Object

STOPPING = Unavailable("the server is stopping")
SETTINGS = EngineSettings(synchronous_full=True, snapshot_changes=3_000, spare_numbers=100)
KEEPING = replace(SETTINGS, spare_numbers=10**9)
Opener = Callable[..., Shard]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    shards: list[Shard] = []

    def open_shard(settings: EngineSettings = KEEPING, definition: Collection | None = None) -> Shard:
        for shard in shards:
            shard.close(STOPPING)
        shards.append(Shard("main", definition or collection(), tmp_path / "shard", settings))
        return shards[-1]

    yield open_shard
    for shard in shards:
        shard.close(STOPPING)


def versioned(number: int, version: int) -> Object:
    return note(number, f"note v{version}", vectors={UNNAMED: vector_of(version)})


def check(shard: Shard, versions: dict[int, int], sample: int = 40) -> None:
    assert ids(shard) == [id_of(number) for number in sorted(versions)]
    for number in sorted(versions)[:: max(1, len(versions) // sample)]:
        version = versions[number]
        assert by_keyword(shard, f"v{version}") == [id_of(number)]
        assert by_vector(shard, vector_of(version)) == id_of(number)


@pytest.mark.parametrize("settings", [KEEPING, replace(KEEPING, synchronous_full=False)], ids=["full", "normal"])
def test_files_do_not_grow_with_updates(opened: Opener, tmp_path: Path, settings: EngineSettings) -> None:
    shard, count = opened(settings), 1_100
    sizes, versions = [], {}
    for round in range(7):
        versions = {number: round * count + number for number in range(count)}
        shard.commit([Put(versioned(number, version)) for number, version in versions.items()])
        if round % 3 == 2:
            shard.snapshot()
        files = (tmp_path / "shard").rglob("*")
        sizes.append({file.name: file.stat().st_size for file in files if file.suffix in (".db", ".f32")})
    check(shard, versions)
    assert sizes[-1]["vectors.f32"] <= 3.5 * count * 4 * 4
    assert sizes[-1]["objects.db"] <= 2 * sizes[3]["objects.db"]
    shard = opened(settings)
    check(shard, versions)


def test_room_of_deleted_vectors_is_used_by_others(opened: Opener, tmp_path: Path) -> None:
    shard, versions = opened(), {}
    for round in range(10):
        added = {round * 700 + number: round * 700 + number for number in range(700)}
        shard.commit([Put(versioned(number, version)) for number, version in added.items()])
        gone = [number for number in versions if number % 3]
        shard.commit([Delete(id_of(number)) for number in gone])
        versions = {number: version for number, version in versions.items() if number not in set(gone)} | added
    check(shard, versions)
    assert (tmp_path / "shard" / "vector" / "vectors.f32").stat().st_size <= 2.2 * len(versions) * 4 * 4


def multi(version: int) -> np.ndarray:
    """A few vectors an object, not the same number of them in each."""
    rows = 2 + version % 4
    return np.array([[version, row, 1, 1] for row in range(rows)], np.float32)


def test_files_of_multi_vectors_do_not_grow_with_updates(opened: Opener, tmp_path: Path) -> None:
    index = VectorIndex(kind="hnsw", multivector=True, document={"multivector": {"enabled": True}})
    definition = replace(collection(), vectors={UNNAMED: VectorConfig(name=UNNAMED, index=index)})
    shard, count = opened(KEEPING, definition), 600
    for round in range(12):
        versions = {number: round * count + number for number in range(count)}
        objects = [note(number, f"v{v}", vectors={UNNAMED: multi(v)}) for number, v in versions.items()]
        shard.commit([Put(object) for object in objects])
    for number, version in versions.items():
        (found,) = shard.get([id_of(number)], None)
        assert found is not None
        assert np.array_equal(found.vectors[UNNAMED], multi(version))
    rows = sum(len(multi(version)) + 1 for version in versions.values())
    assert (tmp_path / "shard" / "vector" / "vectors.f32").stat().st_size <= 5 * rows * 4 * 4


# --- Document numbers ------------------------------------------------------------------------------------------------


def wasteful(shard: Shard) -> dict[int, int]:
    """Forty objects, of which every fourth has been written many times."""
    versions = {number: number for number in range(40)}
    shard.commit([Put(versioned(number, version)) for number, version in versions.items()])
    for round in range(1, 50):
        changed = {number: round * 40 + number for number in range(0, 40, 4)}
        shard.commit([Put(versioned(number, version)) for number, version in changed.items()])
        versions |= changed
    return versions


@pytest.mark.parametrize("snapshot", [False, True], ids=["no snapshot", "snapshot"])
def test_opening_gives_new_numbers_where_most_belong_to_nothing(opened: Opener, snapshot: bool) -> None:
    shard = opened()
    versions = wasteful(shard)
    if snapshot:
        shard.snapshot()
    docs = [shard.doc_of(id_of(number)) for number in range(40)]
    assert max(doc for doc in docs if doc is not None) > 500
    shard = opened(SETTINGS)
    renumbered = [shard.doc_of(id_of(number)) for number in range(40)]
    assert sorted(doc for doc in renumbered if doc is not None) == list(range(40))
    assert np.argsort(renumbered).tolist() == np.argsort(docs).tolist()
    check(shard, versions)
    shard.commit([Put(versioned(100, 100))])
    assert shard.doc_of(id_of(100)) == 40
    shard = opened(SETTINGS)
    check(shard, versions | {100: 100})


def test_a_graph_does_not_outlive_its_numbers(opened: Opener) -> None:
    with_graph = replace(SETTINGS, graph_threshold=10, quantised_threshold=10**9)
    shard = opened(replace(with_graph, spare_numbers=10**9))
    versions = wasteful(shard)
    while shard.upkeep():
        pass
    shard.snapshot()
    shard = opened(with_graph)
    assert shard.queue_length == 40
    while shard.upkeep():
        pass
    check(shard, versions)


def test_a_shard_that_runs_out_of_numbers_is_opened_anew(opened: Opener) -> None:
    few = replace(SETTINGS, document_numbers=200, spare_numbers=50, synchronous_full=False)
    shard = opened(few)
    versions: dict[int, int] = {}
    closed = 0
    for version in range(500):
        try:
            shard.commit([Put(versioned(version % 20, version))])
        except Unavailable:
            closed += 1
            shard = opened(few)
            shard.commit([Put(versioned(version % 20, version))])
        versions[version % 20] = version
    assert closed == 2
    check(shard, versions)
