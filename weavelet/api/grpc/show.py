"""What a search shall show: properties and metadata messages into a `Show`.

A `Show` is worked out once per request. It holds the `Want` that the engine fetches by, and beside it what only this
door needs to render rows: a writer for each property, and which metadata was asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.filters import Find, no_such_property
from weavelet.api.grpc.values import Fields, Writer, default_fields, is_default, object_writer, writer
from weavelet.engine.query import Pick, PickObject, PickReference, Want
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import UNNAMED, Collection, Property
from weavelet.schema.datatypes import DataType


@dataclass(frozen=True, slots=True)
class ShowReference:
    """A reference, followed to the objects of one collection."""

    name: str
    show: "Show"


@dataclass(frozen=True, slots=True)
class Show:
    """How rows of one collection are fetched and rendered."""

    collection: str
    want: Want
    metadata: pb.MetadataRequest
    fields: Fields
    references: tuple[ShowReference, ...]
    references_asked: bool


def parse_show(
    properties: pb.PropertiesRequest | None,
    metadata: pb.MetadataRequest,
    collection: Collection,
    find: Find,
    extra: Iterable[str] = (),
    certainty: bool = False,
) -> Show:
    """`properties` None asks for all. `extra` are shown too where they exist: what grouping and reranking look at.

    Raises `InvalidQuery`, and `CollectionNotFound` for a reference's target.
    """
    asked = pb.PropertiesRequest(return_all_nonref_properties=True) if properties is None else properties
    picks, fields = _fields(asked, collection)
    _add_extra(picks, fields, extra, collection)
    pairs = [_reference(message, collection, find) for message in asked.ref_properties]
    references = tuple(pick for pick, _ in pairs)
    everything = _is_everything(asked, picks, collection)
    want = Want(
        properties=None if everything else (*picks.values(), *references),
        references=references if everything else (),
        vectors=_vectors(metadata, collection),
        explain=metadata.explain_score,
        certainty=certainty,
        profile=metadata.query_profile,
    )
    return Show(
        collection=collection.name,
        want=want,
        metadata=metadata,
        fields=tuple(fields.items()),
        references=tuple(shown for _, shown in pairs),
        references_asked=bool(asked.ref_properties),
    )


def _fields(asked: pb.PropertiesRequest, collection: Collection) -> tuple[dict[str, Pick], dict[str, Writer]]:
    """What to pick of each property and how to write it, by name."""
    picks: dict[str, Pick] = {}
    fields: dict[str, Writer] = {}
    if asked.return_all_nonref_properties:
        fields.update(default_fields(collection.properties))
        picks.update((name, name) for name in fields)
    for name in asked.non_ref_properties:
        picks[name] = name
        fields[name] = writer(_asked_property(name, collection))
    for message in asked.object_properties:
        prop = _asked_property(message.prop_name, collection)
        picks[prop.name], fields[prop.name] = _object(message, prop, collection)
    return picks, fields


def _asked_property(name: str, collection: Collection) -> Property:
    prop = collection.property_named(name)
    if prop is None:
        raise InvalidQuery(
            f"extract properties request: get property by name {name} for class {collection.name}: "
            + no_such_property(name, collection)
        )
    return prop


def _object(message: pb.ObjectPropertiesRequest, prop: Property, collection: Collection) -> tuple[PickObject, Writer]:
    """Some of the properties of an object property, down to any depth."""
    if prop.type.element is not DataType.OBJECT:
        raise InvalidQuery(f"extract properties request: property '{prop.name}' has no nested properties")
    picks: list[Pick] = list(message.primitive_properties)
    fields = [(name, writer(_nested(name, prop, collection))) for name in message.primitive_properties]
    for inner in message.object_properties:
        pick, write = _object(inner, _nested(inner.prop_name, prop, collection), collection)
        picks.append(pick)
        fields.append((inner.prop_name, write))
    return PickObject(prop.name, tuple(picks)), object_writer(prop, tuple(fields))


def _nested(name: str, prop: Property, collection: Collection) -> Property:
    found = next((inner for inner in prop.nested if inner.name == name), None)
    if found is None:
        raise InvalidQuery(
            f"extract properties request: no such prop with name '{name}' found in property '{prop.name}' "
            f"of class '{collection.name}'"
        )
    return found


def _add_extra(picks: dict[str, Pick], fields: dict[str, Writer], extra: Iterable[str], collection: Collection) -> None:
    for name in extra:
        prop = collection.property_named(name)
        if prop is not None and not prop.is_reference and name not in fields:
            picks[name] = name
            fields[name] = writer(prop)


def _is_everything(asked: pb.PropertiesRequest, picks: dict[str, Pick], collection: Collection) -> bool:
    """Whether the picks are just what `Want.properties` None stands for."""
    if not asked.return_all_nonref_properties:
        return False
    return picks == {prop.name: prop.name for prop in collection.properties if is_default(prop)}


def _reference(
    message: pb.RefPropertiesRequest, collection: Collection, find: Find
) -> tuple[PickReference, ShowReference]:
    name = message.reference_property
    prop = collection.property_named(name)
    if prop is None:
        raise InvalidQuery(f"extract properties request: {no_such_property(name, collection)}")
    if not prop.is_reference:
        raise InvalidQuery(
            f"extract properties request: property '{name}' of class '{collection.name}' is no reference"
        )
    target = find(message.target_collection or _only_target(prop, collection))
    asked = message.properties if message.HasField("properties") else None
    show = parse_show(asked, message.metadata, target, find)
    return PickReference(name, show.want, target.name), ShowReference(name, show)


def _only_target(prop: Property, collection: Collection) -> str:
    if len(prop.targets) > 1:
        raise InvalidQuery(
            f"extract properties request: multi target references from collection {collection.name} and property "
            f"{prop.name} with need an explicitlinked collection. Available linked collections are "
            f"[{' '.join(prop.targets)}]"
        )
    return prop.targets[0]


def _vectors(metadata: pb.MetadataRequest, collection: Collection) -> frozenset[str] | None:
    """`vector` asks for every vector the collection has, `vectors` for some by name."""
    if metadata.vector:
        return None
    return frozenset(_known(metadata.vectors, collection))


def _known(names: Sequence[str], collection: Collection) -> Iterable[str]:
    for name in names:
        if name in collection.vectors:
            yield name
        elif name == "default" and UNNAMED in collection.vectors:
            yield UNNAMED
