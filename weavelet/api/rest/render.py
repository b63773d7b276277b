"""Values as JSON answers.

Keys come sorted and bodies end with a newline, as Go's encoder writes them; float32 vectors are written in the fewest
digits that give the same float32 back.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from weavelet.schema.collection import UNNAMED, Collection
from weavelet.schema.objects import Object

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
BEACON_START = "weaviate://localhost/"


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value, option=_OPTIONS), status, headers, "application/json")


def empty(status: int = 200) -> Response:
    """An answer without a body, which still says that bodies here are JSON."""
    return Response(b"", status, media_type="application/json")


def rendered_object(object: Object, collection: Collection | None, origin: str) -> dict[str, Any]:
    """An object as `GET` shows it; `collection` None leaves references without links.

    Whichever vectors the object holds are shown: what was not asked for is not fetched.
    """
    document: dict[str, Any] = {
        "class": object.collection,
        "creationTimeUnix": object.created_ms,
        "id": object.id,
        "lastUpdateTimeUnix": object.updated_ms,
        "properties": _linked(object.properties, collection, origin),
    }
    if object.tenant:
        document["tenant"] = object.tenant
    return document | rendered_vectors(object.vectors)


def rendered_vectors(vectors: Mapping[str, Any]) -> dict[str, Any]:
    """The keys `vector` and `vectors`, each only where there is one."""
    document: dict[str, Any] = {}
    if UNNAMED in vectors:
        document["vector"] = vectors[UNNAMED]
    if named := {name: vector for name, vector in vectors.items() if name != UNNAMED}:
        document["vectors"] = named
    return document


def _linked(properties: Mapping[str, Any], collection: Collection | None, origin: str) -> dict[str, Any]:
    """The properties with a link beside each beacon."""
    linked = dict(properties)
    for prop in collection.properties if collection is not None else ():
        if prop.is_reference and prop.name in linked:
            linked[prop.name] = [_with_link(reference, origin) for reference in linked[prop.name]]
    return linked


def _with_link(reference: Mapping[str, Any], origin: str) -> dict[str, Any]:
    return {**reference, "href": f"{origin}/v1/objects/{reference['beacon'].removeprefix(BEACON_START)}"}
