"""Backups to a folder of this machine, and restores from it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.core import App
from weavelet.api.rest import job_bodies
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Context, Raw
from weavelet.api.rest.refusals import refusal
from weavelet.api.rest.render import answer, empty
from weavelet.backup import Backups
from weavelet.jobs import Job

router = APIRouter(prefix="/v1/backups/{backend}", tags=["backups"])

BACKEND = "filesystem"


def open_backups(app: App) -> Backups | None:
    """What the settings allow: None where no folder for backups is configured."""
    folder = app.settings.backup_path
    if folder is None:
        return None
    return Backups(app.database, app.catalog, app.access, folder, lambda: datetime.now(UTC))


@router.get("")
def list_backups(context: Asked, backend: str, order: Annotated[str, Query()] = "desc") -> Response:
    """The latest first, or with `asc` the oldest."""
    backups = _backend(context, backend)
    context.may(auth.backups(Verb.READ))
    jobs = backups.every()
    return answer([_listed(job) for job in (jobs if order == "asc" else reversed(jobs))])


@router.post("", openapi_extra=body(job_bodies.BACKUP))
def create_backup(context: Asked, backend: str, raw: Raw) -> Response:
    """Starts it; ask for its status until that is SUCCESS or FAILED."""
    document = job_bodies.read_backup(raw)
    backups = _backend(context, backend)
    include, exclude = document.get("include", []), document.get("exclude", [])
    for name in include or ["*"]:
        context.may(auth.backups(Verb.CREATE, name))
    job = backups.create(document.get("id", ""), include, exclude)
    return answer({**_shown(job), "bucket": "", "classes": job.collections})


@router.get("/{id}")
def get_backup(context: Asked, backend: str, id: str) -> Response:
    backups = _backend(context, backend)
    context.may(auth.backups(Verb.READ))
    job = backups.backup(id)
    times = {"completedAt": job.completed_at} if job.ended else {}
    return answer({**_shown(job), **times, "size": job.size, "startedAt": job.started_at})


@router.delete("/{id}")
@router.delete("/{id}/restore")
def cancel_backup(context: Asked, backend: str, id: str) -> Response:
    """Cancelling what does not run succeeds."""
    backups = _backend(context, backend)
    context.may(auth.backups(Verb.DELETE))
    backups.cancel(id)
    return empty(204)


@router.post("/{id}/restore", openapi_extra=body(job_bodies.RESTORE))
def restore_backup(context: Asked, backend: str, id: str, raw: Raw) -> Response:
    document = job_bodies.read_restore(raw)
    backups = _backend(context, backend)
    include, exclude = document.get("include", []), document.get("exclude", [])
    for name in include or ["*"]:
        context.may(auth.backups(Verb.CREATE, name))
    config = document.get("config", {})
    with_roles, with_users = config.get("rolesOptions") == "all", config.get("usersOptions") == "all"
    if with_roles:
        context.may(auth.roles(Verb.CREATE))
    if with_users:
        context.may(auth.users(Verb.CREATE))
    job = backups.restore(
        id,
        include,
        exclude,
        overwrite_aliases=document.get("overwriteAlias", False),
        roles=with_roles,
        users=with_users,
    )
    return answer({**_shown(job), "classes": job.collections})


@router.get("/{id}/restore")
def get_restore(context: Asked, backend: str, id: str) -> Response:
    backups = _backend(context, backend)
    context.may(auth.backups(Verb.READ))
    return answer(_shown(backups.restored(id)))


def _backend(context: Context, name: str) -> Backups:
    if name != BACKEND or context.backups is None:
        raise refusal(422, f'no backup backend "{name}": backup: {name} not found, did you enable the right module?')
    return context.backups


def _shown(job: Job) -> dict[str, Any]:
    shown = {"backend": BACKEND, "id": job.id, "path": job.path, "status": job.status}
    return shown | {"error": job.error} if job.error else shown


def _listed(job: Job) -> dict[str, Any]:
    times = {"completedAt": job.completed_at} if job.ended else {}
    return {
        **times,
        "classes": job.collections,
        "id": job.id,
        "size": job.size,
        "startedAt": job.started_at,
        "status": job.status,
    }
