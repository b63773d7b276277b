"""What collections, shards and aliases there are, in one SQLite file. Every method is one durable transaction."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from weavelet.engine.sqlite import Connection, Writing, connect

_TABLES = """
CREATE TABLE collections (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
    definition BLOB NOT NULL) STRICT;
CREATE TABLE shards (number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    name TEXT NOT NULL, status TEXT NOT NULL, read_only INTEGER NOT NULL DEFAULT 0, UNIQUE (collection, name)) STRICT;
CREATE TABLE aliases (alias TEXT PRIMARY KEY, collection TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class StoredShard:
    """`number` is never given twice, so a shard made again under its old name has another folder."""

    number: int
    name: str
    status: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class StoredCollection:
    number: int
    name: str
    definition: bytes
    shards: tuple[StoredShard, ...]


class CatalogStore:
    """Collections, their shards and the aliases. Every method is one durable transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection = connect(path, lambda new: new.executescript(_TABLES), synchronous_full=True)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _writing(self) -> Writing:
        return Writing(self._path, self._connection, self._lock)

    def collections(self) -> list[StoredCollection]:
        with self._writing() as connection:
            shards: dict[int, list[StoredShard]] = {}
            for collection, number, name, status, read_only in connection.execute(
                "SELECT collection, number, name, status, read_only FROM shards ORDER BY number"
            ):
                shards.setdefault(collection, []).append(StoredShard(number, name, status, bool(read_only)))
            rows = connection.execute("SELECT number, name, definition FROM collections ORDER BY number").fetchall()
        return [StoredCollection(row[0], row[1], row[2], tuple(shards.get(row[0], ()))) for row in rows]

    def aliases(self) -> dict[str, str]:
        with self._writing() as connection:
            return dict(connection.execute("SELECT alias, collection FROM aliases ORDER BY alias").fetchall())

    def create(self, name: str, definition: bytes, shards: Mapping[str, str]) -> StoredCollection:
        """A new collection with these shards (name to status)."""
        with self._writing() as connection:
            cursor = connection.execute("INSERT INTO collections (name, definition) VALUES (?, ?)", (name, definition))
            number = int(cursor.lastrowid or 0)
            added = _add_shards(connection, number, shards)
        return StoredCollection(number, name, definition, added)

    def redefine(self, number: int, definition: bytes) -> None:
        with self._writing() as connection:
            connection.execute("UPDATE collections SET definition = ? WHERE number = ?", (definition, number))

    def rename(self, names: Mapping[int, str]) -> None:
        """Give collections, by number, other names."""
        with self._writing() as connection:
            connection.executemany(
                "UPDATE collections SET name = ? WHERE number = ?", ((name, number) for number, name in names.items())
            )

    def drop(self, number: int) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM collections WHERE number = ?", (number,))

    def put_shards(
        self, collection: int, added: Mapping[str, str], changed: Mapping[int, str]
    ) -> tuple[StoredShard, ...]:
        """Add shards (name to status) and give others, by number, another status. Returns the added ones."""
        with self._writing() as connection:
            connection.executemany(
                "UPDATE shards SET status = ? WHERE number = ?",
                ((status, number) for number, status in changed.items()),
            )
            return _add_shards(connection, collection, added)

    def set_read_only(self, number: int, read_only: bool) -> None:
        with self._writing() as connection:
            connection.execute("UPDATE shards SET read_only = ? WHERE number = ?", (read_only, number))

    def drop_shards(self, numbers: Sequence[int]) -> None:
        with self._writing() as connection:
            connection.executemany("DELETE FROM shards WHERE number = ?", ((number,) for number in numbers))

    def put_alias(self, alias: str, collection: str) -> None:
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO aliases VALUES (?, ?)", (alias, collection))

    def drop_alias(self, alias: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM aliases WHERE alias = ?", (alias,))


def _add_shards(connection: Connection, collection: int, shards: Mapping[str, str]) -> tuple[StoredShard, ...]:
    added = []
    for name, status in shards.items():
        cursor = connection.execute(
            "INSERT INTO shards (collection, name, status) VALUES (?, ?, ?)", (collection, name, status)
        )
        added.append(StoredShard(int(cursor.lastrowid or 0), name, status, False))
    return tuple(added)
