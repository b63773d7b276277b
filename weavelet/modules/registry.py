"""Which modules there are, which of them run, and which one serves a collection.

Modules are found as entry points of the group `weavelet.modules`, our own the same way as anybody's; beside them are
the hosted services that are known by name only. `Registry.start` runs those that were asked for, and the ones for
hosted services unless that is off. A module whose container is down starts all the same and says so in its calls.
Imports schema and errors, knows no engine.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any, Generic, TypeGuard, TypeVar

from weavelet.errors import InvalidQuery, ModuleError, WeaveletError
from weavelet.modules.base import (
    TIMEOUT_VARIABLE,
    Factory,
    Generator,
    Kind,
    Module,
    ModuleSettings,
    Particular,
    Reranker,
    Vectorizer,
    Watched,
)
from weavelet.modules.hosted import API_BASED, FORMER_NAMES, HOSTED
from weavelet.modules.rerank_settings import RerankSettings
from weavelet.schema.collection import NO_VECTORIZER, Collection, Settings
from weavelet.schema.rules import ModuleRules

GROUP = "weavelet.modules"

_M = TypeVar("_M", bound=Module, covariant=True)

_ALIAS_DEFAULTS: Mapping[str, Settings] = {"text2vec-contextionary": {"vectorizeClassName": True}}
"""What a collection is given by names that are only ever served by another module."""

_RERANKER_ORDER = (
    "reranker-voyageai",
    "reranker-transformers",
    "reranker-cohere",
    "reranker-contextualai",
    "reranker-dummy",
    "reranker-jinaai",
    "reranker-nvidia",
)
"""Of several rerankers in one collection the last in this order is used, as in Weaviate; a stranger's goes before."""

_META_THREADS = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """What the modules of a server are started with.

    `enabled` are the names of ENABLE_MODULES; `aliases` lets a module answer to a further name
    (`{"text2vec-contextionary": "text2vec-bigram"}`). The rest is handed to each module.
    """

    enabled: tuple[str, ...] = ()
    api_based: bool = True
    aliases: Mapping[str, str] = field(default_factory=dict)
    default_vectorizer: str = NO_VECTORIZER
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 50.0
    timeouts: Mapping[str, float] = field(default_factory=dict)
    """Time limits of single modules, under the names of their variables."""
    auto_schema: bool = True
    transport: Callable[[], Any] | None = None
    network: Any = None


@dataclass(frozen=True, slots=True)
class Chosen(Generic[_M]):
    """The module that serves a collection, the name the collection knows it by, and the settings it has there."""

    name: str
    module: _M
    settings: Settings


class Registry:
    """The running modules, by name."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._modules = dict(modules)

    @classmethod
    def start(cls, settings: RegistrySettings, found: Mapping[str, Callable[[], Factory]] | None = None) -> "Registry":
        """Start what is enabled. `found` stands in for the installed modules: names and how to load their factories.

        Raises `ModuleError` for a module whose own settings contradict each other, and for a default vectorizer that
        does not run; an unknown name is only warned of.
        """
        registry = cls({})
        try:
            registry._start(settings, _installed() if found is None else found)
        except WeaveletError:
            registry.close()
            raise
        return registry

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a module answers to."""
        return tuple(self._modules)

    def vectorizer(self, name: str) -> Vectorizer:
        """The vectorizer of that name. `ModuleError` where there is none."""
        module = self._named(name)
        if not isinstance(module, Vectorizer):
            raise _without(name, "Vectorizer")
        return module

    def reranker(self, name: str) -> Reranker:
        """The reranker of that name. `ModuleError` where there is none."""
        module = self._named(name)
        if not isinstance(module, Reranker):
            raise _without(name, "Reranker")
        return module

    def generator(self, name: str) -> Generator:
        """The generator of that name. `ModuleError` where there is none."""
        module = self._named(name)
        if not isinstance(module, Generator):
            raise _without(name, "Generator")
        return module

    def reranker_for(self, collection: Collection, name: str | None = None) -> Chosen[Reranker]:
        """The reranker a query on this collection uses: the one it names, the collection's own, or the only one there.

        `InvalidQuery` where none of that leads to a reranker.
        """
        chosen = self._name_for(collection, Kind.RERANKER, name)
        if chosen is None:
            raise self._unconfigured(collection, Kind.RERANKER, "rerank")
        return Chosen(chosen, self.reranker(chosen), collection.modules.get(chosen, {}))

    def generator_for(self, collection: Collection, name: str | None = None) -> Chosen[Generator]:
        """The generator a query on this collection uses, found like its reranker."""
        chosen = self._name_for(collection, Kind.GENERATOR, name)
        if chosen is None:
            raise self._unconfigured(collection, Kind.GENERATOR, "generate")
        return Chosen(chosen, self.generator(chosen), collection.modules.get(chosen, {}))

    def serves(self, collection: Collection, kind: Kind) -> bool:
        """Whether a query that names no module has one of that kind."""
        return self._name_for(collection, kind, None) is not None

    def rules(self) -> Mapping[str, ModuleRules]:
        """What each module means for collections that name it."""
        return {name: _rules(name, module) for name, module in self._modules.items()}

    def meta(self) -> Mapping[str, Mapping[str, Any]]:
        """Each module's own description, containers all asked at once; a failure is described by its error."""
        shown = {name: module for name, module in self._modules.items() if name not in FORMER_NAMES}
        asking = {name: module for name, module in shown.items() if _has_container(module)}
        told = {name: _described(module) for name, module in shown.items() if name not in asking}
        if asking:
            with ThreadPoolExecutor(_META_THREADS, thread_name_prefix="meta") as pool:
                told.update(zip(asking, pool.map(_described, asking.values()), strict=True))
        return {name: told[name] for name in shown}

    def states(self) -> Mapping[str, str]:
        """`ready`, or what is waited for, of each module with a container."""
        return {name: module.state() for name, module in self._modules.items() if _has_container(module)}

    def close(self) -> None:
        """End every module once, whatever one of them may raise."""
        for module in {id(module): module for module in self._modules.values()}.values():
            try:
                module.close()
            except Exception:  # a stranger's module must not keep the others from ending
                log.exception("%s: did not close", module.name)
        self._modules.clear()

    def _start(self, settings: RegistrySettings, found: Mapping[str, Callable[[], Factory]]) -> None:
        given = ModuleSettings(
            environment=settings.environment,
            timeout_seconds=settings.timeout_seconds,
            transport=settings.transport,
            network=settings.network,
            auto_schema=settings.auto_schema,
        )
        for name in _wanted(settings, found):
            self._modules[name] = _started(name, found, _with_own_timeout(given, name, settings.timeouts))
        for alias, name in settings.aliases.items():
            if name not in self._modules:
                raise ModuleError(f'module alias {alias}={name}: no module with name "{name}" present')
            self._modules[alias] = self._modules[name]
        for former, name in FORMER_NAMES.items():
            if name in self._modules:
                self._modules.setdefault(former, self._modules[name])
        default = settings.default_vectorizer
        if default != NO_VECTORIZER and default not in self._modules:
            raise ModuleError(f'invalid config: default vectorizer module: no module with name "{default}" present')

    def _named(self, name: str) -> Module:
        try:
            return self._modules[name]
        except KeyError:
            raise ModuleError(f'no module with name "{name}" present') from None

    def _name_for(self, collection: Collection, kind: Kind, name: str | None) -> str | None:
        running = [name for name, module in self._modules.items() if module.kind is kind]
        if name is not None:
            return _meant(name, kind, running)
        configured = [name for name in running if name in collection.modules]
        if configured:
            return max(configured, key=_rank)
        alone = len({id(self._modules[name]) for name in running}) == 1
        return running[0] if alone else None

    def _unconfigured(self, collection: Collection, kind: Kind, capability: str) -> InvalidQuery:
        running = [name for name, module in self._modules.items() if module.kind is kind]
        if not running:
            return InvalidQuery(f"unknown capability: {capability}: no {kind.value} module is enabled on this server")
        return InvalidQuery(
            f"unknown capability: {capability}: the moduleConfig of collection {collection.name} names no "
            f"{kind.value} module; add one of: {_listed(running)}"
        )


def timeout_variable(name: str) -> str:
    """The variable that sets one module's time limit: `MODULES_CLIENT_TIMEOUT_RERANKER_COHERE`."""
    return f"{TIMEOUT_VARIABLE}_{name.upper().replace('-', '_')}"


def _installed() -> Mapping[str, Callable[[], Factory]]:
    return {point.name: point.load for point in entry_points(group=GROUP)}


def _wanted(settings: RegistrySettings, found: Mapping[str, Callable[[], Factory]]) -> list[str]:
    """The names to start, each once, in the order they were asked for; unknown ones are warned of and left out."""
    known = {*found, *HOSTED}
    asked = dict.fromkeys([*settings.enabled, *settings.aliases.values()])
    for name in [name for name in asked if name not in known]:
        if name in settings.aliases:
            continue
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        log.warning("ENABLE_MODULES: there is no module named %r, it is left out%s", name, hint)
    default = sorted(API_BASED & known) if settings.api_based else []
    return [name for name in dict.fromkeys([*asked, *default]) if name in known]


def _started(name: str, found: Mapping[str, Callable[[], Factory]], settings: ModuleSettings) -> Module:
    if name not in found:
        return HOSTED[name]
    try:
        factory = found[name]()
    except Exception as error:  # whatever a package that is not whole raises while it is imported
        raise ModuleError(
            f'module "{name}" is installed but cannot be loaded: {type(error).__name__}: {error}'
        ) from error
    try:
        return factory(settings)
    except WeaveletError as error:
        raise ModuleError(f'modules didn\'t initialize: init module "{name}": {error}') from error


def _with_own_timeout(settings: ModuleSettings, name: str, timeouts: Mapping[str, float]) -> ModuleSettings:
    variable = timeout_variable(name)
    if variable not in timeouts:
        return settings
    return replace(settings, timeout_seconds=timeouts[variable], timeout_variable=variable)


def _has_container(module: Module) -> TypeGuard[Watched]:
    """As `isinstance` would say, which compares all members of a protocol each time."""
    return callable(getattr(module, "state", None))


def _described(module: Module) -> Mapping[str, Any]:
    try:
        return module.meta()
    except WeaveletError as error:
        return {"error": str(error)}
    except Exception as error:  # a stranger's module must not take the answer down
        log.exception("%s: meta failed", module.name)
        return {"error": f"{type(error).__name__}: {error}"}


def _rules(name: str, module: Module) -> ModuleRules:
    if not isinstance(module, Vectorizer):
        return ModuleRules(module.kind.value, check_settings=lambda settings: _check_settings(module, settings))
    defaults = _ALIAS_DEFAULTS.get(name, module.class_defaults)
    return ModuleRules(module.kind.value, defaults, module.property_defaults, module.check)


def _check_settings(module: Module, settings: Settings) -> None:
    if module.kind is Kind.RERANKER:
        RerankSettings.read(settings)
    if isinstance(module, Particular):
        module.check_settings(settings)


def _rank(name: str) -> int:
    with suppress(ValueError):
        return _RERANKER_ORDER.index(name)
    return -1


def _meant(name: str, kind: Kind, running: list[str]) -> str:
    """The module that a query names, in full or without its kind: `openai` is `generative-openai`."""
    for known in (name, f"{kind.value}-{name}"):
        if known in running:
            return known
    raise InvalidQuery(f'no {kind.value} module with name "{name}" present; present are: {_listed(running)}')


def _without(name: str, capability: str) -> ModuleError:
    return ModuleError(f'module "{name}" exists, but does not provide the {capability} capability')


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(names)) or "none"
