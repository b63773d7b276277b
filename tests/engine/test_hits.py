"""Hits as columns read like a list of hits."""

import numpy as np
import pytest

from weavelet.engine.hits import Hits, runs
from weavelet.engine.query import Hit

HITS = [Hit(7, score=0.5, explain="a"), Hit(3, score=0.25, explain="b"), Hit(9, score=0.25, explain="c")]


def test_columns_give_back_the_hits_they_were_made_of() -> None:
    assert Hits.of(HITS) == HITS
    assert Hits.of([Hit(4, distance=0.5)]) == [Hit(4, distance=0.5)]
    assert Hits.of([Hit(4)]) == [Hit(4)]
    assert Hits.of([]) == []


def test_columns_are_indexed_and_cut_like_a_list() -> None:
    hits = Hits.of(HITS)
    assert (hits[0], hits[-1]) == (HITS[0], HITS[-1])
    assert hits[1:] == HITS[1:]
    assert hits[5:] == []
    assert hits.at(np.array([2, 0])) == [Hit(9, score=0.25), Hit(7, score=0.5)]
    with pytest.raises(IndexError):
        hits[3]


@pytest.mark.parametrize(
    ("equal", "found"),
    [([], []), ([0, 0], []), ([1], [(0, 2)]), ([1, 1, 0, 1], [(0, 3), (3, 5)]), ([0, 1, 0, 0, 1], [(1, 3), (4, 6)])],
)
def test_runs_are_stretches_of_equals(equal: list[int], found: list[tuple[int, int]]) -> None:
    assert list(runs(np.array(equal, np.bool_))) == found
