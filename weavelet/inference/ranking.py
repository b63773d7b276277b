"""The routes that score documents, in the shapes of the servers people know.

`/rerank` answers as Weaviate's container does (documents in order; or one as `property`), as TEI where the body has
`texts`, and as Jina where it has a model, `top_n` or `return_documents`. `/v1/rerank` is Jina's and LocalAI's,
`/v2/rerank` Cohere's, `/v1/ranking` that of an NVIDIA container. Scores are the model's own.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from weavelet.errors import InvalidInput
from weavelet.inference.service import Ranker, Service
from weavelet.inference.wire import Body, body_of, read, reply


class Text(Body):
    text: str


class RerankRequest(Body):
    """All shapes of `/rerank` and `/v1/rerank` in one."""

    query: str
    documents: list[str | Text] | None = None
    single: str | None = Field(default=None, alias="property")
    texts: list[str] | None = None
    model: str | None = None
    top_n: int | None = None
    return_documents: bool | None = None
    return_text: bool = False
    raw_scores: bool = False

    @property
    def document_texts(self) -> list[str]:
        return [document if isinstance(document, str) else document.text for document in self.documents or ()]

    @property
    def is_jina(self) -> bool:
        return self.top_n is not None or self.return_documents is not None or bool(self.model)


class CohereRequest(Body):
    query: str
    documents: list[str | Text]
    model: str | None = None
    top_n: int | None = None

    @property
    def document_texts(self) -> list[str]:
        return [document if isinstance(document, str) else document.text for document in self.documents]


class RankingRequest(Body):
    query: Text
    passages: list[Text] = Field(min_length=1)
    model: str | None = None
    truncate: str | None = None


def routes(service: Service) -> APIRouter:
    """The routes, served by these models."""
    router = APIRouter()

    @router.post("/rerank", openapi_extra=body_of(RerankRequest))
    async def rerank(request: Request) -> Response:
        """Scores of documents: Weaviate's reranker-transformers, text-embeddings-inference, or Jina's."""
        asked = await read(request, RerankRequest)
        if asked.texts is not None:
            return await _tei(service, asked, asked.texts)
        if asked.documents is not None and asked.is_jina:
            return await _jina(service, asked)
        return await _weaviate(service, asked)

    @router.post("/v1/rerank", openapi_extra=body_of(RerankRequest))
    async def jina(request: Request) -> Response:
        """Documents by score: Jina's, LocalAI's and Cohere's first."""
        return await _jina(service, await read(request, RerankRequest))

    @router.post("/v2/rerank", openapi_extra=body_of(CohereRequest))
    async def cohere(request: Request) -> Response:
        """Documents by score: Cohere's second."""
        asked = await read(request, CohereRequest)
        ranker = await service.ranker(asked.model)
        ranked = await _ranked(ranker, asked.query, asked.document_texts, asked.top_n)
        results = [{"index": index, "relevance_score": score} for index, score in ranked]
        meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
        return reply({"id": str(uuid4()), "results": results, "meta": meta})

    @router.post("/v1/ranking", openapi_extra=body_of(RankingRequest))
    @router.post("/v1/retrieval/nvidia/reranking", include_in_schema=False)
    @router.post("/v1/retrieval/nvidia/{model}/reranking", include_in_schema=False)
    async def ranking(request: Request) -> Response:
        """Passages by score: NVIDIA NIM's."""
        asked = await read(request, RankingRequest)
        ranker = await service.ranker(asked.model)
        ranked = await _ranked(ranker, asked.query.text, [passage.text for passage in asked.passages], None)
        return reply({"rankings": [{"index": index, "logit": score} for index, score in ranked]})

    return router


async def _weaviate(service: Service, asked: RerankRequest) -> Response:
    """Scores in the order of the documents; or the score of the one document in `property`."""
    ranker = await service.ranker(asked.model)
    if asked.documents is None:
        if asked.single is None:
            raise InvalidInput("documents: Field required")
        [score] = await ranker.scores(asked.query, [asked.single])
        return reply({"query": asked.query, "property": asked.single, "score": score, "scores": None})
    texts = asked.document_texts
    found = zip(texts, await ranker.scores(asked.query, texts), strict=True)
    scores = [{"document": document, "score": score} for document, score in found]
    return reply({"query": asked.query, "scores": scores, "property": None, "score": None})


async def _tei(service: Service, asked: RerankRequest, texts: Sequence[str]) -> Response:
    ranker = await service.ranker(asked.model)
    ranked = await _ranked(ranker, asked.query, texts, None)
    results = []
    for index, score in ranked:
        result: dict[str, Any] = {"index": index, "score": score if asked.raw_scores else ranker.probability(score)}
        results.append({**result, "text": texts[index]} if asked.return_text else result)
    return reply(results)


async def _jina(service: Service, asked: RerankRequest) -> Response:
    if asked.documents is None:
        raise InvalidInput("documents: Field required")
    ranker = await service.ranker(asked.model)
    texts = asked.document_texts
    shown = asked.return_documents is not False
    results = []
    for index, score in await _ranked(ranker, asked.query, texts, asked.top_n):
        result: dict[str, Any] = {"index": index, "relevance_score": score}
        results.append({**result, "document": {"text": texts[index]}} if shown else result)
    words = len(asked.query.split())
    usage = {"total_tokens": words + sum(len(text.split()) for text in texts), "prompt_tokens": words}
    return reply({"model": asked.model or ranker.model.name, "object": "list", "usage": usage, "results": results})


async def _ranked(ranker: Ranker, query: str, texts: Sequence[str], top: int | None) -> list[tuple[int, float]]:
    """The places of the texts and their scores, best first; equal scores keep their order."""
    if top is not None and top < 1:
        raise InvalidInput("top_n - should be greater than or equal to 1")
    scores = await ranker.scores(query, texts)
    return sorted(enumerate(scores), key=lambda ranked: -ranked[1])[:top]
