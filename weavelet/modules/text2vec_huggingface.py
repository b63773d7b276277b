"""text2vec-huggingface: feature extraction by Hugging Face's hosted models, or by an endpoint of one's own.

`endpointURL` is a whole address: an inference endpoint, or TEI's `/embed`. A model that answers with a vector for each
token has their mean taken.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from weavelet.errors import InvalidSchema
from weavelet.modules.base import Task
from weavelet.modules.environment import Key
from weavelet.modules.service import Service
from weavelet.modules.texts import setting_flag, setting_text
from weavelet.modules.vectorizer_http import HttpVectorizer
from weavelet.schema.collection import Settings

_PATH = "pipeline/feature-extraction"


class Text2VecHuggingFace(HttpVectorizer):
    """The vectorizer named `text2vec-huggingface`."""

    name = "text2vec-huggingface"
    service = Service(
        title="Hugging Face Module",
        documentation="https://huggingface.co/docs/api-inference/detailed_parameters#feature-extraction-task",
        failure="connection to HuggingFace failed with status: {status} error: {reason}",
        base_url="https://router.huggingface.co/hf-inference/models",
        base_url_setting="endpointURL",
        path="",
        key=Key("HuggingFace API Key", "X-Huggingface-Api-Key", "HUGGINGFACE_APIKEY"),
        model="sentence-transformers/msmarco-bert-base-dot-v5",
    )
    class_defaults: ClassVar[Settings] = {
        "vectorizeClassName": True,
        "model": service.model,
        "waitForModel": False,
        "useGPU": False,
        "useCache": True,
    }
    batch = 100

    def address(self, base: str, settings: Settings) -> str:
        return f"{base}/{self.model(settings)}/{_PATH}" if base == self.service.base_url else base

    def model(self, settings: Settings) -> str:
        return setting_text(settings, "passageModel") or super().model(settings)

    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        given = settings.get("options")
        options = given if isinstance(given, Mapping) else {}
        return {
            "inputs": list(texts),
            "options": {
                "wait_for_model": setting_flag(options, "waitForModel", False),
                "use_gpu": setting_flag(options, "useGPU", False),
                "use_cache": setting_flag(options, "useCache", True),
            },
        }

    def embeddings(self, reply: Any) -> Sequence[Any]:
        found = reply["embeddings"] if isinstance(reply, Mapping) else reply
        return [np.mean(np.asarray(one, np.float32), axis=0) if _has_tokens(one) else one for one in found]

    def check_own(self, settings: Settings) -> None:
        own = setting_text(settings, "model") not in ("", self.service.model)
        if own and setting_text(settings, "passageModel") and not setting_text(settings, "endpointURL"):
            raise InvalidSchema("only one setting must be set either 'model' or 'passageModel'")


def _has_tokens(embedding: Any) -> bool:
    return isinstance(embedding, list) and bool(embedding) and isinstance(embedding[0], list)
