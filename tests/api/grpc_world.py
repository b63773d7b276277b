"""Collections and short cuts for the tests of the gRPC door."""

import base64
import struct
from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import ParseDict

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.errors import CollectionNotFound
from weavelet.schema.collection import UNNAMED, Collection, Property, VectorConfig, VectorIndex
from weavelet.schema.datatypes import DataType, Distance


def vector(name: str, distance: Distance = Distance.COSINE, multivector: bool = False) -> VectorConfig:
    return VectorConfig(name=name, index=VectorIndex(kind="hnsw", distance=distance, multivector=multivector))


ADDRESS = (
    Property(name="city", type=DataType.TEXT),
    Property(name="zip", type=DataType.INT),
    Property(name="photo", type=DataType.BLOB),
    Property(name="flat", type=DataType.OBJECT, nested=(Property(name="floor", type=DataType.INT),)),
)

BOOK = Collection(
    name="Book",
    properties=(
        Property(name="title", type=DataType.TEXT),
        Property(name="tags", type=DataType.TEXT_ARRAY),
        Property(name="pages", type=DataType.INT),
        Property(name="runs", type=DataType.INT_ARRAY),
        Property(name="price", type=DataType.NUMBER),
        Property(name="prices", type=DataType.NUMBER_ARRAY),
        Property(name="sold", type=DataType.BOOLEAN),
        Property(name="sales", type=DataType.BOOLEAN_ARRAY),
        Property(name="printed", type=DataType.DATE),
        Property(name="reprints", type=DataType.DATE_ARRAY),
        Property(name="isbn", type=DataType.UUID),
        Property(name="isbns", type=DataType.UUID_ARRAY),
        Property(name="shop", type=DataType.GEO),
        Property(name="phone", type=DataType.PHONE),
        Property(name="cover", type=DataType.BLOB),
        Property(name="address", type=DataType.OBJECT, nested=ADDRESS),
        Property(name="addresses", type=DataType.OBJECT_ARRAY, nested=ADDRESS),
        Property(name="author", type=DataType.REFERENCE, targets=("Author",)),
        Property(name="related", type=DataType.REFERENCE, targets=("Author", "Book")),
    ),
    vectors={UNNAMED: vector(UNNAMED)},
)
AUTHOR = Collection(
    name="Author",
    properties=(
        Property(name="name", type=DataType.TEXT),
        Property(name="age", type=DataType.INT),
        Property(name="friend", type=DataType.REFERENCE, targets=("Author",)),
    ),
    vectors={UNNAMED: vector(UNNAMED, Distance.L2_SQUARED)},
)
NAMED = Collection(
    name="Named",
    properties=(Property(name="title", type=DataType.TEXT),),
    vectors={
        "a": vector("a"),
        "b": vector("b", Distance.L2_SQUARED),
        "m": vector("m", multivector=True),
    },
)
ONLY = Collection(name="Only", vectors={"one": vector("one")})

COLLECTIONS: Mapping[str, Collection] = {c.name: c for c in (BOOK, AUTHOR, NAMED, ONLY)}


def find(name: str) -> Collection:
    try:
        return COLLECTIONS[name[:1].upper() + name[1:]]
    except KeyError:
        raise CollectionNotFound(f"could not find class {name} in schema") from None


def floats(*values: float) -> str:
    """Vector bytes, as protobuf JSON writes them."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def rows(*values: tuple[float, ...]) -> str:
    """Multi-vector bytes, as protobuf JSON writes them."""
    flat = [item for row in values for item in row]
    return base64.b64encode(struct.pack(f"<H{len(flat)}f", len(values[0]), *flat)).decode()


def search_message(document: Mapping[str, Any]) -> pb.SearchRequest:
    message: pb.SearchRequest = ParseDict({"collection": "Book", **document}, pb.SearchRequest())
    return message
