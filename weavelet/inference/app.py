"""The inference server as an ASGI application: health, description, vectors and reranking.

It may run on a port of its own, like the containers it stands in for, or inside the server's process over an in-memory
transport. While its models load it is alive but not ready, and work is answered with 503.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response

from weavelet import __version__
from weavelet.errors import Unauthenticated, WeaveletError
from weavelet.inference import ranking, vectors
from weavelet.inference.metrics import CONTENT_TYPE, Counted, Requests, exposition
from weavelet.inference.models import Model
from weavelet.inference.page import page
from weavelet.inference.service import InferenceSettings, Loader, Service
from weavelet.inference.wire import empty, refusal, reply

_LIVE = ("/.well-known/live", "/healthz", "/v1/health/live")
_READY = ("/.well-known/ready", "/readyz", "/health", "/v1/health/ready")


def create_app(settings: InferenceSettings, load: Loader | None = None) -> FastAPI:
    """The application. `load` stands in for the real loading of models in tests."""
    service = Service(settings, load)
    requests = Requests()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        service.close()

    app = FastAPI(title="weavelet inference", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.service = service
    app.add_middleware(Counted, requests=requests)
    allowed = [Depends(_check_token(settings.tokens))] if settings.tokens else []
    app.include_router(vectors.routes(service), dependencies=allowed)
    app.include_router(ranking.routes(service), dependencies=allowed)
    _describe(app, service, allowed)
    _watch(app, service, requests)

    @app.exception_handler(WeaveletError)
    async def refuse(request: Request, error: WeaveletError) -> Response:
        return refusal(error, request.url.path)

    return app


def _watch(app: FastAPI, service: Service, requests: Requests) -> None:
    """Health, under the paths of all the servers this one stands in for, and metrics."""

    async def live() -> Response:
        """204 as long as the process runs."""
        return empty()

    async def ready() -> Response:
        """204 once the models are loaded; 503 until then, with what is waited for."""
        if waiting := service.waiting_for:
            return reply({"error": waiting}, 503, {"Retry-After": "1"})
        return empty()

    @app.get("/metrics")
    async def metrics() -> Response:
        """What the server did, for Prometheus."""
        return Response(exposition(requests, service), media_type=CONTENT_TYPE)

    for path, answer in [*((path, live) for path in _LIVE), *((path, ready) for path in _READY)]:
        shown = path.startswith("/.well-known/")
        app.add_api_route(path, answer, methods=["GET"], response_class=Response, include_in_schema=shown)


def _describe(app: FastAPI, service: Service, allowed: list[Any]) -> None:
    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(page(app.openapi()), media_type="text/html")

    @app.get("/meta", dependencies=allowed)
    async def meta() -> Response:
        """The models: what Weaviate shows of a module."""
        return reply(_meta(service))

    @app.get("/v1/models", dependencies=allowed)
    async def models() -> Response:
        """The models that are served, and the names the configuration gives them."""
        names = dict.fromkeys([*(model.name for model in service.models), *service.aliases])
        data = [{"id": name, "object": "model", "owned_by": "weavelet"} for name in names]
        return reply({"object": "list", "data": data})


def _meta(service: Service) -> dict[str, Any]:
    """`model` is what a container in Weaviate's place says there; `reranker` is told beside it."""
    embedding, reranker = service.embedding_model, service.reranker_model
    first = embedding or reranker
    described: dict[str, Any] = {"version": __version__, "model": _described(first) if first else None}
    return {**described, "reranker": _described(reranker)} if reranker and embedding else described


def _described(model: Model) -> dict[str, Any]:
    described: dict[str, Any] = {
        "model_name": model.name,
        "model_type": model.kind.value,
        "_name_or_path": model.title,
        "max_length": model.max_length,
        "licence": model.licence,
    }
    return {**described, "dimensions": model.dimensions} if model.dimensions else described


def _check_token(tokens: frozenset[str]) -> Any:
    async def check(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = [secrets.compare_digest(token.encode(), one.encode()) for one in tokens]
        if scheme.lower() != "bearer" or not any(known):
            raise Unauthenticated("Unauthorized")

    return check
