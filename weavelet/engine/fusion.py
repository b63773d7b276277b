"""Mixing the lists of a hybrid search into one, by rank or by score.

All arithmetic is float32, as in Weaviate, and so are the ties: scores closer than 1e-7 are equal, then the score in
the list a document was last seen in decides, then its id. Lists are given vector first, keyword second. What a hit
is worth in its list (`worth`) is its score, or for a vector search 1 - distance.
Imports only the request values and numpy.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.number_text import float32_text
from weavelet.engine.query import Hit

_RANK_OFFSET = 60
_EQUAL = 1e-7


@dataclass(frozen=True, slots=True)
class Ranking:
    """One list to mix in. `label` is how explanations call it: `keyword,bm25`, `vector,nearText` …"""

    label: str
    weight: float
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class _Fused:
    doc: int
    score: np.float32
    worth: np.float32
    explain: str


IdOf = Callable[[int], str]


def worth(hit: Hit) -> np.float32:
    """What the hit is worth in its own list. Larger is better."""
    if hit.score is not None:
        return np.float32(hit.score)
    return np.float32(1) - np.float32(hit.distance or 0)


def ranked(rankings: Sequence[Ranking], id_of: IdOf, *, explain: bool = False) -> list[Hit]:
    """Each list gives its document at rank r (from 0) `weight / (r + 60)`; a document's shares are added up."""
    fused: dict[int, _Fused] = {}
    for ranking in rankings:
        for rank, hit in enumerate(ranking.hits):
            share = np.float32(ranking.weight / (rank + _RANK_OFFSET))
            before = fused.get(hit.doc)
            text = _rank_text(ranking.label, hit, share, before, id_of) if explain else ""
            score = share if before is None else share + before.score
            fused[hit.doc] = _Fused(hit.doc, score, worth(hit), text)
    return _sorted(fused.values(), id_of)


def relative_score(rankings: Sequence[Ranking], id_of: IdOf, *, explain: bool = False) -> list[Hit]:
    """Scale what each list's hits are worth to [0, 1], weigh it, and add it up per document.

    A list in which all are worth the same counts with its full weight.
    """
    fused: dict[int, _Fused] = {}
    for ranking in rankings:
        worths = np.array([worth(hit) for hit in ranking.hits], np.float32)
        for hit, value, share in zip(ranking.hits, worths, scaled(worths, ranking.weight), strict=True):
            before = fused.get(hit.doc)
            text = _score_text(ranking.label, hit, value, share, before, id_of) if explain else ""
            score = share if before is None else share + before.score
            fused[hit.doc] = _Fused(hit.doc, score, value, text)
    return _sorted(fused.values(), id_of)


def scaled(values: NDArray[np.float32], weight: float) -> Sequence[np.float32]:
    """The values moved to [0, weight], smallest to 0 and largest to `weight`; all equal ones to `weight`."""
    share = np.float32(weight)
    if not len(values):
        return []
    low, high = values.min(), values.max()
    if low == high:
        return [share] * len(values)
    return list(share * ((values - low) / (high - low)))


def keep_near(vector: Sequence[Hit], keyword: Sequence[Hit], distance: float) -> tuple[list[Hit], list[Hit]]:
    """Both lists of a hybrid search without what is farther than `distance`, or is not in the vector list at all."""
    near = [hit for hit in vector if hit.distance is not None and hit.distance <= distance]
    docs = {hit.doc for hit in near}
    return near, [hit for hit in keyword if hit.doc in docs]


def _rank_text(label: str, hit: Hit, share: np.float32, before: _Fused | None, id_of: IdOf) -> str:
    behind = hit.explain if before is None else before.explain
    contribution = f"contributed {float32_text(share)} to the score"
    return f"{behind}\nHybrid (Result Set {label}) Document {id_of(hit.doc)} {contribution}"


def _score_text(label: str, hit: Hit, value: np.float32, share: np.float32, before: _Fused | None, id_of: IdOf) -> str:
    scores = f"original score {float32_text(value)}, normalized score: {float32_text(share)}"
    text = f"{hit.explain}\nHybrid (Result Set {label}) Document {id_of(hit.doc)}: {scores}"
    return text if before is None else f"{text} - {before.explain}"


def _sorted(fused: Iterable[_Fused], id_of: IdOf) -> list[Hit]:
    """Best first. Only runs of equal scores, which are short, are compared pair by pair."""
    by_score = sorted(fused, key=lambda one: (-one.score, -one.worth, one.doc))
    compare = functools.partial(_compare_equals, id_of)
    ordered: list[_Fused] = []
    for run in _runs(by_score):
        ordered.extend(run if len(run) == 1 else sorted(run, key=functools.cmp_to_key(compare)))
    return [Hit(one.doc, score=float(one.score), explain=one.explain) for one in ordered]


def _runs(by_score: Sequence[_Fused]) -> Iterator[Sequence[_Fused]]:
    """Stretches in which each score equals the one before it."""
    start = 0
    for stop in range(1, len(by_score) + 1):
        if stop == len(by_score) or not _equal(by_score[stop - 1].score, by_score[stop].score):
            yield by_score[start:stop]
            start = stop


def _compare_equals(id_of: IdOf, one: _Fused, other: _Fused) -> int:
    """Of two documents with equal scores: the one worth more in its list first, then the lower id."""
    if not _equal(one.worth, other.worth):
        return -1 if one.worth > other.worth else 1
    left, right = id_of(one.doc), id_of(other.doc)
    return (left > right) - (left < right)


def _equal(one: np.float32, other: np.float32) -> bool:
    return abs(float(one) - float(other)) < _EQUAL
