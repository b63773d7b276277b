"""Sets of document numbers behave like sets, whichever way they were made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelet.engine.docset import DocSet

NUMBERS = st.sets(st.integers(0, 300_000), max_size=60)


@given(NUMBERS, NUMBERS)
def test_operators_agree_with_python_sets(left: set[int], right: set[int]) -> None:
    one, other = DocSet.of(left), DocSet.of(right)
    assert set(one & other) == left & right
    assert set(one | other) == left | right
    assert set(one - other) == left - right
    assert one.isdisjoint(other) == left.isdisjoint(right)
    assert (one == other) == (left == right)


@pytest.mark.parametrize("size", [0, 1, 100, 65_535, 65_536, 65_537, 200_000])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.05, 0.0625, 0.0626, 0.5, 1.0])
def test_a_mask_and_its_set_name_the_same_numbers(size: int, share: float) -> None:
    mask = np.random.default_rng(7).random(size) < share
    found = DocSet.of_mask(mask)
    assert np.array_equal(found.array(), np.flatnonzero(mask))
    assert np.array_equal(found.mask(size), mask)
    assert DocSet.of(np.flatnonzero(mask)) == found


def test_numbers_come_out_ascending_and_once() -> None:
    docs = DocSet.of(np.array([5, 3, 5, 9], np.uint32))
    assert docs.array().tolist() == [3, 5, 9]
    assert docs.array().dtype == np.uint32
    assert list(docs) == [3, 5, 9]
    assert len(docs) == 3


def test_a_mask_leaves_out_numbers_beyond_its_end() -> None:
    assert DocSet.of([1, 4, 7]).mask(5).tolist() == [False, True, False, False, True]


def test_a_copy_goes_its_own_way() -> None:
    first = DocSet.of([1, 2])
    second = first.copy()
    second.add(3)
    second.discard(1)
    assert list(first) == [1, 2]
    assert list(second) == [2, 3]


def test_sets_survive_as_bytes() -> None:
    docs = DocSet.range(70_000) - DocSet.of([17])
    assert DocSet.from_bytes(docs.to_bytes()) == docs


def test_the_union_of_nothing_is_empty() -> None:
    assert not DocSet.union([])
    assert list(DocSet.union([DocSet.of([2]), DocSet.of([1, 2])])) == [1, 2]
    assert 2 in DocSet.of([2])
    assert repr(DocSet.range(10)) == "DocSet(0, 1, 2, 3, 4, 5, 6, 7, …)"
