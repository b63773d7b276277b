"""Objects one at a time."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Consistency, Context, ObjectId, Raw, missing
from weavelet.api.rest.refusals import Refusal, Wordings, after, instead, refusal, silently, wording
from weavelet.api.rest.render import answer, empty, rendered_object
from weavelet.api.rest.vectors import new_object
from weavelet.engine.query import Want
from weavelet.errors import (
    CollectionNotFound,
    DimensionMismatch,
    Forbidden,
    InvalidInput,
    InvalidObject,
    InvalidQuery,
    InvalidReference,
    InvalidSchema,
    InvalidVector,
    NoSchemaFits,
    ObjectNotFound,
    TenantNotFound,
)
from weavelet.schema.collection import Collection
from weavelet.schema.names import upper_first
from weavelet.schema.objects import NewObject, Object

router = APIRouter(prefix="/v1/objects", tags=["objects"])

Include = Annotated[str, Query(description="`vector` shows vectors; `classification` is accepted and shows nothing.")]
Tenant = Annotated[str, Query(description="Needed for a collection with multi-tenancy, refused for any other.")]

_INCLUDABLE = frozenset({"vector", "classification"})


# --- Writing ---------------------------------------------------------------------------------------------------------


@router.post("", openapi_extra=body(documents.OBJECT))
def create_object(context: Asked, raw: Raw, consistency: Consistency = None) -> Response:
    document = documents.read_object(raw)
    new = _parsed(document)
    context.may(auth.data(Verb.CREATE, new.collection, new.tenant))
    wordings = _writing("determine shard: ")
    with wording({**wordings, NoSchemaFits: after("invalid object: ", 500)}):
        stored = context.app.ingest.add(new, context.call)
    return answer(_written(context, stored, document))


@router.post("/validate", openapi_extra=body(documents.OBJECT))
def validate_object(context: Asked, raw: Raw) -> Response:
    new = _parsed(documents.read_object(raw))
    context.may(auth.data(Verb.READ, new.collection, new.tenant, new.id or ""))
    if not new.id:
        raise refusal(422, "invalid object: invalid UUID length: 0")
    with wording(_writing("determine shard: ")):
        context.app.ingest.validate(new)
    return empty()


@router.put("/{collection}/{id}", openapi_extra=body(documents.OBJECT))
def replace_object(
    context: Asked, collection: str, id: ObjectId, raw: Raw, consistency: Consistency = None
) -> Response:
    return _replaced(context, id, raw)


@router.put("/{id}", deprecated=True, openapi_extra=body(documents.OBJECT))
def replace_object_anywhere(context: Asked, id: ObjectId, raw: Raw, consistency: Consistency = None) -> Response:
    return _replaced(context, id, raw)


def _replaced(context: Context, id: str, raw: bytes) -> Response:
    """The class in the body is what counts."""
    document = documents.read_object(raw)
    new = _parsed(document)
    context.may(auth.data(Verb.UPDATE, new.collection, new.tenant, id))
    if not new.id or documents.canonical(new.id) != id:
        raise refusal(422, "invalid update: field 'id' is immutable")
    if not new.collection:
        raise refusal(422, 'invalid object: class "" not found in schema')
    gone: Wordings = {CollectionNotFound: silently(404), ObjectNotFound: silently(404)}
    with wording({**_writing(_by_id(new.collection)), **gone}):
        stored = context.app.ingest.replace(new, context.call)
    echo = _written(context, stored, document)
    if new.properties is None:
        del echo["properties"]
    return answer(echo)


@router.patch("/{collection}/{id}", openapi_extra=body(documents.OBJECT))
def merge_object(context: Asked, collection: str, id: ObjectId, raw: Raw, consistency: Consistency = None) -> Response:
    return _merged(context, collection, id, raw)


@router.patch("/{id}", deprecated=True, openapi_extra=body(documents.OBJECT))
def merge_object_anywhere(context: Asked, id: ObjectId, raw: Raw, consistency: Consistency = None) -> Response:
    return _merged(context, None, id, raw)


def _merged(context: Context, collection: str | None, id: str, raw: bytes) -> Response:
    """What the path says wins over the body."""
    if not raw.strip():
        raise Refusal(400)
    new = _parsed(documents.read_object(raw), "msg:bad request code:400 err:")
    new = replace(new, id=id, collection=new.collection if collection is None else collection)
    wordings: Wordings = {
        Forbidden: lambda error: refusal(403, f"msg:{error} code:403 err:{error}"),
        InvalidInput: after("msg:bad request code:400 err:"),
        DimensionMismatch: after("msg:repo.merge code:500 err:"),
        InvalidQuery: after(f"msg:repo.object code:422 err:{_index(new.collection)}"),
        TenantNotFound: after(f"msg:repo.object code:422 err:{_index(new.collection)}"),
        CollectionNotFound: silently(404),
        ObjectNotFound: silently(404),
    }
    with wording(wordings):
        context.may(auth.data(Verb.UPDATE, new.collection, new.tenant, id))
        context.app.ingest.merge(new, context.call)
    return empty(204)


def _parsed(document: dict[str, Any], prefix: str = "invalid object: ") -> NewObject:
    with wording({InvalidObject: after(prefix)}):
        return new_object(document)


def _writing(place: str) -> Wordings:
    """How a single object is refused; `place` is said before what is wrong with its tenant."""
    return {
        InvalidObject: after("invalid object: "),
        InvalidReference: after("invalid object: "),
        InvalidSchema: after("invalid object: "),
        InvalidVector: after("invalid object: "),
        DimensionMismatch: after("put object: "),
        CollectionNotFound: after("invalid object: ", 422),
        InvalidQuery: after(place),
        TenantNotFound: after(place),
    }


def _index(collection: str) -> str:
    return f"search index {collection.lower()}: determine shard: "


def _by_id(collection: str) -> str:
    return f"repo: object by id: {_index(collection)}"


def _written(context: Context, stored: Object, document: dict[str, Any]) -> dict[str, Any]:
    """The stored object; its id as it was sent, though in lower case."""
    collection = context.app.catalog.find(stored.collection)
    echo = rendered_object(stored, collection, context.app.settings.origin)
    if document.get("id"):
        echo["id"] = document["id"].lower()
    if document.get("additional"):
        echo["additional"] = document["additional"]
    return echo


# --- Reading one -----------------------------------------------------------------------------------------------------


@router.get("/{collection}/{id}")
def get_object(
    context: Asked,
    collection: str,
    id: ObjectId,
    include: Include = "",
    tenant: Tenant = "",
    consistency: Consistency = None,
    node_name: str | None = None,
) -> Response:
    if consistency is not None and node_name is not None:
        raise refusal(400, "consistency_level and node_name are mutually exclusive")
    vectors = asked_vectors(include)
    context.may(auth.data(Verb.READ, collection, tenant, id))
    found = _found(context, collection, id, tenant, vectors)
    if found is None:
        raise missing()
    return answer(shown(context, found))


@router.get("/{id}", deprecated=True)
def get_object_anywhere(context: Asked, id: ObjectId, include: Include = "") -> Response:
    vectors = asked_vectors(include)
    context.may(auth.data(Verb.READ, id=id))
    for name in context.app.searcher.locate(id):
        if found := _found(context, name, id, "", vectors):
            return answer(shown(context, found))
    raise missing()


@router.head("/{collection}/{id}")
def has_object(
    context: Asked, collection: str, id: ObjectId, tenant: Tenant = "", consistency: Consistency = None
) -> Response:
    context.may(auth.data(Verb.READ, collection, tenant, id))
    with wording({CollectionNotFound: silently(404)}):
        exists = context.app.searcher.exists(collection, id, tenant)
    return empty(204 if exists else 404)


@router.head("/{id}", deprecated=True)
def has_object_anywhere(context: Asked, id: ObjectId) -> Response:
    context.may(auth.data(Verb.READ, id=id))
    return empty(204 if context.app.searcher.locate(id) else 404)


def _found(context: Context, name: str, id: str, tenant: str, vectors: frozenset[str] | None) -> Object | None:
    place = after(_by_id(name))
    with wording({CollectionNotFound: silently(404), InvalidQuery: place, TenantNotFound: place}):
        collection = context.app.catalog.collection(name)
        return context.app.searcher.get(collection.name, id, tenant, everything(collection, vectors))


def asked_vectors(include: str) -> frozenset[str] | None:
    """Which vectors an `include` list asks for: all or none."""
    wanted = [name.strip() for name in include.split(",") if name.strip()]
    for name in wanted:
        if name not in _INCLUDABLE:
            raise refusal(400, f"unrecognized property '{name}' in ?include list")
    return None if "vector" in wanted else frozenset()


def everything(collection: Collection, vectors: frozenset[str] | None) -> Want:
    """All properties, references (as beacons) and blobs too."""
    return Want(properties=tuple(prop.name for prop in collection.properties), vectors=vectors)


def shown(context: Context, object: Object) -> dict[str, Any]:
    """An object as reading shows it."""
    collection = context.app.catalog.find(object.collection)
    return rendered_object(object, collection, context.app.settings.origin) | {"vectorWeights": None}


# --- Deleting --------------------------------------------------------------------------------------------------------


@router.delete("/{collection}/{id}")
def delete_object(
    context: Asked, collection: str, id: ObjectId, tenant: Tenant = "", consistency: Consistency = None
) -> Response:
    """Deleting what is not there succeeds."""
    context.may(auth.data(Verb.DELETE, collection, tenant, id))
    place = after(f'delete object from vector repo: delete from index "{collection.lower()}": determine shard: ')
    gone = f"could not delete object from vector repo: delete from non-existing index for {upper_first(collection)}"
    with wording({CollectionNotFound: instead(gone, 500), InvalidQuery: place, TenantNotFound: place}):
        context.app.ingest.delete(collection, id, tenant)
    return empty(204)


@router.delete("/{id}", deprecated=True)
def delete_object_everywhere(context: Asked, id: ObjectId, consistency: Consistency = None) -> Response:
    context.may(auth.data(Verb.DELETE, id=id))
    holders = context.app.searcher.locate(id)
    for name in holders:
        context.app.ingest.delete(name, id)
    return empty(204 if holders else 404)
