"""Mixing the lists of a hybrid search into one, by rank or by score.

All arithmetic is float32, as in Weaviate, and so are the ties: scores closer than 1e-7 are equal, then the score in
the list a document was last seen in decides, then its id. Lists are given vector first, keyword second. What a hit
is worth in its list is its score, or for a vector search 1 - distance.
Imports only the request values and numpy.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.hits import Hits, runs
from weavelet.engine.number_text import float32_text
from weavelet.engine.query import Hit

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
IdOf = Callable[[int], str]

_RANK_OFFSET = 60
_EQUAL = np.float32(1e-7)
_FIRST = np.array([True])


@dataclass(frozen=True, slots=True)
class Ranking:
    """One list to mix in. `label` is how explanations call it: `keyword,bm25`, `vector,nearText` …"""

    label: str
    weight: float
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class _Counted:
    """A list as arrays: what each hit is worth, and its share of the fused score."""

    ranking: Ranking
    docs: NDArray[np.uint32]
    worths: Floats
    shares: Floats


Explain = Callable[[_Counted, int, str, str], str]
"""The text of a list's hit at a place, behind the text of the lists before it, for a document id."""


def ranked(rankings: Sequence[Ranking], id_of: IdOf, limit: int | None = None, *, explain: bool = False) -> Hits:
    """Each list gives its document at rank r (from 0) `weight / (r + 60)`; a document's shares are added up.

    The best `limit`, or all.
    """
    counted = [_counted(ranking, _by_rank) for ranking in rankings]
    return _fused(counted, id_of, limit, _rank_text if explain else None)


def relative_score(
    rankings: Sequence[Ranking], id_of: IdOf, limit: int | None = None, *, explain: bool = False
) -> Hits:
    """Scale what each list's hits are worth to [0, 1], weigh it, and add it up per document. The best `limit`, or all.

    A list in which all are worth the same counts with its full weight.
    """
    counted = [_counted(ranking, _by_worth) for ranking in rankings]
    return _fused(counted, id_of, limit, _score_text if explain else None)


def scaled(values: Floats, weight: float) -> Floats:
    """The values moved to [0, weight], smallest to 0 and largest to `weight`; all equal ones to `weight`."""
    return _between(values.min(), values.max(), values, weight) if len(values) else values


def _between(low: np.float32, high: np.float32, values: Floats, weight: float) -> Floats:
    if low == high:
        return np.full(len(values), weight, np.float32)
    result = values - low
    result /= high - low
    result *= np.float32(weight)
    return result


def keep_near(vector: Sequence[Hit], keyword: Sequence[Hit], distance: float) -> tuple[list[Hit], list[Hit]]:
    """Both lists of a hybrid search without what is farther than `distance`, or is not in the vector list at all."""
    near = [hit for hit in vector if hit.distance is not None and hit.distance <= distance]
    docs = {hit.doc for hit in near}
    return near, [hit for hit in keyword if hit.doc in docs]


def _by_rank(worths: Floats, weight: float) -> Floats:
    return (weight / (np.arange(len(worths)) + _RANK_OFFSET)).astype(np.float32)


def _by_worth(worths: Floats, weight: float) -> Floats:
    """As `scaled`, of values that fall."""
    return _between(worths[-1], worths[0], worths, weight) if len(worths) else worths


def _counted(ranking: Ranking, shares: Callable[[Floats, float], Floats]) -> _Counted:
    hits = Hits.of(ranking.hits)
    if hits.scores is not None:
        worths = hits.scores
    elif hits.distances is not None:
        worths = np.float32(1) - hits.distances
    else:
        worths = np.zeros(len(hits), np.float32)
    return _Counted(ranking, hits.docs, worths, shares(worths, ranking.weight))


def _fused(lists: Sequence[_Counted], id_of: IdOf, limit: int | None, explain: Explain | None) -> Hits:
    """Each document's shares added up; what it is worth in the last list that has it decides between equals."""
    if not lists:
        return Hits(np.empty(0, np.uint32))
    docs = np.concatenate([counted.docs for counted in lists])
    if not len(docs):
        return Hits(docs)
    order = np.argsort(docs, kind="stable")
    docs = docs[order]
    starts = np.flatnonzero(np.concatenate((_FIRST, docs[1:] != docs[:-1])))
    last = np.append(starts[1:], len(docs)) - 1
    docs = docs[starts]
    scores = np.add.reduceat(np.concatenate([counted.shares for counted in lists])[order], starts)
    worths = np.concatenate([counted.worths for counted in lists])[order[last]]
    order = _best_first(docs, scores, worths, id_of, len(docs) if limit is None else limit)
    docs, scores = docs[order], scores[order]
    if explain is None:
        return Hits(docs, scores)
    texts = _texts(lists, id_of, explain)
    return Hits(docs, scores, explains=[texts[doc] for doc in docs.tolist()])


# --- Order -----------------------------------------------------------------------------------------------------------


def _best_first(docs: NDArray[np.uint32], scores: Floats, worths: Floats, id_of: IdOf, limit: int) -> NDArray[np.intp]:
    """The places of the best `limit`. Only runs of equal scores, which are short, are compared pair by pair.

    `docs` ascend, so that of what is equal in everything the lower numbers go first.
    """
    order = np.lexsort((-worths, -scores))
    descending = scores[order]

    def compare(one: int, other: int) -> int:
        if abs(worths[one] - worths[other]) >= _EQUAL:
            return -1 if worths[one] > worths[other] else 1
        left, right = id_of(int(docs[one])), id_of(int(docs[other]))
        return (left > right) - (left < right)

    for start, stop in runs(descending[:-1] - descending[1:] < _EQUAL):
        if start >= limit:
            break
        order[start:stop] = sorted(order[start:stop].tolist(), key=functools.cmp_to_key(compare))
    return order[:limit]


# --- Explanations ----------------------------------------------------------------------------------------------------


def _texts(lists: Sequence[_Counted], id_of: IdOf, explain: Explain) -> dict[int, str]:
    texts: dict[int, str] = {}
    for counted in lists:
        for place, hit in enumerate(counted.ranking.hits):
            texts[hit.doc] = explain(counted, place, texts.get(hit.doc, ""), id_of(hit.doc))
    return texts


def _rank_text(counted: _Counted, place: int, before: str, id: str) -> str:
    share = float32_text(counted.shares[place])
    start = before or counted.ranking.hits[place].explain
    return f"{start}\nHybrid (Result Set {counted.ranking.label}) Document {id} contributed {share} to the score"


def _score_text(counted: _Counted, place: int, before: str, id: str) -> str:
    worth, share = float32_text(counted.worths[place]), float32_text(counted.shares[place])
    own = f"Document {id}: original score {worth}, normalized score: {share}"
    text = f"{counted.ranking.hits[place].explain}\nHybrid (Result Set {counted.ranking.label}) {own}"
    return f"{text} - {before}" if before else text
