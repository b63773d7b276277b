"""Generators: what each is asked, and what becomes of its answers."""

import pytest

from weavelet.errors import ModuleError
from weavelet.modules.base import Call
from weavelet.modules.generative_chat import (
    GenerativeCompatible,
    GenerativeDeepSeek,
    GenerativeMistral,
    GenerativeNvidia,
    GenerativeOpenAI,
    GenerativeXai,
)
from weavelet.modules.generative_ollama import GenerativeOllama
from weavelet.modules.testing import Asked, Told, chat_container, check_generator, failing_container

KEYS = {f"{name}_APIKEY": "k" for name in ("OPENAI", "NVIDIA", "MISTRAL", "DEEPSEEK", "XAI")}
PROMPT = [{"role": "user", "content": "Describe soup"}]


@pytest.mark.parametrize(
    ("factory", "url", "model"),
    [
        (GenerativeOpenAI, "https://api.openai.com/v1/chat/completions", "gpt-5-mini"),
        (GenerativeNvidia, "https://integrate.api.nvidia.com/v1/chat/completions", None),
        (GenerativeMistral, "https://api.mistral.ai/v1/chat/completions", "open-mistral-7b"),
        (GenerativeDeepSeek, "https://api.deepseek.com/chat/completions", "deepseek-chat"),
        (GenerativeXai, "https://api.x.ai/v1/chat/completions", "grok-2-latest"),
    ],
)
def test_each_service_is_asked_for_a_completion_of_the_prompt(start, factory, url: str, model: str | None) -> None:
    module, container = start(factory, chat_container, KEYS)
    check_generator(module)
    container.asked.clear()
    assert module.generate("Describe soup", {}, Call()).text == "An answer to: Describe soup"
    [asked] = container.posts
    assert (asked.url, asked.headers["authorization"]) == (url, "Bearer k")
    assert asked.body == {"messages": PROMPT, "model": model or factory.service.model}


def test_settings_go_along_under_the_names_of_the_api(start) -> None:
    module, container = start(GenerativeOpenAI, chat_container, KEYS)
    settings = {"model": "own", "temperature": 0.5, "topP": 0.9, "maxTokens": 20, "stop": ["."], "unknown": 1}
    module.generate("Describe soup", settings, Call())
    module.generate("Describe soup", {**settings, "baseURL": "http://vllm:8000/v1"}, Call())
    sent = {"messages": PROMPT, "model": "own", "temperature": 0.5, "top_p": 0.9, "stop": ["."]}
    assert container.posts[0].body == {**sent, "max_completion_tokens": 20}
    assert container.posts[1].body == {**sent, "max_tokens": 20}
    assert container.posts[1].url == "http://vllm:8000/v1/chat/completions"


def test_any_server_of_the_shape_serves_and_gets_no_key_that_is_not_its_own(start) -> None:
    environment = {
        "GENERATIVE_OPENAI_COMPATIBLE_URL": "http://configured:1",
        "GENERATIVE_OPENAI_COMPATIBLE_APIKEY": "secret",
    }
    module, container = start(GenerativeCompatible, chat_container, environment)
    for settings, call in (
        ({}, Call()),
        ({"baseURL": "http://own:2"}, Call()),
        ({"baseURL": "http://own:2", "model": "m"}, Call({"x-generative-api-key": "given"})),
    ):
        assert module.generate("x", settings, call).text == "An answer to: x"
    assert [(asked.url, asked.headers.get("authorization")) for asked in container.posts] == [
        ("http://configured:1/v1/chat/completions", "Bearer secret"),
        ("http://own:2/v1/chat/completions", None),
        ("http://own:2/v1/chat/completions", "Bearer given"),
    ]
    assert "model" not in container.posts[0].body
    unconfigured, _ = start(GenerativeCompatible, chat_container)
    with pytest.raises(ModuleError, match="there is no address: set baseURL in the collection's settings of this mod"):
        unconfigured.generate("x", {}, Call())


def ollama(asked: Asked) -> Told:
    return Told({"model": asked.body["model"], "response": f"An answer to: {asked.body['prompt']}", "done": True})


def test_ollama_is_asked_in_its_own_shape(start) -> None:
    module, container = start(GenerativeOllama, ollama)
    assert module.generate("x", {"temperature": 0.1}, Call()).text == "An answer to: x"
    [asked] = container.posts
    assert asked.url == "http://localhost:11434/api/generate"
    assert asked.body == {"model": "llama3", "prompt": "x", "stream": False, "options": {"temperature": 0.1}}


@pytest.mark.parametrize(
    ("factory", "behaviour", "problem"),
    [
        (GenerativeOpenAI, failing_container(401, {"error": {"message": "no"}}), "failed with status: 401 error: no"),
        (GenerativeOpenAI, failing_container(200, {"choices": []}), "answered without a message"),
        (GenerativeOllama, failing_container(404, {"error": "no model"}), "failed with status: 404 error: no model"),
        (GenerativeOllama, failing_container(200, []), "answered without a response"),
    ],
)
def test_failures_are_told(start, factory, behaviour, problem: str) -> None:
    module, _ = start(factory, behaviour, KEYS)
    with pytest.raises(ModuleError, match=problem):
        module.generate("x", {}, Call())


def test_a_missing_key_is_told_with_both_places(start) -> None:
    module, _ = start(GenerativeNvidia, chat_container)
    with pytest.raises(ModuleError, match="NVIDIA API Key: no api key found neither in request header: X-Nvidia-Api-K"):
        module.generate("x", {}, Call())
