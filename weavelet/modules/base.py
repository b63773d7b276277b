"""What a module is: a named object with one or more capabilities, each a protocol of one working method.

A module is started once with `ModuleSettings` and then called from many threads. It raises nothing but
`ModuleError`. `http.py` has the shared way of talking to an inference container; `registry.py` finds modules by the
entry point group `weavelet.modules`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, runtime_checkable

from weavelet.errors import ModuleError
from weavelet.schema.collection import Collection, Settings, VectorConfig
from weavelet.schema.objects import Vector

TIMEOUT_VARIABLE = "MODULES_CLIENT_TIMEOUT"


class Kind(StrEnum):
    """What a module is for. A collection uses a module of the last three kinds without naming it if it is alone."""

    VECTORIZER = "vectorizer"
    MULTIVECTORIZER = "multivectorizer"
    RERANKER = "reranker"
    GENERATOR = "generative"
    OTHER = "other"


class Task(StrEnum):
    """Whether a text is stored or asked: some models embed the two differently."""

    PASSAGE = "passage"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Call:
    """What a module may know of the request it works for: the caller's headers, under lower-case names."""

    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What a generator wrote, and what the service told of it (`{"usage": {"total_tokens": 12}}`)."""

    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Module(Protocol):
    """Every module. `meta` is its entry in `GET /v1/meta`; it may ask the container and may raise `ModuleError`."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> Kind: ...

    def meta(self) -> Mapping[str, Any]: ...

    def close(self) -> None: ...


@runtime_checkable
class Vectorizer(Module, Protocol):
    """Makes vectors of texts."""

    @property
    def class_defaults(self) -> Settings:
        """Filled in under the settings of each vector that uses this module."""

    @property
    def property_defaults(self) -> Settings:
        """Filled in under the module's settings of each property."""

    def check(self, collection: Collection, vector: VectorConfig) -> None:
        """Raise `InvalidSchema` where the collection's settings for this module make no sense."""

    def vectorize(
        self, texts: Sequence[str], task: Task, settings: Settings, call: Call
    ) -> Sequence[Vector | ModuleError]:
        """One vector per text, in order; a text that failed has its error in its place.

        `settings` are those of the vector's configuration, defaults included. Never raises for a single text.
        """


@runtime_checkable
class Reranker(Module, Protocol):
    """Scores documents against a query."""

    def rerank(self, query: str, documents: Sequence[str], settings: Settings, call: Call) -> Sequence[float]:
        """One score per document, in the order of the documents; larger is better. Raises `ModuleError`."""


@runtime_checkable
class Generator(Module, Protocol):
    """Writes text."""

    def generate(self, prompt: str, settings: Settings, call: Call) -> Written:
        """The model's answer to the prompt. `settings`: the collection's, with the query's own on top."""


@runtime_checkable
class Particular(Module, Protocol):
    """A reranker or generator that looks at its settings when a collection is defined."""

    def check_settings(self, settings: Settings) -> None:
        """Raise `InvalidSchema` where the collection's settings for this module make no sense."""


@runtime_checkable
class Watched(Module, Protocol):
    """A module whose container may come up after the server."""

    def state(self) -> str:
        """`ready`, or what is waited for."""


@dataclass(frozen=True, slots=True)
class ModuleSettings:
    """What a module is started with.

    `environment` holds the process's environment variables; a module reads its own (`TRANSFORMERS_INFERENCE_API`)
    and no others. `transport` opens our own inference server inside this process, for a module whose container is
    not configured; None where that is not installed or not wanted. `network` is the `httpx2` transport for
    containers that are configured; None means the network itself, a test puts its stand-in here. `auto_schema` says
    whether properties may still appear after a collection was defined.
    """

    environment: Mapping[str, str]
    timeout_seconds: float = 50.0
    timeout_variable: str = TIMEOUT_VARIABLE
    """Which variable set the time limit, for errors to name."""
    transport: Callable[[], Any] | None = None
    network: Any = None
    auto_schema: bool = True


Factory: TypeAlias = Callable[[ModuleSettings], Module]
"""What an entry point of the group `weavelet.modules` names: usually the module's class."""
