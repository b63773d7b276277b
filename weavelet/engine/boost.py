"""Boosting: a search's own scores mixed with soft conditions on the properties of what it found.

Each condition gives each hit a share between 0 and 1; shares are averaged by weight (a negative one demotes). The
search's scores are scaled to [0, 1], mixed with the average by the boost's weight, and the mix is scaled to [0, 1]
again. Nothing is found that the search did not find. In float32, as in Weaviate.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.query import (
    And,
    Boost,
    Compare,
    Curve,
    DecayBoost,
    Filter,
    FilterBoost,
    Hit,
    Not,
    OfProperty,
    Operator,
    Or,
    PointsAt,
    ValueBoost,
    ValueKind,
)
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Collection
from weavelet.schema.datatypes import DataType
from weavelet.schema.dates import epoch_ns

Floats = NDArray[np.float32]
Properties = Mapping[str, Any]

DEFAULT_DEPTH = 100
MOST_CONDITIONS = 20

_UNITS = {"ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86_400e9}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)")
_COMPARISONS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.GREATER_THAN: operator.gt,
    Operator.GREATER_THAN_EQUAL: operator.ge,
    Operator.LESS_THAN: operator.lt,
    Operator.LESS_THAN_EQUAL: operator.le,
}


def boosted(
    hits: Sequence[Hit], boost: Boost, properties: Sequence[Properties], ids: Sequence[str], now_ns: int
) -> list[Hit]:
    """The hits with new scores, best first, ties by id. `properties` and `ids` are those of the hits, in order.

    `now_ns` is the time `now` stands for, in nanoseconds since 1970.
    """
    if not hits or boost.weight <= 0:
        return list(hits)
    own = scaled(np.array([_own_score(hit) for hit in hits], np.float32))
    shares = _average(boost, properties, now_ns)
    weight = np.float32(boost.weight)
    scores = scaled((1 - weight) * own + weight * shares)
    order = sorted(range(len(hits)), key=lambda place: (-scores[place], ids[place]))
    return [replace(hits[place], score=float(scores[place])) for place in order]


def check_boost(boost: Boost, collection: Collection) -> None:
    """Raise `InvalidQuery` where the boost makes no sense for the collection."""
    if not 1 <= len(boost.conditions) <= MOST_CONDITIONS:
        raise InvalidQuery(f"boost: between 1 and {MOST_CONDITIONS} conditions, not {len(boost.conditions)}")
    if not 0 <= boost.weight <= 1:
        raise InvalidQuery(f"boost: weight must be between 0 and 1, got {boost.weight:f}")
    if boost.depth is not None and boost.depth < 0:
        raise InvalidQuery(f"boost: depth must be >= 0, got {boost.depth}")
    for position, condition in enumerate(boost.conditions):
        if complaint := _complaint(condition, collection):
            raise InvalidQuery(f"boost condition[{position}] {complaint}")


def duration_ns(text: float | str) -> float:
    """Nanoseconds of `7d`, `1h30m` or `500ms`; a number is nanoseconds already. Raises ValueError."""
    if isinstance(text, int | float):
        return float(text)
    parts = _DURATION_PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    return float(text or 0)


# --- Scores ----------------------------------------------------------------------------------------------------------


def scaled(values: Floats) -> Floats:
    """The values moved to [0, 1], largest to 1; all 1 when they are equal."""
    low, high = values.min(), values.max()
    if low == high:
        return np.ones(len(values), np.float32)
    result: Floats = (values - low) / (high - low)
    return result


def _own_score(hit: Hit) -> float:
    return hit.score if hit.score is not None else -(hit.distance or 0.0)


def _average(boost: Boost, properties: Sequence[Properties], now_ns: int) -> Floats:
    """The hits' shares, averaged over the conditions by weight. A weight of 0 counts as 1."""
    total, weights = np.zeros(len(properties), np.float32), np.float32(0)
    for condition in boost.conditions:
        weight = np.float32(condition.weight or 1)
        total += weight * _shares(condition, properties, now_ns)
        weights += abs(weight)
    return total / weights


def _shares(condition: FilterBoost | DecayBoost | ValueBoost, properties: Sequence[Properties], now_ns: int) -> Floats:
    match condition:
        case FilterBoost():
            return np.array([_passes(condition.where, one) for one in properties], np.float32)
        case DecayBoost():
            return _decayed(condition, [one.get(condition.property) for one in properties], now_ns)
        case ValueBoost():
            return _valued(condition, [one.get(condition.property) for one in properties])
        case _:
            assert_never(condition)


def _valued(condition: ValueBoost, values: Sequence[Any]) -> Floats:
    """Scaled over the hits that have a number; the others get 0."""
    numbers = np.array([math.nan if value is None else float(value) for value in values])
    match condition.modifier:
        case "log1p":
            numbers = np.log1p(np.maximum(0, numbers))
        case "sqrt":
            numbers = np.sqrt(np.maximum(0, numbers))
    shares = np.zeros(len(values), np.float32)
    known = ~np.isnan(numbers)
    if known.any():
        low, high = numbers[known].min(), numbers[known].max()
        shares[known] = (numbers[known] - low) / (high - low) if high > low else 1
    return shares


def _decayed(condition: DecayBoost, values: Sequence[Any], now_ns: int) -> Floats:
    """1 within `offset` of the origin, `decay` at `scale` beyond; 0 for a hit without a value."""
    origin, scale, offset = _measures(condition, now_ns)
    shares = np.zeros(len(values), np.float32)
    for place, value in enumerate(values):
        if value is not None:
            position = epoch_ns(value) if isinstance(value, str) else value
            beyond = max(0.0, abs(position - origin) - offset) / scale
            shares[place] = _fallen(condition.curve, beyond, condition.decay or 0.5)
    return shares


def _measures(condition: DecayBoost, now_ns: int) -> tuple[float, float, float]:
    """Origin, scale and offset as numbers; for dates in nanoseconds."""
    origin = condition.origin
    if isinstance(origin, str):
        origin = now_ns if origin in ("", "now") else epoch_ns(origin)
    return origin, duration_ns(condition.scale), duration_ns(condition.offset)


def _fallen(curve: Curve, beyond: float, decay: float) -> float:
    """The share at so many scales beyond the offset."""
    match curve:
        case Curve.EXPONENTIAL:
            return float(decay**beyond)
        case Curve.GAUSS:
            return math.exp(math.log(decay) * beyond * beyond)
        case Curve.LINEAR:
            return max(0.0, 1 - (1 - decay) * beyond)
        case _:
            assert_never(curve)


# --- Filters ---------------------------------------------------------------------------------------------------------


def _passes(where: Filter, properties: Properties) -> bool:
    """Compares whole values, text with its case. Where there is no value, no comparison holds, not even NotEqual."""
    match where:
        case And(operands):
            return all(_passes(operand, properties) for operand in operands)
        case Or(operands):
            return any(_passes(operand, properties) for operand in operands)
        case Not(operand):
            return not _passes(operand, properties)
        case Compare(path=OfProperty(name)):
            return _holds(where, properties.get(name))
        case Compare() | PointsAt():
            return False
        case _:
            assert_never(where)


def _holds(comparison: Compare, value: Any) -> bool:
    wanted: Any = comparison.value
    if comparison.kind is ValueKind.DATE and isinstance(value, str) and isinstance(wanted, str):
        value, wanted = epoch_ns(value), epoch_ns(wanted)
    if _sort_of(value) != _sort_of(wanted) or _sort_of(value) is None:
        return False
    return _COMPARISONS[comparison.operator](value, wanted)


def _sort_of(value: Any) -> type | None:
    """Values of one sort can be compared."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float):
        return float
    return str if isinstance(value, str) else None


# --- Checks ----------------------------------------------------------------------------------------------------------


def _complaint(condition: FilterBoost | DecayBoost | ValueBoost, collection: Collection) -> str | None:
    match condition:
        case FilterBoost():
            return _filter_complaint(condition.where)
        case DecayBoost():
            return _decay_complaint(condition, collection)
        case ValueBoost():
            return _type_complaint("property_value", condition.property, (DataType.INT, DataType.NUMBER), collection)
        case _:
            assert_never(condition)


def _filter_complaint(where: Filter) -> str | None:
    match where:
        case And(operands) | Or(operands):
            return next(filter(None, map(_filter_complaint, operands)), None)
        case Not(operand):
            return _filter_complaint(operand)
        case Compare(operator=used, path=path):
            if used not in _COMPARISONS:
                return f"filter: operator {used} is not supported, use one of {', '.join(_COMPARISONS)}, And, Or, Not"
            return None if isinstance(path, OfProperty) else "filter: only the object's own properties can be compared"
        case PointsAt():
            return "filter: only the object's own properties can be compared"
        case _:
            assert_never(where)


def _decay_complaint(condition: DecayBoost, collection: Collection) -> str | None:
    dated = isinstance(condition.origin, str)
    name = "time_decay" if dated else "numeric_decay"
    types = (DataType.DATE,) if dated else (DataType.INT, DataType.NUMBER)
    if complaint := _type_complaint(name, condition.property, types, collection):
        return complaint
    if not 0 <= condition.decay <= 1:
        return f"{name}: decay_value must be between 0 and 1, got {condition.decay:f}"
    try:
        _, scale, _ = _measures(condition, 0)
    except ValueError:
        return (
            f"{name}: origin must be 'now' or an RFC 3339 time, scale and offset durations such as 7d or 12h; "
            f"got {condition.origin!r}, {condition.scale!r} and {condition.offset!r}"
        )
    return None if scale > 0 else f"{name}: scale must be > 0"


def _type_complaint(condition: str, name: str, types: tuple[DataType, ...], collection: Collection) -> str | None:
    prop = collection.property_named(name)
    wanted = " or ".join(types)
    if prop is None:
        return f"{condition}: class {collection.name} has no property {name!r}; name one of type {wanted}"
    if prop.type not in types:
        return f"{condition}: property {name!r} must be of type {wanted}, got {prop.type}"
    return None
