"""The vectorizer without a model."""

import numpy as np
import pytest

from weavelet.modules.base import ModuleSettings
from weavelet.modules.testing import check_vectorizer
from weavelet.modules.text2vec_bigram import DIMENSIONS, Text2VecBigram, hashed


def test_it_keeps_to_the_protocol() -> None:
    check_vectorizer(Text2VecBigram(ModuleSettings({})))


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("cake", "apple cake", "mountain climbing"),
        ("apple", "apple cake", "cake"),
        ("banana pudding", "banana pudding", "banana smoothie"),
        ("holiday", "holidays", "mountain"),
    ],
)
def test_shared_words_and_parts_of_words_make_texts_near(text: str, near: str, far: str) -> None:
    assert hashed(text) @ hashed(near) > hashed(text) @ hashed(far) + 0.1


def test_a_text_has_the_same_vector_for_ever() -> None:
    vector = hashed("apple cake")
    assert vector.shape == (DIMENSIONS,)
    assert np.flatnonzero(vector)[:4].tolist() == [1, 7, 10, 18]
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert np.linalg.norm(hashed("")) == pytest.approx(1)
    assert np.array_equal(hashed("Apple  CAKE!"), vector)
