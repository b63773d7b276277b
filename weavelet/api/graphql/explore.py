"""What is the same for every catalogue: `Explore`, and the type that stands for a reference nobody follows.

`Explore` searches all collections at once. Its types never change, so they are declared with strawberry, which also
reads the arguments; the types of collections come and go with the schema and are made in `schema.py` instead. Calls
`Searcher.explore` and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NewType, cast

import strawberry
from graphql import GraphQLField, GraphQLObjectType, ValueNode
from strawberry.schema.config import StrawberryConfig

from weavelet.api.graphql.scalars import vector_from_literal, vector_from_value
from weavelet.engine.query import Cut, Near, NearObject, NearText, NearVector
from weavelet.errors import InvalidQuery
from weavelet.schema.objects import Vector, beacon
from weavelet.schema.references import Beacon as Source
from weavelet.schema.references import parse_beacon
from weavelet.search import Explored, Searcher

DEFAULT_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Context:
    """What the resolver is given."""

    searcher: Searcher
    headers: Mapping[str, str]


@strawberry.type(name="Beacon", description="")
class Beacon:
    beacon: str | None = strawberry.field(default=None, description="")


@strawberry.type(name="ExploreObj", description="An object found in any of the collections")
class Found:
    beacon: str | None
    class_name: str | None
    certainty: float | None
    distance: float | None


def _literal(node: ValueNode, _variables: object = None) -> Vector:
    return vector_from_literal(node)


ExploredVector = NewType("ExploredVector", Vector)
_VECTOR = strawberry.scalar(
    name="ExploreNearVectorVectorScalar",
    parse_value=vector_from_value,
    parse_literal=_literal,
)


@strawberry.input(name="ExploreNearVectorInpObj")
class VectorInput:
    vector: ExploredVector
    certainty: float | None = None
    distance: float | None = None


@strawberry.input(name="ExploreNearObjectInpObj")
class ObjectInput:
    id: str | None = None
    beacon: str | None = None
    certainty: float | None = None
    distance: float | None = None


@strawberry.input(name="ExploreNearTextInpObj")
class TextInput:
    concepts: list[str]
    certainty: float | None = None
    distance: float | None = None


Info = strawberry.Info[Context, None]


def _explore(
    info: Info,
    limit: int | None = None,
    offset: int | None = None,
    near_vector: VectorInput | None = None,
    near_object: ObjectInput | None = None,
    near_text: TextInput | None = None,
) -> list[Found] | None:
    near = _near([near_vector, near_object, near_text])
    page = (DEFAULT_LIMIT if limit is None else limit, offset or 0)
    if min(page) < 0:
        raise InvalidQuery(f"limit and offset must not be negative, got {page[0]} and {page[1]}")
    found = info.context.searcher.explore(near, *page, info.context.headers)
    return [_shown(row) for row in found]


@strawberry.type(name="WeaviateObj")
class Root:
    explore: list[Found] | None = strawberry.field(
        resolver=_explore, name="Explore", description="Explore Concepts on any collection"
    )


def _near(given: list[VectorInput | ObjectInput | TextInput | None]) -> Near:
    asked = [near for near in given if near is not None]
    if len(asked) != 1:
        raise InvalidQuery("Explore needs exactly one of the arguments nearVector, nearObject, nearText")
    near = asked[0]
    if near.certainty is not None and near.distance is not None:
        raise InvalidQuery("cannot provide distance and certainty")
    cut = Cut(near.distance, near.certainty)
    match near:
        case VectorInput():
            return NearVector((near.vector,), cut=cut)
        case ObjectInput():
            source = Source("", near.id or "") if near.id or not near.beacon else parse_beacon(near.beacon)
            return NearObject(source.id, cut=cut, collection=source.collection)
        case TextInput():
            return NearText(tuple(near.concepts), cut=cut)


def _shown(row: Explored) -> Found:
    return Found(
        beacon=beacon(row.collection, row.id),
        class_name=row.collection,
        certainty=row.certainty,
        distance=row.distance,
    )


@cache
def _schema() -> strawberry.Schema:
    return strawberry.Schema(query=Root, types=[Beacon], config=StrawberryConfig(scalar_map={ExploredVector: _VECTOR}))


def _type(name: str) -> GraphQLObjectType:
    return cast(GraphQLObjectType, _schema().schema_converter.type_map[name].implementation)


def beacon_type() -> GraphQLObjectType:
    """What a reference is where its target is not followed."""
    return _type("Beacon")


def explore_field() -> GraphQLField:
    """The field `Explore` of the root, with its resolver."""
    fields: Mapping[str, GraphQLField] = _type("WeaviateObj").fields
    return fields["Explore"]
