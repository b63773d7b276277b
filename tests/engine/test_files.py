"""Files appear whole or not at all, and damage never goes unnoticed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from weavelet.engine.files import (
    Bundle,
    FolderLock,
    atomic_write,
    make_folder,
    read_bundle,
    remove_debris,
    remove_folder,
    write_bundle,
)
from weavelet.errors import CorruptionError, StorageError, Unavailable

BUNDLE = Bundle(
    {"last": 7},
    {
        "numbers": np.arange(10, dtype=np.uint32),
        "matrix": np.ones((3, 4), np.float32),
        "none": np.empty((0, 4), np.float32),
        "text": b"hello",
        "nothing": b"",
    },
)


def test_a_bundle_comes_back_as_it_was(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.bundle", BUNDLE)
    read = read_bundle(tmp_path / "a.bundle")
    assert read is not None
    assert read.about == BUNDLE.about
    assert list(read.parts) == list(BUNDLE.parts)
    for name, part in BUNDLE.parts.items():
        found = read.parts[name]
        if isinstance(part, bytes):
            assert found == part
        else:
            assert isinstance(found, np.ndarray)
            assert found.dtype == part.dtype
            np.testing.assert_array_equal(found, part)


def test_a_missing_bundle_is_none(tmp_path: Path) -> None:
    assert read_bundle(tmp_path / "a.bundle") is None


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.bundle"
    write_bundle(path, Bundle({"n": 1}, {"x": np.arange(16, dtype=np.uint32)}))
    whole = path.read_bytes()
    meaningful = [i for i, byte in enumerate(whole) if byte != 0 or i >= len(whole) - 64]
    for position in meaningful:
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        with pytest.raises(CorruptionError, match=r"a\.bundle"):
            read_bundle(path)


@pytest.mark.parametrize("keep", [0, 5, 20, 70, -1])
def test_a_shortened_bundle_is_noticed(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.bundle"
    write_bundle(path, BUNDLE)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CorruptionError):
        read_bundle(path)


def test_writing_replaces_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    atomic_write(path, [b"old"])
    atomic_write(path, [b"n", b"ew"])
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_failed_write_leaves_the_old_file_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "no" / "folder"
    with pytest.raises(StorageError, match="folder"):
        atomic_write(path, [b"x"])


def test_removed_folders_are_gone_and_debris_is_swept(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "file").write_bytes(b"x")
    remove_folder(tmp_path / "a")
    remove_folder(tmp_path / "a")
    make_folder(tmp_path / "c.deleted")
    (tmp_path / "d.partial").write_bytes(b"x")
    (tmp_path / "kept").write_bytes(b"x")
    remove_debris(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


def test_a_locked_folder_keeps_others_out_until_released(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(Unavailable, match="in use by another process"):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    code = (
        f"from pathlib import Path; from weavelet.engine.files import FolderLock; FolderLock(Path({str(tmp_path)!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    FolderLock(tmp_path).release()
