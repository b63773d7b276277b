"""The shapes in which reranking servers are asked, and finding out which of them a server understands.

A `StyledReranker` asks in the style it was told, else in the one that the end of the URL tells, else the way Weaviate
asks its own container; where a server does not understand that, the others are tried, and what a server spoke is
remembered.
"""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, assert_never
from urllib.parse import urlsplit

import httpx2

from weavelet.modules.base import ModuleSettings
from weavelet.modules.http import Answer, failure, joined
from weavelet.modules.reranker_http import Asker, HttpReranker, is_too_large, refused

_ROUTES = re.compile(r"/(v1/|v2/)?(rerank|ranking)$|/v1/retrieval/.*reranking$")
_NO_SUCH_ROUTE = frozenset({404, 405})
_NOT_UNDERSTOOD = frozenset({400, 415, 422})

AUTO = "auto"
KEY_HEADER = "X-Reranker-Api-Key"
"""The request header whose key goes to the server that is asked, whichever that is."""


class Style(StrEnum):
    """The shape of a request for scores."""

    WEAVIATE = "weaviate"
    JINA = "jina"
    COHERE = "cohere"
    TEI = "tei"
    NIM = "nim"


STYLES = (AUTO, *Style)
"""What may be said where a style can be chosen."""


class StyledReranker(HttpReranker):
    """A reranker in front of servers of any make."""

    def __init__(self, settings: ModuleSettings, *, embedded: httpx2.BaseTransport | None = None) -> None:
        super().__init__(settings, embedded=embedded)
        self._learned: dict[str, Style] = {}

    def styled(self, url: str, query: str, model: str, key: str | None, told: Style | None) -> Asker:
        """Asks the server at `url`, which is its base or the whole address."""

        def ask_as(style: Style, documents: Sequence[str]) -> Answer:
            path, body = request(style, query, documents, model)
            return self.post(url if _ROUTES.search(url) else joined(url, path), body, key=key)

        def ask(documents: Sequence[str]) -> list[float]:
            style = told or _style_of(url)
            if style is not None:
                answer = ask_as(style, documents)
            else:
                answer = self._in_any_style(url, lambda style: ask_as(style, documents))
            if answer.ok:
                return self.scores(answer, len(documents))
            raise refused(answer, failure(answer))

        return ask

    def _in_any_style(self, url: str, ask: Callable[[Style], Answer]) -> Answer:
        """In the style the server spoke before; in whichever it understands where that is not known or no longer so."""
        learned = self._learned.get(url)
        if learned is not None and _is_understood(answer := ask(learned)):
            return answer
        return self._found_out(url, ask)

    def _found_out(self, url: str, ask: Callable[[Style], Answer]) -> Answer:
        """The first good answer, whose style is remembered; else the answer to Weaviate's own."""
        first = ask(Style.WEAVIATE)
        for style in _others(first):
            answer = ask(style)
            if answer.ok or is_too_large(answer):
                self._learned[url] = style
                return answer
        if first.ok:
            self._learned[url] = Style.WEAVIATE
        return first


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


def style_named(text: str) -> Style | None:
    """The style of that name; None for `auto`. Raises ValueError naming what is allowed."""
    if text.lower() == AUTO:
        return None
    try:
        return Style(text.lower())
    except ValueError:
        raise ValueError(f"must be one of {', '.join(STYLES)}, got {text!r}") from None


def origin(url: str) -> str:
    """The server's address without the route it may end with."""
    return _ROUTES.sub("", url.rstrip("/"))


def _style_of(url: str) -> Style | None:
    """The style that the end of a full URL tells."""
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/v1/rerank"):
        return Style.JINA
    if path.endswith("/v2/rerank"):
        return Style.COHERE
    return Style.NIM if path.endswith(("/ranking", "/reranking")) else None


def _is_understood(answer: Answer) -> bool:
    return answer.status not in _NO_SUCH_ROUTE | _NOT_UNDERSTOOD or is_too_large(answer)


def _others(first: Answer) -> tuple[Style, ...]:
    """The styles to try after a server did not understand Weaviate's."""
    if first.status in _NO_SUCH_ROUTE:
        return (Style.JINA, Style.COHERE, Style.NIM)
    if first.status in _NOT_UNDERSTOOD:
        return (Style.TEI,) if "texts" in first.reason() else (Style.JINA,) if "model" in first.reason() else ()
    return ()
