"""text2vec-transformers: vectors from a transformers inference container.

The address comes from the collection (`inferenceUrl`, or `passageInferenceUrl` with `queryInferenceUrl`), else from
TRANSFORMERS_INFERENCE_API or the pair TRANSFORMERS_PASSAGE_INFERENCE_API and TRANSFORMERS_QUERY_INFERENCE_API, else it
is our own inference server in this process. Requests are those Weaviate sends, one text each, so any container made
for Weaviate serves; a container that says in its answers how many texts it takes at once is sent so many. Several
requests are under way at a time, equal texts of one batch are sent once, and recent queries are remembered.
TRANSFORMERS_INFERENCE_API_KEY goes to the containers of the variables only, the header `X-Transformers-Api-Key` to
whichever is asked.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx2

from weavelet.errors import InvalidSchema, ModuleError, ModuleTimeout
from weavelet.modules.base import Call, Kind, ModuleSettings, Task
from weavelet.modules.cache import RecentVectors
from weavelet.modules.environment import header, truthy
from weavelet.modules.http import EMBEDDED, HttpModule, chunks, failure, joined
from weavelet.modules.readiness import Readiness
from weavelet.modules.service import Place
from weavelet.modules.texts import (
    PROPERTY_DEFAULTS,
    as_vector,
    check_sources,
    check_vectorizable,
    setting_int,
    setting_text,
)
from weavelet.schema.collection import Collection, Settings, VectorConfig
from weavelet.schema.objects import Vector

_POOLING = ("masked_mean", "cls")
_PATH = "/vectors"
_WINDOW = 8
_EMBEDDED_WINDOW = 32
_LARGEST_BATCH = 16


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
    class_defaults: ClassVar[Settings] = {"poolingStrategy": "masked_mean", "vectorizeClassName": True}
    property_defaults = PROPERTY_DEFAULTS
    variables: ClassVar[str] = "TRANSFORMERS"
    """What the names of the module's variables begin with."""
    may_embed: ClassVar[bool] = True
    """Whether our own inference server stands in for a container that is not configured."""

    def __init__(self, settings: ModuleSettings) -> None:
        self._addresses = addresses(settings.environment, self.variables)
        embeds = self.may_embed and self._addresses is None and settings.transport is not None
        embedded = settings.transport() if embeds and settings.transport is not None else None
        super().__init__(settings, embedded=embedded, window=_EMBEDDED_WINDOW if embedded else _WINDOW)
        self._key = settings.environment.get(f"{self.variables}_INFERENCE_API_KEY") or None
        self._auto_schema = settings.auto_schema
        self._recent = RecentVectors()
        self._batch_sizes: dict[str, int] = {}
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
            place = self._place(task, settings, call)
        except ModuleError as error:
            return [error] * len(texts)
        distinct = list(dict.fromkeys(texts))
        batch = _Batch(self, place, task, _config(task, settings))
        found = dict(zip(distinct, batch.vectors(distinct), strict=True))
        return [found[text] for text in texts]

    def vector(self, place: Place, text: str, task: Task, config: Mapping[str, Any]) -> Vector:
        """One text's vector, from the last queries' or from the container."""
        key: Hashable = (place.url, text, *config.values())
        if task is Task.QUERY and (kept := self._recent.get(key)) is not None:
            return kept
        body = {"text": text, "dims": 0, "vector": None, "error": "", "config": config}
        reply = self._reply(place, body)
        [vector] = self._read(place, [reply.get("vector")])
        self._learn(place, reply)
        if task is Task.QUERY:
            self._recent.put(key, vector)
        return vector

    def vectors(self, place: Place, texts: Sequence[str], config: Mapping[str, Any]) -> Sequence[Vector]:
        """The vectors of several texts, asked for at once."""
        reply = self._reply(place, {"texts": list(texts), "config": config})
        found = self._read(place, reply.get("vectors") or [])
        if len(found) != len(texts):
            raise ModuleError(f"{self.name}: {place.url} answered with {len(found)} vectors for {len(texts)} texts")
        return found

    def batch_size(self, place: Place) -> int | None:
        """How many texts the container takes at once; None where it has not answered yet."""
        return self._batch_sizes.get(place.url)

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
        wait = truthy(self.environment.get(f"{self.variables}_WAIT_FOR_STARTUP", "true"))
        if self._addresses is None or not wait:
            return None
        return self.watched(self._addresses.origins, embedded is not None)

    def _place(self, task: Task, settings: Settings, call: Call) -> Place:
        """The container for this task: the collection's own, else the server's, which must be ready."""
        key = header(call, f"X-{self.variables}-Api-Key")
        own = setting_text(settings, "inferenceUrl") or setting_text(settings, f"{task.value}InferenceUrl")
        if own:
            return Place(joined(self.checked_base(own), _PATH), key, is_own=False)
        addresses = self._required()
        if self._readiness is not None:
            self._readiness.require()
        return Place(joined(addresses.of(task), _PATH), key or self._key, is_own=True)

    def _required(self) -> Addresses:
        if self._addresses is None:
            raise ModuleError(f"required {_either(self.variables)} are not set")
        return self._addresses

    def _reply(self, place: Place, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self.post(place.url, body, key=place.key)
        reply = self.parsed(answer, "vectorization")
        if not answer.ok:
            raise failure(answer)
        return reply if isinstance(reply, Mapping) else {}

    def _read(self, place: Place, embeddings: Sequence[Any]) -> list[Vector]:
        try:
            return [as_vector(embedding) for embedding in embeddings]
        except ValueError as error:
            raise ModuleError(f"{self.name}: {place.url} answered with {error}") from None

    def _learn(self, place: Place, reply: Mapping[str, Any]) -> None:
        said = reply.get("batch")
        self._batch_sizes[place.url] = min(said, _LARGEST_BATCH) if isinstance(said, int) and said > 1 else 1


class _Batch:
    """The texts of one call. After a time-out the rest is given up: each would wait as long again."""

    def __init__(self, module: Text2VecTransformers, place: Place, task: Task, config: Mapping[str, Any]) -> None:
        self._module = module
        self._place = place
        self._task = task
        self._config = config
        self._timeout: ModuleTimeout | None = None

    def vectors(self, texts: Sequence[str]) -> list[Vector | ModuleError]:
        """One vector or error for each text. Of a container that was never asked, the first answer tells the rest."""
        known = self._module.batch_size(self._place) is not None or len(texts) < 2
        first = [] if known else [self._vector(texts[0])]
        left = texts[len(first) :]
        size = self._module.batch_size(self._place) or 1
        if size == 1 or self._task is Task.QUERY:
            return first + self._module.side_by_side(self._vector, left)
        parts = self._module.side_by_side(self._together, chunks(left, size))
        return first + [vector for part in parts for vector in part]

    def _together(self, texts: Sequence[str]) -> Sequence[Vector | ModuleError]:
        """Several texts in one request; where that fails, each by itself, so that errors are each text's own."""
        if self._timeout is not None:
            return [self._timeout] * len(texts)
        try:
            return self._module.vectors(self._place, texts, self._config)
        except ModuleTimeout as error:
            self._timeout = error
            return [error] * len(texts)
        except ModuleError:
            return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Vector | ModuleError:
        if self._timeout is not None:
            return self._timeout
        try:
            return self._module.vector(self._place, text, self._task, self._config)
        except ModuleError as error:
            told = type(error)(f"remote client vectorize: {error}") if self._task is Task.QUERY else error
            if isinstance(told, ModuleTimeout):
                self._timeout = told
            return told


def addresses(environment: Mapping[str, str], variables: str) -> Addresses | None:
    """The configured containers; None where there are none. Contradictions are a `ModuleError`."""
    names = _names(variables)
    common, passage, query = (environment.get(name) or "" for name in names)
    if common and (passage or query):
        raise ModuleError(f"either {_either(variables)} should be set")
    if bool(passage) != bool(query):
        raise ModuleError(f"required variable {names[1] if query else names[2]} is not set")
    return Addresses(passage or common, query or common) if common or passage else None


def _names(variables: str) -> tuple[str, str, str]:
    """The variables that name one container for everything, one for passages and one for queries."""
    return (
        f"{variables}_INFERENCE_API",
        f"{variables}_PASSAGE_INFERENCE_API",
        f"{variables}_QUERY_INFERENCE_API",
    )


def _either(variables: str) -> str:
    common, passage, query = _names(variables)
    return f"variable {common} or both variables {passage} and {query}"


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
