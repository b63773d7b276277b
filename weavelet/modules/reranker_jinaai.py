"""reranker-jinaai: Jina's `/v1/rerank`, and LocalAI, vLLM or Infinity through `baseURL`."""

from weavelet.modules.environment import Key
from weavelet.modules.reranker_http import ServiceReranker
from weavelet.modules.service import Service


class RerankerJina(ServiceReranker):
    """The reranker named `reranker-jinaai`."""

    name = "reranker-jinaai"
    service = Service(
        title="Reranker - Jinaai",
        documentation="https://jina.ai/reranker",
        failure="connection to Jinaai API failed with status {status}: {reason}",
        base_url="https://api.jina.ai",
        base_url_header="X-Jinaai-Baseurl",
        path="/v1/rerank",
        key=Key("Jinaai API Key", "X-Jinaai-Api-Key", "JINAAI_APIKEY", variable_first=True),
        model="jina-reranker-v2-base-multilingual",
    )
