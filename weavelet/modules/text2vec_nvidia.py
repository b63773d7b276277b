"""text2vec-nvidia: NVIDIA's `/v1/embeddings`, hosted or in a NIM container of one's own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from weavelet.modules.base import Task
from weavelet.modules.environment import Key
from weavelet.modules.service import Service
from weavelet.modules.texts import setting_text
from weavelet.modules.vectorizer_http import HttpVectorizer, check_choice
from weavelet.schema.collection import Settings


class Text2VecNvidia(HttpVectorizer):
    """The vectorizer named `text2vec-nvidia`."""

    name = "text2vec-nvidia"
    service = Service(
        title="NVIDIA Module",
        documentation="https://docs.api.nvidia.com/nim/reference/retrieval-apis",
        failure="connection to NVIDIA API failed with status: {status} error: {reason}",
        base_url="https://integrate.api.nvidia.com",
        base_url_header="X-Nvidia-Baseurl",
        path="/v1/embeddings",
        key=Key("Nvidia API Key", "X-Nvidia-Api-Key", "NVIDIA_APIKEY"),
        model="nvidia/nv-embed-v1",
    )
    class_defaults: ClassVar[Settings] = {
        "vectorizeClassName": False,
        "model": service.model,
        "truncate": "NONE",
        "baseUrl": service.base_url,
    }
    batch = 10

    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        return {
            "input": list(texts),
            "model": self.model(settings),
            "encoding_format": "float",
            "input_type": task.value,
            "truncate": setting_text(settings, "truncate", "NONE"),
        }

    def check_own(self, settings: Settings) -> None:
        check_choice(settings, "truncate", ("NONE", "START", "END"))
