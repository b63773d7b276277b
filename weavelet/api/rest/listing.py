"""Lists of objects: of one collection, or of all of them one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.door import Asked, Context
from weavelet.api.rest.objects import Include, Tenant, asked_vectors, everything, shown
from weavelet.api.rest.refusals import Wordings, after, refusal, silently, wording
from weavelet.api.rest.render import answer
from weavelet.engine.plan import check_sort
from weavelet.engine.query import Page, SearchRequest, Sort
from weavelet.errors import CollectionNotFound, Forbidden, InvalidQuery, TenantNotFound
from weavelet.schema.collection import Collection, TenantStatus
from weavelet.schema.objects import Object

router = APIRouter(prefix="/v1/objects", tags=["objects"])


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
    listing = _Listing(limit, offset, after, _sort(sort, order), tenant, asked_vectors(include))
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
    return [shown(context, replace(found, tenant="")) for found in rows]


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
    return [shown(context, object) for object in found[listing.offset : end]]


def _reachable(context: Context, tenant: str) -> Iterator[Collection]:
    """The collections that a request with this tenant, or with none, can be about."""
    for name, collection in sorted(context.app.catalog.collections().items()):
        if collection.multi_tenancy.enabled == bool(tenant) and (
            not tenant or context.app.catalog.tenant(name, tenant) is TenantStatus.HOT
        ):
            yield collection
