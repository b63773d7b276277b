"""From what was asked to what is done: `make_plan` turns a `SearchRequest` into a `Plan`, or says why it cannot.

A plan has a keyword leg, a vector leg, both (hybrid) or neither (a listing), how deep each leg goes, and what happens
to the hits: fusion, cut, sort, page. Everything that can be refused without looking at data is refused here, so a
plan always runs. Knows collections and requests, no index and no store.
"""

from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from weavelet.engine.boost import DEFAULT_DEPTH, check_boost
from weavelet.engine.query import (
    AggregateRequest,
    Boost,
    Cut,
    Diversity,
    Filter,
    Fusion,
    GroupBy,
    Hybrid,
    Internal,
    Join,
    Keyword,
    Near,
    NearObject,
    NearText,
    NearVector,
    Page,
    SearchRequest,
    Sort,
    Target,
    TargetVectors,
)
from weavelet.engine.target_check import check_target
from weavelet.errors import InvalidObject, InvalidQuery
from weavelet.schema.collection import UNNAMED, Collection
from weavelet.schema.datatypes import DataType, Distance
from weavelet.schema.validate import canonical_id


@dataclass(frozen=True, slots=True)
class Limits:
    """The server's bounds on any search (QUERY_MAXIMUM_RESULTS, QUERY_HYBRID_MAXIMUM_RESULTS)."""

    maximum: int = 10_000
    hybrid: int = 100


@dataclass(frozen=True, slots=True)
class KeywordLeg:
    keyword: Keyword
    depth: int


@dataclass(frozen=True, slots=True)
class VectorLeg:
    """A search of each vector in `targets`, joined into one list of hits by distance.

    `source` says where the query vectors come from; the caller of `retrieve` hands them over, one per target.
    `depth` hits are wanted; with `within`, all hits no farther than `distance`, up to that many.
    """

    source: Near
    targets: tuple[str, ...]
    join: Join
    weights: tuple[float, ...]
    depth: int
    distance: float | None
    within: bool
    label: str
    """How hybrid explanations call this leg."""


@dataclass(frozen=True, slots=True)
class Fuse:
    """Mix the two legs: the vector leg weighs `alpha`, the keyword leg the rest.

    With `farthest`, documents whose vectors are farther away are in neither.
    """

    method: Fusion
    alpha: float
    farthest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`page` is what is handed over: the request's, or the whole pool where a later step cuts the request's from it.

    `take` is the most hits any later step needs: the page's end, or the maximum.
    """

    collection: Collection
    keyword: KeywordLeg | None = None
    vector: VectorLeg | None = None
    fuse: Fuse | None = None
    where: Filter | None = None
    sort: tuple[Sort, ...] = ()
    group_by: GroupBy | None = None
    diversity: Diversity | None = None
    boost: Boost | None = None
    page: Page
    take: int


def make_plan(request: SearchRequest, collection: Collection, limits: Limits, pool: int | None = None) -> Plan:
    """How to answer the request. Raises `InvalidQuery`.

    With `pool`, at least so many hits are found and handed over from the first on: a later step puts them in another
    order and cuts the page itself.
    """
    check_target(request.target)
    _check_page(request)
    check_sort(request.sort, collection)
    _check_sort_goes_with(request)
    take = _take(request.page, limits, isinstance(request.target, Hybrid))
    page = request.page
    if pool is not None:
        take = min(max(take, pool), limits.maximum)
        page = replace(page, offset=0, limit=None if page.limit is None else take)
    depth = take
    if request.boost is not None:
        check_boost(request.boost, collection)
        depth = max(take, request.boost.depth or DEFAULT_DEPTH)
    target = request.target
    keyword: KeywordLeg | None = None
    vector: VectorLeg | None = None
    fuse: Fuse | None = None
    match target:
        case None:
            pass
        case Keyword():
            keyword = KeywordLeg(_checked(target), depth)
        case NearVector() | NearText() | NearObject():
            vector = _vector_leg(target, target.targets, target.cut, collection, page.limit is None, depth)
        case Hybrid():
            keyword, vector = _hybrid_legs(target, collection, max(limits.hybrid, page.limit or 0))
            fuse = Fuse(target.fusion, target.alpha, target.max_distance)
        case _:
            assert_never(target)
    return Plan(
        collection=collection,
        keyword=keyword,
        vector=vector,
        fuse=fuse,
        where=request.where,
        sort=tuple(map(_by_internal_name, request.sort)),
        group_by=request.group_by,
        diversity=_diversity(target),
        boost=request.boost,
        page=page,
        take=depth,
    )


def make_aggregate_plan(request: AggregateRequest, collection: Collection, limits: Limits) -> Plan:
    """How to find the documents an aggregation is about. Raises `InvalidQuery`.

    Each leg of a hybrid search goes as deep as the object limit, and everything it finds counts. As in Weaviate, the
    keyword leg of an aggregation does not look at lists of texts, unless they are named.
    """
    check_target(request.target)
    target = request.target
    limit = request.object_limit
    depth = limits.maximum if limit is None else limit
    keyword: KeywordLeg | None = None
    vector: VectorLeg | None = None
    fuse: Fuse | None = None
    match target:
        case None:
            pass
        case Keyword():
            keyword = KeywordLeg(_checked(target), depth)
        case NearVector() | NearText() | NearObject():
            vector = _vector_leg(target, target.targets, target.cut, collection, limit is None, depth)
        case Hybrid():
            depth = limits.hybrid if limit is None else limit
            target = replace(target, properties=target.properties or _single_texts(collection))
            keyword, vector = _hybrid_legs(target, collection, depth)
            fuse = Fuse(target.fusion, target.alpha, target.max_distance)
        case _:
            assert_never(target)
    page = Page(limit=None)
    return Plan(
        collection=collection, keyword=keyword, vector=vector, fuse=fuse, where=request.where, page=page, take=2 * depth
    )


def _single_texts(collection: Collection) -> tuple[str, ...]:
    return tuple(prop.name for prop in collection.properties if prop.searchable and prop.type is DataType.TEXT)


def _take(page: Page, limits: Limits, hybrid: bool) -> int:
    if page.limit is None:
        return limits.maximum
    total = page.offset + page.limit
    if total == 0 and page.after is None and not hybrid:
        raise InvalidQuery("invalid pagination params: invalid default limit: 0")
    if (page.limit if hybrid else total) > limits.maximum or page.offset < 0 or page.limit < 0:
        raise InvalidQuery(
            "query maximum results exceeded: the total limit calculated from the provided offset "
            f"'{page.offset}' and limit '{page.limit}' exceeds the configured value for QUERY_MAXIMUM_RESULTS "
            f"'{limits.maximum}'. If you've supplied a negative offset or limit, this may be an underflow error"
        )
    return min(total, limits.maximum)


def _check_page(request: SearchRequest) -> None:
    """A cursor walks the whole collection in order of id, so nothing else may choose or order the objects."""
    after = request.page.after
    if after is None:
        return
    prefix = "cursor api: invalid 'after' parameter: "
    if request.target is not None or request.group_by is not None:
        raise InvalidQuery(prefix + "other params cannot be set with after and limit parameters")
    present = (("offset", request.page.offset), ("where", request.where), ("sort", request.sort))
    if offending := [name for name, value in present if value]:
        raise InvalidQuery(prefix + f"{','.join(offending)} cannot be set with after and limit parameters")
    try:
        canonical_id(after or str(UUID(int=0)))
    except InvalidObject as error:
        raise InvalidQuery(prefix + f"after parameter '{after}' is not a valid uuid: {error}") from error


def _check_sort_goes_with(request: SearchRequest) -> None:
    if request.sort and isinstance(request.target, Keyword):
        raise InvalidQuery("bm25 search is not compatible with sort")
    if request.sort and isinstance(request.target, Hybrid):
        raise InvalidQuery("hybrid search is not compatible with sort")


def check_sort(sort: tuple[Sort, ...], collection: Collection) -> None:
    """Raise `InvalidQuery` where a sort path is not one sortable property."""
    for position, clause in enumerate(sort):
        if complaint := _sort_complaint(clause, collection):
            raise InvalidQuery(f"invalid 'sort' parameter: sort parameter at position {position}: {complaint}")


def _sort_complaint(clause: Sort, collection: Collection) -> str | None:
    if not clause.path or not clause.path[0]:
        return "path parameter cannot be empty"
    if len(clause.path) > 1:
        return "sorting by reference not supported, path must have exactly one argument"
    name = clause.path[0]
    if name == "id" or any(name == internal.value for internal in Internal):
        return None
    prop = collection.property_named(name)
    if prop is None:
        return (
            f"no such prop with name '{name}' found in class '{collection.name}' in the schema. "
            "Check your schema files for which properties in this class are available"
        )
    if prop.is_reference:
        return f'sorting by reference not supported, property "{name}" is a ref prop to the class "{prop.targets[0]}"'
    if prop.type.element is DataType.UUID:
        return (
            f'prop "{name}" is of type uuid/uuid[]: sorting by uuid is currently not supported - if you believe it '
            "should be, please open a feature request on github.com/weaviate/weaviate"
        )
    return None


def _by_internal_name(clause: Sort) -> Sort:
    return replace(clause, path=(Internal.ID.value,)) if clause.path == ("id",) else clause


def _checked(keyword: Keyword) -> Keyword:
    if not keyword.query:
        raise InvalidQuery("keyword search (bm25) must have query set")
    return keyword


def _vector_leg(
    source: Near, targets: TargetVectors, cut: Cut, collection: Collection, unlimited: bool, depth: int, label: str = ""
) -> VectorLeg:
    names = target_names(targets, collection)
    distance = _farthest(cut, names, collection)
    return VectorLeg(
        source=source,
        targets=names,
        join=targets.join,
        weights=targets.weights,
        depth=depth,
        distance=distance,
        within=unlimited and distance is not None,
        label=label,
    )


def target_names(targets: TargetVectors, collection: Collection) -> tuple[str, ...]:
    """The vectors to search, by their names in the collection. Raises `InvalidQuery`."""
    if not targets.names:
        return (_only_vector(collection),)
    return tuple(_resolved(name, collection) for name in targets.names)


def _only_vector(collection: Collection) -> str:
    if UNNAMED in collection.vectors or not collection.vectors:
        return UNNAMED
    if len(collection.vectors) > 1:
        raise InvalidQuery("multiple vectorizers configuration found, please specify target vector name")
    return next(iter(collection.vectors))


def _resolved(name: str, collection: Collection) -> str:
    """`default` is how clients that only know named vectors address the unnamed one."""
    if name in collection.vectors:
        return name
    if name == "default" and UNNAMED in collection.vectors:
        return UNNAMED
    known = " ".join(collection.named_vectors)
    raise InvalidQuery(
        f"class {collection.name} does not have named vector {name} configured. Available named vectors [{known}]"
    )


def _farthest(cut: Cut, names: tuple[str, ...], collection: Collection) -> float | None:
    if cut.distance is not None and cut.certainty is not None:
        raise InvalidQuery("cannot provide distance and certainty")
    if not cut.certainty:
        return cut.distance
    check_certainty(names, collection)
    return (1 - cut.certainty) * 2


def check_certainty(names: tuple[str, ...], collection: Collection) -> None:
    """Certainty is defined for one cosine distance only. Raises `InvalidQuery`."""
    if len(set(names)) > 1:
        raise InvalidQuery("multiple target vectors are not supported with certainty")
    config = collection.vectors.get(names[0])
    if config is not None and config.index.distance is not Distance.COSINE:
        raise InvalidQuery(
            f"can't compute and return certainty when vector index is configured with {config.index.distance} distance"
        )


def _hybrid_legs(hybrid: Hybrid, collection: Collection, depth: int) -> tuple[KeywordLeg | None, VectorLeg | None]:
    target_names(hybrid.targets if hybrid.targets.names or hybrid.near is None else hybrid.near.targets, collection)
    keyword = None
    if hybrid.alpha < 1:
        keyword = Keyword(hybrid.query, hybrid.properties, hybrid.match, hybrid.minimum_match)
    vector = None
    if hybrid.alpha > 0:
        vector = _hybrid_vector_leg(hybrid, collection, depth)
    return (KeywordLeg(keyword, depth) if keyword else None), vector


def _hybrid_vector_leg(hybrid: Hybrid, collection: Collection, depth: int) -> VectorLeg:
    source = hybrid.near if hybrid.near is not None else NearText((hybrid.query,))
    targets = hybrid.targets if hybrid.targets.names else source.targets
    cut = source.cut if hybrid.max_distance is None else Cut(hybrid.max_distance)
    return _vector_leg(source, targets, cut, collection, unlimited=False, depth=depth, label=_label(hybrid))


def _label(hybrid: Hybrid) -> str:
    return "vector,nearText" if isinstance(hybrid.near, NearText) else "vector,hybridVector"


def _diversity(target: Target) -> Diversity | None:
    return None if target is None or isinstance(target, Keyword) else target.diversity
