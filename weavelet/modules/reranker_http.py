"""What rerankers over HTTP share, and those hosted ones that differ only in names: Jina, Voyage, Contextual AI.

Documents go out in chunks, several chunks side by side; a chunk the server finds too large is halved and sent again.
Scores come back in the order of the documents, whatever order the server answers in: `read_scores` understands all the
shapes in use. Every document has exactly one score, or the call fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx2

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Kind, ModuleSettings
from weavelet.modules.environment import Key, header
from weavelet.modules.http import Answer, HttpModule, chunks, joined
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings


class HttpReranker(HttpModule):
    """A reranker in front of a container or service. Subclasses say how one chunk is asked."""

    kind = Kind.RERANKER
    chunk_size: ClassVar[int] = 32

    def rerank(self, query: str, documents: Sequence[str], settings: Settings, call: Call) -> Sequence[float]:
        if self._lowercase:
            query, documents = query.lower(), [document.lower() for document in documents]
        ask = self.asker(query, settings, call)
        parts = self.side_by_side(lambda part: _halving(ask, part), chunks(documents, self.chunk_size))
        return [score for part in parts for score in part]

    def asker(self, query: str, settings: Settings, call: Call) -> "Asker":
        """How one chunk of documents is scored for this query. Raises `ModuleError` where a key is missing."""
        raise NotImplementedError

    def scores(self, answer: Answer, count: int) -> list[float]:
        """The scores of a good answer in the order of its `count` documents."""
        try:
            return read_scores(self.parsed(answer, "reranker"), count)
        except ValueError as error:
            raise ModuleError(f"{self.name}: {answer.url}: {error}") from None


class TooLarge(Exception):
    """The server takes fewer documents at a time; never leaves this file."""

    def __init__(self, refusal: ModuleError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


Asker = Callable[[Sequence[str]], list[float]]


def is_too_large(answer: Answer) -> bool:
    """Whether the server may take fewer documents."""
    return answer.status == 413 or (answer.status == 422 and "batch" in answer.reason().lower())


def refused(answer: Answer, error: ModuleError) -> Exception:
    """What to raise for a bad answer: `TooLarge` where fewer documents may pass, else the error."""
    return TooLarge(error) if is_too_large(answer) else error


def read_scores(reply: Any, count: int) -> list[float]:
    """One score per document from a reply in any of the shapes in use.

    `scores` (Weaviate's container) are in the order of the documents; `results` (Jina, Cohere, LocalAI, vLLM), `data`
    (Voyage), `rankings` (NVIDIA) and a bare list (TEI) carry an index. Raises ValueError.
    """
    if isinstance(reply, Mapping) and isinstance(reply.get("scores"), list):
        found = [_number(item.get("score") if isinstance(item, Mapping) else item) for item in reply["scores"]]
        if len(found) != count:
            raise ValueError(f"reranker returned {len(found)} scores for {count} documents")
        return found
    return _placed(_ranked(reply), count)


def _ranked(reply: Any) -> list[Any]:
    if isinstance(reply, list):
        return reply
    if isinstance(reply, Mapping):
        for key in ("results", "data", "rankings"):
            if isinstance(reply.get(key), list):
                return list(reply[key])
    raise ValueError("the reply has no scores")


def _placed(ranked: Sequence[Any], count: int) -> list[float]:
    placed: list[float | None] = [None] * count
    for item in ranked:
        if not isinstance(item, Mapping) or not isinstance(index := item.get("index"), int) or not 0 <= index < count:
            raise ValueError(f"the reply ranks a document that was not sent: {item!r}"[:200])
        score = next((item[key] for key in ("relevance_score", "logit", "score") if key in item), None)
        placed[index] = _number(score)
    found = [score for score in placed if score is not None]
    if len(found) != count:
        raise ValueError(f"reranker returned {len(found)} scores for {count} documents")
    return found


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"the reply has a score that is not a number: {value!r}"[:200])
    return float(value)


def _halving(ask: Asker, documents: Sequence[str]) -> list[float]:
    try:
        return ask(documents)
    except TooLarge as error:
        if len(documents) < 2:
            raise error.refusal from None
        middle = len(documents) // 2
        return _halving(ask, documents[:middle]) + _halving(ask, documents[middle:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A hosted reranker: where it is, how it is asked, and what it calls itself."""

    name: str
    title: str
    label: str
    """How the service is named in errors."""
    documentation: str
    base_url: str
    path: str
    key: Key
    base_url_header: str
    model: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of every request."""
    options: Callable[[Settings, int], Mapping[str, Any]] = lambda settings, count: {}
    """Further fields from the collection's settings, given the number of documents."""


class ServiceReranker(HttpReranker):
    """A hosted reranker as its `service` describes it.

    Every one of them may be pointed at another server of the same shape, by the setting `baseURL` or by a header; a
    server other than the service's own may do without a key.
    """

    chunk_size = 1000
    service: ClassVar[Service]

    def __init__(self, settings: ModuleSettings, *, transport: httpx2.BaseTransport | None = None) -> None:
        super().__init__(settings, transport=transport)

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        service = self.service
        given = header(call, service.base_url_header) or setting_text(settings, "baseURL")
        base = self.checked_base(given or service.base_url)
        hosted = base == service.base_url
        find = service.key.require if hosted else service.key.find
        key = find(call, self._environment)
        body = {"query": query, "model": setting_text(settings, "model", service.model), **service.extra}

        def ask(documents: Sequence[str]) -> list[float]:
            sent = {"documents": list(documents), **body, **service.options(settings, len(documents))}
            answer = self.post(joined(base, service.path), sent, key=key)
            if answer.ok:
                return self.scores(answer, len(documents))
            reason = answer.reason()
            text = f"connection to {service.label} API failed with status {answer.status}"
            raise refused(answer, ModuleError(f"{text}: {reason}" if reason else text))

        return ask

    def meta(self) -> Mapping[str, Any]:
        return {"name": self.service.title, "documentationHref": self.service.documentation}


class RerankerJina(ServiceReranker):
    """Jina, and LocalAI, vLLM or Infinity through `baseURL`."""

    name = "reranker-jinaai"
    service = Service(
        name=name,
        title="Reranker - Jinaai",
        label="Jinaai",
        documentation="https://jina.ai/reranker",
        base_url="https://api.jina.ai",
        path="/v1/rerank",
        key=Key("Jinaai API Key", "X-Jinaai-Api-Key", "JINAAI_APIKEY", variable_first=True),
        base_url_header="X-Jinaai-Baseurl",
        model="jina-reranker-v2-base-multilingual",
    )


class RerankerVoyage(ServiceReranker):
    """Voyage AI."""

    name = "reranker-voyageai"
    service = Service(
        name=name,
        title="Reranker - VoyageAI",
        label="VoyageAI",
        documentation="https://docs.voyageai.com/reference/reranker-api",
        base_url="https://api.voyageai.com",
        path="/v1/rerank",
        key=Key("VoyageAI API Key", "X-Voyageai-Api-Key", "VOYAGEAI_APIKEY", variable_first=True),
        base_url_header="X-Voyageai-Baseurl",
        model="rerank-lite-1",
        extra={"return_documents": False, "truncation": False},
    )


def _contextual_options(settings: Settings, count: int) -> Mapping[str, Any]:
    """`topN` is not sent on: a shorter ranking would leave documents without a score."""
    instruction = setting_text(settings, "instruction")
    return {"metadata": [""] * count, **({"instruction": instruction} if instruction else {})}


class RerankerContextual(ServiceReranker):
    """Contextual AI."""

    name = "reranker-contextualai"
    service = Service(
        name=name,
        title="Reranker - Contextual AI",
        label="Contextual AI",
        documentation="https://docs.contextual.ai/api-reference/rerank/rerank",
        base_url="https://api.contextual.ai",
        path="/v1/rerank",
        key=Key("Contextual AI API Key", "X-ContextualAI-Api-Key", "CONTEXTUALAI_APIKEY"),
        base_url_header="X-Contextualai-Baseurl",
        model="ctxl-rerank-v2-instruct-multilingual",
        options=_contextual_options,
    )
