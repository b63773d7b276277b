"""reranker-cohere: Cohere's `/v2/rerank`, and vLLM, LiteLLM or Infinity, which answer in the same shape.

They are reached by the setting `baseURL` or the header `X-Cohere-Baseurl`; a trailing slash does no harm.
"""

from collections.abc import Mapping
from typing import Any

from weavelet.modules.environment import Key
from weavelet.modules.reranker_http import ServiceReranker
from weavelet.modules.service import Service
from weavelet.schema.collection import Settings


class RerankerCohere(ServiceReranker):
    """The reranker named `reranker-cohere`."""

    name = "reranker-cohere"
    service = Service(
        title="Reranker - Cohere",
        documentation="https://txt.cohere.com/rerank/",
        failure="connection to Cohere API failed with status {status}: {reason}",
        base_url="https://api.cohere.ai",
        base_url_header="X-Cohere-Baseurl",
        path="/v2/rerank",
        key=Key("Cohere API Key", "X-Cohere-Api-Key", "COHERE_APIKEY"),
        model="rerank-v3.5",
    )

    def further(self, settings: Settings, count: int) -> Mapping[str, Any]:
        return {"return_documents": False}
