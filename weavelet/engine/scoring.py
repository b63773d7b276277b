"""Scoring by BM25: the best documents of a few postings, exactly.

The score of a document is the sum over properties and terms of

    weight * tf / (tf + k1 * (1 - b + b * length / average length))      weight = boost * times in query * idf

with no factor (k1 + 1), as Weaviate has it. `best_of_any` leaves long postings of light terms aside once no document
that has only those can reach the answer (MaxScore), unless there are many terms, of which little could be left aside;
the result is the same as scoring everything. Equal scores go in
order of document number here. Works on arrays; imports nothing of ours but `docset` and `postings`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.docset import DocSet
from weavelet.engine.postings import Counts, Docs, meeting

Scores: TypeAlias = NDArray[np.float64]

_FEW_LEGS = 4
"""Up to so many legs there is a good chance to skip the longest; of more where they are long and few are wanted."""
_LONG_LEG = 4_000
_FEW_WANTED = 50
_WORTH_PRUNING = 10_000
"""Postings left to score from which on it pays to see which can be skipped."""
_LOOKUP = 16
"""What finding one document in a posting costs, in postings scored."""
_QUICKLY_SORTED = 500
"""So many scores more than are wanted are sorted sooner than sifted."""
_SEARCHED = 8
"""So many documents are looked over in the time in which one that has a term is looked up."""
_LEAST = np.finfo(np.float64).tiny
"""Below any score of a document that has a term."""
_MARGIN = 1e-6
"""Room below a score within which another may round to the same 32-bit number."""


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
    lengths: NDArray[np.uint32]
    """By document number, how many terms the property has."""
    norms: Scores
    """By document number, `k1 * (1 - b + b * length / average length)` of the property."""

    def scores_at(self, places: NDArray[np.intp]) -> Scores:
        """Of the documents at these places of the leg."""
        return self.scores(self.docs.take(places).astype(np.intp), self.counts.take(places))

    def scores(self, docs: NDArray[np.intp], counts: Counts) -> Scores:
        """Of documents that have the term so often."""
        norm = self.norms.take(docs, mode="clip")
        norm += counts
        np.divide(counts, norm, out=norm)
        norm *= self.weight
        return norm

    def places(self, docs: Docs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where ascending `docs` and the leg meet: places in `docs`, and the places of the same documents here."""
        here, there = meeting(self.docs, docs)
        return there, here


@dataclass(frozen=True, slots=True)
class Scored:
    """Documents, ascending, with their scores."""

    docs: Docs
    scores: Scores


def best_of_any(legs: Sequence[Leg], size: int, limit: int, allowed: DocSet | None, dead: DocSet) -> Scored:
    """At least the `limit` best documents that have some term. `size`: one more than the highest document number."""
    legs = sorted((leg for leg in legs if len(leg.docs)), key=lambda leg: -leg.weight)
    if not legs or limit <= 0:
        return _NOTHING
    if allowed is not None and _LOOKUP * len(legs) * len(allowed) < sum(len(leg.docs) for leg in legs):
        return _matched(legs, (allowed - dead).array())
    passes, out = _passes(size, allowed, dead)
    if len(legs) == 1:
        docs, counts = _postings(legs[0], passes)
        return _without(Scored(docs.astype(np.uint32), legs[0].scores(docs, counts)), out)
    if legs[-1].weight <= 0:
        return _without(_matched(legs, _kept(_union(legs), passes)), out)
    return (_pruned if _worth_pruning(legs, limit) else _summed)(legs, size, limit, passes, out)


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
    passes, out = _passes(size, allowed, dead)
    return _without(_only(found, passes), out)


def top(found: Scored, limit: int) -> tuple[Docs, NDArray[np.float32]]:
    """The `limit` best, best first, with their rounded scores; of equal scores the lower documents go first."""
    docs, scores = found.docs, found.scores.astype(np.float32)
    if len(docs) > limit + _QUICKLY_SORTED and limit > 0:
        some = np.flatnonzero(scores >= _best(scores, limit))
        docs, scores = docs[some], scores[some]
    order = np.argsort(-scores, kind="stable")[: max(limit, 0)]
    return docs[order], scores[order]


# --- Steps -----------------------------------------------------------------------------------------------------------

_NO_DOCS: Docs = np.empty(0, np.uint32)
_NOTHING = Scored(_NO_DOCS, np.empty(0, np.float64))


def _passes(size: int, allowed: DocSet | None, dead: DocSet) -> tuple[NDArray[np.bool_] | None, Docs]:
    """For every document number whether it may be in the answer, where a filter says so; else those that may not be.

    To take out the dead alone is quicker than to go over every posting for their sake.
    """
    if allowed is not None:
        return (allowed - dead).mask(size), _NO_DOCS
    return None, dead.array()


def _only(found: Scored, passes: NDArray[np.bool_] | None) -> Scored:
    if passes is None:
        return found
    stay = passes[found.docs]
    return Scored(found.docs[stay], found.scores[stay])


def _without(found: Scored, out: Docs) -> Scored:
    places, _ = meeting(found.docs, out)
    return Scored(np.delete(found.docs, places), np.delete(found.scores, places)) if len(places) else found


def _best(scores: NDArray[Any], limit: int) -> float:
    """The `limit`-th best of at least so many scores."""
    place = len(scores) - limit
    return float(np.partition(scores, place)[place])


def _worth_pruning(legs: Sequence[Leg], limit: int) -> bool:
    """Whether leg by leg is quicker than all in one go."""
    if len(legs) <= _FEW_LEGS:
        return True
    return limit <= _FEW_WANTED and sum(len(leg.docs) for leg in legs) >= _LONG_LEG * len(legs)


def _postings(leg: Leg, passes: NDArray[np.bool_] | None) -> tuple[NDArray[np.intp], Counts]:
    """The leg's documents that may be in the answer, as indexes, and how often they have the term."""
    docs = leg.docs.astype(np.intp)
    if passes is None:
        return docs, leg.counts
    stay = passes.take(docs)
    return docs[stay], leg.counts[stay]


def _kept(docs: Docs, passes: NDArray[np.bool_] | None) -> Docs:
    return docs if passes is None else docs[passes[docs]]


def _union(legs: Sequence[Leg]) -> Docs:
    return legs[0].docs if len(legs) == 1 else _distinct(np.concatenate([leg.docs for leg in legs]))


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


def _summed(legs: Sequence[Leg], size: int, limit: int, passes: NDArray[np.bool_] | None, out: Docs) -> Scored:
    """At least the `limit` best documents, all postings in one go."""
    docs = np.concatenate([leg.docs for leg in legs]).astype(np.intp)
    scores = np.concatenate([leg.norms.take(leg.docs, mode="clip") for leg in legs])
    counts = np.concatenate([leg.counts for leg in legs])
    scores += counts
    np.divide(counts, scores, out=scores)
    scores *= np.repeat([leg.weight for leg in legs], [len(leg.docs) for leg in legs])
    totals: Scores = np.bincount(docs, scores, size).astype(np.float64, copy=False)
    if passes is not None:
        totals *= passes
    totals[out] = -np.inf
    first = next((leg.docs for leg in legs if len(leg.docs) >= limit), docs[:0])
    floor = _floor(totals, [first.astype(np.intp)], limit)
    best = np.flatnonzero(totals >= max(floor, _LEAST))
    return Scored(best.astype(np.uint32), totals[best])


def _pruned(legs: Sequence[Leg], size: int, limit: int, passes: NDArray[np.bool_] | None, out: Docs) -> Scored:
    """At least the `limit` best documents of legs sorted by falling, positive weight.

    No step looks at more documents than the postings have, however many there are in all.
    """
    totals = np.zeros(size)
    totals[out] = -np.inf
    touched: list[NDArray[np.intp]] = []
    remaining = sum(leg.weight for leg in legs)
    left = sum(len(leg.docs) for leg in legs)
    for place, leg in enumerate(legs):
        if place and left > _WORTH_PRUNING:
            found = _reaching(totals, touched, remaining, limit, left // (_LOOKUP * (len(legs) - place)))
            if found is not None:
                return Scored(found, totals[found] + score(legs[place:], found).scores)
        docs, counts = _postings(leg, passes)
        np.add.at(totals, docs, leg.scores(docs, counts))
        touched.append(docs)
        remaining -= leg.weight
        left -= len(leg.docs)
    best = _at_least(totals, touched, _floor(totals, touched, limit))
    return Scored(best, totals.take(best))


def _reaching(
    totals: Scores, touched: Sequence[NDArray[np.intp]], remaining: float, limit: int, most: int
) -> Docs | None:
    """The only documents that can still be among the best; None where others could, or where they are over `most`."""
    floor = _floor(totals, touched, limit)
    if floor <= remaining:
        return None
    found = _at_least(totals, touched, floor - remaining)
    return found if len(found) <= most else None


def _floor(totals: Scores, touched: Sequence[NDArray[np.intp]], limit: int) -> float:
    """A score that at least `limit` documents reach, not far below the last of them; 0 where there are too few.

    The best documents mostly have the rarest term: those of the first leg that are enough stand for all.
    """
    for docs in touched:
        if len(docs) >= limit:
            least = _best(totals.take(docs), limit)
            return max(least - abs(least) * _MARGIN, 0.0)
    return 0.0


def _at_least(totals: Scores, touched: Sequence[NDArray[np.intp]], floor: float) -> Docs:
    """The documents with at least that score, ascending."""
    if floor > 0 and len(totals) <= _SEARCHED * sum(map(len, touched)):
        return np.flatnonzero(totals >= floor).astype(np.uint32)
    parts = [docs[totals.take(docs) >= floor] for docs in touched]
    return _distinct(np.concatenate(parts)).astype(np.uint32)


def _distinct(docs: NDArray[Any]) -> NDArray[Any]:
    """The distinct ones, ascending; for short arrays much quicker than `np.unique`."""
    docs = np.sort(docs)
    return docs[np.concatenate(([True], docs[1:] != docs[:-1]))] if len(docs) else docs
