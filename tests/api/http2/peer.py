"""A client of one connection without sockets: frames as bytes there, frames as tuples back.

("HEADERS", stream, headers, ended)  ("DATA", stream, bytes, ended)  ("RST_STREAM", stream, code)
("SETTINGS", values)  ("SETTINGS ACK",)  ("PING ACK", bytes)  ("WINDOW_UPDATE", stream, increment)
("GOAWAY", last stream, code)
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import hpack

from weavelet.api.errors import StatusCode
from weavelet.api.grpc.calls import Metadata, Methods, Refusal, Streaming, Unary
from weavelet.api.grpc.http2 import frames
from weavelet.api.grpc.http2.connection import Connection
from weavelet.api.grpc.http2.frames import ErrorCode, Setting
from weavelet.api.grpc.http2.messages import framed
from weavelet.api.grpc.http2.stream import Stream

Frame: TypeAlias = tuple[Any, ...]

LARGEST = 64 * 1024 * 1024
END = frames.END_STREAM
LAST = frames.END_STREAM | frames.END_HEADERS
ANSWER_HEAD = {":status": "200", "content-type": "application/grpc"}
OK = {"grpc-status": "0"}
HELLO = framed(b"hello")
GREETING = frames.PREFACE + frames.settings({})


def _as_many_as(data: bytes, _: Metadata) -> bytes:
    return bytes(int(data))


def _refused(data: bytes, _: Metadata) -> bytes:
    raise Refusal(StatusCode.NOT_FOUND, data.decode())


def _nothing(_: Iterator[bytes], __: Metadata) -> Iterator[bytes]:
    raise AssertionError("nobody makes the streaming calls here")


METHODS = Methods(
    {
        "/t/Echo": Unary(lambda data, _: data),
        "/t/Zeros": Unary(_as_many_as),
        "/t/Refused": Unary(_refused),
        "/t/Stream": Streaming(_nothing),
    },
    lambda path: Refusal(StatusCode.UNIMPLEMENTED, f"no {path}"),
)


def request(path: str = "/t/Echo", /, **more: str) -> list[tuple[str, str]]:
    """The headers of a call; `content_type="text/html"` for another value, `te=""` to leave one out."""
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    fields.update({name.replace("_", "-"): value for name, value in more.items()})
    return [(name, value) for name, value in fields.items() if value]


class Client:
    """Makes unary calls as soon as they can begin; streaming ones are in `streams` for the test to do so."""

    def __init__(self, largest: int = LARGEST, most_held: int = LARGEST, greeting: bytes = GREETING) -> None:
        self.connection = Connection(METHODS, largest, most_held)
        self.streams: dict[int, Stream] = {}
        self._encoder = hpack.Encoder()
        self._decoder = hpack.Decoder()
        self.greeted = self.send(greeting) if greeting else []

    def send(self, *parts: bytes) -> list[Frame]:
        """What comes back."""
        for stream in self.connection.receive(b"".join(parts)):
            self.streams[stream.id] = stream
            if isinstance(stream.method, Unary) and stream.alive:
                self._make(stream, stream.method.handle)
        return self.output()

    def output(self) -> list[Frame]:
        data = self.connection.output()
        found, start = [], 0
        while start < len(data):
            size, kind, flags, stream = frames.read_head(data, start)
            start += frames.HEAD_SIZE + size
            found.append(self._parsed(kind, flags, stream, data[start - size : start]))
        return found

    def call(self, id: int, path: str = "/t/Echo", message: bytes = b"hello", /, **more: str) -> bytes:
        """A whole call."""
        return self.headers(id, request(path, **more)) + frames.frame(frames.DATA, END, id, framed(message))

    def headers(self, id: int, fields: list[tuple[str, str]], flags: int = frames.END_HEADERS) -> bytes:
        return frames.frame(frames.HEADERS, flags, id, self.block(fields))

    def block(self, fields: list[tuple[str, str]]) -> bytes:
        data: bytes = self._encoder.encode(fields, huffman=False)
        return data

    def _make(self, stream: Stream, handle: Callable[[bytes, Metadata], bytes]) -> None:
        message = self.connection.take(stream)
        assert message is not None
        try:
            self.connection.answer(stream, handle(stream.reader.unpacked(message), stream.metadata))
        except Refusal as refusal:
            self.connection.finish(stream, refusal)

    def _parsed(self, kind: int, flags: int, stream: int, payload: bytes) -> Frame:
        ended = bool(flags & END)
        match kind:
            case frames.HEADERS:
                assert flags & frames.END_HEADERS
                return ("HEADERS", stream, dict(self._decoder.decode(payload)), ended)
            case frames.DATA:
                return ("DATA", stream, payload, ended)
            case frames.RST_STREAM:
                return ("RST_STREAM", stream, ErrorCode(frames.number(payload)).name)
            case frames.SETTINGS if flags & frames.ACK:
                return ("SETTINGS ACK",)
            case frames.SETTINGS:
                return ("SETTINGS", {Setting(key).name: value for key, value in frames.read_settings(payload).items()})
            case frames.PING:
                assert flags & frames.ACK
                return ("PING ACK", payload)
            case frames.WINDOW_UPDATE:
                return ("WINDOW_UPDATE", stream, frames.number(payload))
            case frames.GOAWAY:
                return ("GOAWAY", frames.number(payload), ErrorCode(frames.number(payload[4:])).name)
        raise AssertionError(f"a frame of kind {kind}")


def answered(id: int, message: bytes = b"hello") -> list[Frame]:
    """A call answered in one piece."""
    return [("HEADERS", id, ANSWER_HEAD, False), ("DATA", id, framed(message), False), ("HEADERS", id, OK, True)]


def refused(id: int, code: StatusCode, details: str) -> list[Frame]:
    """A call refused before it has answered anything."""
    fields: Mapping[str, str] = {**ANSWER_HEAD, "grpc-status": str(int(code)), "grpc-message": details}
    return [("HEADERS", id, fields, True)]


def received(frames: list[Frame], id: int) -> bytes:
    """The data of one stream."""
    return b"".join(frame[2] for frame in frames if frame[:2] == ("DATA", id))


Build: TypeAlias = Callable[[Client], bytes]
"""What a client sends."""


def data(id: int, payload: bytes, flags: int = 0) -> bytes:
    return frames.frame(frames.DATA, flags, id, payload)


def padded(kind: int, flags: int, id: int, payload: bytes, padding: int) -> bytes:
    return frames.frame(kind, flags | frames.PADDED, id, bytes((padding,)) + payload + bytes(padding))


def pieces(id: int, payload: bytes, size: int) -> bytes:
    """DATA frames of that size, the last of which ends the stream."""
    starts = range(0, len(payload), size)
    return b"".join(data(id, payload[at : at + size], END if at == starts[-1] else 0) for at in starts)


def window(size: int) -> bytes:
    return frames.settings({Setting.INITIAL_WINDOW_SIZE: size})
