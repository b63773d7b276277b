"""Bytes in, bytes out, for all routes: bodies whatever their Content-Type, errors as `{"error": text}`.

Weaviate sends its requests without a Content-Type, so bodies are read as JSON by the routes themselves.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from weavelet.errors import InvalidInput, NotFound, Unauthenticated, Unavailable, WeaveletError

_B = TypeVar("_B", bound="Body")

_STATUS: Mapping[type[WeaveletError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    Unauthenticated: 401,
    Unavailable: 503,
}


class Body(BaseModel):
    """A request's body. Unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


async def read(request: Request, shape: type[_B]) -> _B:
    """The request's body in that shape. Raises `InvalidInput` naming what is wrong."""
    try:
        return shape.model_validate_json(await request.body())
    except ValidationError as error:
        raise InvalidInput("; ".join(_told(problem) for problem in error.errors(include_url=False))) from None


def reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response; arrays may be in it as they are."""
    body = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, status, media_type="application/json", headers=dict(headers or {}))


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status_code=status, headers=dict(headers or {}))


def refusal(error: WeaveletError) -> Response:
    """An error as the caller sees it. Where waiting helps, it is told how long."""
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return reply({"error": str(error)}, status, {"Retry-After": "1"} if status == 503 else None)


def _told(problem: Mapping[str, Any]) -> str:
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])
