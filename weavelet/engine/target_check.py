"""The numbers of a search's target: whatever no distance or score could be made of is refused before anything is done.

The doors let through what their wires can carry, and some carry NaN and infinity.
"""

import math
from typing import assert_never

import numpy as np

from weavelet.engine.query import Hybrid, Keyword, NearObject, NearText, NearVector, Target
from weavelet.errors import InvalidQuery
from weavelet.schema.objects import Vector


def check_target(target: Target) -> None:
    """Raise `InvalidQuery` where a number is not finite."""
    match target:
        case None | Keyword():
            return
        case NearVector():
            for vector in target.vectors:
                check_vector(vector)
        case NearText():
            for name, move in (("moveTo", target.move_to), ("moveAwayFrom", target.move_away)):
                _check(f"{name}: force", None if move is None else move.force)
        case NearObject():
            pass
        case Hybrid():
            _check("alpha", target.alpha)
            _check("maxVectorDistance", target.max_distance)
            check_target(target.near)
            _check_weights(target.targets.weights)
            return
        case _:
            assert_never(target)
    _check("distance", target.cut.distance)
    _check("certainty", target.cut.certainty)
    _check_weights(target.targets.weights)


def _check_weights(weights: tuple[float, ...]) -> None:
    for weight in weights:
        _check("the weight of a target vector", weight)


def _check(name: str, number: float | None) -> None:
    if number is not None and not math.isfinite(number):
        raise InvalidQuery(f"{name} must be a finite number, got {number}")


def check_vector(vector: Vector) -> None:
    """Raise `InvalidQuery` where a component is not finite."""
    if vector.ndim == 1 and math.isfinite(vector.dot(vector)):  # quicker, and true of nearly every vector
        return
    if not np.isfinite(vector).all():
        raise InvalidQuery("the query vector holds a value that is not a finite number")
