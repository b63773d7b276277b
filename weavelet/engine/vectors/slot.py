"""One vector of a collection (and tenant): its file, its exact index, and the stage that answers fastest.

    exact       numpy over the file      always there; every distance, any filter, multi-vectors
    quantised   4-bit codes              from a few thousand vectors on; cosine, dot, and L2 of unit vectors
    graph       HNSW                     from `graph_threshold` vectors on, once it has caught up; cosine, dot, L2

Filters that leave few documents are always answered exactly. `append` and `sync` are the writer's business on disk;
`index` and `remove` change memory and exclude readers; `work` lets the graph grow, from one background thread, and
codes, where many have to be made at once: the first ones, those missing after opening, and where another precision has
come to suit them better. The codes there are answer until then, or the exact index.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from weavelet.engine.docset import DocSet
from weavelet.engine.files import remove_files
from weavelet.engine.hits import Hits
from weavelet.engine.settings import EngineSettings
from weavelet.engine.snapshots import is_due
from weavelet.engine.vectors import graph, quantised
from weavelet.engine.vectors.building import Building
from weavelet.engine.vectors.file import VectorFile
from weavelet.engine.vectors.flat import Flat
from weavelet.engine.vectors.graph import Graph
from weavelet.engine.vectors.multi import MultiFlat, packed
from weavelet.engine.vectors.protocol import Docs, Exact, Floats, Nearest, RowNumbers, Stage
from weavelet.engine.vectors.quantised import Precision, Quantised, precision_for
from weavelet.errors import CorruptionError, DimensionMismatch, InvalidQuery, InvalidVector
from weavelet.handlers import computing
from weavelet.schema.collection import VectorIndex
from weavelet.schema.objects import Vector

_log = logging.getLogger(__name__)

_FEW = 256
_FEW_SHARE = 100
"""Filters that leave no more documents than so many, and one in so many, are answered exactly: measuring those takes
no longer than a scan."""
_MANY = 2_000
"""Vectors that take so long to measure that other calls should begin meanwhile."""
_GRAPH_SNAPSHOT, _CODES_SNAPSHOT = "graph.snapshot", "codes.snapshot"
_CODES_WORTH_WRITING = 2
"""Times the vectors from which on there are codes: fewer are sooner made again than read."""
_SNAPSHOT_SHARE = 4
"""Changes, one in so many vectors, after which graph and codes are written while others write."""
_ROWS_WORTH_TAKING = 1_024
_CODES_AT_ONCE = 1_000
"""So many first codes or more are made in the background."""
_CODES_A_STEP = 1_000
"""So many codes are scanned in the time in which a graph comes by one more candidate."""
_NOTHING = Nearest(np.empty(0, np.uint32), np.empty(0, np.float32))
_FIRST_REACH = 128
_REACH_GROWTH = 8


def _nothing() -> None: ...


class VectorSlot:
    def __init__(self, config: VectorIndex, folder: Path, settings: EngineSettings) -> None:
        """`folder` is the slot's own; it is made when there is something to put in it."""
        self._config = config
        self._settings = settings
        self._folder = folder
        self._name = "/".join(folder.parts[-3:])
        self._file = VectorFile(folder / "vectors.f32")
        self._flat = Flat(self._file, config.distance)
        self._exact: Exact = MultiFlat(self._file, config.distance) if config.multivector else self._flat
        self._quantised: Quantised | None = None
        self._building: Building | None = None
        self._changing = threading.Lock()
        """Held while the vectors change, and for a moment by whoever makes codes of them in the background."""
        self._graph: Graph | None = None
        self._rows_freed = 0

    def __len__(self) -> int:
        """How many documents have a vector here."""
        return len(self._exact)

    @property
    def dimensions(self) -> int | None:
        """None until the first vector."""
        return self._file.dimensions or None

    @property
    def queue_length(self) -> int:
        """Vectors the graph, or the codes, still lack. Searches find them all the same."""
        building = self._building
        queued = 0 if building is None else building.waiting
        return max(queued, 0 if self._graph is None else self._graph.waiting)

    @property
    def scans(self) -> bool:
        """Whether searches look at every vector."""
        return self._graph is None

    # Writing ----------------------------------------------------------------------------------------------------------

    def check(self, vector: Vector) -> None:
        """Raise `InvalidVector` where the vector cannot be stored here."""
        if vector.ndim != (2 if self._config.multivector else 1):
            raise InvalidVector(_shape_text(self._config.multivector))
        length = vector.shape[-1]
        if self.dimensions is not None and length != self.dimensions:
            raise DimensionMismatch(
                f"new node has a vector with length {length}. Existing nodes have vectors with length "
                f"{self.dimensions}: vector dimensions do not match the index dimensions"
            )

    def append(self, vectors: Sequence[Vector]) -> list[int]:
        """Write the vectors to disk; the row number by which each is known from now on. Durable after `sync`."""
        if not len(vectors):
            return []
        if self._config.multivector:
            return [self._file.append_together(packed(matrix)) for matrix in vectors]
        return self._file.append(np.stack(vectors)).tolist()  # type: ignore[no-any-return]

    def sync(self) -> None:
        self._file.sync()

    def learn(self, coming: int) -> None:
        """Find out what codes need, where so many more vectors make them worth having.

        That takes up to a tenth of a second, once in a process, which `index` would take while readers are kept out.
        """
        count, codes = len(self) + coming, self._quantised
        if self.dimensions and self._may_have_codes and count >= self._settings.quantised_threshold:
            quantised.learn(self.dimensions, precision_for(count, None if codes is None else codes.precision))

    def index(self, docs: Sequence[int], rows: Sequence[int]) -> None:
        """Make the documents searchable, whose vectors are in these rows."""
        numbers = np.asarray(docs, np.uint32)
        with self._changing:
            self._exact.add(numbers, np.asarray(rows, np.int64))
            if self._building is not None:
                self._building.add(numbers)
            for stage in self._stages():
                stage.add(numbers)
            self._open_stages()

    def remove(self, docs: Sequence[int]) -> None:
        """Documents without a vector here are passed over."""
        numbers = np.asarray(docs, np.uint32)
        before = len(self)
        with self._changing:
            if self._building is not None:
                self._building.remove(numbers)
            for stage in self._stages():
                stage.remove(numbers)
            self._exact.remove(numbers)
            self._open_stages()
        self._rows_freed += before - len(self)

    @property
    def wants_rows_back(self) -> bool:
        """Whether enough vectors have been removed since the file was last told which rows are in use."""
        return self._rows_freed > max(_ROWS_WORTH_TAKING, len(self) // 4)

    def take_rows_back(self, rows: RowNumbers) -> None:
        """All rows but these, and what belongs to them, will be written again. Excludes readers and the writer."""
        self._rows_freed = 0
        end = np.array([self._file.count - 1], np.int64)  # the file keeps its length, which searches rely on
        self._file.reuse(np.concatenate((self._taken(rows), end)))

    def load(
        self, docs: Sequence[int] | Docs, rows: Sequence[int] | RowNumbers, known: tuple[Docs, Floats] | None = None
    ) -> None:
        """At start-up: index all there is. Rows of the file not named here will be written again.

        `known`: some documents and their `scales`, so that their vectors need not be read.
        """
        numbers = np.asarray(docs, np.uint32)
        places = np.asarray(rows, np.int64)
        self._check_rows(places)
        if known is None or self._config.multivector:
            self._exact.add(numbers, places)
        else:
            self._flat.load(numbers, places, *known)
        self._file.reuse(self._taken(places))
        self._open_stages(loading=True)

    def _check_rows(self, rows: RowNumbers) -> None:
        if len(rows) and (rows.min() < 0 or rows.max() >= self._file.count):
            raise CorruptionError(
                f"{self._file.path} is damaged: it has {self._file.count} rows, but objects refer to others"
            )

    def _taken(self, rows: RowNumbers) -> RowNumbers:
        if not self._config.multivector or not len(rows):
            return rows
        lengths = MultiFlat.lengths(self._file, rows)
        return np.concatenate([np.arange(row, row + 1 + length) for row, length in zip(rows, lengths, strict=True)])

    # Stages -----------------------------------------------------------------------------------------------------------

    def _stages(self) -> tuple[Stage, ...]:
        """The fastest first."""
        return tuple(stage for stage in (self._graph, self._quantised) if stage is not None)

    def _open_stages(self, *, loading: bool = False) -> None:
        """Start the stages that are worth having now. Each begins with all vectors there are."""
        if self._config.multivector or self._config.skip or not self.dimensions:
            return
        if self._building is None:
            if self._quantised is None and self._wants_codes():
                self._open_codes(loading=loading)
            elif self._quantised is not None:
                self._improve_codes(self._quantised)
        if self._graph is None and self._wants_graph():
            self._graph = Graph(self._flat, self._config, self.dimensions, self._settings.graph, self._name)
            self._graph.load(self._folder / _GRAPH_SNAPSHOT)

    def _open_codes(self, *, loading: bool) -> None:
        codes = self._empty_codes(precision_for(len(self)))
        if loading:
            codes.load(self._folder / _CODES_SNAPSHOT)
        missing = codes.missing()
        # While others write, searches wait for what is made here. At the opening they would wait longer without codes.
        most = self._settings.background_codes if loading else min(self._settings.background_codes, _CODES_AT_ONCE)
        if len(missing) >= most:
            self._building = Building(codes, self._changing)
        else:
            codes.add(missing)
            self._quantised = codes

    def _improve_codes(self, codes: Quantised) -> None:
        """Have codes of another precision made, where that suits better by now."""
        wanted = precision_for(len(self), codes.precision)
        if wanted is not codes.precision:
            self._building = Building(self._empty_codes(wanted), self._changing)

    def _empty_codes(self, precision: Precision) -> Quantised:
        assert self.dimensions is not None
        return Quantised(self._flat, self._config.distance, self.dimensions, precision)

    @property
    def _may_have_codes(self) -> bool:
        config = self._config
        return not (config.multivector or config.skip) and quantised.available(config.distance)

    def _wants_codes(self) -> bool:
        return self._may_have_codes and len(self) >= self._settings.quantised_threshold

    def _wants_graph(self) -> bool:
        if self._config.kind == "flat" or not graph.available(self._config.distance):
            return False
        return len(self) >= max(1, self._settings.graph_threshold)

    def work(self, most: int = 64) -> bool:
        """Let the graph grow by up to so many vectors, or make some codes. Whether there is more to do."""
        if self._building is not None:
            self._build_codes(self._building)
            return True
        return self._graph is not None and self._graph.work(most) > 0

    def _build_codes(self, building: Building) -> None:
        building.work()
        with self._changing:
            if building.done:
                self._quantised, self._building = building.codes, None
                self._open_stages()
                _log.info("%s: codes of %d vectors made", self._name, len(building.codes))

    def redefine(self, config: VectorIndex) -> None:
        """Search by other settings from now on; distance and kind stay what they are."""
        self._config = config
        if self._graph is not None:
            self._graph.redefine(config)

    # Searching --------------------------------------------------------------------------------------------------------

    def search(self, query: Vector, k: int, allowed: DocSet | None = None) -> Hits:
        """The k nearest documents, nearest first, ties by document number."""
        return _hits(self.nearest(query, k, allowed))

    def within(self, query: Vector, distance: float, maximum: int, allowed: DocSet | None = None) -> Hits:
        """The documents no farther than `distance`, nearest first, at most `maximum` of them."""
        self._check_query(query)
        if not len(self):
            return _hits(_NOTHING)
        if not query.size:
            return _hits(self._any(maximum, allowed))
        reach = _FIRST_REACH
        while self._stages() and reach < min(maximum, len(self) // _REACH_GROWTH):
            found = self.nearest(query, reach, allowed)
            inside = int(np.searchsorted(found.distances, np.float32(distance + 1e-6), side="right"))
            if inside < reach:
                return _hits(Nearest(found.docs[:inside], found.distances[:inside]))
            reach *= _REACH_GROWTH
        found = self._exact.within(query, distance, allowed)
        return _hits(Nearest(found.docs[:maximum], found.distances[:maximum]))

    def nearest(self, query: Vector, k: int, allowed: DocSet | None = None) -> Nearest:
        """As `search`, in arrays."""
        self._check_query(query)
        if not len(self) or k < 1 or (allowed is not None and not len(allowed)):
            return _NOTHING
        if not query.size:
            return self._any(k, allowed)
        for stage in self._suited(k, allowed):
            found = stage.nearest(query, k, allowed)
            if found is not None:
                return found
        passing = len(self) if allowed is None else len(allowed)
        with computing() if passing >= _MANY else nullcontext():
            return self._exact.nearest(query, k, allowed)

    def _suited(self, k: int, allowed: DocSet | None) -> tuple[Stage, ...]:
        """The stages to ask. Codes take a filter for free, a graph pays for what it walks over in vain."""
        passing = len(self) if allowed is None else len(allowed)
        if allowed is not None and passing <= _FEW + len(self) // _FEW_SHARE:
            return ()
        stages = self._stages()
        walks = self._graph is not None and passing >= _CODES_A_STEP * self._graph.breadth(k)
        return stages if walks else stages[::-1]

    def distances(self, query: Vector, docs: Docs) -> Floats:
        """The distance to each document; NaN where it has no vector here."""
        self._check_query(query)
        if not query.size:
            return np.where(np.isin(docs, self._exact.docs()), np.float32(0), np.float32(np.nan))
        return self._exact.distances(query, docs)

    def vector(self, doc: int) -> Vector | None:
        """The vector as it was stored."""
        return self._exact.vector(doc)

    def _any(self, k: int, allowed: DocSet | None) -> Nearest:
        """A query without dimensions is equally far from everything."""
        docs = self._exact.docs()
        if allowed is not None:
            docs = docs[allowed.mask(int(docs.max()) + 1)[docs]]
        return Nearest(docs[:k], np.zeros(len(docs[:k]), np.float32))

    def _check_query(self, query: Vector) -> None:
        if self._config.skip:
            raise InvalidQuery("cannot vector-search on a class not vector-indexed")
        if query.ndim == 2 and not self._config.multivector:
            raise InvalidVector("multivector search is not enabled")
        length = query.shape[-1]
        if length and self.dimensions is not None and length != self.dimensions:
            raise DimensionMismatch(
                "knn search: distance between entrypoint and query node: "
                f"{self.dimensions} vs {length}: vector lengths don't match"
            )

    # The end ----------------------------------------------------------------------------------------------------------

    def snapshot(self, settle: Callable[[], None] = _nothing) -> None:
        """Write what would take long to make again, where it has changed: the graph, and many codes.

        `settle` returns once the store's commits would survive a power cut.
        """
        if self._graph is not None and self._graph.changes:
            self._graph.snapshot(self._folder / _GRAPH_SNAPSHOT, settle)
        codes = self._quantised
        if codes is not None and codes.changes and self._are_many(codes):
            codes.snapshot(self._folder / _CODES_SNAPSHOT, settle)

    def snapshot_is_due(self, *, quiet: bool, last: bool = False) -> bool:
        """Whether so much has changed that `snapshot` is worth its time. `quiet`: nobody has written for a while.

        `last`: there will not be a better moment. A graph that still grows waits for one.
        """
        graph, codes = self._graph, self._quantised
        rests = last or (quiet and graph is not None and not graph.waiting)
        if graph is not None and self._is_due(graph.changes, len(graph), quiet=rests):
            return True
        if codes is None or not self._are_many(codes):
            return False
        return self._is_due(codes.changes, len(codes), quiet=quiet)

    def _are_many(self, codes: Quantised) -> bool:
        return len(codes) >= _CODES_WORTH_WRITING * self._settings.quantised_threshold

    def _is_due(self, changes: int, count: int, *, quiet: bool) -> bool:
        return is_due(changes, count, _SNAPSHOT_SHARE, self._settings.snapshot_changes, quiet=quiet)

    def scales(self, docs: Docs) -> Floats | None:
        """What the exact index has measured of each of these documents' vectors, if it measures any, for `load`."""
        return None if self._config.multivector else self._flat.scales(docs)

    def close(self) -> None:
        self._file.close()


def drop_snapshots(folder: Path) -> None:
    """Remove every snapshot of the slot in this folder."""
    graph.remove_snapshot(folder / _GRAPH_SNAPSHOT)
    remove_files([folder / _CODES_SNAPSHOT])


def _hits(found: Nearest) -> Hits:
    return Hits(found.docs, distances=found.distances)


def _shape_text(multivector: bool) -> str:
    if multivector:
        return "this vector index is configured for multi vectors: send a list of vectors, each a list of numbers"
    return "multi vector is not supported: this vector index holds one vector per object, a list of numbers"
