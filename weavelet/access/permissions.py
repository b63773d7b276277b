"""Permissions: an action such as `read_data`, and what it may be done on, as patterns with `*`.

A `Permission` holds the fields of its action's domain in their order, filled in where a caller left some out. `Wanted`
is what somebody is about to do: the same, with names instead of patterns, `*` standing for all there are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from weavelet.errors import InvalidInput
from weavelet.schema.names import upper_first

EVERYTHING = "*"
MANAGE = "manage"

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "backups": {"collection": EVERYTHING},
    "cluster": {},
    "data": {"collection": EVERYTHING, "object": EVERYTHING, "tenant": EVERYTHING},
    "nodes": {"collection": EVERYTHING, "verbosity": "minimal"},
    "roles": {"role": EVERYTHING, "scope": "match"},
    "collections": {"collection": EVERYTHING},
    "users": {"users": EVERYTHING},
    "tenants": {"collection": EVERYTHING, "tenant": EVERYTHING},
    "replicate": {"collection": EVERYTHING, "shard": EVERYTHING},
    "aliases": {"alias": EVERYTHING, "collection": EVERYTHING},
    "groups": {"group": EVERYTHING, "groupType": "oidc"},
    "mcp": {},
    "namespaces": {"namespace": EVERYTHING},
}
"""By domain: its fields, and what they are where nothing is said."""

_CHANGES = ("create", "read", "update", "delete")
ACTIONS: tuple[str, ...] = (
    "manage_backups",
    "read_cluster",
    *(f"{verb}_data" for verb in _CHANGES),
    "read_nodes",
    *(f"{verb}_roles" for verb in _CHANGES),
    *(f"{verb}_collections" for verb in _CHANGES),
    "assign_and_revoke_users",
    *(f"{verb}_users" for verb in _CHANGES),
    *(f"{verb}_tenants" for verb in _CHANGES),
    *(f"{verb}_replicate" for verb in _CHANGES),
    *(f"{verb}_aliases" for verb in _CHANGES),
    "assign_and_revoke_groups",
    "read_groups",
    "create_mcp",
    "read_mcp",
    "update_mcp",
    "manage_namespaces",
)
"""Every action there is, in the order in which clients are told."""
_LISTED = (
    *(f"{verb}_roles" for verb in _CHANGES),
    "manage_backups",
    "manage_namespaces",
    "assign_and_revoke_users",
    *(f"{verb}_users" for verb in _CHANGES),
    "read_cluster",
    "assign_and_revoke_groups",
    "read_groups",
    "read_nodes",
    *(f"{verb}_{domain}" for domain in ("collections", "data", "tenants", "replicate", "aliases") for verb in _CHANGES),
    *("create_mcp", "read_mcp", "update_mcp"),
)
"""The order of the built-in roles' permissions."""


@dataclass(frozen=True, slots=True)
class Permission:
    action: str
    on: tuple[tuple[str, str], ...] = ()
    """The fields of its domain, sorted by name."""

    @property
    def domain(self) -> str:
        return domain_of(self.action)

    def field(self, name: str) -> str:
        return dict(self.on).get(name, EVERYTHING)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A verb on something of a domain. Fields left out are not asked about."""

    verb: str
    domain: str
    on: tuple[tuple[str, str], ...] = ()


def domain_of(action: str) -> str:
    return action.rpartition("_")[2]


def parse_permission(document: Mapping[str, Any]) -> Permission:
    """From its JSON. Raises `InvalidInput`."""
    action = document["action"]
    domain = domain_of(action)
    given = document.get(domain) or {}
    on = {name: given.get(name) or default for name, default in _FIELDS[domain].items()}
    if "collection" in on:
        on["collection"] = upper_first(on["collection"])
    for name, pattern in on.items():
        if not _is_pattern(pattern):
            raise InvalidInput(f"invalid permission {action}: '{pattern}' is no {name}")
    return Permission(action, tuple(sorted(on.items())))


def render_permission(permission: Permission) -> dict[str, Any]:
    on = {permission.domain: dict(permission.on)} if permission.on else {}
    return {"action": permission.action, **on}


def covers(held: Permission, wanted: Wanted) -> bool:
    """Whether who holds the one may do the other."""
    if held.domain != wanted.domain or not _is_verb(held.action, wanted.verb):
        return False
    asked = dict(wanted.on)
    if held.domain == "nodes":
        return _covers_nodes(held, asked)
    return all(_covers_field(name, held.field(name), value) for name, value in asked.items())


def _covers_field(name: str, held: str, asked: str) -> bool:
    """Roles of every scope may be had, or those within the scope of one's own permissions."""
    return held in ("all", asked) if name == "scope" else matches(held, asked)


def _covers_nodes(held: Permission, asked: Mapping[str, str]) -> bool:
    """Whoever may see all of every collection's nodes may see less, too."""
    collection = held.field("collection")
    if asked.get("verbosity") == "minimal":
        return held.field("verbosity") == "minimal" or collection == EVERYTHING
    return held.field("verbosity") == "verbose" and matches(collection, asked.get("collection", EVERYTHING))


def _is_verb(action: str, verb: str) -> bool:
    """`manage_…` is every verb."""
    held = action.rpartition("_")[0]
    return held in (verb, MANAGE)


def matches(pattern: str, value: str) -> bool:
    """`*` in a pattern stands for any text; a value of `*` is everything, which only `*` covers."""
    return _compiled(pattern).fullmatch(value) is not None if value != EVERYTHING else pattern == EVERYTHING


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split(EVERYTHING))), re.DOTALL)


def _is_pattern(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= 255 and text.isprintable()


def everything(verbs: frozenset[str] | None = None) -> tuple[Permission, ...]:
    """Every permission on everything; with `verbs`, those whose verb is among them."""
    wide = {"scope": "all", "verbosity": "verbose"}
    return tuple(
        Permission(action, tuple(sorted({**_FIELDS[domain_of(action)], **_widest(action, wide)}.items())))
        for action in _LISTED
        if verbs is None or action.rpartition("_")[0] in verbs
    )


def _widest(action: str, wide: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in wide.items() if name in _FIELDS[domain_of(action)]}
