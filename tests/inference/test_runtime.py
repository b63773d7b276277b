"""Pooling, pairs and late interaction, on a network without ONNX."""

import numpy as np
import pytest

from tests.inference.conftest import WordNetwork, token_vector, word_id
from weavelet.inference.encoders import (
    BiEncoder,
    CrossEncoder,
    LateInteraction,
    Tokens,
    max_sim,
    normalised,
    pooled,
)
from weavelet.inference.models import Chunking, Kind, Model, Pooling, find
from weavelet.inference.runtime import Row, padded


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


def embedded(encoder: BiEncoder, text: str, pooling: Pooling | None = None) -> np.ndarray:
    [pieces] = encoder.prepare([text], False, pooling)
    return encoder.joined(pieces, encoder.run(pieces))


@pytest.mark.parametrize("pooling", list(Pooling))
def test_a_text_has_the_same_vector_in_any_batch(word_network, pooling: Pooling) -> None:
    encoder = BiEncoder(model(pooling=pooling), word_network)
    [first], [second] = encoder.prepare(["apple cake", "a much longer text than that"], False)
    together = encoder.run([first, second])
    assert np.allclose(together[0], encoder.run([first])[0])
    assert np.linalg.norm(encoder.joined([first], together[:1])) == pytest.approx(1)


def test_queries_get_their_prefix_and_passages_theirs(word_network) -> None:
    encoder = BiEncoder(model(query_prefix="query: ", passage_prefix="a passage: "), word_network)
    assert [len(piece) for [piece] in encoder.prepare(["apple"], True)] == [4]
    assert [len(piece) for [piece] in encoder.prepare(["apple"], False)] == [5]


LONG = "One two three four five. Six seven eight! Nine ten eleven twelve? Thirteen."


def test_a_text_that_is_too_long_may_be_the_mean_of_windows_that_end_with_sentences() -> None:
    encoder = BiEncoder(model(max_length=10), WordNetwork(longest=10), Chunking.WINDOWS)
    [pieces] = encoder.prepare([LONG], False)
    assert [len(piece) for piece in pieces] == [10, 7]
    first, second = (embedded(encoder, text) for text in (LONG[:41], LONG[42:]))
    expected = normalised(10 * first + 7 * second)
    assert np.allclose(embedded(encoder, LONG), expected, atol=1e-6)


def test_a_sentence_longer_than_a_window_is_cut_anywhere() -> None:
    encoder = BiEncoder(model(max_length=10), WordNetwork(longest=10), Chunking.WINDOWS)
    [pieces] = encoder.prepare(["word " * 20], False)
    assert [len(piece) for piece in pieces] == [10, 10, 6]


def test_what_is_too_long_is_left_out_where_nobody_says_otherwise() -> None:
    encoder = BiEncoder(model(max_length=10), WordNetwork(longest=10))
    assert [[len(piece) for piece in pieces] for pieces in encoder.prepare([LONG, "word"], False)] == [[10], [3]]


@pytest.mark.parametrize("pooling", list(Pooling))
def test_sentence_by_sentence_a_text_is_the_plain_mean(word_network, pooling: Pooling) -> None:
    encoder = BiEncoder(model(), word_network, Chunking.SENTENCES)
    texts = ["The first one.", "Here is the second.", "A third, longer sentence!"]
    expected = np.mean([embedded(encoder, text, pooling) for text in texts], axis=0)
    assert np.allclose(embedded(encoder, "  ".join(texts), pooling), expected, atol=1e-6)
    assert np.linalg.norm(expected) != pytest.approx(1, abs=1e-3)


def test_the_first_token_is_an_own_choice_and_the_mean_what_nobody_chose(word_network) -> None:
    cls, mean = (embedded(BiEncoder(model(pooling=pooling), word_network), "a b") for pooling in Pooling)
    assert not np.allclose(cls, mean)
    chosen = BiEncoder(model(pooling=Pooling.MASKED_MEAN), word_network)
    assert np.allclose(embedded(chosen, "a b", Pooling.CLS), cls)
    default = BiEncoder(model(pooling=Pooling.CLS), word_network)
    assert np.allclose(embedded(default, "a b", Pooling.MASKED_MEAN), cls)


def test_an_empty_text_has_a_vector_too(word_network) -> None:
    for chunking in Chunking:
        assert embedded(BiEncoder(model(), word_network, chunking), "").shape == (16,)


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
    pairs = late.prepare("apple cake", ["cake apple", "cake of a mountain with much text", ""])
    same, half, none = late.run(pairs)
    assert same == pytest.approx(1, abs=1e-2)
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


def test_what_was_scored_lately_is_not_run_again() -> None:
    network = WordNetwork(Kind.LATE_INTERACTION)
    late = LateInteraction(network)
    [pair] = late.prepare("apple", ["cake apple"])
    assert late.known(pair) is None
    [score] = late.run([pair])
    [again] = late.prepare("apple", ["cake apple"])
    assert late.known(again) == score
    [other] = late.prepare("mountain", ["cake apple"])
    known = late.known(other)
    assert known is not None
    assert known < score
    assert len(network.batches) == 3, "two queries and one document"


def test_documents_are_remembered_within_a_bound() -> None:
    late = LateInteraction(WordNetwork(Kind.LATE_INTERACTION), remembered_bytes=100)
    pairs = late.prepare("apple", [f"text number {number}" for number in range(10)])
    late.run(pairs)
    assert 0 < late.remembered.weight <= 100
    assert [late.known(pair) is not None for pair in pairs] == [False] * 9 + [True]


def test_a_cross_encoder_remembers_pairs() -> None:
    encoder = CrossEncoder(model(kind=Kind.CROSS_ENCODER), WordNetwork(Kind.CROSS_ENCODER))
    rows = encoder.prepare("apple", ["apple", "cake"])
    assert encoder.run(rows[:1]) == [0.0]
    assert [encoder.known(row) for row in rows] == [0.0, None]


def test_tokens_at_a_byte_a_number_are_nearly_themselves() -> None:
    vectors = normalised(np.random.default_rng(1).standard_normal((50, 384)).astype(np.float32))
    tokens = Tokens.of(vectors)
    assert np.abs(tokens.vectors() - vectors).max() < 1e-3
    assert tokens.nbytes == 50 * 388
