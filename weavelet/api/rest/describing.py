"""What FastAPI cannot see of our routes, for /v1/openapi.json: the bodies, which handlers read themselves."""

from typing import Any, assert_never

from weavelet.api.rest.bodies import Decimal, Flag, Free, Integer, Items, Shape, Struct, Table, Text

_MESSAGE = {"type": "object", "properties": {"message": {"type": "string"}}}
_REFUSED = {
    "type": "object",
    "properties": {
        "error": {"type": "array", "items": _MESSAGE},
        "code": {"type": "integer"},
        "message": {"type": "string"},
    },
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Refused: `error` says why, or `code` and `message` do. Without a body where nothing was found.",
        "content": {"application/json": {"schema": _REFUSED}},
    },
    "5XX": {"description": "Failed.", "content": {"application/json": {"schema": _REFUSED}}},
}


def body(shape: Shape) -> dict[str, Any]:
    """The `openapi_extra` of a route with such a body."""
    schema = {"schema": _schema(shape, ())}
    return {"requestBody": {"required": True, "content": {"application/json": schema, "application/yaml": schema}}}


def _schema(shape: Shape, above: tuple[Shape, ...]) -> dict[str, Any]:
    """JSON Schema; a struct within itself is any object."""
    match shape:
        case Text():
            return {"type": "string"}
        case Integer():
            return {"type": "integer"}
        case Decimal():
            return {"type": "number"}
        case Flag():
            return {"type": "boolean"}
        case Free():
            return {}
        case Items():
            return {"type": "array", "items": _schema(shape.of, above)}
        case Table():
            return {"type": "object", "additionalProperties": _schema(shape.of, above)}
        case Struct():
            if any(shape is outer for outer in above):
                return {"type": "object"}
            inner = (*above, shape)
            return {"type": "object", "properties": {name: _schema(of, inner) for name, of in shape.fields.items()}}
        case _:
            assert_never(shape)
