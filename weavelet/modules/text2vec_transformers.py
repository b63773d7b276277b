"""text2vec-transformers: vectors from a transformers inference container, one text a request.

The address comes from the collection (`inferenceUrl`, or `passageInferenceUrl` with `queryInferenceUrl`), else from
TRANSFORMERS_INFERENCE_API or the pair TRANSFORMERS_PASSAGE_INFERENCE_API and TRANSFORMERS_QUERY_INFERENCE_API, else it
is our own inference server in this process. Requests are those Weaviate sends, so any container made for Weaviate
serves; several are under way at once, equal texts of one batch are sent once, and recent queries are remembered.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import numpy as np

from weavelet.errors import InvalidSchema, ModuleError, ModuleTimeout
from weavelet.modules.base import Call, Kind, ModuleSettings, Task
from weavelet.modules.cache import RecentVectors
from weavelet.modules.environment import truthy
from weavelet.modules.http import HttpModule, joined
from weavelet.modules.readiness import Readiness
from weavelet.modules.texts import (
    PROPERTY_DEFAULTS,
    check_sources,
    check_vectorizable,
    setting_int,
    setting_text,
)
from weavelet.schema.collection import Collection, Settings, VectorConfig
from weavelet.schema.objects import Vector

EMBEDDED = "http://inference.weavelet"
"""The address of the inference server in this process: never resolved, but named in errors."""

_COMMON = "TRANSFORMERS_INFERENCE_API"
_PASSAGE = "TRANSFORMERS_PASSAGE_INFERENCE_API"
_QUERY = "TRANSFORMERS_QUERY_INFERENCE_API"
_PAIR = f"variable {_COMMON} or both variables {_PASSAGE} and {_QUERY}"
_CLASS_DEFAULTS: Settings = {"poolingStrategy": "masked_mean", "vectorizeClassName": True}
_POOLING = ("masked_mean", "cls")
_WINDOW = 8
_EMBEDDED_WINDOW = 32


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where passages and queries are embedded: two containers, or twice the same."""

    passage: str
    query: str

    def of(self, task: Task) -> str:
        return self.query if task is Task.QUERY else self.passage

    @property
    def origins(self) -> Mapping[str, str]:
        """The distinct addresses, named where there are two."""
        if self.passage == self.query:
            return {"": self.passage}
        return {"passage": self.passage, "query": self.query}


class Text2VecTransformers(HttpModule):
    """The vectorizer named `text2vec-transformers`."""

    name = "text2vec-transformers"
    kind = Kind.VECTORIZER
    class_defaults = _CLASS_DEFAULTS
    property_defaults = PROPERTY_DEFAULTS

    def __init__(self, settings: ModuleSettings) -> None:
        self._addresses = addresses(settings.environment)
        embedded = settings.transport() if self._addresses is None and settings.transport is not None else None
        super().__init__(settings, transport=embedded, window=_EMBEDDED_WINDOW if embedded else _WINDOW)
        self._key = settings.environment.get("TRANSFORMERS_INFERENCE_API_KEY") or None
        self._auto_schema = settings.auto_schema
        self._recent = RecentVectors()
        if embedded is not None:
            self._addresses = Addresses(EMBEDDED, EMBEDDED)
        self._readiness = self._watch(embedded)

    def check(self, collection: Collection, vector: VectorConfig) -> None:
        settings = vector.settings
        _check_urls(settings)
        check_sources(settings)
        pooling = settings.get("poolingStrategy", _POOLING[0])
        if pooling not in _POOLING:
            raise InvalidSchema(f"poolingStrategy must be one of [{' '.join(_POOLING)}], got {pooling!r}")
        check_vectorizable(collection, vector, self._auto_schema)

    def vectorize(
        self, texts: Sequence[str], task: Task, settings: Settings, call: Call
    ) -> Sequence[Vector | ModuleError]:
        if self._lowercase:
            texts = [text.lower() for text in texts]
        try:
            base = self._base(task, settings)
        except ModuleError as error:
            return [error] * len(texts)
        batch = _Batch(self, joined(base, "/vectors"), task, _config(task, settings))
        distinct = list(dict.fromkeys(texts))
        found = dict(zip(distinct, self.side_by_side(batch.vector, distinct), strict=True))
        return [found[text] for text in texts]

    def embedded_vector(self, url: str, text: str, task: Task, config: Mapping[str, Any]) -> Vector:
        """One text's vector, from the last queries' or from the container."""
        key: Hashable = (url, text, *config.values())
        if task is Task.QUERY and (kept := self._recent.get(key)) is not None:
            return kept
        body = {"text": text, "dims": 0, "vector": None, "error": "", "config": config}
        vector = self._read(self.post(url, body, key=self._key))
        if task is Task.QUERY:
            self._recent.put(key, vector)
        return vector

    def meta(self) -> Mapping[str, Any]:
        origins = self._required().origins
        found = {label: self.fetch_meta(joined(url, "/meta"), key=self._key) for label, url in origins.items()}
        return found.get("", found)

    def state(self) -> str:
        """`ready`, or what the container is doing instead."""
        return "ready" if self._readiness is None else self._readiness.state

    def close(self) -> None:
        if self._readiness is not None:
            self._readiness.close()
        super().close()

    def _watch(self, embedded: httpx2.BaseTransport | None) -> Readiness | None:
        wait = truthy(self._environment.get("TRANSFORMERS_WAIT_FOR_STARTUP", "true"))
        if self._addresses is None or not wait:
            return None
        return self.watched(self._addresses.origins, embedded is not None)

    def _base(self, task: Task, settings: Settings) -> str:
        """The container for this task: the collection's own, else the server's, which must be ready."""
        own = setting_text(settings, "inferenceUrl") or setting_text(settings, f"{task.value}InferenceUrl")
        if own:
            return self.checked_base(own)
        addresses = self._required()
        if self._readiness is not None:
            self._readiness.require()
        return addresses.of(task)

    def _required(self) -> Addresses:
        if self._addresses is None:
            raise ModuleError(f"required {_PAIR} are not set")
        return self._addresses

    def _read(self, answer: Any) -> Vector:
        body = self.parsed(answer, "vectorization")
        if not answer.ok:
            raise ModuleError(f"fail with status {answer.status}: {answer.reason()}")
        try:
            vector = np.asarray(body["vector"], np.float32)
        except (KeyError, TypeError, ValueError):
            raise ModuleError(f"{self.name}: {answer.url} answered without a vector of numbers") from None
        if vector.ndim != 1 or not vector.size:
            raise ModuleError(f"{self.name}: {answer.url} answered with an empty vector")
        if not np.isfinite(vector).all():
            raise ModuleError(f"{self.name}: {answer.url} answered with a vector that is not all numbers")
        return vector


class _Batch:
    """The texts of one call. After a time-out the rest is given up: each would wait as long again."""

    def __init__(self, module: Text2VecTransformers, url: str, task: Task, config: Mapping[str, Any]) -> None:
        self._module = module
        self._url = url
        self._task = task
        self._config = config
        self._timeout: ModuleTimeout | None = None

    def vector(self, text: str) -> Vector | ModuleError:
        if self._timeout is not None:
            return self._timeout
        try:
            return self._module.embedded_vector(self._url, text, self._task, self._config)
        except ModuleError as error:
            told = type(error)(f"remote client vectorize: {error}") if self._task is Task.QUERY else error
            if isinstance(told, ModuleTimeout):
                self._timeout = told
            return told


def addresses(environment: Mapping[str, str]) -> Addresses | None:
    """The configured containers; None where there are none. Contradictions are a `ModuleError`."""
    common, passage, query = (environment.get(name) or "" for name in (_COMMON, _PASSAGE, _QUERY))
    if common and (passage or query):
        raise ModuleError(f"either {_PAIR} should be set")
    if bool(passage) != bool(query):
        raise ModuleError(f"required variable {_PASSAGE if query else _QUERY} is not set")
    return Addresses(passage or common, query or common) if common or passage else None


def _config(task: Task, settings: Settings) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if pooling := setting_text(settings, "poolingStrategy"):
        config["pooling_strategy"] = pooling
    config["task_type"] = task.value
    if (dimensions := setting_int(settings, "dimensions")) is not None:
        config["dimensions"] = dimensions
    return config


def _check_urls(settings: Settings) -> None:
    """One container or a pair of them. All three with one and the same address contradict nothing."""
    common = setting_text(settings, "inferenceUrl")
    passage = setting_text(settings, "passageInferenceUrl")
    query = setting_text(settings, "queryInferenceUrl")
    if common and (passage or query) and {common} != {passage, query}:
        raise InvalidSchema(
            "either inferenceUrl or passageInferenceUrl together with queryInferenceUrl needs to be set, not both"
        )
    if query and not passage:
        raise InvalidSchema("queryInferenceUrl is set but passageInferenceUrl is empty, both needs to be set")
    if passage and not query:
        raise InvalidSchema("passageInferenceUrl is set but queryInferenceUrl is empty, both needs to be set")
