"""What is committed is found by every kind of search, before and after reopening, and nothing else is."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.shard_world import by_keyword, by_vector, collection, id_of, ids, note, put, vector_of
from weavelet.engine.docset import DocSet
from weavelet.engine.query import Delete, Put, Want
from weavelet.engine.settings import EngineSettings
from weavelet.engine.shard import Shard
from weavelet.errors import CorruptionError, DimensionMismatch, InvalidVector, StorageError, Unavailable
from weavelet.schema.collection import UNNAMED, Collection

STOPPING = Unavailable("the server is stopping")
SETTINGS = EngineSettings(synchronous_full=False)
Opener = Callable[..., Shard]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Opens the shard of this test's folder, closing the one opened before."""
    shards: list[Shard] = []

    def open_shard(definition: Collection | None = None, *, snapshot: bool = False) -> Shard:
        if shards and not shards[-1].closed:
            if snapshot:
                shards[-1].snapshot()
            shards[-1].close(STOPPING)
        shards.append(Shard("main", definition or collection(), tmp_path / "shard", SETTINGS))
        return shards[-1]

    yield open_shard
    for shard in shards:
        shard.close(STOPPING)


def everywhere(shard: Shard, number: int) -> bool:
    """Whether the object is found, the same way by all: else the test fails."""
    found = {
        "id": shard.exists(id_of(number)),
        "list": id_of(number) in ids(shard),
        "keyword": id_of(number) in by_keyword(shard, f"w{number}"),
        "vector": by_vector(shard, vector_of(number)) == id_of(number),
        "live": (doc := shard.doc_of(id_of(number))) is not None and doc in shard.properties.live,
    }
    assert len(set(found.values())) == 1, found
    return found["id"]


def test_committed_objects_are_found_by_every_search(opened: Opener) -> None:
    shard = opened()
    assert shard.commit(put(1, 2, 3)) == [None, None, None]
    assert [everywhere(shard, n) for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert shard.count == 3


def test_deleted_objects_never_return(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(1, 2))
    assert shard.commit([Delete(id_of(1)), Delete(id_of(9))]) == [None, None]
    assert [everywhere(shard, n) for n in (1, 2)] == [False, True]
    shard = opened()
    assert [everywhere(shard, n) for n in (1, 2)] == [False, True]
    assert shard.count == 1


def test_an_update_gives_a_new_document_number_and_forgets_the_old_words(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(1))
    before = shard.doc_of(id_of(1))
    shard.commit([Put(note(1, "other", vectors={UNNAMED: vector_of(7)}))])
    assert shard.doc_of(id_of(1)) != before
    assert by_keyword(shard, "w1") == []
    assert by_keyword(shard, "other") == [id_of(1)]
    assert by_vector(shard, vector_of(1)) is None
    assert by_vector(shard, vector_of(7)) == id_of(1)
    assert shard.count == 1


@pytest.mark.parametrize("snapshot", [False, True], ids=["from the store", "from a snapshot"])
def test_everything_is_found_again_after_reopening(opened: Opener, snapshot: bool) -> None:
    shard = opened()
    shard.commit(put(*range(50)))
    shard.commit([Delete(id_of(n)) for n in range(0, 50, 7)])
    shard = opened(snapshot=snapshot)
    assert [n for n in range(50) if everywhere(shard, n)] == [n for n in range(50) if n % 7]
    assert shard.commit(put(0)) == [None]
    assert everywhere(shard, 0)


def test_a_snapshot_catches_up_with_what_came_after_it(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(*range(20)))
    shard.snapshot()
    shard.commit([Delete(id_of(3)), Put(note(4, "changed"))])
    shard.commit(put(30))
    shard.commit([Delete(id_of(30)), Put(note(5, "changed"))])
    shard.commit([Put(note(5, "changed again"))])
    shard = opened()
    assert by_keyword(shard, "changed") == [id_of(4), id_of(5)]
    assert by_keyword(shard, "again") == [id_of(5)]
    assert [by_keyword(shard, f"w{n}") for n in (3, 4, 5, 30)] == [[], [], [], []]
    assert sorted(ids(shard)) == [id_of(n) for n in range(20) if n != 3]
    assert shard.count == 19


@pytest.mark.parametrize("damage", ["flipped", "shortened", "emptied"])
def test_a_damaged_snapshot_is_thrown_away(opened: Opener, tmp_path: Path, damage: str) -> None:
    shard = opened()
    shard.commit(put(*range(20)))
    shard.snapshot()
    shard.close(STOPPING)
    path = tmp_path / "shard" / "indexes.snapshot"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes({"flipped": bytes(content), "shortened": bytes(content[:-100]), "emptied": b""}[damage])
    shard = opened()
    assert all(everywhere(shard, n) for n in range(20))
    assert not path.exists()


def test_a_snapshot_of_another_definition_is_not_used(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(1, 2))
    shard.snapshot()
    changed = collection()
    changed = replace(changed, inverted=replace(changed.inverted, index_null_state=True))
    shard = opened(changed)
    assert everywhere(shard, 1)


def test_a_snapshot_is_not_used_after_removals_it_cannot_know(opened: Opener, tmp_path: Path) -> None:
    shard = opened()
    shard.commit(put(1, 2, 3))
    shard.snapshot()
    path = tmp_path / "shard" / "indexes.snapshot"
    old = path.read_bytes()
    shard.close(STOPPING)
    path.unlink()
    shard = opened()
    shard.commit([Delete(id_of(1))])
    shard.close(STOPPING)
    path.write_bytes(old)
    shard = opened()
    assert [everywhere(shard, n) for n in (1, 2, 3)] == [False, True, True]


def test_lost_vectors_are_reported_and_named(opened: Opener, tmp_path: Path) -> None:
    shard = opened()
    shard.commit(put(1, 2))
    shard.close(STOPPING)
    (tmp_path / "shard" / "vector" / "vectors.f32").unlink()
    with pytest.raises(CorruptionError, match=r"vectors\.f32"):
        opened()


# --- What a batch comes to ---


def test_the_later_of_two_changes_to_an_id_counts(opened: Opener) -> None:
    shard = opened()
    assert shard.commit([Put(note(1, "first")), Put(note(2)), Put(note(1, "second"))]) == [None] * 3
    assert by_keyword(shard, "first") == []
    assert by_keyword(shard, "second") == [id_of(1)]
    assert shard.commit([Put(note(3)), Delete(id_of(3)), Delete(id_of(2)), Put(note(2, "back"))]) == [None] * 4
    assert [shard.exists(id_of(n)) for n in (1, 2, 3)] == [True, True, False]
    assert shard.count == 2


def test_an_equal_object_is_left_alone(opened: Opener) -> None:
    shard = opened()
    shard.commit([Put(note(1, ms=1))])
    doc = shard.doc_of(id_of(1))
    reordered = replace(note(1, ms=2), properties=dict(reversed(note(1).properties.items())))
    assert shard.commit([Put(note(1, ms=2)), Put(reordered)]) == [None, None]
    (stored,) = shard.get([id_of(1)])
    assert stored is not None
    assert (stored.created_ms, stored.updated_ms, shard.doc_of(id_of(1))) == (1, 1, doc)


@pytest.mark.parametrize(
    "other",
    [
        note(1, "other words", ms=2),
        note(1, ms=2, extra=True),
        note(1, ms=2, vectors={UNNAMED: vector_of(2)}),
        note(1, ms=2, vectors={}),
    ],
    ids=["text", "one more property", "vector", "no vector"],
)
def test_an_object_that_differs_is_replaced(opened: Opener, other) -> None:
    shard = opened()
    shard.commit([Put(note(1, ms=1))])
    shard.commit([Put(other)])
    (stored,) = shard.get([id_of(1)])
    assert stored is not None
    assert (stored.created_ms, dict(stored.properties)) == (2, other.properties)


def test_a_vector_of_the_wrong_length_refuses_its_own_object_only(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(1))
    wrong = note(2, vectors={UNNAMED: vector_of(2, 3)})
    errors = shard.commit([Put(note(3)), Put(wrong), Put(note(4))])
    assert [type(error) for error in errors] == [type(None), DimensionMismatch, type(None)]
    assert str(errors[1]) == (
        f"Validate vector index for {id_of(2)}: new node has a vector with length 3. Existing nodes have vectors "
        "with length 4: vector dimensions do not match the index dimensions"
    )
    assert [shard.exists(id_of(n)) for n in (2, 3, 4)] == [False, True, True]


def test_the_first_vector_of_a_batch_decides_the_length_in_an_empty_index(opened: Opener) -> None:
    shard = opened(collection(vectors=("a", "b")))
    errors = shard.commit(
        [
            Put(note(1, vectors={"a": vector_of(1, 3), "b": vector_of(1, 2)})),
            Put(note(2, vectors={"a": vector_of(2, 4)})),
            Put(note(3, vectors={"b": vector_of(3, 2)})),
        ]
    )
    assert [error is None for error in errors] == [True, False, True]
    assert str(errors[1]).startswith(f"Validate vector index a for target vector {id_of(2)}: new node has a vector")
    assert ids(shard) == [id_of(1), id_of(3)]


def test_a_refused_change_does_not_undo_an_earlier_one(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(9))
    errors = shard.commit([Put(note(1)), Put(note(1, "wrong", vectors={UNNAMED: vector_of(1, 2)}))])
    assert [error is None for error in errors] == [True, False]
    assert everywhere(shard, 1)


def test_a_vector_nobody_configured_is_refused(opened: Opener) -> None:
    (error,) = opened().commit([Put(note(1, vectors={"zz": vector_of(1)}))])
    assert isinstance(error, InvalidVector)
    assert str(error) == "collection Note does not have configuration for vector zz"


def test_objects_without_vectors_are_fine(opened: Opener) -> None:
    shard = opened()
    shard.commit([Put(note(1, vectors={})), Put(note(2))])
    shard = opened()
    first, second = shard.get([id_of(1), id_of(2)], None)
    assert first is not None
    assert second is not None
    assert first.vectors == {}
    np.testing.assert_array_equal(second.vectors[UNNAMED], vector_of(2))


def test_a_read_only_shard_refuses_changes(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(1))
    shard.read_only = True
    (error,) = shard.commit([Delete(id_of(1))])
    assert str(error) == "store is read-only"
    assert shard.exists(id_of(1))


# --- Reading ---


def test_objects_come_in_the_order_asked_for(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(1, 2, 3))
    docs = [shard.doc_of(id_of(n)) for n in (3, 1)]
    assert [found.id for found in shard.fetch([*docs, 999])] == [id_of(3), id_of(1)]
    assert [found and found.id for found in shard.get([id_of(2), id_of(9), id_of(1)])] == [id_of(2), None, id_of(1)]
    assert [found.id for found in shard.fetch(np.array(docs, np.uint32))] == [id_of(3), id_of(1)]


def test_a_fetch_brings_what_is_wanted(opened: Opener) -> None:
    shard = opened(collection(vectors=("a", "b")))
    shard.commit([Put(note(1, vectors={"a": vector_of(1), "b": vector_of(2)}))])
    (plain,) = shard.fetch([0])
    assert (dict(plain.properties), plain.vectors) == (note(1).properties, {})
    (bare,) = shard.fetch([0], Want(properties=(), vectors=frozenset({"b"})))
    assert (dict(bare.properties), list(bare.vectors)) == ({}, ["b"])
    (whole,) = shard.fetch([0], Want(vectors=None))
    assert {name: vector.tolist() for name, vector in whole.vectors.items()} == {
        "a": vector_of(1).tolist(),
        "b": vector_of(2).tolist(),
    }


def test_listing_pages_in_order_of_id(opened: Opener) -> None:
    shard = opened()
    shard.commit(put(5, 3, 1, 4, 2))
    assert shard.list_ids(None, 3) == [id_of(n) for n in (1, 2, 3)]
    assert shard.list_ids(None, 2, 3) == [id_of(n) for n in (4, 5)]
    assert shard.list_ids(id_of(3), 10) == [id_of(n) for n in (4, 5)]
    assert shard.list_ids("", 1) == [id_of(1)]
    assert shard.list_ids(id_of(5), 10) == []


def test_values_are_read_per_document(opened: Opener) -> None:
    shard = opened()
    shard.commit([Put(note(n, ms=n)) for n in (1, 2, 3)])
    shard.commit([Delete(id_of(2))])
    docs = DocSet.of([0, 2])
    assert shard.read("number", docs) == [1, 3]
    assert shard.read("nothing", docs) == [None, None]
    assert shard.read("_id", docs) == [id_of(1), id_of(3)]
    assert shard.read("_lastUpdateTimeUnix", docs) == [1, 3]


# --- Concurrency and the end ---


def test_a_search_never_misses_an_object_that_is_being_updated(opened: Opener) -> None:
    shard = opened()
    numbers = range(300)
    shard.commit([Put(note(n, "always here")) for n in numbers])
    stop, missed = threading.Event(), []

    def search() -> None:
        while not stop.is_set():
            with shard.read_lock():
                docs = shard.properties.live.array().tolist()
                found = shard.fetch(docs, Want(vectors=None))
                if len(docs) != 300 or len({o.id for o in found}) != 300 or not all(o.vectors for o in found):
                    missed.append((len(docs), len(found)))
            found_ids = shard.get([id_of(n) for n in (0, 150, 299)], None)
            if any(found is None or not found.vectors for found in found_ids):
                missed.append(found_ids)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for round in range(20):
        shard.commit([Put(note(n, f"always here {round}")) for n in numbers])
    stop.set()
    for thread in threads:
        thread.join()
    assert missed == []


def test_many_threads_commit_and_all_of_it_is_there(opened: Opener) -> None:
    shard = opened()

    def write(first: int) -> None:
        for number in range(first, first + 20):
            assert shard.commit(put(number)) == [None]

    threads = [threading.Thread(target=write, args=(n * 20,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shard.count == 160
    assert all(everywhere(shard, n) for n in range(160))


@pytest.mark.parametrize("snapshot", [False, True], ids=["from the store", "from a snapshot"])
def test_what_cannot_be_indexed_is_not_kept(opened: Opener, snapshot: bool) -> None:
    shard = opened()
    shard.commit(put(1, 2))
    if snapshot:
        shard.snapshot()
    unfit = replace(note(1), properties={"text": 5, "number": 1})
    with pytest.raises(TypeError):
        shard.commit([Put(note(3)), Put(unfit), Delete(id_of(2))])
    with pytest.raises(StorageError, match="made anew"):
        shard.exists(id_of(1))
    shard = opened()
    assert [everywhere(shard, n) for n in (1, 2, 3)] == [True, True, False]
    assert shard.count == 2


def test_a_closed_shard_says_why(opened: Opener) -> None:
    shard = opened()
    shard.close(STOPPING)
    shard.close(Unavailable("another reason"))
    for use in (lambda: shard.commit(put(1)), lambda: shard.get([id_of(1)]), lambda: shard.list_ids(None, 1)):
        with pytest.raises(Unavailable, match="the server is stopping"):
            use()


def test_upkeep_writes_a_snapshot_once_enough_has_changed(tmp_path: Path) -> None:
    settings = EngineSettings(synchronous_full=False, snapshot_changes=10)
    shard = Shard("main", collection(), tmp_path / "shard", settings)
    path = tmp_path / "shard" / "indexes.snapshot"
    shard.commit(put(*range(9)))
    assert not shard.upkeep()
    assert not path.exists()
    shard.commit(put(9))
    shard.upkeep()
    assert path.exists()
    shard.close(STOPPING)
    assert not shard.upkeep()


def test_a_vector_added_to_the_definition_can_be_used(opened: Opener) -> None:
    shard = opened(collection(vectors=("a",)))
    shard.commit([Put(note(1, vectors={"a": vector_of(1)}))])
    shard.redefine(collection(vectors=("a", "b")))
    shard.commit([Put(note(2, vectors={"a": vector_of(2), "b": vector_of(2)}))])
    shard = opened(collection(vectors=("a", "b")))
    assert by_vector(shard, vector_of(2), "b") == id_of(2)
    assert by_vector(shard, vector_of(1), "b") is None
    assert by_vector(shard, vector_of(1), "a") == id_of(1)
