"""Who calls: a call's metadata into the headers that modules see and the principal that authentication finds.

The one place in this door that reads metadata.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from weavelet.errors import Unauthenticated
from weavelet.modules.base import Call

Authenticate: TypeAlias = Callable[[Mapping[str, str]], Any]
"""The principal behind the headers (lower-case names); None for an anonymous caller. Raises `Unauthenticated`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`call` is what modules are told; `principal` is what authentication made of it."""

    call: Call
    principal: Any = None

    @property
    def headers(self) -> Mapping[str, str]:
        return self.call.headers


def identify(metadata: Iterable[tuple[str, str | bytes]], authenticate: Authenticate) -> Caller:
    """Raises `Unauthenticated`."""
    headers = {key.lower(): value for key, value in metadata if isinstance(value, str)}
    return Caller(Call(headers), authenticate(headers))


def anonymous(headers: Mapping[str, str]) -> None:
    """For a server without authentication: a token sent to it was meant for another one."""
    if headers.get("authorization", "").startswith("Bearer "):
        raise Unauthenticated(
            "no authentication scheme is configured (API Key or OIDC), but an 'Authorization' header was provided. "
            "Please configure an auth scheme or remove the header for anonymous access"
        )
