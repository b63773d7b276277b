"""text2vec-cohere: Cohere's `/v2/embed`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from weavelet.modules.base import Task
from weavelet.modules.environment import Key
from weavelet.modules.service import Service
from weavelet.modules.texts import setting_int, setting_text
from weavelet.modules.vectorizer_http import HttpVectorizer, check_choice
from weavelet.schema.collection import Settings

_INPUT_TYPES = {Task.PASSAGE: "search_document", Task.QUERY: "search_query"}


class Text2VecCohere(HttpVectorizer):
    """The vectorizer named `text2vec-cohere`."""

    name = "text2vec-cohere"
    service = Service(
        title="Cohere Module",
        documentation="https://docs.cohere.ai/embedding-wiki/",
        failure="connection to Cohere failed with status: {status} error: {reason}",
        base_url="https://api.cohere.ai",
        base_url_header="X-Cohere-Baseurl",
        path="/v2/embed",
        key=Key("Cohere API Key", "X-Cohere-Api-Key", "COHERE_APIKEY"),
        model="embed-multilingual-v3.0",
    )
    class_defaults: ClassVar[Settings] = {
        "vectorizeClassName": True,
        "model": service.model,
        "truncate": "END",
        "baseUrl": service.base_url,
    }
    batch = 96

    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        dimensions = setting_int(settings, "dimensions")
        return {
            "texts": list(texts),
            "model": self.model(settings),
            "input_type": _INPUT_TYPES[task],
            "embedding_types": ["float"],
            "truncate": setting_text(settings, "truncate", "END"),
            **({} if dimensions is None else {"output_dimension": dimensions}),
        }

    def embeddings(self, reply: Any) -> Sequence[Any]:
        found: list[Any] = reply["embeddings"]["float"]
        return found

    def check_own(self, settings: Settings) -> None:
        check_choice(settings, "truncate", ("NONE", "START", "END", "LEFT", "RIGHT"))
