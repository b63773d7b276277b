"""`AggregateRequest` messages into the engine's, and an `Aggregation` into an `AggregateReply`.

The kind of metric message a client picks for a property is of no account: the property's type decides which metrics
make sense, and in which kind of message the figures come back.
"""

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.filters import Find, no_such_property, parse_filter
from weavelet.api.grpc.targets import parse_target
from weavelet.engine.query import (
    AggregateGroup,
    AggregateProperty,
    AggregateRequest,
    Aggregation,
    Cut,
    Figure,
    Filter,
    Hybrid,
    Keyword,
    Metric,
    NearObject,
    NearText,
    NearVector,
    Occurrence,
    Target,
)
from weavelet.errors import InvalidFilter, InvalidQuery
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

DEFAULT_OCCURRENCES = 5

_FLAGS: Mapping[str, Metric] = {
    "count": Metric.COUNT,
    "type": Metric.TYPE,
    "sum": Metric.SUM,
    "mean": Metric.MEAN,
    "mode": Metric.MODE,
    "median": Metric.MEDIAN,
    "maximum": Metric.MAXIMUM,
    "minimum": Metric.MINIMUM,
    "top_occurences": Metric.TOP_OCCURRENCES,
    "total_true": Metric.TOTAL_TRUE,
    "total_false": Metric.TOTAL_FALSE,
    "percentage_true": Metric.PERCENTAGE_TRUE,
    "percentage_false": Metric.PERCENTAGE_FALSE,
    "pointing_to": Metric.POINTING_TO,
}
_FIELDS = {metric: field for field, metric in _FLAGS.items()}

_NUMERIC = frozenset(
    {
        Metric.COUNT,
        Metric.TYPE,
        Metric.SUM,
        Metric.MEAN,
        Metric.MODE,
        Metric.MEDIAN,
        Metric.MAXIMUM,
        Metric.MINIMUM,
    }
)
_DATES = frozenset({Metric.COUNT, Metric.TYPE, Metric.MEDIAN, Metric.MODE, Metric.MAXIMUM, Metric.MINIMUM})
_BOOLEANS = frozenset(
    {
        Metric.COUNT,
        Metric.TYPE,
        Metric.TOTAL_TRUE,
        Metric.TOTAL_FALSE,
        Metric.PERCENTAGE_TRUE,
        Metric.PERCENTAGE_FALSE,
    }
)
_TEXTS = frozenset({Metric.COUNT, Metric.TYPE, Metric.TOP_OCCURRENCES})
_REFERENCES = frozenset({Metric.TYPE, Metric.POINTING_TO})

_KINDS: Mapping[DataType, tuple[str, frozenset[Metric]]] = {
    DataType.INT: ("int", _NUMERIC),
    DataType.NUMBER: ("number", _NUMERIC),
    DataType.TEXT: ("text", _TEXTS),
    DataType.BOOLEAN: ("boolean", _BOOLEANS),
    DataType.DATE: ("date", _DATES),
    DataType.REFERENCE: ("reference", _REFERENCES),
}
"""The branch of the reply's oneof for a type, and the metrics it has."""

_INTEGERS = frozenset({Metric.MODE, Metric.MAXIMUM, Metric.MINIMUM, Metric.SUM})
"""Metrics of an int property that are int64 on the wire."""


def parse_aggregate(message: pb.AggregateRequest, find: Find, headers: Mapping[str, str]) -> AggregateRequest:
    """Raises `InvalidInput` of any kind, and `CollectionNotFound`."""
    collection = find(message.collection)
    hybrid = message.hybrid if message.HasField("hybrid") else None
    target = parse_target(message, hybrid, collection)
    return AggregateRequest(
        collection=collection.name,
        tenant=message.tenant,
        target=target,
        where=_where(message, collection, find),
        group_by=_group_by(message.group_by, collection) if message.HasField("group_by") else None,
        limit=message.limit if message.HasField("limit") else None,
        object_limit=message.object_limit if message.HasField("object_limit") else None,
        properties=tuple(_property(aggregation, collection) for aggregation in message.aggregations),
        count=message.objects_count,
        headers=headers,
    )


def _where(message: pb.AggregateRequest, collection: Collection, find: Find) -> Filter | None:
    if not message.HasField("filters"):
        return None
    try:
        return parse_filter(message.filters, collection, find)
    except InvalidFilter as error:
        raise InvalidFilter(f"extract filters: {error}") from error


def _group_by(message: pb.AggregateRequest.GroupBy, collection: Collection) -> tuple[str, ...]:
    prop = collection.property_named(message.property)
    if prop is not None and prop.type is DataType.GEO:
        raise InvalidQuery(f"groupedBy: property '{prop.name}' is a place, which cannot name a group")
    return (message.property,)


def check_ends(request: AggregateRequest) -> None:
    """Raise `InvalidQuery` where it is not clear which objects are found: a vector search goes on to the farthest."""
    if request.object_limit is None and not _ends_somewhere(request.target):
        raise InvalidQuery("must provide certainty or objectLimit with vector search")


def _ends_somewhere(target: Target) -> bool:
    match target:
        case None | Keyword():
            return True
        case Hybrid():
            return isinstance(target.near, NearVector) or target.max_distance is not None
        case NearVector() | NearText() | NearObject():
            return target.cut != Cut()
        case _:
            assert_never(target)


def _property(message: pb.AggregateRequest.Aggregation, collection: Collection) -> AggregateProperty:
    prop = _schema_property(message.property, collection)
    kind = message.WhichOneof("aggregation")
    metrics = getattr(message, kind) if kind is not None else None
    asked = frozenset(_asked(metrics)) if metrics is not None else frozenset()
    limit = message.text.top_occurences_limit if message.text.HasField("top_occurences_limit") else DEFAULT_OCCURRENCES
    return AggregateProperty(prop.name, _sensible(asked, prop), limit)


def _schema_property(name: str, collection: Collection) -> Property:
    prop = collection.property_named(name)
    if prop is None:
        raise InvalidQuery(f"property {name}: {no_such_property(name, collection)}")
    if prop.type.element not in _KINDS:
        raise InvalidQuery(f"property {name}: data type {prop.type} cannot be aggregated")
    return prop


def _asked(metrics: Any) -> Iterable[Metric]:
    for field, value in metrics.ListFields():
        if value is True:
            yield _FLAGS[field.name]


def _sensible(asked: frozenset[Metric], prop: Property) -> frozenset[Metric]:
    """The metrics the type has. Top occurrences of a text come with whatever figure of it is asked for: the official
    client asks for none but reads them."""
    _, known = _KINDS[prop.type.element]
    if prop.is_text and asked - {Metric.TYPE}:
        asked |= {Metric.TOP_OCCURRENCES}
    return asked & known


# --- Replies ---


def aggregate_reply(
    aggregation: Aggregation, message: pb.AggregateRequest, request: AggregateRequest, collection: Collection
) -> pb.AggregateReply:
    """An aggregation by group that finds no group is an empty reply."""
    reply = pb.AggregateReply()
    reply.took = aggregation.seconds
    if not aggregation.grouped:
        (group,) = aggregation.groups
        _write_group(reply.single_result, group, message, request, collection)
        return reply
    for group in aggregation.groups:
        result = reply.grouped_results.groups.add()
        _write_group(result, group, message, request, collection)
        _write_value(result.grouped_by, group)
    return reply


def _write_group(
    result: pb.AggregateReply.Single | pb.AggregateReply.Group,
    group: AggregateGroup,
    message: pb.AggregateRequest,
    request: AggregateRequest,
    collection: Collection,
) -> None:
    """The count is there, as 0, even where it is not asked for."""
    result.objects_count = group.count if request.count else 0
    for asked, sent in zip(request.properties, message.aggregations, strict=True):
        prop = _schema_property(asked.name, collection)
        entry = result.aggregations.aggregations.add()
        entry.property = asked.name
        branch, _ = _KINDS[prop.type.element]
        kind = getattr(entry, branch)
        kind.SetInParent()
        if asked.metrics or sent.WhichOneof("aggregation") is not None:
            kind.type = ""
        _write_figures(kind, group.figures.get(asked.name, {}), prop)


def _write_figures(message: Any, figures: Mapping[Metric, Figure], prop: Property) -> None:
    whole = _INTEGERS if prop.type.element is DataType.INT else frozenset()
    for metric, figure in figures.items():
        match figure:
            case None | ():
                continue
            case tuple():
                _write_list(message, figure)
            case _:
                setattr(message, _FIELDS[metric], int(figure) if metric in whole else figure)


def _write_list(message: Any, figures: tuple[Occurrence, ...] | tuple[str, ...]) -> None:
    for figure in figures:
        if isinstance(figure, Occurrence):
            item = message.top_occurences.items.add()
            item.value = figure.value
            item.occurs = figure.occurs
        else:
            message.pointing_to.append(figure)


def _write_value(message: pb.AggregateReply.Group.GroupedBy, group: AggregateGroup) -> None:
    """Which group it is. Every number, whole or not, is a `number`."""
    message.path.extend(group.path or ())
    match group.value:
        case bool():
            message.boolean = group.value
        case int() | float():
            message.number = group.value
        case str():
            message.text = group.value
        case None:
            pass
