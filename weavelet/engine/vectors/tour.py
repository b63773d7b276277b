"""An order in which to add many vectors to a graph: neighbours one after the other.

Adding a vector walks over a few thousand others, nearly all of which the next one walks over as well where it lies
close by, and finds in the processor's caches. So the vectors are sorted into cells around some centres (k-means, on a
sample), the cells follow each other as in a greedy tour of their centres (nearest next), and so do the vectors within
a cell. Where vectors have no neighbourhoods to speak of the tour gains little, and costs a few per cent of the
building.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.vectors.protocol import Docs, Floats

Read: TypeAlias = Callable[[Docs], tuple[Docs, Floats]]
"""Those of the documents that are still wanted, in their order, and their vectors."""

_CELL = 256
"""Vectors in a cell, on average."""
_LARGEST = 512
"""Vectors toured together: the time for each grows with their number."""
_MOST_CELLS = 1_024
_SAMPLE = 16
"""Vectors a cell in the sample that centres are found in."""
_ROUNDS = 4
_AT_ONCE = 1_024
_SEED = 1
_NOTHING: Docs = np.empty(0, np.uint32)


def tour(docs: Docs, read: Read) -> Iterator[Docs]:
    """The documents, a stretch of the tour at a time; those no longer wanted may be missing.

    Stretches are empty while the cells are being made: each step is tens of milliseconds, and between them the caller
    may do something else.
    """
    count = min(max(len(docs) // _CELL, 1), _MOST_CELLS)
    sample = np.random.default_rng(_SEED).choice(len(docs), min(len(docs), _SAMPLE * count), replace=False)
    _, vectors = read(docs[np.sort(sample)])
    if not len(vectors):
        return
    centres = vectors[:: -(-len(vectors) // count)].copy()
    for _ in range(_ROUNDS):
        _move(centres, vectors)
        yield _NOTHING
    known, cells = [_NOTHING], [np.empty(0, np.intp)]
    for start in range(0, len(docs), _AT_ONCE):
        some, vectors = read(docs[start : start + _AT_ONCE])
        known.append(some)
        cells.append(_nearest(centres, vectors))
        yield _NOTHING
    yield from _by_cell(np.concatenate(known), np.concatenate(cells), _chain(centres), read)


def _by_cell(docs: Docs, cells: NDArray[np.intp], order: NDArray[np.intp], read: Read) -> Iterator[Docs]:
    """The documents of one cell after the other."""
    members = docs[np.argsort(cells, kind="stable")]
    ends = np.cumsum(np.bincount(cells, minlength=len(order)))
    for cell in order.tolist():
        start, end = int(ends[cell - 1]) if cell else 0, int(ends[cell])
        for piece in range(start, end, _LARGEST):
            some, vectors = read(members[piece : min(piece + _LARGEST, end)])
            yield some[_chain(vectors)]


def _move(centres: Floats, vectors: Floats) -> None:
    """Each centre to the middle of the vectors that are nearest to it."""
    cells = _nearest(centres, vectors)
    order = np.argsort(cells, kind="stable")
    taken, starts, counts = np.unique(cells[order], return_index=True, return_counts=True)
    centres[taken] = np.add.reduceat(vectors[order], starts) / counts[:, np.newaxis].astype(np.float32)


def _nearest(centres: Floats, vectors: Floats) -> NDArray[np.intp]:
    """For each vector which centre is nearest."""
    parts = [
        np.argmax(_nearness(vectors[start : start + _AT_ONCE], centres), axis=1)
        for start in range(0, len(vectors), _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.intp)


def _chain(vectors: Floats) -> NDArray[np.intp]:
    """All of the vectors, beginning with the first, each followed by the nearest of those left."""
    nearness = _nearness(vectors, vectors)
    order = np.zeros(len(vectors), np.intp)
    left = np.arange(1, len(vectors))
    for place in range(1, len(vectors)):
        chosen = nearness[order[place - 1]].take(left).argmax()
        order[place] = left[chosen]
        left[chosen] = left[-1]
        left = left[:-1]
    return order


def _nearness(vectors: Floats, others: Floats) -> Floats:
    """For each of the vectors a number that is larger the nearer another is."""
    with np.errstate(over="ignore", invalid="ignore"):  # such vectors come in any order
        nearness: Floats = vectors @ others.T - np.einsum("ij,ij->i", others, others) / 2
        return nearness
