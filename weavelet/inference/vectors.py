"""The routes that make vectors: Weaviate's `/vectors`, OpenAI's `/v1/embeddings`, TEI's `/embed`."""

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from weavelet.errors import InvalidInput
from weavelet.inference.runtime import Floats
from weavelet.inference.service import Service
from weavelet.inference.wire import Body, read, reply

_BATCH = 64
"""How many texts `/vectors` takes at once, which every answer tells."""


class VectorConfig(Body):
    pooling_strategy: Literal["masked_mean", "cls"] | None = None
    task_type: str | None = None
    dimensions: int | None = Field(default=None, ge=1)


class VectorRequest(Body):
    """One text, or with `texts` several at once. The pooling is the model's own, whatever is asked for."""

    text: str | None = None
    texts: list[str] | None = None
    model: str | None = None
    config: VectorConfig | None = None


class EmbeddingsRequest(Body):
    input: str | list[str]
    model: str | None = None
    dimensions: int | None = Field(default=None, ge=1)
    encoding_format: Literal["float"] = "float"
    input_type: str | None = None


class EmbedRequest(Body):
    inputs: str | list[str]
    dimensions: int | None = Field(default=None, ge=1)
    prompt_name: str | None = None


def routes(service: Service) -> APIRouter:
    """The routes, served by these models."""
    router = APIRouter()

    @router.post("/vectors")
    @router.post("/vectors/", include_in_schema=False)
    async def vectors(request: Request) -> Response:
        asked = await read(request, VectorRequest)
        config = asked.config or VectorConfig()
        texts = asked.texts if asked.texts is not None else [asked.text] if asked.text is not None else None
        if texts is None:
            raise InvalidInput("text: Field required")
        embedder = service.embedder(asked.model)
        found = await embedder.vectors(texts, config.task_type == "query", config.dimensions)
        if asked.texts is not None:
            return reply({"texts": texts, "vectors": found, "dim": _width(found)})
        width = len(found[0])
        return reply({"text": asked.text, "vector": found[0], "dim": width, "dims": width, "batch": _BATCH})

    @router.post("/v1/embeddings")
    async def embeddings(request: Request) -> Response:
        asked = await read(request, EmbeddingsRequest)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        embedder = service.embedder(asked.model)
        found = await embedder.vectors(texts, asked.input_type == "query", asked.dimensions)
        words = sum(len(text.split()) for text in texts)
        data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(found)]
        usage = {"prompt_tokens": words, "total_tokens": words}
        return reply({"object": "list", "data": data, "model": asked.model or embedder.model.name, "usage": usage})

    @router.post("/embed")
    async def embed(request: Request) -> Response:
        asked = await read(request, EmbedRequest)
        texts = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
        return reply(await service.embedder().vectors(texts, asked.prompt_name == "query", asked.dimensions))

    return router


def _width(vectors: Sequence[Floats]) -> int:
    return len(vectors[0]) if vectors else 0
