"""Vectorizers behind `/v1/embeddings`: OpenAI, and any server of that shape.

LocalAI, vLLM, Ollama, TEI, Infinity and our own inference server all speak it. They are reached by
`text2vec-openai-compatible`, which knows no service of its own, or by the `baseURL` of `text2vec-openai`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from weavelet.modules.base import Call, Task
from weavelet.modules.environment import Key, header
from weavelet.modules.service import Service
from weavelet.modules.texts import setting_int
from weavelet.modules.vectorizer_http import HttpVectorizer
from weavelet.schema.collection import Settings


class OpenAIVectorizer(HttpVectorizer):
    """A vectorizer in front of a service of this shape."""

    batch = 128

    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        model, dimensions = self.model(settings), setting_int(settings, "dimensions")
        body: dict[str, Any] = {"input": list(texts), "encoding_format": "float"}
        body |= {"model": model} if model else {}
        return body if dimensions is None else {**body, "dimensions": dimensions}


class Text2VecOpenAI(OpenAIVectorizer):
    """The vectorizer named `text2vec-openai`."""

    name = "text2vec-openai"
    service = Service(
        title="OpenAI Module",
        documentation="https://platform.openai.com/docs/guides/embeddings/what-are-embeddings",
        failure="connection to: OpenAI API failed with status: {status} error: {reason}",
        base_url="https://api.openai.com",
        base_url_header="X-Openai-Baseurl",
        path="/v1/embeddings",
        key=Key("API Key", "X-Openai-Api-Key", "OPENAI_APIKEY"),
        model="text-embedding-3-small",
    )
    class_defaults: ClassVar[Settings] = {
        "vectorizeClassName": True,
        "baseURL": service.base_url,
        "model": service.model,
    }

    def headers(self, call: Call) -> Mapping[str, str]:
        organization = header(call, "X-Openai-Organization") or self.environment.get("OPENAI_ORGANIZATION")
        return {"OpenAI-Organization": organization} if organization else {}


class Text2VecCompatible(OpenAIVectorizer):
    """Any server of this shape, at the collection's `baseURL` or at TEXT2VEC_OPENAI_COMPATIBLE_URL."""

    name = "text2vec-openai-compatible"
    service = Service(
        title="OpenAI compatible Module",
        documentation="https://platform.openai.com/docs/api-reference/embeddings",
        failure="fail with status {status}: {reason}",
        base_url_header="X-Embedding-Baseurl",
        base_url_variable="TEXT2VEC_OPENAI_COMPATIBLE_URL",
        path="/v1/embeddings",
        key=Key("API Key", "X-Embedding-Api-Key", "TEXT2VEC_OPENAI_COMPATIBLE_APIKEY"),
    )
    class_defaults: ClassVar[Settings] = {"vectorizeClassName": False}
