"""The types of what one class answers, in Get and in Aggregate, under the names the original gives them.

Fields are made when they are first asked for. Nothing here resolves anything: `selection.py` and `aggregate.py` read
the values straight from the engine's replies. Imports `graphql` and the schema's values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLInt,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    GraphQLUnionType,
)

from weavelet.api.graphql import generators, inputs
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

Fields = Mapping[str, GraphQLOutputType | GraphQLField]

SCALARS: dict[DataType, GraphQLScalarType] = {
    DataType.TEXT: GraphQLString,
    DataType.DATE: GraphQLString,
    DataType.UUID: GraphQLString,
    DataType.BLOB: GraphQLString,
    DataType.BLOB_HASH: GraphQLString,
    DataType.INT: GraphQLInt,
    DataType.NUMBER: GraphQLFloat,
    DataType.BOOLEAN: GraphQLBoolean,
}

_TEXTS: GraphQLOutputType = GraphQLList(GraphQLString)
_FLOATS: GraphQLOutputType = GraphQLList(GraphQLFloat)
_RERANK: Mapping[str, GraphQLScalarType] = {
    "property": GraphQLString,
    "query": GraphQLString,
    "module": GraphQLString,
    "candidates": GraphQLInt,
    "minimumScore": GraphQLFloat,
    "mix": GraphQLFloat,
}
"""The original has the first two of these."""
_ID = "The UUID of a Object, assigned by its local Weaviate"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a class can be asked because of the modules that serve it."""

    near_text: bool = False
    rerank: bool = False
    generate: bool = False
    generators: tuple[str, ...] = ()
    """Those that a query may choose among, under their names in GraphQL."""


def described(kind: GraphQLOutputType | GraphQLField, description: str = "") -> GraphQLField:
    return kind if isinstance(kind, GraphQLField) else GraphQLField(kind, description=description)


def object_type(name: str, fields: Callable[[], Fields], description: str = "") -> GraphQLObjectType:
    """A type whose fields are made on first use."""
    return GraphQLObjectType(
        name, lambda: {key: described(kind) for key, kind in fields().items()}, description=description
    )


# --- Get -------------------------------------------------------------------------------------------------------------


ClassType = Callable[[str], GraphQLObjectType | None]


@dataclass(frozen=True, slots=True)
class GetTypes:
    """Makes the types of one class. `class_type` gives those of others, by name, for what references point at."""

    collection: Collection
    abilities: Abilities
    class_type: ClassType
    beacon: GraphQLObjectType

    def row(self) -> GraphQLObjectType:
        def fields() -> Fields:
            return {**self._properties(), "_additional": self._additional()}

        return object_type(self.collection.name, fields, self.collection.description)

    def _properties(self) -> Fields:
        return {
            prop.name: GraphQLField(kind, description=prop.description)
            for prop in self.collection.properties
            if (kind := self._property(prop)) is not None
        }

    def _property(self, prop: Property) -> GraphQLOutputType | None:
        name = self.collection.name
        match prop.type:
            case DataType.REFERENCE:
                return self._reference(prop)
            case DataType.GEO:
                kind = f"{name}{prop.name}GeoCoordinatesObj"
                return object_type(kind, lambda: dict.fromkeys(("latitude", "longitude"), GraphQLFloat))
            case DataType.PHONE:
                return _phone_number(f"{name}{prop.name}PhoneNumberObj")
            case _:
                return value_type(f"{name}_{prop.name}", prop)

    def _reference(self, prop: Property) -> GraphQLOutputType:
        def types() -> list[GraphQLObjectType]:
            known = [kind for target in prop.targets if (kind := self.class_type(target)) is not None]
            return [*known, self.beacon]

        name = f"{self.collection.name}{prop.name[:1].upper()}{prop.name[1:]}Obj"
        return GraphQLList(GraphQLUnionType(name, types, description=""))

    # --- _additional

    def _additional(self) -> GraphQLObjectType:
        name = f"{self.collection.name}Additional"

        def fields() -> Fields:
            return {
                "id": GraphQLField(GraphQLString, description=_ID),
                "vector": _FLOATS,
                **dict.fromkeys(("certainty", "distance"), GraphQLFloat),
                **dict.fromkeys(
                    ("creationTimeUnix", "lastUpdateTimeUnix", "score", "explainScore", "queryProfile"), GraphQLString
                ),
                "classification": _classification(f"{name}Classification"),
                "group": self._group(f"{name}Group"),
                **self._vectors(),
                **self._by_modules(name),
                **({"isConsistent": GraphQLBoolean} if is_replicated(self.collection) else {}),
            }

        return object_type(name, fields)

    def _vectors(self) -> Fields:
        names = self.collection.named_vectors
        if not names:
            return {}
        name = f"{self.collection.name}AdditionalVectors"

        def fields() -> Fields:
            return {
                each: GraphQLList(_FLOATS) if self.collection.vectors[each].index.multivector else _FLOATS
                for each in names
            }

        return {"vectors": object_type(name, fields)}

    def _by_modules(self, name: str) -> Fields:
        found: dict[str, GraphQLField] = {}
        if self.abilities.rerank:
            reranker = object_type(f"{name}Reranker", lambda: {"score": GraphQLFloat})
            found["rerank"] = GraphQLField(
                GraphQLList(reranker),
                inputs.arguments(_RERANK),
                description="",
            )
        if self.abilities.generate:
            found["generate"] = self._generate(f"{name}Generate")
        return found

    def _generate(self, name: str) -> GraphQLField:
        collection = self.collection.name
        debug = object_type(f"{collection}DebugFields", lambda: {"prompt": GraphQLString})
        chosen = self.abilities.generators

        def settings(prefix: str) -> inputs.Fields:
            return generators.settings_types(prefix, chosen)

        def fields() -> Fields:
            texts = dict.fromkeys(("singleResult", "groupedResult", "error"), GraphQLString)
            return {**texts, "debug": debug, **generators.told_types(collection, chosen)}

        given = {
            "singleResult": inputs.single_result(collection, settings),
            "groupedResult": inputs.grouped_result(collection, settings),
        }
        return GraphQLField(object_type(name, fields), inputs.arguments(given), description="")

    def _group(self, name: str) -> GraphQLObjectType:
        def fields() -> Fields:
            return {
                "id": GraphQLInt,
                "groupedBy": object_type(f"{name}GroupedBy", lambda: {"path": _TEXTS, "value": GraphQLString}),
                "minDistance": GraphQLFloat,
                "maxDistance": GraphQLFloat,
                "count": GraphQLInt,
                "hits": GraphQLList(self._hits(f"{name}Hits")),
            }

        return object_type(name, fields)

    def _hits(self, name: str) -> GraphQLObjectType:
        additional = object_type(
            f"{name}Additional",
            lambda: {
                "id": GraphQLField(GraphQLString, description=_ID),
                "vector": _FLOATS,
                "distance": GraphQLFloat,
            },
        )
        return object_type(name, lambda: {**self._hit_properties(), "_additional": additional})

    def _hit_properties(self) -> Fields:
        """The class's own fields, so that every type there is exists once."""
        row = self.class_type(self.collection.name)
        own = row.fields if row is not None else {}
        return {name: field for name, field in own.items() if name != "_additional"}


def is_replicated(collection: Collection) -> bool:
    factor = collection.replication.get("factor", 1)
    return isinstance(factor, int) and factor > 1


def value_type(name: str, prop: Property) -> GraphQLOutputType | None:
    """The type of a property that may also be nested; `name` is that of the object type it would need."""
    if prop.type in (DataType.OBJECT, DataType.OBJECT_ARRAY):
        kind: GraphQLOutputType | None = _nested(name, prop)
    else:
        kind = SCALARS.get(prop.type.element)
    return GraphQLList(kind) if kind is not None and prop.type.is_array else kind


def _nested(name: str, prop: Property) -> GraphQLObjectType:
    def fields() -> Fields:
        return {
            each.name: GraphQLField(kind, description=each.description)
            for each in prop.nested
            if (kind := value_type(f"{name}_{each.name}", each)) is not None
        }

    return object_type(f"{name}_object", fields)


def _phone_number(name: str) -> GraphQLObjectType:
    def fields() -> Fields:
        texts = ("input", "internationalFormatted", "nationalFormatted", "defaultCountry")
        return {
            **dict.fromkeys(texts, GraphQLString),
            **dict.fromkeys(("national", "countryCode"), GraphQLInt),
            "valid": GraphQLBoolean,
        }

    return object_type(name, fields)


def _classification(name: str) -> GraphQLObjectType:
    def fields() -> Fields:
        return {
            **dict.fromkeys(("id", "completed"), GraphQLString),
            **dict.fromkeys(("basedOn", "classifiedFields", "scope"), _TEXTS),
        }

    return object_type(name, fields)


# --- Aggregate -------------------------------------------------------------------------------------------------------


def aggregate_type(collection: Collection) -> GraphQLObjectType:
    name = f"Aggregate{collection.name}"

    def fields() -> Fields:
        return {
            **_aggregated_properties(name, collection),
            "meta": GraphQLField(
                object_type(f"{name}MetaObject", lambda: {"count": GraphQLInt}),
                description="An object used to Get Meta information about Objects on a local Weaviate",
            ),
            "groupedBy": GraphQLField(
                object_type(f"{name}GroupedByObj", lambda: {"path": _TEXTS, "value": GraphQLString}),
                description="Indicates the group of returned data",
            ),
        }

    return object_type(name, fields, collection.description)


def _aggregated_properties(name: str, collection: Collection) -> Fields:
    return {
        prop.name: GraphQLField(
            object_type(f"{name}{prop.name}Obj", lambda make=make, prop=prop: make(f"{name}{prop.name}")),  # type: ignore[misc]
            description=f'Aggregate this property"{prop.name}"',
        )
        for prop in collection.properties
        if (make := _METRICS.get(prop.type.element)) is not None
    }


def _of_numbers(_: str) -> Fields:
    return {
        "count": GraphQLInt,
        **dict.fromkeys(("sum", "mean", "median", "mode", "minimum", "maximum"), GraphQLFloat),
        "type": GraphQLString,
    }


def _of_dates(_: str) -> Fields:
    return {"count": GraphQLInt, **dict.fromkeys(("median", "mode", "minimum", "maximum"), GraphQLString)}


def _of_booleans(_: str) -> Fields:
    return {
        **dict.fromkeys(("count", "totalTrue", "totalFalse"), GraphQLInt),
        **dict.fromkeys(("percentageTrue", "percentageFalse"), GraphQLFloat),
        "type": GraphQLString,
    }


def _of_texts(name: str) -> Fields:
    occurrence = object_type(f"{name}TopOccurrencesObj", lambda: {"value": GraphQLString, "occurs": GraphQLInt})
    top = GraphQLField(GraphQLList(occurrence), inputs.arguments({"limit": GraphQLInt}), description="")
    return {"count": GraphQLInt, "type": GraphQLString, "topOccurrences": top}


def _of_references(_: str) -> Fields:
    return {"type": GraphQLString, "pointingTo": _TEXTS}


_METRICS: dict[DataType, Callable[[str], Fields]] = {
    DataType.INT: _of_numbers,
    DataType.NUMBER: _of_numbers,
    DataType.DATE: _of_dates,
    DataType.BOOLEAN: _of_booleans,
    DataType.TEXT: _of_texts,
    DataType.BLOB: _of_texts,
    DataType.REFERENCE: _of_references,
}
