"""Graphs built with usearch: bfloat16, half the memory of float32, searched while they grow."""

import ctypes
from contextlib import suppress
from typing import Any

import numpy as np

from weavelet.engine.vectors.protocol import Docs, Floats
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance
from weavelet.schema.objects import Vector

with suppress(OSError):
    # usearch shows the C++ library it carries to everything loaded after it, and onnxruntime crashes on that one
    ctypes.CDLL("libstdc++.so.6", ctypes.RTLD_GLOBAL)

from usearch.index import Index

_METRICS = {Distance.COSINE: "ip", Distance.DOT: "ip", Distance.L2_SQUARED: "l2sq"}


class UsearchGraph:
    kind = "usearch bf16"

    def __init__(self, config: VectorIndex, dimensions: int) -> None:
        self._index: Any = Index(
            ndim=dimensions,
            metric=_METRICS[config.distance],
            dtype="bf16",
            connectivity=config.max_connections,
            expansion_add=config.ef_construction,
        )

    def __len__(self) -> int:
        return len(self._index)

    def add(self, docs: Docs, vectors: Floats) -> None:
        self._index.add(docs.astype(np.uint64), vectors, threads=1)

    def remove(self, docs: Docs) -> int:
        return int(self._index.remove(docs.astype(np.uint64)))

    def search(self, query: Vector, k: int) -> Docs:
        keys: Docs = self._index.search(query, k, threads=1).keys.astype(np.uint32)
        return keys

    def docs(self) -> Docs:
        return np.asarray(self._index.keys).astype(np.uint32)

    def dumped(self) -> bytes:
        return bytes(self._index.save(None) or b"")

    def restore(self, data: bytes, docs: Docs) -> None:
        self._index.load(data)
