"""Rows of floats on disk: they keep their numbers, grow, and survive torn ends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weavelet.engine.vectors.file import VectorFile
from weavelet.errors import CorruptionError

Open = Callable[[Path], VectorFile]


def _rows(n: int, dimensions: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, dimensions)).astype(np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "slot" / "vectors.f32"


@pytest.fixture
def opened() -> Iterator[Open]:
    with ExitStack() as stack:

        def open_(path: Path) -> VectorFile:
            file = VectorFile(path)
            stack.callback(file.close)
            return file

        yield open_


def test_nothing_is_made_before_the_first_row(path: Path, opened: Open) -> None:
    file = opened(path)
    file.sync()
    assert (file.count, file.dimensions) == (0, 0)
    assert not path.parent.exists()


def test_rows_come_back_by_number(path: Path, opened: Open) -> None:
    file = opened(path)
    rows = _rows(10)
    numbers = np.concatenate((file.append(rows[:4]), file.append(rows[4:])))
    assert numbers.tolist() == list(range(10))
    assert (file.gather(numbers[::-1]) == rows[::-1]).all()
    assert (file.rows() == rows).all()


def test_rows_are_there_after_opening_again(path: Path, opened: Open) -> None:
    file = opened(path)
    file.append(_rows(1000))
    file.sync()
    file.close()
    again = opened(path)
    assert (again.count, again.dimensions) == (1000, 5)
    assert (again.rows() == _rows(1000)).all()


def test_rows_are_there_though_nobody_closed_the_file(path: Path, opened: Open) -> None:
    file = opened(path)
    numbers = file.append(_rows(3))
    file.sync()
    again = opened(path)
    assert again.count >= 3
    assert (again.gather(numbers) == _rows(3)).all()


def test_views_outlive_growth(path: Path, opened: Open) -> None:
    file = opened(path)
    file.append(_rows(2))
    view = file.rows()
    file.append(_rows(5000, seed=1))
    file.close()
    assert (view == _rows(2)).all()


@pytest.mark.parametrize("torn", [1, 7, 19])
def test_a_torn_end_is_cut_off(path: Path, opened: Open, torn: int) -> None:
    file = opened(path)
    file.append(_rows(8))
    file.close()
    path.write_bytes(path.read_bytes()[:-torn])
    again = opened(path)
    assert again.count == 7
    assert (again.rows() == _rows(8)[:7]).all()
    assert again.append(_rows(1, seed=3)).tolist() == [7]
    assert (again.gather(np.array([7])) == _rows(1, seed=3)).all()


def test_a_file_that_never_got_its_header_is_begun_again(path: Path, opened: Open) -> None:
    path.parent.mkdir()
    path.write_bytes(b"weavelet")
    file = opened(path)
    assert file.append(_rows(2)).tolist() == [0, 1]
    assert (file.rows() == _rows(2)).all()


def test_a_foreign_file_is_refused(path: Path, opened: Open) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else entirely".ljust(200, b"."))
    with pytest.raises(CorruptionError, match=r"vectors\.f32 is damaged"):
        opened(path)


def test_rows_nobody_refers_to_are_written_again(path: Path, opened: Open) -> None:
    file = opened(path)
    file.append(_rows(10))
    file.reuse(np.array([0, 2, 7]))
    again = _rows(6, seed=1)
    numbers = file.append(again)
    assert sorted(numbers.tolist()) == [1, 3, 4, 5, 6, 8]
    assert (file.gather(numbers) == again).all()
    assert (file.gather(np.array([0, 2, 7])) == _rows(10)[[0, 2, 7]]).all()


def test_rows_that_belong_together_follow_each_other(path: Path, opened: Open) -> None:
    file = opened(path)
    file.append(_rows(4))
    file.reuse(np.array([0, 3]))
    start = file.append_together(_rows(3, seed=2))
    assert start == 4
    assert (file.rows()[4:7] == _rows(3, seed=2)).all()


def test_rows_of_another_length_are_refused(path: Path, opened: Open) -> None:
    file = opened(path)
    file.append(_rows(1))
    with pytest.raises(ValueError, match="rows of 3 floats do not fit a file of rows of 5"):
        file.append(_rows(1, dimensions=3))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.integers(0, 40), max_size=8), reopen=st.booleans())
def test_any_batches_come_back(tmp_path_factory: pytest.TempPathFactory, batches: list[int], reopen: bool) -> None:
    path = tmp_path_factory.mktemp("any") / "vectors.f32"
    file, expected = VectorFile(path), np.empty((0, 5), np.float32)
    for seed, n in enumerate(batches):
        file.append(_rows(n, seed=seed))
        expected = np.concatenate((expected, _rows(n, seed=seed)))
        if reopen:
            file.close()
            file = VectorFile(path)
    assert file.count == len(expected)
    assert not len(expected) or (file.rows() == expected).all()
    file.close()


@pytest.mark.parametrize(
    "numbers",
    [[], [7], range(100), [*range(40, 90), *range(10, 30)], [3, 1, 2], [*range(50), 99, 98]],
    ids=["none", "one", "all", "stretches", "scattered", "mostly together"],
)
def test_rows_are_read_past_the_map_as_through_it(path: Path, opened: Open, numbers: list[int]) -> None:
    file = opened(path)
    file.append(_rows(100))
    wanted = np.array(numbers, np.int64)
    assert file.read(wanted).tolist() == file.gather(wanted).tolist()


def test_rows_beyond_the_end_of_a_file_that_was_cut_are_reported(path: Path, opened: Open) -> None:
    file = opened(path)
    file.append(_rows(10_000))
    with path.open("r+b") as other:
        other.truncate(5_000)
    with pytest.raises(CorruptionError, match=r"vectors\.f32 is damaged"):
        file.read(np.arange(10_000))
