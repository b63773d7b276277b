"""Requests turned away: by the door itself, or by a use case whose error this route words in its own way.

A `Refusal` is a complete answer. Errors of use cases carry bare texts, the form a batch shows for one of its items;
single-object routes say more around them, or answer with another status than the table's. Such a route runs its use
case under `wording({error class: what becomes of it})`; the nearest class of the error decides.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from weavelet.api import errors
from weavelet.errors import WeaveletError


class Refusal(Exception):
    """An answer that ends the request; `body` None is an empty one."""

    def __init__(self, status: int, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def refusal(status: int, text: str) -> Refusal:
    """The usual body under some status."""
    return Refusal(status, errors.payload(text))


def flat(code: int, text: str, status: int = 422) -> Refusal:
    """Go-openapi's body. `code` is 601 wrong format, 602 missing, 606 not one of the choices, 608 too large."""
    return Refusal(status, errors.flat(code, text))


def required(name: str, place: str = "body") -> Refusal:
    return flat(602, f"{name} in {place} is required")


def not_one_of(name: str, choices: tuple[str, ...], place: str = "body") -> Refusal:
    return flat(606, f"{name} in {place} should be one of [{' '.join(choices)}]")


def not_of_type(name: str, kind: str, value: str, place: str = "body") -> Refusal:
    return flat(601, f'{name} in {place} must be of type {kind}: "{value}"')


Wording: TypeAlias = Callable[[WeaveletError], Refusal]
Wordings: TypeAlias = Mapping[type[WeaveletError], Wording]


def after(prefix: str, status: int | None = None) -> Wording:
    """The error's own text after `prefix`, under the table's status or this one."""
    return lambda error: refusal(status or errors.outcome(error).status, f"{prefix}{error}")


def instead(text: str, status: int | None = None) -> Wording:
    """Another text."""
    return lambda error: refusal(status or errors.outcome(error).status, text)


def silently(status: int) -> Wording:
    """No body at all."""
    return lambda error: Refusal(status)


def restricted(error: WeaveletError) -> Refusal:
    """The body in which definitions are refused."""
    return Refusal(errors.outcome(error).status, errors.restricted(str(error)))


@contextmanager
def wording(wordings: Wordings) -> Iterator[None]:
    """Answer the errors of these classes as told; others pass. Also a decorator."""
    try:
        yield
    except WeaveletError as error:
        for kind in type(error).__mro__:
            if kind in wordings:
                raise wordings[kind](error) from error
        raise
