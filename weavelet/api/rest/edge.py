"""What happens to every request outside the routes: health, preflight, CORS headers, clean paths, the last net.

An ASGI layer around the application. Whatever no handler foresaw ends here: it is logged with its traceback, and the
caller is told that it was our fault and nothing else.
"""

import logging
import re
import time
from collections.abc import Mapping
from urllib.parse import unquote

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weavelet.api import errors
from weavelet.api.rest.render import answer, empty
from weavelet.settings import Settings

LOG = logging.getLogger("weavelet.rest")

_HEALTH = frozenset({"/v1/.well-known/live", "/v1/.well-known/ready"})
_SLASHES = re.compile("/{2,}")
_ALLOWED_HEADERS = (
    "Content-Type, Authorization, Batch, X-Openai-Api-Key, X-Openai-Organization, X-Openai-Baseurl, "
    "X-Cohere-Api-Key, X-Cohere-Baseurl, X-Huggingface-Api-Key, X-Jinaai-Api-Key, X-Jinaai-Baseurl, "
    "X-Voyageai-Api-Key, X-Voyageai-Baseurl, X-Nvidia-Api-Key, X-Nvidia-Baseurl, X-Weaviate-Client"
)


def cors_headers(settings: Settings) -> Mapping[str, str]:
    """What tells browsers that pages from elsewhere may call us."""
    return {
        "access-control-allow-origin": settings.cors_allow_origin,
        "access-control-allow-methods": settings.cors_allow_methods,
        "access-control-allow-headers": settings.cors_allow_headers or _ALLOWED_HEADERS,
        "vary": "Origin",
    }


class Edge:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = _Sent(send, self._headers)
        started = time.perf_counter()
        await self._answer(scope, receive, sent)
        milliseconds = (time.perf_counter() - started) * 1e3
        LOG.debug("%s %s %s %.1f ms", scope["method"], scope["path"], sent.status, milliseconds)

    async def _answer(self, scope: Scope, receive: Receive, sent: "_Sent") -> None:
        """Answered before anything else is asked, or by a route."""
        if scope["method"] == "OPTIONS" or (scope["method"] == "GET" and scope["path"] in _HEALTH):
            await empty(200)(scope, receive, sent)
            return
        scope["path"] = _clean_path(scope)
        try:
            await self._app(scope, receive, sent)
        except ClientDisconnect:
            LOG.debug("%s %s: the client hung up", scope["method"], scope["path"])
        except Exception:
            LOG.exception("%s %s failed", scope["method"], scope["path"])
            if not sent.status:
                await answer(errors.payload(errors.INTERNAL_ERROR), 500)(scope, receive, sent)


def _clean_path(scope: Scope) -> str:
    """Without slashes too many; one that was written as `%2F` is part of a name."""
    raw: bytes = scope.get("raw_path") or b""
    if b"%2f" in raw.lower():
        return unquote(_SLASHES.sub("/", raw.decode("ascii", "replace")))
    return _SLASHES.sub("/", scope["path"]).rstrip("/") or "/"


class _Sent:
    """`send`, adding headers to the answer's and remembering its status."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        await self._send(message)
