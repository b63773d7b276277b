"""A stage that walks an HNSW graph: for collections so large that even scanning codes takes too long.

The graph, of one library or another (`graph_usearch.py`, `graph_hnswlib.py`), grows in the background, a few vectors
at a time (`work`), while other stages answer; until it has caught up it declines. Many vectors at once are added in an
order that makes it quicker (`tour.py`), rounded where that suits them (`rounding.py`); the few that it does not suit
stay aside. Those, and vectors added since the graph caught up, are measured exactly beside what the walk finds. A
filter is applied to what the walk finds, which is widened until enough is left or it is no longer worth it. Writers
only queue what is to be done, and wait for nothing. `snapshot` writes the graph with a checksum, and the native
library never sees a file whose checksum is wrong; reading it back is the first slice of work after opening.
"""

import importlib.util
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias, assert_never

import numpy as np

from weavelet.engine.distance import normalised
from weavelet.engine.docset import DocSet
from weavelet.engine.files import Bundle, file_checksum, put_in_place, read_bundle, remove_files, write_bundle
from weavelet.engine.vectors.flat import Flat
from weavelet.engine.vectors.protocol import Docs, Floats, Nearest, Walkable, among, first
from weavelet.engine.vectors.rounding import Scale
from weavelet.engine.vectors.tour import tour
from weavelet.errors import CorruptionError
from weavelet.handlers import computing
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

_log = logging.getLogger(__name__)

Library: TypeAlias = Literal["usearch", "hnswlib"]

_METRICS = (Distance.COSINE, Distance.DOT, Distance.L2_SQUARED)
_ROUNDED = (Distance.COSINE, Distance.DOT)
"""What usearch measures rightly between integers of 8 bits. Their differences overflow there, and with them L2."""
_SLICE = 16
"""Vectors added to the graph in one go."""
_BEHIND = 4096
"""With more vectors than this still to be added, the graph does not answer."""
_SPARE = 30
"""So many more than k are measured exactly: the graph's own distances are rounded."""
_SHARE = 8
"""Walking to more than one in so many vectors is not worth it."""
_ATTEMPTS = (1, 2)
"""How far to go, in times of what suffices where a filter passes near and far alike. One that leaves too little of the
second leaves out what is near."""
_READ_AT_ONCE = 256
"""Vectors read while writers, if there are any, have to wait."""
_WORTH_TOURING = 2_048
"""Vectors to be added from which on their order matters."""
_LONGEST_TOUR = 262_144
_SAMPLE = 8_192
"""Vectors by which it is decided how those of the graph are rounded."""
_MOST_ASIDE = 1_024
"""With more vectors that rounding does not suit, the graph is built again without it."""
_WORTH_TELLING = 1_000
"""Vectors to be added from which on the log says so."""
_OF_ONE_FILE: dict[str, Any] = {"file": "", "crc": 0, "scale": None}
"""What snapshots of one graph differ in."""
_NO_DOCS: Docs = np.empty(0, np.uint32)


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
        self._library = library
        self._name = name
        self._scale: Scale | None = None
        self._graph = self._empty()
        self._begun = False
        """Whether it is settled how the vectors are rounded, and the snapshot, if there is one, has been read."""
        self._source: Path | None = None
        """The snapshot to begin with."""
        self._waiting = DocSet()
        self._aside = DocSet()
        """Documents whose vectors do not fit the graph."""
        self._leaving = DocSet()
        """Documents the slot has removed and the graph still has."""
        self._tour: Iterator[Docs] = iter(())
        self._ahead = _NO_DOCS
        """The next of the waiting to add, and others that no longer wait."""
        self._queueing = threading.Lock()
        """Held while the sets of documents change, which takes microseconds, or while some vectors are read."""
        self._changing = threading.Lock()
        """Held by whatever changes the graph. Neither writers nor searches wait for it."""
        self._began = 0.0
        self._added = 0
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
        with self._queueing:
            self._waiting.update(docs.tolist())

    def remove(self, docs: Docs) -> None:
        """Searches pass over them from now on; `work` takes them out of the graph."""
        with self._queueing:
            for doc in docs.tolist():
                for others in (self._waiting, self._aside):
                    if doc in others:
                        others.discard(doc)
                        break
                else:
                    self._leaving.add(doc)

    def work(self, most: int) -> int:
        """Take out what has been removed and add up to so many of the waiting; how many still wait.

        For one background thread at a time. What a snapshot has is read first.
        """
        with self._changing:
            if not self._begun:
                self._begin()
            self._tell_beginning()
            self._take_out()
            for _ in range(0, most, _SLICE):
                if not self._add_some():
                    break
            self._tell_end()
        return len(self._waiting)

    def _take_out(self) -> None:
        with self._queueing:
            docs = self._leaving.array()
        if len(docs):
            self.changes += self._graph.remove(docs)
            with self._queueing:
                self._leaving.difference_update(docs.tolist())

    def _add_some(self) -> bool:
        """A slice of the waiting, which wait until the graph has them; False where there are none.

        Those removed meanwhile are taken out by the next call of `work`.
        """
        if not self._waiting:
            return False
        chosen, vectors = self._still_waiting(self._next())
        if not len(chosen):
            return True
        fit = self._graph.fits(vectors)
        self._graph.add(chosen[fit], vectors[fit])
        with self._queueing:
            self._aside.update(doc for doc in chosen[~fit].tolist() if doc in self._waiting)
            self._leaving.update(doc for doc in chosen[fit].tolist() if doc not in self._waiting)
            self._waiting.difference_update(chosen.tolist())
        self.changes += len(chosen)
        self._added += len(chosen)
        if len(self._aside) > _MOST_ASIDE:
            self._begin_again()
        return True

    def _next(self) -> Docs:
        """Some of those that wait, or waited when the tour began; none while it is being planned."""
        if not len(self._ahead):
            ahead = next(self._tour, None)
            if ahead is None:
                with self._queueing:
                    ahead = self._waiting.array()
                if len(ahead) >= _WORTH_TOURING:
                    self._tour, ahead = tour(ahead[:_LONGEST_TOUR], self._still_waiting), _NO_DOCS
            self._ahead = ahead
        some, self._ahead = self._ahead[:_SLICE], self._ahead[_SLICE:]
        return some

    def _still_waiting(self, docs: Docs) -> tuple[Docs, Floats]:
        """Those of the documents that wait, and their vectors as the graph has them."""
        kept, read = [_NO_DOCS], [np.empty((0, self._dimensions), np.float32)]
        for start in range(0, len(docs), _READ_AT_ONCE):
            with self._queueing:
                some = [doc for doc in docs[start : start + _READ_AT_ONCE].tolist() if doc in self._waiting]
                kept.append(np.array(some, np.uint32))
                read.append(self._flat.vectors(kept[-1]))
        return np.concatenate(kept), self._prepared(np.concatenate(read))

    def _begin_again(self) -> None:
        """Without rounding."""
        _log.info("%s: many vectors cannot be rounded, building the graph anew", self._name)
        self._scale = None
        with self._queueing:
            present = DocSet.of(self._graph.docs()) - self._leaving
            self._waiting, self._leaving = present | self._waiting | self._aside, DocSet()
            self._aside = DocSet()
        self._graph = self._empty()
        self._tour, self._ahead = iter(()), _NO_DOCS

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

    # Searching --------------------------------------------------------------------------------------------------------

    def nearest(self, query: Vector, k: int, allowed: DocSet | None) -> Nearest | None:
        total = len(self._graph)
        if not total or len(self._waiting) > _BEHIND:
            return None
        beside = np.concatenate((self._waiting.array(), self._aside.array()))
        share = 1.0 if allowed is None else min(1.0, len(allowed) / total)
        for times in _ATTEMPTS if share else ():
            breadth = int(self.breadth(k) * times / share)
            if breadth * _SHARE > total:
                break
            docs = self._walk(query, int((k + _SPARE) * times / share), breadth, beside, allowed)
            distances = self._flat.distances(query, docs)
            if np.count_nonzero(~np.isnan(distances)) >= k:
                return first(docs, distances, k)
        return None

    def breadth(self, k: int) -> int:
        """How many candidates the walk keeps: the collection's `ef`, or one that grows with k."""
        low, high, factor = self._config.dynamic_ef
        ef = self._config.ef if self._config.ef > 0 else min(max(int(k * factor), low), high)
        return max(ef, k)

    def _walk(self, query: Vector, wanted: int, breadth: int, beside: Docs, allowed: DocSet | None) -> Docs:
        """The best of what a walk of this breadth finds, and what the graph lacks. Removed ones may be among them."""
        prepared = self._prepared(query[np.newaxis])[0]
        with computing():
            found = self._graph.search(prepared, breadth)[:wanted]
        docs = np.concatenate((found, beside))
        if allowed is None:
            return np.unique(docs)
        return np.unique(docs[allowed.mask(int(docs.max(initial=0)) + 1)[docs]])

    # Snapshots --------------------------------------------------------------------------------------------------------

    def snapshot(self, path: Path, settle: Callable[[], None]) -> None:
        """Write the graph as it is now. `settle` returns once the store's commits would survive a power cut.

        The graph is in a file of its own beside the snapshot, written by the library, so that it is never in memory
        twice; the snapshot names that file and knows its checksum.
        """
        with self._changing:
            if not self._begun:
                return
            self._take_out()
            self.changes = 0
            docs, data = self._graph.docs(), _data_path(path, time.time_ns())
            checksums: list[int] = []

            def make(temporary: Path) -> None:
                self._graph.save(temporary)
                checksums.append(file_checksum(temporary))

            put_in_place(data, make)
        settle()
        about = {**self._about(), "file": data.name, "crc": checksums[0]}
        write_bundle(path, Bundle(about, {"docs": docs}))
        _keep_only(path, data.name)

    def load(self, path: Path) -> None:
        """Begin with the snapshot, as far as it is still good; `work` reads it and adds what it lacks.

        A damaged snapshot, or one of other settings, counts as none: the graph is built again.
        """
        self._source = path
        self.add(self._flat.docs())

    def _begin(self) -> None:
        """With what the snapshot has, or with nothing."""
        known = _NO_DOCS if self._source is None else self._restored(self._source)
        if not len(known):
            self._choose_scale()
        self._begun = True
        with self._queueing:
            gone = known[~among(self._waiting.array(), known)]
            self._leaving.update(gone.tolist())
            self._waiting.difference_update(known.tolist())

    def _choose_scale(self) -> None:
        """For the graph, which is empty."""
        with self._queueing:
            waiting = self._waiting.array()
        if self._library == "usearch" and self._config.distance in _ROUNDED and len(waiting):
            _, sample = self._still_waiting(waiting[:: -(-len(waiting) // _SAMPLE)])
            self._scale = Scale.of(sample)
            self._graph = self._empty()

    def _restored(self, path: Path) -> Docs:
        """What a graph from this snapshot has; nothing where it is of no use."""
        try:
            bundle = read_bundle(path)
        except CorruptionError as error:
            _log.warning("building the graph anew: %s", error)
            return _NO_DOCS
        if bundle is None or {**bundle.about, **_OF_ONE_FILE} != {**self._about(), **_OF_ONE_FILE}:
            return _NO_DOCS
        docs, data = np.asarray(bundle.parts["docs"]).astype(np.uint32), path.with_name(bundle.about["file"])
        if not data.exists() or file_checksum(data) != bundle.about["crc"]:
            _log.warning("building the graph anew: %s is missing or damaged", data)
            return _NO_DOCS
        factor = bundle.about["scale"]
        self._scale = None if factor is None else Scale(factor)
        self._graph = self._empty()
        self._graph.load(data, docs)
        return docs

    def _about(self) -> dict[str, Any]:
        config = self._config
        return {
            "library": self._library,
            "scale": None if self._scale is None else self._scale.factor,
            "distance": config.distance.value,
            "dimensions": self._dimensions,
            "connections": config.max_connections,
            "construction": config.ef_construction,
        }

    def _empty(self) -> Walkable:
        """A graph without vectors. Libraries are loaded when the first graph needs them."""
        match self._library:
            case "usearch":
                from weavelet.engine.vectors.graph_usearch import UsearchGraph

                return UsearchGraph(self._config, self._dimensions, self._scale)
            case "hnswlib":
                from weavelet.engine.vectors.graph_hnswlib import HnswlibGraph

                return HnswlibGraph(self._config, self._dimensions)
            case _:
                assert_never(self._library)

    def _prepared(self, vectors: Floats) -> Floats:
        return normalised(vectors) if self._config.distance is Distance.COSINE else vectors


def remove_snapshot(path: Path) -> None:
    """Remove the snapshot and the graph it names, durably."""
    remove_files([path, *_data_files(path)])


def _data_path(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}.data")


def _data_files(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{path.stem}-*.data*"))


def _keep_only(path: Path, name: str) -> None:
    """Remove the graphs that older snapshots, or interrupted ones, have left."""
    remove_files(file for file in _data_files(path) if file.name != name)
