"""What a request searches for: the near…, hybrid and bm25 messages into a `Target`.

Which vectors are searched is settled here, because the shape of the query vectors depends on it: a matrix is one
query for a multi-vector index and several queries for a regular one. Search and aggregate requests share this file;
both name their fields the same but for hybrid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.vectors import decode, decode_floats, from_list
from weavelet.engine.query import (
    Cut,
    Diversity,
    Fusion,
    Hybrid,
    Join,
    Keyword,
    Match,
    Move,
    NearObject,
    NearText,
    NearVector,
    Target,
    TargetVectors,
)
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import UNNAMED, Collection
from weavelet.schema.objects import Vector

DEFAULT_ALPHA = 0.75

_MEDIA: Mapping[str, str] = {
    "near_image": "nearImage",
    "near_audio": "nearAudio",
    "near_video": "nearVideo",
    "near_depth": "nearDepth",
    "near_thermal": "nearThermal",
    "near_imu": "nearIMU",
}
_NEAR: Mapping[str, str] = {
    "near_vector": "nearVector",
    "near_object": "nearObject",
    "near_text": "nearText",
    **_MEDIA,
}
_JOINS: Mapping[int, Join] = {
    pb.COMBINATION_METHOD_UNSPECIFIED: Join.MINIMUM,
    pb.COMBINATION_METHOD_TYPE_SUM: Join.SUM,
    pb.COMBINATION_METHOD_TYPE_MIN: Join.MINIMUM,
    pb.COMBINATION_METHOD_TYPE_AVERAGE: Join.AVERAGE,
    pb.COMBINATION_METHOD_TYPE_RELATIVE_SCORE: Join.RELATIVE,
    pb.COMBINATION_METHOD_TYPE_MANUAL: Join.MANUAL,
}
_WEIGHTED = frozenset({Join.MANUAL, Join.RELATIVE})
_MATCHES: Mapping[int, Match] = {
    pb.SearchOperatorOptions.OPERATOR_AND: Match.AND,
    pb.SearchOperatorOptions.OPERATOR_AND_CROSS: Match.AND_CROSS,
}

Request: TypeAlias = pb.SearchRequest | pb.AggregateRequest
_Aimed: TypeAlias = pb.NearVector | pb.NearObject | pb.NearTextSearch | pb.Hybrid
"""Every message that names target vectors, in one way for today's clients and another for older ones."""


def parse_target(request: Request, hybrid: pb.Hybrid | None, collection: Collection) -> Target:
    """The one thing the request searches for; None for a listing. Raises `InvalidQuery` and `InvalidVector`."""
    present = [field for field in _NEAR if request.HasField(field)]
    if len(present) > 1:
        first, second = (_NEAR[field] for field in present[:2])
        raise InvalidQuery(f"found both '{first}' and '{second}' parameters which are conflicting, choose one instead")
    if hybrid is not None:
        if present:
            raise InvalidQuery("conflict: both near<Media> and hybrid arguments present, choose one")
        return _hybrid(hybrid, collection)
    match present:
        case ["near_vector"]:
            return _near_vector(request.near_vector, _targets(request.near_vector, collection), collection)
        case ["near_object"]:
            return _near_object(request.near_object, _targets(request.near_object, collection))
        case ["near_text"]:
            return _near_text(request.near_text, _targets(request.near_text, collection))
        case [media]:
            raise InvalidQuery(
                f"could not vectorize input for collection {collection.name} with search-type {_MEDIA[media]}. "
                "Make sure a vectorizer module is configured for this collection"
            )
        case _:
            return None


def parse_keyword(message: pb.BM25) -> Keyword:
    match_, minimum = _operator(message.search_operator)
    return Keyword(message.query, _property_names(message.properties), match_, minimum)


def _property_names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name[:1].lower() + name[1:] for name in names)


def _operator(message: pb.SearchOperatorOptions) -> tuple[Match, int]:
    return _MATCHES.get(message.operator, Match.OR), message.minimum_or_tokens_match


# --- Hybrid ---


def _hybrid(message: pb.Hybrid, collection: Collection) -> Hybrid:
    targets = _targets(message, collection)
    match_, minimum = _operator(message.bm25_search_operator)
    near = _hybrid_near(message, targets, collection)
    return Hybrid(
        query=message.query,
        alpha=_alpha(message),
        near=None if near is None else replace(near, targets=TargetVectors()),
        properties=_property_names(message.properties),
        fusion=Fusion.RANKED if message.fusion_type == pb.Hybrid.FUSION_TYPE_RANKED else Fusion.RELATIVE,
        targets=near.targets if near is not None else targets,
        max_distance=message.vector_distance if message.HasField("vector_distance") else None,
        match=match_,
        minimum_match=minimum,
        diversity=_diversity(message.selection),
    )


def _alpha(message: pb.Hybrid) -> float:
    """Older clients cannot tell "not given" from 0; newer ones say so."""
    if not message.use_alpha_param:
        return message.alpha
    return message.alpha_param if message.HasField("alpha_param") else DEFAULT_ALPHA


def _hybrid_near(message: pb.Hybrid, targets: TargetVectors, collection: Collection) -> NearVector | NearText | None:
    """What the vector leg looks for, if not the query's own vector."""
    vector = _plain_vector(message, "hybrid")
    text = message.HasField("near_text") and bool(message.near_text.query)
    if text and message.HasField("near_vector"):
        raise InvalidQuery("cannot combine nearText and nearVector in hybrid search")
    if vector is not None and message.HasField("near_vector"):
        raise InvalidQuery("cannot combine nearVector and vector in hybrid search")
    if vector is not None and text:
        raise InvalidQuery("cannot combine nearText and query in hybrid search")
    if vector is not None:
        _check_rank(vector, targets, collection, "hybrid")
        return NearVector((vector,), targets)
    if message.HasField("near_vector"):
        return _near_vector(message.near_vector, targets, collection)
    return _near_text(message.near_text, targets) if text else None


# --- Near ---


def _near_text(message: pb.NearTextSearch, targets: TargetVectors) -> NearText | None:
    """None where no concept is given: that lists objects."""
    if not message.query:
        return None
    return NearText(
        concepts=tuple(message.query),
        move_to=_move(message.move_to) if message.HasField("move_to") else None,
        move_away=_move(message.move_away) if message.HasField("move_away") else None,
        targets=targets,
        cut=_cut(message, "near_text"),
        diversity=_diversity(message.selection),
    )


def _move(message: pb.NearTextSearch.Move) -> Move:
    return Move(message.force, tuple(message.concepts), tuple(message.uuids))


def _near_object(message: pb.NearObject, targets: TargetVectors) -> NearObject:
    if not message.id:
        raise InvalidQuery("near_object: id is required")
    return NearObject(message.id, targets, _cut(message, "near_object"), _diversity(message.selection))


def _near_vector(message: pb.NearVector, targets: TargetVectors, collection: Collection) -> NearVector:
    vectors, targets = _query_vectors(message, targets, collection)
    return NearVector(vectors, targets, _cut(message, "near_vector"), _diversity(message.selection))


def _query_vectors(
    message: pb.NearVector, targets: TargetVectors, collection: Collection
) -> tuple[tuple[Vector, ...], TargetVectors]:
    """The query vectors beside the targets they belong to, or a single one for all targets."""
    if message.vector_for_targets:
        return _vectors_for_targets(message.vector_for_targets, targets, collection)
    if message.vector_per_target:
        return tuple(_vector_per_target(message.vector_per_target, name) for name in targets.names), targets
    vector = _plain_vector(message, "near_vector")
    if vector is None:
        raise InvalidQuery("near_vector: vector is required")
    _check_rank(vector, targets, collection, "near_vector")
    return (vector,), targets


def _plain_vector(message: pb.NearVector | pb.Hybrid, field: str) -> Vector | None:
    """The one vector that is for all targets, in any of the ways it has been sent over the years."""
    if len(message.vectors) > 1:
        raise InvalidQuery(f"{field}: only 1 vector supported, found {len(message.vectors)} vectors")
    if message.vectors:
        return decode(message.vectors[0])
    if message.vector_bytes:
        return decode_floats(message.vector_bytes)
    return from_list(message.vector) if message.vector else None


def _vector_per_target(vectors: Mapping[str, bytes], name: str) -> Vector:
    if name not in vectors:
        raise InvalidQuery(f"near_vector: vector for target {name} is required")
    return decode_floats(vectors[name])


def _vectors_for_targets(
    messages: Sequence[pb.VectorForTarget], targets: TargetVectors, collection: Collection
) -> tuple[tuple[Vector, ...], TargetVectors]:
    pairs = [(message.name, _vectors_of(message, collection)) for message in messages]
    named = tuple(name for name, _ in pairs)
    expanded = tuple(name for name, vectors in pairs for _ in vectors)
    weights = targets.weights
    if named == targets.names and weights:
        weights = tuple(weight for weight, (_, vectors) in zip(weights, pairs, strict=True) for _ in vectors)
    elif targets.names not in (named, expanded):
        raise InvalidQuery("near_vector: vector for target must have the same lengths as target vectors")
    flat = tuple(vector for _, vectors in pairs for vector in vectors)
    return flat, TargetVectors(expanded, targets.join, weights)


def _vectors_of(message: pb.VectorForTarget, collection: Collection) -> list[Vector]:
    """The rows of a matrix are one query for a multi-vector index, and a query each for any other."""
    sent = [decode(vectors) for vectors in message.vectors] or [decode_floats(message.vector_bytes)]
    if _is_multi(message.name, collection):
        return sent
    return [row for vector in sent for row in (vector if vector.ndim > 1 else (vector,))]


def _check_rank(vector: Vector, targets: TargetVectors, collection: Collection, field: str) -> None:
    for name in targets.names or (UNNAMED,):
        if name not in collection.vectors or (vector.ndim > 1) == _is_multi(name, collection):
            continue
        if vector.ndim > 1:
            raise InvalidQuery(f"{field}: provided vector is a multi vector but vector index supports regular vectors")
        raise InvalidQuery(f"{field}: provided vector is a regular vector but vector index supports multi vectors")


def _is_multi(name: str, collection: Collection) -> bool:
    return name in collection.vectors and collection.vectors[name].index.multivector


def _cut(message: pb.NearVector | pb.NearObject | pb.NearTextSearch, field: str) -> Cut:
    distance = message.distance if message.HasField("distance") else None
    certainty = message.certainty if message.HasField("certainty") else None
    if distance is not None and certainty is not None:
        raise InvalidQuery(f"{field}: cannot provide distance and certainty")
    return Cut(distance, certainty)


def _diversity(message: pb.Selection) -> Diversity | None:
    if not message.HasField("mmr"):
        return None
    mmr = message.mmr
    return Diversity(
        mmr.limit if mmr.HasField("limit") else None,
        mmr.balance if mmr.HasField("balance") else None,
    )


# --- Target vectors ---


def _targets(message: _Aimed, collection: Collection) -> TargetVectors:
    """Which vectors to search and how their distances become one. Raises `InvalidQuery`."""
    names = tuple(message.targets.target_vectors) or tuple(message.target_vectors)
    join = _JOINS.get(message.targets.combination, Join.MINIMUM)
    weights = _weights(message.targets, names) if join in _WEIGHTED else ()
    if not names:
        return TargetVectors(_only_named(collection), join)
    _check_names(names, collection)
    return TargetVectors(names, join, weights)


def _weights(message: pb.Targets, names: tuple[str, ...]) -> tuple[float, ...]:
    given = message.weights_for_targets
    if len(given) != len(names):
        raise InvalidQuery(
            f"extract target vectors: number of weights ({len(given)}) does not match number of targets ({len(names)})"
        )
    for weight, name in zip(given, names, strict=True):
        if weight.target != name:
            raise InvalidQuery(f"extract target vectors: target vector {weight.target} not found in target vectors")
    return tuple(weight.weight for weight in given)


def _only_named(collection: Collection) -> tuple[str, ...]:
    """No name where the collection has an unnamed vector, else the name of its only one."""
    if UNNAMED in collection.vectors:
        return ()
    if len(collection.vectors) > 1:
        raise InvalidQuery(
            f"extract target vectors: class {collection.name} has multiple vectors, but no target vectors were provided"
        )
    return tuple(collection.vectors)


def _check_names(names: tuple[str, ...], collection: Collection) -> None:
    for name in names:
        if name not in collection.named_vectors and not (name == "default" and UNNAMED in collection.vectors):
            raise InvalidQuery(
                f"extract target vectors: class {collection.name} does not have named vector {name} configured. "
                f"Available named vectors [{' '.join(collection.named_vectors)}]"
            )
