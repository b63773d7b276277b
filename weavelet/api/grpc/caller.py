"""Who calls, and what they may do: a call's metadata into a `Caller`.

The one place in this door that reads metadata. Headers go on to modules, which find keys and addresses in them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weavelet.api import auth
from weavelet.api.auth import Action, Authenticator, Guard, Principal
from weavelet.errors import Unauthenticated
from weavelet.modules.base import Call


@dataclass(frozen=True, slots=True)
class Caller:
    """`call` is what modules are told; `principal` is who is behind it."""

    call: Call
    principal: Principal
    guard: Guard

    @property
    def headers(self) -> Mapping[str, str]:
        return self.call.headers

    def check(self, action: Action) -> None:
        """Raise `Forbidden` where the caller may not do this."""
        auth.check(self.guard, self.principal, action)


def identify(metadata: Iterable[tuple[str, str | bytes]], authenticator: Authenticator, guard: Guard) -> Caller:
    """Raises `Unauthenticated`."""
    headers = {key.lower(): value for key, value in metadata if isinstance(value, str)}
    try:
        principal = authenticator.identify(auth.bearer(headers.get("authorization")))
    except Unauthenticated as error:
        raise Unauthenticated(f"extract auth: {error}") from error
    return Caller(Call(headers), principal, guard)
