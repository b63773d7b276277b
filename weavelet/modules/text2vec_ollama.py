"""text2vec-ollama: an Ollama server's `/api/embed`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from weavelet.modules.base import Task
from weavelet.modules.service import Service
from weavelet.modules.vectorizer_http import HttpVectorizer
from weavelet.schema.collection import Settings


class Text2VecOllama(HttpVectorizer):
    """The vectorizer named `text2vec-ollama`."""

    name = "text2vec-ollama"
    service = Service(
        title="Ollama Module",
        documentation="https://github.com/ollama/ollama/blob/main/docs/api.md#generate-embeddings",
        failure="connection to Ollama API failed with status: {status} error: {reason}",
        base_url="http://localhost:11434",
        base_url_setting="apiEndpoint",
        base_url_header="X-Ollama-BaseURL",
        path="/api/embed",
        model="nomic-embed-text",
    )
    class_defaults: ClassVar[Settings] = {
        "vectorizeClassName": False,
        "apiEndpoint": service.base_url,
        "model": service.model,
    }
    batch = 10

    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        return {"model": self.model(settings), "input": list(texts)}

    def embeddings(self, reply: Any) -> Sequence[Any]:
        found: list[Any] = reply["embeddings"]
        return found
