"""From an error's class to a gRPC status code.

UNKNOWN is what Weaviate answers to every request it cannot fulfil, and what its clients expect: they show the text.
UNAVAILABLE makes them try again for a minute, so it is kept for what passes by itself.
"""

from collections.abc import Mapping

from grpc import StatusCode

from weavelet.errors import Forbidden, Unauthenticated, Unavailable, WeaveletError

CODES: Mapping[type[WeaveletError], StatusCode] = {
    WeaveletError: StatusCode.UNKNOWN,
    Forbidden: StatusCode.PERMISSION_DENIED,
    Unavailable: StatusCode.UNAVAILABLE,
}

_MOST_CHARACTERS = 2_000
"""Details travel in a header, and clients refuse headers of more than 8 KiB."""


def status(error: WeaveletError) -> tuple[StatusCode, str]:
    """The code and the details to end a call with."""
    code = next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)
    text = str(error)
    if isinstance(error, Unauthenticated):
        text = f"extract auth: {text}"
    return code, text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"
