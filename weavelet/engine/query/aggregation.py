"""An aggregation and its answer: `AggregateRequest` in, `Aggregation` out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from weavelet.engine.query.target import Target
from weavelet.engine.query.where import Filter


class Metric(StrEnum):
    COUNT = "count"
    TYPE = "type"
    SUM = "sum"
    MEAN = "mean"
    MODE = "mode"
    MEDIAN = "median"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    TOP_OCCURRENCES = "topOccurrences"
    TOTAL_TRUE = "totalTrue"
    TOTAL_FALSE = "totalFalse"
    PERCENTAGE_TRUE = "percentageTrue"
    PERCENTAGE_FALSE = "percentageFalse"
    POINTING_TO = "pointingTo"


@dataclass(frozen=True, slots=True)
class AggregateProperty:
    name: str
    metrics: frozenset[Metric]
    top_occurrences: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateRequest:
    """Figures over all objects that pass `where` and, with a `target`, are among its first `object_limit` hits."""

    collection: str
    tenant: str = ""
    target: Target = None
    where: Filter | None = None
    group_by: tuple[str, ...] | None = None
    limit: int | None = None
    """The most groups to return; None: 100."""
    object_limit: int | None = None
    properties: tuple[AggregateProperty, ...] = ()
    count: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occurrence:
    value: str
    occurs: int


Figure: TypeAlias = int | float | str | tuple[Occurrence, ...] | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateGroup:
    """`figures`: property name -> metric -> value. `value` and `path` say which group; None for the only one."""

    count: int
    figures: Mapping[str, Mapping[Metric, Figure]]
    path: tuple[str, ...] | None = None
    value: str | int | float | bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    groups: tuple[AggregateGroup, ...]
    grouped: bool
    seconds: float = 0.0
