"""The book of access: who holds which role, and which keys belong to whom.

Every change is written down before it counts: in one file of the data folder, put in the place of the last one whole.
Users come from the settings, with keys of theirs (`StaticUsers`), or were made by calls; both may hold roles. Root
users hold the role that nobody can change. When a key was used last is written down with the next change, or at the
end.
"""

import hashlib
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from weavelet.access.permissions import Permission, Wanted, covers
from weavelet.access.state import BUILT_IN, DB, ROOT, Permissions, State, User, packed, unpacked
from weavelet.engine.files import atomic_write
from weavelet.errors import Conflict, InvalidInput, NotFound, StorageError

FILE = "access.json"
_ROLE_NAME = re.compile(r"[A-Za-z][-_0-9A-Za-z]{0,254}")
_USER_NAME = re.compile(r"[-_0-9A-Za-z@.]{1,128}")
_KEY_BYTES = 48
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class StaticUsers:
    """Users of the settings, and those among them that may do everything."""

    names: frozenset[str] = frozenset()
    root: frozenset[str] = frozenset()


class Book:
    """Reads are of one state; changes come one after the other."""

    def __init__(self, folder: Path, static: StaticUsers, now: Callable[[], datetime]) -> None:
        self._path = folder / FILE
        self._static = static
        self._now = now
        self._lock = threading.Lock()
        self._state = self._read()
        self._owners = _owners(self._state)
        self._used: dict[str, str] = {}

    def close(self) -> None:
        """Write down when keys were used last."""
        with self._lock:
            if self._used:
                self._keep(self._state)

    @property
    def static(self) -> StaticUsers:
        return self._static

    # --- What somebody may do ---

    def permits(self, user: str, groups: Iterable[str], wanted: Wanted) -> bool:
        if user in self._static.root:
            return True
        state = self._state
        held = {
            *state.assigned.get((DB, user), ()),
            *(role for group in groups for role in state.groups.get(group, ())),
        }
        return any(covers(permission, wanted) for role in held for permission in state.role(role) or ())

    def grants(self, user: str, permission: Permission) -> bool:
        """Whether the user may itself do all that the permission permits."""
        verb = permission.action.rpartition("_")[0]
        return self.permits(user, (), Wanted(verb, permission.domain, permission.on))

    def owner(self, key: str) -> str | None:
        """The database user with that key; None where there is none, or not an active one."""
        name = self._owners.get(_digest(key))
        user = self._state.users.get(name) if name is not None else None
        if name is None or user is None or not user.active:
            return None
        self._used[name] = self._time()
        return name

    # --- Roles ---

    def roles(self) -> Mapping[str, Permissions]:
        return {**BUILT_IN, **self._state.roles}

    def role(self, name: str) -> Permissions:
        """Raises `NotFound`."""
        found = self._state.role(name)
        if found is None:
            raise NotFound(f"role {name} not found")
        return found

    def create_role(self, name: str, permissions: Sequence[Permission]) -> None:
        """Raises `InvalidInput` and `Conflict`."""
        if name in BUILT_IN:
            raise InvalidInput(f"you cannot create role with the same name as built-in role {name}")
        if not _ROLE_NAME.fullmatch(name):
            raise InvalidInput("role name is invalid")
        with self._lock:
            if name in self._state.roles:
                raise Conflict(f"role with name {name} already exists")
            self._put_role(name, permissions)

    def add_permissions(self, name: str, permissions: Sequence[Permission]) -> None:
        """Raises `InvalidInput` and `NotFound`."""
        self._check_changeable(name, permissions)
        with self._lock:
            self._put_role(name, [*self.role(name), *permissions])

    def remove_permissions(self, name: str, permissions: Sequence[Permission]) -> None:
        """Raises `InvalidInput` and `NotFound`."""
        self._check_changeable(name, permissions)
        with self._lock:
            self._put_role(name, [each for each in self.role(name) if each not in permissions])

    def delete_role(self, name: str) -> None:
        """Nobody holds it any more. Raises `InvalidInput`."""
        if name in BUILT_IN:
            raise InvalidInput(f"you can not delete built-in role {name}")
        with self._lock:
            state = self._state
            assigned = {who: roles - {name} for who, roles in state.assigned.items()}
            groups = {who: roles - {name} for who, roles in state.groups.items()}
            roles = {other: permissions for other, permissions in state.roles.items() if other != name}
            self._keep(replace(state, roles=roles, assigned=assigned, groups=groups))

    def _check_changeable(self, name: str, permissions: Sequence[Permission]) -> None:
        if name in BUILT_IN:
            raise InvalidInput(f"you can not update built-in role {name}")
        if not permissions:
            raise InvalidInput("invalid permissions role has to have at least 1 permission")

    def _put_role(self, name: str, permissions: Sequence[Permission]) -> None:
        self._keep(replace(self._state, roles={**self._state.roles, name: tuple(dict.fromkeys(permissions))}))

    # --- Who holds them ---

    def roles_of(self, user: str, kind: str = DB) -> tuple[str, ...]:
        """Sorted, root first."""
        root = (ROOT,) if kind == DB and user in self._static.root else ()
        return (*root, *sorted(self._state.assigned.get((kind, user), ())))

    def holders(self, role: str) -> tuple[tuple[str, str], ...]:
        """Kind and name of every user that holds the role. Raises `NotFound`."""
        self.role(role)
        root = {(DB, name) for name in self._static.root} if role == ROOT else set()
        return tuple(sorted(root | {who for who, roles in self._state.assigned.items() if role in roles}))

    def assign(self, user: str, kinds: Iterable[str], roles: Iterable[str]) -> None:
        self._change_assigned(user, kinds, lambda held: held | frozenset(roles))

    def revoke(self, user: str, kinds: Iterable[str], roles: Iterable[str]) -> None:
        self._change_assigned(user, kinds, lambda held: held - frozenset(roles))

    def _change_assigned(
        self, user: str, kinds: Iterable[str], change: Callable[[frozenset[str]], frozenset[str]]
    ) -> None:
        with self._lock:
            assigned = dict(self._state.assigned)
            for kind in kinds:
                assigned[kind, user] = change(assigned.get((kind, user), frozenset()))
            self._keep(replace(self._state, assigned=assigned))

    def groups(self) -> Mapping[str, frozenset[str]]:
        """Groups that hold roles."""
        return {name: roles for name, roles in self._state.groups.items() if roles}

    def assign_to_group(self, group: str, roles: Iterable[str]) -> None:
        self._change_group(group, self.groups().get(group, frozenset()) | frozenset(roles))

    def revoke_from_group(self, group: str, roles: Iterable[str]) -> None:
        self._change_group(group, self.groups().get(group, frozenset()) - frozenset(roles))

    def _change_group(self, group: str, roles: frozenset[str]) -> None:
        with self._lock:
            self._keep(replace(self._state, groups={**self._state.groups, group: roles}))

    # --- Users ---

    def users(self) -> Mapping[str, User]:
        """Those that calls made."""
        return _with_use(self._state.users, self._used)

    def knows(self, name: str) -> bool:
        return name in self._static.names or name in self._static.root or name in self._state.users

    def create_user(self, name: str) -> str:
        """The key, which is told this once. Raises `InvalidInput` and `Conflict`."""
        if not _USER_NAME.fullmatch(name):
            raise InvalidInput(f"'{name}' is not a valid user name")
        with self._lock:
            if self.knows(name):
                raise Conflict(f"user '{name}' already exists")
            key = secrets.token_urlsafe(_KEY_BYTES)
            self._put_user(name, User(_digest(key), key[:_SHOWN], self._time()))
            return key

    def rotate_key(self, name: str) -> str:
        """A new key; the old one is of no use any more. Raises `NotFound`."""
        with self._lock:
            key = secrets.token_urlsafe(_KEY_BYTES)
            self._put_user(name, replace(self._user(name), digest=_digest(key), first_letters=key[:_SHOWN]))
            return key

    def set_active(self, name: str, active: bool) -> None:
        """Raises `NotFound`, and `Conflict` where it is so already."""
        with self._lock:
            user = self._user(name)
            if user.active == active:
                raise Conflict(f"user '{name}' is {'active' if active else 'inactive'} already")
            self._put_user(name, replace(user, active=active))

    def delete_user(self, name: str) -> None:
        """With its roles. Raises `NotFound`."""
        with self._lock:
            self._user(name)
            users = {other: user for other, user in self._state.users.items() if other != name}
            assigned = {who: roles for who, roles in self._state.assigned.items() if who != (DB, name)}
            self._keep(replace(self._state, users=users, assigned=assigned))

    def _user(self, name: str) -> User:
        if name not in self._state.users:
            raise NotFound(f"user '{name}' not found")
        return self._state.users[name]

    def _put_user(self, name: str, user: User) -> None:
        self._keep(replace(self._state, users={**self._state.users, name: user}))

    # --- The file ---

    def written(self) -> bytes:
        """All of it, as JSON."""
        return packed(self._state)

    def take_over(self, written: bytes, *, roles: bool, users: bool) -> None:
        """Roles, or database users with what they hold, of another time; those of the same name give way."""
        taken = unpacked(written)
        with self._lock:
            state = self._state
            if roles:
                state = replace(state, roles={**state.roles, **taken.roles}, groups={**state.groups, **taken.groups})
            if users:
                held = {**state.assigned, **taken.assigned}
                state = replace(state, users={**state.users, **taken.users}, assigned=held)
            self._keep(_without_unknown_roles(state))

    def _keep(self, state: State) -> None:
        state = replace(state, users=_with_use(state.users, self._used))
        atomic_write(self._path, [packed(state)])
        self._state = state
        self._owners = _owners(state)
        self._used = {}

    def _time(self) -> str:
        return self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _read(self) -> State:
        if not self._path.exists():
            return State()
        try:
            return unpacked(self._path.read_bytes())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(f"cannot read {self._path}: {error}") from error


def _without_unknown_roles(state: State) -> State:
    known = state.roles.keys() | BUILT_IN.keys()
    assigned = {who: roles & known for who, roles in state.assigned.items()}
    return replace(state, assigned=assigned, groups={name: roles & known for name, roles in state.groups.items()})


def _owners(state: State) -> Mapping[str, str]:
    return {user.digest: name for name, user in state.users.items()}


def _with_use(users: Mapping[str, User], used: Mapping[str, str]) -> Mapping[str, User]:
    used = dict(used)
    return {name: replace(user, last_used_at=used.get(name, user.last_used_at)) for name, user in users.items()}


def _digest(key: str) -> str:
    """Keys are long and random: nothing slower is needed to keep them from being guessed."""
    return hashlib.sha256(key.encode()).hexdigest()
