"""Which definition may follow which: updates of a whole collection, and changes to its properties.

An update is a complete class JSON. What it leaves out becomes the default, not what it was, except `moduleConfig`,
which stays. Raises `InvalidSchema`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from weavelet.errors import InvalidSchema
from weavelet.schema import cluster, vector_index
from weavelet.schema.codec import parse_update
from weavelet.schema.collection import UNNAMED, Collection, Property, Settings, VectorConfig
from weavelet.schema.property_codec import render_property
from weavelet.schema.rules import SchemaRules
from weavelet.schema.ttl import checked_ttl
from weavelet.schema.vector_index import check_immutable
from weavelet.schema.wording import WHILE_UPDATING, quoted, value_text

_DEFAULT_VECTOR: Final = "default"
_GENERATIVE: Final = "generative"
_RERANKER: Final = "reranker"
_PLACES: Final = frozenset(
    {"inferenceUrl", "passageInferenceUrl", "queryInferenceUrl", "baseURL", "baseUrl", "apiEndpoint", "endpointURL"}
)
_FIXED_PROPERTY: Final = (
    "property fields other than description cannot be updated through updating the class. Use the add property "
    'feature (e.g. "POST /v1/schema/{className}/properties") to add additional properties'
)


def updated(
    current: Collection, document: Mapping[str, Any], rules: SchemaRules, shards: Iterable[str] = ()
) -> Collection:
    """The definition after an update with this class JSON."""
    return merged(current, parse_update(current, document, rules), rules, shards)


def merged(current: Collection, proposed: Collection, rules: SchemaRules, shards: Iterable[str] = ()) -> Collection:
    """What `proposed` makes of `current`, if it may follow it; properties come in order of their names.

    `shards`: the names of those there are, which would have to be copied for more replication.
    """
    _check_tenancy(current, proposed)
    _check_replication(current, proposed, shards)
    _check_inverted(current, proposed)
    _check_named_vectorizers(current, proposed)
    try:
        modules = _merged_modules(current, proposed, rules)
        _check_vectors(current, proposed)
        cluster.check_sharding_change(current.sharding, proposed.sharding)
        _check_properties(current.properties, proposed.properties)
    except InvalidSchema as error:
        raise InvalidSchema(f"{WHILE_UPDATING}{error}") from error
    return replace(
        proposed,
        properties=tuple(sorted(proposed.properties, key=lambda prop: prop.name)),
        modules=modules,
        vectors=_with_settings(proposed.vectors, modules),
    )


def with_property(current: Collection, prop: Property) -> Collection:
    """The collection with one more property, checked before by `codec.parse_property`."""
    return replace(current, properties=(*current.properties, prop), properties_given=True)


def without_property_index(current: Collection, name: str, index: str) -> Collection:
    """The collection without one of a property's indexes; `index` is one of `allowed.PROPERTY_INDEXES`."""
    if current.property_named(name) is None:
        raise InvalidSchema(f"property name {name}: not found")
    properties = tuple(_without_index(prop, index) if prop.name == name else prop for prop in current.properties)
    return replace(current, properties=properties, ttl=checked_ttl(current.ttl, current.inverted, properties))


def _without_index(prop: Property, index: str) -> Property:
    match index:
        case "filterable":
            return replace(prop, filterable=False)
        case "searchable":
            return replace(prop, searchable=False)
        case "rangeFilters" | "rangeable":
            return replace(prop, range_filters=False)
        case _:
            raise InvalidSchema(f"a property has no index '{index}', only filterable, searchable and rangeFilters")


# --- What may not change ---------------------------------------------------------------------------------------------


def _check_tenancy(current: Collection, proposed: Collection) -> None:
    if current.multi_tenancy.enabled != proposed.multi_tenancy.enabled:
        verb = "disabling" if current.multi_tenancy.enabled else "enabling"
        raise InvalidSchema(f"{verb} multi-tenancy for an existing class is not supported")


def _check_replication(current: Collection, proposed: Collection, shards: Iterable[str]) -> None:
    before, after = current.replication["factor"], proposed.replication["factor"]
    for shard in shards:
        if after > before:
            raise InvalidSchema(
                f'not enough replicas in shard "{shard}" to increase replication factor to {after} for class '
                f'"{current.name}"'
            )


def _check_inverted(current: Collection, proposed: Collection) -> None:
    before, after = current.inverted, proposed.inverted
    for name, was, becomes in (
        ("indexPropertyLength", before.index_property_length, after.index_property_length),
        ("indexNullState", before.index_null_state, after.index_null_state),
        ("indexTimestamp", before.index_timestamps, after.index_timestamps),
    ):
        if was != becomes:
            raise InvalidSchema(
                f'"{name}" setting is immutable. Value changed from "{value_text(was)}" to "{value_text(becomes)}"'
            )


def _check_named_vectorizers(current: Collection, proposed: Collection) -> None:
    for name in current.named_vectors:
        before, after = current.vectors[name], proposed.vectors.get(name)
        if after is not None and not _makes_the_same(before, after):
            raise InvalidSchema(f"vectorizer config of vector {quoted(name)} is immutable for class {current.name}")


def _makes_the_same(before: VectorConfig, after: VectorConfig) -> bool:
    return before.vectorizer == after.vectorizer and _placeless(before.settings) == _placeless(after.settings)


def _placeless(settings: Settings) -> Settings:
    """A vectorizer's settings without those that say where its model is: the model may move."""
    return {name: value for name, value in settings.items() if name not in _PLACES}


def _check_vectors(current: Collection, proposed: Collection) -> None:
    _check_named_vectors(current, proposed)
    _check_unnamed_vector(current, proposed)
    for name, vector in current.vectors.items():
        _check_index_change(name, vector, proposed.vectors[name])


def _check_named_vectors(current: Collection, proposed: Collection) -> None:
    if UNNAMED in current.vectors and _DEFAULT_VECTOR in proposed.vectors:
        raise InvalidSchema(
            f"vector named {_DEFAULT_VECTOR} cannot be created when collection level vector index is configured"
        )
    for name in current.named_vectors:
        if name not in proposed.vectors:
            raise InvalidSchema(f"missing config for vector {quoted(name)}")
        before, after = current.vectors[name].index, proposed.vectors[name].index
        check_immutable(f"vector index type of vector {quoted(name)}", before.kind, after.kind)


def _check_unnamed_vector(current: Collection, proposed: Collection) -> None:
    before, after = current.vectors.get(UNNAMED), proposed.vectors.get(UNNAMED)
    check_immutable("vectorizer", before.vectorizer if before else "", after.vectorizer if after else "")
    check_immutable("vector index type", before.index.kind if before else "", after.index.kind if after else "")


def _check_index_change(name: str, before: VectorConfig, after: VectorConfig) -> None:
    context = "validate vector index config" if name == UNNAMED else f"invalid update for vector {quoted(name)}"
    try:
        vector_index.check_change(before.index, after.index)
    except InvalidSchema as error:
        raise InvalidSchema(f"{context}: {error}") from None


def _check_properties(current: tuple[Property, ...], proposed: tuple[Property, ...]) -> None:
    if len(current) != len(proposed):
        raise InvalidSchema(_FIXED_PROPERTY)
    for before, after in zip(_by_name(current), _by_name(proposed), strict=True):
        try:
            _check_property(before, after)
        except InvalidSchema as error:
            raise InvalidSchema(f"property {quoted(before.name)}: {error}") from None


def _check_property(before: Property, after: Property) -> None:
    for module, settings in before.modules.items():
        if module not in after.modules:
            raise InvalidSchema(f"module {quoted(module)} configuration was removed")
        if settings != after.modules[module]:
            raise InvalidSchema(f"module {quoted(module)} configuration cannot be updated")
    if _fixed(before) != _fixed(after):
        raise InvalidSchema(_FIXED_PROPERTY)


def _fixed(prop: Property) -> dict[str, Any]:
    """All of a property but its descriptions and its modules' settings."""
    return render_property(replace(_undescribed(prop), modules={}))


def _undescribed(prop: Property) -> Property:
    return replace(prop, description="", nested=tuple(_undescribed(nested) for nested in prop.nested))


def _by_name(properties: tuple[Property, ...]) -> list[Property]:
    return sorted(properties, key=lambda prop: prop.name)


# --- Modules ---------------------------------------------------------------------------------------------------------


def _merged_modules(current: Collection, proposed: Collection, rules: SchemaRules) -> Mapping[str, Settings]:
    """A collection's modules after an update: a generator or reranker takes the place of the one there was."""
    if not proposed.modules or proposed.modules == current.modules:
        return current.modules
    replaced = {kind for kind in (_GENERATIVE, _RERANKER) if _named_once(kind, proposed.modules, rules)}
    for name, settings in proposed.modules.items():
        before = current.modules.get(name, settings)
        if _kind(name, rules) not in replaced and _placeless(before) != _placeless(settings):
            raise InvalidSchema(
                f"can only update generative and reranker module configs. Got: {name} for class: {current.name}"
            )
    kept = {name: settings for name, settings in current.modules.items() if _kind(name, rules) not in replaced}
    return {**kept, **proposed.modules}


def _named_once(kind: str, modules: Mapping[str, Settings], rules: SchemaRules) -> bool:
    count = sum(_kind(name, rules) == kind for name in modules)
    if count > 1:
        raise InvalidSchema(f"updated moduleconfig has multiple {kind} modules: {value_text(modules)}")
    return count == 1


def _kind(module: str, rules: SchemaRules) -> str:
    """What a module is for; of one that is not enabled, its name tells."""
    return rules.kind(module) or module.partition("-")[0]


def _with_settings(vectors: Mapping[str, VectorConfig], modules: Mapping[str, Settings]) -> Mapping[str, VectorConfig]:
    unnamed = vectors.get(UNNAMED)
    if unnamed is None:
        return vectors
    return {**vectors, UNNAMED: replace(unnamed, settings=modules.get(unnamed.vectorizer) or {})}
