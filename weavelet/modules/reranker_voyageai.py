"""reranker-voyageai: Voyage AI's `/v1/rerank`."""

from collections.abc import Mapping
from typing import Any

from weavelet.modules.environment import Key
from weavelet.modules.reranker_http import ServiceReranker
from weavelet.modules.service import Service
from weavelet.schema.collection import Settings


class RerankerVoyage(ServiceReranker):
    """The reranker named `reranker-voyageai`."""

    name = "reranker-voyageai"
    service = Service(
        title="Reranker - VoyageAI",
        documentation="https://docs.voyageai.com/reference/reranker-api",
        failure="connection to VoyageAI API failed with status {status}: {reason}",
        base_url="https://api.voyageai.com",
        base_url_header="X-Voyageai-Baseurl",
        path="/v1/rerank",
        key=Key("VoyageAI API Key", "X-Voyageai-Api-Key", "VOYAGEAI_APIKEY", variable_first=True),
        model="rerank-lite-1",
    )

    def further(self, settings: Settings, count: int) -> Mapping[str, Any]:
        return {"return_documents": False, "truncation": False}
