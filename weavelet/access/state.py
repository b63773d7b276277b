"""Roles, database users and assignments as one value, and how it is written down."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from weavelet.access.permissions import Permission, everything

ROOT, ADMIN, VIEWER, READ_ONLY = "root", "admin", "viewer", "read-only"
DB, OIDC = "db", "oidc"
USER_KINDS = (OIDC, DB)
"""What users may be of: API keys, or an identity provider."""

Permissions = tuple[Permission, ...]

_READ = frozenset({"read"})
BUILT_IN: Mapping[str, Permissions] = {
    ADMIN: everything(),
    READ_ONLY: everything(_READ),
    ROOT: everything(),
    VIEWER: everything(_READ),
}


@dataclass(frozen=True, slots=True)
class User:
    """A database user. The key itself is known to the user alone; `digest` is its SHA-256."""

    digest: str
    first_letters: str
    created_at: str
    active: bool = True
    last_used_at: str = ""


@dataclass(frozen=True, slots=True)
class State:
    roles: Mapping[str, Permissions] = field(default_factory=dict)
    """Those that somebody made."""
    users: Mapping[str, User] = field(default_factory=dict)
    assigned: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """Roles by kind and name of users."""
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def role(self, name: str) -> Permissions | None:
        return BUILT_IN.get(name, self.roles.get(name))


def packed(state: State) -> bytes:
    document = {
        "roles": {name: [asdict(each) for each in permissions] for name, permissions in state.roles.items()},
        "users": {name: asdict(user) for name, user in state.users.items()},
        "assigned": [[kind, name, sorted(roles)] for (kind, name), roles in state.assigned.items() if roles],
        "groups": {name: sorted(roles) for name, roles in state.groups.items() if roles},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def unpacked(raw: bytes) -> State:
    document = orjson.loads(raw)
    return State(
        roles={name: _permissions(entries) for name, entries in document["roles"].items()},
        users={name: User(**fields) for name, fields in document["users"].items()},
        assigned={(kind, name): frozenset(roles) for kind, name, roles in document["assigned"]},
        groups={name: frozenset(roles) for name, roles in document["groups"].items()},
    )


def _permissions(entries: Iterable[Mapping[str, Any]]) -> Permissions:
    return tuple(Permission(entry["action"], tuple((name, value) for name, value in entry["on"])) for entry in entries)
