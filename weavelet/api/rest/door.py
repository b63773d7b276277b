"""What a handler is given of a request: the application, who asks, and the body's bytes.

Handlers are plain functions on the server's thread pool; what only reads the request runs on the event loop, before
them. The checks come in the original's order: credentials, media types, then parameters and body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, TypeAlias

from fastapi import Depends, Query, Request
from pydantic import AfterValidator
from starlette.concurrency import run_in_threadpool

from weavelet.api import auth
from weavelet.api.auth import Action, Authenticator, Guard, Principal
from weavelet.api.core import App
from weavelet.api.rest import documents
from weavelet.api.rest.refusals import Refusal, flat, not_of_type, refusal
from weavelet.backup import Backups
from weavelet.export import Exports
from weavelet.modules.base import Call

if TYPE_CHECKING:
    from weavelet.api.graphql import Endpoint

_YAML = "application/yaml"
_CONSUMED = ("application/json", _YAML)
_PRODUCED = frozenset({"application/json", "application/*", "*/*"})
CONSISTENCY_LEVELS = ("ONE", "QUORUM", "ALL")


@dataclass(frozen=True, slots=True)
class Door:
    """What all requests share."""

    app: App
    authenticator: Authenticator
    guard: Guard
    graphql: "Callable[[], Endpoint]"
    backups: Backups | None
    exports: Exports | None


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, for which application, with which headers."""

    app: App
    principal: Principal
    guard: Guard
    graphql: "Callable[[], Endpoint]"
    backups: Backups | None
    exports: Exports | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def may(self, action: Action) -> None:
        """Raise `Forbidden` where the caller may not do this."""
        auth.check(self.guard, self.principal, self._meant(action))

    def permits(self, action: Action) -> bool:
        return self.guard.permits(self.principal, self._meant(action))

    def _meant(self, action: Action) -> Action:
        """With the collection itself in the place of an alias: nobody gets past a permission by another name."""
        if action.domain == "aliases" or not self.app.catalog.aliases():
            return action
        meant = self.app.catalog.meant
        on = tuple((label, meant(value) if label == "Collection" else value) for label, value in action.on)
        return replace(action, on=on)

    @property
    def call(self) -> Call:
        """What modules may know of this request."""
        return Call(self.headers)


async def _context(request: Request) -> Context:
    door: Door = request.app.state.door
    headers = dict(request.headers)
    token = auth.bearer(headers.get("authorization")) or request.query_params.get("access_token")
    principal = door.authenticator.identify(token)
    _check_media_types(headers)
    return Context(door.app, principal, door.guard, door.graphql, door.backups, door.exports, headers)


def _check_media_types(headers: Mapping[str, str]) -> None:
    if _has_body(headers):
        kind = _media_type(headers.get("content-type", "")) or "application/octet-stream"
        if kind not in _CONSUMED:
            raise flat(415, f'unsupported media type "{kind}", only [{" ".join(_CONSUMED)}] are allowed', 415)
    accepted = [part.partition(";")[0].strip().lower() for part in headers.get("accept", "").split(",")]
    if any(accepted) and not _PRODUCED.intersection(accepted):
        raise flat(406, "unsupported media type requested, only [application/json] are available", 406)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _has_body(headers: Mapping[str, str]) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def _raw(request: Request) -> bytes:
    """The body as JSON."""
    body = await request.body()
    if _media_type(request.headers.get("content-type", "")) == _YAML:
        from weavelet.api.rest.yaml_bodies import as_json

        return await run_in_threadpool(as_json, body)
    return body


Asked: TypeAlias = Annotated[Context, Depends(_context)]
Raw: TypeAlias = Annotated[bytes, Depends(_raw)]


# --- Parameters ------------------------------------------------------------------------------------------------------


def _path_id(text: str) -> str:
    if not documents.is_uuid(text):
        raise not_of_type("id", "uuid", text, "path")
    return documents.canonical(text)


def _consistency(level: str | None) -> str | None:
    if level is not None and level not in CONSISTENCY_LEVELS:
        choices = ", ".join(f"'{choice}'" for choice in CONSISTENCY_LEVELS)
        raise refusal(400, f"unrecognized consistency level '{level}', try one of the following: [{choices}]")
    return level


ObjectId: TypeAlias = Annotated[str, AfterValidator(_path_id)]
"""An id in the path, brought to its canonical form."""

Consistency: TypeAlias = Annotated[
    str | None,
    AfterValidator(_consistency),
    Query(alias="consistency_level", description="ONE, QUORUM or ALL; one node always answers for all."),
]


def missing() -> Refusal:
    """The answer for something named in the path that is not there."""
    return Refusal(404)
