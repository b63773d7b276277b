"""References of one object, and many references at once."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api import auth, errors
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Consistency, Context, ObjectId, Raw, missing
from weavelet.api.rest.objects import Tenant
from weavelet.api.rest.refusals import Wordings, after, refusal, silently, wording
from weavelet.api.rest.render import BEACON_START, answer, empty
from weavelet.errors import CollectionNotFound, InvalidInput, InvalidReference, NotFound, ObjectNotFound
from weavelet.linking import NewReference
from weavelet.schema.references import Beacon, parse_beacon, parse_source

router = APIRouter(prefix="/v1", tags=["references"])

_ONE = "/objects/{collection}/{id}/references/{property}"
_ANYWHERE = "/objects/{id}/references/{property}"


# --- One object's ----------------------------------------------------------------------------------------------------


@router.post(_ONE, openapi_extra=body(documents.REFERENCE))
def add_reference(
    context: Asked,
    collection: str,
    id: ObjectId,
    property: str,
    raw: Raw,
    tenant: Tenant = "",
    consistency: Consistency = None,
) -> Response:
    return _added(context, collection, id, property, documents.read_reference(raw), tenant)


@router.post(_ANYWHERE, deprecated=True, openapi_extra=body(documents.REFERENCE))
def add_reference_anywhere(context: Asked, id: ObjectId, property: str, raw: Raw) -> Response:
    beacon = documents.read_reference(raw)
    return _added(context, _holder(context, id), id, property, beacon, "")


@router.put(_ONE, openapi_extra=body(documents.REFERENCES))
def replace_references(
    context: Asked,
    collection: str,
    id: ObjectId,
    property: str,
    raw: Raw,
    tenant: Tenant = "",
    consistency: Consistency = None,
) -> Response:
    return _replaced(context, collection, id, property, documents.read_references(raw), tenant)


@router.put(_ANYWHERE, deprecated=True, openapi_extra=body(documents.REFERENCES))
def replace_references_anywhere(context: Asked, id: ObjectId, property: str, raw: Raw) -> Response:
    beacons = documents.read_references(raw)
    return _replaced(context, _holder(context, id), id, property, beacons, "")


@router.delete(_ONE, openapi_extra=body(documents.REFERENCE))
def delete_reference(
    context: Asked,
    collection: str,
    id: ObjectId,
    property: str,
    raw: Raw,
    tenant: Tenant = "",
    consistency: Consistency = None,
) -> Response:
    return _deleted(context, collection, id, property, documents.read_reference(raw), tenant)


@router.delete(_ANYWHERE, deprecated=True, openapi_extra=body(documents.REFERENCE))
def delete_reference_anywhere(context: Asked, id: ObjectId, property: str, raw: Raw) -> Response:
    beacon = documents.read_reference(raw)
    return _deleted(context, _holder(context, id), id, property, beacon, "")


def _added(context: Context, name: str, id: str, property: str, beacon: str, tenant: str) -> Response:
    context.may(auth.data(Verb.UPDATE, name, tenant, id))
    _check(context, name, property, [beacon], "validate inputs")
    with wording(_wordings(name)):
        context.app.linking.add(NewReference(collection=name, id=id, property=property, beacon=beacon, tenant=tenant))
    return empty()


def _replaced(context: Context, name: str, id: str, property: str, beacons: list[str], tenant: str) -> Response:
    context.may(auth.data(Verb.UPDATE, name, tenant, id))
    _check(context, name, property, beacons, "bad inputs")
    with wording(_wordings(name)):
        context.app.linking.replace(name, id, property, beacons, tenant)
    return empty()


def _deleted(context: Context, name: str, id: str, property: str, beacon: str, tenant: str) -> Response:
    """Removing a reference that is not there succeeds."""
    context.may(auth.data(Verb.UPDATE, name, tenant, id))
    _check(context, name, property, [beacon], "bad inputs")
    with wording(_wordings(name)):
        context.app.linking.delete(name, id, property, beacon, tenant)
    return empty(204)


def _holder(context: Context, id: str) -> str:
    """The collection of the object, for routes that do not name it."""
    context.may(auth.data(Verb.READ, id=id))
    for name in context.app.searcher.locate(id):
        return name
    raise missing()


def _wordings(name: str) -> Wordings:
    place = f"msg:repo.object code:422 err:search index {name.lower()}: determine shard: "
    return {
        ObjectNotFound: silently(404),
        InvalidReference: after("msg:validate existence code:400 err:"),
        CollectionNotFound: after("msg:multi-tenancy violation code:500 err:", 500),
        NotFound: after(place, 422),
        InvalidInput: after(place),
    }


def _check(context: Context, name: str, property: str, beacons: list[str], step: str) -> None:
    """Refuse what cannot be a reference, before anything is looked up."""
    complaint = _complaint(context, name, property, beacons)
    if complaint is not None:
        raise refusal(422, f"msg:{step} code:400 err:{complaint}")


def _complaint(context: Context, name: str, property: str, beacons: list[str]) -> str | None:
    collection = context.app.catalog.find(name)
    if collection is None:
        raise refusal(422, f'msg:collection not found code:400 err:collection "{name}" not found in schema')
    prop = collection.property_named(property)
    if prop is None:
        return (
            f"no such prop with name '{property}' found in class '{collection.name}' in the schema. "
            "Check your schema files for which properties in this class are available"
        )
    if not prop.is_reference:
        return f"property '{property}' is not a reference-type"
    for beacon in beacons:
        try:
            parse_beacon(beacon)
        except InvalidReference as error:
            unreadable = str(error).startswith("invalid cref URI")
            return f"invalid reference: {error}" if unreadable else str(error)
    return None


# --- Many ------------------------------------------------------------------------------------------------------------


@router.post("/batch/references", openapi_extra=body(documents.BATCH_REFERENCES))
def add_references(context: Asked, raw: Raw, consistency: Consistency = None) -> Response:
    """Each reference succeeds or fails on its own."""
    entries = [_Entry(entry) for entry in documents.read_batch_references(raw)]
    if not entries:
        raise refusal(422, "invalid params: length cannot be 0, need at least one reference for batching")
    sound = [entry for entry in entries if entry.error is None]
    for name in sorted({entry.source.collection for entry in sound}):
        context.may(auth.collections(Verb.READ, name))
        context.may(auth.data(Verb.UPDATE, name))
    outcomes = context.app.linking.add_many([entry.reference for entry in sound])
    for entry, error in zip(sound, outcomes, strict=True):
        entry.error = None if error is None else str(error)
    return answer([entry.shown(context) for entry in entries])


class _Entry:
    """One reference of a batch, and what became of it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._from: str = document.get("from", "")
        self._to: str = document.get("to", "")
        self._tenant: str = document.get("tenant", "")
        self.source, self.property = Beacon("", ""), ""
        self.target: Beacon | None = None
        complaints = [complaint for parse in (self._parse_source, self._parse_target) if (complaint := _tried(parse))]
        self.error: str | None = ", ".join(complaints) or None

    def _parse_source(self) -> None:
        self.source, self.property = parse_source(self._from)

    def _parse_target(self) -> None:
        self.target = parse_beacon(self._to)

    @property
    def reference(self) -> NewReference:
        return NewReference(
            collection=self.source.collection,
            id=self.source.id,
            property=self.property,
            beacon=self._to,
            tenant=self._tenant,
        )

    def shown(self, context: Context) -> dict[str, Any]:
        """The item of the answer; a beacon that could not be read is left out."""
        shown: dict[str, Any] = {}
        if self.source.id:
            shown["from"] = f"{BEACON_START}{self.source.collection}/{self.source.id}/{self.property}"
        if self.target is not None:
            shown["to"] = f"{BEACON_START}{_path(_completed(context, self, self.target))}"
        if self.error is None:
            return {**shown, "result": {"status": "SUCCESS"}}
        return {**shown, "result": {"errors": errors.payload(self.error), "status": "FAILED"}}


def _tried(parse: Callable[[], None]) -> str | None:
    """What is wrong, or None."""
    try:
        parse()
    except InvalidReference as error:
        return str(error)
    return None


def _completed(context: Context, entry: _Entry, target: Beacon) -> Beacon:
    """A target without a collection, with the only one its property allows."""
    collection = context.app.catalog.find(entry.source.collection)
    prop = collection.property_named(entry.property) if collection is not None else None
    if target.collection or prop is None or len(prop.targets) != 1:
        return target
    return Beacon(prop.targets[0], target.id)


def _path(beacon: Beacon) -> str:
    return f"{beacon.collection}/{beacon.id}" if beacon.collection else beacon.id
