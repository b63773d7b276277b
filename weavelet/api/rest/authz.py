"""Roles, and who holds them. Without role-based access there are none, and none can be made."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.access.book import Book
from weavelet.access.permissions import Permission, Wanted, render_permission
from weavelet.access.state import DB, OIDC, ROOT, USER_KINDS, Permissions
from weavelet.api import auth
from weavelet.api.auth import Verb, check
from weavelet.api.rest import access_bodies
from weavelet.api.rest.access_bodies import GROUP_KINDS
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Context, Raw, missing
from weavelet.api.rest.refusals import Wordings, after, not_one_of, refusal, silently, wording
from weavelet.api.rest.render import answer, empty
from weavelet.errors import Conflict, Forbidden, InvalidInput, NotFound

router = APIRouter(prefix="/v1", tags=["authz"])

_NO_ROLES = "roles are not enabled"
_REFUSED: Wordings = {InvalidInput: after("", 400), Conflict: after("", 409), NotFound: silently(404)}
Full = Annotated[bool, Query(alias="includeFullRoles", description="With their permissions.")]


def rendered_role(name: str, permissions: Permissions | None) -> dict[str, Any]:
    shown = None if permissions is None else [render_permission(each) for each in permissions]
    return {"name": name, "permissions": shown}


# --- Roles -----------------------------------------------------------------------------------------------------------


@router.get("/authz/roles")
def list_roles(context: Asked) -> Response:
    """Those that the caller may read. Who is not root does not see the role of that name."""
    if not context.app.settings.rbac_enabled:
        return answer([])
    book = context.app.access
    seen = [name for name in sorted(book.roles()) if context.permits(auth.roles(Verb.READ, name))]
    if context.principal.name not in book.static.root:
        seen = [name for name in seen if name != ROOT]
    return answer([rendered_role(name, book.role(name)) for name in seen])


@router.post("/authz/roles", openapi_extra=body(access_bodies.ROLE))
def create_role(context: Asked, raw: Raw) -> Response:
    name, permissions = access_bodies.read_role(raw)
    book = _book(context)
    _may_change(context, Verb.CREATE, name, permissions)
    with wording(_REFUSED):
        book.create_role(name, permissions)
    return empty(201)


@router.get("/authz/roles/{role}")
def get_role(context: Asked, role: str) -> Response:
    if not context.app.settings.rbac_enabled:
        raise missing()
    if role not in context.app.access.roles_of(context.principal.name):
        context.may(auth.roles(Verb.READ, role))
    with wording(_REFUSED):
        return answer(rendered_role(role, context.app.access.role(role)))


@router.delete("/authz/roles/{role}")
def delete_role(context: Asked, role: str) -> Response:
    book = _book(context)
    context.may(auth.roles(Verb.DELETE, role))
    with wording(_REFUSED):
        book.delete_role(role)
    return empty(204)


@router.post("/authz/roles/{role}/add-permissions", openapi_extra=body(access_bodies.PERMISSIONS))
def add_permissions(context: Asked, role: str, raw: Raw) -> Response:
    permissions = access_bodies.read_permissions(raw)
    book = _book(context)
    _may_change(context, Verb.UPDATE, role, permissions)
    with wording(_REFUSED):
        book.add_permissions(role, permissions)
    return empty()


@router.post("/authz/roles/{role}/remove-permissions", openapi_extra=body(access_bodies.PERMISSIONS))
def remove_permissions(context: Asked, role: str, raw: Raw) -> Response:
    permissions = access_bodies.read_permissions(raw)
    book = _book(context)
    _may_change(context, Verb.UPDATE, role, permissions)
    with wording(_REFUSED):
        book.remove_permissions(role, permissions)
    return empty()


@router.post("/authz/roles/{role}/has-permission", openapi_extra=body(access_bodies.PERMISSION))
def has_permission(context: Asked, role: str, raw: Raw) -> Response:
    permission = access_bodies.read_permission(raw)
    book = _book(context)
    context.may(auth.roles(Verb.READ, role))
    with wording(_REFUSED):
        return answer(permission in book.role(role))


def _book(context: Context) -> Book:
    if not context.app.settings.rbac_enabled:
        raise refusal(422, _NO_ROLES)
    return context.app.access


def _may_change(context: Context, verb: Verb, role: str, permissions: Iterable[Permission]) -> None:
    """Who may change roles within the scope of their own permissions hands on no others."""
    action = auth.roles(verb, role)
    check(context.guard, context.principal, action)
    book, user = context.app.access, context.principal.name
    if book.permits(user, (), Wanted(verb, "roles", (("role", role), ("scope", "all")))):
        return
    for permission in permissions:
        if not book.grants(user, permission):
            raise Forbidden(
                f"rbac: authorization, forbidden action: user '{user}' has insufficient permissions to {action.name} "
                f"[{action.resource}]: {permission.action} is not among its own"
            )


# --- Who holds them --------------------------------------------------------------------------------------------------


@router.get("/authz/roles/{role}/users")
def list_users_of(context: Asked, role: str) -> Response:
    return answer([name for kind, name in _holders(context, role) if kind == DB])


@router.get("/authz/roles/{role}/user-assignments")
def list_user_assignments(context: Asked, role: str) -> Response:
    held = _holders(context, role)
    return answer([{"userId": name, "userType": _user_type(context, kind, name)} for kind, name in held])


@router.get("/authz/roles/{role}/group-assignments")
def list_group_assignments(context: Asked, role: str) -> Response:
    _holders(context, role)
    held = [name for name, roles in sorted(context.app.access.groups().items()) if role in roles]
    return answer([{"groupId": name, "groupType": OIDC} for name in held])


def _holders(context: Context, role: str) -> tuple[tuple[str, str], ...]:
    if not context.app.settings.rbac_enabled:
        raise missing()
    context.may(auth.roles(Verb.READ, role))
    with wording(_REFUSED):
        return context.app.access.holders(role)


def _user_type(context: Context, kind: str, name: str) -> str:
    if kind == OIDC:
        return OIDC
    return "db_user" if name in context.app.access.users() else "db_env_user"


@router.post("/authz/users/{user}/assign", openapi_extra=body(access_bodies.ASSIGNMENT))
def assign_roles(context: Asked, user: str, raw: Raw) -> Response:
    roles, kind = access_bodies.read_assignment(raw)
    book = _book(context)
    context.may(auth.users(Verb.ASSIGN, user))
    _check_assignable(book, roles, "assigning")
    book.assign(user, _kinds(book, user, kind, "username to assign role to doesn't exist"), roles)
    return empty()


@router.post("/authz/users/{user}/revoke", openapi_extra=body(access_bodies.ASSIGNMENT))
def revoke_roles(context: Asked, user: str, raw: Raw) -> Response:
    roles, kind = access_bodies.read_assignment(raw)
    book = _book(context)
    context.may(auth.users(Verb.ASSIGN, user))
    _check_assignable(book, roles, "revoking")
    book.revoke(user, _kinds(book, user, kind, "username to revoke role from doesn't exist"), roles)
    return empty()


def _check_assignable(book: Book, roles: list[str], doing: str) -> None:
    if not roles:
        raise refusal(400, "roles can not be empty")
    if ROOT in roles:
        raise refusal(403, f"{doing}: modifying 'root' role or changing its assignments is not allowed")
    if not set(roles) <= book.roles().keys():
        raise refusal(404, "one or more of the roles requested doesn't exist")


def _kinds(book: Book, user: str, kind: str | None, unknown: str) -> tuple[str, ...]:
    """Where no kind is named: every kind the user may be of."""
    if kind is not None:
        kinds: tuple[str, ...] = (kind,)
    else:
        kinds = (DB, OIDC) if book.knows(user) else (OIDC,)
    if DB in kinds and not book.knows(user):
        raise refusal(404, unknown)
    return kinds


@router.get("/authz/users/{user}/roles")
def list_all_roles_of(context: Asked, user: str) -> Response:
    """Older clients' form: of all kinds, with permissions."""
    if not context.app.settings.rbac_enabled:
        return answer(None)
    _may_see(context, user)
    book = context.app.access
    names = dict.fromkeys((*book.roles_of(user, DB), *book.roles_of(user, OIDC)))
    if not names and not book.knows(user):
        raise missing()
    return answer([rendered_role(name, book.role(name)) for name in names])


@router.get("/authz/users/{user}/roles/{kind}")
def list_roles_of(context: Asked, user: str, kind: str, full: Full = False) -> Response:
    if not context.app.settings.rbac_enabled:
        return answer(None)
    if kind not in USER_KINDS:
        raise not_one_of("userType", USER_KINDS, "path")
    _may_see(context, user)
    book = context.app.access
    if kind == DB and not book.knows(user):
        raise missing()
    return answer(_shown(context, book.roles_of(user, kind), full))


def _may_see(context: Context, user: str) -> None:
    """One's own roles are no secret."""
    if user != context.principal.name:
        context.may(auth.users(Verb.READ, user))


def _shown(context: Context, names: Iterable[str], full: bool) -> list[dict[str, Any]]:
    return [rendered_role(name, context.app.access.role(name) if full else None) for name in names]


# --- Groups ----------------------------------------------------------------------------------------------------------


@router.post("/authz/groups/{group:path}/assign", openapi_extra=body(access_bodies.ASSIGNMENT))
def assign_to_group(context: Asked, group: str, raw: Raw) -> Response:
    roles, _ = access_bodies.read_assignment(raw)
    book = _book(context)
    context.may(auth.groups(Verb.ASSIGN, group))
    _check_assignable(book, roles, "assigning")
    book.assign_to_group(group, roles)
    return empty()


@router.post("/authz/groups/{group:path}/revoke", openapi_extra=body(access_bodies.ASSIGNMENT))
def revoke_from_group(context: Asked, group: str, raw: Raw) -> Response:
    roles, _ = access_bodies.read_assignment(raw)
    book = _book(context)
    context.may(auth.groups(Verb.ASSIGN, group))
    _check_assignable(book, roles, "revoking")
    book.revoke_from_group(group, roles)
    return empty()


@router.get("/authz/groups/{group:path}/roles/{kind}")
def list_roles_of_group(context: Asked, group: str, kind: str, full: Full = False) -> Response:
    if not context.app.settings.rbac_enabled:
        return answer(None)
    _check_group_kind(kind)
    context.may(auth.groups(Verb.READ, group))
    return answer(_shown(context, sorted(context.app.access.groups().get(group, ())), full))


@router.get("/authz/groups/{kind}")
def list_groups(context: Asked, kind: str) -> Response:
    if not context.app.settings.rbac_enabled:
        return answer([])
    _check_group_kind(kind)
    names = sorted(context.app.access.groups())
    return answer([name for name in names if context.permits(auth.groups(Verb.READ, name))])


def _check_group_kind(kind: str) -> None:
    if kind not in GROUP_KINDS:
        raise not_one_of("groupType", GROUP_KINDS, "path")
