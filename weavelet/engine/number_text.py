"""Numbers as Weaviate prints them in texts: the fewest digits that give the number back, whole ones without a point.

    0.5   1.2039728   3   1e-05   1.5e+06

An exponent appears below 0.0001 and from a million on. Imports only numpy.
"""

import math

import numpy as np


def float32_text(value: float | np.float32) -> str:
    """The text of the number rounded to float32."""
    return _text(np.float32(value))


def float64_text(value: float) -> str:
    return _text(np.float64(value))


def _text(value: np.floating) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    scientific = np.format_float_scientific(value, unique=True, trim="-", exp_digits=2)
    exponent = int(scientific.rpartition("e")[2])
    if value == 0 or -4 <= exponent < 6:
        return np.format_float_positional(value, unique=True, trim="-")
    return scientific
