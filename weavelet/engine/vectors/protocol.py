"""What a vector slot is made of: one exact index, and stages that find the same documents sooner.

An `Exact` index holds every vector and answers any question by looking at all of them. A `Stage` finds a few
candidates fast, measures those exactly, and answers None where it cannot vouch for the result: the slot then asks
the next stage, and in the end the exact index. So a stage may refuse, but it may not be wrong by much.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.docset import DocSet
from weavelet.schema.objects import Vector

Docs = NDArray[np.uint32]
Floats = NDArray[np.float32]
RowNumbers = NDArray[np.int64]

_SHORT = 1024
"""Lists up to this length are quicker sorted as a whole."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Documents in order of distance, ties in order of document number. Two arrays of one length."""

    docs: Docs
    distances: Floats


class Exact(Protocol):
    """Every vector of a slot. Changed by one writer, which excludes the readers while it does."""

    def __len__(self) -> int: ...

    def add(self, docs: Docs, rows: RowNumbers) -> None:
        """The documents' vectors start at these rows of the vector file."""

    def remove(self, docs: Docs) -> None:
        """Documents that have no vector here are passed over."""

    def docs(self) -> Docs:
        """The documents that have a vector, ascending."""

    def vector(self, doc: int) -> Vector | None: ...

    def distances(self, query: Vector, docs: Docs) -> Floats:
        """NaN where a document has no vector."""

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest:
        """The k nearest documents, of `allowed` only; fewer when there are fewer."""

    def within(self, query: Vector, distance: float, allowed: DocSet | None) -> Nearest:
        """All documents no farther than `distance`."""


class Stage(Protocol):
    """A faster way to the nearest documents of a slot."""

    def __len__(self) -> int: ...

    def add(self, docs: Docs) -> None:
        """The exact index has their vectors already."""

    def remove(self, docs: Docs) -> None:
        """Called before the exact index forgets their vectors."""

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest | None:
        """The k nearest documents with exact distances, or None where the stage cannot vouch for them."""


class Walkable(Protocol):
    """A graph as a library builds it: vectors under document numbers.

    One thread at a time adds and removes; any number search meanwhile.
    """

    def __len__(self) -> int: ...

    def fits(self, vectors: Floats) -> NDArray[np.bool_]:
        """For each row whether it can be added: whether searches would find it where it is."""

    def add(self, docs: Docs, vectors: Floats) -> None:
        """None of the documents is there yet, and all of their vectors fit."""

    def remove(self, docs: Docs) -> int:
        """How many of them were there."""

    def search(self, query: Vector, k: int) -> Docs:
        """About the k nearest, the nearest first as far as the graph can tell; fewer where there are fewer."""

    def docs(self) -> Docs:
        """All documents, in no particular order."""

    def save(self, path: Path) -> None:
        """Everything, for `load`. Others may go on computing meanwhile."""

    def load(self, path: Path, docs: Docs) -> None:
        """Take over what `save` wrote when there were these documents. The file must be known to be whole."""


def first(docs: Docs, distances: Floats, k: int) -> Nearest:
    """The k nearest of these documents in order. Distances that are NaN are left out."""
    unknown = np.isnan(distances)
    if unknown.any():
        docs, distances = docs[~unknown], distances[~unknown]
    return nearest(docs, distances, k)


def nearest(docs: Docs, distances: Floats, k: int) -> Nearest:
    """The k nearest of these documents in order; all distances are numbers."""
    if len(docs) > _SHORT:
        chosen = smallest(distances, docs, k)
        docs, distances = docs[chosen], distances[chosen]
    order = np.lexsort((docs, distances))[:k]
    return Nearest(docs[order].astype(np.uint32, copy=False), distances[order].astype(np.float32, copy=False))


def smallest(values: Floats, docs: Docs, k: int) -> NDArray[np.intp]:
    """Positions of the k smallest values, in no order. Of values equal to the k-th, those of the lowest documents."""
    if k >= len(values):
        return np.arange(len(values))
    if k <= 0:
        return np.empty(0, np.intp)
    limit = np.partition(values, k - 1)[k - 1]
    below = np.flatnonzero(values < limit)
    equal = np.flatnonzero(values == limit)
    if len(equal) > k - len(below):
        equal = equal[np.argsort(docs[equal], kind="stable")[: k - len(below)]]
    return np.concatenate((below, equal))


def among(docs: Docs, asked: Docs) -> NDArray[np.bool_]:
    """For each of those asked for whether it is one of the documents."""
    there = np.zeros(int(max(docs.max(initial=0), asked.max(initial=0))) + 1, np.bool_)
    there[docs] = True
    return there[asked]
