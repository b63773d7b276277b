"""Aliases: second names of collections."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Raw
from weavelet.api.rest.refusals import Wording, after, silently, wording
from weavelet.api.rest.render import answer, empty
from weavelet.errors import Conflict, InvalidSchema, NotFound
from weavelet.schema.names import upper_first

router = APIRouter(prefix="/v1/aliases", tags=["aliases"])

_INVALID: Wording = after("validation: ")


@router.get("")
def list_aliases(context: Asked, collection: Annotated[str | None, Query(alias="class")] = None) -> Response:
    readable = [
        {"alias": alias, "class": target}
        for alias, target in context.app.catalog.aliases(collection).items()
        if context.permits(auth.aliases(Verb.READ, target, alias))
    ]
    return answer({"aliases": readable})


@router.post("", openapi_extra=body(documents.ALIAS))
def create_alias(context: Asked, raw: Raw) -> Response:
    document = documents.read_alias(raw)
    alias, target = upper_first(document.get("alias", "")), upper_first(document.get("class", ""))
    context.may(auth.aliases(Verb.CREATE, target, alias))
    taken = after("updating schema: TYPE_CREATE_ALIAS: ", 500)
    with wording({InvalidSchema: _INVALID, Conflict: taken}):
        context.app.catalog.create_alias(alias, target)
    return answer({"alias": alias, "class": target})


@router.get("/{alias}")
def get_alias(context: Asked, alias: str) -> Response:
    with wording({NotFound: silently(404)}):
        name, target = context.app.catalog.alias(alias)
    context.may(auth.aliases(Verb.READ, target, name))
    return answer({"alias": name, "class": target})


@router.put("/{alias}", openapi_extra=body(documents.ALIAS))
def update_alias(context: Asked, alias: str, raw: Raw) -> Response:
    target = upper_first(documents.read_alias(raw).get("class", ""))
    context.may(auth.aliases(Verb.UPDATE, target, upper_first(alias)))
    with wording({InvalidSchema: _INVALID, NotFound: silently(404)}):
        name, target = context.app.catalog.update_alias(alias, target)
    return answer({"alias": name, "class": target})


@router.delete("/{alias}")
def delete_alias(context: Asked, alias: str) -> Response:
    context.may(auth.aliases(Verb.DELETE, alias=upper_first(alias)))
    with wording({NotFound: silently(404)}):
        context.app.catalog.drop_alias(alias)
    return empty(204)
