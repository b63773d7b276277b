"""Many objects at once: stored each on its own, or deleted by a filter."""

import time
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api import auth, errors
from weavelet.api.auth import Verb
from weavelet.api.graphql.where import parse_where
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Consistency, Context, Raw
from weavelet.api.rest.objects import Tenant
from weavelet.api.rest.refusals import after, instead, refusal, wording
from weavelet.api.rest.render import answer, rendered_object, rendered_vectors
from weavelet.api.rest.vectors import new_object, sent_vectors
from weavelet.errors import CollectionNotFound, InvalidFilter, InvalidQuery, TenantNotFound, WeaveletError
from weavelet.ingest import Deleted
from weavelet.schema.names import upper_first
from weavelet.schema.objects import NewObject, Object, Verdict

router = APIRouter(prefix="/v1/batch", tags=["batch"])

_NO_TIME = -62_135_596_800_000
"""Year 1, in milliseconds since 1970: what Go shows for a time nobody set."""
_OUTPUTS = ("minimal", "verbose")


# --- Storing ---------------------------------------------------------------------------------------------------------


@router.post("/objects", openapi_extra=body(documents.BATCH_OBJECTS))
def put_objects(context: Asked, raw: Raw, consistency: Consistency = None) -> Response:
    """Each object succeeds or fails on its own; an id that exists is replaced."""
    sent = documents.read_batch(raw)
    if not sent:
        raise refusal(422, "invalid param 'objects': cannot be empty, need at least one object for batching")
    for name, tenant in sorted({(entry.get("class", ""), entry.get("tenant", "")) for entry in sent}):
        context.may(auth.data(Verb.UPDATE, name, tenant))
        context.may(auth.data(Verb.CREATE, name, tenant))
    parsed = [_parsed(entry) for entry in sent]
    news = [new for new in parsed if isinstance(new, NewObject)]
    stored = iter(context.app.ingest.put_many(news, context.call))
    verdicts = [next(stored) if isinstance(new, NewObject) else Verdict(error=new) for new in parsed]
    return answer([_shown(context, entry, verdict) for entry, verdict in zip(sent, verdicts, strict=True)])


def _parsed(document: dict[str, Any]) -> NewObject | WeaveletError:
    try:
        return new_object(document)
    except WeaveletError as error:
        return error


def _shown(context: Context, sent: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    """An item of the answer: what is stored now, or what was sent and why it is not."""
    stored = verdict.object
    shown = _failed(sent, str(verdict.error)) if stored is None else _stored(context, sent, stored)
    return shown | {"deprecations": None}


def _stored(context: Context, sent: dict[str, Any], object: Object) -> dict[str, Any]:
    """As the original does it: without links, and with the id as it was sent."""
    shown = rendered_object(object, None, context.app.settings.origin)
    return shown | {"id": sent.get("id") or object.id, "result": {"status": "SUCCESS"}}


def _failed(sent: dict[str, Any], text: str) -> dict[str, Any]:
    now = time.time_ns() // 1_000_000
    shown = {key: sent[key] for key in ("id", "tenant", "properties") if sent.get(key)}
    return {
        "class": upper_first(sent.get("class", "")),
        "creationTimeUnix": now,
        "lastUpdateTimeUnix": now,
        "properties": {},
        "result": {"errors": errors.payload(text), "status": "FAILED"},
        **shown,
        **rendered_vectors(sent_vectors(sent)),
    }


# --- Deleting --------------------------------------------------------------------------------------------------------


@router.delete("/objects", openapi_extra=body(documents.BATCH_DELETE))
def delete_objects(context: Asked, raw: Raw, tenant: Tenant = "", consistency: Consistency = None) -> Response:
    """Remove what passes a filter, at most so many objects a call."""
    document = documents.read_batch_delete(raw)
    match = _checked_match(document)
    name: str = match["class"]
    context.may(auth.data(Verb.DELETE, name, tenant))
    with wording({CollectionNotFound: instead(f"validate: failed to get class: {name}", 422)}):
        collection = context.app.catalog.collection(name)
    output = document.get("output", "minimal")
    with wording({InvalidFilter: after("validate: failed to parse where filter: ")}):
        where = parse_where(_plain(match["where"]), collection, context.app.catalog.find)
    if output not in _OUTPUTS:
        raise refusal(500, f'validate: invalid output: "{output}", possible values are: "minimal", "verbose"')
    place = after("batch delete objects: cannot find objects: ")
    unfit = after("validate: invalid where filter: ")
    with wording({InvalidFilter: unfit, InvalidQuery: place, TenantNotFound: place}):
        deleted = context.app.ingest.delete_where(collection.name, where, tenant, document.get("dryRun", False))
    return answer(
        {
            "deletionTimeUnixMilli": document.get("deletionTimeUnixMilli", _NO_TIME),
            "dryRun": deleted.dry_run,
            "match": {"class": collection.name, "where": _echoed(match["where"])},
            "output": output,
            "results": _results(deleted, verbose=output == "verbose"),
        }
    )


def _checked_match(document: dict[str, Any]) -> dict[str, Any]:
    match: dict[str, Any] = document.get("match", {})
    if "match" not in document:
        raise refusal(422, "validate: empty match clause")
    if not match.get("class"):
        raise refusal(422, "validate: empty match.class clause")
    if "where" not in match:
        raise refusal(422, "validate: empty match.where clause")
    return match


def _plain(clause: dict[str, Any]) -> dict[str, Any]:
    """The clause with lists under the names of single values, where GraphQL has them too."""
    plain = {name.removesuffix("Array"): value for name, value in clause.items()}
    return plain | {"operands": [_plain(operand or {}) for operand in clause.get("operands", ())]}


def _echoed(clause: dict[str, Any]) -> dict[str, Any]:
    """The clause as the original repeats it: operands and path are always there."""
    operands = [_echoed(operand or {}) for operand in clause.get("operands", ())]
    return {**clause, "operands": operands or None, "path": clause.get("path")}


def _results(deleted: Deleted, *, verbose: bool) -> dict[str, Any]:
    """The counts, and the objects: all of them, or only those that could not be removed."""
    failed = sum(row.error is not None for row in deleted.rows)
    shown = [_row(row.id, row.error, deleted.dry_run) for row in deleted.rows if verbose or row.error is not None]
    return {
        "failed": failed,
        "limit": deleted.limit,
        "matches": deleted.matches,
        "objects": shown or None,
        "successful": 0 if deleted.dry_run else len(deleted.rows) - failed,
    }


def _row(id: str, error: WeaveletError | None, dry_run: bool) -> dict[str, Any]:
    if error is not None:
        return {"errors": errors.payload(str(error)), "id": id, "status": "FAILED"}
    return {"id": id, "status": "DRYRUN" if dry_run else "SUCCESS"}
