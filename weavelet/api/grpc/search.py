"""`SearchRequest` messages into the engine's `SearchRequest`, and beside it how to show what is found.

Fills in the defaults of this door: the server's limit where none is given, relative score fusion, the smallest of
several distances. Checks what only this door's messages can get wrong; the rest is refused by the plan.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.filters import Find, parse_filter
from weavelet.api.grpc.generative import parse_generate
from weavelet.api.grpc.show import Show, parse_show
from weavelet.api.grpc.splice import RenderedRows, Splicer
from weavelet.api.grpc.targets import parse_keyword, parse_target
from weavelet.engine.query import (
    Boost,
    Curve,
    DecayBoost,
    Diversity,
    FilterBoost,
    Generate,
    GroupBy,
    Keyword,
    Page,
    Rerank,
    SearchRequest,
    Sort,
    Subject,
    Target,
    ValueBoost,
    property_names,
)
from weavelet.engine.recent import Recent
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import UNNAMED, Collection
from weavelet.schema.datatypes import Distance

DEFAULT_BOOST_WEIGHT = 0.5
DEFAULT_CONDITION_WEIGHT = 1.0
DEFAULT_DECAY = 0.5

_CURVES: Mapping[int, Curve] = {
    pb.Boost.DECAY_CURVE_GAUSS: Curve.GAUSS,
    pb.Boost.DECAY_CURVE_LINEAR: Curve.LINEAR,
}
_MODIFIERS: Mapping[int, str] = {
    pb.Boost.PROPERTY_VALUE_MODIFIER_LOG1P: "log1p",
    pb.Boost.PROPERTY_VALUE_MODIFIER_SQRT: "sqrt",
}
_PLACEHOLDER = re.compile(r"{([^{}]+)}")


@dataclass(frozen=True, slots=True)
class Search:
    """What to do, and how to show what comes of it."""

    request: SearchRequest
    show: Show
    splicer: Splicer | None
    """Renders plain rows; None where every row has something that is not plain."""
    subject: Subject | None = None
    """What the request is about this time, where it has been asked before."""


def parse_search(
    message: pb.SearchRequest,
    find: Find,
    default_limit: int,
    headers: Mapping[str, str],
    recent: RenderedRows | None = None,
) -> Search:
    """Raises `InvalidInput` of any kind, and `CollectionNotFound`. `recent`: where to keep rows that were rendered."""
    collection = find(message.collection)
    target = _target(message, collection)
    generate = parse_generate(message.generative) if message.HasField("generative") else None
    show = parse_show(
        message.properties if message.HasField("properties") else None,
        message.metadata,
        collection,
        find,
        extra=_looked_at(message, generate),
        certainty=message.metadata.certainty and _has_certainty(target, collection),
    )
    request = SearchRequest(
        collection=collection.name,
        tenant=message.tenant,
        target=target,
        where=parse_filter(message.filters, collection, find) if message.HasField("filters") else None,
        page=_page(message, default_limit),
        sort=_sort(message, target, generate),
        group_by=_group_by(message.group_by, target) if message.HasField("group_by") else None,
        rerank=_rerank(message.rerank) if message.HasField("rerank") else None,
        generate=generate,
        boost=_boost(message.boost, collection, find) if message.HasField("boost") else None,
        want=show.want,
        headers=headers,
    )
    _check_diversity(request)
    return Search(request, show, None if generate is not None else Splicer(show, recent or Recent(0)))


def _target(message: pb.SearchRequest, collection: Collection) -> Target:
    """bm25 goes before hybrid; it goes with nothing else."""
    hybrid = message.hybrid_search if message.HasField("hybrid_search") else None
    target = parse_target(message, hybrid, collection)
    if not message.HasField("bm25_search"):
        return target
    if target is not None and hybrid is None:
        raise InvalidQuery("conflict: both near<Media> and keyword-based (bm25) arguments present, choose one")
    return parse_keyword(message.bm25_search)


def _has_certainty(target: Target, collection: Collection) -> bool:
    """Certainty is a way of saying a cosine distance; nobody is told off for asking elsewhere."""
    if target is None or isinstance(target, Keyword):
        return False
    names = target.targets.names or (UNNAMED,)
    return all(
        name in collection.vectors and collection.vectors[name].index.distance is Distance.COSINE for name in names
    )


def _looked_at(message: pb.SearchRequest, generate: Generate | None) -> Iterable[str]:
    """Properties that grouping, reranking and generating read, and that are shown for it."""
    if message.HasField("group_by"):
        yield from message.group_by.path
    if message.HasField("rerank"):
        yield from _rerank(message.rerank).properties
    if generate is not None:
        yield from _PLACEHOLDER.findall(generate.prompt or "")
        yield from generate.task_properties


def _page(message: pb.SearchRequest, default_limit: int) -> Page:
    return Page(
        limit=message.limit or default_limit,
        offset=message.offset,
        after=message.after or None,
        autocut=message.autocut,
    )


def _sort(message: pb.SearchRequest, target: Target, generate: Generate | None) -> tuple[Sort, ...]:
    if message.sort_by and (target is not None or generate is not None):
        raise InvalidQuery("sorting cannot be combined with search")
    return tuple(Sort(tuple(sort.path), sort.ascending) for sort in message.sort_by)


def _group_by(message: pb.GroupBy, target: Target) -> GroupBy:
    if target is None:
        raise InvalidQuery("groupby needs a search: add near_vector, near_object, near_text, bm25 or hybrid")
    if len(message.path) != 1:
        raise InvalidQuery(f"groupby path can only have one entry, received [{' '.join(message.path)}]")
    return GroupBy(tuple(message.path), message.number_of_groups, message.objects_per_group)


def _rerank(message: pb.Rerank) -> Rerank:
    return Rerank(property_names(message.property), message.query if message.HasField("query") else None)


def _check_diversity(request: SearchRequest) -> None:
    match request.target:
        case None | Keyword():
            return
        case target:
            if target.diversity is not None:
                _check_selection(target.diversity, request.page)


def _check_selection(diversity: Diversity, page: Page) -> None:
    limit, balance = diversity.limit, diversity.balance
    if limit is not None and limit < 1:
        raise InvalidQuery(f"selection mmr: limit must be at least 1, got {limit}")
    if limit is not None and page.limit is not None and limit > page.limit:
        raise InvalidQuery(f"selection mmr: limit {limit} must not be larger than the query limit {page.limit}")
    if balance is not None and not 0 <= balance <= 1:
        raise InvalidQuery(f"selection mmr: balance must be between 0 and 1, got {balance:g}")


# --- Boost ---


def _boost(message: pb.Boost, collection: Collection, find: Find) -> Boost:
    return Boost(
        conditions=tuple(_condition(condition, collection, find) for condition in message.conditions),
        weight=message.weight if message.HasField("weight") else DEFAULT_BOOST_WEIGHT,
        depth=message.depth if message.HasField("depth") else None,
    )


def _condition(
    message: pb.Boost.Condition, collection: Collection, find: Find
) -> FilterBoost | DecayBoost | ValueBoost:
    weight = message.weight if message.HasField("weight") else DEFAULT_CONDITION_WEIGHT
    match message.WhichOneof("condition"):
        case "filter":
            return FilterBoost(parse_filter(message.filter, collection, find), weight)
        case "time_decay":
            return _time_decay(message.time_decay, weight)
        case "numeric_decay":
            return _numeric_decay(message.numeric_decay, weight)
        case "property_value":
            value = message.property_value
            return ValueBoost(value.property, _MODIFIERS.get(value.modifier), weight)
        case _:
            raise InvalidQuery("boost: a condition is empty: give it a filter, a decay or a property value")


def _time_decay(message: pb.Boost.TimeDecayFunction, weight: float) -> DecayBoost:
    return DecayBoost(
        property=message.property,
        origin=message.origin or "now",
        scale=message.scale,
        offset=message.offset or 0.0,
        curve=_CURVES.get(message.curve, Curve.EXPONENTIAL),
        decay=message.decay_value if message.HasField("decay_value") else DEFAULT_DECAY,
        weight=weight,
    )


def _numeric_decay(message: pb.Boost.NumericDecayFunction, weight: float) -> DecayBoost:
    return DecayBoost(
        property=message.property,
        origin=message.origin,
        scale=message.scale,
        offset=message.offset,
        curve=_CURVES.get(message.curve, Curve.EXPONENTIAL),
        decay=message.decay_value if message.HasField("decay_value") else DEFAULT_DECAY,
        weight=weight,
    )
