"""The arguments of a class field in Get into the parts of a `SearchRequest`, and the rules they keep among each other.

Arguments come as graphql-core leaves them: names as written, enums and vectors as our values, lists where the schema
has lists. Defaults that are this door's own (limits, alpha) are filled in here. Raises `InvalidQuery` and
`InvalidFilter` in the original's words.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from weavelet.api.graphql.merging import Grouping
from weavelet.api.graphql.where import Find, check_where, parse_where
from weavelet.engine.query import (
    Cut,
    Filter,
    Fusion,
    GroupBy,
    Hybrid,
    Join,
    Keyword,
    Match,
    Move,
    Near,
    NearObject,
    NearText,
    NearVector,
    Page,
    Sort,
    Target,
    TargetVectors,
)
from weavelet.errors import InvalidFilter, InvalidQuery, InvalidReference
from weavelet.schema.collection import Collection
from weavelet.schema.objects import Vector
from weavelet.schema.references import Beacon, parse_beacon

Given = Mapping[str, Any]

DEFAULT_ALPHA = 0.75
_NEAR = ("nearText", "nearVector", "nearObject")


@dataclass(frozen=True, slots=True)
class PageRules:
    """How many objects are answered where the query does not say."""

    default: int
    """Where the query names an offset or a cut but no limit."""
    default_alone: int
    """Where it says nothing of paging at all."""


# --- What is searched for --------------------------------------------------------------------------------------------


def target(given: Given, collection: Collection) -> Target:
    """The one search among the arguments; a keyword search and a near… may stand beside hybrid, which then yields."""
    asked = [name for name in _NEAR if given.get(name) is not None]
    keyword, hybrid = given.get("bm25"), given.get("hybrid")
    parsed = {name: near(name, given[name], collection) for name in asked}
    mixed = parse_hybrid(hybrid, collection) if hybrid is not None else None
    if len(asked) > 1:
        raise InvalidQuery(f"found both {_named(asked)} parameters which are conflicting, choose one instead")
    if keyword is not None and asked:
        raise InvalidQuery("conflict: both near<Media> and keyword-based (bm25) arguments present, choose one")
    if keyword is not None:
        return _keyword(keyword)
    return parsed[asked[0]] if asked else mixed


def _named(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]])


def _keyword(given: Given) -> Keyword:
    match, minimum = _search_operator(given.get("searchOperator"))
    return Keyword(given.get("query") or "", _texts(given, "properties"), match, minimum)


def _search_operator(given: Given | None) -> tuple[Match, int]:
    if given is None:
        return Match.OR, 0
    return given.get("operator") or Match.OR, given.get("minimumOrTokensMatch") or 0


def near(name: str, given: Given, collection: Collection) -> Near:
    """One near… argument. `name` is the argument's."""
    match name:
        case "nearVector":
            return near_vector(given, collection)
        case "nearObject":
            return _near_object(given, collection)
        case _:
            return near_text(given)


def near_vector(given: Given, collection: Collection) -> NearVector:
    with _failing_as("failed to extract nearVector params: "):
        one: Vector | None = given.get("vector")
        many: Mapping[str, Vector] | None = given.get("vectorPerTarget")
        if one is not None and many is None:
            return NearVector((one,), target_vectors(given), _cut(given))
        if many is None or one is not None:
            raise InvalidQuery("vector or vectorPerTarget is required field")
        targets = target_vectors(given, tuple(many))
        return NearVector(_per_target(many, targets.names, collection), targets, _cut(given))


def _per_target(given: Mapping[str, Vector], names: Sequence[str], collection: Collection) -> tuple[Vector, ...]:
    """One vector per name; a name that comes several times takes its vectors in order."""
    waiting: dict[str, list[Vector]] = {}
    vectors: list[Vector] = []
    for name in names:
        if name not in given:
            raise InvalidQuery(f"vectorPerTarget for target {name} is not provided")
        left = waiting.setdefault(name, _each(given[name], _is_multivector(name, collection)))
        if not left:
            raise InvalidQuery(f"vectorPerTarget for target {name} has fewer vectors than the target is named")
        vectors.append(left.pop(0))
    return tuple(vectors)


def _is_multivector(name: str, collection: Collection) -> bool:
    config = collection.vectors.get(name)
    return config is not None and config.index.multivector


def _each(vectors: Vector, multivector: bool) -> list[Vector]:
    return [np.asarray(vector) for vector in vectors] if vectors.ndim == 2 and not multivector else [vectors]


def _near_object(given: Given, collection: Collection) -> NearObject:
    with _failing_as("failed to extract nearObject params: "):
        source = _object(given)
        other = "" if source.collection == collection.name else source.collection
        return NearObject(source.id, target_vectors(given), _cut(given), collection=other)


def _object(given: Given) -> Beacon:
    """By its id, or by a beacon, which may name another collection; with neither, the id is empty."""
    if given.get("id") or not given.get("beacon"):
        return Beacon("", given.get("id") or "")
    try:
        return parse_beacon(given["beacon"])
    except InvalidReference as error:
        raise InvalidQuery(str(error)) from error


def near_text(given: Given) -> NearText:
    if given.get("distance") is not None and given.get("certainty") is not None:
        raise InvalidQuery("nearText cannot provide both distance and certainty")
    return NearText(
        concepts=_texts(given, "concepts"),
        move_to=_move(given, "moveTo"),
        move_away=_move(given, "moveAwayFrom"),
        targets=target_vectors(given),
        cut=_cut(given),
    )


def _move(given: Given, name: str) -> Move | None:
    move = given.get(name)
    if move is None:
        return None
    force = float(move["force"])
    concepts, objects = _texts(move, "concepts"), tuple(_object(each).id for each in move.get("objects") or ())
    if force > 0 and not concepts and not objects:
        raise InvalidQuery(f"'nearText.{name}' parameter needs to have defined either 'concepts' or 'objects' fields")
    return Move(force, concepts, objects) if force > 0 else None


def _cut(given: Given) -> Cut:
    distance, certainty = given.get("distance"), given.get("certainty")
    if distance is not None and certainty is not None:
        raise InvalidQuery("cannot provide distance and certainty")
    return Cut(distance, certainty or None)


def target_vectors(given: Given, fallback: tuple[str, ...] = ()) -> TargetVectors:
    """From `targets`, else from `targetVectors`, else the names that vectors were given for."""
    combined = given.get("targets")
    if combined is None:
        return TargetVectors(_texts(given, "targetVectors") or fallback)
    names = _texts(combined, "targetVectors")
    join = combined.get("combinationMethod") or Join.MINIMUM
    if join not in (Join.MANUAL, Join.RELATIVE):
        return TargetVectors(names, join)
    return TargetVectors(names, join, _weights(combined.get("weights") or {}, names))


def _weights(given: Mapping[str, Sequence[float]], names: Sequence[str]) -> tuple[float, ...]:
    waiting = {name: list(weights) for name, weights in given.items()}
    found: list[float] = []
    for name in names:
        if not waiting.get(name):
            raise InvalidQuery(f"weight for target {name} is not provided")
        found.append(waiting[name].pop(0))
    return tuple(found)


def parse_hybrid(given: Given, collection: Collection) -> Hybrid:
    with _failing_as("failed to extract hybrid params: "):
        alpha = given.get("alpha")
        alpha = DEFAULT_ALPHA if alpha is None else alpha
        if not 0 <= alpha <= 1:
            raise InvalidQuery("alpha should be between 0.0 and 1.0")
        match, minimum = _search_operator(given.get("bm25SearchOperator"))
        return Hybrid(
            query=given.get("query") or "",
            alpha=float(np.float32(alpha)),
            near=_sub_search(given, collection),
            properties=_texts(given, "properties"),
            fusion=given.get("fusionType") or Fusion.RELATIVE,
            targets=target_vectors(given),
            max_distance=given.get("maxVectorDistance"),
            match=match,
            minimum_match=minimum,
        )


def _sub_search(given: Given, collection: Collection) -> NearVector | NearText | None:
    """The vector leg's own search: a vector, or the first of `searches`."""
    vector, searches = given.get("vector"), given.get("searches") or ()
    first: Given = (searches[0] or {}) if searches else {}
    text, near = first.get("nearText"), first.get("nearVector")
    if text is not None and near is not None:
        raise InvalidQuery("hybrid search cannot have both nearText and nearVector parameters")
    if vector is not None and text is not None:
        raise InvalidQuery("cannot have both vector and nearTextParams")
    if vector is not None and near is not None:
        raise InvalidQuery("cannot have both vector and nearVectorParams")
    if text is not None:
        return near_text(text)
    if near is not None:
        return near_vector(near, collection)
    return NearVector((vector,)) if vector is not None and vector.size else None


# --- Which objects, and in what order --------------------------------------------------------------------------------


def where(given: Given, collection: Collection, find: Find) -> Filter | None:
    clause = given.get("where")
    if clause is None:
        return None
    with _failing_as("could not extract filters: "):
        parsed = parse_where(clause, collection, find)
    with _failing_as("invalid 'where' filter: "):
        check_where(parsed, collection, find)
    return parsed


def sort(given: Given) -> tuple[Sort, ...]:
    clauses = (clause for clause in given.get("sort") or () if clause)
    return tuple(Sort(_texts(clause, "path"), clause.get("order") is not False) for clause in clauses)


def grouping(given: Given) -> Grouping | None:
    group = given.get("group")
    if group is None:
        return None
    if group.get("type") is None:
        raise InvalidQuery("group: 'type' is needed, one of closest, merge")
    return Grouping(group["type"], group["force"])


def group_by(given: Given) -> GroupBy | None:
    grouping = given.get("groupBy")
    if grouping is None:
        return None
    return GroupBy(_texts(grouping, "path"), grouping["groups"], grouping["objectsPerGroup"])


def page(given: Given, searched: Target, rules: PageRules) -> Page:
    limit, offset, autocut = given.get("limit"), given.get("offset"), max(given.get("autocut") or 0, 0)
    after = given.get("after")
    if after is not None and (limit is None or limit < 0):
        _check_cursor(given)
    if limit == 0 and not offset and after is not None:
        raise InvalidQuery("invalid pagination params: invalid default limit: 0")
    if limit is None or limit < 0:
        limit = _default_limit(given, searched, rules)
    return Page(limit, offset or 0, after, autocut)


def _check_cursor(given: Given) -> None:
    """A cursor without a limit, unless something else is wrong that is told first."""
    other = any(given.get(name) is not None for name in (*_NEAR, "bm25", "hybrid", "group", "groupBy"))
    also = any(given.get(name) for name in ("offset", "where", "sort"))
    if not other and not also:
        raise InvalidQuery("cursor api: invalid 'after' parameter: limit parameter must be set")


def _default_limit(given: Given, searched: Target, rules: PageRules) -> int | None:
    if isinstance(searched, NearVector | NearText | NearObject) and searched.cut != Cut():
        return None
    paged = any(given.get(name) is not None for name in ("limit", "offset", "autocut"))
    return rules.default if paged else rules.default_alone


def tenant(given: Given) -> str:
    return given.get("tenant") or ""


# --- Helpers ---------------------------------------------------------------------------------------------------------


def _texts(given: Given, name: str) -> tuple[str, ...]:
    return tuple(text for text in given.get(name) or () if text is not None)


@contextmanager
def _failing_as(start: str) -> Iterator[None]:
    """Say which argument was wrong in front of what was wrong with it."""
    try:
        yield
    except (InvalidQuery, InvalidFilter) as error:
        raise type(error)(f"{start}{error}") from error
