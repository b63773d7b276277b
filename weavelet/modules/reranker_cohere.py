"""reranker-cohere: Cohere's `/v2/rerank`, and vLLM, LiteLLM or Infinity, which answer in the same shape.

They are reached by the setting `baseURL` or the header `X-Cohere-Baseurl`; a trailing slash does no harm.
"""

from weavelet.modules.environment import Key
from weavelet.modules.reranker_http import Service, ServiceReranker


class RerankerCohere(ServiceReranker):
    """The reranker named `reranker-cohere`."""

    name = "reranker-cohere"
    service = Service(
        name=name,
        title="Reranker - Cohere",
        label="Cohere",
        documentation="https://txt.cohere.com/rerank/",
        base_url="https://api.cohere.ai",
        path="/v2/rerank",
        key=Key("Cohere API Key", "X-Cohere-Api-Key", "COHERE_APIKEY"),
        base_url_header="X-Cohere-Baseurl",
        model="rerank-v3.5",
        extra={"return_documents": False},
    )
