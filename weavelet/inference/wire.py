"""Bytes in, bytes out, for all routes: bodies whatever their Content-Type, errors as the stood-in server has them.

Weaviate sends its requests without a Content-Type, so bodies are read as JSON by the routes themselves; `body_of` tells
the API's description what they are.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from weavelet.errors import InvalidInput, NotFound, Overloaded, Unauthenticated, Unavailable, WeaveletError

_B = TypeVar("_B", bound="Body")

_STATUS: Mapping[type[WeaveletError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    Unauthenticated: 401,
    Overloaded: 429,
    Unavailable: 503,
}
_OPENAI = ("/v1/embeddings", "/v1/rerank", "/v1/models")


class Body(BaseModel):
    """A request's body. Unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


async def read(request: Request, shape: type[_B]) -> _B:
    """The request's body in that shape. Raises `InvalidInput` naming what is wrong."""
    try:
        return shape.model_validate_json(await request.body())
    except ValidationError as error:
        raise InvalidInput("; ".join(_told(problem) for problem in error.errors(include_url=False))) from None


def body_of(shape: type[Body]) -> dict[str, Any]:
    """How a route that reads this shape is described."""
    schema = shape.model_json_schema()
    content = {"schema": _without_references(schema, schema.pop("$defs", {}))}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response; arrays may be in it as they are."""
    body = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, status, media_type="application/json", headers=dict(headers or {}))


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status_code=status, headers=dict(headers or {}))


def refusal(error: WeaveletError, path: str = "") -> Response:
    """An error as callers of that path expect it. Where waiting helps, they are told how long."""
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return reply(_payload(str(error), status, path), status, _retry(error, status))


def _payload(text: str, status: int, path: str) -> dict[str, Any]:
    if path.startswith(_OPENAI):
        return {"error": {"message": text, "type": "invalid_request_error" if status < 429 else "", "code": status}}
    if path.startswith("/v2/"):
        return {"message": text}
    if path.startswith(("/v1/ranking", "/v1/retrieval/")):
        return {"detail": text}
    return {"error": text}


def _retry(error: WeaveletError, status: int) -> dict[str, str]:
    if isinstance(error, Overloaded):
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": "1"} if status == 503 else {}


def _without_references(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with each reference replaced by what it points at."""
    if isinstance(schema, list):
        return [_without_references(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        return _without_references(definitions[reference.rpartition("/")[2]], definitions)
    return {name: _without_references(value, definitions) for name, value in schema.items()}


def _told(problem: Mapping[str, Any]) -> str:
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])
