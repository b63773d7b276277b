"""Vectors rounded to integers of 8 bits, for graphs: half the memory of bfloat16, and half the way to fetch it.

One scale for all vectors of a graph, since only then products and distances of rounded vectors stand in the order of
the true ones. It is taken from a sample, so that its largest number becomes the largest integer. Vectors that this
would change too much (much larger ones, which would be cut off, or much smaller ones, which would all but vanish) do
not fit; where many of the sample do not, no scale suits them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.vectors.protocol import Floats
from weavelet.schema.objects import Vector

_LARGEST = 127
_MOST_ERROR = 0.05
"""Of a vector's length: a vector that rounding moves farther does not fit."""
_USUAL_ERROR = 0.025
"""Of their lengths: a sample whose median vector is moved farther has no scale."""
_MISFITS = 100
"""Nor has a sample of which more than one vector in so many does not fit."""
_MOST_FACTOR = float(np.finfo(np.float32).max)
_LEAST = float(np.finfo(np.float32).tiny)

Rounded = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Scale:
    factor: float
    """By which numbers are multiplied before they are rounded."""

    def rounded(self, vectors: Floats) -> Rounded:
        """Numbers out of reach become the largest there are."""
        numbers = np.rint(vectors * np.float32(self.factor))
        rounded: Rounded = np.clip(numbers, -_LARGEST, _LARGEST, out=numbers).astype(np.int8)
        return rounded

    def fits(self, vectors: Floats) -> NDArray[np.bool_]:
        """For each row whether rounding leaves it nearly as it is."""
        return self._errors(vectors) <= _MOST_ERROR

    def _errors(self, vectors: Floats) -> Floats:
        """How far each row is moved, in parts of its length; a row of zeros is not."""
        moved = self.rounded(vectors).astype(np.float32) / np.float32(self.factor) - vectors
        lengths = np.linalg.norm(vectors, axis=1)
        errors: Floats = np.linalg.norm(moved, axis=1) / np.where(lengths > 0, lengths, 1)
        return errors

    @classmethod
    def of_query(cls, query: Vector) -> "Scale":
        """For a vector that others are only multiplied with: whatever its scale, the products keep their order."""
        return cls(min(_LARGEST / max(float(np.abs(query).max(initial=0)), _LEAST), _MOST_FACTOR))

    @classmethod
    def of(cls, sample: Floats) -> "Scale | None":
        """The one for vectors such as these; None where there is none."""
        largest = float(np.abs(sample).max(initial=0))
        if not largest or _LARGEST / largest > _MOST_FACTOR:
            return None
        scale = cls(_LARGEST / largest)
        errors = scale._errors(sample)
        usual = float(np.median(errors)) <= _USUAL_ERROR
        return scale if usual and np.count_nonzero(errors > _MOST_ERROR) * _MISFITS <= len(sample) else None
