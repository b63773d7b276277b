"""A small collection and ways to write to it, shared by the tests of the shard, the database and crashes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from weavelet.engine.query import Change, Keyword, Put
from weavelet.engine.shard import Shard
from weavelet.schema.collection import UNNAMED, Collection, MultiTenancy, Property, VectorConfig, VectorIndex
from weavelet.schema.datatypes import DataType, Distance, Tokenization
from weavelet.schema.objects import Object, Vector

DIMENSIONS = 4


def collection(
    name: str = "Note",
    *,
    vectors: Sequence[str] = (UNNAMED,),
    numbers: Sequence[str] = ("number",),
    tenants: bool = False,
    activation: bool = False,
) -> Collection:
    """A `text` property, whole numbers, and vectors compared by squared distance."""
    return Collection(
        name=name,
        properties=(
            Property(name="text", type=DataType.TEXT, tokenization=Tokenization.WORD, searchable=True),
            *(Property(name=number, type=DataType.INT) for number in numbers),
        ),
        vectors={
            vector: VectorConfig(
                name=vector,
                index=VectorIndex(kind="hnsw", distance=Distance.L2_SQUARED, document={"distance": "l2-squared"}),
            )
            for vector in vectors
        },
        multi_tenancy=MultiTenancy(enabled=tenants, auto_tenant_activation=activation),
    )


def id_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def vector_of(number: int, dimensions: int = DIMENSIONS) -> Vector:
    """A vector no other small number has."""
    return np.array([number, *[1.0] * (dimensions - 1)], np.float32)


def note(
    number: int, text: str | None = None, *, vectors: Mapping[str, Vector] | None = None, ms: int = 1, **more: Any
) -> Object:
    """Found by the word `w<number>`, by its number, and by its vector."""
    return Object(
        collection="Note",
        id=id_of(number),
        properties={"text": f"note w{number}" if text is None else text, "number": number, **more},
        vectors={UNNAMED: vector_of(number)} if vectors is None else vectors,
        created_ms=ms,
        updated_ms=ms,
    )


def put(*numbers: int) -> list[Change]:
    return [Put(note(number)) for number in numbers]


def by_keyword(shard: Shard, word: str) -> list[str]:
    with shard.read_lock():
        hits = shard.keyword.search(Keyword(word), 100, None)
        return [shard.id_of(hit.doc) for hit in hits]


def by_vector(shard: Shard, vector: Vector, name: str = UNNAMED) -> str | None:
    """The id of the nearest object, if it is at that very place."""
    with shard.read_lock():
        hits = shard.slots[name].search(vector, 1, None)
        return shard.id_of(hits[0].doc) if hits and hits[0].distance == 0 else None


def ids(shard: Shard) -> list[str]:
    return shard.list_ids(None, 100_000)
