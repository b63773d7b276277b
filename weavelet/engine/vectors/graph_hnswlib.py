"""Graphs built with hnswlib: float32, quick to walk, and not to be searched while they change.

So searches share a lock and changes have it alone, for a few vectors at a time. The library cannot forget a vector,
only pass over it; where that has happened to half of them, new vectors take the places of old ones, which costs several
times as much as adding them but lets the graph stop growing. Needs the extra `weavelet[hnswlib]`.
"""

from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
from numpy.typing import NDArray

from weavelet.engine.docset import DocSet
from weavelet.engine.locks import ReadWriteLock
from weavelet.engine.vectors.protocol import Docs, Floats
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

_SPACES = {Distance.COSINE: "ip", Distance.DOT: "ip", Distance.L2_SQUARED: "l2"}
_FIRST_ROOM = 1_024
_AT_ONCE = 4
"""Vectors added under the lock: how long, in vectors, a search may have to wait."""


class HnswlibGraph:
    def __init__(self, config: VectorIndex, dimensions: int) -> None:
        self._index: Any = hnswlib.Index(space=_SPACES[config.distance], dim=dimensions)
        self._index.init_index(
            _FIRST_ROOM,
            M=config.max_connections,
            ef_construction=config.ef_construction,
            allow_replace_deleted=True,
        )
        self._live = DocSet()
        self._lock = ReadWriteLock()

    def __len__(self) -> int:
        return len(self._live)

    def fits(self, vectors: Floats) -> NDArray[np.bool_]:
        return np.ones(len(vectors), np.bool_)

    def add(self, docs: Docs, vectors: Floats) -> None:
        for start in range(0, len(docs), _AT_ONCE):
            piece = docs[start : start + _AT_ONCE]
            with self._lock.write:
                replace = self._index.get_current_count() - len(self._live) > len(self._live)
                if not replace:
                    self._make_room(len(piece))
                part = vectors[start : start + _AT_ONCE]
                self._index.add_items(part, piece.astype(np.uint64), num_threads=1, replace_deleted=replace)
                self._live.update(piece.tolist())

    def _make_room(self, more: int) -> None:
        wanted, room = self._index.get_current_count() + more, self._index.get_max_elements()
        if wanted > room:
            self._index.resize_index(max(wanted, room * 3 // 2))

    def remove(self, docs: Docs) -> int:
        with self._lock.write:
            known = [doc for doc in docs.tolist() if doc in self._live]
            for doc in known:
                self._index.mark_deleted(doc)
            self._live.difference_update(known)
            return len(known)

    def search(self, query: Vector, k: int) -> Docs:
        with self._lock.read:
            k = min(k, len(self._live))
            while k:
                try:
                    keys = self._index.knn_query(query, k, num_threads=1)[0][0]
                    return np.asarray(keys, np.uint32)
                except RuntimeError:  # the walk came upon fewer than k
                    k //= 2
        return np.empty(0, np.uint32)

    def docs(self) -> Docs:
        return self._live.array()

    def save(self, path: Path) -> None:
        with self._lock.read:
            self._index.save_index(str(path))

    def load(self, path: Path, docs: Docs) -> None:
        with self._lock.write:
            self._index.load_index(str(path), max_elements=_FIRST_ROOM, allow_replace_deleted=True)
            self._live = DocSet.of(docs)
