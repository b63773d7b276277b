"""Vectors on the wire: float32, little endian; several rows behind a uint16 with their length.

A number of bytes that is no whole number of floats loses its end, as in Weaviate: the length check of the index then
says what is wrong.
"""

import struct
from collections.abc import Iterable

import numpy as np

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.errors import InvalidVector
from weavelet.schema.objects import Vector

_FLOAT = np.dtype("<f4")
_DIMENSION = struct.Struct("<H")

SINGLE = pb.Vectors.VECTOR_TYPE_SINGLE_FP32
MULTI = pb.Vectors.VECTOR_TYPE_MULTI_FP32


def decode(message: pb.Vectors) -> Vector:
    """`(d,)` float32, or `(n, d)` for a multi-vector. Raises `InvalidVector`."""
    return decode_rows(message.vector_bytes) if message.type == MULTI else decode_floats(message.vector_bytes)


def decode_floats(data: bytes) -> Vector:
    """`(d,)` float32."""
    return np.frombuffer(data, _FLOAT, count=len(data) // _FLOAT.itemsize)


def decode_rows(data: bytes) -> Vector:
    """`(n, d)` float32. Raises `InvalidVector` where the bytes are no rows of the length they announce."""
    if len(data) < _DIMENSION.size:
        raise InvalidVector("multi vector is empty")
    (dimension,) = _DIMENSION.unpack_from(data)
    floats = decode_floats(data[_DIMENSION.size :])
    if not dimension or not len(floats) or len(floats) % dimension:
        raise InvalidVector(f"multi vector of {len(floats)} values cannot be split into rows of {dimension}")
    return floats.reshape(-1, dimension)


def from_list(values: Iterable[float]) -> Vector:
    """`(d,)` float32 from the repeated field of the oldest clients."""
    return np.fromiter(values, _FLOAT)


def encode(message: pb.Vectors, name: str, vector: Vector) -> None:
    """Fill in a named vector."""
    message.name = name
    message.vector_bytes = encode_rows(vector) if vector.ndim > 1 else encode_floats(vector)
    message.type = MULTI if vector.ndim > 1 else SINGLE


def encode_floats(vector: Vector) -> bytes:
    return vector.astype(_FLOAT, copy=False).tobytes()


def encode_rows(vector: Vector) -> bytes:
    return _DIMENSION.pack(vector.shape[1]) + encode_floats(vector)
