"""The table from error classes to the wires."""

from collections.abc import Iterator

import grpc
import pytest

from weavelet import errors as tree
from weavelet.api.errors import OUTCOMES, StatusCode, outcome
from weavelet.errors import WeaveletError


def _classes(above: type[WeaveletError]) -> Iterator[type[WeaveletError]]:
    for kind in above.__subclasses__():
        yield kind
        yield from _classes(kind)


@pytest.mark.parametrize("kind", list(_classes(WeaveletError)), ids=lambda kind: kind.__name__)
def test_every_error_has_an_outcome_more_exact_than_the_last_resort(kind: type[WeaveletError]) -> None:
    rows = [above for above in kind.__mro__ if above in OUTCOMES]
    assert rows[0] is not WeaveletError
    assert 400 <= outcome(kind("text")).status < 600


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (tree.InvalidFilter("x"), 422, StatusCode.UNKNOWN),
        (tree.DimensionMismatch("x"), 500, StatusCode.UNKNOWN),
        (tree.Unauthenticated("x"), 401, StatusCode.UNKNOWN),
        (tree.Forbidden("x"), 403, StatusCode.PERMISSION_DENIED),
        (tree.ObjectNotFound("x"), 404, StatusCode.UNKNOWN),
        (tree.TenantNotFound("x"), 422, StatusCode.UNKNOWN),
        (tree.Conflict("x"), 422, StatusCode.UNKNOWN),
        (tree.ModuleTimeout("x"), 500, StatusCode.UNKNOWN),
        (tree.Unavailable("x"), 503, StatusCode.UNAVAILABLE),
        (tree.CorruptionError("x"), 500, StatusCode.UNKNOWN),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, WeaveletError) else "",
)
def test_the_nearest_row_decides(error: WeaveletError, status: int, code: StatusCode) -> None:
    assert (outcome(error).status, outcome(error).code) == (status, code)


def test_the_codes_are_those_of_grpc() -> None:
    assert {code.name: code.value for code in StatusCode} == {code.name: code.value[0] for code in grpc.StatusCode}
