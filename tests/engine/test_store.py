"""The store keeps what it was told, gives numbers once, and says what a snapshot missed."""

import sqlite3
from pathlib import Path

import pytest

from weavelet.engine.catalog_store import CatalogStore
from weavelet.engine.store import ObjectStore, Record
from weavelet.errors import CorruptionError, StorageError


def id_(number: int) -> bytes:
    return number.to_bytes(16, "big")


def record(doc: int, id: int | None = None, text: str = "x") -> Record:
    return Record(doc, id_(doc if id is None else id), 1, 2, b"", f'{{"text":"{text}"}}'.encode())


@pytest.fixture
def store(tmp_path: Path):
    opened = ObjectStore(tmp_path / "objects.db")
    yield opened
    opened.close()


def test_records_come_back_after_reopening(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects.db")
    store.commit([record(0), record(1)], [], keep_removed=False)
    identity = store.identity
    store.close()
    store = ObjectStore(tmp_path / "objects.db")
    assert sorted(store.fetch([0, 1, 2])) == [record(0), record(1)]
    assert (store.last_doc, store.count(), store.identity) == (1, 2, identity)
    store.close()


def test_document_numbers_survive_the_removal_of_the_last_one(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects.db")
    store.commit([record(0), record(1)], [], keep_removed=False)
    store.commit([], [0, 1], keep_removed=False)
    store.close()
    store = ObjectStore(tmp_path / "objects.db")
    assert store.last_doc == 1
    assert store.count() == 0
    store.close()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 511, 512, 513, 1200])
def test_any_number_of_records_is_found_by_number_and_by_id(store: ObjectStore, count: int) -> None:
    store.commit([record(doc, 5000 - doc) for doc in range(1300)], [], keep_removed=False)
    docs = range(10, 10 + count)
    ids = [id_(5000 - doc) for doc in docs]
    assert sorted(r.doc for r in store.fetch(docs)) == list(docs)
    assert sorted(r.doc for r in store.fetch_ids([*ids, id_(1)])) == list(docs)
    assert store.docs_of([*ids, id_(1)]) == dict(zip(ids, docs, strict=True))


def test_a_fetch_without_properties_reads_none(store: ObjectStore) -> None:
    store.commit([record(0)], [], keep_removed=False)
    assert store.fetch([0], properties=False) == [record(0)._replace(properties=b"")]


def test_listing_follows_the_bytes_of_the_ids(store: ObjectStore) -> None:
    ids = [0x80, 0x7F, 0xFF00, 3, 2**127]
    store.commit([record(doc, id) for doc, id in enumerate(ids)], [], keep_removed=False)
    assert store.list_docs(b"", 10, 0) == [3, 1, 0, 2, 4]
    assert store.list_docs(id_(3), 2, 0) == [1, 0]
    assert store.list_docs(id_(4), 2, 1) == [0, 2]


def test_replaying_gives_every_record_once_in_order(store: ObjectStore) -> None:
    store.commit([record(doc) for doc in range(10)], [], keep_removed=False)
    store.commit([], [4], keep_removed=False)
    batches = [[r.doc for r in batch] for batch in store.records(1, 8, 3)]
    assert batches == [[2, 3, 5], [6, 7, 8]]


def test_the_log_gives_removed_records_back_in_order(store: ObjectStore) -> None:
    store.commit([record(doc) for doc in range(5)], [], keep_removed=True)
    store.commit([record(5, 3, "new")], [3], keep_removed=True)
    store.commit([], [5, 0], keep_removed=True)
    assert store.removals == 3
    assert store.removed_since(0) == [record(3), record(5, 3, "new"), record(0)]
    assert store.removed_since(2) == [record(0)]
    assert store.removed_since(3) == []


def test_a_log_with_a_gap_says_so(store: ObjectStore) -> None:
    store.commit([record(doc) for doc in range(5)], [], keep_removed=True)
    store.commit([], [0], keep_removed=True)
    store.commit([], [1], keep_removed=False)
    store.commit([], [2], keep_removed=True)
    assert store.removed_since(1) is None
    assert store.removed_since(2) == [record(2)]
    store.forget_removed(3)
    assert store.removed_since(2) is None
    assert store.removed_since(3) == []


def test_a_failing_commit_changes_nothing(store: ObjectStore) -> None:
    store.commit([record(0)], [], keep_removed=False)
    with pytest.raises(StorageError):
        store.commit([record(1), record(2, 1)], [0], keep_removed=False)
    assert store.fetch([0, 1, 2]) == [record(0)]
    assert (store.last_doc, store.removals) == (0, 0)
    store.commit([record(1)], [0], keep_removed=False)
    assert store.fetch([0, 1, 2]) == [record(1)]


def test_slots_keep_their_numbers(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects.db")
    first = [store.slot(""), store.slot("title"), store.slot("")]
    store.close()
    store = ObjectStore(tmp_path / "objects.db")
    assert [store.slot("title"), store.slot("")] == [first[1], first[0]]
    assert first[0] == first[2] != first[1]
    store.close()


def test_damage_is_reported_with_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "objects.db"
    path.write_bytes(b"not a database, but long enough to have a header" * 100)
    with pytest.raises(CorruptionError, match=r"objects\.db"):
        ObjectStore(path)


def test_a_file_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    ObjectStore(tmp_path / "objects.db").close()
    connection = sqlite3.connect(tmp_path / "objects.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="newer version"):
        ObjectStore(tmp_path / "objects.db")


def test_the_catalog_remembers_collections_shards_and_aliases(tmp_path: Path) -> None:
    catalog = CatalogStore(tmp_path / "catalog.db")
    made = catalog.create("Recipe", b"{}", {"main": "HOT"})
    other = catalog.create("Note", b"{}", {})
    hot, cold = catalog.put_shards(other.number, {"tA": "HOT", "tB": "COLD"}, {})
    catalog.put_shards(other.number, {}, {cold.number: "HOT"})
    catalog.set_read_only(hot.number, True)
    catalog.redefine(made.number, b'{"x":1}')
    catalog.put_alias("Dish", "Recipe")
    catalog.put_alias("Dish", "Note")
    catalog.put_alias("Gone", "Note")
    catalog.drop_alias("Gone")
    catalog.close()
    catalog = CatalogStore(tmp_path / "catalog.db")
    recipe, note = catalog.collections()
    assert (recipe.name, recipe.definition, [s.name for s in recipe.shards]) == ("Recipe", b'{"x":1}', ["main"])
    assert [(s.name, s.status, s.read_only) for s in note.shards] == [("tA", "HOT", True), ("tB", "HOT", False)]
    assert catalog.aliases() == {"Dish": "Note"}
    catalog.close()


def test_dropped_shards_never_give_their_number_to_others(tmp_path: Path) -> None:
    catalog = CatalogStore(tmp_path / "catalog.db")
    first = catalog.create("Note", b"{}", {"tA": "HOT"})
    catalog.drop_shards([first.shards[0].number])
    (again,) = catalog.put_shards(first.number, {"tA": "HOT"}, {})
    assert again.number != first.shards[0].number
    catalog.drop(first.number)
    assert catalog.collections() == []
    assert catalog.create("Note", b"{}", {}).number != first.number
    catalog.close()
