"""text2vec-openai: `/v1/embeddings`, at OpenAI or at any server of that shape.

LocalAI, vLLM, Ollama, TEI, Infinity and our own inference server all speak it: `baseURL` or the header
`X-Openai-Baseurl` points there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from weavelet.modules.base import Call, Task
from weavelet.modules.environment import Key, header
from weavelet.modules.service import Service
from weavelet.modules.texts import setting_int
from weavelet.modules.vectorizer_http import HttpVectorizer
from weavelet.schema.collection import Settings


class Text2VecOpenAI(HttpVectorizer):
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
    batch = 128

    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        dimensions = setting_int(settings, "dimensions")
        sized = {} if dimensions is None else {"dimensions": dimensions}
        return {"input": list(texts), "encoding_format": "float", "model": self.model(settings), **sized}

    def headers(self, call: Call) -> Mapping[str, str]:
        organization = header(call, "X-Openai-Organization") or self.environment.get("OPENAI_ORGANIZATION")
        return {"OpenAI-Organization": organization} if organization else {}
