"""Connections to SQLite files, and transactions on them: what the stores of this engine are built from.

A file appears under its name with its tables in it or not at all. Commits wait for the disk unless `synchronous_full`
is off. The only module that imports `sqlite3`; its errors become `StorageError` here.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Final, TypeAlias

from weavelet.engine.files import put_in_place
from weavelet.errors import CorruptionError, StorageError

Connection: TypeAlias = sqlite3.Connection
Error: TypeAlias = sqlite3.Error

FORMAT: Final = 1
"""Raised when an older weavelet could not read what this one writes."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_MAPPED_BYTES = 64 * 2**20
_PAGE_BYTES = 16_384


def connect(path: Path, fill: Callable[[Connection], object], *, synchronous_full: bool) -> Connection:
    """The writing connection to the file. Where there is none it is made with what `fill` puts into it."""
    try:
        if not path.exists():
            put_in_place(path, lambda temporary: _create(temporary, fill))
        return _connect(path, synchronous_full=synchronous_full)
    except sqlite3.Error as error:
        raise translated(error, path) from error


def _create(path: Path, fill: Callable[[Connection], object]) -> None:
    """Nothing waits for the disk here: the file is synced as a whole before it gets its name."""
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        fill(connection)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("PRAGMA journal_mode = WAL")


def _connect(path: Path, *, synchronous_full: bool) -> Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if synchronous_full else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != FORMAT:
        connection.close()
        raise _unknown(path, version)
    return connection


def _connect_reader(path: Path) -> Connection:
    """A connection that only reads. Mapping the file halves the cost of a fetch."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -4000")
    connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    return connection


def _unknown(path: Path, version: int) -> StorageError:
    if version > FORMAT:
        return StorageError(f"{path} was written by a newer version of weavelet (format {version}, known: {FORMAT})")
    return CorruptionError(f"{path} is damaged: it has no tables of ours")


def translated(error: Error, path: Path) -> StorageError:
    """The same in our own words."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGE:
        return CorruptionError(f"{path} is damaged: {error}")
    return StorageError(f"{path}: {error}")


class Reading:
    """A read-only connection for the time of a `with`; connections are kept and shared between threads."""

    __slots__ = ("_connection", "_idle", "_path")

    def __init__(self, path: Path, idle: list[Connection]) -> None:
        self._path = path
        self._idle = idle

    def __enter__(self) -> Connection:
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
            raise translated(error, self._path) from error

    def _opened(self) -> Connection:
        try:
            return _connect_reader(self._path)
        except sqlite3.Error as error:
            raise translated(error, self._path) from error


class Writing:
    """One transaction on the writing connection: committed at the end of the `with`, undone when it fails."""

    __slots__ = ("_connection", "_lock", "_path")

    def __init__(self, path: Path, connection: Connection, lock: threading.Lock) -> None:
        self._path = path
        self._connection = connection
        self._lock = lock

    def __enter__(self) -> Connection:
        self._lock.acquire()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._lock.release()
            raise translated(error, self._path) from error
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end(error is None)
        except sqlite3.Error as failure:
            self._undo()
            raise translated(failure, self._path) from failure
        finally:
            self._lock.release()
        if isinstance(error, sqlite3.Error):
            raise translated(error, self._path) from error

    def _end(self, good: bool) -> None:
        if good:
            self._connection.execute("COMMIT")
        else:
            self._undo()

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
