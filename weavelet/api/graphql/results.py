"""What a query shows of each row: compiled once from the selection, then applied to every row of the reply.

`shape_of` turns the selection below a class field into a `Shape`: what must be fetched (`Want`), what is to be done
with the results (rerank, generate), and a function from `Reply` to JSON values. Keys come in the order of their bytes.
Vectors and distances stay float32 (numpy), so that JSON has the fewest digits that tell them apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType

from weavelet.api.graphql import additional
from weavelet.api.graphql.additional import Item, Render
from weavelet.api.graphql.schema import ClassTypes
from weavelet.api.graphql.selection import TYPENAME, Reading, Selected
from weavelet.engine.query import Generate, PickReference, Reply, Rerank, Want
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

_INT32 = range(-(2**31), 2**31)
_PHONE_DEFAULTS: Mapping[str, Any] = {"national": 0, "countryCode": 0, "valid": False}


@dataclass(frozen=True, slots=True)
class Shape:
    """How one class field is answered."""

    want: Want
    rerank: Rerank | None
    generate: Generate | None
    render: Callable[[Reply], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a compilation may look up: the document, the class's types, other classes, and how deep references go."""

    reading: Reading
    find: Callable[[str], ClassTypes | None]
    depth_limit: int
    nearby: bool = False
    """Whether the search measures distances."""
    grouped: bool = False


@dataclass(slots=True)
class _Needs:
    """What the compiled functions will read of a row. A reference is followed once, whatever shows it."""

    properties: dict[str, None] = field(default_factory=dict)
    references: dict[tuple[str, str], "_Needs"] = field(default_factory=dict)
    """By the property and the collection it points at."""
    asked: additional.Asked = field(default_factory=additional.Asked)

    def want(self) -> Want:
        references = (PickReference(name, needs.want(), target) for (name, target), needs in self.references.items())
        return Want(
            properties=(*self.properties, *references),
            vectors=frozenset(self.asked.vectors),
            explain=self.asked.explain,
            certainty=self.asked.certainty,
            profile=self.asked.profile,
        )


def shape_of(nodes: Selected, types: ClassTypes, scope: Scope) -> Shape:
    """Raises `InvalidQuery` where references nest too deeply or cannot be followed."""
    needs = _Needs()
    compiler = _Compiler(types, scope, needs, depth=0)
    show = compiler.grouped_row(nodes.nodes) if scope.grouped else compiler.row(nodes.nodes)

    def render(reply: Reply) -> list[dict[str, Any]]:
        return [show(item) for item in additional.items(reply)]

    return Shape(needs.want(), needs.asked.rerank, needs.asked.generate, render)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles what is selected of one class's objects."""

    types: ClassTypes
    scope: Scope
    needs: _Needs
    depth: int

    @property
    def collection(self) -> Collection:
        return self.types.collection

    def row(self, nodes: Sequence[Any], *unions: str) -> Render:
        fields = self.scope.reading.below(nodes, self.collection.name, *unions)
        return _object([(selected.key, self._field(selected)) for selected in fields])

    def grouped_row(self, nodes: Sequence[Any]) -> Render:
        """A row that stands for a group: nothing but `_additional` has a value."""
        fields = self.scope.reading.below(nodes, self.collection.name)
        filled = ("_additional", TYPENAME)
        return _object([(each.key, self._field(each) if each.name in filled else _null) for each in fields])

    def hit(self, nodes: Sequence[Any]) -> Render:
        """A member of a group."""
        kind = f"{self.collection.name}AdditionalGroupHits"
        compiler = additional.HitCompiler(kind, self.scope.reading, self.needs.asked)
        fields = self.scope.reading.below(nodes, kind)
        return _object([(each.key, compiler.field(each) or self._field(each)) for each in fields])

    def _field(self, selected: Selected) -> Render:
        name = selected.name
        if name == TYPENAME:
            return _constant(self.collection.name)
        if name == "_additional":
            return self._additional(selected)
        prop = self.collection.property_named(name)
        assert prop is not None
        return self._reference(prop, selected) if prop.is_reference else self._property(prop, selected)

    def _additional(self, selected: Selected) -> Render:
        kind = self.types.row.fields["_additional"].type
        assert isinstance(kind, GraphQLObjectType)
        compiler = additional.Compiler(
            collection=self.collection,
            kind=kind,
            reading=self.scope.reading,
            asked=self.needs.asked,
            nearby=self.scope.nearby,
            grouped=self.scope.grouped,
            hit=self.hit,
        )
        return compiler.whole(selected)

    def _property(self, prop: Property, selected: Selected) -> Render:
        name = prop.name
        self.needs.properties[name] = None
        owner = self.collection.name
        convert = _conversion(prop, f"{owner}_{name}", selected, self.scope.reading, owner)
        if convert is None:
            return lambda item: item.row.object.properties.get(name)

        def show(item: Item) -> Any:
            value = item.row.object.properties.get(name)
            return None if value is None else convert(value)

        return show

    # --- References

    def _reference(self, prop: Property, selected: Selected) -> Render:
        depth = self.depth + 1
        if depth >= self.scope.depth_limit:
            raise InvalidQuery(
                f"nested references depth exceeds QUERY_CROSS_REFERENCE_DEPTH_LIMIT ({self.scope.depth_limit})"
            )
        union = f"{self.collection.name}{prop.name[:1].upper()}{prop.name[1:]}Obj"
        if self.scope.reading.below(selected.nodes, "Beacon"):
            self._refuse_beacons(selected)
        renders = {target: self._referenced(prop, target, selected, union, depth) for target in prop.targets}
        known = {target: render for target, render in renders.items() if render is not None}
        name = prop.name

        def show(item: Item) -> Any:
            rows = item.row.references.get(name, ())
            shown = [known[row.object.collection](Item(row)) for row in rows if row.object.collection in known]
            return shown or None

        return show

    def _refuse_beacons(self, selected: Selected) -> None:
        own = [each for each in self.scope.reading.below(selected.nodes, "Beacon") if each.name == "beacon"]
        if own:
            raise InvalidQuery("retrieving cross-refs by beacon is not supported yet - coming soon!")

    def _referenced(self, prop: Property, target: str, selected: Selected, union: str, depth: int) -> Render | None:
        """How objects of one target are shown; None where the query selects nothing of them."""
        types = self.scope.find(target)
        if types is None or not self.scope.reading.below(selected.nodes, target, union):
            return None
        needs = self.needs.references.setdefault((prop.name, target), _Needs())
        scope = Scope(self.scope.reading, self.scope.find, self.scope.depth_limit)
        return _Compiler(types, scope, needs, depth).row(selected.nodes, union)


# --- Values ----------------------------------------------------------------------------------------------------------

Convert = Callable[[Any], Any]


def _conversion(prop: Property, path: str, selected: Selected, reading: Reading, collection: str) -> Convert | None:
    """From the stored value to the shown one; None where they are the same."""
    match prop.type:
        case DataType.GEO:
            kind = f"{collection}{prop.name}GeoCoordinatesObj"
            return _keys(_names(reading, selected, kind), {}, kind)
        case DataType.PHONE:
            kind = f"{collection}{prop.name}PhoneNumberObj"
            return _keys(_names(reading, selected, kind), _PHONE_DEFAULTS, kind, "")
        case DataType.OBJECT:
            return _nested(prop, path, selected, reading, collection)
        case DataType.OBJECT_ARRAY:
            one = _nested(prop, path, selected, reading, collection)
            return lambda values: [one(value) for value in values]
        case DataType.INT:
            return _int
        case DataType.INT_ARRAY:
            return lambda values: [_int(value) for value in values]
        case _:
            return None


def _int(value: Any) -> int | None:
    """GraphQL's Int has 32 bits; what does not fit is null."""
    whole = int(value)
    return whole if whole in _INT32 else None


def _names(reading: Reading, selected: Selected, kind: str) -> list[tuple[str, str]]:
    return [(each.key, each.name) for each in reading.below(selected.nodes, kind)]


def _keys(names: list[tuple[str, str]], defaults: Mapping[str, Any], kind: str, default: Any = None) -> Convert:
    wanted = [(key, name, defaults.get(name, default)) for key, name in names]
    return lambda value: {key: kind if name == TYPENAME else value.get(name, missing) for key, name, missing in wanted}


def _nested(prop: Property, path: str, selected: Selected, reading: Reading, collection: str) -> Convert:
    """An object property shows the nested properties that are selected."""
    kind = f"{path}_object"
    known = {each.name: each for each in prop.nested}
    shown: list[tuple[str, str, Convert | None]] = []
    for each in reading.below(selected.nodes, kind):
        below = known.get(each.name)
        convert = _conversion(below, f"{kind}_{each.name}", each, reading, collection) if below else None
        shown.append((each.key, each.name, convert))

    def convert_object(value: Any) -> dict[str, Any]:
        return {key: kind if name == TYPENAME else _converted(value.get(name), convert) for key, name, convert in shown}

    return convert_object


def _converted(value: Any, convert: Convert | None) -> Any:
    return value if value is None or convert is None else convert(value)


# --- Renders ---------------------------------------------------------------------------------------------------------


def _object(fields: list[tuple[str, Render]]) -> Render:
    return lambda item: {key: render(item) for key, render in fields}


def _constant(value: Any) -> Render:
    return lambda item: value


def _null(_: Item) -> None:
    return None
