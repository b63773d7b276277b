"""Scoring by BM25: the best documents of a few postings, exactly.

The score of a document is the sum over properties and terms of

    weight * tf / (tf + k1 * (1 - b + b * length / average length))      weight = boost * times in query * idf

with no factor (k1 + 1), as Weaviate has it. `best_of_any` leaves long postings of light terms aside once no document
that has only those can reach the answer (MaxScore); the result is the same as scoring everything. Equal scores go in
order of document number here. Works on arrays; imports nothing of ours but `docset` and `postings`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.docset import DocSet
from weavelet.engine.postings import Counts, Docs

Scores: TypeAlias = NDArray[np.float64]

_WORTH_PRUNING = 4_000
"""Postings left to score, beside an eighth of all documents, from which on it pays to see which can be skipped."""
_LOOKUP = 16
"""What finding one document in a posting costs, in postings scored."""
_SPARSE = 4
"""Documents for each posting from which on a pass over all documents costs more than finding the ones touched."""
_BLOCK = 64
"""Documents whose best score stands for them when a floor is looked for."""
_LEAST = np.finfo(np.float64).tiny
"""Below any score of a document that has a term."""
_MARGIN = 1e-6
"""Room below a score within which another may round to the same 32-bit number."""


@dataclass(frozen=True, slots=True)
class Norms:
    """How a property's lengths enter its scores: `base + slope * length`."""

    lengths: NDArray[np.uint32]
    """By document number."""
    base: float
    slope: float


@dataclass(frozen=True, slots=True)
class Leg:
    """The postings of one query term in one property. `weight` is more than any document scores here."""

    term: int
    """Which of the query's distinct terms."""
    property: int
    """Which of the searched properties."""
    weight: float
    docs: Docs
    counts: Counts
    norms: Norms

    def scores(self, docs: NDArray[np.intp]) -> Scores:
        """Of each document of the leg, which the caller has as indexes already."""
        return self._scored(docs, self.counts)

    def scores_at(self, places: NDArray[np.intp]) -> Scores:
        """Of the documents at these places of the leg."""
        return self._scored(self.docs[places].astype(np.intp), self.counts[places])

    def _scored(self, docs: NDArray[np.intp], counts: Counts) -> Scores:
        norm = np.multiply(self.norms.lengths.take(docs, mode="clip"), self.norms.slope, dtype=np.float64)
        norm += self.norms.base
        norm += counts
        np.divide(counts, norm, out=norm)
        norm *= self.weight
        return norm

    def places(self, docs: Docs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where ascending `docs` and the leg meet: places in `docs`, and the places of the same documents here."""
        places = np.searchsorted(self.docs, docs)
        places[places == len(self.docs)] = 0
        met = np.flatnonzero(self.docs[places] == docs) if len(self.docs) else np.empty(0, np.intp)
        return met, places[met]


@dataclass(frozen=True, slots=True)
class Scored:
    """Documents, ascending, with their scores."""

    docs: Docs
    scores: Scores


def best_of_any(legs: Sequence[Leg], size: int, limit: int, allowed: DocSet | None, dead: DocSet) -> Scored:
    """The `limit` best documents that have at least one term. `size`: one more than the highest document number."""
    legs = sorted((leg for leg in legs if len(leg.docs)), key=lambda leg: -leg.weight)
    if not legs or limit <= 0:
        return _NOTHING
    if allowed is not None and _LOOKUP * len(legs) * len(allowed) < sum(len(leg.docs) for leg in legs):
        return top(_matched(legs, (allowed - dead).array()), limit)
    passes = _passes(size, allowed, dead)
    if len(legs) == 1:
        return top(_only(Scored(legs[0].docs, legs[0].scores(legs[0].docs.astype(np.intp))), passes), limit)
    if legs[-1].weight <= 0:
        return top(_matched(legs, _kept(_union(legs), passes)), limit)
    if _SPARSE * sum(len(leg.docs) for leg in legs) < size:
        return top(_touched(legs, size, limit, passes), limit)
    return top(_pruned(legs, size, limit, passes), limit)


def matching_all(legs: Sequence[Leg], terms: int) -> Docs:
    """The documents that have every one of so many terms, each in at least one of the legs."""
    by_term = [[leg for leg in legs if leg.term == term and len(leg.docs)] for term in range(terms)]
    if not all(by_term):
        return _NO_DOCS
    by_term.sort(key=lambda same: sum(len(leg.docs) for leg in same))
    return reduce(_narrowed, by_term[1:], _union(by_term[0]))


def matching_some(legs: Sequence[Leg], least: int, size: int) -> Docs:
    """The documents that are in at least `least` of the legs, which are of different terms of one property."""
    if sum(1 for leg in legs if len(leg.docs)) < least:
        return _NO_DOCS
    counts = np.bincount(np.concatenate([leg.docs for leg in legs]), minlength=size)
    return np.flatnonzero(counts >= least).astype(np.uint32)


def score(legs: Sequence[Leg], docs: Docs) -> Scored:
    """The scores of just these documents, ascending, by all legs."""
    scores = np.zeros(len(docs))
    for leg in legs:
        met, places = leg.places(docs)
        scores[met] += leg.scores_at(places)
    return Scored(docs, scores)


def added(parts: Sequence[Scored]) -> Scored:
    """Documents of all parts; where several have one, its scores are added up."""
    parts = [part for part in parts if len(part.docs)]
    if len(parts) < 2:
        return parts[0] if parts else _NOTHING
    docs, places = np.unique(np.concatenate([part.docs for part in parts]), return_inverse=True)
    scores = np.zeros(len(docs))
    np.add.at(scores, places, np.concatenate([part.scores for part in parts]))
    return Scored(docs, scores)


def allowed_of(found: Scored, size: int, allowed: DocSet | None, dead: DocSet) -> Scored:
    """Without the documents that are not allowed or dead."""
    return _only(found, _passes(size, allowed, dead))


def top(found: Scored, limit: int) -> Scored:
    """The `limit` best, still ascending by document; of equal scores at the end the lower documents stay."""
    if len(found.docs) <= limit:
        return found
    maybe = np.flatnonzero(found.scores >= _floor(found.scores, limit))
    docs, scores = found.docs[maybe], found.scores[maybe]
    rounded = scores.astype(np.float32)
    least = np.partition(rounded, len(rounded) - limit)[len(rounded) - limit]
    better = rounded > least
    ties = np.flatnonzero(rounded == least)[: limit - int(np.count_nonzero(better))]
    better[ties] = True
    return Scored(docs[better], scores[better])


# --- Steps -----------------------------------------------------------------------------------------------------------

_NO_DOCS: Docs = np.empty(0, np.uint32)
_NOTHING = Scored(_NO_DOCS, np.empty(0, np.float64))


def _passes(size: int, allowed: DocSet | None, dead: DocSet) -> NDArray[np.bool_] | None:
    """For every document number whether it may be in the answer; None where all may."""
    if allowed is not None:
        return (allowed - dead).mask(size)
    return ~dead.mask(size) if dead else None


def _only(found: Scored, passes: NDArray[np.bool_] | None) -> Scored:
    if passes is None:
        return found
    stay = passes[found.docs]
    return Scored(found.docs[stay], found.scores[stay])


def _floor(scores: Scores, limit: int) -> float:
    """A score that at least `limit` reach, not far below the last of them: of the best in each block, that many."""
    blocks = scores[: len(scores) - len(scores) % _BLOCK].reshape(-1, _BLOCK)
    if len(blocks) < 2 * limit:
        return -np.inf
    best = blocks.max(axis=1)
    least = float(np.partition(best, len(best) - limit)[len(best) - limit])
    return least - abs(least) * _MARGIN


def _kept(docs: Docs, passes: NDArray[np.bool_] | None) -> Docs:
    return docs if passes is None else docs[passes[docs]]


def _union(legs: Sequence[Leg]) -> Docs:
    return legs[0].docs if len(legs) == 1 else np.unique(np.concatenate([leg.docs for leg in legs]))


def _narrowed(docs: Docs, legs: Sequence[Leg]) -> Docs:
    """Those of `docs` that are in at least one of the legs."""
    found = np.zeros(len(docs), np.bool_)
    for leg in legs:
        found[leg.places(docs)[0]] = True
    return docs[found]


def _matched(legs: Sequence[Leg], docs: Docs) -> Scored:
    """Those of `docs` that are in some leg, with their scores."""
    scores = np.zeros(len(docs))
    found = np.zeros(len(docs), np.bool_)
    for leg in legs:
        met, places = leg.places(docs)
        scores[met] += leg.scores_at(places)
        found[met] = True
    return Scored(docs[found], scores[found])


def _touched(legs: Sequence[Leg], size: int, limit: int, passes: NDArray[np.bool_] | None) -> Scored:
    """At least the `limit` best documents of short legs, without looking at any other document."""
    totals = np.zeros(size)
    for leg in legs:
        docs = leg.docs.astype(np.intp)
        np.add.at(totals, docs, leg.scores(docs))
    docs = _kept(np.concatenate([leg.docs for leg in legs]), passes).astype(np.intp)
    scores = totals[docs]
    best = np.unique(docs[scores >= _floor(scores, limit * len(legs))])
    return Scored(best.astype(np.uint32), totals[best])


def _pruned(legs: Sequence[Leg], size: int, limit: int, passes: NDArray[np.bool_] | None) -> Scored:
    """At least the `limit` best documents of legs sorted by falling, positive weight."""
    totals = np.zeros(size)
    remaining = sum(leg.weight for leg in legs)
    postings = sum(len(leg.docs) for leg in legs)
    for place, leg in enumerate(legs):
        if place and postings > size // 8 + _WORTH_PRUNING:
            found = _reaching(totals, remaining, limit, passes, postings // (_LOOKUP * (len(legs) - place)))
            if found is not None:
                return Scored(found, totals[found] + score(legs[place:], found).scores)
        docs = leg.docs.astype(np.intp)
        np.add.at(totals, docs, leg.scores(docs))
        remaining -= leg.weight
        postings -= len(leg.docs)
    _silence(totals, passes)
    best = np.flatnonzero(totals >= max(_floor(totals, limit), _LEAST))
    return Scored(best.astype(np.uint32), totals[best])


def _reaching(totals: Scores, remaining: float, limit: int, passes: NDArray[np.bool_] | None, most: int) -> Docs | None:
    """The only documents that can still be among the best; None where others could, or where they are over `most`."""
    _silence(totals, passes)
    floor = _floor(totals, limit)
    if floor <= remaining:
        return None
    reaching = totals >= floor - remaining
    return np.flatnonzero(reaching).astype(np.uint32) if np.count_nonzero(reaching) <= most else None


def _silence(totals: Scores, passes: NDArray[np.bool_] | None) -> None:
    """Take away the scores of documents that may not be in the answer."""
    if passes is not None:
        totals *= passes
