"""gRPC messages inside of a stream's data: a byte that says whether it is compressed, four for the size, the bytes."""

import zlib
from collections.abc import Mapping
from typing import Final

from weavelet.api.errors import StatusCode
from weavelet.api.grpc.calls import Refusal

PREFIX_SIZE: Final = 5
ENCODINGS: Mapping[str, int] = {"gzip": 31, "deflate": 15}
"""Compressions by name, with zlib's number for each."""


def framed(message: bytes) -> bytes:
    return b"\x00" + len(message).to_bytes(4, "big") + message


class MessageReader:
    """Cuts one stream's data into messages."""

    __slots__ = ("_encoding", "_largest", "_parts", "_size")

    def __init__(self, encoding: str, largest: int) -> None:
        self._encoding = encoding
        self._largest = largest
        self._parts: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes that wait for the rest of their message."""
        return self._size

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now. Raises `Refusal` for one that is too large or cannot be unpacked."""
        if not self._parts and len(data) >= PREFIX_SIZE and len(data) == PREFIX_SIZE + self._announced(data):
            return [self._unpacked(data[0], data[PREFIX_SIZE:])]
        self._parts.append(data)
        self._size += len(data)
        if self._size < PREFIX_SIZE or self._size < PREFIX_SIZE + self._announced(self._start()):
            return []
        whole = b"".join(self._parts)
        found, start = [], 0
        while len(whole) - start >= PREFIX_SIZE:
            end = start + PREFIX_SIZE + self._announced(whole[start : start + PREFIX_SIZE])
            if end > len(whole):
                break
            found.append(self._unpacked(whole[start], whole[start + PREFIX_SIZE : end]))
            start = end
        rest = whole[start:]
        self._parts = [rest] if rest else []
        self._size = len(rest)
        return found

    def _start(self) -> bytes:
        if len(self._parts[0]) < PREFIX_SIZE:
            self._parts = [b"".join(self._parts)]
        return self._parts[0]

    def _announced(self, data: bytes) -> int:
        size = int.from_bytes(data[1:PREFIX_SIZE], "big")
        if size > self._largest:
            raise _too_large(size, self._largest)
        return size

    def _unpacked(self, compressed: int, data: bytes) -> bytes:
        if not compressed:
            return data
        bits = ENCODINGS.get(self._encoding)
        if bits is None:
            raise Refusal(StatusCode.INTERNAL, "grpc: compressed flag set with identity or empty encoding")
        unpacking = zlib.decompressobj(bits)
        try:
            message = unpacking.decompress(data, self._largest + 1)
        except zlib.error as error:
            raise Refusal(StatusCode.INTERNAL, "grpc: failed to decompress the received message") from error
        if len(message) > self._largest:
            raise _too_large(len(message), self._largest)
        if not unpacking.eof:
            raise Refusal(StatusCode.INTERNAL, "grpc: failed to decompress the received message")
        return message


def _too_large(size: int, largest: int) -> Refusal:
    text = f"grpc: received message larger than max ({size} vs. {largest})"
    return Refusal(StatusCode.RESOURCE_EXHAUSTED, text)
