"""Graphs built with usearch, searched while they grow: of integers of 8 bits where a scale suits the vectors, else of
bfloat16."""

import ctypes
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.vectors.huge_pages import HugePages
from weavelet.engine.vectors.protocol import Docs, Floats
from weavelet.engine.vectors.rounding import Scale
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

with suppress(OSError):
    # usearch shows the C++ library it carries to everything loaded after it, and onnxruntime crashes on that one
    ctypes.CDLL("libstdc++.so.6", ctypes.RTLD_GLOBAL)

from usearch.index import Index

_REMOVED = np.uint64(2**64 - 1)
"""The key of a vector that is removed while a search comes upon it."""
_ASK_AFTER = 1_024
"""Vectors added, after which to ask for large pages: the library takes memory in ever larger pieces."""
_METRICS = {Distance.COSINE: "ip", Distance.DOT: "ip", Distance.L2_SQUARED: "l2sq"}


class UsearchGraph:
    def __init__(self, config: VectorIndex, dimensions: int, scale: Scale | None) -> None:
        self._scale = scale
        self._index: Any = Index(
            ndim=dimensions,
            metric=_METRICS[config.distance],
            dtype="bf16" if scale is None else "i8",
            connectivity=config.max_connections,
            expansion_add=config.ef_construction,
        )
        self._pages = HugePages()
        self._since_asked = 0

    def __len__(self) -> int:
        return len(self._index)

    def fits(self, vectors: Floats) -> NDArray[np.bool_]:
        return np.ones(len(vectors), np.bool_) if self._scale is None else self._scale.fits(vectors)

    def add(self, docs: Docs, vectors: Floats) -> None:
        encoded = vectors if self._scale is None else self._scale.rounded(vectors)
        self._index.add(docs.astype(np.uint64), encoded, threads=1)
        self._since_asked += len(docs)
        if self._since_asked >= _ASK_AFTER:
            self._since_asked = 0
            self._pages.ask()

    def remove(self, docs: Docs) -> int:
        return int(self._index.remove(docs.astype(np.uint64)))

    def search(self, query: Vector, k: int) -> Docs:
        asked = query if self._scale is None else Scale.of_query(query).rounded(query)
        return _known(self._index.search(asked, k, threads=1).keys)

    def docs(self) -> Docs:
        return _known(np.asarray(self._index.keys))

    def save(self, path: Path) -> None:
        self._index.save(path, progress=_breathe)

    def load(self, path: Path, docs: Docs) -> None:
        self._index.load(path, progress=_breathe)
        self._pages.ask(collapse=True)


def _known(keys: NDArray[np.uint64]) -> Docs:
    docs: Docs = keys[keys != _REMOVED].astype(np.uint32)
    return docs


def _breathe(done: int, total: int) -> bool:
    """Called for every vector: the library holds the interpreter lock, and this is where others get it."""
    return True
