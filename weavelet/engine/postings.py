"""An inverted index in memory: for every term the documents that hold it, and how often.

A term's documents are two compact arrays, document numbers (ascending) and counts, that only grow at the end; a term
of one document, which most are, is a single int. Removing a document is a tombstone: its number goes into a set, and a
sweep takes it out of the arrays later, some terms at a time. Not safe for a write beside anything else; the caller
locks. Imports only `docset`.
"""

import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.docset import DocSet

Docs: TypeAlias = NDArray[np.uint32]
Counts: TypeAlias = NDArray[np.uint16] | NDArray[np.uint32]
Part: TypeAlias = NDArray[Any] | bytes

_Long: TypeAlias = "tuple[array.array[int], array.array[int]]"
"""The document numbers and counts of a term in several documents. A tuple, since the collector need not watch it."""

_COUNT_BITS = 32
_COUNT_MASK = (1 << _COUNT_BITS) - 1
_LARGEST_SHORT = 0xFFFF
_SHORT = 2
"""Bytes of a count up to that."""
_WORTH_KEEPING = 256
"""Documents from which on a term's set is kept once a filter has asked for it."""
_LOOKUP = 16
"""What finding one document in a posting costs, in documents of it looked at."""
_NO_DOCS: Docs = np.empty(0, np.uint32)
_NO_COUNTS: NDArray[np.uint16] = np.empty(0, np.uint16)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The set of a term's first `size` documents."""

    size: int
    docs: DocSet


class Postings:
    """Terms of one property. Document numbers must come in ascending order."""

    __slots__ = ("_kept", "_terms")

    def __init__(self) -> None:
        self._terms: dict[str, int | _Long] = {}
        self._kept: dict[str, _Kept] = {}

    def __len__(self) -> int:
        return len(self._terms)

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __contains__(self, term: str) -> bool:
        return term in self._terms

    def add(self, doc: int, counts: Mapping[str, int]) -> None:
        """Add a document with its terms and how often it has each."""
        terms = self._terms
        get = terms.get
        for term, count in counts.items():
            found = get(term)
            if found is None:
                terms[term] = doc << _COUNT_BITS | count
            elif isinstance(found, int):
                terms[term] = _promoted(found, doc, count)
            else:
                docs, times = found
                docs.append(doc)
                try:
                    times.append(count)
                except OverflowError:
                    terms[term] = (docs, array.array("I", [*times, count]))

    def find(self, term: str) -> tuple[Docs, Counts]:
        """The documents of a term, ascending, and its count in each: views that must not outlive the read lock."""
        found = self._terms.get(term)
        if found is None:
            return _NO_DOCS, _NO_COUNTS
        if isinstance(found, int):
            single = (np.array([found >> _COUNT_BITS], np.uint32), np.array([found & _COUNT_MASK], np.uint32))
            return single
        return _docs(found), _counts(found)

    def docs(self, term: str) -> DocSet:
        """The documents of a term as a set that the caller may not change; tombstones may be among them."""
        found = self._terms.get(term)
        if found is None:
            return DocSet()
        if isinstance(found, int):
            return DocSet.of((found >> _COUNT_BITS,))
        if len(found[0]) < _WORTH_KEEPING:
            return DocSet.of(_docs(found))
        return self._kept_docs(term, found)

    def docs_of_any(self, terms: Iterable[str]) -> DocSet:
        """The documents of at least one of the terms."""
        singles: list[int] = []
        longs: list[DocSet] = []
        for term in terms:
            found = self._terms.get(term)
            if isinstance(found, int):
                singles.append(found >> _COUNT_BITS)
            elif found is not None:
                longs.append(self.docs(term))
        return DocSet.union([DocSet.of(singles), *longs])

    def _kept_docs(self, term: str, found: _Long) -> DocSet:
        """The term's set, kept from call to call; documents added since join a new set, so readers share the old."""
        size = len(found[0])
        kept = self._kept.get(term)
        if kept is None:
            kept = _Kept(size, DocSet.of(_docs(found)))
            self._kept[term] = kept
        elif kept.size < size:
            kept = _Kept(size, kept.docs | DocSet.of(_docs(found)[kept.size :]))
            self._kept[term] = kept
        return kept.docs

    # Sweeping

    def sweep(self, terms: Iterable[str], gone: NDArray[np.bool_]) -> None:
        """Take the documents that are True in `gone` out of the postings of these terms."""
        for term in terms:
            found = self._terms.get(term)
            if isinstance(found, int):
                if _is_gone(found >> _COUNT_BITS, gone):
                    del self._terms[term]
            elif found is not None:
                self._sweep_long(term, found, gone)

    def _sweep_long(self, term: str, found: _Long, gone: NDArray[np.bool_]) -> None:
        docs = _docs(found)
        known = docs[: np.searchsorted(docs, len(gone))]
        stays = np.ones(len(docs), np.bool_)
        stays[: len(known)] = ~gone[known]
        if stays.all():
            return
        left, counts = docs[stays], _counts(found)[stays]
        self._kept.pop(term, None)
        if len(left) > 1:
            self._terms[term] = _long(left, counts)
        elif len(left) == 1:
            self._terms[term] = int(left[0]) << _COUNT_BITS | int(counts[0])
        else:
            del self._terms[term]

    # Snapshots

    def snapshot(self) -> dict[str, Part]:
        """The postings as few arrays: first the terms of one document, then the others.

        Terms are joined into one text, with their lengths beside it.
        """
        single = [(term, found) for term, found in self._terms.items() if isinstance(found, int)]
        longs = [(term, found) for term, found in self._terms.items() if not isinstance(found, int)]
        terms = [term.encode() for term, _ in (*single, *longs)]
        packed = np.array([found for _, found in single], np.uint64)
        counts = [_counts(found) for _, found in longs]
        return {
            "terms": b"".join(terms),
            "term_sizes": np.array([len(term) for term in terms], np.uint32),
            "singles": packed,
            "sizes": np.array([len(found[0]) for _, found in longs], np.uint32),
            "docs": np.frombuffer(b"".join(found[0] for _, found in longs), np.uint32),
            "counts": np.concatenate(counts) if counts else _NO_COUNTS,
        }

    def load(self, parts: Mapping[str, Part]) -> None:
        """Take over what `snapshot` gave."""
        self._kept.clear()
        docs, counts = np.asarray(parts["docs"]), np.asarray(parts["counts"])
        terms = _split(bytes(parts["terms"]), parts["term_sizes"])
        singles: list[int] = np.asarray(parts["singles"]).tolist()
        loaded: dict[str, int | _Long] = dict(zip(islice(terms, len(singles)), singles, strict=True))
        start = 0
        restored = _long if counts.itemsize > _SHORT else _short
        for term, end in zip(terms, np.cumsum(parts["sizes"], dtype=np.int64).tolist(), strict=True):
            loaded[term] = restored(docs[start:end], counts[start:end])
            start = end
        self._terms = loaded


def _promoted(single: int, doc: int, count: int) -> _Long:
    counts = (single & _COUNT_MASK, count)
    width = "H" if max(counts) <= _LARGEST_SHORT else "I"
    return array.array("I", (single >> _COUNT_BITS, doc)), array.array(width, counts)


def _long(docs: NDArray[Any], counts: NDArray[Any]) -> _Long:
    wide = bool((counts > _LARGEST_SHORT).any())
    return (
        array.array("I", docs.astype(np.uint32, copy=False).tobytes()),
        array.array("I" if wide else "H", counts.astype(np.uint32 if wide else np.uint16, copy=False).tobytes()),
    )


def _short(docs: NDArray[Any], counts: NDArray[Any]) -> _Long:
    """The same where counts are known to be 16 bits wide."""
    return array.array("I", docs.tobytes()), array.array("H", counts.tobytes())


def _docs(found: _Long) -> Docs:
    return np.frombuffer(found[0], np.uint32)


def _counts(found: _Long) -> Counts:
    counts = found[1]
    return np.frombuffer(counts, np.uint16) if counts.itemsize == 2 else np.frombuffer(counts, np.uint32)


def _is_gone(doc: int, gone: NDArray[np.bool_]) -> bool:
    return doc < len(gone) and bool(gone[doc])


def _split(joined: bytes, sizes: Part) -> Iterator[str]:
    start = 0
    for size in np.asarray(sizes).tolist():
        yield joined[start : start + size].decode()
        start += size


def meeting(docs: Docs, others: Docs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where two lists of ascending documents meet: places in the one, and the places of the same documents in the
    other, which had better be the shorter one."""
    places = docs.searchsorted(others)
    found = np.flatnonzero(docs.take(places, mode="clip") == others) if len(docs) else np.empty(0, np.intp)
    return places[found], found


class Tombstones:
    """Documents removed from some postings but still in their arrays, and the sweep that takes them out.

    A sweep begins when a quarter of the documents are dead, and goes over all terms while further documents come and
    go, so no single write waits for it.
    """

    _FEWEST = 1_000
    _TERMS_PER_CHANGE = 64
    _TERMS_AT_ONCE = 256

    def __init__(self) -> None:
        self.dead = DocSet()
        self._sweeping: DocSet | None = None
        self._gone: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._left: list[tuple[Postings, list[str]]] = []

    def bury(self, docs: Iterable[int]) -> None:
        self.dead.update(docs)

    def alive(self, docs: Docs) -> int:
        """How many of a posting's documents are not dead."""
        if not self.dead or not len(docs):
            return len(docs)
        if len(self.dead) * _LOOKUP < len(docs):
            return len(docs) - len(meeting(docs, self.dead.array())[0])
        return len(docs) - int(np.count_nonzero(self.dead.mask(int(docs[-1]) + 1)[docs]))

    def sweep(self, postings: Sequence[Postings], changes: int, live: int) -> DocSet | None:
        """Do a share of the sweep that `changes` added and removed documents pay for.

        When it comes to its end: the documents that are in none of the postings any more.
        """
        if self._sweeping is None:
            if len(self.dead) < max(self._FEWEST, live // 4):
                return None
            self._begin(postings)
        effort = max(self._TERMS_PER_CHANGE * changes, self._TERMS_AT_ONCE)
        while self._left and effort > 0:
            index, terms = self._left[-1]
            part = terms[-effort:]
            del terms[-effort:]
            index.sweep(part, self._gone)
            effort -= len(part)
            if not terms:
                self._left.pop()
        return self._finished()

    def _finished(self) -> DocSet | None:
        if self._left or self._sweeping is None:
            return None
        swept, self._sweeping = self._sweeping, None
        self.dead = self.dead - swept
        self._gone = np.empty(0, np.bool_)
        return swept

    def _begin(self, postings: Sequence[Postings]) -> None:
        self._sweeping = self.dead.copy()
        numbers = self._sweeping.array()
        self._gone = self._sweeping.mask(int(numbers[-1]) + 1)
        self._left = [(index, list(index)) for index in postings if len(index)]
