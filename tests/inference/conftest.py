"""Models without ONNX: a network whose tokens are words and whose token vectors are hashes of them."""

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pytest

from weavelet.inference.encoders import BiEncoder, CrossEncoder, LateInteraction
from weavelet.inference.models import Kind, Model
from weavelet.inference.runtime import Row, padded

DIMENSIONS = 16
CLS, SEP = 1, 2


class WordNetwork:
    """A runner of words: a token's vector depends on the word alone, a pair's logit on the words it shares."""

    def __init__(self, kind: Kind = Kind.EMBEDDING, longest: int = 32) -> None:
        self.kind = kind
        self.longest = longest
        self.batches: list[list[int]] = []

    def rows(self, texts: Sequence[str]) -> list[Row]:
        return [self._row(text.lower().split()) for text in texts]

    def pair_rows(self, query: str, texts: Sequence[str]) -> list[Row]:
        return [self._row(query.lower().split(), text.lower().split()) for text in texts]

    def spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\S+", text)]

    def outputs(self, rows: Sequence[Row]):
        self.batches.append([len(row) for row in rows])
        ids, mask, _ = padded(rows)
        if self.kind is Kind.CROSS_ENCODER:
            return np.array([[_shared(row)] for row in rows], np.float32), mask.astype(bool)
        vectors = np.stack([np.stack([token_vector(int(token)) for token in line]) for line in ids])
        return vectors, mask.astype(bool)

    def _row(self, *parts: list[str]) -> Row:
        ids, types = [CLS], [0]
        for place, words in enumerate(parts):
            ids += [word_id(word) for word in words] + [SEP]
            types += [place] * (len(words) + 1)
        return Row(np.array(ids[: self.longest], np.int64), np.array(types[: self.longest], np.int64))


def word_id(word: str) -> int:
    return 3 + int.from_bytes(blake2b(word.encode(), digest_size=2).digest(), "big")


def token_vector(token: int) -> np.ndarray:
    return np.random.default_rng(token).standard_normal(DIMENSIONS).astype(np.float32)


def _shared(row: Row) -> float:
    words = (set(row.ids[row.types == part].tolist()) - {CLS, SEP} for part in (0, 1))
    query, document = words
    return 4.0 * len(query & document) - 4.0


def fake_model(model: Model) -> BiEncoder | CrossEncoder | LateInteraction:
    """What `Service` would load, without weights."""
    network = WordNetwork(model.kind)
    match model.kind:
        case Kind.EMBEDDING:
            return BiEncoder(model, network)
        case Kind.CROSS_ENCODER:
            return CrossEncoder(model, network)
        case Kind.LATE_INTERACTION:
            return LateInteraction(network)


@pytest.fixture
def word_network() -> WordNetwork:
    return WordNetwork()
