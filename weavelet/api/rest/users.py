"""Users: oneself, and those whose keys the database keeps."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.access.book import Book
from weavelet.access.state import User
from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest.authz import rendered_role
from weavelet.api.rest.bodies import Flag, Struct, read
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Context, Raw, missing
from weavelet.api.rest.refusals import Refusal, Wordings, after, refusal, silently, wording
from weavelet.api.rest.render import answer, empty
from weavelet.errors import Conflict, NotFound

router = APIRouter(prefix="/v1/users", tags=["users"])

_NO_USERS = "db user management is not enabled"
_NEVER = "0001-01-01T00:00:00.000Z"
Used = Annotated[bool, Query(alias="includeLastUsedTime", description="With when each key was used last.")]
_REFUSED: Wordings = {Conflict: after("", 409), NotFound: silently(404)}
_TOGGLED: Wordings = {Conflict: silently(409), NotFound: silently(404)}
_DEACTIVATION = Struct("users.DeactivateUserBody", {"revoke_key": Flag("*bool")})


@router.get("/own-info")
def get_own_info(context: Asked) -> Response:
    if context.principal.is_anonymous:
        raise Refusal(401)
    book, name = context.app.access, context.principal.name
    names = book.roles_of(name) if context.app.settings.rbac_enabled else ()
    roles = [rendered_role(role, book.role(role)) for role in names] or None
    return answer({"groups": None, "roles": roles, "username": name})


@router.get("/db")
def list_users(context: Asked, used: Used = False) -> Response:
    """Those that calls made; root sees those of the settings, too."""
    if not context.app.settings.db_users_enabled:
        return answer([])
    book = context.app.access
    made = [_shown(book, name, user, used) for name, user in sorted(book.users().items()) if _may_read(context, name)]
    return answer([*made, *(_shown(book, name, None, used) for name in sorted(_static(context)))])


@router.get("/db/{user}")
def get_user(
    context: Asked,
    user: str,
    used: Used = False,
) -> Response:
    if not context.app.settings.db_users_enabled:
        raise missing()
    context.may(auth.users(Verb.READ, user))
    book = context.app.access
    found = book.users().get(user)
    if found is None and user not in _static(context):
        raise missing()
    return answer(_shown(book, user, found, used))


def _may_read(context: Context, name: str) -> bool:
    return context.permits(auth.users(Verb.READ, name))


def _static(context: Context) -> frozenset[str]:
    static = context.app.access.static
    return static.names | static.root if context.principal.name in static.root else frozenset()


def _shown(book: Book, name: str, user: User | None, used: bool) -> dict[str, Any]:
    shown = {
        "active": user is None or user.active,
        "createdAt": _NEVER if user is None else user.created_at,
        "dbUserType": "db_env_user" if user is None else "db_user",
        "lastUsedAt": (user.last_used_at if user is not None and used else "") or _NEVER,
        "roles": book.roles_of(name),
        "userId": name,
    }
    return shown if user is None else {**shown, "apiKeyFirstLetters": user.first_letters}


@router.post("/db/{user}")
def create_user(context: Asked, user: str) -> Response:
    """Answers with the user's key, which is kept nowhere else."""
    book = _book(context)
    context.may(auth.users(Verb.CREATE, user))
    with wording(_REFUSED):
        return answer({"apikey": book.create_user(user)}, 201)


@router.post("/db/{user}/rotate-key")
def rotate_key(context: Asked, user: str) -> Response:
    book = _book(context)
    context.may(auth.users(Verb.UPDATE, user))
    _check_not_static(book, user)
    with wording(_REFUSED):
        return answer({"apikey": book.rotate_key(user)})


@router.post("/db/{user}/activate")
def activate_user(context: Asked, user: str) -> Response:
    book = _book(context)
    context.may(auth.users(Verb.UPDATE, user))
    _check_not_static(book, user)
    with wording(_TOGGLED):
        book.set_active(user, True)
    return empty()


@router.post("/db/{user}/deactivate", openapi_extra=body(_DEACTIVATION))
def deactivate_user(context: Asked, user: str, raw: Raw) -> Response:
    """With `revoke_key` the key is of no use either once the user is active again."""
    revoked = bool(read(raw, _DEACTIVATION).get("revoke_key")) if raw.strip() else False
    book = _book(context)
    context.may(auth.users(Verb.UPDATE, user))
    if user == context.principal.name:
        raise refusal(422, f'cannot deactivate its own user "{user}"')
    _check_not_static(book, user)
    with wording(_TOGGLED):
        book.set_active(user, False)
        if revoked:
            book.rotate_key(user)
    return empty()


@router.delete("/db/{user}")
def delete_user(context: Asked, user: str) -> Response:
    book = _book(context)
    context.may(auth.users(Verb.DELETE, user))
    if user == context.principal.name:
        raise refusal(422, f'cannot delete its own user "{user}"')
    _check_not_static(book, user)
    with wording(_REFUSED):
        book.delete_user(user)
    return empty(204)


def _book(context: Context) -> Book:
    if not context.app.settings.db_users_enabled:
        raise refusal(422, _NO_USERS)
    return context.app.access


def _check_not_static(book: Book, user: str) -> None:
    if user in book.static.names or user in book.static.root:
        raise refusal(422, f"user '{user}' is static user")
