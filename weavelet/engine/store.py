"""SQLite holds the truth: the objects of one shard (`ObjectStore`), and what shards there are (`CatalogStore`).

The promise, tested in tests/crash: what a commit returned from is there after any crash of the process, and of the
machine unless `synchronous_full` is off; a commit that did not return is there whole or not at all. Every index is
rebuilt from here. A document number is given once and never reused: an update removes one number and adds another.
Removed records are kept in a log while a snapshot may need them to catch up.

The only module that talks to SQLite; its errors become `StorageError` here. Knows bytes and numbers, no collections.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeVar
from uuid import uuid4

from weavelet.errors import CorruptionError, StorageError

FORMAT: Final = 1
"""Raised when an older weavelet could not read what this one writes."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_MOST_PARAMETERS = 512
_MAPPED_BYTES = 64 * 2**20

_OBJECTS = """
CREATE TABLE counters (identity BLOB NOT NULL, last_doc INTEGER NOT NULL, removals INTEGER NOT NULL,
    log_from INTEGER NOT NULL) STRICT;
CREATE TABLE objects (doc INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, vectors BLOB NOT NULL, properties BLOB NOT NULL) STRICT;
CREATE TABLE removed (number INTEGER PRIMARY KEY, doc INTEGER NOT NULL, id BLOB NOT NULL, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, vectors BLOB NOT NULL, properties BLOB NOT NULL) STRICT;
CREATE TABLE slots (slot INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
"""

_CATALOG = """
CREATE TABLE collections (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
    definition BLOB NOT NULL) STRICT;
CREATE TABLE shards (number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    name TEXT NOT NULL, status TEXT NOT NULL, read_only INTEGER NOT NULL DEFAULT 0, UNIQUE (collection, name)) STRICT;
CREATE TABLE aliases (alias TEXT PRIMARY KEY, collection TEXT NOT NULL) STRICT;
"""


class Record(NamedTuple):
    """One object as bytes. `vectors` says where its vectors are, `properties` is JSON, times are milliseconds.

    A tuple, because millions of them pass through here and SQLite takes and gives tuples.
    """

    doc: int
    id: bytes
    created_ms: int
    updated_ms: int
    vectors: bytes
    properties: bytes


_RECORD: Final[Callable[[tuple[Any, ...]], Record]] = partial(tuple.__new__, Record)
"""A row as a record. What `Record._make` does, without a call into Python for each."""

Key = TypeVar("Key", int, bytes)

_COLUMNS: Final = "doc, id, created, updated, vectors, properties"
_WITHOUT_PROPERTIES: Final = "doc, id, created, updated, vectors, x''"


# --- Connections -----------------------------------------------------------------------------------------------------


def _connect(path: Path, *, synchronous_full: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA page_size = 16384")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if synchronous_full else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def _connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads. Mapping the file halves the cost of a fetch."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -4000")
    connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, tables: str) -> bool:
    """Make the tables of a new file; whether it was new. Refuses a file of a newer format."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > FORMAT:
        raise StorageError(f"{path} was written by a newer version of weavelet (format {version}, known: {FORMAT})")
    if version == 0:
        connection.executescript(f"BEGIN; {tables} PRAGMA user_version = {FORMAT}; COMMIT")
    return bool(version == 0)


def _translated(error: sqlite3.Error, path: Path) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGE:
        return CorruptionError(f"{path} is damaged: {error}")
    return StorageError(f"{path}: {error}")


class _Reading:
    """A read-only connection for the time of a `with`; connections are kept and shared between threads."""

    __slots__ = ("_connection", "_idle", "_path")

    def __init__(self, path: Path, idle: list[sqlite3.Connection]) -> None:
        self._path = path
        self._idle = idle

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._connection = self._idle.pop()
        except IndexError:
            self._connection = self._opened()
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._idle.append(self._connection)
        if isinstance(error, sqlite3.Error):
            raise _translated(error, self._path) from error

    def _opened(self) -> sqlite3.Connection:
        try:
            return _connect_reader(self._path)
        except sqlite3.Error as error:
            raise _translated(error, self._path) from error


class _Writing:
    """One transaction on the writing connection: committed at the end of the `with`, undone when it fails."""

    __slots__ = ("_connection", "_lock", "_path")

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: threading.Lock) -> None:
        self._path = path
        self._connection = connection
        self._lock = lock

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._lock.release()
            raise _translated(error, self._path) from error
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end(error is None)
        except sqlite3.Error as failure:
            self._undo()
            raise _translated(failure, self._path) from failure
        finally:
            self._lock.release()
        if isinstance(error, sqlite3.Error):
            raise _translated(error, self._path) from error

    def _end(self, good: bool) -> None:
        if good:
            self._connection.execute("COMMIT")
        else:
            self._undo()

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


@lru_cache(maxsize=256)
def _select_in(columns: str, key: str, count: int) -> str:
    return f"SELECT {columns} FROM objects WHERE {key} IN ({','.join('?' * count)})"


def _chunks(values: Sequence[Key]) -> Iterator[list[Key]]:
    """The values in pieces of few different lengths, padded with repetitions, so that few statements are prepared."""
    for start in range(0, len(values), _MOST_PARAMETERS):
        piece = list(values[start : start + _MOST_PARAMETERS])
        length = 1 << (len(piece) - 1).bit_length()
        yield piece + [piece[-1]] * (length - len(piece))


# --- Objects ---------------------------------------------------------------------------------------------------------


class ObjectStore:
    """The records of one shard. Any thread may read at any time; commits come one after the other."""

    def __init__(self, path: Path, *, synchronous_full: bool = True) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        try:
            self._writer = _connect(path, synchronous_full=synchronous_full)
            if _prepare(self._writer, path, _OBJECTS):
                self._writer.execute("INSERT INTO counters VALUES (?, -1, 0, 0)", (uuid4().bytes,))
            counters = self._writer.execute("SELECT identity, last_doc, removals FROM counters").fetchone()
        except sqlite3.Error as error:
            raise _translated(error, path) from error
        if counters is None:
            raise CorruptionError(f"{path} is damaged: it has no counters")
        self.identity: Final[bytes] = counters[0]
        """Drawn when the store was made; what is derived from another store has another one."""
        self.last_doc: int = counters[1]
        """The highest document number ever given; -1 before the first."""
        self.removals: int = counters[2]
        """How many records were ever removed."""

    def close(self) -> None:
        with self._lock:
            while self._idle:
                self._idle.pop().close()
            self._writer.close()

    # Writing

    def commit(self, added: Sequence[Record], removed: Sequence[int], *, keep_removed: bool) -> None:
        """Remove and add records in one durable transaction. Added numbers must be above `last_doc`, ascending.

        With `keep_removed` what is removed goes to the log; without, the log starts anew behind it.
        """
        last_doc = added[-1].doc if added else self.last_doc
        removals = self.removals + len(removed)
        with _Writing(self._path, self._writer, self._lock) as connection:
            if removed and keep_removed:
                connection.executemany(
                    f"INSERT INTO removed SELECT ?, {_COLUMNS} FROM objects WHERE doc = ?",
                    zip(range(self.removals + 1, removals + 1), removed, strict=True),
                )
            if removed:
                connection.executemany("DELETE FROM objects WHERE doc = ?", ((doc,) for doc in removed))
            connection.executemany(f"INSERT INTO objects ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", added)
            connection.execute("UPDATE counters SET last_doc = ?, removals = ?", (last_doc, removals))
            if removed and not keep_removed:
                connection.execute("UPDATE counters SET log_from = ?", (removals,))
        self.last_doc, self.removals = last_doc, removals

    def forget_removed(self, up_to: int) -> None:
        """Drop the log up to this removal: nothing will ask for it again."""
        with _Writing(self._path, self._writer, self._lock) as connection:
            connection.execute("DELETE FROM removed WHERE number <= ?", (up_to,))
            connection.execute("UPDATE counters SET log_from = max(log_from, ?)", (up_to,))

    def slot(self, name: str) -> int:
        """The number under which records refer to the vector of this name; given at the first call."""
        with _Writing(self._path, self._writer, self._lock) as connection:
            connection.execute("INSERT OR IGNORE INTO slots (name) VALUES (?)", (name,))
            found = connection.execute("SELECT slot FROM slots WHERE name = ?", (name,)).fetchone()
        return int(found[0])

    def slots(self) -> dict[str, int]:
        """Every slot number given so far."""
        with self._reading() as connection:
            return dict(connection.execute("SELECT name, slot FROM slots").fetchall())

    # Reading

    def _reading(self) -> _Reading:
        return _Reading(self._path, self._idle)

    def count(self) -> int:
        with self._reading() as connection:
            return int(connection.execute("SELECT count(*) FROM objects").fetchone()[0])

    def docs_of(self, ids: Sequence[bytes]) -> dict[bytes, int]:
        """The document number of each id that has one."""
        found: dict[bytes, int] = {}
        with self._reading() as connection:
            for chunk in _chunks(ids):
                found.update(connection.execute(_select_in("id, doc", "id", len(chunk)), chunk))
        return found

    def fetch(self, docs: Sequence[int], *, properties: bool = True) -> list[Record]:
        """The records of these numbers that exist, in no particular order; without `properties` those are empty."""
        columns = _COLUMNS if properties else _WITHOUT_PROPERTIES
        found: list[Record] = []
        with self._reading() as connection:
            for chunk in _chunks(docs):
                rows = connection.execute(_select_in(columns, "doc", len(chunk)), chunk)
                found.extend(map(_RECORD, rows))
        return found

    def fetch_ids(self, ids: Sequence[bytes], *, properties: bool = True) -> list[Record]:
        """The records of these ids that exist, in no particular order."""
        columns = _COLUMNS if properties else _WITHOUT_PROPERTIES
        found: list[Record] = []
        with self._reading() as connection:
            for chunk in _chunks(ids):
                rows = connection.execute(_select_in(columns, "id", len(chunk)), chunk)
                found.extend(map(_RECORD, rows))
        return found

    def list_docs(self, after: bytes, limit: int, offset: int) -> list[int]:
        """Document numbers in ascending order of their ids' bytes, of ids behind `after` (empty: from the first)."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT doc FROM objects WHERE id > ? ORDER BY id LIMIT ? OFFSET ?", (after, limit, offset)
            )
            return [row[0] for row in rows]

    def records(self, after: int, up_to: int, size: int, *, properties: bool = True) -> Iterator[list[Record]]:
        """Records with numbers in `(after, up_to]`, ascending, in lists of `size`. Commits may happen in between."""
        columns = _COLUMNS if properties else _WITHOUT_PROPERTIES
        statement = f"SELECT {columns} FROM objects WHERE doc > ? AND doc <= ? ORDER BY doc LIMIT ?"
        while True:
            with self._reading() as connection:
                found = list(map(_RECORD, connection.execute(statement, (after, up_to, size))))
            if not found:
                return
            yield found
            after = found[-1].doc

    def removed_since(self, number: int) -> list[Record] | None:
        """What was removed after that many removals, in order; None when the log does not reach back that far."""
        with self._reading() as connection:
            if connection.execute("SELECT log_from FROM counters").fetchone()[0] > number:
                return None
            rows = connection.execute(f"SELECT {_COLUMNS} FROM removed WHERE number > ? ORDER BY number", (number,))
            return list(map(_RECORD, rows))


# --- The catalog -----------------------------------------------------------------------------------------------------


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
        try:
            self._connection = _connect(path, synchronous_full=True)
            _prepare(self._connection, path, _CATALOG)
        except sqlite3.Error as error:
            raise _translated(error, path) from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _writing(self) -> _Writing:
        return _Writing(self._path, self._connection, self._lock)

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


def _add_shards(connection: sqlite3.Connection, collection: int, shards: Mapping[str, str]) -> tuple[StoredShard, ...]:
    added = []
    for name, status in shards.items():
        cursor = connection.execute(
            "INSERT INTO shards (collection, name, status) VALUES (?, ?, ?)", (collection, name, status)
        )
        added.append(StoredShard(int(cursor.lastrowid or 0), name, status, False))
    return tuple(added)
