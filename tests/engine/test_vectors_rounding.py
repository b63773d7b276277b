"""Vectors as integers of 8 bits: close where they fit, and it is known where they do not."""

import numpy as np
import pytest

from weavelet.engine.vectors.protocol import Floats
from weavelet.engine.vectors.rounding import Scale

DIMENSIONS = 96


def unit(n: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((n, DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def scale_of(sample: Floats) -> Scale:
    scale = Scale.of(sample)
    assert scale is not None
    return scale


def test_products_of_rounded_vectors_are_nearly_the_true_ones() -> None:
    vectors = unit(2_000)
    scale = scale_of(vectors)
    rounded = scale.rounded(vectors).astype(np.float64)
    products = rounded[:200] @ rounded.T / scale.factor**2
    assert np.abs(products - vectors[:200] @ vectors.T).max() < 0.01


def test_the_largest_number_of_the_sample_becomes_the_largest_integer() -> None:
    sample = unit(500)
    rounded = scale_of(sample).rounded(sample)
    assert np.abs(rounded.astype(int)).max() == 127


def test_what_is_out_of_reach_is_cut_off_and_does_not_fit() -> None:
    scale = scale_of(unit(500))
    spike = np.zeros((1, DIMENSIONS), np.float32)
    spike[0, 3] = -1
    assert scale.rounded(spike)[0, 3] == -127
    assert scale.fits(np.concatenate((unit(5, seed=1), spike))).tolist() == [True] * 5 + [False]


def test_what_would_vanish_does_not_fit() -> None:
    assert not scale_of(unit(500)).fits(unit(3, seed=1) / 1_000).any()


@pytest.mark.parametrize("factor", [1e-44, 1e-20, 1.0, 1e20])
def test_a_query_has_a_scale_of_its_own(factor: float) -> None:
    query = unit(1, seed=2)[0] * np.float32(factor)
    rounded = Scale.of_query(query).rounded(query)
    assert np.abs(rounded.astype(int)).max() == 127 or factor < 1e-40


def test_a_vector_of_zeros_fits() -> None:
    assert scale_of(unit(500)).fits(np.zeros((1, DIMENSIONS), np.float32)).all()


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(np.empty((0, DIMENSIONS), np.float32), id="nothing"),
        pytest.param(np.zeros((10, DIMENSIONS), np.float32), id="zeros"),
        pytest.param(unit(100) * np.logspace(0, 6, 100, dtype=np.float32)[:, np.newaxis], id="lengths far apart"),
        pytest.param(np.concatenate((unit(97), unit(3) * 30)), id="a few much longer"),
        pytest.param(np.concatenate((unit(90), unit(10) / 100)), id="some much shorter"),
        pytest.param(unit(100) * np.float32(1e-42), id="next to nothing"),
    ],
)
def test_samples_that_no_scale_suits(sample: Floats) -> None:
    assert Scale.of(sample) is None
