"""A collection's definition as values: what the class JSON says, validated, with every default filled in.

`codec.py` reads and writes the JSON, `changes.py` says which definition may follow another. All values here are
frozen; a change makes a new `Collection`. Nothing in this file knows where objects or vectors are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from weavelet.schema.datatypes import DataType, Distance, Tokenization

Settings: TypeAlias = Mapping[str, Any]
"""The JSON object a user wrote for one module, with that module's defaults under it."""

UNNAMED = ""
"""The name under which the one vector of a collection without named vectors is kept."""

NO_VECTORIZER = "none"


@dataclass(frozen=True, slots=True)
class TextAnalyzer:
    """A property's own way with accents and stop words; `stopword_preset` None means the collection's."""

    ascii_fold: bool = False
    ascii_fold_ignore: tuple[str, ...] = ()
    stopword_preset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a collection, or of an object property (`nested`)."""

    name: str
    type: DataType
    targets: tuple[str, ...] = ()
    """For a reference: the collections it may point at. Empty otherwise."""
    description: str = ""
    tokenization: Tokenization | None = None
    filterable: bool = True
    searchable: bool = False
    range_filters: bool = False
    nested: tuple["Property", ...] = ()
    modules: Mapping[str, Settings] = field(default_factory=dict)
    """The property's `moduleConfig`: per vectorizer, whether to skip it and whether its name is embedded too."""
    analyzer: TextAnalyzer | None = None
    unique_references: bool | None = None
    """`disableDuplicatedReferences` as written; None where the key was absent."""

    @property
    def is_reference(self) -> bool:
        return self.type is DataType.REFERENCE

    @property
    def is_text(self) -> bool:
        return self.type in (DataType.TEXT, DataType.TEXT_ARRAY)


@dataclass(frozen=True, slots=True)
class Bm25:
    """The two constants of the BM25 formula: term saturation and length normalisation."""

    k1: float = 1.2
    b: float = 0.75


@dataclass(frozen=True, slots=True)
class Stopwords:
    """A preset's words plus `additions` minus `removals`. None where the class JSON has null."""

    preset: str = "en"
    additions: tuple[str, ...] | None = None
    removals: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvertedIndex:
    bm25: Bm25 = Bm25()
    stopwords: Stopwords = Stopwords()
    stopword_presets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cleanup_interval_seconds: int = 60
    index_timestamps: bool = False
    index_null_state: bool = False
    index_property_length: bool = False


@dataclass(frozen=True, slots=True)
class MultiTenancy:
    enabled: bool = False
    auto_tenant_creation: bool = False
    auto_tenant_activation: bool = False


class TenantStatus(StrEnum):
    """Whether a tenant's data is open (HOT), closed on disk (COLD) or moved away (FROZEN)."""

    HOT = "HOT"
    COLD = "COLD"
    FROZEN = "FROZEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorIndex:
    """One vector's index. The few settings the engine reads are fields; the document keeps them all.

    `document` is the complete `vectorIndexConfig` JSON with defaults, as it is echoed. The fields are read from it
    by `codec.py`, so the two never disagree.
    """

    kind: str
    """`hnsw`, `flat`, `dynamic` or `hfresh`."""
    distance: Distance = Distance.COSINE
    ef: int = -1
    """Candidates kept while searching the graph; -1: chosen from the limit."""
    ef_construction: int = 128
    max_connections: int = 32
    flat_search_cutoff: int = 40_000
    dynamic_ef: tuple[int, int, float] = (100, 500, 8)
    """Smallest, largest, and factor on the limit, for `ef` = -1."""
    threshold: int = 10_000
    """For `dynamic`: objects from which on the graph takes over from the flat index."""
    quantizer: str | None = None
    """`pq`, `bq`, `sq` or `rq` when one is enabled."""
    rescore_limit: int | None = None
    multivector: bool = False
    """Whether one object has a matrix of vectors here, compared by MaxSim."""
    skip: bool = False
    """Whether vectors are stored but not indexed."""
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorConfig:
    """Where one of the collection's vectors comes from, and how it is searched."""

    name: str
    vectorizer: str = NO_VECTORIZER
    settings: Settings = field(default_factory=dict)
    """The vectorizer's settings for this vector, defaults included."""
    settings_given: bool = True
    """False where the class JSON had null for the settings, which is echoed."""
    index: VectorIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTtl:
    """When objects expire: `seconds` after the time in `delete_on` (a date property or an internal timestamp)."""

    enabled: bool = False
    delete_on: str = ""
    seconds: int = 0
    filter_expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A whole definition.

    `vectors` holds one `VectorConfig` per vector; the key `UNNAMED` is the class-level ("legacy") vector.
    `modules` is the class's `moduleConfig` (vectorizer of the unnamed vector, rerankers, generators).
    `replication` and `sharding` are kept as JSON: one node honours them by answering with what it was told.
    """

    name: str
    description: str = ""
    properties: tuple[Property, ...] = ()
    properties_given: bool = True
    """False when the class JSON had no property list at all, which is echoed as null."""
    inverted: InvertedIndex = InvertedIndex()
    multi_tenancy: MultiTenancy = MultiTenancy()
    vectors: Mapping[str, VectorConfig] = field(default_factory=dict)
    modules: Mapping[str, Settings] = field(default_factory=dict)
    replication: Settings = field(default_factory=dict)
    sharding: Settings = field(default_factory=dict)
    ttl: ObjectTtl | None = None

    def property_named(self, name: str) -> Property | None:
        """The property of that exact name."""
        return next((p for p in self.properties if p.name == name), None)

    @property
    def named_vectors(self) -> tuple[str, ...]:
        """Names of the named vectors, in order of definition."""
        return tuple(name for name in self.vectors if name != UNNAMED)
