"""The three kinds of model: one vector a text, one score a pair, one vector a token.

Each has a `prepare` that makes jobs of texts and a `run` that takes a batch of jobs; between the two is the queue. What
is not worth running again is remembered, and `known` gives it without the queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from weavelet.inference.memory import Recent
from weavelet.inference.models import Chunking, Kind, Model, Pooling
from weavelet.inference.runtime import Floats, Network, Options, Row, Runner
from weavelet.inference.text import sentences, windows
from weavelet.inference.weights import Weights

REMEMBERED_BYTES = 256 << 20
"""How much memory a late-interaction model's document vectors may take, by default: some 2,500 of 256 tokens."""

_REMEMBERED_SCORES = 100_000
_REMEMBERED_QUERIES = 256


@dataclass(frozen=True, slots=True)
class Piece:
    """A text, or a part of a long one."""

    row: Row
    pooling: Pooling

    def __len__(self) -> int:
        return len(self.row)


class BiEncoder:
    """One vector for each text, made of the vectors of its pieces."""

    def __init__(self, model: Model, network: Runner, chunking: Chunking | None = None) -> None:
        self._model = model
        self._network = network
        self._chunking = chunking or model.chunking

    def prepare(self, texts: Sequence[str], is_query: bool, pooling: Pooling | None = None) -> list[list[Piece]]:
        """The pieces of each text."""
        prefix = self._model.query_prefix if is_query else self._model.passage_prefix
        chosen = self._pooling(pooling)
        return [[Piece(row, chosen) for row in rows] for rows in self._rows(texts, prefix)]

    def run(self, pieces: Sequence[Piece]) -> list[Floats]:
        """The pooled vector of each piece."""
        output, real = self._network.outputs([piece.row for piece in pieces])
        return [
            pooled(output[place : place + 1], real[place : place + 1], piece.pooling)[0]
            for place, piece in enumerate(pieces)
        ]

    def joined(self, pieces: Sequence[Piece], vectors: Sequence[Floats]) -> Floats:
        """The text's vector: of length 1, or the plain mean where sentences are taken one by one."""
        stacked = np.stack(vectors)
        if self._chunking is Chunking.SENTENCES:
            mean: Floats = stacked.mean(axis=0)
            return mean
        weights = np.array([len(piece) for piece in pieces], np.float32)
        return normalised(weights @ normalised(stacked)) if len(pieces) > 1 else normalised(stacked[0])

    def _pooling(self, asked: Pooling | None) -> Pooling:
        """As asked where sentences are taken one by one. Else the model's own: collections name masked_mean where
        nobody chose anything, so only the other one is a choice."""
        if self._chunking is Chunking.SENTENCES:
            return asked or self._model.pooling
        return asked if asked is Pooling.CLS else self._model.pooling

    def _rows(self, texts: Sequence[str], prefix: str) -> list[list[Row]]:
        if self._chunking is Chunking.SENTENCES:
            split = [sentences(text) or [""] for text in texts]
            return [self._network.rows([prefix + sentence for sentence in found]) for found in split]
        rows = self._network.rows([prefix + text for text in texts])
        if self._chunking is Chunking.CUT:
            return [[row] for row in rows]
        longest = self._model.max_length
        return [
            [row] if len(row) < longest else self._windows(text, prefix) for text, row in zip(texts, rows, strict=True)
        ]

    def _windows(self, text: str, prefix: str) -> list[Row]:
        [beside] = self._network.rows([prefix])
        room = max(self._model.max_length - len(beside), 1)
        return self._network.rows([prefix + part for part in windows(text, self._network.spans(text), room)])


class CrossEncoder:
    """One score for each pair of a query and a document."""

    def __init__(self, model: Model, network: Runner) -> None:
        self._model = model
        self._network = network
        self.remembered: Recent[float] = Recent(_REMEMBERED_SCORES, lambda score: 1)

    def prepare(self, query: str, documents: Sequence[str]) -> list[Row]:
        return self._network.pair_rows(query, documents)

    def known(self, row: Row) -> float | None:
        """The pair's score where it was computed lately."""
        return self.remembered.get(_key(row))

    def run(self, rows: Sequence[Row]) -> list[float]:
        output, _ = self._network.outputs(rows)
        logits = output.reshape(len(rows), -1)[:, 0].astype(np.float64)
        scores = [float(score) for score in (1 / (1 + np.exp(-logits)) if self._model.sigmoid else logits)]
        for row, score in zip(rows, scores, strict=True):
            self.remembered.put(_key(row), score)
        return scores


@dataclass(frozen=True, slots=True)
class Tokens:
    """The vectors of a document's tokens, a byte a number: the largest of each is 127."""

    codes: NDArray[np.int8]
    scales: Floats

    @classmethod
    def of(cls, vectors: Floats) -> "Tokens":
        scales = np.maximum(np.abs(vectors).max(axis=1, initial=0, keepdims=True), 1e-12) / np.float32(127)
        return cls(np.rint(vectors / scales).astype(np.int8), scales)

    @property
    def nbytes(self) -> int:
        return self.codes.nbytes + self.scales.nbytes

    def vectors(self) -> Floats:
        decoded: Floats = self.codes * self.scales
        return decoded


@dataclass(frozen=True, slots=True)
class LatePair:
    """A document's tokens and the query's token vectors `(q, d)` to compare them with."""

    row: Row
    query: Floats

    def __len__(self) -> int:
        return len(self.row)


class LateInteraction:
    """A score for each document from the vectors of its tokens: for every token of the query the most similar one.

    Document vectors are remembered, at a byte a number, and always compared in that form: whether a document was
    remembered makes no difference to its score.
    """

    def __init__(self, network: Runner, remembered_bytes: int = REMEMBERED_BYTES) -> None:
        self._network = network
        self._queries: Recent[Floats] = Recent(_REMEMBERED_QUERIES, lambda vectors: 1)
        self.remembered: Recent[Tokens] = Recent(remembered_bytes, lambda tokens: tokens.nbytes)

    def query_vectors(self, query: str) -> Floats:
        """The vectors of the query's tokens `(q, d)`, each of length 1."""
        if (kept := self._queries.get(query)) is not None:
            return kept
        [vectors] = self._token_vectors(self._network.rows([query]))
        self._queries.put(query, vectors)
        return vectors

    def prepare(self, query: str, documents: Sequence[str]) -> list[LatePair]:
        vectors = self.query_vectors(query)
        return [LatePair(row, vectors) for row in self._network.rows(documents)]

    def known(self, pair: LatePair) -> float | None:
        """The score where the document's vectors are remembered."""
        tokens = self.remembered.get(_key(pair.row))
        return None if tokens is None else max_sim(pair.query, tokens.vectors())

    def run(self, pairs: Sequence[LatePair]) -> list[float]:
        found = [Tokens.of(vectors) for vectors in self._token_vectors([pair.row for pair in pairs])]
        for pair, tokens in zip(pairs, found, strict=True):
            self.remembered.put(_key(pair.row), tokens)
        return [max_sim(pair.query, tokens.vectors()) for pair, tokens in zip(pairs, found, strict=True)]

    def _token_vectors(self, rows: Sequence[Row]) -> list[Floats]:
        """Of each row the vectors of its own tokens: the first ([CLS]) and the last ([SEP]) are no part of the text."""
        output, _ = self._network.outputs(rows)
        return [normalised(tokens[1 : len(row) - 1]) for row, tokens in zip(rows, output, strict=True)]


def loaded(
    weights: Weights,
    options: Options | None = None,
    chunking: Chunking | None = None,
    remembered_bytes: int = REMEMBERED_BYTES,
) -> BiEncoder | CrossEncoder | LateInteraction:
    """The model, ready to run."""
    network = Network(weights, options)
    match weights.model.kind:
        case Kind.EMBEDDING:
            return BiEncoder(weights.model, network, chunking)
        case Kind.CROSS_ENCODER:
            return CrossEncoder(weights.model, network)
        case Kind.LATE_INTERACTION:
            return LateInteraction(network, remembered_bytes)


def max_sim(query: Floats, tokens: Floats) -> float:
    """The mean, over the query's token vectors, of the greatest similarity to a token; 0 where either has none."""
    if not len(query) or not len(tokens):
        return 0.0
    return float((query @ tokens.T).max(axis=1).mean())


def pooled(output: Floats, real: NDArray[np.bool_], pooling: Pooling) -> Floats:
    """`(b, n, d)` token vectors to `(b, d)`. An output that is pooled already passes through."""
    if output.ndim == 2:
        return output
    if pooling is Pooling.CLS:
        return output[:, 0]
    weights = real[..., None].astype(np.float32)
    mean: Floats = (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    return mean


def normalised(vectors: Floats) -> Floats:
    """The vectors at length 1; zero vectors stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled


def _key(row: Row) -> bytes:
    """What two rows have in common only if they are the same tokens."""
    return blake2b(row.ids.tobytes() + row.types.tobytes(), digest_size=16).digest()
