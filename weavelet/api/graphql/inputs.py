"""The input types of one class's arguments, under the names the original gives them.

Every class has its own copies (`GetObjectsRecipeWhereInpObj`), because clients name them when they pass arguments in
variables. Fields are made when they are first asked for, so a class nobody queries costs a few empty shells.
Imports only `graphql` and the scalars beside it.
"""

from collections.abc import Callable, Mapping
from functools import cache

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLFloat,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLNullableInputType,
    GraphQLScalarType,
    GraphQLString,
)

from weavelet.api.graphql.scalars import filter_value_scalars, vector_per_target, vector_scalar, weights
from weavelet.engine.query import Fusion, Join, Match, Operator

Fields = Mapping[str, GraphQLInputType]
Arguments = dict[str, GraphQLArgument]

_TEXTS: GraphQLList[GraphQLScalarType] = GraphQLList(GraphQLString)


def input_object(name: str, fields: Callable[[], Fields]) -> GraphQLInputObjectType:
    """A type whose fields are made on first use."""
    return GraphQLInputObjectType(name, lambda: {key: GraphQLInputField(kind) for key, kind in fields().items()})


def enum(name: str, values: Mapping[str, object]) -> GraphQLEnumType:
    return GraphQLEnumType(name, {key: GraphQLEnumValue(value, description="") for key, value in values.items()})


def arguments(types: Fields) -> Arguments:
    return {name: GraphQLArgument(kind) for name, kind in types.items()}


def _required(kind: GraphQLNullableInputType) -> GraphQLInputType:
    return GraphQLNonNull(kind)


# --- Shared by all classes -------------------------------------------------------------------------------------------


@cache
def fusion_enum() -> GraphQLEnumType:
    return enum("FusionEnum", {fusion.value: fusion for fusion in Fusion})


@cache
def combination_enum() -> GraphQLEnumType:
    return enum("targetCombinationEnum", {join.value: join for join in Join})


# --- where -----------------------------------------------------------------------------------------------------------


def where(prefix: str) -> GraphQLInputObjectType:
    """`prefix` is `GetObjectsRecipe` or `AggregateObjectsRecipe`."""
    scalars = cache(lambda: filter_value_scalars(prefix))
    geo = _geo_range(prefix)
    operator = cache(
        lambda: enum(f"{prefix}WhereOperatorEnum", {name: name for name in ("And", "Or", "Not", *Operator)})
    )

    def fields() -> Fields:
        return {
            "operator": operator(),
            "path": _TEXTS,
            "operands": GraphQLList(operands),
            "valueGeoRange": geo,
            **scalars(),
        }

    operands = input_object(f"{prefix}WhereOperandsInpObj", fields)
    return input_object(f"{prefix}WhereInpObj", fields)


def _geo_range(prefix: str) -> GraphQLInputObjectType:
    name = f"{prefix}WhereGeoRange"

    def fields() -> Fields:
        place = input_object(
            f"{name}GeoCoordinatesInpObj",
            lambda: {"latitude": _required(GraphQLFloat), "longitude": _required(GraphQLFloat)},
        )
        distance = input_object(f"{name}DistanceInpObj", lambda: {"max": _required(GraphQLFloat)})
        return {"geoCoordinates": _required(place), "distance": _required(distance)}

    return input_object(f"{name}InpObj", fields)


# --- near… -----------------------------------------------------------------------------------------------------------


def _targets(name: str) -> GraphQLInputObjectType:
    return input_object(
        name, lambda: {"targetVectors": _TEXTS, "combinationMethod": combination_enum(), "weights": weights()}
    )


def _cut() -> dict[str, GraphQLInputType]:
    return {"certainty": GraphQLFloat, "distance": GraphQLFloat}


def near_vector(prefix: str, scalar: GraphQLScalarType, targets: str | None = None) -> GraphQLInputObjectType:
    """`targets` names the type of the field that combines several target vectors; None leaves the field out."""

    def fields() -> Fields:
        combined: Fields = {"targets": _targets(targets)} if targets else {}
        return {
            "vector": scalar,
            "vectorPerTarget": vector_per_target(),
            **_cut(),
            "targetVectors": _TEXTS,
            **combined,
        }

    return input_object(f"{prefix}NearVectorInpObj", fields)


def near_object(prefix: str, targets: str | None = None) -> GraphQLInputObjectType:
    def fields() -> Fields:
        combined: Fields = {"targets": _targets(targets)} if targets else {}
        return {"id": GraphQLString, "beacon": GraphQLString, **_cut(), "targetVectors": _TEXTS, **combined}

    return input_object(f"{prefix}NearObjectInpObj", fields)


def near_text(prefix: str, targets: str | None = None) -> GraphQLInputObjectType:
    def fields() -> Fields:
        combined: Fields = {"targets": _targets(targets)} if targets else {}
        return {
            "concepts": _required(_TEXTS),
            "moveTo": _movement(f"{prefix}MoveTo"),
            "moveAwayFrom": _movement(f"{prefix}MoveAwayFrom"),
            **_cut(),
            "targetVectors": _TEXTS,
            **combined,
        }

    return input_object(f"{prefix}NearTextInpObj", fields)


def _movement(name: str) -> GraphQLInputObjectType:
    def fields() -> Fields:
        objects = input_object(f"{name}MovementObjectsInpObj", lambda: {"id": GraphQLString, "beacon": GraphQLString})
        return {"concepts": _TEXTS, "objects": GraphQLList(objects), "force": _required(GraphQLFloat)}

    return input_object(name, fields)


# --- Keyword and hybrid search ---------------------------------------------------------------------------------------


def _search_operator(prefix: str) -> GraphQLInputObjectType:
    def fields() -> Fields:
        operator = enum(f"{prefix}SearchesOperator", {match.value: match for match in Match})
        return {"operator": operator, "minimumOrTokensMatch": GraphQLInt}

    return input_object(f"{prefix}Searches", fields)


def bm25(prefix: str) -> GraphQLInputObjectType:
    return input_object(
        f"{prefix}HybridGetBm25InpObj",
        lambda: {"query": GraphQLString, "properties": _TEXTS, "searchOperator": _search_operator(prefix)},
    )


def get_hybrid(prefix: str, collection: str) -> GraphQLInputObjectType:
    """Hybrid search among the arguments of Get."""
    sub = f"{collection}SubSearch"

    def fields() -> Fields:
        scalar = vector_scalar(f"{sub}NearVectorVectorScalar")
        near = near_vector(sub, scalar, f"{sub}nearVectorTargetInpObj")
        searches = input_object(f"{sub}SearchesInpObj", lambda: {"nearText": near_text(sub), "nearVector": near})
        combined: Fields = {"targets": _targets(f"{sub}hybridTargetInpObj")}
        return {**_hybrid(scalar, _search_operator(sub), searches), **combined}

    return input_object(f"{prefix}HybridInpObj", fields)


def aggregate_hybrid(prefix: str, collection: str) -> GraphQLInputObjectType:
    """Hybrid search among the arguments of Aggregate: the same without combining several target vectors."""
    hybrid = f"{collection}HybridSubSearch"
    sub = f"{hybrid}Searches"

    def fields() -> Fields:
        near = near_vector(sub, vector_scalar(f"{sub}NearVectorVectorScalar"))
        searches = input_object(f"{sub}SearchesInpObj", lambda: {"nearText": near_text(sub), "nearVector": near})
        return _hybrid(vector_scalar(f"{hybrid}NearVectorVectorScalar"), _search_operator(hybrid), searches)

    return input_object(f"{prefix}HybridInpObj", fields)


def _hybrid(
    vector: GraphQLScalarType, operator: GraphQLInputObjectType, searches: GraphQLInputObjectType
) -> dict[str, GraphQLInputType]:
    return {
        "query": GraphQLString,
        "alpha": GraphQLFloat,
        "vector": vector,
        "properties": _TEXTS,
        "fusionType": fusion_enum(),
        "targetVectors": _TEXTS,
        "maxVectorDistance": GraphQLFloat,
        "bm25SearchOperator": operator,
        "searches": GraphQLList(searches),
    }


# --- What is done with the results -----------------------------------------------------------------------------------


def sort(prefix: str) -> GraphQLInputType:
    def fields() -> Fields:
        order = enum(f"{prefix}SortInpObjTypeEnum", {"asc": True, "desc": False})
        return {"path": _TEXTS, "order": order}

    return GraphQLList(input_object(f"{prefix}SortInpObj", fields))


def group(prefix: str) -> GraphQLInputObjectType:
    def fields() -> Fields:
        kind = enum(f"{prefix}GroupInpObjTypeEnum", {"closest": "closest", "merge": "merge"})
        return {"type": kind, "force": _required(GraphQLFloat)}

    return input_object(f"{prefix}GroupInpObj", fields)


def group_by(prefix: str) -> GraphQLInputObjectType:
    return input_object(
        f"{prefix}GroupByInpObj",
        lambda: {"path": _required(_TEXTS), "groups": _required(GraphQLInt), "objectsPerGroup": _required(GraphQLInt)},
    )


def single_result(collection: str, settings: Callable[[str], Fields]) -> GraphQLInputObjectType:
    """How a generator is asked about each object by itself. `settings` are those of the generators, for a prefix."""
    return input_object(
        f"{collection}IndividualResultsArg",
        lambda: {"prompt": GraphQLString, "debug": GraphQLBoolean, **settings(f"{collection}SingleResult")},
    )


def grouped_result(collection: str, settings: Callable[[str], Fields]) -> GraphQLInputObjectType:
    """How a generator is asked about all objects at once."""
    return input_object(
        f"{collection}AllResultsArg",
        lambda: {
            "task": GraphQLString,
            "properties": _TEXTS,
            "debug": GraphQLBoolean,
            **settings(f"{collection}GroupedResult"),
        },
    )
