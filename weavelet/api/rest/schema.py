"""Definitions of collections and their properties, and the state of their shards."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Context, Raw
from weavelet.api.rest.refusals import instead, not_one_of, refusal, restricted, silently, wording
from weavelet.api.rest.render import answer, empty
from weavelet.engine.database import ShardInfo
from weavelet.errors import CollectionNotFound, Conflict, InvalidInput, NotFound, TenantNotFound
from weavelet.schema.codec import render_collection, render_property
from weavelet.schema.collection import Collection, Property
from weavelet.schema.names import upper_first

router = APIRouter(prefix="/v1/schema", tags=["schema"])

_SHARD_STATUSES = ("READY", "READONLY")
PROPERTY_INDEXES = ("filterable", "searchable", "rangeFilters", "rangeable")


# --- Collections -----------------------------------------------------------------------------------------------------


@router.get("")
def list_collections(context: Asked) -> Response:
    """The collections the caller may read."""
    readable = [
        collection
        for name, collection in context.app.catalog.collections().items()
        if context.permits(auth.collections(Verb.READ, name))
    ]
    return answer({"classes": [render_collection(collection) for collection in readable]})


@router.post("", openapi_extra=body(documents.CLASS))
def create_collection(context: Asked, raw: Raw) -> Response:
    document = documents.read_class(raw)
    context.may(auth.collections(Verb.CREATE, upper_first(document.get("class", ""))))
    with wording({InvalidInput: restricted, Conflict: restricted}):
        return answer(render_collection(context.app.catalog.create(document)))


@router.get("/{collection}")
def get_collection(context: Asked, collection: str) -> Response:
    context.may(auth.collections(Verb.READ, upper_first(collection)))
    with wording({CollectionNotFound: silently(404)}):
        return answer(render_collection(context.app.catalog.collection(collection)))


@router.put("/{collection}", openapi_extra=body(documents.CLASS))
def update_collection(context: Asked, collection: str, raw: Raw) -> Response:
    document = documents.read_class(raw)
    context.may(auth.collections(Verb.UPDATE, upper_first(collection)))
    with wording({InvalidInput: restricted, CollectionNotFound: silently(404)}):
        return answer(render_collection(context.app.catalog.update(collection, document)))


@router.delete("/{collection}")
def delete_collection(context: Asked, collection: str) -> Response:
    """Deleting what is not there succeeds."""
    context.may(auth.collections(Verb.DELETE, upper_first(collection)))
    context.app.catalog.drop(collection)
    return empty()


# --- Properties ------------------------------------------------------------------------------------------------------


@router.post("/{collection}/properties", openapi_extra=body(documents.PROPERTY))
def add_property(context: Asked, collection: str, raw: Raw) -> Response:
    document = documents.read_property(raw)
    context.may(auth.collections(Verb.UPDATE, upper_first(collection)))
    with wording({InvalidInput: restricted}):
        return answer(render_property(context.app.catalog.add_property(collection, document)))


@router.delete("/{collection}/properties/{property}/index/{index}")
def delete_property_index(context: Asked, collection: str, property: str, index: str) -> Response:
    if index not in PROPERTY_INDEXES:
        raise not_one_of("indexName", PROPERTY_INDEXES, "path")
    context.may(auth.collections(Verb.UPDATE, upper_first(collection)))
    missing = instead(f'class "{upper_first(collection)}": not found', 422)
    with wording({CollectionNotFound: missing}):
        context.app.catalog.drop_property_index(collection, property, index)
    return empty()


@router.get("/{collection}/indexes")
def list_property_indexes(context: Asked, collection: str) -> Response:
    context.may(auth.collections(Verb.READ, upper_first(collection)))
    with wording({CollectionNotFound: silently(404)}):
        found = context.app.catalog.collection(collection)
    return answer({"collection": found.name, "properties": [_indexes(prop) for prop in found.properties]})


def _indexes(prop: Property) -> dict[str, Any]:
    tokenized = {"tokenization": prop.tokenization} if prop.tokenization is not None else {}
    indexes: list[dict[str, Any]] = []
    if prop.filterable:
        indexes.append({"status": "ready", "type": "filterable", **tokenized})
    if prop.searchable:
        indexes.append({"algorithm": "blockmax", "status": "ready", "type": "searchable", **tokenized})
    if prop.range_filters:
        indexes.append({"status": "ready", "type": "rangeFilters"})
    return {"dataType": ", ".join(prop.targets) or prop.type, "indexes": indexes, "name": prop.name}


@router.delete("/{collection}/vectors/{vector}/index")
def delete_vector_index(context: Asked, collection: str, vector: str) -> Response:
    """Off in the original unless an experimental switch is set; here there is no such switch."""
    context.may(auth.collections(Verb.UPDATE, upper_first(collection)))
    raise refusal(500, "dropping the index of a vector is not available: create the collection anew without it")


# --- Shards ----------------------------------------------------------------------------------------------------------


@router.get("/{collection}/shards")
def list_shards(context: Asked, collection: str, tenant: Annotated[str, Query()] = "") -> Response:
    """The state of every shard; a closed tenant among them has none to tell, which fails the whole list."""
    context.may(auth.tenants(Verb.READ, upper_first(collection)))
    found = _collection(context, collection, "cannot get shards status for")
    wanted = [info for info in context.app.database.shards(found.name) if tenant in ("", info.name)]
    return answer([_shard(context, found, info) for info in wanted])


def _shard(context: Context, collection: Collection, info: ShardInfo) -> dict[str, Any]:
    with wording({TenantNotFound: lambda error: refusal(500, f"shard {info.name}: {error}")}):
        shard = context.app.database.shard(collection.name, info.name if collection.multi_tenancy.enabled else "")
    status = "READONLY" if info.read_only else "READY"
    return {"name": info.name, "status": status, "vectorQueueSize": shard.queue_length}


@router.put("/{collection}/shards/{shard}", openapi_extra=body(documents.SHARD_STATUS))
def update_shard(context: Asked, collection: str, shard: str, raw: Raw) -> Response:
    """Stop or resume writes to a shard. One that is not there has none to stop."""
    status = documents.read_shard_status(raw)
    context.may(auth.collections(Verb.UPDATE, upper_first(collection)))
    found = _collection(context, collection, "updating db: TYPE_UPDATE_SHARD_STATUS: cannot update shard status to")
    if status not in _SHARD_STATUSES:
        raise refusal(422, f"'{status}' is not a valid shard status: READY or READONLY is")
    with suppress(NotFound):
        context.app.database.set_read_only(found.name, shard, status == "READONLY")
    return answer({"status": status})


def _collection(context: Context, name: str, doing: str) -> Collection:
    with wording({CollectionNotFound: instead(f"{doing} a non-existing index for {upper_first(name)}: not found")}):
        return context.app.catalog.collection(name)
