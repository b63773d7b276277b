"""Users and roles, as a server answers that manages neither: there are none, and none can be made."""

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api.rest.door import Asked, missing
from weavelet.api.rest.refusals import Refusal, refusal
from weavelet.api.rest.render import answer

router = APIRouter(prefix="/v1", tags=["authz"])

_NO_USERS = "db user management is not enabled"
_NO_ROLES = "roles are not enabled"


@router.get("/users/own-info")
def get_own_info(context: Asked) -> Response:
    if context.principal.is_anonymous:
        raise Refusal(401)
    return answer({"groups": None, "roles": None, "username": context.principal.name})


@router.get("/users/db")
def list_users(context: Asked) -> Response:
    return answer([])


@router.get("/users/db/{user}")
def get_user(context: Asked, user: str) -> Response:
    raise missing()


@router.post("/users/db/{user}")
@router.post("/users/db/{user}/rotate-key")
@router.post("/users/db/{user}/activate")
@router.post("/users/db/{user}/deactivate")
@router.delete("/users/db/{user}")
def change_user(context: Asked, user: str) -> Response:
    raise refusal(422, _NO_USERS)


@router.get("/authz/roles")
def list_roles(context: Asked) -> Response:
    return answer([])


@router.get("/authz/roles/{role}")
@router.get("/authz/roles/{role}/users")
@router.get("/authz/roles/{role}/user-assignments")
@router.get("/authz/roles/{role}/group-assignments")
def get_role(context: Asked, role: str) -> Response:
    raise missing()


@router.post("/authz/roles")
@router.post("/authz/roles/{role}/add-permissions")
@router.post("/authz/roles/{role}/remove-permissions")
@router.post("/authz/roles/{role}/has-permission")
@router.delete("/authz/roles/{role}")
@router.post("/authz/users/{user}/assign")
@router.post("/authz/users/{user}/revoke")
@router.post("/authz/groups/{group}/assign")
@router.post("/authz/groups/{group}/revoke")
def change_roles(context: Asked, role: str = "", user: str = "", group: str = "") -> Response:
    raise refusal(422, _NO_ROLES)


@router.get("/authz/users/{user}/roles")
@router.get("/authz/users/{user}/roles/{kind}")
@router.get("/authz/groups/{group}/roles/{kind}")
def list_roles_of(context: Asked, user: str = "", group: str = "", kind: str = "") -> Response:
    return answer(None)


@router.get("/authz/groups/{kind}")
def list_groups(context: Asked, kind: str) -> Response:
    return answer([])
