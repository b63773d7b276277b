"""The GraphQL schema of the present catalogue, made only as far as queries touch it.

`Schemas.current()` gives the `CatalogueSchema` of the catalogue's version. That makes one field per collection and
alias at once, and everything below a field when it is first used; only introspection, which may ask for anything,
makes all types there are. graphql-core validates against these types; nothing here resolves fields.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from threading import Lock, RLock

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    NamedTypeNode,
    Visitor,
    get_named_type,
    visit,
)

from weavelet.api.graphql import explore, inputs, outputs
from weavelet.api.graphql.outputs import Abilities
from weavelet.api.graphql.scalars import vector_scalar
from weavelet.schema.collection import Collection

ROOT = "WeaviateObj"
INTROSPECTION = frozenset({"__schema", "__type"})
_MOST_REMEMBERED = 512
_LONGEST_REMEMBERED = 10_000
_SCALARS = (GraphQLBoolean, GraphQLFloat, GraphQLInt, GraphQLString)


class ClassTypes:
    """The types of one collection."""

    def __init__(self, collection: Collection, abilities: Abilities, class_type: outputs.ClassType) -> None:
        self.collection = collection
        self._abilities = abilities
        self._class_type = class_type

    @cached_property
    def row(self) -> GraphQLObjectType:
        beacon = explore.beacon_type()
        return outputs.GetTypes(self.collection, self._abilities, self._class_type, beacon).row()

    @cached_property
    def get(self) -> GraphQLField:
        """The field of this collection in Get."""
        return GraphQLField(GraphQLList(self.row), self._get_arguments(), description=self.collection.description)

    @cached_property
    def aggregate(self) -> GraphQLField:
        """The field of this collection in Aggregate."""
        kind = GraphQLList(outputs.aggregate_type(self.collection))
        return GraphQLField(kind, self._aggregate_arguments(), description=self.collection.description)

    def _get_arguments(self) -> inputs.Arguments:
        name = self.collection.name
        prefix = f"GetObjects{name}"
        vector = vector_scalar(f"{prefix}NearVectorVectorScalar")
        types: dict[str, GraphQLInputType] = {
            **dict.fromkeys(("limit", "offset", "autocut"), GraphQLInt),
            "after": GraphQLString,
            "sort": inputs.sort(prefix),
            "where": inputs.where(prefix),
            "nearVector": inputs.near_vector(prefix, vector, f"{prefix}nearVectorTargetInpObj"),
            "nearObject": inputs.near_object(prefix, f"{prefix}nearObjectTargetInpObj"),
            "bm25": inputs.bm25(prefix),
            "hybrid": inputs.get_hybrid(prefix, name),
            "group": inputs.group(prefix),
            "groupBy": inputs.group_by(prefix),
        }
        if self._abilities.near_text:
            types["nearText"] = inputs.near_text(prefix, f"{prefix}nearTextTargetInpObj")
        if outputs.is_replicated(self.collection):
            levels = ("ONE", "QUORUM", "ALL")
            types["consistencyLevel"] = inputs.enum(
                f"{prefix}ConsistencyLevelEnum", dict(zip(levels, levels, strict=True))
            )
        return inputs.arguments({**types, **self._tenant()})

    def _aggregate_arguments(self) -> inputs.Arguments:
        name = self.collection.name
        prefix = f"AggregateObjects{name}"
        types: dict[str, GraphQLInputType] = {
            **dict.fromkeys(("limit", "objectLimit"), GraphQLInt),
            "groupBy": GraphQLList(GraphQLString),
            "where": inputs.where(prefix),
            "nearVector": inputs.near_vector(prefix, vector_scalar(f"{prefix}NearVectorVectorScalar")),
            "nearObject": inputs.near_object(prefix),
            "hybrid": inputs.aggregate_hybrid(prefix, name),
        }
        if self._abilities.near_text:
            types["nearText"] = inputs.near_text(prefix)
        return inputs.arguments({**types, **self._tenant()})

    def _tenant(self) -> inputs.Fields:
        return {"tenant": GraphQLString} if self.collection.multi_tenancy.enabled else {}


class CatalogueSchema:
    """The types for one state of the catalogue."""

    def __init__(
        self,
        collections: Mapping[str, Collection],
        aliases: Mapping[str, str],
        abilities: Callable[[Collection], Abilities],
        *,
        with_explore: bool,
    ) -> None:
        self._collections = collections
        self._abilities = abilities
        self._with_explore = with_explore
        self._classes: dict[str, ClassTypes] = {}
        named = {alias: target for alias, target in aliases.items() if target in collections}
        self._fields = {**{name: name for name in sorted(collections)}, **named}
        self.lock = RLock()
        """Held while types are made: while a document is validated."""
        self._valid: dict[str, GraphQLSchema] = {}

    def of_class(self, field: str) -> ClassTypes:
        """The types behind a field of Get or Aggregate: a collection's name, or an alias."""
        name = self._fields[field]
        if name not in self._classes:
            collection = self._collections[name]
            self._classes[name] = ClassTypes(collection, self._abilities(collection), self.class_type)
        return self._classes[name]

    def find(self, collection: str) -> ClassTypes | None:
        """The types of a collection, or None where there is none of that name."""
        return self.of_class(collection) if collection in self._collections else None

    def class_type(self, name: str) -> GraphQLObjectType | None:
        types = self.find(name)
        return types.row if types is not None else None

    @cached_property
    def root(self) -> GraphQLObjectType:
        return GraphQLObjectType(ROOT, self._root_fields, description="Location of the root query")

    def _root_fields(self) -> Mapping[str, GraphQLField]:
        get = outputs.object_type(
            "GetObjectsObj",
            lambda: {name: self.of_class(name).get for name in self._fields},
            "An object used to get %ss on a local Weaviate",
        )
        aggregate = outputs.object_type(
            "AggregateObjectsObj",
            lambda: {name: self.of_class(name).aggregate for name in self._fields},
            "An object allowing Aggregation of Objects",
        )
        fields = {
            "Get": GraphQLField(get, description="Get Objects on a local Weaviate"),
            "Aggregate": GraphQLField(
                aggregate,
                description="Filter options for a local Aggregate query, used to convert the result to the specified "
                "filters",
            ),
        }
        return {**fields, **({"Explore": explore.explore_field()} if self._with_explore else {})}

    def for_document(self, document: DocumentNode) -> GraphQLSchema:
        """A schema with all that the document can refer to. Call it, and use the schema, with `lock` held."""
        mentioned = _Mentioned()
        visit(document, mentioned)
        if mentioned.introspects:
            return self._everything
        for name in mentioned.types - self._touched.type_map.keys():
            self._touched.type_map.update(self._types_named(name))
        return self._touched

    def known(self, outline: str) -> GraphQLSchema | None:
        """The schema for documents of that outline, where one has been found valid."""
        return self._valid.get(outline)

    def remember(self, outline: str, schema: GraphQLSchema) -> None:
        if len(outline) > _LONGEST_REMEMBERED:
            return
        if len(self._valid) >= _MOST_REMEMBERED:
            self._valid.clear()
        self._valid[outline] = schema

    @cached_property
    def _everything(self) -> GraphQLSchema:
        return GraphQLSchema(self.root, types=_SCALARS, assume_valid=True)

    @cached_property
    def _touched(self) -> GraphQLSchema:
        """A schema whose map of types holds only those that documents have named so far."""
        schema = GraphQLSchema(assume_valid=True, types=[*_SCALARS, explore.beacon_type()])
        schema.query_type = self.root
        return schema

    def _types_named(self, name: str) -> Mapping[str, GraphQLNamedType]:
        """Every type's name contains that of its collection, but for the few at the root."""
        if (row := self.class_type(name)) is not None:
            return {name: row}
        holders = [each for each in self._collections if each in name]
        fields = [field for each in holders for field in (self.of_class(each).get, self.of_class(each).aggregate)]
        below_root = [get_named_type(field.type) for field in self.root.fields.values()]
        found = {kind.name: kind for kind in (self.root, *below_root, *_reachable(fields))}
        return {name: found[name]} if name in found else {}


def _reachable(fields: list[GraphQLField]) -> Iterator[GraphQLNamedType]:
    """The types of the fields, of their arguments, and of all below them."""
    seen: set[str] = set()
    waiting = [kind for field in fields for kind in _types_of(field)]
    while waiting:
        kind = waiting.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        yield kind
        if isinstance(kind, GraphQLObjectType):
            waiting.extend(below for field in kind.fields.values() for below in _types_of(field))
        elif isinstance(kind, GraphQLInputObjectType):
            waiting.extend(get_named_type(field.type) for field in kind.fields.values())


def _types_of(field: GraphQLField) -> list[GraphQLNamedType]:
    return [get_named_type(field.type), *(get_named_type(argument.type) for argument in field.args.values())]


class _Mentioned(Visitor):
    """Which types a document names, and whether it asks about the schema itself."""

    def __init__(self) -> None:
        super().__init__()
        self.types: set[str] = set()
        self.introspects = False

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        self.types.add(node.name.value)

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.introspects = self.introspects or node.name.value in INTROSPECTION


class Schemas:
    """The newest schema of a catalogue that changes."""

    def __init__(self, version: Callable[[], int], build: Callable[[], CatalogueSchema]) -> None:
        self._version = version
        self._build = build
        self._current: tuple[int, CatalogueSchema] | None = None
        self._lock = Lock()

    def current(self) -> CatalogueSchema:
        version = self._version()
        with self._lock:
            if self._current is None or self._current[0] != version:
                self._current = (version, self._build())
            return self._current[1]
