"""How modules read their environment variables and the caller's headers.

A flag is true for `on`, `enabled`, `1` and `true` in any case and false for everything else, as in Weaviate. Only
values come in here: the process's environment itself is read in one place outside this package.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from weavelet.errors import ModuleError
from weavelet.modules.base import Call

_TRUE = frozenset({"on", "enabled", "1", "true"})


def truthy(text: str | None) -> bool:
    """Whether an environment variable says yes."""
    return (text or "").strip().lower() in _TRUE


def header(call: Call, name: str) -> str | None:
    """The caller's header of that name in any case; None where it is missing or empty."""
    return call.headers.get(name.lower()) or None


@dataclass(frozen=True, slots=True)
class Key:
    """Where a service's key is found: a request header, an environment variable, and which of the two wins."""

    service: str
    header: str
    variable: str
    variable_first: bool = False

    def find(self, call: Call, environment: Mapping[str, str]) -> str | None:
        """The key, or None where there is none."""
        given, stored = header(call, self.header), environment.get(self.variable) or None
        return (stored or given) if self.variable_first else (given or stored)

    def require(self, call: Call, environment: Mapping[str, str]) -> str:
        """The key; `ModuleError` naming both places where there is none."""
        if key := self.find(call, environment):
            return key
        raise ModuleError(
            f"{self.service}: no api key found neither in request header: {self.header} "
            f"nor in environment variable under {self.variable}"
        )
