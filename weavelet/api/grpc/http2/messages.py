"""gRPC messages inside of a stream's data: a byte that says whether it is compressed, four for the size, the bytes."""

import zlib
from collections.abc import Mapping
from typing import Final, TypeAlias

from weavelet.api.errors import StatusCode
from weavelet.api.grpc.calls import Refusal

PREFIX_SIZE: Final = 5
ENCODINGS: Mapping[str, int] = {"gzip": 31, "deflate": 15}
"""Compressions by name, with zlib's number for each."""


def framed(message: bytes) -> bytes:
    return b"\x00" + len(message).to_bytes(4, "big") + message


Message: TypeAlias = tuple[int, bytes]
"""As it was sent: whether it is compressed, and the bytes."""


class MessageReader:
    """Cuts one stream's data into messages."""

    __slots__ = ("_encoding", "_largest", "_rest")

    def __init__(self, encoding: str, largest: int) -> None:
        self._encoding = encoding
        self._largest = largest
        self._rest = bytearray()

    @property
    def size(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now. Raises `Refusal` for one that is too large."""
        rest = self._rest
        if not rest and len(data) >= PREFIX_SIZE and len(data) == PREFIX_SIZE + self._announced(data, 0):
            return [(data[0], data[PREFIX_SIZE:])]
        rest += data
        found, start = [], 0
        while len(rest) - start >= PREFIX_SIZE:
            first = start + PREFIX_SIZE
            end = first + self._announced(rest, start)
            if end > len(rest):
                break
            found.append((rest[start], bytes(memoryview(rest)[first:end])))
            start = end
        del rest[:start]
        return found

    def unpacked(self, message: Message) -> bytes:
        """A message as it was before it was compressed.

        Raises `Refusal` where that cannot be told or is too large. Left to whoever works on the message, so that no
        more of them are unpacked than are worked on.
        """
        compressed, packed = message
        if not compressed:
            return packed
        bits = ENCODINGS.get(self._encoding)
        if bits is None:
            raise Refusal(StatusCode.INTERNAL, "grpc: compressed flag set with identity or empty encoding")
        unpacking = zlib.decompressobj(bits)
        try:
            data = unpacking.decompress(packed, self._largest + 1)
        except zlib.error as error:
            raise Refusal(StatusCode.INTERNAL, "grpc: failed to decompress the received message") from error
        if len(data) > self._largest:
            raise _too_large(len(data), self._largest)
        if not unpacking.eof:
            raise Refusal(StatusCode.INTERNAL, "grpc: failed to decompress the received message")
        return data

    def _announced(self, data: bytes | bytearray, start: int) -> int:
        size = int.from_bytes(data[start + 1 : start + PREFIX_SIZE], "big")
        if size > self._largest:
            raise _too_large(size, self._largest)
        return size


def _too_large(size: int, largest: int) -> Refusal:
    text = f"grpc: received message larger than max ({size} vs. {largest})"
    return Refusal(StatusCode.RESOURCE_EXHAUSTED, text)
