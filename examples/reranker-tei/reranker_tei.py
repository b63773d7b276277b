"""reranker-tei: Text Embeddings Inference as a reranker.

The server is at RERANKER_TEI_URL, or where a collection says: {"reranker-tei": {"url": "http://localhost:8080"}}.
"""

from weavelet.modules.base import Call
from weavelet.modules.http import failure, joined
from weavelet.modules.reranker_http import Asker, HttpReranker, refused
from weavelet.schema.collection import Settings


class RerankerTei(HttpReranker):
    """Documents go out 32 at a time, side by side; what the server finds too much is sent in halves."""

    name = "reranker-tei"

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        base = self.checked_base(settings["url"]) if "url" in settings else self.environment.get("RERANKER_TEI_URL", "")

        def ask(documents: list[str]) -> list[float]:
            answer = self.post(joined(base, "/rerank"), {"query": query, "texts": documents, "truncate": True})
            if not answer.ok:
                raise refused(answer, failure(answer))
            return self.scores(answer, len(documents))

        return ask

    def meta(self) -> dict[str, str]:
        return {"name": "Reranker - Text Embeddings Inference"}
