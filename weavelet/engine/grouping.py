"""Grouping ranked hits by the values of a property.

Hits are walked in rank order. Each value of a hit's property opens a group, or joins one that has room; a hit with
several values may be in several groups. When a value would open one group too many, the rest of that hit's values are
passed over. How a missing value counts depends on the search, so the caller says which texts each hit stands for:
`near_texts` after a vector search, `ranked_texts` after a keyword or hybrid search.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelet.engine.number_text import float64_text


@dataclass(slots=True)
class Grouped:
    """One group: its value, and the positions of its members in the ranked list."""

    value: str
    members: list[int] = field(default_factory=list)


def group(values: Sequence[Sequence[str]], groups: int, per_group: int) -> list[Grouped]:
    """At most `groups` groups of at most `per_group` members, in order of first appearance."""
    opened: dict[str, Grouped] = {}
    if groups <= 0 or per_group <= 0:
        return []
    for position, texts in enumerate(values):
        for text in texts:
            found = opened.get(text)
            if found is None:
                if len(opened) >= groups:
                    break
                found = opened[text] = Grouped(text)
            if len(found.members) < per_group:
                found.members.append(position)
    return list(opened.values())


def near_texts(value: Any) -> list[str]:
    """The groups a hit of a vector search belongs to. Without a value it belongs to the group \"\"."""
    values = value if isinstance(value, list) else [value]
    return [_text(one) for one in values] or [""]


def ranked_texts(value: Any) -> list[str]:
    """The groups a hit of a keyword or hybrid search belongs to: texts only, and none without a value."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return float64_text(value)
        case {"beacon": str(beacon)}:
            return beacon
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
