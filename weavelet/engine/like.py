"""Patterns of the Like operator: `?` is one character, `*` any number of them, everything else is itself.

A pattern must cover the whole term. Line breaks are matched by neither wildcard, as in Weaviate. Matching never
backtracks over what an earlier `*` settled, so it stays linear in the length of a term. Imports nothing of ours.
"""

import re
from collections.abc import Callable, Iterable


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a term fits the pattern."""
    fits = re.compile(_expression(pattern)).match
    return lambda term: fits(term) is not None


def matching(pattern: str, terms: Iterable[str]) -> list[str]:
    """Those of the terms that fit. Most are turned down by a search for the pattern's longest plain piece."""
    piece = max(re.split(r"[?*]", pattern), key=len)
    fits = matcher(pattern)
    return [term for term in terms if piece in term and fits(term)]


def _expression(pattern: str) -> str:
    first, *rest = (_piece(piece) for piece in pattern.split("*"))
    if not rest:
        return first + r"\Z"
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
    return f"{first}{middle}.*{rest[-1]}\\Z"


def _piece(text: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in text)
