"""text2vec-openai: `/v1/embeddings`, at OpenAI or at any server of that shape.

LocalAI, vLLM, Ollama, TEI and Infinity all speak it: the setting `baseURL` or the header `X-Openai-Baseurl` points
there, and only OpenAI itself insists on a key. Texts go out in batches, several side by side.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from weavelet.errors import ModuleError, ModuleTimeout
from weavelet.modules.base import Call, Kind, ModuleSettings, Task
from weavelet.modules.cache import RecentVectors
from weavelet.modules.environment import Key, header
from weavelet.modules.http import Answer, HttpModule, chunks, joined
from weavelet.modules.texts import (
    PROPERTY_DEFAULTS,
    check_sources,
    check_vectorizable,
    setting_int,
    setting_text,
)
from weavelet.schema.collection import Collection, Settings, VectorConfig
from weavelet.schema.objects import Vector

_BASE_URL = "https://api.openai.com"
_MODEL = "text-embedding-3-small"
_CLASS_DEFAULTS: Settings = {"vectorizeClassName": True, "baseURL": _BASE_URL, "model": _MODEL}
_PATH = "/v1/embeddings"
_KEY = Key("API Key", "X-Openai-Api-Key", "OPENAI_APIKEY")
_BATCH = 128


class Text2VecOpenAI(HttpModule):
    """The vectorizer named `text2vec-openai`."""

    name = "text2vec-openai"
    kind = Kind.VECTORIZER
    class_defaults = _CLASS_DEFAULTS
    property_defaults = PROPERTY_DEFAULTS

    def __init__(self, settings: ModuleSettings) -> None:
        super().__init__(settings)
        self._auto_schema = settings.auto_schema
        self._recent = RecentVectors()

    def check(self, collection: Collection, vector: VectorConfig) -> None:
        check_sources(vector.settings)
        check_vectorizable(collection, vector, self._auto_schema)

    def vectorize(
        self, texts: Sequence[str], task: Task, settings: Settings, call: Call
    ) -> Sequence[Vector | ModuleError]:
        if self._lowercase:
            texts = [text.lower() for text in texts]
        try:
            request = _Request(self, settings, call, self._environment, task)
        except ModuleError as error:
            return [error] * len(texts)
        distinct = list(dict.fromkeys(texts))
        parts = self.side_by_side(request.vectors, chunks(distinct, _BATCH))
        found = dict(zip(distinct, (vector for part in parts for vector in part), strict=True))
        return [found[text] for text in texts]

    def meta(self) -> Mapping[str, Any]:
        return {
            "name": "OpenAI Module",
            "documentationHref": "https://platform.openai.com/docs/guides/embeddings/what-are-embeddings",
        }

    @property
    def recent(self) -> RecentVectors:
        """The vectors of recent queries."""
        return self._recent


class _Request:
    """What one call's batches have in common."""

    def __init__(
        self, module: Text2VecOpenAI, settings: Settings, call: Call, environment: Mapping[str, str], task: Task
    ) -> None:
        base = module.checked_base(
            header(call, "X-Openai-Baseurl") or setting_text(settings, "baseURL", _BASE_URL)
        ).removesuffix("/v1")
        find = _KEY.require if base == _BASE_URL else _KEY.find
        self._module = module
        self._url = joined(base, _PATH)
        self._key = find(call, environment)
        self._headers = _headers(call, environment)
        self._fields = _fields(settings)
        self._remember = task is Task.QUERY
        self._timeout: ModuleTimeout | None = None

    def vectors(self, texts: Sequence[str]) -> Sequence[Vector | ModuleError]:
        """One batch; its error stands for each of its texts, and after a time-out for those of later batches."""
        if self._timeout is not None:
            return [self._timeout] * len(texts)
        try:
            return self._remembered(texts[0]) if self._remember and len(texts) == 1 else self._asked(texts)
        except ModuleTimeout as error:
            self._timeout = error
            return [error] * len(texts)
        except ModuleError as error:
            return [error] * len(texts)

    def _remembered(self, text: str) -> Sequence[Vector]:
        key = (self._url, text, *map(str, self._fields.values()))
        if (kept := self._module.recent.get(key)) is not None:
            return [kept]
        [vector] = self._asked([text])
        self._module.recent.put(key, vector)
        return [vector]

    def _asked(self, texts: Sequence[str]) -> Sequence[Vector]:
        body = {"input": list(texts), "encoding_format": "float", **self._fields}
        answer = self._module.post(self._url, body, key=self._key, headers=self._headers)
        if not answer.ok:
            raise ModuleError(
                f"connection to: OpenAI API failed with status: {answer.status} error: {answer.reason()} ({self._url})"
            )
        return self._read(answer, len(texts))

    def _read(self, answer: Answer, count: int) -> Sequence[Vector]:
        try:
            items = sorted(self._module.parsed(answer, "embeddings")["data"], key=lambda item: item["index"])
            vectors = [np.asarray(item["embedding"], np.float32) for item in items]
        except (KeyError, TypeError, ValueError):
            raise ModuleError(f"{self._url} answered without embeddings") from None
        if len(vectors) != count:
            raise ModuleError(f"{self._url} returned {len(vectors)} embeddings for {count} texts")
        return vectors


def _fields(settings: Settings) -> dict[str, Any]:
    fields: dict[str, Any] = {"model": setting_text(settings, "model", _MODEL)}
    if (dimensions := setting_int(settings, "dimensions")) is not None:
        fields["dimensions"] = dimensions
    return fields


def _headers(call: Call, environment: Mapping[str, str]) -> dict[str, str]:
    organization = header(call, "X-Openai-Organization") or environment.get("OPENAI_ORGANIZATION")
    return {"OpenAI-Organization": organization} if organization else {}
