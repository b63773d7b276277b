"""reranker-transformers: a reranker container at RERANKER_INFERENCE_API, or our own server in this process.

The container is asked the way Weaviate asks its own, 32 documents at a time. Others serve as well: RERANKER_API_STYLE
names the shape (`weaviate`, `jina`, `cohere`, `tei`, `nim`), and `auto`, the default, goes by the end of the URL and
by what the server does not understand. A collection may have its own `inferenceUrl` and `model`; RERANKER_MODEL and
RERANKER_API_KEY hold for all others.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, assert_never
from urllib.parse import urlsplit

import httpx2

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, ModuleSettings
from weavelet.modules.environment import truthy
from weavelet.modules.http import Answer, joined
from weavelet.modules.readiness import Readiness
from weavelet.modules.reranker_http import Asker, HttpReranker, is_too_large, refused
from weavelet.modules.text2vec_transformers import EMBEDDED
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings

_VARIABLE = "RERANKER_INFERENCE_API"
_ROUTES = re.compile(r"/(v1/|v2/)?(rerank|ranking)$|/v1/retrieval/.*reranking$")
_NO_SUCH_ROUTE = frozenset({404, 405})
_NOT_UNDERSTOOD = frozenset({400, 415, 422})


class Style(StrEnum):
    """The shape of a reranker's requests. The values are those of RERANKER_API_STYLE."""

    WEAVIATE = "weaviate"
    JINA = "jina"
    COHERE = "cohere"
    TEI = "tei"
    NIM = "nim"


class RerankerTransformers(HttpReranker):
    """The reranker named `reranker-transformers`."""

    name = "reranker-transformers"

    def __init__(self, settings: ModuleSettings) -> None:
        environment = settings.environment
        configured = environment.get(_VARIABLE) or ""
        embedded = settings.transport() if not configured and settings.transport is not None else None
        super().__init__(settings, transport=embedded)
        self._url = EMBEDDED if embedded is not None else configured
        self._told = _style_named(environment.get("RERANKER_API_STYLE") or "auto")
        self._model = environment.get("RERANKER_MODEL", "") if embedded is None else ""
        self._key = environment.get("RERANKER_API_KEY") or None
        self._learned: dict[str, Style] = {}
        self._readiness = self._watch(embedded)

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        own = setting_text(settings, "inferenceUrl")
        url = self.checked_base(own) if own else self._required()
        if not own and self._readiness is not None:
            self._readiness.require()
        model = setting_text(settings, "model", self._model)

        def ask(documents: Sequence[str]) -> list[float]:
            answer = self._answer(url, query, documents, model)
            if answer.ok:
                return self.scores(answer, len(documents))
            reason = answer.reason()
            text = f"fail with status {answer.status}"
            raise refused(answer, ModuleError(f"{text}: {reason}" if reason else text))

        return ask

    def meta(self) -> Mapping[str, Any]:
        return self.fetch_meta(joined(_origin(self._required()), "/meta"), key=self._key)

    def state(self) -> str:
        """`ready`, or what the container is doing instead."""
        return "ready" if self._readiness is None else self._readiness.state

    def close(self) -> None:
        if self._readiness is not None:
            self._readiness.close()
        super().close()

    def _watch(self, embedded: httpx2.BaseTransport | None) -> Readiness | None:
        wait = truthy(self._environment.get("RERANKER_WAIT_FOR_STARTUP", "true"))
        if not self._url or not wait:
            return None
        return self.watched({"": _origin(self._url)}, embedded is not None)

    def _required(self) -> str:
        if not self._url:
            raise ModuleError(f"required variable {_VARIABLE} is not set")
        return self._url

    def _answer(self, url: str, query: str, documents: Sequence[str], model: str) -> Answer:
        """The answer in the server's own style, which is learned from the first good one."""
        style = self._told or _style_of(url) or self._learned.get(url)
        if style is not None:
            return self._ask(style, url, query, documents, model)
        first = answer = self._ask(Style.WEAVIATE, url, query, documents, model)
        for style in _others(first):
            answer = self._ask(style, url, query, documents, model)
            if answer.ok or is_too_large(answer):
                self._learned[url] = style
                return answer
        if first.ok:
            self._learned[url] = Style.WEAVIATE
        return first

    def _ask(self, style: Style, url: str, query: str, documents: Sequence[str], model: str) -> Answer:
        path, body = request(style, query, documents, model)
        return self.post(url if _ROUTES.search(url) else joined(url, path), body, key=self._key)


def request(style: Style, query: str, documents: Sequence[str], model: str) -> tuple[str, dict[str, Any]]:
    """The path and the body that ask for scores in a style."""
    texts = list(documents)
    named = {"model": model} if model else {}
    match style:
        case Style.WEAVIATE:
            return "/rerank", {"query": query, "documents": texts, "property": "", **named}
        case Style.JINA:
            return "/v1/rerank", {**named, "query": query, "documents": texts, "return_documents": False}
        case Style.COHERE:
            return "/v2/rerank", {**named, "query": query, "documents": texts}
        case Style.TEI:
            return "/rerank", {"query": query, "texts": texts, "raw_scores": True, "truncate": True}
        case Style.NIM:
            passages = [{"text": text} for text in texts]
            return "/v1/ranking", {**named, "query": {"text": query}, "passages": passages, "truncate": "END"}
    assert_never(style)


def _style_named(text: str) -> Style | None:
    """The style a variable names; None for `auto`."""
    if text == "auto":
        return None
    try:
        return Style(text.lower())
    except ValueError:
        allowed = ", ".join(["auto", *Style])
        raise ModuleError(f"RERANKER_API_STYLE must be one of {allowed}, got {text!r}") from None


def _style_of(url: str) -> Style | None:
    """The style that the end of a full URL tells."""
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/v1/rerank"):
        return Style.JINA
    if path.endswith("/v2/rerank"):
        return Style.COHERE
    return Style.NIM if path.endswith(("/ranking", "/reranking")) else None


def _others(first: Answer) -> tuple[Style, ...]:
    """The styles to try after a server did not understand Weaviate's."""
    if first.status in _NO_SUCH_ROUTE:
        return (Style.JINA, Style.COHERE, Style.NIM)
    if first.status in _NOT_UNDERSTOOD:
        return (Style.TEI,) if "texts" in first.reason() else (Style.JINA,) if "model" in first.reason() else ()
    return ()


def _origin(url: str) -> str:
    """The server's address without the route it may end with."""
    return _ROUTES.sub("", url.rstrip("/"))
