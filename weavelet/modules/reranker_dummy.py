"""reranker-dummy: scores a document by its length. For tests, which need no container with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from weavelet.modules.base import Call, Kind, ModuleSettings
from weavelet.schema.collection import Settings


class RerankerDummy:
    """The reranker named `reranker-dummy`."""

    name = "reranker-dummy"
    kind = Kind.RERANKER

    def __init__(self, settings: ModuleSettings) -> None:
        pass

    def rerank(self, query: str, documents: Sequence[str], settings: Settings, call: Call) -> Sequence[float]:
        return [float(len(document.encode())) for document in documents]

    def meta(self) -> Mapping[str, Any]:
        return {"name": "Reranker - Dummy"}

    def close(self) -> None:
        pass
