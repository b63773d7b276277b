"""Vectorizers that are asked for many vectors at once: what they share.

Equal texts are sent once, in batches, several batches side by side, and recent queries are remembered. A batch's error
stands for each of its texts; after a time-out later batches are given up, for each would wait as long again. A module
of this kind is its `service`, its defaults, the body of its request, and how the reply is read.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import orjson

from weavelet.errors import InvalidSchema, ModuleError, ModuleTimeout
from weavelet.modules.base import Call, Kind, ModuleSettings, Task
from weavelet.modules.cache import RecentVectors
from weavelet.modules.http import chunks
from weavelet.modules.service import Place, ServiceModule
from weavelet.modules.texts import PROPERTY_DEFAULTS, as_vector, check_sources, check_vectorizable
from weavelet.schema.collection import Collection, Settings, VectorConfig
from weavelet.schema.objects import Vector


class HttpVectorizer(ServiceModule, ABC):
    """A vectorizer in front of a service. Subclasses give `body` and, where it is not OpenAI's, `embeddings`."""

    kind = Kind.VECTORIZER
    class_defaults: ClassVar[Settings] = {}
    property_defaults: Settings = PROPERTY_DEFAULTS
    batch: ClassVar[int] = 100
    """How many texts are sent at once."""

    def __init__(self, settings: ModuleSettings) -> None:
        super().__init__(settings)
        self._auto_schema = settings.auto_schema
        self.recent = RecentVectors()

    @abstractmethod
    def body(self, texts: Sequence[str], task: Task, settings: Settings) -> Mapping[str, Any]:
        """What asks for the vectors of these texts."""

    def embeddings(self, reply: Any) -> Sequence[Any]:
        """One embedding for each text, in their order. Raises KeyError, TypeError or ValueError."""
        return [item["embedding"] for item in sorted(reply["data"], key=lambda item: item["index"])]

    def headers(self, call: Call) -> Mapping[str, str]:
        """Further headers of every request."""
        return {}

    def check_own(self, settings: Settings) -> None:
        """Raise `InvalidSchema` where the module's own settings make no sense."""

    def check(self, collection: Collection, vector: VectorConfig) -> None:
        self.check_own(vector.settings)
        check_sources(vector.settings)
        check_vectorizable(collection, vector, self._auto_schema)

    def vectorize(
        self, texts: Sequence[str], task: Task, settings: Settings, call: Call
    ) -> Sequence[Vector | ModuleError]:
        if self._lowercase:
            texts = [text.lower() for text in texts]
        try:
            request = _Request(self, self.place(settings, call), task, settings, call)
        except ModuleError as error:
            return [error] * len(texts)
        distinct = list(dict.fromkeys(texts))
        parts = self.side_by_side(request.vectors, chunks(distinct, self.batch))
        found = dict(zip(distinct, (vector for part in parts for vector in part), strict=True))
        return [found[text] for text in texts]


class _Request:
    """What one call's batches have in common."""

    def __init__(self, module: HttpVectorizer, place: Place, task: Task, settings: Settings, call: Call) -> None:
        self._module = module
        self._place = place
        self._task = task
        self._settings = settings
        self._headers = module.headers(call)
        self._timeout: ModuleTimeout | None = None

    def vectors(self, texts: Sequence[str]) -> Sequence[Vector | ModuleError]:
        if self._timeout is not None:
            return [self._timeout] * len(texts)
        try:
            body = self._module.body(texts, self._task, self._settings)
            if self._task is Task.QUERY and len(texts) == 1:
                return self._remembered(body)
            return self._asked(body, len(texts))
        except ModuleError as error:
            if isinstance(error, ModuleTimeout):
                self._timeout = error
            return [error] * len(texts)

    def _remembered(self, body: Mapping[str, Any]) -> Sequence[Vector]:
        try:
            key = (self._place.url, orjson.dumps(body))
        except orjson.JSONEncodeError:
            return self._asked(body, 1)
        if (kept := self._module.recent.get(key)) is not None:
            return [kept]
        [vector] = self._asked(body, 1)
        self._module.recent.put(key, vector)
        return [vector]

    def _asked(self, body: Mapping[str, Any], count: int) -> Sequence[Vector]:
        reply = self._module.asked(self._place, body, "vectorization", self._headers)
        told = f"{self._module.name}: {self._place.url} answered"
        try:
            found = [as_vector(embedding) for embedding in self._module.embeddings(reply)]
        except (KeyError, TypeError):
            raise ModuleError(f"{told} without embeddings") from None
        except ValueError as error:
            raise ModuleError(f"{told} with {error}") from None
        if len(found) != count:
            raise ModuleError(f"{told} with {len(found)} embeddings for {count} texts")
        return found


def check_choice(settings: Settings, name: str, allowed: Sequence[str]) -> None:
    """Raise `InvalidSchema` where a setting is given and is not one of those."""
    value = settings.get(name)
    if value is not None and value not in allowed:
        raise InvalidSchema(f"wrong {name} type, available types are: [{' '.join(allowed)}]")
