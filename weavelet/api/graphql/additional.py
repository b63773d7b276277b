"""The `_additional` part of a row: what is known of an object beside its properties, each under its own field.

Compiled like the rest of a row (see `results.py`): `Compiler.whole` gives a function from an `Item` to the JSON value,
and notes in `Asked` what the search must bring for it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type

from weavelet.api.graphql.generators import chosen, field_is_told, field_of
from weavelet.api.graphql.selection import TYPENAME, Reading, Selected
from weavelet.engine.number_text import float32_text
from weavelet.engine.query import Generate, Generated, Group, Profile, Reply, Rerank, Row, property_names
from weavelet.schema.collection import UNNAMED, Collection


@dataclass(frozen=True, slots=True)
class Item:
    """One element of an answer's list: a row, or a group with its first row; `together` is written for all of them."""

    row: Row
    group: Group | None = None
    together: Generated | None = None
    profile: Profile | None = None


Render = Callable[[Item], Any]


def items(reply: Reply) -> Iterator[Item]:
    """The reply's elements; what belongs to all of them rides on the first."""
    pairs: list[tuple[Row, Group | None]] = [(row, None) for row in reply.rows]
    if reply.groups is not None:
        pairs = [(group.rows[0], group) for group in reply.groups if group.rows]
    together, profile = reply.generated, reply.profile
    for row, group in pairs:
        yield Item(row, group, together, profile)
        together = profile = None


@dataclass(slots=True)
class Asked:
    """What the selected fields need of the search."""

    vectors: set[str] = field(default_factory=set)
    explain: bool = False
    certainty: bool = False
    profile: bool = False
    rerank: Rerank | None = None
    generate: Generate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """Compiles the `_additional` of one class's rows. `hit` compiles the members of a group."""

    collection: Collection
    kind: GraphQLObjectType
    reading: Reading
    asked: Asked
    nearby: bool
    grouped: bool
    hit: Callable[[Sequence[FieldNode]], Render]

    def whole(self, selected: Selected) -> Render:
        fields = self.reading.below(selected.nodes, self.kind.name)
        renders = [(each.key, self._field(each)) for each in fields]
        if any(self._is_always_known(each.name) for each in fields):
            return lambda item: {key: render(item) for key, render in renders}

        def show(item: Item) -> Any:
            shown = {key: render(item) for key, render in renders}
            return shown if any(value is not None for value in shown.values()) else None

        return show

    def _is_always_known(self, name: str) -> bool:
        """Where nothing else is selected, an `_additional` of which nothing is known is null itself."""
        if name in ("distance", "certainty"):
            return self.nearby or self.grouped
        return self.grouped or name not in ("classification", "group", "generate", "rerank", "queryProfile")

    def _field(self, selected: Selected) -> Render:
        match selected.name:
            case "group":
                return self._group(selected) if self.grouped else _null
            case "rerank":
                return self._rerank(selected)
            case "generate":
                return self._generate(selected)
            case "queryProfile":
                self.asked.profile = True
                return _query_profile
            case "__typename":
                return _constant(self.kind.name)
            case _:
                return _null if self.grouped else self._of_row(selected)

    def _of_row(self, selected: Selected) -> Render:
        match selected.name:
            case "vector":
                self.asked.vectors.add(UNNAMED)
                return _vector
            case "vectors":
                return self._vectors(selected)
            case "distance":
                return _distance if self.nearby else _null
            case "certainty":
                self.asked.certainty = True
                return _certainty if self.nearby else _null
            case "explainScore":
                self.asked.explain = True
                return lambda item: item.row.explain
            case name:
                return _PLAIN.get(name, _null)

    def _vectors(self, selected: Selected) -> Render:
        kind = f"{self.collection.name}AdditionalVectors"
        names = [(each.key, each.name) for each in self.reading.below(selected.nodes, kind)]
        self.asked.vectors.update(name for _, name in names if name != TYPENAME)
        return lambda item: {
            key: kind if name == TYPENAME else item.row.object.vectors.get(name) for key, name in names
        }

    # --- What modules add

    def _arguments(self, selected: Selected) -> dict[str, Any]:
        definition: GraphQLField = self.kind.fields[selected.name]
        return self.reading.arguments(definition, selected.nodes[0])

    def _rerank(self, selected: Selected) -> Render:
        given = self._arguments(selected)
        self.asked.rerank = Rerank(
            property_names(given.get("property") or ""),
            given.get("query"),
            given.get("module") or None,
            given.get("candidates"),
            given.get("minimumScore"),
            given.get("mix"),
        )
        kind = f"{self.kind.name}Reranker"
        keys = [(each.key, each.name) for each in self.reading.below(selected.nodes, kind)]

        def show(item: Item) -> Any:
            score = item.row.rerank_score if item.group is None else item.group.rerank_score
            return None if score is None else [{key: kind if name == TYPENAME else score for key, name in keys}]

        return show

    def _generate(self, selected: Selected) -> Render:
        given = self._arguments(selected)
        single, grouped = given.get("singleResult") or {}, given.get("groupedResult") or {}
        kind: GraphQLObjectType = self.kind.fields["generate"].type
        fields = self.reading.below(selected.nodes, kind.name)
        provider, options = chosen(single, grouped)
        self.asked.generate = Generate(
            prompt=single.get("prompt"),
            task=grouped.get("task"),
            task_properties=tuple(grouped.get("properties") or ()),
            provider=provider,
            options=options,
            debug=bool(single.get("debug") or grouped.get("debug")),
            metadata=any(field_is_told(each.name) for each in fields),
        )
        renders = [(each.key, self._generated(each, kind)) for each in fields]

        def show(item: Item) -> Any:
            own = item.row.generated if item.group is None else item.group.generated
            nothing = own is None and item.together is None
            return None if nothing else {key: render(item) for key, render in renders}

        return show

    def _generated(self, selected: Selected, kind: GraphQLObjectType) -> Render:
        match selected.name:
            case "singleResult":
                return lambda item: _written(item.row.generated if item.group is None else item.group.generated)
            case "groupedResult":
                return lambda item: _written(item.together)
            case "error":
                return _generation_error
            case "debug":
                below = f"{self.collection.name}DebugFields"
                keys = [(each.key, each.name) for each in self.reading.below(selected.nodes, below)]
                return lambda item: {key: below if name == TYPENAME else _prompt(item) for key, name in keys}
            case name if name in kind.fields:
                show = self._told(selected, kind.fields[name])
                return lambda item: show(_metadata(item, name))
            case _:
                return _constant(kind.name)

    def _told(self, selected: Selected, field: GraphQLField) -> Callable[[Any], Any]:
        """What a generator told of its work, as it is selected; what it did not tell is null."""
        kind = get_named_type(field.type)
        if not isinstance(kind, GraphQLObjectType):
            return lambda value: value
        own = {
            each.key: (each.name, None if each.name == TYPENAME else self._told(each, kind.fields[each.name]))
            for each in self.reading.below(selected.nodes, kind.name)
        }

        def show(value: Any) -> Any:
            if isinstance(value, list):
                return [show(one) for one in value]
            if not isinstance(value, Mapping):
                return None
            return {key: kind.name if below is None else below(value.get(name)) for key, (name, below) in own.items()}

        return show

    # --- Groups

    def _group(self, selected: Selected) -> Render:
        kind = f"{self.kind.name}Group"
        renders = [(each.key, self._of_group(each, kind)) for each in self.reading.below(selected.nodes, kind)]

        def show(item: Item) -> Any:
            return None if item.group is None else {key: render(item.group) for key, render in renders}

        return show

    def _of_group(self, selected: Selected, kind: str) -> Callable[[Group], Any]:
        match selected.name:
            case "id":
                return lambda group: group.index
            case "count":
                return lambda group: len(group.rows)
            case "minDistance":
                return lambda group: np.float32(group.min_distance)
            case "maxDistance":
                return lambda group: np.float32(group.max_distance)
            case "groupedBy":
                keys = [(each.key, each.name) for each in self.reading.below(selected.nodes, f"{kind}GroupedBy")]
                return lambda group: {key: _grouped_by(group, name, kind) for key, name in keys}
            case "hits":
                render = self.hit(selected.nodes)
                return lambda group: [render(Item(row)) for row in group.rows]
            case _:
                return lambda group: kind


@dataclass(frozen=True, slots=True)
class HitCompiler:
    """Compiles what is not a property of a group's member."""

    kind: str
    reading: Reading
    asked: Asked

    def field(self, selected: Selected) -> Render | None:
        """None for a property."""
        if selected.name == TYPENAME:
            return _constant(self.kind)
        if selected.name != "_additional":
            return None
        kind = f"{self.kind}Additional"
        renders = [(each.key, self._additional(each.name, kind)) for each in self.reading.below(selected.nodes, kind)]
        return lambda item: {key: render(item) for key, render in renders}

    def _additional(self, name: str, kind: str) -> Render:
        match name:
            case "id":
                return _PLAIN["id"]
            case "vector":
                self.asked.vectors.add(UNNAMED)
                return _vector
            case "distance":
                return lambda item: np.float32(item.row.distance or 0.0)
            case _:
                return _constant(kind)


# --- Values ----------------------------------------------------------------------------------------------------------


def _null(_: Item) -> None:
    return None


def _constant(value: Any) -> Render:
    return lambda item: value


def _vector(item: Item) -> Any:
    vector = item.row.object.vectors.get(UNNAMED)
    return [] if vector is None else vector


def _distance(item: Item) -> Any:
    return None if item.row.distance is None else np.float32(item.row.distance)


def _certainty(item: Item) -> float | None:
    return item.row.certainty


def _score(item: Item) -> str:
    return "0" if item.row.score is None else float32_text(item.row.score)


_PLAIN: dict[str, Render] = {
    "id": lambda item: item.row.object.id,
    "creationTimeUnix": lambda item: str(item.row.object.created_ms),
    "lastUpdateTimeUnix": lambda item: str(item.row.object.updated_ms),
    "score": _score,
    "isConsistent": lambda item: True,
}


def _grouped_by(group: Group, name: str, kind: str) -> Any:
    match name:
        case "path":
            return list(group.path)
        case "value":
            return group.value
        case _:
            return f"{kind}GroupedBy"


def _written(generated: Generated | None) -> str | None:
    return generated.text if generated is not None and generated.error is None else None


def _generation_error(item: Item) -> str | None:
    return next((each.error for each in (item.row.generated, item.together) if each is not None and each.error), None)


def _prompt(item: Item) -> str | None:
    return next((each.prompt for each in (item.row.generated, item.together) if each is not None and each.prompt), None)


def _metadata(item: Item, name: str) -> Mapping[str, Any] | None:
    """What the generator of that name in GraphQL told of this row's text, or of the one about all rows."""
    own = item.row.generated if item.group is None else item.group.generated
    told = (each for each in (own, item.together) if each is not None and each.metadata)
    return next((each.metadata for each in told if field_of(each.provider) == name), None)


def _query_profile(item: Item) -> str | None:
    """The profile as JSON text, on the first row."""
    if item.profile is None:
        return None
    profile = item.profile
    searches = {name: dict(figures) for name, figures in profile.searches.items()}
    shards = [{"name": profile.shard, "node": profile.node, "searches": searches}]
    return json.dumps({"shards": shards})
