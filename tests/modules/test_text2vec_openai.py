"""text2vec-openai: OpenAI's embeddings route, there or anywhere."""

import numpy as np
import pytest

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Task
from weavelet.modules.testing import Asked, Told, check_vectorizer, embeddings_container, failing_container
from weavelet.modules.text2vec_bigram import hashed
from weavelet.modules.text2vec_openai import Text2VecCompatible, Text2VecOpenAI

DEFAULTS = Text2VecOpenAI.class_defaults
KEY = {"OPENAI_APIKEY": "stored"}
LOCAL = {**DEFAULTS, "baseURL": "http://localai:8080/v1/"}


def embeddings(asked: Asked) -> Told:
    data = [{"index": index, "embedding": hashed(text)} for index, text in enumerate(asked.body["input"])]
    return Told({"data": data[::-1], "model": asked.body["model"]})


def test_it_keeps_to_the_protocol(start) -> None:
    check_vectorizer(start(Text2VecOpenAI, embeddings, KEY)[0])


def test_texts_go_out_together_and_come_back_in_order(start) -> None:
    module, container = start(Text2VecOpenAI, embeddings, KEY)
    texts = [f"text {number % 200}" for number in range(400)]
    vectors = module.vectorize(texts, Task.PASSAGE, {**DEFAULTS, "dimensions": 64}, Call())
    assert [len(asked.body["input"]) for asked in sorted(container.posts, key=lambda a: -len(a.content))] == [128, 72]
    assert np.allclose(vectors[201], hashed("text 1"))
    asked = container.posts[0]
    assert asked.url == "https://api.openai.com/v1/embeddings"
    assert asked.headers["authorization"] == "Bearer stored"
    assert (asked.body["model"], asked.body["dimensions"]) == ("text-embedding-3-small", 64)


def test_another_server_needs_no_key(start) -> None:
    module, container = start(Text2VecOpenAI, embeddings)
    [vector] = module.vectorize(["x"], Task.QUERY, LOCAL, Call())
    assert isinstance(vector, np.ndarray)
    assert container.posts[0].url == "http://localai:8080/v1/embeddings"
    assert "authorization" not in container.posts[0].headers
    headers = {"x-openai-baseurl": "http://vllm", "x-openai-api-key": "k", "x-openai-organization": "o"}
    module.vectorize(["y"], Task.QUERY, LOCAL, Call(headers))
    assert container.posts[1].url == "http://vllm/v1/embeddings"
    assert container.posts[1].headers["authorization"] == "Bearer k"
    assert container.posts[1].headers["openai-organization"] == "o"


def test_recent_queries_are_remembered(start) -> None:
    module, container = start(Text2VecOpenAI, embeddings)
    for _ in range(3):
        module.vectorize(["x"], Task.QUERY, LOCAL, Call())
    assert len(container.posts) == 1


@pytest.mark.parametrize(
    ("behaviour", "settings", "problem"),
    [
        (embeddings, DEFAULTS, "API Key: no api key found neither in request header: X-Openai-Api-Key nor in"),
        (
            failing_container(429, {"error": {"message": "quota"}}, {"Retry-After": "0.01"}),
            LOCAL,
            "connection to: OpenAI API failed with status: 429 error: quota (http://localai:8080/v1/embeddings)",
        ),
        (failing_container(200, {"data": []}), LOCAL, "answered with 0 embeddings for 2 texts"),
        (failing_container(200, {"x": 1}), LOCAL, "answered without embeddings"),
    ],
)
def test_a_failure_is_told_for_every_text(start, behaviour, settings, problem: str) -> None:
    module, _ = start(Text2VecOpenAI, behaviour)
    found = module.vectorize(["x", "y"], Task.PASSAGE, settings, Call())
    assert len(found) == 2
    assert all(isinstance(error, ModuleError) and problem in str(error) for error in found)


COMPATIBLE = {"TEXT2VEC_OPENAI_COMPATIBLE_URL": "http://vllm:8000/v1", "TEXT2VEC_OPENAI_COMPATIBLE_APIKEY": "stored"}


def test_the_compatible_one_keeps_to_the_protocol(start) -> None:
    check_vectorizer(start(Text2VecCompatible, embeddings_container, COMPATIBLE)[0])


def test_a_server_of_the_shape_is_asked_for_no_model_unless_told(start) -> None:
    module, container = start(Text2VecCompatible, embeddings_container, COMPATIBLE)
    module.vectorize(["x"], Task.PASSAGE, module.class_defaults, Call())
    module.vectorize(["x"], Task.PASSAGE, {"model": "own", "baseURL": "http://elsewhere"}, Call())
    first, second = container.posts
    assert (first.url, first.headers["authorization"]) == ("http://vllm:8000/v1/embeddings", "Bearer stored")
    assert first.body == {"input": ["x"], "encoding_format": "float"}
    assert (second.url, second.body["model"]) == ("http://elsewhere/v1/embeddings", "own")
    assert "authorization" not in second.headers, "the key of the variable goes to the variable's address only"


def test_without_an_address_the_places_to_say_it_are_told(start) -> None:
    module, _ = start(Text2VecCompatible, embeddings_container)
    [error] = module.vectorize(["x"], Task.PASSAGE, {}, Call())
    assert "set baseURL in the collection's settings" in str(error)
    assert "TEXT2VEC_OPENAI_COMPATIBLE_URL" in str(error)
