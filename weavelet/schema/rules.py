"""What a server's settings and modules say about new collections: values that the codec is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from weavelet.schema.collection import NO_VECTORIZER, Collection, Settings, VectorConfig
from weavelet.schema.datatypes import Distance, Tokenization

VECTORIZER_KINDS = frozenset({"vectorizer", "multivectorizer"})


@dataclass(frozen=True, slots=True)
class ModuleRules:
    """One enabled module. `kind` is one of the values of `weavelet.modules.base.Kind`.

    `check` raises `InvalidSchema` where a vector's settings for this module make no sense, `check_settings` where the
    collection's do, for modules that make no vectors; the codec puts the module's name before the text.
    """

    kind: str
    class_defaults: Settings = field(default_factory=dict)
    property_defaults: Settings = field(default_factory=dict)
    check: Callable[[Collection, VectorConfig], None] | None = None
    check_settings: Callable[[Settings], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaRules:
    """Defaults for what a class JSON leaves out, and limits to what it may ask for."""

    modules: Mapping[str, ModuleRules] = field(default_factory=dict)
    default_vectorizer: str = NO_VECTORIZER
    default_distance: str = Distance.COSINE
    default_index_type: str = "hnsw"
    default_quantization: str = ""
    """`pq`, `bq`, `sq`, `rq`, or `rq-8` and `rq-1` with a number of bits; empty for none."""
    default_tokenization: str = Tokenization.WORD
    tokenizers: frozenset[Tokenization] = frozenset()
    """Which of the tokenizers that need a dictionary are there."""
    async_indexing: bool = False
    minimum_replication: int = 1
    maximum_replication: int = 0
    """0: no limit."""
    nodes: int = 1
    sharding_count: int = 0
    """0: as many shards as nodes."""
    auto_schema: bool = True
    maximum_collections: int = -1

    def kind(self, module: str) -> str | None:
        """What a module is for; None where no such module is enabled."""
        rules = self.modules.get(module)
        return None if rules is None else str(rules.kind)

    def is_vectorizer(self, module: str) -> bool:
        return self.kind(module) in VECTORIZER_KINDS
