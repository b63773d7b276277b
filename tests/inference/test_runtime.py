"""Pooling, pairs and late interaction, on a network without ONNX."""

import numpy as np
import pytest

from tests.inference.conftest import WordNetwork, token_vector, word_id
from weavelet.inference.models import Kind, Model, Pooling, find
from weavelet.inference.runtime import (
    BiEncoder,
    CrossEncoder,
    LateInteraction,
    Row,
    max_sim,
    normalised,
    padded,
    pooled,
)


def model(**changes) -> Model:
    return Model(**{"name": "m", "kind": Kind.EMBEDDING, "title": "M", "max_length": 32, **changes})


def test_mean_pooling_leaves_padding_out() -> None:
    output = np.array([[[1.0, 1], [3, 3], [99, 99]]], np.float32)
    real = np.array([[True, True, False]])
    assert pooled(output, real, Pooling.MASKED_MEAN).tolist() == [[2, 2]]
    assert pooled(output, real, Pooling.CLS).tolist() == [[1, 1]]
    assert pooled(output[:, 0], real, Pooling.CLS).tolist() == [[1, 1]]


def test_vectors_have_length_1_and_zero_stays_zero() -> None:
    assert np.allclose(normalised(np.array([[3.0, 4.0], [0, 0]], np.float32)), [[0.6, 0.8], [0, 0]])


def test_a_batch_is_padded_to_its_longest() -> None:
    rows = [Row(np.array([5, 6]), np.array([0, 1])), Row(np.array([7]), np.array([0]))]
    ids, mask, types = padded(rows)
    assert ids.tolist() == [[5, 6], [7, 0]]
    assert mask.tolist() == [[1, 1], [1, 0]]
    assert types.tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize("pooling", list(Pooling))
def test_a_text_has_the_same_vector_in_any_batch(word_network, pooling: Pooling) -> None:
    encoder = BiEncoder(model(pooling=pooling), word_network)
    rows = encoder.prepare(["apple cake", "a much longer text than that"], False)
    together = encoder.run(rows)
    assert np.allclose(together[0], encoder.run(rows[:1])[0])
    assert np.linalg.norm(together[0]) == pytest.approx(1)


def test_queries_get_their_prefix_and_passages_theirs(word_network) -> None:
    encoder = BiEncoder(model(query_prefix="query: ", passage_prefix="a passage: "), word_network)
    assert len(encoder.prepare(["apple"], True)[0]) == 4
    assert len(encoder.prepare(["apple"], False)[0]) == 5


def test_a_pair_is_scored_by_its_logit_or_squeezed() -> None:
    network = WordNetwork(Kind.CROSS_ENCODER)
    raw = CrossEncoder(model(kind=Kind.CROSS_ENCODER), network)
    rows = raw.prepare("apple cake", ["apple cake", "mountain"])
    assert raw.run(rows) == [4.0, -4.0]
    squeezed = CrossEncoder(model(kind=Kind.CROSS_ENCODER, sigmoid=True), network)
    assert squeezed.run(rows) == pytest.approx([0.98201, 0.01799], abs=1e-4)


def test_late_interaction_compares_words_and_nothing_else() -> None:
    late = LateInteraction(WordNetwork(Kind.LATE_INTERACTION))
    query = late.query_vectors("apple cake")
    assert query.shape == (2, 16)
    expected = normalised(np.stack([token_vector(word_id("apple")), token_vector(word_id("cake"))]))
    assert np.allclose(query, expected)
    same, half, none = late.run(late.prepare(query, ["cake apple", "cake of a mountain with much text", ""]))
    assert same == pytest.approx(1)
    assert 0.5 < half < 1
    assert none == 0


def test_max_sim_is_the_mean_over_the_querys_tokens() -> None:
    query = np.eye(2, dtype=np.float32)
    assert max_sim(query, np.array([[1, 0]], np.float32)) == 0.5
    assert max_sim(query, np.zeros((0, 2), np.float32)) == 0


def test_the_catalogue_knows_how_each_model_is_run() -> None:
    assert find("bge-small-en-v1.5").pooling is Pooling.CLS
    assert find("bge-small-en-v1.5").batch == 1
    assert find("answerai-colbert-small-v1").kind is Kind.LATE_INTERACTION
