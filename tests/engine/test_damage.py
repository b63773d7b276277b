"""Damaged files are noticed: what can be made again is, and what cannot is reported by name. Nothing crashes."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.shard_world import by_keyword, collection, id_of, ids, note
from weavelet.engine.database import Database
from weavelet.engine.query import Put
from weavelet.engine.settings import EngineSettings
from weavelet.errors import CorruptionError
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import Object

COUNT, DIMENSIONS = 300, 16
SETTINGS = EngineSettings(synchronous_full=False, quantised_threshold=100, graph_threshold=200)
Damage = Callable[[bytes], bytes]


def stored(number: int) -> Object:
    return note(number, vectors={UNNAMED: vector_of(number)})


def vector_of(number: int) -> np.ndarray:
    vector = np.random.default_rng(number).standard_normal(DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a snapshot, a graph and some changes since."""
    folder = tmp_path_factory.mktemp("damage") / "data"
    database = Database(folder, SETTINGS)
    database.create(collection())
    shard = database.shard("Note")
    shard.commit([Put(stored(number)) for number in range(COUNT - 50)])
    while shard.upkeep():
        pass
    shard.snapshot()
    shard.commit([Put(stored(number)) for number in range(COUNT - 50, COUNT)])
    database.close()
    return folder


def flipped(share: float) -> Damage:
    def damage(data: bytes) -> bytes:
        place = int((len(data) - 1) * share)
        return data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :]

    return damage


def cut(share: float) -> Damage:
    return lambda data: data[: int(len(data) * share)]


DAMAGES = {
    "flipped at the beginning": flipped(0.0),
    "flipped in the header": flipped(0.0003),
    "flipped in the middle": flipped(0.5),
    "flipped at the end": flipped(1.0),
    "cut to nothing": cut(0.0),
    "cut to a stump": cut(0.001),
    "cut to half": cut(0.5),
    "cut at the tail": cut(0.99),
    "zeros": lambda data: bytes(len(data)),
}


def damaged(original: Path, folder: Path, name: str, damage: Damage) -> Database:
    shutil.copytree(original, folder)
    (path,) = folder.rglob(name)
    path.write_bytes(damage(path.read_bytes()))
    return Database(folder, SETTINGS)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", ["indexes.snapshot", "graph.snapshot"])
def test_damaged_indexes_are_made_again(original: Path, tmp_path: Path, name: str, damage: Damage) -> None:
    database = damaged(original, tmp_path / "data", name, damage)
    shard = database.shard("Note")
    assert ids(shard) == [id_of(number) for number in range(COUNT)]
    for number in range(0, COUNT, 7):
        assert by_keyword(shard, f"w{number}") == [id_of(number)]
        with shard.read_lock():
            (nearest,) = shard.slots[UNNAMED].search(vector_of(number), 1)
        assert shard.id_of(nearest.doc) == id_of(number)
    database.close()


@pytest.mark.parametrize("damage", [cut(0.001), cut(0.5), cut(0.95), lambda data: b"x" + data[1:]])
def test_a_vector_file_that_lacks_rows_is_reported(original: Path, tmp_path: Path, damage: Damage) -> None:
    database = damaged(original, tmp_path / "data", "vectors.f32", damage)
    for _ in range(2):
        with pytest.raises(CorruptionError, match=r"vectors\.f32 is damaged"):
            database.shard("Note")
    database.create(collection("Other"))
    assert database.shard("Other").commit([Put(replace(stored(1), collection="Other"))]) == [None]
    database.close()


@pytest.mark.parametrize("damage", [cut(0.0), cut(0.001), lambda data: b"x" + data[1:]])
def test_a_damaged_store_is_reported(original: Path, tmp_path: Path, damage: Damage) -> None:
    database = damaged(original, tmp_path / "data", "objects.db", damage)
    with pytest.raises(CorruptionError, match=r"objects\.db is damaged"):
        database.shard("Note")
    database.close()


@pytest.mark.parametrize("damage", [cut(0.0), cut(0.001), lambda data: b"x" + data[1:]])
def test_a_damaged_catalog_is_reported(original: Path, tmp_path: Path, damage: Damage) -> None:
    with pytest.raises(CorruptionError, match=r"catalog\.db is damaged"):
        damaged(original, tmp_path / "data", "catalog.db", damage)
