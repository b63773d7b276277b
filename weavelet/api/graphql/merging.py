"""The argument `group`: rows that resemble each other become one, as `closest` or `merge` says.

Works on the page that a search returned, in its order: a row joins the first group that has a member near enough to
it, by the unnamed vector. `closest` shows each group's first row; `merge` a row made of all of them, which has no id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from weavelet.engine.query import Row
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import Object, Vector


@dataclass(frozen=True, slots=True)
class Grouping:
    """`force`: how far apart, from 0 to 1 (opposite), the members of a group may be."""

    kind: str
    force: float

    def applied(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        one: Callable[[Sequence[Row]], Row] = _merged if self.kind == "merge" else _first
        return tuple(one(group) for group in _groups(rows, self.force))


def _groups(rows: Sequence[Row], force: float) -> list[list[Row]]:
    groups: list[list[Row]] = []
    for row in rows:
        home = next((group for group in groups if _resembles(row, group, force)), None)
        if home is None:
            groups.append([row])
        else:
            home.append(row)
    return groups


def _resembles(row: Row, group: Sequence[Row], force: float) -> bool:
    own = row.object.vectors.get(UNNAMED)
    others = [other for member in group if (other := member.object.vectors.get(UNNAMED)) is not None]
    return own is not None and any((1 - _cosine(own, other)) / 2 < force for other in others)


def _cosine(a: Vector, b: Vector) -> float:
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths else 0.0


def _first(group: Sequence[Row]) -> Row:
    return group[0]


def _merged(group: Sequence[Row]) -> Row:
    first = group[0]
    if len(group) == 1:
        return first
    names = dict.fromkeys(name for row in group for name in row.object.properties)
    properties = {name: _value([row.object.properties.get(name) for row in group]) for name in names}
    vectors = [vector for row in group if (vector := row.object.vectors.get(UNNAMED)) is not None]
    merged = Object(
        collection=first.object.collection,
        id="",
        properties=properties,
        vectors={UNNAMED: np.mean(vectors, axis=0, dtype=np.float32)} if vectors else {},
    )
    return replace(first, object=merged, references=_references(group))


def _value(values: Sequence[Any]) -> Any:
    """Texts beside each other, the mean of numbers, the majority of booleans; of other values the first."""
    given = [value for value in values if value is not None]
    match next(iter(given), None):
        case str():
            return _beside(given)
        case bool():
            return sum(given) * 2 >= len(given)
        case int() | float():
            return sum(given) / len(given)
        case {"latitude": _, "longitude": _}:
            return {key: sum(value[key] for value in given) / len(given) for key in ("latitude", "longitude")}
        case other:
            return other


def _beside(texts: Sequence[str]) -> str:
    first, *rest = dict.fromkeys(texts)
    return f"{first} ({', '.join(rest)})" if rest else first


def _references(group: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    """What any member points at, each once."""
    names = dict.fromkeys(name for row in group for name in row.references)
    found = {
        name: {target.object.id: target for row in group for target in row.references.get(name, ())} for name in names
    }
    return {name: tuple(targets.values()) for name, targets in found.items()}
