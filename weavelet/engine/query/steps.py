"""What is done with the hits of a search: paging, sorting, grouping, reranking, generating, boosting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from weavelet.engine.query.where import Filter


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the ranked hits is wanted. `limit` None: no limit but the hits' own (a `Cut`)."""

    limit: int | None
    offset: int = 0
    after: str | None = None
    """List in order of id, starting behind this one ("" starts at the first). Only without a target."""
    autocut: int = 0
    """Keep hits up to the n-th jump in score or distance; 0 keeps all."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By a property or an `Internal` path name. Nulls come first in ascending order, last in descending order."""

    path: tuple[str, ...]
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class GroupBy:
    path: tuple[str, ...]
    groups: int
    per_group: int


@dataclass(frozen=True, slots=True)
class Rerank:
    """Score what was found by what `properties` say about `query` (None: the search's own text).

    `module` chooses among several configured rerankers; None: the collection's own. `candidates`, `minimum_score` and
    `mix` take the place of the collection's settings where they are given: how many hits are scored before the page is
    cut from them, how good a hit must be to be shown, and how much the search's own order counts beside the scores.
    """

    properties: tuple[str, ...]
    query: str | None = None
    module: str | None = None
    candidates: int | None = None
    minimum_score: float | None = None
    mix: float | None = None


def property_names(text: str) -> tuple[str, ...]:
    """Several names, separated by commas, from where a wire has room for one."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


@dataclass(frozen=True, slots=True)
class Generate:
    """Let a language model write: per row from `prompt`, and once for all rows from `task`."""

    prompt: str | None = None
    task: str | None = None
    task_properties: tuple[str, ...] = ()
    provider: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    debug: bool = False
    metadata: bool = False


class Curve(StrEnum):
    GAUSS = "gauss"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True)
class FilterBoost:
    """1 for objects that pass the filter, else 0."""

    where: Filter
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class DecayBoost:
    """Falls off with the distance of `property` from `origin`: 1 within `offset`, `decay` at `scale` beyond it.

    For dates, `origin` is an RFC 3339 time or "now", and `scale` and `offset` are durations such as "7d".
    """

    property: str
    origin: float | str
    scale: float | str
    offset: float | str = 0.0
    curve: Curve = Curve.EXPONENTIAL
    decay: float = 0.5
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ValueBoost:
    """The number in `property`, as it is or through `log1p` or `sqrt`."""

    property: str
    modifier: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Boost:
    """Mix the search's own score with those of `conditions`. `depth`: how many hits take part."""

    conditions: tuple[FilterBoost | DecayBoost | ValueBoost, ...]
    weight: float = 0.5
    depth: int | None = None
