"""Tenants of a collection."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Context, Raw, missing
from weavelet.api.rest.refusals import Wordings, after, wording
from weavelet.api.rest.render import answer, empty
from weavelet.catalog import TenantChange
from weavelet.errors import CollectionNotFound, InvalidSchema, TenantNotFound
from weavelet.schema.collection import TenantStatus
from weavelet.schema.names import check_tenants, upper_first

router = APIRouter(prefix="/v1/schema/{collection}/tenants", tags=["tenants"])

_OLD_NAMES = {"ACTIVE": "HOT", "INACTIVE": "COLD", "OFFLOADED": "FROZEN"}
_READING = "failed to execute query: could not get tenants: could not get tenants: "


@router.get("")
def list_tenants(context: Asked, collection: str) -> Response:
    readable = [
        _shown(name, status)
        for name, status in _tenants(context, collection).items()
        if context.permits(auth.tenants(Verb.READ, upper_first(collection), name))
    ]
    return answer(readable)


@router.post("", openapi_extra=body(documents.TENANTS))
def add_tenants(context: Asked, collection: str, raw: Raw) -> Response:
    """Tenants that are there already stay as they are."""
    entries = documents.read_tenants(raw)
    _may(context, Verb.CREATE, collection, entries)
    changes = _changes(entries)
    with wording(_writing("TYPE_ADD_TENANT")):
        context.app.catalog.add_tenants(collection, changes)
    return answer([_echoed(entry) for entry in entries])


@router.put("", openapi_extra=body(documents.TENANTS))
def update_tenants(context: Asked, collection: str, raw: Raw) -> Response:
    entries = documents.read_tenants(raw)
    _may(context, Verb.UPDATE, collection, entries)
    changes = _changes(entries)
    with wording(_writing("TYPE_UPDATE_TENANT")):
        context.app.catalog.update_tenants(collection, changes)
    return answer([_echoed(entry) for entry in entries])


@router.delete("", openapi_extra=body(documents.TENANT_NAMES))
def delete_tenants(context: Asked, collection: str, raw: Raw) -> Response:
    """Deleting what is not there succeeds."""
    names = documents.read_tenant_names(raw)
    for name in names:
        context.may(auth.tenants(Verb.DELETE, upper_first(collection), name))
    with wording(_writing("TYPE_DELETE_TENANT")):
        context.app.catalog.drop_tenants(collection, names)
    return empty()


@router.get("/{tenant}")
def get_tenant(context: Asked, collection: str, tenant: str) -> Response:
    context.may(auth.tenants(Verb.READ, upper_first(collection), tenant))
    status = _tenant(context, collection, tenant)
    if status is None:
        raise missing()
    return answer(_shown(tenant, status))


@router.head("/{tenant}")
def has_tenant(context: Asked, collection: str, tenant: str) -> Response:
    context.may(auth.tenants(Verb.READ, upper_first(collection), tenant))
    return empty(404 if _tenant(context, collection, tenant) is None else 200)


def _tenants(context: Context, collection: str) -> dict[str, TenantStatus]:
    with wording({InvalidSchema: after(_READING), CollectionNotFound: after(_READING, 422)}):
        return dict(context.app.catalog.tenants(collection))


def _tenant(context: Context, collection: str, tenant: str) -> TenantStatus | None:
    with wording({InvalidSchema: after(_READING), CollectionNotFound: after(_READING, 422)}):
        return context.app.catalog.tenant(collection, tenant)


def _writing(step: str) -> Wordings:
    """A bad name or status is said as it is; what the schema has against a change names the change."""
    place = f"updating schema: {step}: "
    return {InvalidSchema: after(place), CollectionNotFound: after(place, 422), TenantNotFound: after(place)}


def _may(context: Context, verb: Verb, collection: str, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        context.may(auth.tenants(verb, upper_first(collection), entry.get("name", "")))


def _changes(entries: list[dict[str, Any]]) -> list[TenantChange]:
    """What is asked for, with names that may be a tenant's. Raises `InvalidSchema`."""
    check_tenants([entry.get("name", "") for entry in entries])
    return [TenantChange(entry.get("name", ""), entry.get("activityStatus")) for entry in entries]


def _echoed(entry: dict[str, Any]) -> dict[str, Any]:
    """What was sent, the status by its old name."""
    status = entry.get("activityStatus")
    return {**entry, "activityStatus": _OLD_NAMES.get(status, status)} if status else {"name": entry.get("name", "")}


def _shown(name: str, status: TenantStatus) -> dict[str, Any]:
    return {"activityStatus": status.value, "name": name}
