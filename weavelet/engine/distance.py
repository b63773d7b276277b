"""The five vector distances, in float32. Smaller is nearer for every one of them.

    cosine      1 - (a·b)/(|a||b|), never below 0, exactly 0 to itself; 1 to and from the zero vector
    dot         -(a·b)
    l2-squared  Σ(a - b)²
    manhattan   Σ|a - b|
    hamming     how many components differ

Imports only the schema's names and numpy. Equal rows get bit-equal distances wherever they stand.
"""

from collections.abc import Callable, Iterator
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from weavelet.schema.datatypes import Distance

Floats = NDArray[np.float32]

_ONE = np.float32(1)
_ROUNDING = np.float32(2.5e-7)
"""Two steps of float32 at 1: what is nearer than this may as well be the same direction."""
_BLOCK = 1 << 18
"""Floats in a temporary array of component-wise differences: what stays in the processor's cache."""


def distances(metric: Distance, query: Floats, rows: Floats, scale: Floats | None = None) -> Floats:
    """From `query` `(d,)` to each of `rows` `(n, d)`, as `(n,)`. `scale`: the rows' inverse norms, where known."""
    match metric:
        case Distance.COSINE:
            return cosines(normalised(query), rows, inverse_norms(rows) if scale is None else scale)
        case Distance.DOT:
            return -_dots(rows, query)
        case Distance.L2_SQUARED:
            return _by_block(rows, lambda block: _squares(block - query))
        case Distance.MANHATTAN:
            return _by_block(rows, lambda block: np.abs(block - query).sum(axis=1, dtype=np.float32))
        case Distance.HAMMING:
            return _by_block(rows, lambda block: np.count_nonzero(block != query, axis=1).astype(np.float32))
        case _:
            assert_never(metric)


def cosines(query: Floats, rows: Floats, scale: Floats) -> Floats:
    """Cosine distances from a `query` of length 1 to each of `rows`; `scale`: the rows' inverse norms."""
    nearness = _dots(rows, query)
    nearness *= scale
    result: Floats = _ONE - nearness
    result[result < _ROUNDING] = 0
    return result


def normalised(vectors: Floats) -> Floats:
    """The vectors `(d,)` or `(n, d)` at length 1. The zero vector stays zero."""
    if vectors.ndim == 1:
        length = np.sqrt(np.einsum("i,i->", vectors, vectors))
        return vectors * (np.float32(1) / length) if length > 0 else vectors
    result: Floats = vectors * inverse_norms(vectors)[:, np.newaxis]
    return result


def inverse_norms(rows: Floats) -> Floats:
    """One over each row's length, `(n,)`; 0 for the zero vector."""
    norms = np.sqrt(_squares(rows))
    return np.divide(np.float32(1), norms, out=np.zeros_like(norms), where=norms > 0)


def squared_norms(rows: Floats) -> Floats:
    """Each row's squared length, `(n,)`."""
    return _squares(rows)


def certainty(distance: float) -> float:
    """Cosine distance as a certainty between 0 and 1."""
    return 1 - distance / 2


def farthest(certainty: float) -> float:
    """The cosine distance at which the certainty is just reached."""
    return (1 - certainty) * 2


def _dots(rows: Floats, query: Floats) -> Floats:
    """`einsum` adds up every row in the same order, which a matrix product does not promise."""
    products: Floats = np.einsum("ij,j->i", rows, query)
    return products


def _squares(rows: Floats) -> Floats:
    sums: Floats = np.einsum("ij,ij->i", rows, rows)
    return sums


def _by_block(rows: Floats, measure: Callable[[Floats], Floats]) -> Floats:
    result = np.empty(len(rows), np.float32)
    for block in _blocks(rows):
        result[block] = measure(rows[block])
    return result


def _blocks(rows: Floats) -> Iterator[slice]:
    step = max(1, _BLOCK // max(1, rows.shape[1]))
    return (slice(start, start + step) for start in range(0, len(rows), step))
