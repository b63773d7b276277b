"""What a gRPC method is to the one who serves it: bytes in, bytes out, and a refusal where that fails.

Between `service.py`, which has Weaviate's methods, and `listener.py`, which has the wire.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from weavelet.api.errors import StatusCode

Metadata: TypeAlias = Mapping[str, str]
"""The headers of a call, by their names in small letters."""


class Refusal(Exception):
    """How a call ends that fails."""

    def __init__(self, code: StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


class Gone(Exception):
    """The client has given up the call, or is no longer there."""


@dataclass(frozen=True, slots=True)
class Unary:
    """One message in, one out. Raises `Refusal`."""

    handle: Callable[[bytes, Metadata], bytes]


@dataclass(frozen=True, slots=True)
class Streaming:
    """Messages in, messages out. The handler raises `Refusal`.

    Where the call ends early the iterator that is given raises `Gone`, and the one that is returned is closed.
    """

    handle: Callable[[Iterator[bytes], Metadata], Iterator[bytes]]


Method: TypeAlias = Unary | Streaming


@dataclass(frozen=True, slots=True)
class Methods:
    """The methods by their paths, `/service/method`, and what is said of any other."""

    known: Mapping[str, Method]
    unknown: Callable[[str], Refusal]
