"""Generators behind `/v1/chat/completions`: OpenAI, services of its shape, and any server that speaks it.

LocalAI, vLLM, llama.cpp, TGI, Ollama and LM Studio are reached by `generative-openai-compatible`, or by the `baseURL`
of any of the others. The collection's settings, with the query's own on top, go along under the names of the API.
"""

from collections.abc import Mapping
from typing import Any

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Kind, Written
from weavelet.modules.environment import Key, header
from weavelet.modules.service import Place, Service, ServiceModule
from weavelet.schema.collection import Settings

_OPTIONS: Mapping[str, str] = {
    "temperature": "temperature",
    "topP": "top_p",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "stop": "stop",
    "n": "n",
    "reasoningEffort": "reasoning_effort",
    "verbosity": "verbosity",
}
"""Settings, and what the API calls them. The most tokens to write have a name that depends on the model."""


class ChatGenerator(ServiceModule):
    """A generator in front of a service of this shape."""

    kind = Kind.GENERATOR

    def generate(self, prompt: str, settings: Settings, call: Call) -> Written:
        place = self.place(settings, call)
        reply = self.asked(place, self.body(prompt, settings, place), "generative", self.headers(call))
        try:
            return Written(str(reply["choices"][0]["message"]["content"] or ""), _metadata(reply))
        except (KeyError, IndexError, TypeError):
            raise ModuleError(f"{self.name}: {place.url} answered without a message") from None

    def body(self, prompt: str, settings: Settings, place: Place) -> Mapping[str, Any]:
        """What asks for the completion."""
        model = self.model(settings)
        body: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
        body |= {"model": model} if model else {}
        body |= {theirs: settings[ours] for ours, theirs in _OPTIONS.items() if settings.get(ours) is not None}
        if settings.get("maxTokens") is not None:
            body[self.tokens_field(model, place)] = settings["maxTokens"]
        return body

    def tokens_field(self, model: str, place: Place) -> str:
        """What this service calls the most tokens to write."""
        return "max_tokens"

    def headers(self, call: Call) -> Mapping[str, str]:
        """Further headers of every request."""
        return {}


def _metadata(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    usage = reply.get("usage")
    return {"usage": usage} if isinstance(usage, Mapping) else {}


class GenerativeOpenAI(ChatGenerator):
    """The generator named `generative-openai`."""

    name = "generative-openai"
    service = Service(
        title="Generative Search - OpenAI",
        documentation="https://platform.openai.com/docs/api-reference/completions",
        failure="connection to: OpenAI API failed with status: {status} error: {reason}",
        base_url="https://api.openai.com",
        base_url_header="X-Openai-Baseurl",
        path="/v1/chat/completions",
        key=Key("OpenAI API Key", "X-Openai-Api-Key", "OPENAI_APIKEY"),
        model="gpt-5-mini",
    )

    def tokens_field(self, model: str, place: Place) -> str:
        return "max_completion_tokens" if place.is_own and not model.startswith("gpt-4o") else "max_tokens"

    def headers(self, call: Call) -> Mapping[str, str]:
        organization = header(call, "X-Openai-Organization") or self.environment.get("OPENAI_ORGANIZATION")
        return {"OpenAI-Organization": organization} if organization else {}


class GenerativeCompatible(ChatGenerator):
    """Any server of this shape, at the collection's `baseURL` or at GENERATIVE_OPENAI_COMPATIBLE_URL."""

    name = "generative-openai-compatible"
    service = Service(
        title="Generative Search - OpenAI compatible",
        documentation="https://platform.openai.com/docs/api-reference/chat",
        failure="fail with status {status}: {reason}",
        base_url_header="X-Generative-Baseurl",
        base_url_variable="GENERATIVE_OPENAI_COMPATIBLE_URL",
        path="/v1/chat/completions",
        key=Key("API Key", "X-Generative-Api-Key", "GENERATIVE_OPENAI_COMPATIBLE_APIKEY"),
    )


class GenerativeNvidia(ChatGenerator):
    """The generator named `generative-nvidia`: hosted, or a NIM container of one's own."""

    name = "generative-nvidia"
    service = Service(
        title="Generative Search - NVIDIA",
        documentation="https://docs.api.nvidia.com/nim/reference/llm-apis",
        failure="connection to NVIDIA API failed with status: {status} error: {reason}",
        base_url="https://integrate.api.nvidia.com",
        base_url_header="X-Nvidia-Baseurl",
        path="/v1/chat/completions",
        key=Key("NVIDIA API Key", "X-Nvidia-Api-Key", "NVIDIA_APIKEY"),
        model="nvidia/llama-3.1-nemotron-51b-instruct",
    )


class GenerativeMistral(ChatGenerator):
    """The generator named `generative-mistral`."""

    name = "generative-mistral"
    service = Service(
        title="Generative Search - Mistral",
        documentation="https://docs.mistral.ai/api/",
        failure="connection to Mistral API failed with status: {status} error: {reason}",
        base_url="https://api.mistral.ai",
        base_url_header="X-Mistral-Baseurl",
        path="/v1/chat/completions",
        key=Key("Mistral API Key", "X-Mistral-Api-Key", "MISTRAL_APIKEY"),
        model="open-mistral-7b",
    )


class GenerativeDeepSeek(ChatGenerator):
    """The generator named `generative-deepseek`."""

    name = "generative-deepseek"
    service = Service(
        title="Generative Search - DeepSeek",
        documentation="https://api-docs.deepseek.com/",
        failure="connection to DeepSeek API failed with status: {status} error: {reason}",
        base_url="https://api.deepseek.com",
        base_url_header="X-Deepseek-Baseurl",
        path="/chat/completions",
        key=Key("DeepSeek API Key", "X-Deepseek-Api-Key", "DEEPSEEK_APIKEY"),
        model="deepseek-chat",
    )


class GenerativeXai(ChatGenerator):
    """The generator named `generative-xai`."""

    name = "generative-xai"
    service = Service(
        title="Generative Search - xAI",
        documentation="https://docs.x.ai/docs/overview",
        failure="connection to xAI API failed with status: {status} error: {reason}",
        base_url="https://api.x.ai",
        base_url_header="X-Xai-Baseurl",
        path="/v1/chat/completions",
        key=Key("xAI API Key", "X-Xai-Api-Key", "XAI_APIKEY"),
        model="grok-2-latest",
    )
