"""reranker-contextualai: Contextual AI's `/v1/rerank`.

The setting `topN` is not sent on: a shorter ranking would leave documents without a score.
"""

from collections.abc import Mapping
from typing import Any

from weavelet.modules.environment import Key
from weavelet.modules.reranker_http import ServiceReranker
from weavelet.modules.service import Service
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings


class RerankerContextual(ServiceReranker):
    """The reranker named `reranker-contextualai`."""

    name = "reranker-contextualai"
    service = Service(
        title="Reranker - Contextual AI",
        documentation="https://docs.contextual.ai/api-reference/rerank/rerank",
        failure="connection to Contextual AI API failed with status {status}: {reason}",
        base_url="https://api.contextual.ai",
        base_url_header="X-Contextualai-Baseurl",
        path="/v1/rerank",
        key=Key("Contextual AI API Key", "X-ContextualAI-Api-Key", "CONTEXTUALAI_APIKEY"),
        model="ctxl-rerank-v2-instruct-multilingual",
    )

    def further(self, settings: Settings, count: int) -> Mapping[str, Any]:
        instruction = setting_text(settings, "instruction")
        return {"metadata": [""] * count, **({"instruction": instruction} if instruction else {})}
