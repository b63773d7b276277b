"""The ways to write a UUID, and the one way it is kept: 36 characters, lower case."""

import re
from typing import Final

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_BARE = re.compile(r"[0-9a-f]{32}").fullmatch
_URN: Final = "urn:uuid:"
_LENGTHS: Final = frozenset({32, 36, 38, 45})


def canonical_uuid(text: str) -> str | None:
    """The kept form of a UUID: written with hyphens, without, in braces, or as a URN. None for any other text."""
    length = len(text)
    if length not in _LENGTHS:
        return None
    text = text.lower()
    if length == 45 and text.startswith(_URN):
        text = text[len(_URN) :]
    elif length == 38 and text[0] == "{" and text[-1] == "}":
        text = text[1:-1]
    if _CANONICAL(text):
        return text
    if _BARE(text):
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return None


def uuid_problem(text: str) -> str:
    """What is wrong with a text that is no UUID."""
    return "invalid UUID format" if len(text) in _LENGTHS else f"invalid UUID length: {len(text.encode())}"
