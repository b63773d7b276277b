"""Who calls, and what they may do: a call's metadata into a `Caller`.

The one place in this door that reads metadata. Headers go on to modules, which find keys and addresses in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from weavelet.api import auth
from weavelet.api.auth import Action, Authenticator, Guard, Principal
from weavelet.api.grpc.calls import Metadata
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


def identify(metadata: Metadata, authenticator: Authenticator, guard: Guard) -> Caller:
    """Raises `Unauthenticated`."""
    try:
        principal = authenticator.identify(auth.bearer(metadata.get("authorization")))
    except Unauthenticated as error:
        raise Unauthenticated(f"extract auth: {error}") from error
    return Caller(Call(metadata), principal, guard)
