"""text2vec-jinaai: Jina's `/v1/embeddings`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from weavelet.modules.base import Task
from weavelet.modules.environment import Key
from weavelet.modules.service import Service
from weavelet.modules.texts import setting_int
from weavelet.modules.vectorizer_http import HttpVectorizer
from weavelet.schema.collection import Settings


class Text2VecJina(HttpVectorizer):
    """The vectorizer named `text2vec-jinaai`."""

    name = "text2vec-jinaai"
    service = Service(
        title="JinaAI Module",
        documentation="https://jina.ai/embeddings/",
        failure="connection to: JinaAI API failed with status: {status} error: {reason}",
        base_url="https://api.jina.ai",
        base_url_header="X-Jinaai-Baseurl",
        path="/v1/embeddings",
        key=Key("API Key", "X-Jinaai-Api-Key", "JINAAI_APIKEY"),
        model="jina-embeddings-v4",
    )
    class_defaults: ClassVar[Settings] = {
        "vectorizeClassName": False,
        "baseURL": service.base_url,
        "model": service.model,
    }
    batch = 512

    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        model, dimensions = self.model(settings), setting_int(settings, "dimensions")
        body: dict[str, Any] = {"input": list(texts), "model": model, "embedding_type": "float"}
        if "v3" in model or "clip" in model:
            body |= {"normalized": False, "task": f"retrieval.{task.value}"}
        if dimensions is not None:
            body["dimensions"] = dimensions
        return body
