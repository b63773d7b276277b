"""text2vec-bigram: vectors from hashed words and letter triples, made here without any model.

For tests and trials. Texts that share words are near each other, and so, less, are texts that share parts of words:
`apple cake` is nearer to `cake` than to `mountain`. The same text has the same vector on every machine and for ever;
meaning is beyond it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from math import sqrt
from typing import Any

import numpy as np

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Kind, ModuleSettings, Task
from weavelet.modules.texts import PROPERTY_DEFAULTS, check_sources, check_vectorizable
from weavelet.schema.collection import Collection, Settings, VectorConfig
from weavelet.schema.objects import Vector

DIMENSIONS = 256
_CLASS_DEFAULTS: Settings = {"vectorizeClassName": True}
_WORD_WEIGHT = 1.0
_TRIPLE_WEIGHT = 0.6
_WORD = re.compile(r"\w+")


class Text2VecBigram:
    """The vectorizer named `text2vec-bigram`."""

    name = "text2vec-bigram"
    kind = Kind.VECTORIZER
    class_defaults = _CLASS_DEFAULTS
    property_defaults = PROPERTY_DEFAULTS

    def __init__(self, settings: ModuleSettings) -> None:
        self._auto_schema = settings.auto_schema

    def check(self, collection: Collection, vector: VectorConfig) -> None:
        check_sources(vector.settings)
        check_vectorizable(collection, vector, self._auto_schema)

    def vectorize(
        self, texts: Sequence[str], task: Task, settings: Settings, call: Call
    ) -> Sequence[Vector | ModuleError]:
        return [hashed(text) for text in texts]

    def meta(self) -> Mapping[str, Any]:
        return {"name": "Bigram Module", "dimensions": DIMENSIONS}

    def close(self) -> None:
        pass


def hashed(text: str) -> Vector:
    """The text's vector of length 1; of a text without a word, the first unit vector."""
    vector = np.zeros(DIMENSIONS, np.float32)
    for feature, weight in _features(text.lower()):
        for place, sign in _places(feature):
            vector[place] += sign * weight
    length = float(np.linalg.norm(vector))
    if length == 0:
        vector[0] = length = 1.0
    return vector / np.float32(length)


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(text):
        yield word, _WORD_WEIGHT
        framed = f"^{word}$"
        count = max(1, len(framed) - 2)
        for start in range(count):
            yield framed[start : start + 3], _TRIPLE_WEIGHT / sqrt(count)


def _places(feature: str) -> Iterator[tuple[int, float]]:
    """Four elements and their signs for each feature, so that two features seldom fall together."""
    digest = blake2b(feature.encode(), digest_size=8).digest()
    for high, low in zip(digest[0::2], digest[1::2], strict=True):
        yield (high * 256 + low) // 2 % DIMENSIONS, 0.5 if low & 1 else -0.5
