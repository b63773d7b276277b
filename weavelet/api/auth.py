"""Who asks, and what they may do: for every door.

An `Authenticator` makes a `Principal` of the credentials a request carries; a `Guard` says whether that principal may
perform an `Action`. Doors build both once with `authenticator` and `guard`, ask the first for each request and the
second for each thing the request is about to do. Knows no wire: bearer tokens come in as text.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from weavelet.access.book import Book
from weavelet.access.permissions import Wanted
from weavelet.errors import Forbidden, Unauthenticated
from weavelet.settings import Settings

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever sends a request. `name` is empty for anonymous callers."""

    name: str = ""

    @property
    def is_anonymous(self) -> bool:
        return not self.name


ANONYMOUS = Principal()


class Authenticator(Protocol):
    """Knows callers by their credentials."""

    def identify(self, token: str | None) -> Principal:
        """The holder of a bearer token; None: the request carries none. Raises `Unauthenticated`."""


@dataclass(frozen=True, slots=True)
class KeyAuthenticator:
    """API keys from the settings and of database users, and anonymous access where it is allowed."""

    users: Mapping[str, str]
    """Key -> user. Empty where no keys are configured."""
    anonymous: bool
    book: Book | None = None
    """Where users have keys that are not in the settings."""

    def identify(self, token: str | None) -> Principal:
        if token is None:
            return self._without_token()
        if not self.users and self.book is None:
            raise Unauthenticated(
                "no authentication scheme is configured (API Key or OIDC), but an 'Authorization' header was "
                "provided. Please configure an auth scheme or remove the header for anonymous access"
            )
        return self._holder(token)

    def _without_token(self) -> Principal:
        if self.anonymous:
            return ANONYMOUS
        raise Unauthenticated(
            "anonymous access not enabled. Please authenticate through one of the available methods: "
            f"[{'API-keys' if self.users or self.book is not None else ''}]"
        )

    def _holder(self, token: str) -> Principal:
        """Looks at every key, in a time that does not tell how much of one was right."""
        found = ""
        for key, user in self.users.items():
            if hmac.compare_digest(key.encode(), token.encode()):
                found = user
        if not found and self.book is not None:
            found = self.book.owner(token) or ""
        if not found:
            raise Unauthenticated("unauthorized: invalid api key")
        return Principal(found)


def authenticator(settings: Settings, book: Book | None = None) -> Authenticator:
    keys = settings.apikey_keys if settings.apikey_enabled else ()
    users = settings.apikey_users * len(keys) if len(settings.apikey_users) == 1 else settings.apikey_users
    known = dict(zip(keys, users, strict=False))
    return KeyAuthenticator(known, settings.anonymous_allowed, book if settings.db_users_enabled else None)


def bearer(authorization: str | None) -> str | None:
    """The token of an `Authorization` value; None for other schemes, which count as no credentials at all."""
    if authorization is None or not authorization.startswith("Bearer "):
        return None
    return authorization.removeprefix("Bearer ").strip()


# --- What a request does ---------------------------------------------------------------------------------------------


class Verb(StrEnum):
    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    ASSIGN = "assign_and_revoke"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a request is about to do: a verb on something of a domain, such as one collection's data."""

    verb: Verb
    domain: str
    on: tuple[tuple[str, str], ...] = ()
    """What exactly, as (label, value); the value `*` stands for all."""

    @property
    def name(self) -> str:
        """As permissions call it: `read_data`."""
        return f"{self.verb}_{self.domain}"

    @property
    def resource(self) -> str:
        parts = (("Domain", self.domain), *self.on)
        return f"[{', '.join(f'{label}: {value}' for label, value in parts)}]" if self.on else ""


def collections(verb: Verb, collection: str = EVERYTHING) -> Action:
    """Reading or changing definitions."""
    return Action(verb, "collections", (("Collection", collection or EVERYTHING),))


@lru_cache(maxsize=1024)
def data(verb: Verb, collection: str = EVERYTHING, tenant: str = "", id: str = EVERYTHING) -> Action:
    """Reading or changing objects."""
    of = (("Collection", collection or EVERYTHING), ("Tenant", tenant or EVERYTHING), ("Object", id))
    return Action(verb, "data", of)


def tenants(verb: Verb, collection: str, tenant: str = EVERYTHING) -> Action:
    return Action(verb, "tenants", (("Collection", collection), ("Tenant", tenant)))


def aliases(verb: Verb, collection: str = EVERYTHING, alias: str = EVERYTHING) -> Action:
    return Action(verb, "aliases", (("Collection", collection), ("Alias", alias)))


def nodes(verbosity: str, collection: str = EVERYTHING) -> Action:
    if verbosity == "minimal":
        return Action(Verb.READ, "nodes", (("Verbosity", verbosity),))
    return Action(Verb.READ, "nodes", (("Verbosity", verbosity), ("Collection", collection)))


def cluster() -> Action:
    return Action(Verb.READ, "cluster")


def backups(verb: Verb, collection: str = EVERYTHING) -> Action:
    return Action(verb, "backups", (("Collection", collection),))


def roles(verb: Verb, role: str = EVERYTHING) -> Action:
    return Action(verb, "roles", (("Role", role),))


def users(verb: Verb, user: str = EVERYTHING) -> Action:
    return Action(verb, "users", (("User", user),))


def groups(verb: Verb, group: str = EVERYTHING) -> Action:
    return Action(verb, "groups", (("Group", group),))


class Guard(Protocol):
    """Says what principals may do."""

    @property
    def prefix(self) -> str:
        """What its refusals begin with."""

    def permits(self, principal: Principal, action: Action) -> bool: ...


def check(guard: Guard, principal: Principal, action: Action) -> None:
    """Raise `Forbidden` where the guard does not permit the action."""
    if not guard.permits(principal, action):
        raise Forbidden(
            f"{guard.prefix}authorization, forbidden action: user '{principal.name}' has insufficient permissions "
            f"to {action.name} [{action.resource}]"
        )


@dataclass(frozen=True, slots=True)
class Unguarded:
    """Everybody may do everything."""

    prefix: str = ""

    def permits(self, principal: Principal, action: Action) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class AdminList:
    """Administrators may do everything, readers may read, nobody else may do anything."""

    admins: frozenset[str]
    readers: frozenset[str]
    prefix: str = ""

    def permits(self, principal: Principal, action: Action) -> bool:
        if principal.name in self.admins:
            return True
        return principal.name in self.readers and action.verb is Verb.READ


@dataclass(frozen=True, slots=True)
class Roles:
    """Everybody may do what one of their roles permits."""

    book: Book
    prefix: str = "rbac: "

    def permits(self, principal: Principal, action: Action) -> bool:
        return not principal.is_anonymous and self.book.permits(principal.name, (), wanted(action))


_FIELDS = {
    "Collection": "collection",
    "Tenant": "tenant",
    "Object": "object",
    "Alias": "alias",
    "Verbosity": "verbosity",
    "Role": "role",
    "User": "users",
    "Group": "group",
}


def wanted(action: Action) -> Wanted:
    """The action in the words of permissions."""
    return Wanted(action.verb, action.domain, tuple((_FIELDS[label], value) for label, value in action.on))


def guard(settings: Settings, book: Book | None = None) -> Guard:
    """The guard the settings ask for. Where they ask for roles and there is no book of them, only root is let in."""
    if settings.rbac_enabled:
        root = AdminList(frozenset(settings.rbac_root_users), frozenset(), prefix="rbac: ")
        return root if book is None else Roles(book)
    if settings.adminlist_enabled:
        return AdminList(frozenset(settings.adminlist_users), frozenset(settings.adminlist_readonly_users))
    return Unguarded()
