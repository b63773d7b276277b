"""Files that survive a crash, and the only place that calls `fsync` and `replace`.

A file appears under its name whole or not at all (`atomic_write`), and stays there: the folder is synced as well.
A bundle is a set of named arrays and byte strings in one such file; `read_bundle` verifies every byte before anyone
sees it and raises `CorruptionError` naming the file otherwise. A `FolderLock` keeps a second process out of a data
directory.
Imports only `weavelet.errors`.
"""

import os
import shutil
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from weavelet.errors import CorruptionError, StorageError, Unavailable

Array: TypeAlias = NDArray[Any]
Part: TypeAlias = Array | bytes

_MAGIC = b"weavelet bundle 1\n"
_LENGTHS = struct.Struct("<QI")  # bytes of the header, its CRC-32
_ALIGNMENT = 64
_PIECE = 1 << 20
_TEMPORARY = ".partial"
_DOOMED = ".deleted"


def sync_file(file: IO[bytes] | int) -> None:
    """Return once the file's bytes and length would survive a power cut."""
    descriptor = file if isinstance(file, int) else file.fileno()
    if sys.platform == "linux":
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Return once the names in the folder would survive a power cut. Windows does so unasked."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create the folder and whatever is missing above it, durably."""
    missing = [folder, *folder.parents]
    missing = missing[: next(i for i, place in enumerate(missing) if place.exists())]
    for place in reversed(missing):
        place.mkdir(exist_ok=True)
        sync_folder(place.parent)


def remove_folder(folder: Path) -> None:
    """Remove the folder with all it holds. A crash leaves it under its name, or leaves debris for `remove_debris`."""
    if not folder.exists():
        return
    doomed = folder.with_name(folder.name + _DOOMED)
    shutil.rmtree(doomed, ignore_errors=True)
    os.replace(folder, doomed)
    sync_folder(folder.parent)
    shutil.rmtree(doomed, ignore_errors=True)


def remove_files(paths: Iterable[Path]) -> None:
    """Remove those of the files that exist, durably."""
    for path in paths:
        if path.exists():
            path.unlink()
            sync_folder(path.parent)


def remove_debris(folder: Path) -> None:
    """Remove what an interrupted `atomic_write` or `remove_folder` left in the folder."""
    for name in os.listdir(folder):
        if name.endswith(_DOOMED):
            shutil.rmtree(folder / name, ignore_errors=True)
        elif name.endswith(_TEMPORARY):
            (folder / name).unlink(missing_ok=True)


def put_in_place(path: Path, make: Callable[[Path], None]) -> None:
    """Let `make` write a file under the path it is given, and put that in the place of this one, durably."""
    temporary = path.with_name(path.name + _TEMPORARY)
    temporary.unlink(missing_ok=True)
    try:
        make(temporary)
        with temporary.open("r+b") as file:
            sync_file(file)
        os.replace(temporary, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    sync_folder(path.parent)


def atomic_write(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Put the chunks, one behind the other, in the file's place. After a crash there is the old file or the new one."""
    temporary = path.with_name(path.name + _TEMPORARY)
    try:
        with temporary.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            sync_file(file)
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
        raise
    sync_folder(path.parent)


def file_checksum(path: Path) -> int:
    """The CRC-32 of all its bytes, read a little at a time."""
    crc = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            crc = zlib.crc32(piece, crc)
    return crc


# --- Bundles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bundle:
    """Named arrays and byte strings, and what is known about them."""

    about: Mapping[str, Any]
    parts: Mapping[str, Part]


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write the parts to one checksummed file, in its old one's place. `about` must be JSON."""
    parts = [part if isinstance(part, bytes) else np.ascontiguousarray(part) for part in bundle.parts.values()]
    entries = [_entry(name, part) for name, part in zip(bundle.parts, parts, strict=True)]
    header = orjson.dumps({"about": bundle.about, "parts": entries})
    atomic_write(path, _encoded(header, parts))


def read_bundle(path: Path) -> Bundle | None:
    """The bundle of that file, or None where there is none. Arrays are read-only views of one buffer.

    Raises `CorruptionError` when any byte is not what was written.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        return _decoded(data)
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise CorruptionError(f"{path} is damaged: {error}") from error


def _entry(name: str, part: Part) -> dict[str, Any]:
    """What the header says of a part. Byte strings have no dtype."""
    dtype = None if isinstance(part, bytes) else part.dtype.str
    shape = [len(part)] if isinstance(part, bytes) else list(part.shape)
    return {"name": name, "dtype": dtype, "shape": shape, "crc": zlib.crc32(_bytes(part))}


def _bytes(part: Part) -> memoryview:
    return memoryview(part) if isinstance(part, bytes) else part.reshape(-1).view(np.uint8).data


def _padding(length: int) -> int:
    return -length % _ALIGNMENT


def _encoded(header: bytes, parts: Iterable[Part]) -> Iterator[bytes | memoryview]:
    start = _MAGIC + _LENGTHS.pack(len(header), zlib.crc32(header)) + header
    yield start + bytes(_padding(len(start)))
    for part in parts:
        content = _bytes(part)
        yield content
        yield bytes(_padding(len(content)))


def _decoded(data: bytes) -> Bundle:
    if not data.startswith(_MAGIC):
        raise ValueError("it does not begin like a bundle")
    length, crc = _LENGTHS.unpack_from(data, len(_MAGIC))
    start = len(_MAGIC) + _LENGTHS.size
    header = data[start : start + length]
    if len(header) != length or zlib.crc32(header) != crc:
        raise ValueError("its header does not match its checksum")
    content = orjson.loads(header)
    parts, offset = {}, _padded(data, start + length)
    for entry in content["parts"]:
        part = parts[entry["name"]] = _part(data, offset, entry)
        offset = _padded(data, offset + len(_bytes(part)))
    if offset != len(data):
        raise ValueError(f"it has {len(data)} bytes instead of {offset}")
    return Bundle(content["about"], parts)


def _padded(data: bytes, offset: int) -> int:
    """Where the padding that begins here ends."""
    end = offset + _padding(offset)
    if any(data[offset:end]):
        raise ValueError("there is something between its parts")
    return end


def _part(data: bytes, offset: int, entry: Mapping[str, Any]) -> Part:
    dtype, shape = np.dtype(entry["dtype"] or np.uint8), tuple(entry["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    array = np.frombuffer(data, dtype, count, offset) if count else np.empty(0, dtype)
    if zlib.crc32(_bytes(array)) != entry["crc"]:
        raise ValueError(f"part {entry['name']!r} does not match its checksum")
    return array.tobytes() if entry["dtype"] is None else array.reshape(shape)


# --- One process at a time -------------------------------------------------------------------------------------------


class FolderLock:
    """Held while a data directory is open. The system lets go of it when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Raises `Unavailable` when another process, or another part of this one, holds the lock."""
        self._file = (folder / "LOCK").open("a+b")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            raise Unavailable(
                f"the data directory {folder} is in use by another process: stop that one, "
                "or choose another directory with PERSISTENCE_DATA_PATH"
            ) from error

    def release(self) -> None:
        self._file.close()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
