"""A stage that walks an HNSW graph: for collections so large that even scanning codes takes too long.

The graph, of one library or another (`graph_usearch.py`, `graph_hnswlib.py`), grows in the background, a few vectors at
a time (`work`), while other stages answer; until it has caught up it declines. Vectors added since then are few and are
measured exactly beside what the walk finds. A filter is applied to what the walk finds, which is widened until enough
is left or it is no longer worth it. `snapshot` writes the graph with checksums, and the native library never sees a
file whose checksums are wrong.
"""

import importlib.util
import logging
import threading
import time
from pathlib import Path
from typing import Any, Literal, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.distance import normalised
from weavelet.engine.docset import DocSet
from weavelet.engine.files import Bundle, read_bundle, write_bundle
from weavelet.engine.vectors.flat import Flat
from weavelet.engine.vectors.protocol import Docs, Floats, Nearest, Walkable, first
from weavelet.errors import CorruptionError
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

_log = logging.getLogger(__name__)

Library: TypeAlias = Literal["usearch", "hnswlib"]

_METRICS = (Distance.COSINE, Distance.DOT, Distance.L2_SQUARED)
_SLICE = 16
"""Vectors added to the graph in one go: how long, in vectors, a deletion may have to wait."""
_BEHIND = 4096
"""With more vectors than this still to be added, the graph does not answer."""
_SPARE = 10
_SHARE = 8
"""Walking to more than one in so many vectors is not worth it."""
_WORTH_TELLING = 1_000
"""Vectors to be added from which on the log says so."""


def available(metric: Distance) -> bool:
    """Whether slots of this distance can have this stage."""
    return metric in _METRICS


def is_installed(library: Library) -> bool:
    """Whether graphs can be built with this library."""
    return importlib.util.find_spec(library) is not None


class Graph:
    def __init__(
        self, flat: Flat, config: VectorIndex, dimensions: int, library: Library = "usearch", name: str = "graph"
    ) -> None:
        """`name`: what the log calls it."""
        self._flat = flat
        self._config = config
        self._dimensions = dimensions
        self._name = name
        self._graph = _empty(library, config, dimensions)
        self._waiting: dict[int, None] = {}
        self._began = 0.0
        self._added = 0
        self._lock = threading.Lock()
        """Held by whatever changes the graph. A walk needs no lock."""
        self.changes = 0
        """Vectors added and removed since the last snapshot."""

    def __len__(self) -> int:
        return len(self._graph)

    @property
    def waiting(self) -> int:
        """Vectors still to be added."""
        return len(self._waiting)

    def redefine(self, config: VectorIndex) -> None:
        """Walk by the new settings. What is built stays as it was built."""
        self._config = config

    def add(self, docs: Docs) -> None:
        """Queue the documents for `work`."""
        with self._lock:
            self._waiting.update(dict.fromkeys(docs.tolist()))

    def remove(self, docs: Docs) -> None:
        with self._lock:
            for doc in docs.tolist():
                self._waiting.pop(doc, None)
            if len(docs):
                self.changes += self._graph.remove(docs)

    def work(self, most: int) -> int:
        """Add up to so many of the waiting vectors; how many still wait. For one background thread at a time."""
        self._tell_beginning()
        for _ in range(0, most, _SLICE):
            with self._lock:
                chosen = np.fromiter((doc for doc, _ in zip(self._waiting, range(_SLICE), strict=False)), np.uint32)
                if not len(chosen):
                    break
                self._graph.add(chosen, self._prepared(self._flat.vectors(chosen)))
                for doc in chosen.tolist():
                    del self._waiting[doc]
                self.changes += len(chosen)
                self._added += len(chosen)
        self._tell_end()
        return len(self._waiting)

    def _tell_beginning(self) -> None:
        waiting = len(self._waiting)
        if not self._began and waiting >= _WORTH_TELLING:
            self._began, self._added = time.monotonic(), 0
            _log.info("%s: adding %d vectors to a graph of %d", self._name, waiting, len(self))

    def _tell_end(self) -> None:
        if self._began and not self._waiting:
            seconds = time.monotonic() - self._began
            self._began = 0.0
            _log.info("%s: %d vectors added in %.1f s, the graph has %d", self._name, self._added, seconds, len(self))

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest | None:
        total = len(self._graph)
        waiting = np.fromiter(tuple(self._waiting), np.uint32)
        if not total or len(waiting) > _BEHIND:
            return None
        wanted = self._breadth(k)
        share = 1.0 if allowed is None else min(1.0, len(allowed) / total)
        while share and wanted / share * _SHARE <= total:
            found = self._walk(query, int(wanted / share), waiting, allowed)
            if len(found) >= k or share == 1.0:
                return first(found, self._flat.distances(query, found), k)
            wanted *= 2
        return None

    def _breadth(self, k: int) -> int:
        """How many candidates the walk keeps: the collection's `ef`, or one that grows with k."""
        low, high, factor = self._config.dynamic_ef
        ef = self._config.ef if self._config.ef > 0 else min(max(int(k * factor), low), high)
        return max(ef, k + _SPARE)

    def _walk(self, query: Vector, wanted: int, waiting: Docs, allowed: DocSet | None) -> Docs:
        docs = np.concatenate((self._graph.search(self._prepared(query[np.newaxis])[0], wanted), waiting))
        if allowed is None:
            return np.unique(docs)
        return np.unique(docs[allowed.mask(int(docs.max()) + 1)[docs]])

    # Snapshots --------------------------------------------------------------------------------------------------------

    def snapshot(self, path: Path) -> None:
        """Write the graph as it is now."""
        with self._lock:
            docs, graph = self._graph.docs(), self._graph.dumped()
            self.changes = 0
        write_bundle(path, Bundle(self._about(), {"graph": graph, "docs": docs}))

    def load(self, path: Path) -> None:
        """Take the graph from its snapshot as far as it is still good; queue what it lacks.

        A damaged snapshot, or one of other settings, counts as none: the graph is built again.
        """
        live = self._flat.docs()
        known = self._restored(path)
        gone = known[~_among(live, known)]
        if len(gone):
            self._graph.remove(gone)
        self.add(live[~_among(known, live)])

    def _restored(self, path: Path) -> Docs:
        nothing = np.empty(0, np.uint32)
        try:
            bundle = read_bundle(path)
        except CorruptionError:
            return nothing
        if bundle is None or bundle.about != self._about():
            return nothing
        docs, graph = bundle.parts["docs"], bundle.parts["graph"]
        assert isinstance(docs, np.ndarray)
        assert isinstance(graph, bytes)
        self._graph.restore(graph, docs)
        return docs.astype(np.uint32)

    def _about(self) -> dict[str, Any]:
        config = self._config
        return {
            "kind": self._graph.kind,
            "distance": config.distance.value,
            "dimensions": self._dimensions,
            "connections": config.max_connections,
            "construction": config.ef_construction,
        }

    def _prepared(self, vectors: Floats) -> Floats:
        return normalised(vectors) if self._config.distance is Distance.COSINE else vectors


def _among(docs: Docs, asked: Docs) -> NDArray[np.bool_]:
    """For each of those asked for whether it is one of the documents."""
    there = np.zeros(int(max(docs.max(initial=0), asked.max(initial=0))) + 1, np.bool_)
    there[docs] = True
    return there[asked]


def _empty(library: Library, config: VectorIndex, dimensions: int) -> Walkable:
    """A graph without vectors. Libraries are loaded when the first graph needs them."""
    match library:
        case "usearch":
            from weavelet.engine.vectors.graph_usearch import UsearchGraph

            return UsearchGraph(config, dimensions)
        case "hnswlib":
            from weavelet.engine.vectors.graph_hnswlib import HnswlibGraph

            return HnswlibGraph(config, dimensions)
        case _:
            assert_never(library)
