"""Figures over a set of objects: counts, sums, medians, frequent values; together or by the values of a property.

Elements of arrays count one by one; objects without a value are passed over. Over no values at all a count is 0 and
most other figures are None; of booleans the totals are 0 and the shares NaN. Means and sums of `number`s are float64;
those of `int`s are exact integers, except the mean. Imports only values of the request and the schema.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.docset import DocSet
from weavelet.engine.query import (
    AggregateGroup,
    AggregateProperty,
    AggregateRequest,
    Aggregation,
    Figure,
    Metric,
    Occurrence,
)
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.dates import canonical_date, epoch_ns

Read = Callable[[str, DocSet], Sequence[Any]]
"""The canonical value of a property, or None, for each document of the set in ascending order."""

Numbers = Callable[[str, DocSet], NDArray[Any] | None]
"""The numbers or booleans of a property of those documents that have one, where a column has them; else None."""

Values = Sequence[Any] | NDArray[Any]
GroupValue = str | int | float | bool
Figures = dict[Metric, Figure]

DEFAULT_GROUPS = 100
_PHONE_PARTS = (
    "countryCode",
    "defaultCountry",
    "input",
    "internationalFormatted",
    "national",
    "nationalFormatted",
    "valid",
)
_IN_COLUMNS = (DataType.INT, DataType.NUMBER, DataType.BOOLEAN)
_NANOSECONDS = 1_000_000_000


def aggregate(
    request: AggregateRequest, collection: Collection, docs: DocSet, read: Read, numbers: Numbers
) -> Aggregation:
    """The figures the request asks for, over `docs`. Groups come largest first, equal ones by value.

    Raises `InvalidQuery` for a property that cannot be aggregated. Grouping by an unknown property gives no groups.
    """
    properties = [(asked, _aggregated(asked.name, collection)) for asked in request.properties]
    if request.group_by is None:
        figures = {
            asked.name: _figures(asked, prop, _all(asked, prop, docs, read, numbers)) for asked, prop in properties
        }
        return Aggregation(groups=(AggregateGroup(count=len(docs), figures=figures),), grouped=False)
    columns = [(asked, prop, _column(asked, prop, docs, read)) for asked, prop in properties]
    limit = DEFAULT_GROUPS if request.limit is None else request.limit
    members = _members(request.group_by, collection, docs, read)
    groups = [
        AggregateGroup(
            count=len(places),
            figures={asked.name: _figures(asked, prop, _flat(column, places)) for asked, prop, column in columns},
            path=request.group_by,
            value=value,
        )
        for value, places in _largest(members, limit)
    ]
    return Aggregation(groups=tuple(groups), grouped=True)


def check_aggregate(request: AggregateRequest, collection: Collection) -> None:
    """Raise `InvalidQuery` for what cannot be aggregated or grouped by, whatever the data."""
    for asked in request.properties:
        _aggregated(asked.name, collection)
    if request.group_by is not None:
        _grouped(request.group_by, collection)


# --- Groups ----------------------------------------------------------------------------------------------------------


def _members(path: tuple[str, ...], collection: Collection, docs: DocSet, read: Read) -> Mapping[GroupValue, list[int]]:
    """Per value of the grouping property, which of the documents have it. Each document once, however often."""
    prop = _grouped(path, collection)
    members: dict[GroupValue, list[int]] = {}
    if prop is None:
        return members
    for place, value in enumerate(read(prop.name, docs)):
        for one in _group_values(value, prop):
            places = members.setdefault(one, [])
            if not places or places[-1] != place:
                places.append(place)
    return members


def _grouped(path: tuple[str, ...], collection: Collection) -> Property | None:
    """The property to group by; None when there is no such property."""
    if len(path) != 1:
        raise InvalidQuery("grouping by cross-refs not supported")
    prop = collection.property_named(path[0])
    if prop is not None and prop.type.element is DataType.OBJECT:
        raise InvalidQuery(f"cannot group by property '{prop.name}': it is of type {prop.type}, which has no values")
    return prop


def _group_values(value: Any, prop: Property) -> Iterable[GroupValue]:
    if value is None:
        return ()
    if prop.is_reference:
        return (reference["beacon"] for reference in value)
    match prop.type:
        case DataType.GEO:
            return (f"{{{value['latitude']} {value['longitude']}}}",)
        case DataType.PHONE:
            return (_phone_text(value),)
        case _:
            return value if isinstance(value, list) else (value,)


def _phone_text(phone: Mapping[str, Any]) -> str:
    """Its parts in the order of their names, as the original prints them."""
    return "{" + " ".join(_word(phone.get(name, "")) for name in _PHONE_PARTS) + "}"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _largest(members: Mapping[GroupValue, list[int]], limit: int) -> list[tuple[GroupValue, list[int]]]:
    """Values of one property are of one type, so they compare."""
    return sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))[:limit]


# --- Figures ---------------------------------------------------------------------------------------------------------


def _aggregated(name: str, collection: Collection) -> Property:
    prop = collection.property_named(name)
    if prop is None:
        raise InvalidQuery(
            f"aggregate properties: property {name}: no such prop with name '{name}' found in class "
            f"'{collection.name}' in the schema. Check your schema files for which properties in this class are "
            "available"
        )
    if prop.type.element not in _BY_TYPE:
        raise InvalidQuery(f"aggregate properties: property {name}: unrecoginzed dataType {prop.type}")
    return prop


def _column(asked: AggregateProperty, prop: Property, docs: DocSet, read: Read) -> Sequence[Any]:
    """The property's values; nothing where every figure asked for follows from the schema."""
    if asked.metrics <= {Metric.TYPE, Metric.POINTING_TO}:
        return ()
    return read(prop.name, docs)


def _all(asked: AggregateProperty, prop: Property, docs: DocSet, read: Read, numbers: Numbers) -> Values:
    """The property's values in all of the documents, from a column rather than from the objects."""
    if prop.type in _IN_COLUMNS and (found := numbers(prop.name, docs)) is not None:
        return found
    return _flat(_column(asked, prop, docs, read), range(len(docs)))


def _flat(column: Sequence[Any], places: Iterable[int]) -> list[Any]:
    """The values at these places, arrays taken apart, nulls left out."""
    if not column:
        return []
    values: list[Any] = []
    for place in places:
        value = column[place]
        if isinstance(value, list):
            values.extend(value)
        elif value is not None:
            values.append(value)
    return values


def _figures(asked: AggregateProperty, prop: Property, values: Values) -> Figures:
    compute = _BY_TYPE[prop.type.element]
    known = {Metric.TYPE: prop.type.value, Metric.COUNT: len(values)} | compute(asked, prop, values)
    return {metric: known[metric] for metric in Metric if metric in asked.metrics and metric in known}


def _of_numbers(asked: AggregateProperty, prop: Property, values: Values) -> Figures:
    if not len(values):
        return dict.fromkeys((Metric.SUM, Metric.MEAN, Metric.MODE, Metric.MEDIAN, Metric.MAXIMUM, Metric.MINIMUM))
    whole = prop.type.element is DataType.INT
    array = np.asarray(values, np.int64 if whole else np.float64)
    total = _exact_sum(array.astype(np.int64, copy=False)) if whole else float(array.sum())
    return {
        Metric.SUM: total,
        Metric.MEAN: total / len(values),
        Metric.MODE: _mode(array).item() if Metric.MODE in asked.metrics else None,
        Metric.MEDIAN: float(np.median(array)) if Metric.MEDIAN in asked.metrics else None,
        Metric.MAXIMUM: array.max().item(),
        Metric.MINIMUM: array.min().item(),
    }


def _of_dates(asked: AggregateProperty, prop: Property, values: Values) -> Figures:
    if not len(values):
        return dict.fromkeys((Metric.MODE, Metric.MEDIAN, Metric.MAXIMUM, Metric.MINIMUM))
    written = {epoch_ns(value): value for value in reversed(values)}
    times = np.sort(np.array([epoch_ns(value) for value in values], np.int64))
    lower, upper = int(times[(len(times) - 1) // 2]), int(times[len(times) // 2])
    middle = lower + (upper - lower) // 2
    return {
        Metric.MODE: written[int(_mode(times))],
        Metric.MEDIAN: written.get(middle) or _date_text(middle),
        Metric.MAXIMUM: written[int(times[-1])],
        Metric.MINIMUM: written[int(times[0])],
    }


def _of_booleans(asked: AggregateProperty, prop: Property, values: Values) -> Figures:
    true = int(np.count_nonzero(values))
    false = len(values) - true
    return {
        Metric.TOTAL_TRUE: true,
        Metric.TOTAL_FALSE: false,
        Metric.PERCENTAGE_TRUE: true / len(values) if len(values) else math.nan,
        Metric.PERCENTAGE_FALSE: false / len(values) if len(values) else math.nan,
    }


def _of_texts(asked: AggregateProperty, prop: Property, values: Values) -> Figures:
    if Metric.TOP_OCCURRENCES not in asked.metrics:
        return {}
    counted = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    top = counted[: asked.top_occurrences]
    return {Metric.TOP_OCCURRENCES: tuple(Occurrence(value, occurs) for value, occurs in top)}


def _of_references(asked: AggregateProperty, prop: Property, values: Values) -> Figures:
    return {Metric.POINTING_TO: prop.targets}


def _exact_sum(values: NDArray[np.int64]) -> int:
    """Of the upper and the lower halves, neither of which can overflow."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFF_FFFF).sum())


def _mode(values: NDArray[Any]) -> Any:
    """The most frequent value, the smallest among equally frequent ones."""
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[np.argmax(counts)]


def _date_text(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, _NANOSECONDS)
    time = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return canonical_date(f"{time}.{fraction:09d}Z")


_BY_TYPE: Mapping[DataType, Callable[[AggregateProperty, Property, Values], Figures]] = {
    DataType.INT: _of_numbers,
    DataType.NUMBER: _of_numbers,
    DataType.DATE: _of_dates,
    DataType.BOOLEAN: _of_booleans,
    DataType.TEXT: _of_texts,
    DataType.REFERENCE: _of_references,
}
