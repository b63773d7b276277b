"""The five distances against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from weavelet.engine.distance import certainty, distances, farthest, normalised
from weavelet.schema.datatypes import Distance

_FLOATS = st.integers(-128, 128).map(lambda sixteenths: sixteenths / 16)


@st.composite
def _query_and_rows(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    dimensions = draw(st.integers(1, 9))
    rows = draw(hnp.arrays(np.float32, (draw(st.integers(0, 12)), dimensions), elements=_FLOATS))
    return draw(hnp.arrays(np.float32, dimensions, elements=_FLOATS)), rows


def _defined(metric: Distance, a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    match metric:
        case Distance.COSINE:
            lengths = np.linalg.norm(a) * np.linalg.norm(b)
            return max(0.0, 1 - a @ b / lengths) if lengths else 1.0
        case Distance.DOT:
            return -(a @ b)
        case Distance.L2_SQUARED:
            return ((a - b) ** 2).sum()
        case Distance.MANHATTAN:
            return np.abs(a - b).sum()
        case Distance.HAMMING:
            return float((a != b).sum())


@pytest.mark.parametrize("metric", Distance)
@given(case=_query_and_rows())
def test_a_distance_is_what_its_definition_says(metric: Distance, case: tuple[np.ndarray, np.ndarray]) -> None:
    query, rows = case
    found = distances(metric, query, rows)
    assert found.dtype == np.float32
    assert found == pytest.approx([_defined(metric, query, row) for row in rows], rel=1e-4, abs=1e-4)


COSINE = {
    "the same": ((0.7, 0.3), (0.7, 0.3), 0),
    "the same direction": ((0.7, 0.3), (1.4, 0.6), 0),
    "opposite": ((0.7, 0.3), (-0.7, -0.3), 2),
    "in between": ((0.7, 0.3), (1, 1), 0.0715),
    "from the zero vector": ((0, 0), (1, 1), 1),
    "to the zero vector": ((1, 1), (0, 0), 1),
}


@pytest.mark.parametrize(("query", "row", "expected"), COSINE.values(), ids=COSINE)
def test_cosine(query: tuple[float, float], row: tuple[float, float], expected: float) -> None:
    (found,) = distances(Distance.COSINE, np.array(query, np.float32), np.array([row], np.float32))
    assert found == pytest.approx(expected, abs=1e-4)
    assert found >= 0


def test_l2_is_not_rooted() -> None:
    rows = np.array([(1, 2, 3), (6, 7, 8)], np.float32)
    assert distances(Distance.L2_SQUARED, np.array((3, 4, 5), np.float32), rows).tolist() == [12, 27]


def test_equal_rows_have_equal_distances_wherever_they_stand() -> None:
    row = np.random.default_rng(1).standard_normal(131).astype(np.float32)
    rows = np.tile(row, (1000, 1))
    for metric in Distance:
        assert len(set(distances(metric, row[::-1].copy(), rows).tolist())) == 1


def test_the_zero_vector_stays_zero_when_normalised() -> None:
    rows = np.array([(0, 0), (3, 4)], np.float32)
    assert normalised(rows).tolist() == [[0, 0], [pytest.approx(0.6), pytest.approx(0.8)]]
    assert normalised(rows[0]).tolist() == [0, 0]


def test_certainty_and_distance_are_two_ways_to_say_the_same() -> None:
    assert certainty(0.2631464) == pytest.approx(0.8684268)
    assert farthest(certainty(0.4)) == pytest.approx(0.4)
