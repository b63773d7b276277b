"""The arithmetic of near-text."""

import numpy as np
import pytest

from weavelet.errors import InvalidQuery
from weavelet.modules.moves import mean, moved_away, moved_to, movement_target


def v(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_the_mean_is_taken_element_by_element() -> None:
    assert mean([v(1, 2), v(3, 6)]).tolist() == [2, 4]
    assert mean([v(1, 2)]).dtype == np.float32


def test_missing_elements_count_for_nothing() -> None:
    assert mean([v(1, 2), v(3)]).tolist() == [2, 2]
    assert mean([]).tolist() == []


def test_concepts_count_as_one_vector_beside_each_object() -> None:
    assert movement_target([v(0), v(2)], [v(4), v(7)]).tolist() == [4]
    assert movement_target([], [v(4), v(6)]).tolist() == [5]


@pytest.mark.parametrize(("force", "moved"), [(0, [1, 1]), (0.5, [1.5, 0.75]), (1, [2, 0.5])])
def test_moving_to_goes_half_the_way_at_full_force(force: float, moved: list[float]) -> None:
    assert moved_to(v(1, 1), v(3, 0), force).tolist() == moved


@pytest.mark.parametrize(("force", "moved"), [(0, [1, 1]), (1, [0, 1.5]), (2, [-1, 2])])
def test_moving_away_goes_beyond(force: float, moved: list[float]) -> None:
    assert moved_away(v(1, 1), v(3, 0), force).tolist() == moved


@pytest.mark.parametrize(
    ("move", "problem"),
    [
        (lambda: moved_to(v(1), v(1), 2), "movement: force must be between 0 and 1: got 2.000000"),
        (lambda: moved_away(v(1), v(1), -1), r"movement \(moveAwayFrom\): force must be 0 or positive: got -1.000000"),
        (lambda: moved_to(v(1), v(1, 2), 1), "movement: vector lengths don't match: got 1 and 2"),
        (lambda: moved_away(v(1), v(1, 2), 1), r"movement \(moveAwayFrom\): vector lengths don't match: got 1 and 2"),
        (lambda: moved_to(np.ones((2, 2), np.float32), v(1), 1), "move to operations are not applicable for multi"),
    ],
)
def test_what_cannot_be_moved_is_refused(move, problem: str) -> None:
    with pytest.raises(InvalidQuery, match=problem):
        move()
