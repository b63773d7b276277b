"""The arithmetic of near-text: the mean of vectors, and moving a vector towards or away from another.

Everything is float32, as in Weaviate, so that distances come out the same. Pure functions; a wrong force or length is
the caller's `InvalidQuery`.
"""

from collections.abc import Sequence

import numpy as np

from weavelet.errors import InvalidQuery
from weavelet.schema.objects import Vector


def mean(vectors: Sequence[Vector]) -> Vector:
    """The element-wise mean, `(d,)` float32. Where lengths differ, an element is the mean of the vectors that have it.

    Of no vectors: the empty vector.
    """
    if len({len(vector) for vector in vectors}) == 1:
        average: Vector = np.mean(np.stack(vectors), axis=0, dtype=np.float32)
        return average
    total = np.zeros(max(map(len, vectors), default=0), np.float32)
    count = np.zeros_like(total)
    for vector in vectors:
        total[: len(vector)] += vector
        count[: len(vector)] += 1
    return total / count


def movement_target(concepts: Sequence[Vector], objects: Sequence[Vector]) -> Vector:
    """Where a movement points: the mean of the objects' vectors and of the concepts, which together count as one."""
    return mean([*([mean(concepts)] if concepts else []), *objects])


def moved_to(vector: Vector, target: Vector, force: float) -> Vector:
    """Part of the way to `target`: force 0 stays, 1 goes half the way."""
    if not 0 <= force <= 1:
        raise InvalidQuery(f"movement: force must be between 0 and 1: got {force:.6f}")
    _comparable(vector, target, "movement")
    half = np.float32(0.5) * np.float32(force)
    return vector * (np.float32(1) - half) + target * half


def moved_away(vector: Vector, target: Vector, force: float) -> Vector:
    """On beyond `vector`, by half of `force` times its difference from `target`."""
    if force < 0:
        raise InvalidQuery(f"movement (moveAwayFrom): force must be 0 or positive: got {force:.6f}")
    _comparable(vector, target, "movement (moveAwayFrom)")
    return vector + np.float32(0.5) * np.float32(force) * (vector - target)


def _comparable(vector: Vector, target: Vector, movement: str) -> None:
    if vector.ndim > 1 or target.ndim > 1:
        raise InvalidQuery("move to operations are not applicable for multivector embeddings")
    if len(vector) != len(target):
        raise InvalidQuery(f"{movement}: vector lengths don't match: got {len(vector)} and {len(target)}")
