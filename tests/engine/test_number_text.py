"""Numbers in texts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelet.engine.number_text import float32_text, float64_text

FLOAT32 = {
    0.5: "0.5",
    1: "1",
    0: "0",
    -3: "-3",
    1.2039728: "1.2039728",
    0.016666668: "0.016666668",
    0.0001: "0.0001",
    0.00001: "1e-05",
    1_500_000: "1.5e+06",
    123456: "123456",
    math.inf: "+Inf",
    -math.inf: "-Inf",
}


@pytest.mark.parametrize(("number", "text"), FLOAT32.items(), ids=FLOAT32.values())
def test_float32_text(number: float, text: str) -> None:
    assert float32_text(number) == text


def test_nan_has_a_text() -> None:
    assert float32_text(math.nan) == "NaN"


def test_float64_text_has_more_digits() -> None:
    assert float64_text(1.25) == "1.25"
    assert float64_text(1 / 3) == "0.3333333333333333"


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_text_gives_its_number_back(number: float) -> None:
    assert np.float32(float32_text(number)) == np.float32(number)
