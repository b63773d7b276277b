"""The routes that make vectors: Weaviate's `/vectors`, OpenAI's `/v1/embeddings`, TEI's `/embed`."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from weavelet.errors import InvalidInput
from weavelet.inference.models import Pooling
from weavelet.inference.runtime import Floats
from weavelet.inference.service import Service
from weavelet.inference.wire import Body, body_of, read, reply

_BATCH = 4
"""How many texts `/vectors` is best asked for at once, which every answer tells. Few: the queue keeps all cores busy
with the texts of many small requests, and none of them waits long for its last text, however long texts are."""

_QUERIES = frozenset({"query", "search_query"})
"""What the services people know call a text that is searched for."""


class VectorConfig(Body):
    pooling_strategy: Pooling | None = None
    task_type: str | None = None
    dimensions: int | None = Field(default=None, ge=1)


class VectorRequest(Body):
    """One text, or with `texts` several at once."""

    text: str | None = None
    texts: list[str] | None = None
    model: str | None = None
    config: VectorConfig | None = None


class EmbeddingsRequest(Body):
    input: str | list[str]
    model: str | None = None
    dimensions: int | None = Field(default=None, ge=1)
    encoding_format: Literal["float", "base64"] = "float"
    input_type: str | None = None


class EmbedRequest(Body):
    inputs: str | list[str]
    dimensions: int | None = Field(default=None, ge=1)
    prompt_name: str | None = None


def routes(service: Service) -> APIRouter:
    """The routes, served by these models."""
    router = APIRouter()

    @router.post("/vectors", openapi_extra=body_of(VectorRequest))
    @router.post("/vectors/", include_in_schema=False)
    async def vectors(request: Request) -> Response:
        """The vector of a text, or of several: Weaviate's text2vec-transformers."""
        asked = await read(request, VectorRequest)
        config = asked.config or VectorConfig()
        texts = asked.texts if asked.texts is not None else [asked.text] if asked.text is not None else None
        if texts is None:
            raise InvalidInput("text: Field required")
        embedder = await service.embedder(asked.model)
        is_query = config.task_type == "query"
        found = await embedder.vectors(texts, is_query, config.dimensions, config.pooling_strategy)
        if asked.texts is not None:
            return reply({"texts": texts, "vectors": found, "dim": _width(found)})
        width = len(found[0])
        return reply({"text": asked.text, "vector": found[0], "dim": width, "dims": width, "batch": _BATCH})

    @router.post("/v1/embeddings", openapi_extra=body_of(EmbeddingsRequest))
    async def embeddings(request: Request) -> Response:
        """The vectors of texts: OpenAI's, and of the many servers that speak it."""
        asked = await read(request, EmbeddingsRequest)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        embedder = await service.embedder(asked.model)
        found = await embedder.vectors(texts, asked.input_type in _QUERIES, asked.dimensions)
        shown = [_base64(vector) for vector in found] if asked.encoding_format == "base64" else found
        words = sum(len(text.split()) for text in texts)
        data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(shown)]
        usage = {"prompt_tokens": words, "total_tokens": words}
        return reply({"object": "list", "data": data, "model": asked.model or embedder.model.name, "usage": usage})

    @router.post("/embed", openapi_extra=body_of(EmbedRequest))
    async def embed(request: Request) -> Response:
        """The vectors of texts: Hugging Face's text-embeddings-inference."""
        asked = await read(request, EmbedRequest)
        texts = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
        embedder = await service.embedder()
        return reply(await embedder.vectors(texts, asked.prompt_name in _QUERIES, asked.dimensions))

    return router


def _width(vectors: Sequence[Floats]) -> int:
    return len(vectors[0]) if vectors else 0


def _base64(vector: Floats) -> str:
    """The numbers as little-endian float32 in base64, as OpenAI's own clients ask for them."""
    return b64encode(vector.astype("<f4").tobytes()).decode()
