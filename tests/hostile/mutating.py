"""JSON documents with something wrong in them: the same ones for the same seed."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.hostile.world import BEACON, ID

NASTY: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 1.5, -0.0, 1e-320, 1e308, -1e308, 2**31, 2**53 + 1, 2**63, 2**64, 10**30),
    *("", "a", "x" * 3000, "\x00", "💥", "a b", "*", "-1", "NaN", "Dish", "title", "_id", "len(title)", ID, BEACON),
    *("2024-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "0000-00-00T00:00:00Z", "weaviate://localhost/"),
    *([], {}, [[]], [None], [{}], [1, "x", None], ["", ""], [[1], [2, 3]], [[[1.0]]], ["ref", "Dish", "title"]),
    *({"": {}}, {"a": None}, {"a": {"b": [{"c": {}}]}}, {"latitude": 91, "longitude": 1e300}, ["x"] * 300),
)
"""Values that are wrong nearly everywhere."""

_Path = tuple[str | int, ...]


def places(value: Any, path: _Path = ()) -> Iterator[_Path]:
    """Where there is anything in a document."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def mutated(document: Any, random: Random) -> Any:
    """The document with up to three of its parts replaced, wrapped, dropped, or said twice."""
    changed = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 2, 3))):
        path = random.choice(list(places(changed)))
        if not path:
            continue
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        _change(holder, path[-1], random)
    return changed


def _change(holder: Any, key: Any, random: Random) -> None:
    nasty = copy.deepcopy(random.choice(NASTY))
    match random.choice(("replace", "replace", "replace", "wrap", "drop", "again")):
        case "replace":
            holder[key] = nasty
        case "wrap":
            holder[key] = [holder[key]]
        case "drop" if isinstance(holder, dict):
            del holder[key]
        case "again" if isinstance(holder, dict):
            holder[key.upper()] = nasty
        case _ if isinstance(holder, list):
            holder.append(nasty)


def written(document: Any, random: Random) -> bytes:
    """The document as JSON, now and then as something that only looks like it."""
    raw = json.dumps(document).encode()
    broken = (
        b"[" * 50_000,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        b"\xff\xfe" + raw,
        raw[: len(raw) // 2],
        raw.replace(b"soup", b"so\xffup"),
        raw.replace(b'"hot', b'"\\ud800hot'),
        raw.replace(b"1", b"NaN", 1),
        raw.replace(b"1", b"1e999", 1),
        raw + b"}",
        b"",
        b"null",
    )
    return random.choice(broken) if random.random() < 0.1 else raw
