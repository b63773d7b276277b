"""How comparisons combine into a filter, for objects nested in objects too.

Every part of a filter holds for some objects of one level: of the collection, or of an object property. Operands of
`And` that look into the same object property must hold for the same object in it (one car both red and a Toyota);
parts on different levels meet on the deepest level above both. `Not` is all objects of its operand's level without
those the operand holds for. What a set of objects is, and which hold, is a `Space`'s business: one reads indexes,
one a single object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, Protocol, TypeVar, assert_never

from weavelet.engine.nested_paths import LevelPath, Step
from weavelet.engine.query import And, Compare, Filter, Not, Or, PointsAt
from weavelet.errors import InvalidFilter


class Members(Protocol):
    """A set of objects of one level."""

    def __and__(self, other: Any, /) -> Any: ...
    def __or__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...


M = TypeVar("M", bound=Members)


class Space(Protocol[M]):
    def everything(self, path: LevelPath) -> M:
        """All objects of a level."""

    def holding(self, comparison: Compare | PointsAt) -> tuple[LevelPath, M]:
        """The level a comparison looks at, and the objects there that it holds for. Raises `InvalidFilter`."""

    def owners(self, path: LevelPath, members: M) -> M:
        """The objects one level above `path` that own at least one of `members`."""


@dataclass(frozen=True, slots=True)
class _Part(Generic[M]):
    path: LevelPath
    members: M


def evaluate(where: Filter, space: Space[M]) -> M:
    """The objects of the collection that pass the filter. Raises `InvalidFilter`."""
    return _raised(_part(where, space), 0, space).members


def _part(where: Filter, space: Space[M]) -> _Part[M]:
    match where:
        case And(operands):
            return _all([_part(operand, space) for operand in _some(operands, "And")], 0, space)
        case Or(operands):
            return _any([_part(operand, space) for operand in _some(operands, "Or")], space)
        case Not(operand):
            part = _part(operand, space)
            return _Part(part.path, space.everything(part.path) - part.members)
        case Compare() | PointsAt():
            return _Part(*space.holding(where))
        case _:
            assert_never(where)


def _some(operands: Sequence[Filter], operator: str) -> Sequence[Filter]:
    if not operands:
        raise InvalidFilter(f'no children for operator "{operator}"')
    return operands


def _all(parts: Sequence[_Part[M]], depth: int, space: Space[M]) -> _Part[M]:
    """What holds for the same objects: parts are combined per branch first, then on the level where branches meet."""
    depth = _shared_depth(parts, depth)
    branches: dict[Step | None, list[_Part[M]]] = {}
    for part in parts:
        branches.setdefault(part.path[depth] if len(part.path) > depth else None, []).append(part)
    level = [part for step, branch in branches.items() if step is None for part in branch]
    deeper = [_all(branch, depth + 1, space) for step, branch in branches.items() if step is not None]
    return _Part(
        parts[0].path[:depth],
        reduce(lambda one, other: one & other, [_raised(part, depth, space).members for part in (*level, *deeper)]),
    )


def _any(parts: Sequence[_Part[M]], space: Space[M]) -> _Part[M]:
    depth = _shared_depth(parts, 0)
    members = [_raised(part, depth, space).members for part in parts]
    return _Part(parts[0].path[:depth], reduce(lambda one, other: one | other, members))


def _shared_depth(parts: Sequence[_Part[M]], depth: int) -> int:
    """How many steps all paths have in common; at least `depth` are known to be."""
    shortest = min(len(part.path) for part in parts)
    while depth < shortest and len({part.path[depth] for part in parts}) == 1:
        depth += 1
    return depth


def _raised(part: _Part[M], depth: int, space: Space[M]) -> _Part[M]:
    """The same part seen from the level that many steps down: objects that own one it holds for."""
    path, members = part.path, part.members
    while len(path) > depth:
        members = space.owners(path, members)
        path = path[:-1]
    return _Part(path, members)
