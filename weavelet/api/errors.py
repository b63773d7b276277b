"""From an error's class to what each wire calls it: the one table, and the bodies errors travel in.

`outcome(error)` gives the HTTP status and the gRPC code of any `WeaveletError`: those of its own class, or of the
nearest class above it that has a row. Doors that know better for one route say so there; nobody else picks a number.
The codes are Weaviate's: its gRPC door answers nearly everything with UNKNOWN, and clients are used to that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from weavelet.errors import (
    CollectionNotFound,
    Conflict,
    DimensionMismatch,
    Forbidden,
    InvalidInput,
    ModuleError,
    ModuleUnavailable,
    NotFound,
    StorageError,
    TenantNotFound,
    Unauthenticated,
    Unavailable,
    WeaveletError,
)

INTERNAL_ERROR = "internal error: the server's log says more"
"""All that is told of an error nobody foresaw."""


class StatusCode(IntEnum):
    """gRPC's."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an error ends a request: by HTTP, and by gRPC."""

    status: int
    code: StatusCode


OUTCOMES: Mapping[type[WeaveletError], Outcome] = {
    WeaveletError: Outcome(500, StatusCode.UNKNOWN),
    InvalidInput: Outcome(422, StatusCode.UNKNOWN),
    DimensionMismatch: Outcome(500, StatusCode.UNKNOWN),  # the original notices it while it writes
    Unauthenticated: Outcome(401, StatusCode.UNKNOWN),
    Forbidden: Outcome(403, StatusCode.PERMISSION_DENIED),
    NotFound: Outcome(404, StatusCode.UNKNOWN),
    CollectionNotFound: Outcome(404, StatusCode.UNKNOWN),
    TenantNotFound: Outcome(422, StatusCode.UNKNOWN),
    Conflict: Outcome(422, StatusCode.UNKNOWN),
    ModuleError: Outcome(500, StatusCode.UNKNOWN),
    ModuleUnavailable: Outcome(503, StatusCode.UNKNOWN),  # clients try UNAVAILABLE again for a quarter of a minute
    Unavailable: Outcome(503, StatusCode.UNAVAILABLE),
    StorageError: Outcome(500, StatusCode.UNKNOWN),
}


def outcome(error: WeaveletError) -> Outcome:
    """The row of the error's class, or of the nearest class above it."""
    return next(OUTCOMES[kind] for kind in type(error).__mro__ if kind in OUTCOMES)


def payload(text: str) -> dict[str, Any]:
    """The body of nearly every refusal."""
    return {"error": [{"message": text}]}


def restricted(text: str) -> dict[str, Any]:
    """The body in which definitions of collections and properties are refused."""
    return {"allowed": None, "error": [{"message": text}]}


def flat(code: int, text: str) -> dict[str, Any]:
    """The body for requests that never reach a use case: bad JSON, wrong types, unknown routes, missing keys."""
    return {"code": code, "message": text}
