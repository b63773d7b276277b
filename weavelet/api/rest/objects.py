"""Objects one at a time, and lists of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from weavelet.engine.plan import check_sort
from weavelet.engine.query import Page, SearchRequest, Sort, Want
from weavelet.errors import (
    CollectionNotFound,
    DimensionMismatch,
    Forbidden,
    InvalidInput,
    InvalidObject,
    InvalidQuery,
    InvalidReference,
    InvalidVector,
    ObjectNotFound,
    TenantNotFound,
)
from weavelet.schema.collection import Collection, TenantStatus
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
    with wording(_writing("determine shard: ")):
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
    shown = _written(context, stored, document)
    if new.properties is None:
        del shown["properties"]
    return answer(shown)


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
    shown = rendered_object(stored, collection, context.app.settings.origin)
    if document.get("id"):
        shown["id"] = document["id"].lower()
    if document.get("additional"):
        shown["additional"] = document["additional"]
    return shown


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
    vectors = _vectors(include)
    context.may(auth.data(Verb.READ, collection, tenant, id))
    found = _found(context, collection, id, tenant, vectors)
    if found is None:
        raise missing()
    return answer(_read(context, found))


@router.get("/{id}", deprecated=True)
def get_object_anywhere(context: Asked, id: ObjectId, include: Include = "") -> Response:
    vectors = _vectors(include)
    context.may(auth.data(Verb.READ, id=id))
    for name in context.app.searcher.locate(id):
        if found := _found(context, name, id, "", vectors):
            return answer(_read(context, found))
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


def _vectors(include: str) -> frozenset[str] | None:
    """Which vectors an `include` list asks for: all or none."""
    wanted = [name.strip() for name in include.split(",") if name.strip()]
    for name in wanted:
        if name not in _INCLUDABLE:
            raise refusal(400, f"unrecognized property '{name}' in ?include list")
    return None if "vector" in wanted else frozenset()


def everything(collection: Collection, vectors: frozenset[str] | None) -> Want:
    """All properties, references (as beacons) and blobs too."""
    return Want(properties=tuple(prop.name for prop in collection.properties), vectors=vectors)


def _read(context: Context, object: Object) -> dict[str, Any]:
    collection = context.app.catalog.find(object.collection)
    return rendered_object(object, collection, context.app.settings.origin) | {"vectorWeights": None}


# --- Listing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Listing:
    """One request for a list. `limit` None: the server's default."""

    limit: int | None
    offset: int
    after: str | None
    sort: tuple[Sort, ...]
    tenant: str
    vectors: frozenset[str] | None


@router.get("")
def list_objects(
    context: Asked,
    collection: Annotated[str, Query(alias="class")] = "",
    limit: int | None = None,
    offset: int = 0,
    after: str | None = None,
    include: Include = "",
    sort: str = "",
    order: str = "",
    tenant: Tenant = "",
) -> Response:
    """Objects in order of id, or sorted; of one collection, or of all of them one after the other."""
    listing = _Listing(limit, offset, after, _sort(sort, order), tenant, _vectors(include))
    objects = _of_one(context, listing, collection) if collection else _of_all(context, listing)
    total = {"totalResults": len(objects)} if objects else {}
    return answer({"deprecations": [] if collection else None, "objects": objects, **total})


def _sort(names: str, orders: str) -> tuple[Sort, ...]:
    """Two lists beside each other; a missing or unknown order is ascending."""
    paths = [name.strip() for name in names.split(",") if name.strip()]
    directions = [order.strip() for order in orders.split(",")]
    directions += ["asc"] * (len(paths) - len(directions))
    return tuple(Sort((path,), direction != "desc") for path, direction in zip(paths, directions, strict=False))


def _of_one(context: Context, listing: _Listing, name: str) -> list[dict[str, Any]]:
    """Objects of one collection. Like the original, this list does not repeat the tenant it was asked for."""
    wordings: Wordings = {
        Forbidden: lambda error: refusal(403, f"msg:{error} code:403 err:{error}"),
        CollectionNotFound: silently(404),
        TenantNotFound: after(f"msg:search index {name.lower()} code:422 err:"),
        InvalidQuery: after("msg:offset or limit code:400 err:"),
    }
    with wording(wordings):
        context.may(auth.data(Verb.READ, name, listing.tenant))
        collection = context.app.catalog.collection(name)
        _check_cursor(listing)
        _check_sort(listing.sort, collection)
        _check_tenant(context, collection, listing.tenant)
        rows = _rows(context, collection, listing, _limit(context, listing))
    return [_read(context, replace(found, tenant="")) for found in rows]


def _check_cursor(listing: _Listing) -> None:
    if listing.after is None:
        return
    complaint = _cursor_complaint(listing, listing.after)
    if complaint is not None:
        raise refusal(422, f"msg:cursor api: invalid 'after' parameter code:400 err:{complaint}")


def _cursor_complaint(listing: _Listing, cursor: str) -> str | None:
    if offending := [name for name, value in (("offset", listing.offset), ("sort", listing.sort)) if value]:
        return f"{','.join(offending)} cannot be set with after and limit parameters"
    if listing.limit is None:
        return "limit parameter must be set"
    if cursor and not documents.is_uuid(cursor):
        return f"after parameter '{cursor}' is not a valid uuid: invalid UUID length: {len(cursor)}"
    return None


def _check_sort(sort: tuple[Sort, ...], collection: Collection) -> None:
    """Said by the position of the bad clause, without the searches' words before it."""
    try:
        check_sort(sort, collection)
    except InvalidQuery as error:
        complaint = str(error).removeprefix("invalid 'sort' parameter: ")
        raise refusal(422, f"msg:sorting code:400 err:{complaint}") from error


def _check_tenant(context: Context, collection: Collection, tenant: str) -> None:
    with wording({InvalidQuery: after(f"msg:search index {collection.name.lower()} code:422 err:")}):
        context.app.database.shard(collection.name, tenant)


def _limit(context: Context, listing: _Listing) -> int:
    return context.app.settings.query_defaults_limit if listing.limit is None else listing.limit


def _rows(context: Context, collection: Collection, listing: _Listing, limit: int) -> list[Object]:
    """A page of one collection's objects. Raises `InvalidQuery`."""
    if limit == 0:
        return []
    request = SearchRequest(
        collection=collection.name,
        page=Page(limit, listing.offset, listing.after),
        tenant=listing.tenant,
        sort=listing.sort,
        want=everything(collection, listing.vectors),
        headers=context.headers,
    )
    return [row.object for row in context.app.searcher.execute(request).rows]


def _of_all(context: Context, listing: _Listing) -> list[dict[str, Any]]:
    """A page of all objects, one collection after the other, of those that can have this tenant."""
    context.may(auth.data(Verb.READ, tenant=listing.tenant))
    if listing.after is not None:
        text = "after parameter not allowed, cursor must be specific to one class, set class query param"
        raise refusal(500, f"list objects: {text}")
    end = listing.offset + _limit(context, listing)
    first = replace(listing, offset=0)
    found: list[Object] = []
    with wording({InvalidQuery: after("list objects: ", 500)}):
        for collection in _reachable(context, listing.tenant):
            if end > 0 and len(found) >= end:
                break
            found += _rows(context, collection, first, end - len(found))
    return [_read(context, object) for object in found[listing.offset : end]]


def _reachable(context: Context, tenant: str) -> Iterator[Collection]:
    """The collections that a request with this tenant, or with none, can be about."""
    for name, collection in sorted(context.app.catalog.collections().items()):
        if collection.multi_tenancy.enabled == bool(tenant) and (
            not tenant or context.app.catalog.tenants(name).get(tenant) is TenantStatus.HOT
        ):
            yield collection


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
