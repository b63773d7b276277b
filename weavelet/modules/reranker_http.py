"""What rerankers over HTTP share.

Documents go out in chunks, several chunks side by side; a chunk the server finds too large is halved and sent again.
Scores come back in the order of the documents, whatever order the server answers in: `read_scores` understands all the
shapes in use. Every document has exactly one score, or the call fails. A hosted service is its `service` and, where it
wants more than query, documents and model, `further`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Kind
from weavelet.modules.http import Answer, HttpModule, chunks
from weavelet.modules.service import ServiceModule
from weavelet.schema.collection import Settings


class HttpReranker(HttpModule, ABC):
    """A reranker in front of a container or service. Subclasses say how one chunk is asked."""

    kind = Kind.RERANKER
    chunk_size: ClassVar[int] = 32

    def rerank(self, query: str, documents: Sequence[str], settings: Settings, call: Call) -> Sequence[float]:
        if self._lowercase:
            query, documents = query.lower(), [document.lower() for document in documents]
        ask = self.asker(query, settings, call)
        parts = self.side_by_side(lambda part: _halving(ask, part), chunks(documents, self.chunk_size))
        return [score for part in parts for score in part]

    @abstractmethod
    def asker(self, query: str, settings: Settings, call: Call) -> "Asker":
        """How one chunk of documents is scored for this query. Raises `ModuleError` where a key is missing."""

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


class ServiceReranker(HttpReranker, ServiceModule):
    """A hosted reranker as its `service` describes it."""

    chunk_size = 1000

    def further(self, settings: Settings, count: int) -> Mapping[str, Any]:
        """Further fields of a request for so many documents."""
        return {}

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        place = self.place(settings, call)
        body = {"query": query, "model": self.model(settings)}

        def ask(documents: Sequence[str]) -> list[float]:
            sent = {"documents": list(documents), **body, **self.further(settings, len(documents))}
            answer = self.post(place.url, sent, key=place.key)
            if answer.ok:
                return self.scores(answer, len(documents))
            raise refused(answer, self.refusal(answer, place))

        return ask
