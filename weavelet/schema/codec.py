"""Class JSON into `Collection` and back.

`parse_collection` reads what a user wrote: keys without regard to letter case, unknown keys ignored, every default
filled in, nonsense refused with `InvalidSchema`. `render_collection` writes the complete definition, and
`parse_stored` reads that back without asking anything again. A definition that was rendered is accepted unchanged as
an update. Knows nothing of databases and modules: what they say comes in as `SchemaRules`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from weavelet.errors import InvalidSchema
from weavelet.schema import cluster, names, vector_index
from weavelet.schema.collection import Collection, InvertedIndex, MultiTenancy, Property, Settings
from weavelet.schema.inverted import checked_inverted, parse_inverted, render_inverted
from weavelet.schema.property_codec import NonexistentTarget, PropertyReader, render_property, stored_property
from weavelet.schema.reading import Fields
from weavelet.schema.rules import ModuleRules, SchemaRules
from weavelet.schema.ttl import checked_ttl, needs_timestamps, parse_ttl, render_ttl
from weavelet.schema.vector_codec import (
    check_modules,
    has_unnamed,
    parse_modules,
    parse_vectors,
    render_vectors,
    stored_vectors,
    vectorizers,
)
from weavelet.schema.wording import WHILE_UPDATING

__all__ = [
    "ModuleRules",
    "SchemaRules",
    "parse_collection",
    "parse_property",
    "parse_stored",
    "parse_update",
    "render_collection",
    "render_property",
]

Exists = Callable[[str], bool]


def parse_collection(document: Mapping[str, Any], rules: SchemaRules, exists: Exists) -> Collection:
    """The new collection a class JSON asks for. `exists` says which collections references may point at."""
    fields = Fields(document, "class")
    tenancy = _multi_tenancy(fields.section("multiTenancyConfig"))
    if tenancy.enabled and fields.has("shardingConfig"):
        raise InvalidSchema("cannot have both shardingConfig and multiTenancyConfig")
    if has_unnamed(fields) and fields.mapping("vectorConfig"):
        raise InvalidSchema("creating a class with both a class level vector index and named vectors is forbidden")
    name = names.collection_name(fields.text("class"))
    try:
        collection = _read(name, fields, tenancy, rules, exists, new=True)
    except NonexistentTarget as error:
        raise InvalidSchema("bad request: reference property to nonexistent class") from error
    cluster.check_nodes(collection.replication, rules)
    return collection


def parse_update(current: Collection, document: Mapping[str, Any], rules: SchemaRules) -> Collection:
    """The definition an update of `current` asks for, by itself; `changes.py` says whether it may follow.

    References are not looked up: an update cannot add any. Without `moduleConfig` there are no modules in it, not even
    defaults, since the present ones stay.
    """
    fields = Fields(document, "class")
    tenancy = _multi_tenancy(fields.section("multiTenancyConfig"))
    name = fields.text("class")
    vector_index.check_immutable("class name", current.name, name)
    proposed = _read(name, fields, tenancy, rules, lambda _: True, new=False)
    return proposed if fields.has("moduleConfig") else replace(proposed, modules={})


def parse_property(document: Mapping[str, Any], collection: Collection, rules: SchemaRules, exists: Exists) -> Property:
    """The property to be added to a collection."""
    fields = Fields(document, "property")
    if not fields.text("name"):
        raise InvalidSchema("property must contain name")
    if not fields.items("dataType"):
        raise InvalidSchema("property must contain dataType")
    reader = PropertyReader(
        collection.name,
        rules,
        exists,
        vectorizers=vectorizers(collection.vectors),
        presets=collection.inverted.stopword_presets,
    )
    return reader.read(fields, {prop.name.lower() for prop in collection.properties})


def render_collection(collection: Collection) -> dict[str, Any]:
    """The complete class JSON, as it is shown and stored."""
    document: dict[str, Any] = {"class": collection.name}
    if collection.description:
        document["description"] = collection.description
    document["invertedIndexConfig"] = render_inverted(collection.inverted)
    if collection.modules:
        document["moduleConfig"] = dict(collection.modules)
    document["multiTenancyConfig"] = _render_multi_tenancy(collection.multi_tenancy)
    if collection.ttl is not None:
        document["objectTtlConfig"] = render_ttl(collection.ttl)
    document["properties"] = (
        [render_property(prop) for prop in collection.properties] if collection.properties_given else None
    )
    document["replicationConfig"] = dict(collection.replication)
    document["shardingConfig"] = dict(collection.sharding)
    return document | render_vectors(collection.vectors)


def parse_stored(document: Mapping[str, Any]) -> Collection:
    """The collection that `render_collection` wrote."""
    properties = document["properties"]
    ttl = document.get("objectTtlConfig")
    modules: Mapping[str, Settings] = document.get("moduleConfig", {})
    return Collection(
        name=document["class"],
        description=document.get("description", ""),
        properties=tuple(stored_property(prop) for prop in properties or ()),
        properties_given=properties is not None,
        inverted=parse_inverted(Fields(document["invertedIndexConfig"], "invertedIndexConfig")),
        multi_tenancy=_multi_tenancy(Fields(document["multiTenancyConfig"], "multiTenancyConfig")),
        vectors=stored_vectors(document, modules),
        modules=modules,
        replication=document["replicationConfig"],
        sharding=document["shardingConfig"],
        ttl=None if ttl is None else parse_ttl(Fields(ttl, "objectTtlConfig")),
    )


# --- Reading ---------------------------------------------------------------------------------------------------------


def _read(
    name: str, fields: Fields, tenancy: MultiTenancy, rules: SchemaRules, exists: Exists, *, new: bool
) -> Collection:
    sharding = cluster.parse_sharding(fields.raw("shardingConfig"), rules, tenants=tenancy.enabled)
    inverted = _inverted(fields, new=new)
    ttl = parse_ttl(fields.section("objectTtlConfig"))
    if new and needs_timestamps(ttl):
        inverted = replace(inverted, index_timestamps=True)
    modules = parse_modules(fields, rules)
    vectors = parse_vectors(fields, modules, rules, new=new)
    documents = fields.items("properties")
    reader = PropertyReader(name, rules, exists, vectorizers=vectorizers(vectors), presets=inverted.stopword_presets)
    properties = reader.read_all(documents or ())
    collection = Collection(
        name=name,
        description=fields.text("description"),
        properties=properties,
        properties_given=documents is not None,
        inverted=inverted,
        multi_tenancy=tenancy,
        vectors=vectors,
        modules=modules,
        replication=cluster.parse_replication(fields.section("replicationConfig"), rules),
        sharding=sharding,
        ttl=checked_ttl(ttl, inverted, properties),
    )
    check_modules(collection, rules)
    _check_multi_tenancy(tenancy)
    return collection


def _inverted(fields: Fields, *, new: bool) -> InvertedIndex:
    try:
        return checked_inverted(parse_inverted(fields.section("invertedIndexConfig")))
    except InvalidSchema as error:
        raise error if new else InvalidSchema(f"{WHILE_UPDATING}inverted index config: {error}") from None


def _multi_tenancy(fields: Fields | None) -> MultiTenancy:
    if fields is None:
        return MultiTenancy()
    return MultiTenancy(fields.flag("enabled"), fields.flag("autoTenantCreation"), fields.flag("autoTenantActivation"))


def _check_multi_tenancy(tenancy: MultiTenancy) -> None:
    if tenancy.enabled:
        return
    if tenancy.auto_tenant_creation:
        raise InvalidSchema("can't enable autoTenantCreation on a non-multi-tenant class")
    if tenancy.auto_tenant_activation:
        raise InvalidSchema("can't enable autoTenantActivation on a non-multi-tenant class")


def _render_multi_tenancy(tenancy: MultiTenancy) -> dict[str, Any]:
    return {
        "autoTenantActivation": tenancy.auto_tenant_activation,
        "autoTenantCreation": tenancy.auto_tenant_creation,
        "enabled": tenancy.enabled,
    }
