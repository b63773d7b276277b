"""The data and the questions, made from a seed: the same on every machine.

Vectors lie in clusters on a 48-dimensional subspace of 384 dimensions, as real embeddings roughly do. Texts have 60
words on average, drawn by Zipf's law from 20,000. Every object has a number below 1,000, by which filters leave any
share of the objects, and a price.
"""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
INTRINSIC = 48
VOCABULARY = 20_000
WORDS = 60
FREQUENT = 8
"""Words so common that nobody asks for them."""
QUERIES = 1_000
NUMBERS = 1_000
SEED = 7

_SYLLABLES = [consonant + vowel for consonant in "bcdfgklmnprstvz" for vowel in "aeiou"]


@dataclass(frozen=True)
class Workload:
    """`n` objects, and questions about them that are not among them."""

    vectors: NDArray[np.float32]
    words: NDArray[np.int32]
    """The words of all texts, one text behind the other."""
    starts: NDArray[np.int64]
    """Where each text begins in `words`, and behind them where the last one ends."""
    numbers: NDArray[np.int64]
    prices: NDArray[np.float64]
    query_vectors: NDArray[np.float32]
    query_words: NDArray[np.int32]
    """`(QUERIES, 20)`: a question of t terms takes the first t of its row."""

    def __len__(self) -> int:
        return len(self.vectors)

    @cached_property
    def names(self) -> list[str]:
        """The words themselves."""
        return [_word(rank) for rank in range(VOCABULARY)]

    def text(self, position: int) -> str:
        words = self.words[self.starts[position] : self.starts[position + 1]]
        return " ".join(map(self.names.__getitem__, words.tolist()))

    def question(self, number: int, terms: int) -> str:
        return " ".join(map(self.names.__getitem__, self.query_words[number, :terms].tolist()))


def make(n: int) -> Workload:
    rng = np.random.default_rng(SEED)
    vectors = _vectors(n + QUERIES, rng)
    lengths = rng.integers(WORDS // 2, WORDS * 3 // 2, n, endpoint=True)
    shares = 1 / np.arange(1, VOCABULARY + 1)
    words = rng.choice(VOCABULARY, lengths.sum(), p=shares / shares.sum()).astype(np.int32)
    shares[:FREQUENT] = 0
    asked = [rng.choice(VOCABULARY, 20, replace=False, p=shares / shares.sum()) for _ in range(QUERIES)]
    return Workload(
        vectors=vectors[:n],
        words=words,
        starts=np.concatenate(([0], np.cumsum(lengths))),
        numbers=rng.integers(0, NUMBERS, n),
        prices=rng.random(n).round(2) * 100,
        query_vectors=vectors[n:],
        query_words=np.array(asked, np.int32),
    )


def vectors(n: int) -> NDArray[np.float32]:
    """The vectors of so many objects, without their texts."""
    return _vectors(n + QUERIES, np.random.default_rng(SEED))[:n]


def id_of(position: int) -> UUID:
    return UUID(int=(position + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)


def _vectors(n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    centres = rng.standard_normal((max(n // 100, 10), INTRINSIC), np.float32)
    latent = centres[rng.integers(0, len(centres), n)] + 0.5 * rng.standard_normal((n, INTRINSIC), np.float32)
    basis, _ = np.linalg.qr(rng.standard_normal((DIMENSIONS, INTRINSIC)))
    vectors = latent @ basis.T.astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _word(rank: int) -> str:
    """A made-up word of two syllables or more, each rank its own."""
    rank += len(_SYLLABLES)
    word = ""
    while rank:
        rank, digit = divmod(rank, len(_SYLLABLES))
        word += _SYLLABLES[digit]
    return word
