"""reranker-transformers: a reranker container at RERANKER_INFERENCE_API, or our own server in this process.

The container is asked the way Weaviate asks its own, 32 documents at a time. Others serve as well: RERANKER_API_STYLE
names the shape (`weaviate`, `jina`, `cohere`, `tei`, `nim`), and `auto`, the default, finds it out. A collection may
have its own `inferenceUrl` and `model`; RERANKER_MODEL holds for all others. RERANKER_API_KEY goes to the container
of RERANKER_INFERENCE_API only, the header `X-Reranker-Api-Key` to whichever is asked.
"""

from collections.abc import Mapping
from typing import Any

import httpx2

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, ModuleSettings
from weavelet.modules.environment import header, truthy
from weavelet.modules.http import EMBEDDED, joined
from weavelet.modules.readiness import Readiness
from weavelet.modules.reranker_http import Asker
from weavelet.modules.reranker_styles import AUTO, KEY_HEADER, Style, StyledReranker, origin, style_named
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings

_VARIABLE = "RERANKER_INFERENCE_API"
_STYLE = "RERANKER_API_STYLE"


class RerankerTransformers(StyledReranker):
    """The reranker named `reranker-transformers`."""

    name = "reranker-transformers"

    def __init__(self, settings: ModuleSettings) -> None:
        environment = settings.environment
        configured = environment.get(_VARIABLE) or ""
        self._told = _style(environment.get(_STYLE) or AUTO)
        embedded = settings.transport() if not configured and settings.transport is not None else None
        super().__init__(settings, embedded=embedded)
        self._url = EMBEDDED if embedded is not None else configured
        self._model = environment.get("RERANKER_MODEL", "") if embedded is None else ""
        self._key = environment.get("RERANKER_API_KEY") or None
        self._readiness = self._watch(embedded)

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        own = setting_text(settings, "inferenceUrl")
        url = self.checked_base(own) if own else self._required()
        if not own and self._readiness is not None:
            self._readiness.require()
        model = setting_text(settings, "model", self._model)
        key = header(call, KEY_HEADER) or (None if own else self._key)
        return self.styled(url, query, model, key, self._told)

    def meta(self) -> Mapping[str, Any]:
        return self.fetch_meta(joined(origin(self._required()), "/meta"), key=self._key)

    def state(self) -> str:
        """`ready`, or what the container is doing instead."""
        return "ready" if self._readiness is None else self._readiness.state

    def close(self) -> None:
        if self._readiness is not None:
            self._readiness.close()
        super().close()

    def _watch(self, embedded: httpx2.BaseTransport | None) -> Readiness | None:
        wait = truthy(self.environment.get("RERANKER_WAIT_FOR_STARTUP", "true"))
        if not self._url or not wait:
            return None
        return self.watched({"": origin(self._url)}, embedded is not None)

    def _required(self) -> str:
        if not self._url:
            raise ModuleError(f"required variable {_VARIABLE} is not set")
        return self._url


def _style(text: str) -> Style | None:
    try:
        return style_named(text)
    except ValueError as error:
        raise ModuleError(f"{_STYLE} {error}") from None
