"""Maximal marginal relevance: hits that are near the query, yet far from each other.

The first is the nearest. Each next one has the best mix of nearness to the query and distance from its nearest
neighbour among those chosen: `-balance * distance + (1 - balance) * distance to the chosen`. In float32, and, as in
Weaviate, with the vectors as they were stored: for cosine, how far hits are apart depends on their lengths.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.distance import distances
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

Floats = NDArray[np.float32]


def diverse(
    query_distances: Floats, vectors: Sequence[Vector | None], metric: Distance, k: int, balance: float
) -> list[int]:
    """The positions of at most `k` hits of a vector search, in order of choice. Ties go to the earlier hit.

    `balance` 1 is the order of distance, 0 looks for variety alone. Hits without a vector are never chosen.
    """
    places, rows = _with_vector(vectors)
    return [places[i] for i in _chosen(query_distances[places], rows, metric, min(k, len(places)), balance)]


def diverse_fused(
    scores: Floats, vectors: Sequence[Vector | None], metric: Distance, k: int, balance: float
) -> list[int]:
    """The positions of all hits of a hybrid search, in an order whose first `k` are diverse.

    The best score counts as distance 0, the worst as 1. Hits without a vector keep their places; the others fill
    the places between, those not chosen in their old order.
    """
    places, rows = _with_vector(vectors)
    shown = sum(place < k for place in places)
    chosen = _chosen(_as_distances(scores[places]), rows, metric, shown, balance)
    passed = sorted(set(range(len(places))) - set(chosen))
    order = (places[i] for i in (*chosen, *passed))
    return [place if vector is None else next(order) for place, vector in enumerate(vectors)]


def _with_vector(vectors: Sequence[Vector | None]) -> tuple[list[int], Floats]:
    """Where there is a vector, and those vectors as `(n, d)`."""
    present = [(place, vector) for place, vector in enumerate(vectors) if vector is not None]
    if not present:
        return [], np.empty((0, 0), np.float32)
    return [place for place, _ in present], np.stack([vector for _, vector in present])


def _as_distances(scores: Floats) -> Floats:
    """Scores, larger is better, as distances between 0 and 1; all 0 when the scores are equal."""
    if not len(scores) or scores.max() == scores.min():
        return np.zeros(len(scores), np.float32)
    scaled: Floats = np.float32(1) - (scores - scores.min()) / (scores.max() - scores.min())
    return scaled


def _chosen(distant: Floats, rows: Floats, metric: Distance, k: int, balance: float) -> list[int]:
    """Greedily, one at a time."""
    if k < 1:
        return []
    near = np.float32(balance)
    chosen = [int(np.argmin(distant))]
    apart = np.full(len(rows), np.inf, np.float32)
    while len(chosen) < k:
        apart = np.minimum(apart, _apart(metric, rows[chosen[-1]], rows))
        merit = (1 - near) * apart - near * distant
        merit[chosen] = -np.inf
        chosen.append(int(np.argmax(merit)))
    return chosen


def _apart(metric: Distance, one: Vector, rows: Floats) -> Floats:
    if metric is Distance.COSINE:
        return np.maximum(1 + distances(Distance.DOT, one, rows), 0)
    return distances(metric, one, rows)
