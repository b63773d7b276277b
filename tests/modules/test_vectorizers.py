"""Vectorizers of hosted services: what each is asked, and how its answers are read."""

import numpy as np
import pytest

from weavelet.errors import InvalidSchema, ModuleError
from weavelet.modules.base import Call, ModuleSettings, Task
from weavelet.modules.testing import Asked, Told, check_vectorizer, embeddings_container, failing_container
from weavelet.modules.text2vec_bigram import hashed
from weavelet.modules.text2vec_cohere import Text2VecCohere
from weavelet.modules.text2vec_huggingface import Text2VecHuggingFace
from weavelet.modules.text2vec_jinaai import Text2VecJina
from weavelet.modules.text2vec_nvidia import Text2VecNvidia
from weavelet.modules.text2vec_ollama import Text2VecOllama
from weavelet.modules.text2vec_openai import Text2VecOpenAI

KEYS = {
    "COHERE_APIKEY": "k",
    "HUGGINGFACE_APIKEY": "k",
    "JINAAI_APIKEY": "k",
    "NVIDIA_APIKEY": "k",
    "OPENAI_APIKEY": "k",
}


def cohere(asked: Asked) -> Told:
    return Told({"id": "x", "embeddings": {"float": [hashed(text) for text in asked.body["texts"]]}})


def ollama(asked: Asked) -> Told:
    return Told({"model": asked.body["model"], "embeddings": [hashed(text) for text in asked.body["input"]]})


def feature_extraction(asked: Asked) -> Told:
    return Told([hashed(text) for text in asked.body["inputs"]])


def token_vectors(asked: Asked) -> Told:
    """A model without pooling: two tokens a text, whose mean is the text's vector."""
    return Told([[2 * hashed(text), 0 * hashed(text)] for text in asked.body["inputs"]])


SERVICES = [
    pytest.param(Text2VecOpenAI, embeddings_container, id="OpenAI"),
    pytest.param(Text2VecJina, embeddings_container, id="Jina"),
    pytest.param(Text2VecNvidia, embeddings_container, id="NVIDIA"),
    pytest.param(Text2VecCohere, cohere, id="Cohere"),
    pytest.param(Text2VecOllama, ollama, id="Ollama"),
    pytest.param(Text2VecHuggingFace, feature_extraction, id="Hugging Face"),
    pytest.param(Text2VecHuggingFace, token_vectors, id="Hugging Face, tokens"),
]


@pytest.mark.parametrize(("factory", "behaviour"), SERVICES)
def test_each_keeps_to_the_protocol(start, factory, behaviour) -> None:
    module, _ = start(factory, behaviour, KEYS)
    check_vectorizer(module)
    [vector] = module.vectorize(["hot soup"], Task.PASSAGE, factory.class_defaults, Call())
    assert np.allclose(vector, hashed("hot soup"))


@pytest.mark.parametrize(
    ("factory", "behaviour", "settings", "task", "url", "body"),
    [
        pytest.param(
            Text2VecCohere,
            cohere,
            {"dimensions": 256},
            Task.QUERY,
            "https://api.cohere.ai/v2/embed",
            {
                "texts": ["hot soup"],
                "model": "embed-multilingual-v3.0",
                "input_type": "search_query",
                "embedding_types": ["float"],
                "truncate": "END",
                "output_dimension": 256,
            },
            id="Cohere",
        ),
        pytest.param(
            Text2VecJina,
            embeddings_container,
            {},
            Task.PASSAGE,
            "https://api.jina.ai/v1/embeddings",
            {"input": ["hot soup"], "model": "jina-embeddings-v4", "embedding_type": "float"},
            id="Jina",
        ),
        pytest.param(
            Text2VecJina,
            embeddings_container,
            {"model": "jina-embeddings-v3", "dimensions": 64},
            Task.QUERY,
            "https://api.jina.ai/v1/embeddings",
            {
                "input": ["hot soup"],
                "model": "jina-embeddings-v3",
                "embedding_type": "float",
                "normalized": False,
                "task": "retrieval.query",
                "dimensions": 64,
            },
            id="Jina v3",
        ),
        pytest.param(
            Text2VecNvidia,
            embeddings_container,
            {"baseURL": "http://nim:8000/v1/"},
            Task.PASSAGE,
            "http://nim:8000/v1/embeddings",
            {
                "input": ["hot soup"],
                "model": "nvidia/nv-embed-v1",
                "encoding_format": "float",
                "input_type": "passage",
                "truncate": "NONE",
            },
            id="NVIDIA",
        ),
        pytest.param(
            Text2VecOllama,
            ollama,
            {"apiEndpoint": "http://elsewhere:11434", "model": "all-minilm"},
            Task.PASSAGE,
            "http://elsewhere:11434/api/embed",
            {"model": "all-minilm", "input": ["hot soup"]},
            id="Ollama",
        ),
        pytest.param(
            Text2VecHuggingFace,
            feature_extraction,
            {"model": "own/model", "options": {"waitForModel": True}},
            Task.PASSAGE,
            "https://router.huggingface.co/hf-inference/models/own/model/pipeline/feature-extraction",
            {"inputs": ["hot soup"], "options": {"wait_for_model": True, "use_gpu": False, "use_cache": True}},
            id="Hugging Face",
        ),
        pytest.param(
            Text2VecHuggingFace,
            feature_extraction,
            {"endpointURL": "http://tei:8080/embed"},
            Task.PASSAGE,
            "http://tei:8080/embed",
            {"inputs": ["hot soup"], "options": {"wait_for_model": False, "use_gpu": False, "use_cache": True}},
            id="Hugging Face, endpoint",
        ),
    ],
)
def test_what_each_service_is_asked(start, factory, behaviour, settings, task: Task, url: str, body) -> None:
    module, container = start(factory, behaviour, KEYS)
    module.vectorize(["hot soup"], task, {**factory.class_defaults, **settings}, Call())
    [asked] = container.posts
    assert (asked.url, asked.body) == (url, body)
    assert asked.headers.get("authorization") == (None if factory is Text2VecOllama else "Bearer k")


@pytest.mark.parametrize(
    ("factory", "problem"),
    [
        (Text2VecCohere, "Cohere API Key: no api key found neither in request header: X-Cohere-Api-Key nor in"),
        (Text2VecJina, "API Key: no api key found neither in request header: X-Jinaai-Api-Key nor in"),
        (Text2VecNvidia, "Nvidia API Key: no api key found neither in request header: X-Nvidia-Api-Key nor in"),
    ],
)
def test_a_missing_key_is_told_with_both_places(start, factory, problem: str) -> None:
    module, container = start(factory, embeddings_container)
    [error] = module.vectorize(["x"], Task.PASSAGE, factory.class_defaults, Call())
    assert str(error).startswith(problem)
    assert container.posts == []


@pytest.mark.parametrize(
    ("factory", "body", "problem"),
    [
        (Text2VecCohere, {"message": "quota"}, "connection to Cohere failed with status: 400 error: quota"),
        (Text2VecJina, {"detail": "quota"}, "connection to: JinaAI API failed with status: 400 error: quota"),
        (Text2VecNvidia, {"title": "quota"}, "connection to NVIDIA API failed with status: 400 error: quota"),
        (Text2VecOllama, {"error": "no such model"}, "connection to Ollama API failed with status: 400 error: no such"),
        (Text2VecHuggingFace, {"error": "loading"}, "connection to HuggingFace failed with status: 400 error: loading"),
    ],
)
def test_a_refusal_is_told_with_the_services_own_words(start, factory, body, problem: str) -> None:
    module, _ = start(factory, failing_container(400, body), KEYS)
    [error] = module.vectorize(["x"], Task.PASSAGE, factory.class_defaults, Call())
    assert isinstance(error, ModuleError)
    assert str(error).startswith(problem)


@pytest.mark.parametrize(
    ("factory", "settings", "problem"),
    [
        (Text2VecCohere, {"truncate": "MIDDLE"}, "wrong truncate type, available types are: [NONE START END LEFT RIGH"),
        (Text2VecNvidia, {"truncate": "LEFT"}, "wrong truncate type, available types are: [NONE START END]"),
        (
            Text2VecHuggingFace,
            {"model": "a", "passageModel": "b"},
            "only one setting must be set either 'model' or 'passageModel'",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(factory, settings, problem: str) -> None:
    module = factory(ModuleSettings({}))
    with pytest.raises(InvalidSchema) as caught:
        module.check_own(settings)
    module.check_own(factory.class_defaults)
    module.close()
    assert str(caught.value).startswith(problem)
