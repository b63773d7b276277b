"""Exports of collections to a folder of this machine."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.core import App
from weavelet.api.rest import job_bodies
from weavelet.api.rest.backups import BACKEND
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Context, Raw
from weavelet.api.rest.refusals import Wordings, after, refusal, wording
from weavelet.api.rest.render import answer, empty
from weavelet.errors import Conflict
from weavelet.export import Export, Exports, Progress
from weavelet.jobs import Job

router = APIRouter(prefix="/v1/export/{backend}", tags=["exports"])

_TAKEN: Wordings = {Conflict: after("", 409)}


def open_exports(app: App) -> Exports | None:
    """What the settings allow: None where exports are not enabled, or there is no folder for them."""
    folder = app.settings.export_path or app.settings.backup_path
    if not app.settings.export_enabled or folder is None:
        return None
    return Exports(app.database, app.catalog, folder, lambda: datetime.now(UTC))


@router.post("", openapi_extra=body(job_bodies.EXPORT))
def create_export(context: Asked, backend: str, raw: Raw) -> Response:
    """Starts it; ask for its status until that is SUCCESS or FAILED."""
    document = job_bodies.read_export(raw)
    exports = _backend(context, backend)
    chosen = exports.chosen(document.get("include", []), document.get("exclude", []))
    for name in chosen:
        context.may(auth.backups(Verb.CREATE, name))
    with wording(_TAKEN):
        return answer(_shown(exports.create(document["id"], chosen)))


@router.get("/{id}")
def get_export(context: Asked, backend: str, id: str) -> Response:
    exports = _backend(context, backend)
    found = exports.find(id)
    _check_may(context, Verb.READ, found)
    return answer(_status(found))


@router.delete("/{id}")
def cancel_export(context: Asked, backend: str, id: str) -> Response:
    """What is written already stays."""
    exports = _backend(context, backend)
    _check_may(context, Verb.DELETE, exports.find(id))
    with wording(_TAKEN):
        exports.cancel(id)
    return empty(204)


def _backend(context: Context, name: str) -> Exports:
    if not context.app.settings.export_enabled:
        raise refusal(422, "export API is disabled; enable it via EXPORT_ENABLED=true or the runtime config")
    if name != BACKEND or context.exports is None:
        raise refusal(
            422, f"export validation error: backend {name} not available: set EXPORT_DEFAULT_PATH and use {BACKEND}"
        )
    return context.exports


def _check_may(context: Context, verb: Verb, export: Export) -> None:
    for name in export.job.collections:
        context.may(auth.backups(verb, name))


def _shown(job: Job) -> dict[str, Any]:
    return {
        "backend": BACKEND,
        "classes": job.collections,
        "id": job.id,
        "path": job.path,
        "startedAt": job.started_at,
        "status": job.status,
    }


def _status(export: Export) -> dict[str, Any]:
    job = export.job
    shown = _shown(job)
    shown["shardStatus"] = {
        name: {shard: _shard(state) for shard, state in shards.items()} for name, shards in export.shards.items()
    }
    if job.error:
        shown["error"] = job.error
    if job.completed_at:
        took = datetime.fromisoformat(job.completed_at) - datetime.fromisoformat(job.started_at)
        shown |= {"completedAt": job.completed_at, "tookInMs": int(took.total_seconds() * 1000)}
    return shown


def _shard(state: Progress) -> dict[str, Any]:
    shown = {"objectsExported": state.objects, "status": state.status}
    return shown | ({"skipReason": state.skipped_because} if state.skipped_because else {})
