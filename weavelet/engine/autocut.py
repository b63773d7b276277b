"""Autocut: where a ranked list falls off."""

from collections.abc import Sequence

import numpy as np


def autocut(values: Sequence[float], cuts: int) -> int:
    """How many of the values to keep: those before the `cuts`-th jump. All of them with `cuts` 0, or fewer jumps.

    `values` are distances in ascending or scores in descending order. A jump is a local maximum of how far the
    curve, scaled to run from (0, 0) to (1, 1), lies above its diagonal. In float32, as in Weaviate.
    """
    count = len(values)
    if cuts <= 0 or count <= 1:
        return count
    curve = np.array(values, np.float32)
    rise = curve[-1] - curve[0]
    if rise == 0:
        return count
    step = np.float32(1) / np.float32(count - 1)
    above = (curve - curve[0]) / rise - np.arange(count, dtype=np.float32) * step
    jumps = np.flatnonzero(_peaks(above))
    return int(jumps[cuts - 1]) if len(jumps) >= cuts else count


def _peaks(above: np.ndarray[tuple[int], np.dtype[np.float32]]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which entries exceed their neighbours. The first never counts; the last must exceed the two before it."""
    peaks = np.zeros(len(above), np.bool_)
    peaks[1:-1] = (above[1:-1] > above[:-2]) & (above[1:-1] > above[2:])
    peaks[-1] = len(above) > 2 and above[-1] > above[-2] and above[-1] > above[-3]
    return peaks
