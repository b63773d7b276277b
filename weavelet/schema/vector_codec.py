"""The vectors of a class JSON, and the modules that make them: reading with defaults, checking, writing.

A collection has one unnamed vector (keys at class level), or named ones (`vectorConfig`), or after an update both.
Module settings of the unnamed vector are in `moduleConfig`, those of a named one beside it. Raises `InvalidSchema`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from weavelet.errors import InvalidSchema
from weavelet.schema import names, vector_index
from weavelet.schema.collection import NO_VECTORIZER, UNNAMED, Collection, Settings, VectorConfig, VectorIndex
from weavelet.schema.reading import Fields
from weavelet.schema.rules import SchemaRules
from weavelet.schema.wording import listed, quoted, type_name, value_text

_MULTIVECTORIZER = "multivectorizer"

# --- Modules ---------------------------------------------------------------------------------------------------------


def parse_modules(fields: Fields, rules: SchemaRules) -> Mapping[str, Settings]:
    """The class's `moduleConfig`, with the defaults of the unnamed vector's module under what is given."""
    modules: dict[str, Settings] = {}
    for name, settings in (fields.mapping("moduleConfig") or {}).items():
        if settings is not None and not isinstance(settings, Mapping):
            raise InvalidSchema(f"module config for {name} is not a map, got {value_text(settings)}")
        modules[name] = settings or {}
    if _describes_unnamed(fields):
        vectorizer = _unnamed_vectorizer(fields, rules)
        if module := rules.modules.get(vectorizer):
            modules[vectorizer] = {**module.class_defaults, **modules.get(vectorizer, {})}
    return modules


def check_modules(collection: Collection, rules: SchemaRules) -> None:
    """Whether the modules named exist, fit together, and accept their settings."""
    unnamed = collection.vectors.get(UNNAMED)
    if unnamed is None:
        for name in collection.modules:
            if name != NO_VECTORIZER and name not in rules.modules:
                raise InvalidSchema(f"module with name {name} doesn't exist")
    elif len(several := sorted(filter(rules.is_vectorizer, collection.modules))) > 1:
        raise InvalidSchema(
            f"multiple vectorizers configured in class's moduleConfig: {listed(several)}. "
            f"class.vectorizer is set to {quoted(unnamed.vectorizer)}"
        )
    for vector in collection.vectors.values():
        _check_settings(collection, vector, rules)
    for name, settings in collection.modules.items():
        _check_module_settings(name, settings, rules)


def vectorizers(vectors: Mapping[str, VectorConfig]) -> tuple[str, ...]:
    """The modules that make a collection's vectors, each once."""
    return tuple(dict.fromkeys(v.vectorizer for v in vectors.values() if v.vectorizer != NO_VECTORIZER))


def _check_settings(collection: Collection, vector: VectorConfig, rules: SchemaRules) -> None:
    module = rules.modules.get(vector.vectorizer)
    if module is None or module.check is None:
        return
    try:
        module.check(collection, vector)
    except InvalidSchema as error:
        raise InvalidSchema(f"module '{vector.vectorizer}': {error}") from error


def _check_module_settings(name: str, settings: Settings, rules: SchemaRules) -> None:
    module = rules.modules.get(name)
    if module is None or module.check_settings is None:
        return
    try:
        module.check_settings(settings)
    except InvalidSchema as error:
        raise InvalidSchema(f"module '{name}': {error}") from error


def _check_vectorizer(name: str, rules: SchemaRules) -> None:
    if name == NO_VECTORIZER or rules.is_vectorizer(name):
        return
    if name in rules.modules:
        raise InvalidSchema(
            f"vectorizer: module {quoted(name)} exists, "
            "but does not provide the Vectorizer or ReferenceVectorizer capability"
        )
    raise InvalidSchema(f"vectorizer: no module with name {quoted(name)} present")


# --- Vectors ---------------------------------------------------------------------------------------------------------


def has_unnamed(fields: Fields) -> bool:
    """Whether a class JSON says anything about a vector at class level."""
    return bool(fields.text("vectorizer") or fields.text("vectorIndexType") or fields.has("vectorIndexConfig"))


def parse_vectors(
    fields: Fields, modules: Mapping[str, Settings], rules: SchemaRules, *, new: bool
) -> Mapping[str, VectorConfig]:
    """Every vector. `new`: the collection is being made, so that the server may choose a quantizer."""
    vectors = {}
    if _describes_unnamed(fields):
        vectors[UNNAMED] = _unnamed(fields, modules, rules, new=new)
    for name, entry in (fields.mapping("vectorConfig") or {}).items():
        vectors[name] = _named(names.vector_name(name), Fields(entry, f"vectorConfig.{name}"), rules)
    if not new:
        return vectors
    return {name: _quantized(vector, rules) for name, vector in vectors.items()}


def _describes_unnamed(fields: Fields) -> bool:
    return has_unnamed(fields) or not fields.mapping("vectorConfig")


def _unnamed_vectorizer(fields: Fields, rules: SchemaRules) -> str:
    return fields.text("vectorizer") or rules.default_vectorizer or NO_VECTORIZER


def _unnamed(fields: Fields, modules: Mapping[str, Settings], rules: SchemaRules, *, new: bool) -> VectorConfig:
    kind = fields.text("vectorIndexType") or rules.default_index_type or vector_index.HNSW
    vector_index.check_kind(kind, rules)
    vectorizer = _unnamed_vectorizer(fields, rules)
    _check_vectorizer(vectorizer, rules)
    given = fields.raw("vectorIndexConfig")
    strict = new and isinstance(given, Mapping)
    index = _unnamed_index(kind, given, rules, "class.VectorIndexConfig can not parse" if strict else None)
    if index.multivector or rules.kind(vectorizer) == _MULTIVECTORIZER:
        prefix = "" if new else "parse vector index config: "
        raise InvalidSchema(
            f"{prefix}class.VectorIndexConfig multi vector type index type is only configurable using named vectors"
        )
    return VectorConfig(name=UNNAMED, vectorizer=vectorizer, settings=modules.get(vectorizer) or {}, index=index)


def _unnamed_index(kind: str, given: Any, rules: SchemaRules, context: str | None) -> VectorIndex:
    try:
        return vector_index.parse_index(kind, given, rules)
    except vector_index.UnknownDistance:
        raise
    except InvalidSchema as error:
        raise InvalidSchema(f"{context or 'parse vector index config'}: {error}") from None


def _named(name: str, fields: Fields, rules: SchemaRules) -> VectorConfig:
    vectorizer, settings = _named_vectorizer(fields)
    try:
        _check_vectorizer(vectorizer, rules)
        index = _named_index(fields, vectorizer, rules)
    except vector_index.UnknownDistance as error:
        raise InvalidSchema(f"cannot create vector index for {quoted(name)}: {error}") from None
    except InvalidSchema as error:
        raise InvalidSchema(f"target vector {quoted(name)}: {error}") from None
    defaults = rules.modules[vectorizer].class_defaults if vectorizer in rules.modules else {}
    return VectorConfig(
        name=name,
        vectorizer=vectorizer,
        settings={**defaults, **(settings or {})},
        settings_given=settings is not None or bool(defaults),
        index=index,
    )


def _named_vectorizer(fields: Fields) -> tuple[str, Settings | None]:
    written = fields.raw("vectorizer")
    if not isinstance(written, Mapping):
        raise InvalidSchema(f"class.VectorConfig.Vectorizer must be an object, got {type_name(written)}")
    if len(written) != 1:
        raise InvalidSchema(f"class.VectorConfig.Vectorizer must consist only 1 configuration, got: {len(written)}")
    ((vectorizer, settings),) = written.items()
    if settings is not None and not isinstance(settings, Mapping):
        raise InvalidSchema(f"module config for {vectorizer} is not a map, got {value_text(settings)}")
    return vectorizer, settings


def _named_index(fields: Fields, vectorizer: str, rules: SchemaRules) -> VectorIndex:
    several = rules.kind(vectorizer) == _MULTIVECTORIZER
    kind = fields.text("vectorIndexType") or ("" if several else rules.default_index_type) or vector_index.HNSW
    vector_index.check_kind(kind, rules)
    try:
        index = vector_index.parse_index(kind, fields.raw("vectorIndexConfig"), rules, multivector=several)
    except vector_index.UnknownDistance:
        raise
    except InvalidSchema as error:
        raise InvalidSchema(f"parse vector index config: {error}") from None
    if several and not index.multivector:
        raise InvalidSchema(
            f"parse vector index config: multi vector index is not supported for vector index type: {quoted(kind)}, "
            "only supported type is hnsw"
        )
    if index.multivector and not several and vectorizer != NO_VECTORIZER:
        raise InvalidSchema(
            f"multi vector index configured but vectorizer: {quoted(vectorizer)} doesn't support multi vectors"
        )
    return index


def _quantized(vector: VectorConfig, rules: SchemaRules) -> VectorConfig:
    return replace(vector, index=vector_index.with_default_quantization(vector.index, rules))


# --- Writing, and reading back what was written ----------------------------------------------------------------------


def render_vectors(vectors: Mapping[str, VectorConfig]) -> dict[str, Any]:
    """The keys of the class JSON that say what vectors there are."""
    document: dict[str, Any] = {}
    if named := {name: _render(vector) for name, vector in vectors.items() if name != UNNAMED}:
        document["vectorConfig"] = named
    if unnamed := vectors.get(UNNAMED):
        document["vectorIndexConfig"] = unnamed.index.document
        document["vectorIndexType"] = unnamed.index.kind
        document["vectorizer"] = unnamed.vectorizer
    return document


def _render(vector: VectorConfig) -> dict[str, Any]:
    return {
        "vectorIndexConfig": vector.index.document,
        "vectorIndexType": vector.index.kind,
        "vectorizer": {vector.vectorizer: dict(vector.settings) if vector.settings_given else None},
    }


def stored_vectors(document: Mapping[str, Any], modules: Mapping[str, Settings]) -> Mapping[str, VectorConfig]:
    """The vectors that `render_vectors` wrote into a class JSON."""
    vectors = {}
    if "vectorizer" in document:
        vectorizer = document["vectorizer"]
        vectors[UNNAMED] = VectorConfig(
            name=UNNAMED,
            vectorizer=vectorizer,
            settings=modules.get(vectorizer) or {},
            index=vector_index.index_of(document["vectorIndexType"], document["vectorIndexConfig"]),
        )
    for name, entry in document.get("vectorConfig", {}).items():
        ((vectorizer, settings),) = entry["vectorizer"].items()
        vectors[name] = VectorConfig(
            name=name,
            vectorizer=vectorizer,
            settings=settings or {},
            settings_given=settings is not None,
            index=vector_index.index_of(entry["vectorIndexType"], entry["vectorIndexConfig"]),
        )
    return vectors
