"""The bodies of the API: their shapes, and what their values must look like before a use case sees them.

Each `read_…` takes the raw body and returns plain values, or raises the `Refusal` that go-openapi's validation would
answer with. Places in the texts are written as it writes them: with the parameter's name for a body defined in
place (`body.objects.0.id`), without for a named one (`id`).
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any, TypeAlias

from weavelet.api.rest import vectors
from weavelet.api.rest.bodies import Decimal, Flag, Free, Integer, Items, Struct, Table, Text, read
from weavelet.api.rest.refusals import not_of_type, not_one_of, required
from weavelet.schema.cluster import ASYNC_SETTINGS

Document: TypeAlias = dict[str, Any]

_UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:|/)[^\s\x00-\x1f\x7f]*")

TOKENIZATIONS = (
    "word",
    "lowercase",
    "whitespace",
    "field",
    "trigram",
    "gse",
    "kagome_kr",
    "kagome_ja",
    "gse_ch",
)
_OPERATORS = (
    "And",
    "Or",
    "Equal",
    "Like",
    "NotEqual",
    "GreaterThan",
    "GreaterThanEqual",
    "LessThan",
    "LessThanEqual",
    "WithinGeoRange",
    "IsNull",
    "ContainsAny",
    "ContainsAll",
    "ContainsNone",
    "Not",
)
_ACTIVITY = (
    "ACTIVE",
    "INACTIVE",
    "OFFLOADED",
    "OFFLOADING",
    "ONLOADING",
    "HOT",
    "COLD",
    "FROZEN",
    "FREEZING",
    "UNFREEZING",
)
_BATCH_FIELDS = ("ALL", "class", "schema", "id", "creationTimeUnix")
_DELETION_STRATEGIES = ("NoAutomatedResolution", "DeleteOnConflict", "TimeBasedResolution")

_TEXTS = Items(Text(), "[]string")
_FLOAT32 = Decimal("float32")

# --- Formats ---------------------------------------------------------------------------------------------------------


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def canonical(id: str) -> str:
    """The lower-case form with hyphens of an id that `is_uuid`."""
    return str(uuid.UUID(id))


def _check_uuid(name: str, text: str | None) -> None:
    if text and not is_uuid(text):
        raise not_of_type(name, "uuid", text)


def _check_uri(name: str, text: str | None) -> None:
    if text and not _URI.fullmatch(text):
        raise not_of_type(name, "uri", text)


def _check_choice(name: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value and value not in choices:
        raise not_one_of(name, choices)


# --- Objects and references ------------------------------------------------------------------------------------------

OBJECT = Struct(
    "models.Object",
    {
        "additional": Table(Free(), "models.AdditionalProperties"),
        "class": Text(),
        "creationTimeUnix": Integer(),
        "id": Text(),
        "lastUpdateTimeUnix": Integer(),
        "properties": Free(),
        "tenant": Text(),
        "vector": Items(Free(), "models.C11yVector"),
        "vectors": Table(Free(), "models.Vectors"),
    },
)
BATCH_OBJECTS = Struct(
    "models.BatchObjectsCreateBody", {"fields": _TEXTS, "objects": Items(OBJECT, "[]*models.Object")}
)
REFERENCE = Struct("models.SingleRef", {"beacon": Text(), "class": Text(), "href": Text()})
REFERENCES = Items(REFERENCE, "models.MultipleRef")
BATCH_REFERENCES = Items(
    Struct("models.BatchReference", {"from": Text(), "tenant": Text(), "to": Text()}), "[]*models.BatchReference"
)


def read_object(raw: bytes) -> Document:
    """The object with its vectors as arrays; vectors without numbers are left out."""
    document: Document = read(raw, OBJECT)
    _check_uuid("id", document.get("id"))
    return vectors.with_arrays(document)


def read_batch(raw: bytes) -> list[Document]:
    """The objects of a batch; null counts as an object without a class."""
    body = read(raw, BATCH_OBJECTS)
    for index, field in enumerate(body.get("fields", ())):
        _check_choice(f"body.fields.{index}", field, _BATCH_FIELDS)
    objects = [vectors.with_arrays(document or {}) for document in body.get("objects", ())]
    for index, document in enumerate(objects):
        _check_uuid(f"body.objects.{index}.id", document.get("id"))
    return objects


def read_reference(raw: bytes) -> str:
    """The beacon."""
    text: str = read(raw, REFERENCE).get("beacon", "")
    _check_uri("beacon", text)
    return text


def read_references(raw: bytes) -> list[str]:
    """The beacons."""
    beacons = [(entry or {}).get("beacon", "") for entry in read(raw, REFERENCES)]
    for index, text in enumerate(beacons):
        _check_uri(f"{index}.beacon", text)
    return beacons


def read_batch_references(raw: bytes) -> list[Document]:
    entries = [entry or {} for entry in read(raw, BATCH_REFERENCES)]
    for entry in entries:
        _check_uri("from", entry.get("from"))
        _check_uri("to", entry.get("to"))
    return entries


# --- Delete by filter ------------------------------------------------------------------------------------------------

_GEO = Struct(
    "models.WhereFilterGeoRange",
    {
        "geoCoordinates": Struct("models.GeoCoordinates", {"latitude": _FLOAT32, "longitude": _FLOAT32}),
        "distance": Struct("models.WhereFilterGeoRangeDistance", {"max": Decimal()}),
    },
)
_WHERE_FIELDS: dict[str, Any] = {
    "operator": Text(),
    "path": _TEXTS,
    "valueBoolean": Flag(),
    "valueBooleanArray": Items(Flag(), "[]bool"),
    "valueDate": Text(),
    "valueDateArray": _TEXTS,
    "valueGeoRange": _GEO,
    "valueInt": Integer(),
    "valueIntArray": Items(Integer(), "[]int64"),
    "valueNumber": Decimal(),
    "valueNumberArray": Items(Decimal(), "[]float64"),
    "valueString": Text(),
    "valueStringArray": _TEXTS,
    "valueText": Text(),
    "valueTextArray": _TEXTS,
}
WHERE = Struct("models.WhereFilter", _WHERE_FIELDS)
_WHERE_FIELDS["operands"] = Items(WHERE, "[]*models.WhereFilter")
BATCH_DELETE = Struct(
    "models.BatchDelete",
    {
        "deletionTimeUnixMilli": Integer(),
        "dryRun": Flag(),
        "match": Struct("models.BatchDeleteMatch", {"class": Text(), "where": WHERE}),
        "output": Text(),
    },
)


def read_batch_delete(raw: bytes) -> Document:
    document: Document = read(raw, BATCH_DELETE)
    where = document.get("match", {}).get("where")
    if where is not None:
        _check_operators("match.match.where", where)
    return document


def _check_operators(place: str, where: Document) -> None:
    _check_choice(f"{place}.operator", where.get("operator"), _OPERATORS)
    for index, operand in enumerate(where.get("operands", ())):
        _check_operators(f"{place}.operands.{index}", operand or {})


# --- Definitions -----------------------------------------------------------------------------------------------------

_PROPERTY_FIELDS: dict[str, Any] = {
    "dataType": _TEXTS,
    "description": Text(),
    "disableDuplicatedReferences": Flag("*bool"),
    "indexFilterable": Flag("*bool"),
    "indexInverted": Flag("*bool"),
    "indexRangeFilters": Flag("*bool"),
    "indexSearchable": Flag("*bool"),
    "moduleConfig": Free(),
    "name": Text(),
    "nestedProperties": Free(),
    "textAnalyzer": Free(),
    "tokenization": Text(),
}
PROPERTY = Struct("models.Property", _PROPERTY_FIELDS)
CLASS = Struct(
    "models.Class",
    {
        "class": Text(),
        "description": Text(),
        "invertedIndexConfig": Struct(
            "models.InvertedIndexConfig",
            {
                "bm25": Struct("models.BM25Config", {"b": _FLOAT32, "k1": _FLOAT32}),
                "cleanupIntervalSeconds": Integer(),
                "indexNullState": Flag(),
                "indexPropertyLength": Flag(),
                "indexTimestamps": Flag(),
                "stopwordPresets": Table(_TEXTS, "map[string][]string"),
                "stopwords": Struct(
                    "models.StopwordConfig", {"additions": _TEXTS, "preset": Text(), "removals": _TEXTS}
                ),
                "usingBlockMaxWAND": Flag(),
            },
        ),
        "moduleConfig": Free(),
        "multiTenancyConfig": Struct(
            "models.MultiTenancyConfig",
            {"autoTenantActivation": Flag(), "autoTenantCreation": Flag(), "enabled": Flag()},
        ),
        "objectTtlConfig": Struct(
            "models.ObjectTTLConfig",
            {"defaultTtl": Integer(), "deleteOn": Text(), "enabled": Flag(), "filterExpiredObjects": Flag()},
        ),
        "properties": Items(PROPERTY, "[]*models.Property"),
        "replicationConfig": Struct(
            "models.ReplicationConfig",
            {
                "asyncConfig": Struct("models.ReplicationAsyncConfig", dict.fromkeys(ASYNC_SETTINGS, Integer())),
                "asyncEnabled": Flag(),
                "deletionStrategy": Text(),
                "factor": Integer(),
            },
        ),
        "shardingConfig": Free(),
        "vectorConfig": Table(
            Struct(
                "models.VectorConfig",
                {"vectorIndexConfig": Free(), "vectorIndexType": Text(), "vectorizer": Free()},
            ),
            "map[string]models.VectorConfig",
        ),
        "vectorIndexConfig": Free(),
        "vectorIndexType": Text(),
        "vectorizer": Text(),
    },
)


def read_class(raw: bytes) -> Document:
    """A collection's definition with its known keys, spelled as in the API's documentation."""
    document: Document = read(raw, CLASS, "objectClass")
    for index, prop in enumerate(document.get("properties", ())):
        _check_tokenizations(f"properties.{index}.", prop or {})
    strategy = document.get("replicationConfig", {}).get("deletionStrategy")
    _check_choice("replicationConfig.deletionStrategy", strategy, _DELETION_STRATEGIES)
    for name, config in document.get("vectorConfig", {}).items():
        if not config:
            raise required(f"vectorConfig.{name}")
    return document


def read_property(raw: bytes) -> Document:
    document: Document = read(raw, PROPERTY)
    _check_tokenizations("", document)
    return document


def _check_tokenizations(place: str, prop: Mapping[str, Any]) -> None:
    tokenization = prop.get("tokenization")
    if isinstance(tokenization, str):
        _check_choice(f"{place}tokenization", tokenization, TOKENIZATIONS)
    nested = prop.get("nestedProperties")
    for index, inner in enumerate(nested if isinstance(nested, list) else ()):
        if isinstance(inner, dict):
            _check_tokenizations(f"{place}nestedProperties.{index}.", inner)


SHARD_STATUS = Struct("models.ShardStatus", {"status": Text()})


def read_shard_status(raw: bytes) -> str:
    status: str = read(raw, SHARD_STATUS).get("status", "")
    return status


# --- Tenants and aliases ---------------------------------------------------------------------------------------------

TENANT_NAMES = _TEXTS
TENANTS = Items(Struct("models.Tenant", {"activityStatus": Text(), "name": Text()}), "[]*models.Tenant")
ALIAS = Struct("models.Alias", {"alias": Text(), "class": Text()})


def read_tenants(raw: bytes) -> list[Document]:
    entries = [entry or {} for entry in read(raw, TENANTS)]
    for entry in entries:
        _check_choice("activityStatus", entry.get("activityStatus"), _ACTIVITY)
    return entries


def read_tenant_names(raw: bytes) -> list[str]:
    return [name or "" for name in read(raw, TENANT_NAMES, "tenants")]


def read_alias(raw: bytes) -> Document:
    document: Document = read(raw, ALIAS)
    return document


# --- Tokenize, GraphQL -----------------------------------------------------------------------------------------------

TOKENIZE = Struct(
    "models.TokenizeRequest",
    {
        "analyzerConfig": Struct(
            "models.TextAnalyzerConfig", {"asciiFold": Flag(), "asciiFoldIgnore": _TEXTS, "stopwordPreset": Text()}
        ),
        "stopwordPresets": Table(_TEXTS, "map[string][]string"),
        "stopwords": Struct("models.StopwordConfig", {"additions": _TEXTS, "preset": Text(), "removals": _TEXTS}),
        "text": Text(),
        "tokenization": Text(),
    },
)
PROPERTY_TOKENIZE = Struct("models.PropertyTokenizeRequest", {"text": Text()})
GRAPHQL = Struct("models.GraphQLQuery", {"operationName": Text(), "query": Text(), "variables": Free()})
GRAPHQL_BATCH = Items(GRAPHQL, "models.GraphQLQueries")


def read_tokenize(raw: bytes) -> Document:
    document: Document = read(raw, TOKENIZE)
    for name in ("text", "tokenization"):
        if name not in document:
            raise required(name)
    if document["tokenization"] not in TOKENIZATIONS:
        raise not_one_of("tokenization", TOKENIZATIONS)
    return document


def read_property_text(raw: bytes) -> str:
    document = read(raw, PROPERTY_TOKENIZE)
    if "text" not in document:
        raise required("text")
    text: str = document["text"]
    return text


def read_graphql(raw: bytes) -> Document:
    document: Document = read(raw, GRAPHQL)
    return document


def read_graphql_batch(raw: bytes) -> list[Document | None]:
    """The queries; null stays null."""
    documents: list[Document | None] = read(raw, GRAPHQL_BATCH)
    return documents
