"""A class field in Aggregate: its arguments into an `AggregateRequest`, the engine's figures into JSON values.

Raises `InvalidQuery` and `InvalidFilter` in the original's words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType

from weavelet.api.graphql import arguments
from weavelet.api.graphql.arguments import Given
from weavelet.api.graphql.selection import TYPENAME, Reading, Selected
from weavelet.api.graphql.where import Find
from weavelet.engine.number_text import float64_text
from weavelet.engine.query import (
    AggregateGroup,
    AggregateProperty,
    AggregateRequest,
    Aggregation,
    Cut,
    Figure,
    Hybrid,
    Metric,
    NearObject,
    NearText,
    NearVector,
    Occurrence,
    Target,
)
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Collection

DEFAULT_TOP_OCCURRENCES = 5

Render = Callable[[AggregateGroup], Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One field of Aggregate, ready to be answered."""

    request: AggregateRequest
    render: Callable[[Aggregation], list[dict[str, Any]]]


def call_of(
    selected: Selected,
    given: Given,
    collection: Collection,
    kind: GraphQLObjectType,
    reading: Reading,
    find: Find,
    headers: Mapping[str, str],
) -> Call:
    """The request that a field of Aggregate makes, and how its answer is shown."""
    searched = arguments.target(given, collection)
    object_limit = given.get("objectLimit")
    _check_limits(searched, object_limit)
    shown = _Shown(collection, kind, reading)
    renders = [(each.key, shown.field(each)) for each in reading.below(selected.nodes, kind.name)]
    request = AggregateRequest(
        collection=collection.name,
        tenant=arguments.tenant(given),
        target=_by_distance(searched),
        where=arguments.where(given, collection, find),
        group_by=_group_by(given, collection),
        limit=given.get("limit"),
        object_limit=object_limit,
        properties=shown.properties(),
        headers=headers,
    )
    return Call(request, lambda found: [{key: render(group) for key, render in renders} for group in found.groups])


# --- Arguments -------------------------------------------------------------------------------------------------------


def _check_limits(searched: Target, object_limit: int | None) -> None:
    if object_limit is not None and searched is None:
        raise InvalidQuery("objectLimit can only be used with a near<Media> or hybrid filter")
    if object_limit is not None and object_limit <= 0:
        raise InvalidQuery("objectLimit must be a positive integer")
    if object_limit is None and not _ends(searched):
        raise InvalidQuery("must provide certainty or objectLimit with vector search")


def _ends(searched: Target) -> bool:
    """Whether the search says by itself where it ends. A distance of 2 counts as none: it is a certainty of 0."""
    match searched:
        case NearVector(cut=cut) | NearText(cut=cut) | NearObject(cut=cut):
            return bool(cut.certainty) or (cut.distance is not None and cut.distance != 2)
        case Hybrid(near=near):
            return isinstance(near, NearVector)
        case _:
            return True


def _by_distance(searched: Target) -> Target:
    """A certainty is taken as a distance whatever the metric is."""
    match searched:
        case NearVector() | NearText() | NearObject() if searched.cut.certainty:
            cut = Cut(distance=(1 - searched.cut.certainty) * 2)
            return _with_cut(searched, cut)
        case _:
            return searched


def _with_cut(searched: NearVector | NearText | NearObject, cut: Cut) -> Target:
    match searched:
        case NearVector():
            return NearVector(searched.vectors, searched.targets, cut)
        case NearObject():
            return NearObject(searched.id, searched.targets, cut)
        case NearText():
            return NearText(searched.concepts, searched.move_to, searched.move_away, searched.targets, cut)


def _group_by(given: Given, collection: Collection) -> tuple[str, ...] | None:
    path = given.get("groupBy")
    if path is None:
        return None
    if len(path) % 2 == 0:
        last = path[-1] if path else collection.name
        raise InvalidQuery(f"could not extract groupBy path: missing an argument after '{last}'")
    if len(path) > 1:
        raise InvalidQuery("grouping by cross-refs not supported")
    return tuple(path)


# --- Selection -------------------------------------------------------------------------------------------------------


class _Shown:
    """Compiles the fields of one aggregation, and keeps which figures they need."""

    def __init__(self, collection: Collection, kind: GraphQLObjectType, reading: Reading) -> None:
        self._collection = collection
        self._kind = kind
        self._reading = reading
        self._metrics: dict[str, set[Metric]] = {}
        self._top: dict[str, int] = {}

    def properties(self) -> tuple[AggregateProperty, ...]:
        return tuple(
            AggregateProperty(name, frozenset(metrics), self._top.get(name, DEFAULT_TOP_OCCURRENCES))
            for name, metrics in self._metrics.items()
        )

    def field(self, selected: Selected) -> Render:
        match selected.name:
            case "meta":
                return self._keys(selected.nodes, f"{self._kind.name}MetaObject", _meta)
            case "groupedBy":
                show = self._keys(selected.nodes, f"{self._kind.name}GroupedByObj", _grouped_by)
                return lambda group: None if group.path is None else show(group)
            case "__typename":
                return lambda group: self._kind.name
            case name:
                return self._property(name, selected)

    def _keys(self, nodes: Sequence[FieldNode], kind: str, value: Callable[[AggregateGroup, str], Any]) -> Render:
        keys = [(each.key, each.name) for each in self._reading.below(nodes, kind)]
        return lambda group: {key: kind if name == TYPENAME else value(group, name) for key, name in keys}

    def _property(self, name: str, selected: Selected) -> Render:
        kind = self._kind.fields[name].type
        assert isinstance(kind, GraphQLObjectType)
        self._metrics.setdefault(name, set())
        renders = [
            (each.key, self._metric(name, each, kind)) for each in self._reading.below(selected.nodes, kind.name)
        ]
        return lambda group: {key: render(group) for key, render in renders}

    def _metric(self, prop: str, selected: Selected, kind: GraphQLObjectType) -> Render:
        if selected.name == TYPENAME:
            return lambda group: kind.name
        metric = Metric(selected.name)
        self._metrics[prop].add(metric)
        if metric is Metric.TOP_OCCURRENCES:
            return self._top_occurrences(prop, selected, kind)
        return lambda group: _plain(group.figures.get(prop, {}).get(metric))

    def _top_occurrences(self, prop: str, selected: Selected, kind: GraphQLObjectType) -> Render:
        given = self._reading.arguments(kind.fields[selected.name], selected.nodes[0])
        limit = given.get("limit")
        most = limit if limit is not None and limit > 0 else DEFAULT_TOP_OCCURRENCES
        self._top[prop] = max(most, self._top.get(prop, 0))
        below = f"Aggregate{self._collection.name}{prop}TopOccurrencesObj"
        keys = [(each.key, each.name) for each in self._reading.below(selected.nodes, below)]

        def show(group: AggregateGroup) -> Any:
            found = group.figures.get(prop, {}).get(Metric.TOP_OCCURRENCES) or ()
            assert isinstance(found, tuple)
            return [{key: _occurrence(each, name, below) for key, name in keys} for each in found[:most]]

        return show


def _meta(group: AggregateGroup, _: str) -> int:
    return group.count


def _grouped_by(group: AggregateGroup, name: str) -> Any:
    return list(group.path or ()) if name == "path" else _text(group.value)


def _text(value: str | int | float | bool | None) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return float64_text(value)
        case _:
            return str(value)


def _plain(figure: Figure) -> Any:
    return list(figure) if isinstance(figure, tuple) else figure


def _occurrence(found: Occurrence | str, name: str, kind: str) -> Any:
    if name == TYPENAME or not isinstance(found, Occurrence):
        return kind
    return found.value if name == "value" else found.occurs
