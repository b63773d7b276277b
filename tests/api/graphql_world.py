"""A small world for the GraphQL door: hand-made collections, and a searcher that keeps what it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from weavelet.api.core import App
from weavelet.api.graphql import Endpoint
from weavelet.engine.query import (
    AggregateGroup,
    AggregateRequest,
    Aggregation,
    Near,
    Reply,
    Row,
    SearchRequest,
)
from weavelet.errors import WeaveletError
from weavelet.modules.base import Kind
from weavelet.schema.collection import UNNAMED, Collection, MultiTenancy, Property, VectorConfig, VectorIndex
from weavelet.schema.datatypes import DataType, Distance
from weavelet.schema.objects import Object
from weavelet.schema.rules import ModuleRules
from weavelet.search import Explored

VECTORIZER = "text2vec-transformers"


def vectors(*names: str, distance: Distance = Distance.COSINE, vectorizer: str = "none") -> dict[str, VectorConfig]:
    index = VectorIndex(kind="hnsw", distance=distance)
    return {name: VectorConfig(name=name, index=index, vectorizer=vectorizer) for name in names}


PERSON = Collection(
    name="Person",
    properties=(
        Property(name="name", type=DataType.TEXT),
        Property(name="age", type=DataType.INT),
        Property(name="knows", type=DataType.REFERENCE, targets=("Person",)),
    ),
    vectors=vectors(UNNAMED),
)
AGG = Collection(
    name="Agg",
    properties=(
        Property(name="t", type=DataType.TEXT),
        Property(name="tt", type=DataType.TEXT_ARRAY),
        Property(name="i", type=DataType.INT),
        Property(name="ii", type=DataType.INT_ARRAY),
        Property(name="f", type=DataType.NUMBER),
        Property(name="b", type=DataType.BOOLEAN),
        Property(name="d", type=DataType.DATE),
        Property(name="dd", type=DataType.DATE_ARRAY),
        Property(name="u", type=DataType.UUID),
        Property(name="geo", type=DataType.GEO),
        Property(name="phone", type=DataType.PHONE),
        Property(name="blob", type=DataType.BLOB),
        Property(name="fld", type=DataType.TEXT),
        Property(
            name="addr",
            type=DataType.OBJECT,
            nested=(Property(name="city", type=DataType.TEXT), Property(name="zip", type=DataType.INT)),
        ),
        Property(name="ref", type=DataType.REFERENCE, targets=("Person",)),
        Property(name="refs", type=DataType.REFERENCE, targets=("Person", "Agg")),
    ),
    vectors=vectors(UNNAMED),
)
L2 = Collection(
    name="L2",
    properties=(Property(name="t", type=DataType.TEXT),),
    vectors=vectors(UNNAMED, distance=Distance.L2_SQUARED),
)
NAMED = Collection(name="Named", properties=L2.properties, vectors=vectors("a", "b", "c"))
TEXT = Collection(
    name="Txt",
    properties=L2.properties,
    vectors=vectors(UNNAMED, vectorizer=VECTORIZER),
    modules={"reranker-dummy": {}},
)
NOTE = replace(L2, name="Note", multi_tenancy=MultiTenancy(enabled=True), replication={"factor": 3})


def id_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def row(number: int, properties: Mapping[str, Any], collection: str = "Agg", **rest: Any) -> Row:
    stored = Object(
        collection=collection,
        id=id_of(number),
        properties=properties,
        vectors={UNNAMED: np.array([0.1, 0.2], dtype=np.float32)},
        created_ms=1_700_000_000_123,
        updated_ms=1_700_000_000_456,
    )
    return Row(object=stored, **rest)


NOTHING = Reply()
THREE_OBJECTS = Aggregation(groups=(AggregateGroup(count=3, figures={}),), grouped=False)


@dataclass
class FakeSearcher:
    """Answers what the test laid ready, or fails as it says."""

    reply: Reply = NOTHING
    aggregation: Aggregation = THREE_OBJECTS
    explored: list[Explored] = field(default_factory=list)
    failure: Exception | None = None
    fails_on: str = ""
    asked: list[Any] = field(default_factory=list)

    def execute(self, request: SearchRequest) -> Reply:
        self.asked.append(request)
        if self.failure is not None and request.collection in (self.fails_on, self.fails_on or request.collection):
            raise self.failure
        return self.reply

    def aggregate(self, request: AggregateRequest) -> Aggregation:
        self.asked.append(request)
        return self.aggregation

    def explore(self, near: Near, limit: int, offset: int, headers: Mapping[str, str]) -> list[Explored]:
        self.asked.append((near, limit, offset))
        if isinstance(self.failure, WeaveletError):
            raise self.failure
        return self.explored


@dataclass
class FakeCatalog:
    known: dict[str, Collection]
    named: dict[str, str]
    version: int = 1

    def collections(self) -> Mapping[str, Collection]:
        return self.known

    def aliases(self) -> Mapping[str, str]:
        return self.named

    def find(self, name: str) -> Collection | None:
        return self.known.get(self.named.get(name, name))


@dataclass
class FakeRegistry:
    kinds: dict[str, Kind]

    def rules(self) -> Mapping[str, ModuleRules]:
        return {name: ModuleRules(kind.value) for name, kind in self.kinds.items()}

    def serves(self, collection: Collection, kind: Kind) -> bool:
        return any(self.kinds.get(name) is kind for name in collection.modules)


@dataclass
class FakeSettings:
    query_defaults_limit: int = 25
    query_defaults_limit_graphql: int = 100
    query_reference_depth: int = 5


@dataclass
class World:
    """An endpoint over fakes. `ask` gives the answer, `request` what the searcher was asked for it."""

    catalog: FakeCatalog
    registry: FakeRegistry
    searcher: FakeSearcher = field(default_factory=FakeSearcher)
    settings: FakeSettings = field(default_factory=FakeSettings)

    def __post_init__(self) -> None:
        self.endpoint = Endpoint(cast(App, self))

    def ask(self, query: str, variables: dict[str, Any] | None = None, operation: str | None = None) -> dict[str, Any]:
        return self.endpoint.execute(query, variables, operation, {})

    def request(self, arguments: str, collection: str = "Agg", below: str = "t") -> SearchRequest:
        """The request that a Get with those arguments makes."""
        answer = self.ask(f"{{Get{{{collection}{arguments}{{{below}}}}}}}")
        assert "errors" not in answer, answer
        return cast(SearchRequest, self.searcher.asked[-1])

    def failure(self, arguments: str, collection: str = "Agg", below: str = "t") -> str:
        """The text with which such a Get fails."""
        answer = self.ask(f"{{Get{{{collection}{arguments}{{{below}}}}}}}")
        assert answer["data"] == {"Get": {collection: None}}, answer
        (error,) = answer["errors"]
        assert error["path"] == ["Get", collection]
        return cast(str, error["message"])

    def rows(self, *rows: Row, below: str, arguments: str = "", collection: str = "Agg") -> Any:
        """How rows are shown."""
        self.searcher.reply = Reply(rows=rows)
        answer = self.ask(f"{{Get{{{collection}{arguments}{{{below}}}}}}}")
        assert "errors" not in answer, answer
        return answer["data"]["Get"][collection]


def make_world(
    *, vectorizers: int = 2, collections: tuple[Collection, ...] = (PERSON, AGG, L2, NAMED, TEXT, NOTE)
) -> World:
    kinds = {
        VECTORIZER: Kind.VECTORIZER,
        "reranker-dummy": Kind.RERANKER,
        **dict.fromkeys(("generative-dummy", "generative-mistral", "generative-openai"), Kind.GENERATOR),
    }
    more = {f"text2vec-{number}": Kind.VECTORIZER for number in range(1, vectorizers)}
    known = {collection.name: collection for collection in collections}
    return World(FakeCatalog(known, {"People": "Person"}), FakeRegistry({**kinds, **more}))
