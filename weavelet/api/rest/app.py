"""The REST door: a FastAPI application with Weaviate's routes, status codes and error bodies.

`create` puts it together from one router per topic. Handlers parse bodies themselves and answer with finished bytes;
FastAPI matches routes, reads parameters, runs handlers on its thread pool and describes it all at /v1/openapi.json.
Errors become answers here and nowhere else: by `weavelet.api.errors`' table, or in a `Refusal`'s own words.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from weavelet import __version__
from weavelet.api import auth, errors
from weavelet.api.core import App
from weavelet.api.rest import (
    aliases,
    authz,
    backups,
    batch,
    cluster,
    exports,
    graphql,
    listing,
    meta,
    objects,
    references,
    schema,
    tenants,
    tokenize,
    unsupported,
    users,
)
from weavelet.api.rest.describing import REFUSALS
from weavelet.api.rest.door import Door
from weavelet.api.rest.edge import Edge, cors_headers
from weavelet.api.rest.refusals import Refusal, not_of_type, required
from weavelet.api.rest.render import answer, empty
from weavelet.errors import Unauthenticated, WeaveletError

if TYPE_CHECKING:
    from weavelet.api.graphql import Endpoint

_TOPICS = (
    meta,
    cluster,
    objects,
    listing,
    references,
    batch,
    schema,
    tenants,
    aliases,
    tokenize,
    graphql,
    backups,
    exports,
    authz,
    users,
    unsupported,
)
_GO_TYPES = {"int_parsing": "int64", "int_from_float": "int64", "bool_parsing": "bool", "float_parsing": "double"}


def create(app: App) -> FastAPI:
    """The whole door of one application."""
    api = FastAPI(
        title="weavelet",
        version=__version__,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        default_response_class=Response,
        responses=REFUSALS,
    )
    api.state.door = Door(
        app=app,
        authenticator=auth.authenticator(app.settings, app.access),
        guard=auth.guard(app.settings, app.access),
        graphql=_graphql(app),
        backups=backups.open_backups(app),
        exports=exports.open_exports(app),
    )
    for topic in _TOPICS:
        api.include_router(topic.router)
    api.add_exception_handler(WeaveletError, _on_error)
    api.add_exception_handler(Refusal, _on_refusal)
    api.add_exception_handler(RequestValidationError, _on_parameter)
    api.add_exception_handler(HTTPException, _on_routing)
    api.add_middleware(Edge, headers=cors_headers(app.settings))
    return api


def _graphql(app: App) -> "Callable[[], Endpoint]":
    """The GraphQL door, made for the first who knocks."""

    @cache
    def endpoint() -> "Endpoint":
        from weavelet.api.graphql import Endpoint

        return Endpoint(app)

    return endpoint


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WeaveletError)
    status = errors.outcome(error).status
    if isinstance(error, Unauthenticated):
        return answer(errors.flat(status, str(error)), status)
    return answer(errors.payload(str(error)), status)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return empty(error.status) if error.body is None else answer(error.body, error.status)


async def _on_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _on_refusal(request, _complaint(error.errors()[0]))


def _complaint(error: Mapping[str, Any]) -> Refusal:
    """FastAPI's description of a bad parameter in go-openapi's words."""
    place, name = str(error["loc"][0]), str(error["loc"][-1])
    if error["type"] == "missing":
        return required(name, place)
    return not_of_type(name, _GO_TYPES.get(error["type"], "string"), str(error["input"]), place)


async def _on_routing(request: Request, error: Exception) -> Response:
    """No route, or none for this method."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code != 405:
        return answer(errors.flat(404, f"path {path} was not found"), 404)
    methods = ",".join(_methods(path))
    text = f"method {request.method} is not allowed, but [{methods}] are"
    return answer(errors.flat(405, text), 405, {"allow": methods})


def _methods(path: str) -> list[str]:
    """What the routes of this path can be asked to do."""
    routes = (route for topic in _TOPICS for route in topic.router.routes if isinstance(route, Route))
    return sorted({method for route in routes if route.path_regex.match(path) for method in route.methods or ()})
