"""Header blocks: what a request's says, and the few that answers need.

A client sends nearly the same headers with every call, and HPACK turns those into a few bytes that name entries of a
table. Such a block means the same until a block changes the table, so its meaning is kept and found again by its
bytes. Answers use literals only, so that they depend on no table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import hpack

from weavelet.api.grpc.http2.frames import ConnectionFault, ErrorCode

LARGEST_HEADERS = 64 * 1024
"""Bytes of names and values, and of a block before it is decoded."""

_MOST_KEPT = 64
_PSEUDO = frozenset({":method", ":scheme", ":path", ":authority"})
_NEEDED = frozenset({":method", ":scheme", ":path"})
_FORBIDDEN = frozenset("\r\n\0")
_OF_ONE_CONNECTION = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"})

_MOST_DETAILS = 5_000
"""Bytes of a refusal's text, which can become three times as long: a block must fit into a frame of 16 KiB."""
_STATUS_200 = 0x88
"""`:status: 200` in HPACK's static table."""
_GRPC_TYPE = "application/grpc"


class Malformed(Exception):
    """The block was decoded, but is no request's."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """`metadata` has every header that is text, by its name in small letters; of several of one name the last."""

    method: str
    path: str
    metadata: Mapping[str, str]

    @property
    def is_grpc(self) -> bool:
        kind = self.metadata.get("content-type", "")
        return kind.startswith(_GRPC_TYPE) and kind[len(_GRPC_TYPE) : len(_GRPC_TYPE) + 1] in ("", "+", ";")

    @property
    def encoding(self) -> str:
        """How the messages are compressed."""
        return self.metadata.get("grpc-encoding", "identity")


class HeaderReader:
    """Reads the blocks of one connection, which must all be given to it, in order."""

    def __init__(self) -> None:
        self._decoder = hpack.Decoder(max_header_list_size=LARGEST_HEADERS)
        self._known: dict[bytes, RequestHead] = {}

    def request(self, block: bytes) -> RequestHead:
        """Raises `ConnectionFault` where a block cannot be decoded, `Malformed` where it is no request's."""
        head = self._known.get(block)
        if head is None:
            head = _request(self._decode(block))
            if _changes_nothing(block) and len(self._known) < _MOST_KEPT:
                self._known[block] = head
        return head

    def skip(self, block: bytes) -> None:
        """Decode what nobody reads, for what it may do to the table. Raises `ConnectionFault`, `Malformed`."""
        for name, _ in self._decode(block):
            if name.startswith(":") or name != name.lower():
                raise Malformed(f"{name} among trailers")

    def _decode(self, block: bytes) -> list[tuple[str, str]]:
        if not _changes_nothing(block):
            self._known.clear()
        try:
            return [(_text(name), _text(value)) for name, value in self._decoder.decode(block, raw=True)]
        except hpack.HPACKError as error:
            raise ConnectionFault(ErrorCode.COMPRESSION_ERROR, str(error)) from error


def _changes_nothing(block: bytes) -> bool:
    """Whether a block only names entries of the table, the first 126 of it."""
    return min(block, default=0) >= 0x80 and 0xFF not in block


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _request(headers: list[tuple[str, str]]) -> RequestHead:
    pseudo: dict[str, str] = {}
    metadata: dict[str, str] = {}
    for name, value in headers:
        if name.startswith(":"):
            if metadata or name in pseudo or name not in _PSEUDO:
                raise Malformed(f"{name} is unknown, there twice, or behind others")
            pseudo[name] = value
            continue
        if name != name.lower() or name in _OF_ONE_CONNECTION or (name == "te" and value != "trailers"):
            raise Malformed(f"{name} has no place in HTTP/2")
        if not _FORBIDDEN.isdisjoint(value):
            raise Malformed(f"{name} has more than one line")
        if not name.endswith("-bin"):
            metadata[name] = value
    if not pseudo.keys() >= _NEEDED or not pseudo[":path"]:
        raise Malformed("a request has a method, a scheme and a path")
    return RequestHead(pseudo[":method"], pseudo[":path"], metadata)


def answer_head() -> bytes:
    """The block in front of an answer's messages."""
    return bytes((_STATUS_200,)) + _literal("content-type", _GRPC_TYPE)


def trailers(code: int, details: str = "") -> bytes:
    """The block that ends an answer."""
    message = _literal("grpc-message", _percent_encoded(details)) if details else b""
    return _literal("grpc-status", str(code)) + message


def plain_status(status: int) -> bytes:
    """The block of an answer to what is not gRPC."""
    return _literal(":status", str(status))


def _literal(name: str, value: str) -> bytes:
    """A literal that enters no table (RFC 7541, section 6.2.2)."""
    return b"\x00" + _string(name) + _string(value)


def _string(text: str) -> bytes:
    data = text.encode("ascii")
    size = len(data)
    if size < 127:
        return bytes((size,)) + data
    head, size = bytearray((127,)), size - 127
    while size >= 128:
        head.append(size & 127 | 128)
        size >>= 7
    head.append(size)
    return bytes(head) + data


def _percent_encoded(text: str) -> str:
    """As gRPC wants its messages: every byte but printable ASCII, and the percent sign, as %XX. Cut where too long."""
    return "".join(
        chr(byte) if 0x20 <= byte <= 0x7E and byte != 0x25 else f"%{byte:02X}"
        for byte in text.encode("utf-8", "replace")[:_MOST_DETAILS]
    )
