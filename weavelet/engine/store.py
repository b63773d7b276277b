"""SQLite holds the truth: the objects of one shard.

The promise, tested in tests/crash: what a commit returned from is there after any crash of the process, and of the
machine unless `synchronous_full` is off; a commit that did not return is there whole or not at all. Every index is
rebuilt from here. A document number is given once and never reused: an update removes one number and adds another.
Only `renumber`, before anyone has seen a number, gives all of them anew. Removed records are kept in a log while a
snapshot may need them to catch up. Knows bytes and numbers, no collections.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from uuid import uuid4

from weavelet.engine.sqlite import Connection, Error, Reading, Writing, connect, translated
from weavelet.errors import CorruptionError

_MOST_PARAMETERS = 512

_TABLES = """
CREATE TABLE counters (identity BLOB NOT NULL, last_doc INTEGER NOT NULL, removals INTEGER NOT NULL,
    log_from INTEGER NOT NULL) STRICT;
CREATE TABLE objects (doc INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, vectors BLOB NOT NULL, properties BLOB NOT NULL) STRICT;
CREATE TABLE removed (number INTEGER PRIMARY KEY, doc INTEGER NOT NULL, id BLOB NOT NULL, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, vectors BLOB NOT NULL, properties BLOB NOT NULL) STRICT;
CREATE TABLE slots (slot INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO counters VALUES (randomblob(16), -1, 0, 0);
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


@lru_cache(maxsize=256)
def _select_in(columns: str, key: str, count: int) -> str:
    return f"SELECT {columns} FROM objects WHERE {key} IN ({','.join('?' * count)})"


def _chunks(values: Sequence[Key]) -> Iterator[list[Key]]:
    """The values in pieces of few different lengths, padded with repetitions, so that few statements are prepared."""
    for start in range(0, len(values), _MOST_PARAMETERS):
        piece = list(values[start : start + _MOST_PARAMETERS])
        length = 1 << (len(piece) - 1).bit_length()
        yield piece + [piece[-1]] * (length - len(piece))


def _fill(connection: Connection, slots: Sequence[str]) -> None:
    """What is in a new store."""
    connection.executescript(_TABLES)
    connection.executemany("INSERT INTO slots (name) VALUES (?)", ((name,) for name in slots))


# --- Objects ---------------------------------------------------------------------------------------------------------


class ObjectStore:
    """The records of one shard. Any thread may read at any time; commits come one after the other."""

    def __init__(self, path: Path, *, synchronous_full: bool = True, slots: Sequence[str] = ()) -> None:
        """`slots`: names of vectors that a new store knows from the beginning."""
        self._path = path
        self._synchronous_full = synchronous_full
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._writer = connect(path, partial(_fill, slots=slots), synchronous_full=synchronous_full)
        try:
            counters = self._writer.execute("SELECT identity, last_doc, removals FROM counters").fetchone()
        except Error as error:
            self._writer.close()
            raise translated(error, path) from error
        if counters is None:
            raise CorruptionError(f"{path} is damaged: it has no counters")
        self.identity: bytes = counters[0]
        """Drawn when the store was made or renumbered; what is derived from another state has another one."""
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
        with Writing(self._path, self._writer, self._lock) as connection:
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

    def renumber(self) -> None:
        """Give the records the numbers from 0 on, in the order they have. Whoever knows the old ones must begin anew.

        One transaction; the store has another identity afterwards, so that no snapshot fits it.
        """
        identity, removals = uuid4().bytes, self.removals
        with Writing(self._path, self._writer, self._lock) as connection:
            docs = [row[0] for row in connection.execute("SELECT doc FROM objects ORDER BY doc")]
            moves = ((new, old) for new, old in enumerate(docs) if new != old)
            connection.executemany("UPDATE objects SET doc = ? WHERE doc = ?", moves)
            connection.execute("DELETE FROM removed")
            counters = (identity, len(docs) - 1, removals)
            connection.execute("UPDATE counters SET identity = ?, last_doc = ?, log_from = ?", counters)
        self.identity, self.last_doc = identity, len(docs) - 1

    def settle(self) -> None:
        """Return once every commit so far would survive a power cut, also where commits do not wait for that."""
        if self._synchronous_full:
            return
        try:
            with self._lock:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except Error as error:
            raise translated(error, self._path) from error

    def forget_removed(self, up_to: int) -> None:
        """Drop the log up to this removal: nothing will ask for it again."""
        with Writing(self._path, self._writer, self._lock) as connection:
            connection.execute("DELETE FROM removed WHERE number <= ?", (up_to,))
            connection.execute("UPDATE counters SET log_from = max(log_from, ?)", (up_to,))

    def slot(self, name: str) -> int:
        """The number under which records refer to the vector of this name; given at the first call."""
        with Writing(self._path, self._writer, self._lock) as connection:
            connection.execute("INSERT OR IGNORE INTO slots (name) VALUES (?)", (name,))
            found = connection.execute("SELECT slot FROM slots WHERE name = ?", (name,)).fetchone()
        return int(found[0])

    def slots(self) -> dict[str, int]:
        """Every slot number given so far."""
        with self._reading() as connection:
            return dict(connection.execute("SELECT name, slot FROM slots").fetchall())

    # Reading

    def _reading(self) -> Reading:
        return Reading(self._path, self._idle)

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
