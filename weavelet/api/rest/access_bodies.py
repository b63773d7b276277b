"""The bodies of roles, permissions and assignments."""

from collections.abc import Mapping
from typing import Any

from weavelet.access.permissions import ACTIONS, Permission, domain_of, parse_permission
from weavelet.access.state import USER_KINDS
from weavelet.api.rest.bodies import Items, Struct, Text, read
from weavelet.api.rest.refusals import not_one_of, required

_TEXTS = Items(Text(), "[]string")
_ON: Mapping[str, tuple[str, ...]] = {
    "aliases": ("alias", "collection"),
    "backups": ("collection",),
    "collections": ("collection",),
    "data": ("collection", "object", "tenant"),
    "groups": ("group", "groupType"),
    "namespaces": ("namespace",),
    "nodes": ("collection", "verbosity"),
    "replicate": ("collection", "shard"),
    "roles": ("role", "scope"),
    "tenants": ("collection", "tenant"),
    "users": ("users",),
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "groupType": ("oidc",),
    "scope": ("all", "match"),
    "verbosity": ("verbose", "minimal"),
}
PERMISSION = Struct(
    "models.Permission",
    {
        "action": Text("*string"),
        **{
            domain: Struct(f"models.Permission{domain.capitalize()}", dict.fromkeys(fields, Text("*string")))
            for domain, fields in _ON.items()
        },
    },
)
_PERMISSIONS = Items(PERMISSION, "[]*models.Permission")
ROLE = Struct("models.Role", {"name": Text("*string"), "permissions": _PERMISSIONS})
PERMISSIONS = Struct("models.PermissionsBody", {"permissions": _PERMISSIONS})
ASSIGNMENT = Struct("models.AssignmentBody", {"roles": _TEXTS, "userType": Text(), "groupType": Text()})

GROUP_KINDS = ("oidc",)


def read_role(raw: bytes) -> tuple[str, list[Permission]]:
    document = read(raw, ROLE)
    if "name" not in document:
        raise required("name")
    return document["name"], _permissions(document)


def read_permissions(raw: bytes) -> list[Permission]:
    document = read(raw, PERMISSIONS)
    if "permissions" not in document:
        raise required("permissions")
    return _permissions(document)


def read_permission(raw: bytes) -> Permission:
    return _permission(read(raw, PERMISSION), "")


def read_assignment(raw: bytes) -> tuple[list[str], str | None]:
    """The roles, and the kind of user or group where one is named."""
    document = read(raw, ASSIGNMENT)
    kind = document.get("userType") or document.get("groupType")
    if kind is not None and kind not in USER_KINDS:
        raise not_one_of("userType", USER_KINDS)
    return document.get("roles", []), kind


def _permissions(document: Mapping[str, Any]) -> list[Permission]:
    return [
        _permission(entry or {}, f"permissions.{index}.") for index, entry in enumerate(document.get("permissions", ()))
    ]


def _permission(document: Mapping[str, Any], place: str) -> Permission:
    action = document.get("action")
    if action is None:
        raise required(f"{place}action")
    if action not in ACTIONS:
        raise not_one_of(f"{place}action", ACTIONS)
    domain = domain_of(action)
    for name, choices in _CHOICES.items():
        value = (document.get(domain) or {}).get(name)
        if value is not None and value not in choices:
            raise not_one_of(f"{place}{domain}.{name}", choices)
    return parse_permission(document)
