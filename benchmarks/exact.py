"""The right answers, found by looking at everything, and how much of them a server found.

Of several objects that answer a question equally well any may be returned, so an answer counts when it scores at
least as well as the last of the exact ones.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.workload import VOCABULARY, Workload

K1, B = 1.2, 0.75
HYBRID_DEPTH = 100
_ROUNDING = 2e-6

Scores = NDArray[np.float64]


class Exact:
    """Scores of every object, higher is better."""

    def __init__(self, data: Workload) -> None:
        self._data = data
        n, lengths = len(data), np.diff(data.starts)
        pairs = np.repeat(np.arange(n), lengths) + n * data.words.astype(np.int64)
        pairs, counts = np.unique(pairs, return_counts=True)
        self._docs, words = pairs % n, pairs // n
        self._bounds = np.searchsorted(words, np.arange(VOCABULARY + 1))
        norms = K1 * (1 - B + B * lengths / lengths.mean())
        self._shares = counts / (counts + norms[self._docs])

    def near(self, query: int) -> Scores:
        return (self._data.vectors @ self._data.query_vectors[query]).astype(np.float64)

    def filtered(self, query: int, below: int) -> Scores:
        return np.where(self._data.numbers < below, self.near(query), -np.inf)

    def keyword(self, query: int, terms: int) -> Scores:
        scores = np.zeros(len(self._data))
        for word in self._data.query_words[query, :terms].tolist():
            part = slice(self._bounds[word], self._bounds[word + 1])
            found = part.stop - part.start
            idf = np.log(1 + (len(scores) - found + 0.5) / (found + 0.5))
            scores[self._docs[part]] += idf * self._shares[part]
        return np.where(scores > 0, scores, -np.inf)

    def hybrid(self, query: int, terms: int, alpha: float) -> Scores:
        """Relative score fusion of the first hundred of each leg."""
        return _scaled(self.near(query), alpha) + _scaled(self.keyword(query, terms), 1 - alpha)


def recall(scores: Scores, found: Sequence[int], k: int) -> float:
    """The share of the k best that is among the objects found."""
    wanted = min(k, int(np.isfinite(scores).sum()))
    if not wanted:
        return 1.0
    least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
    good = scores[list(found[:k])] >= least - _ROUNDING
    return min(1.0, float(np.count_nonzero(good)) / wanted)


def _scaled(scores: Scores, weight: float) -> Scores:
    best = np.argsort(-scores, kind="stable")[:HYBRID_DEPTH]
    best = best[np.isfinite(scores[best])]
    result = np.zeros(len(scores))
    if len(best):
        low, high = scores[best].min(), scores[best].max()
        result[best] = weight if low == high else weight * (scores[best] - low) / (high - low)
    return result
