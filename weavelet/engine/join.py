"""Joining the hits of several target vectors into one list by a combined distance.

Each target was searched on its own; a document may be among the hits of some targets only. `minimum` takes the
smallest distance found. Every other method wants a distance to each target: the missing ones are measured, and
documents that lack one of the vectors are left out.
Imports only the request values and numpy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.fusion import scaled
from weavelet.engine.hits import Hits
from weavelet.engine.query import Join
from weavelet.errors import InvalidQuery

Docs = NDArray[np.uint32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TargetHits:
    """What the search of one target vector found, and how to measure the distance of any document to that target.

    `measure` gives NaN for documents that have no such vector.
    """

    hits: Hits
    measure: Callable[[Docs], Floats]


def join(
    targets: Sequence[TargetHits], method: Join, weights: Sequence[float], limit: int, distance: float | None = None
) -> Hits:
    """At most `limit` documents by combined distance, none farther than `distance`. Ties by document number.

    `weights`, one per target, matter for MANUAL and RELATIVE only. Raises `InvalidQuery` when they do not fit.
    """
    if len(targets) == 1:
        return targets[0].hits[:limit]
    docs = _found(targets)
    combined = _combined(targets, method, weights, docs)
    known = ~np.isnan(combined)
    if distance:
        known &= combined <= np.float32(distance)
    docs, combined = docs[known], combined[known]
    order = np.lexsort((docs, combined))[:limit]
    return Hits(docs[order], distances=combined[order])


def _found(targets: Sequence[TargetHits]) -> Docs:
    """Every document some target found, ascending."""
    return np.unique(np.concatenate([target.hits.docs for target in targets]))


def _combined(targets: Sequence[TargetHits], method: Join, weights: Sequence[float], docs: Docs) -> Floats:
    match method:
        case Join.MINIMUM:
            return _smallest([_seen(target, docs) for target in targets])
        case Join.SUM:
            return _weighted(targets, [1.0] * len(targets), docs)
        case Join.AVERAGE:
            return _weighted(targets, [1 / len(targets)] * len(targets), docs)
        case Join.MANUAL:
            return _weighted(targets, _checked(weights, targets), docs)
        case Join.RELATIVE:
            return _relative(targets, _checked(weights, targets), docs)
        case _:
            assert_never(method)


def _checked(weights: Sequence[float], targets: Sequence[TargetHits]) -> Sequence[float]:
    if len(weights) != len(targets):
        raise InvalidQuery(f"number of weights ({len(weights)}) does not match number of targets ({len(targets)})")
    return weights


def _seen(target: TargetHits, docs: Docs) -> Floats:
    """The distance of each document as the target found it; NaN for those it did not find."""
    distances = np.full(len(docs), np.nan, np.float32)
    if target.hits.distances is not None:
        distances[docs.searchsorted(target.hits.docs)] = target.hits.distances
    return distances


def _measured(target: TargetHits, docs: Docs) -> Floats:
    """The distance of each document to the target; NaN for those without such a vector."""
    distances = _seen(target, docs)
    missing = np.isnan(distances)
    if missing.any():
        distances[missing] = target.measure(docs[missing])
    return distances


def _smallest(distances: Sequence[Floats]) -> Floats:
    """Per document, over the targets that found it."""
    result: Floats = np.fmin.reduce(distances)
    return result


def _weighted(targets: Sequence[TargetHits], weights: Sequence[float], docs: Docs) -> Floats:
    total = np.zeros(len(docs), np.float32)
    for target, weight in zip(targets, weights, strict=True):
        total += np.float32(weight) * _measured(target, docs)
    return total


def _relative(targets: Sequence[TargetHits], weights: Sequence[float], docs: Docs) -> Floats:
    """As in relative-score fusion, each target's distances are scaled to [0, 1] before they are weighed."""
    measured = [_measured(target, docs) for target in targets]
    complete = ~np.isnan(np.sum(measured, axis=0))
    total = np.full(len(docs), np.nan, np.float32)
    total[complete] = 0
    for distances, weight in zip(measured, weights, strict=True):
        total[complete] += scaled(distances[complete], weight)
    return total
