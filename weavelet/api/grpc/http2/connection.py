"""One client's connection without its socket: bytes in, calls begun and bytes out.

`receive` is given what arrives, keeps the rules of RFC 9113 and says which calls can begin; `answer`, `send` and
`finish` say what a call replies; `output` has what is to be sent. Replies go out as far as the client's windows allow,
the rest when it opens them. Has no lock: whoever owns the connection lets one thread in at a time.
"""

from collections.abc import Callable
from typing import Final

from weavelet.api.errors import StatusCode
from weavelet.api.grpc.calls import Methods, Refusal, Unary
from weavelet.api.grpc.http2 import frames
from weavelet.api.grpc.http2.frames import ConnectionFault, ErrorCode, Setting, StreamFault
from weavelet.api.grpc.http2.headers import (
    LARGEST_HEADERS,
    HeaderReader,
    Malformed,
    RequestHead,
    plain_status,
    trailers,
)
from weavelet.api.grpc.http2.messages import ENCODINGS, Message, MessageReader
from weavelet.api.grpc.http2.receiving import CONNECTION_WINDOW, MOST_HELD, STREAM_WINDOW, Receiving
from weavelet.api.grpc.http2.sending import ANSWER_HEAD, TRAILERS_OK, Sending
from weavelet.api.grpc.http2.stream import Stream

MOST_STREAMS: Final = 1_000
"""Calls of one connection at a time."""
FRAME_SIZE: Final = 256 * 1024
"""The largest frame taken: batches come in fewer pieces."""
_MOST_REMEMBERED: Final = 1_000
"""Streams ended before the client had said all: what it had sent by then is ignored."""


class Connection:
    """The server's side of the protocol."""

    def __init__(self, methods: Methods, largest_message: int, most_held: int = MOST_HELD) -> None:
        self._methods = methods
        self._largest_message = largest_message
        self._most_held = most_held
        self._headers = HeaderReader()
        self._streams: dict[int, Stream] = {}
        self._highest = 0
        self._cut_short: dict[int, None] = {}
        self._rest = b""
        self._greeted = False
        self._continued: tuple[int, int, bytearray] | None = None
        self._begun: list[Stream] = []
        self._leaving = False
        self.broken = False
        """Whether nothing will be read any more: what is in the output is the last of it."""
        self._sending = Sending(self._close)
        self._receiving = Receiving(self._sending.put, most_held)
        self._sending.put(
            frames.settings(
                {
                    Setting.MAX_CONCURRENT_STREAMS: MOST_STREAMS,
                    Setting.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
                    Setting.MAX_FRAME_SIZE: FRAME_SIZE,
                    Setting.MAX_HEADER_LIST_SIZE: LARGEST_HEADERS,
                }
            )
        )
        self._sending.put(frames.window_update(0, CONNECTION_WINDOW - frames.DEFAULT_WINDOW))
        self._on_frame: dict[int, Callable[[int, int, bytes], None]] = {
            frames.DATA: self._data,
            frames.HEADERS: self._headers_frame,
            frames.PRIORITY: self._priority,
            frames.RST_STREAM: self._reset,
            frames.SETTINGS: self._settings,
            frames.PUSH_PROMISE: self._push_promise,
            frames.PING: self._ping,
            frames.GOAWAY: self._goaway,
            frames.WINDOW_UPDATE: self._window_update,
            frames.CONTINUATION: self._continuation,
        }

    # --- What arrives ---

    def receive(self, data: bytes) -> list[Stream]:
        """The calls that can begin now: unary ones with their message, streaming ones from their headers on."""
        if self.broken:
            return []
        self._begun = []
        if self._rest:
            data = self._rest + data
        try:
            self._rest = data[self._read(data) :]
        except ConnectionFault as fault:
            self._break(fault.code, str(fault))
        return self._begun

    def lost(self) -> None:
        """The client is no longer there."""
        self.broken = True
        for stream in list(self._streams.values()):
            self._drop(stream)

    def _read(self, data: bytes) -> int:
        """Read all frames that are whole; where the rest begins."""
        start = 0
        if not self._greeted:
            if not self._greet(data):
                return 0
            start = len(frames.PREFACE)
        end = len(data)
        while end - start >= frames.HEAD_SIZE:
            size, kind, flags, stream = frames.read_head(data, start)
            if size > FRAME_SIZE:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, f"a frame of {size} bytes")
            first = start + frames.HEAD_SIZE
            if end - first < size:
                break
            start = first + size
            self._one(kind, flags, stream, data[first:start])
        return start

    def _greet(self, data: bytes) -> bool:
        """Whether the client's greeting is there: the preface, and a first frame that is its settings."""
        size = len(frames.PREFACE)
        if not data.startswith(frames.PREFACE[: len(data)]):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "this port speaks gRPC, which is HTTP/2")
        if len(data) < size + frames.HEAD_SIZE:
            return False
        _, kind, flags, _ = frames.read_head(data, size)
        if kind != frames.SETTINGS or flags & frames.ACK:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "the first frame is not the client's settings")
        self._greeted = True
        return True

    def _one(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if self._continued is not None and (kind != frames.CONTINUATION or stream != self._continued[0]):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a header block is not continued")
        handle = self._on_frame.get(kind)
        if handle is None:
            return  # Kinds that nobody knows are left aside (RFC 9113, section 4.1).
        try:
            handle(flags, stream, payload)
        except StreamFault as fault:
            self._cut(fault.stream, fault.code)

    def _data(self, flags: int, id: int, payload: bytes) -> None:
        size = len(payload)
        self._receiving.count(size)
        stream = self._streams.get(id)
        if stream is None:
            self._for_a_stream_of_old(id)
            return
        if stream.ended:
            raise StreamFault(id, ErrorCode.STREAM_CLOSED, "data behind the end")
        try:
            self._receiving.take_in(stream, size, frames.without_padding(flags, payload))
        except Refusal as refusal:
            self.finish(stream, refusal)
            return
        if flags & frames.END_STREAM:
            self._end(stream)
        else:
            self._receiving.give_credit(stream)

    def _end(self, stream: Stream) -> None:
        """The client has said all."""
        stream.ended = True
        announced = stream.metadata.get("content-length")
        if announced is not None and announced != str(stream.arrived):
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, "not as much data as announced")
        if stream.reader.size:
            self.finish(stream, Refusal(StatusCode.INTERNAL, "grpc: the last message is cut short"))
        elif isinstance(stream.method, Unary):
            if stream.inbox:
                self._begun.append(stream)
            else:
                self.finish(stream, Refusal(StatusCode.INTERNAL, "grpc: the call has no message"))

    def _headers_frame(self, flags: int, id: int, payload: bytes) -> None:
        if id % 2 == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a client's streams have odd numbers")
        block = frames.without_padding(flags, payload)
        if flags & frames.WITH_PRIORITY and len(block) < frames.PRIORITY_SIZE:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a priority has five bytes")
        if flags & frames.END_HEADERS:
            self._block(flags, id, block)
        else:
            self._continued = (id, flags, bytearray(block))

    def _continuation(self, flags: int, id: int, payload: bytes) -> None:
        if self._continued is None:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "there is no header block to continue")
        _, first_flags, block = self._continued
        block += payload
        if not payload or len(block) > LARGEST_HEADERS:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "a header block without end")
        if flags & frames.END_HEADERS:
            self._continued = None
            self._block(first_flags, id, bytes(block))

    def _block(self, flags: int, id: int, block: bytes) -> None:
        """A whole header block: of a new stream, or behind the messages of one.

        It is decoded before anything else ends its stream, since the next block may build on it.
        """
        priority = b""
        if flags & frames.WITH_PRIORITY:
            priority, block = block[: frames.PRIORITY_SIZE], block[frames.PRIORITY_SIZE :]
        if len(block) > LARGEST_HEADERS:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "a header block without end")
        new = id > self._highest
        stream = self._streams.get(id)
        if new:
            self._highest = id
        elif stream is None and id not in self._cut_short:
            raise ConnectionFault(ErrorCode.STREAM_CLOSED, "headers for a stream of old")
        try:
            if new:
                head = self._headers.request(block)
            else:
                self._headers.skip(block)
        except Malformed as error:
            code = ErrorCode.STREAM_CLOSED if stream is not None and stream.ended else ErrorCode.PROTOCOL_ERROR
            raise StreamFault(id, code, str(error)) from error
        if priority:
            self._check_dependency(id, priority)
        if new:
            self._open(flags, id, head)
        elif stream is not None:
            self._end_by_trailers(flags, stream)

    def _end_by_trailers(self, flags: int, stream: Stream) -> None:
        if stream.ended:
            raise StreamFault(stream.id, ErrorCode.STREAM_CLOSED, "headers behind the end")
        if not flags & frames.END_STREAM:
            raise StreamFault(stream.id, ErrorCode.PROTOCOL_ERROR, "headers in the middle of a stream")
        self._end(stream)

    def _open(self, flags: int, id: int, head: RequestHead) -> None:
        ended = bool(flags & frames.END_STREAM)
        if self._leaving or len(self._streams) >= MOST_STREAMS:
            raise StreamFault(id, ErrorCode.REFUSED_STREAM, "no more calls are taken")
        if head.method != "POST" or not head.is_grpc:
            self._refuse(id, ended, plain_status(415 if head.method == "POST" else 405))
            return
        method = self._methods.known.get(head.path)
        if method is None or (head.encoding != "identity" and head.encoding not in ENCODINGS):
            refusal = self._methods.unknown(head.path) if method is None else _unknown_encoding(head.encoding)
            self._refuse(id, ended, ANSWER_HEAD + trailers(refusal.code, refusal.details))
            return
        reader = MessageReader(head.encoding, self._largest_message)
        stream = Stream(id, method, head.metadata, reader, self._sending.first_window, STREAM_WINDOW)
        self._streams[id] = stream
        if not isinstance(method, Unary):
            self._begun.append(stream)
        if ended:
            self._end(stream)

    def _priority(self, _: int, id: int, payload: bytes) -> None:
        if id == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a priority is a stream's")
        if len(payload) != frames.PRIORITY_SIZE:
            raise StreamFault(id, ErrorCode.FRAME_SIZE_ERROR, "a priority has five bytes")
        self._check_dependency(id, payload)

    def _check_dependency(self, id: int, payload: bytes) -> None:
        if frames.number(payload) & frames.STREAM_MASK == id:
            raise StreamFault(id, ErrorCode.PROTOCOL_ERROR, "a stream that depends on itself")

    def _reset(self, _: int, id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a reset has four bytes")
        if id == 0 or id > self._highest:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a reset of no stream")
        stream = self._streams.get(id)
        if stream is not None:
            self._drop(stream)

    def _settings(self, flags: int, id: int, payload: bytes) -> None:
        if id != 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "settings are the connection's")
        if flags & frames.ACK:
            if payload:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "an acknowledgement has no settings")
            return
        found = frames.read_settings(payload)
        self._sending.frame_size = found.get(Setting.MAX_FRAME_SIZE, self._sending.frame_size)
        # Before any data that needs the new settings: until then the client holds us to the old ones.
        self._sending.put(frames.frame(frames.SETTINGS, frames.ACK, 0))
        if Setting.INITIAL_WINDOW_SIZE in found:
            self._sending.change_windows(self._streams.values(), found[Setting.INITIAL_WINDOW_SIZE])

    def _push_promise(self, _: int, __: int, ___: bytes) -> None:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "clients promise nothing")

    def _ping(self, flags: int, id: int, payload: bytes) -> None:
        if id != 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a ping is the connection's")
        if len(payload) != 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a ping has eight bytes")
        if not flags & frames.ACK:
            self._sending.put(frames.frame(frames.PING, frames.ACK, 0, payload))

    def _goaway(self, _: int, id: int, __: bytes) -> None:
        if id != 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "going away is the connection's")

    def _window_update(self, _: int, id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "a window's increment has four bytes")
        increment = frames.number(payload) & frames.LARGEST_WINDOW
        stream = self._streams.get(id)
        if id == 0:
            self._sending.open_window(increment)
        elif stream is not None:
            self._sending.open_window_of(stream, increment)
        elif id > self._highest:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a window of no stream")

    def _for_a_stream_of_old(self, id: int) -> None:
        """Data for no open stream: on its way when the answer ended the stream, or against the rules."""
        if id == 0 or id > self._highest:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "data for no stream")
        if id not in self._cut_short:
            raise StreamFault(id, ErrorCode.STREAM_CLOSED, "data for a stream of old")

    # --- What is replied ---

    def answer(self, stream: Stream, message: bytes) -> None:
        """The one message of a call, and its end. Refused where the client leaves too much of others waiting."""
        if not self._may_send(stream, message):
            return
        held = self._sending.held
        if held and held + len(message) > self._most_held:
            text = "too much waits to be taken over this connection"
            self.finish(stream, Refusal(StatusCode.RESOURCE_EXHAUSTED, text))
        else:
            self._sending.answer(stream, message)

    def send(self, stream: Stream, message: bytes) -> None:
        """One of the messages of a call. Ends the call where it is too large, does nothing where nobody listens."""
        if self._may_send(stream, message):
            self._sending.message(stream, message)

    def finish(self, stream: Stream, refusal: Refusal | None = None) -> None:
        """No more messages follow: the call is done, or it failed."""
        if stream.alive and stream.trailers is None:
            self._sending.end(stream, TRAILERS_OK if refusal is None else trailers(refusal.code, refusal.details))

    def _may_send(self, stream: Stream, message: bytes) -> bool:
        """Whether somebody listens. Ends the call where its message is too large."""
        if not stream.alive or stream.trailers is not None:
            return False
        if len(message) <= self._largest_message:
            return True
        text = f"grpc: trying to send message larger than max ({len(message)} vs. {self._largest_message})"
        self.finish(stream, Refusal(StatusCode.RESOURCE_EXHAUSTED, text))
        return False

    def take(self, stream: Stream) -> Message | None:
        """The next message of the client, where there is one."""
        return self._receiving.take(stream)

    def leave(self) -> None:
        """Take no more calls; those under way are answered."""
        if not self._leaving and not self.broken:
            self._leaving = True
            self._sending.put(frames.goaway(self._highest, ErrorCode.NO_ERROR, "the server is stopping"))

    def output(self) -> bytes:
        """What is to be sent now; nobody gets it twice."""
        return self._sending.output()

    @property
    def output_size(self) -> int:
        """Bytes that `output` would give."""
        return self._sending.size

    @property
    def idle(self) -> bool:
        """Whether no call is under way."""
        return not self._streams

    def _refuse(self, id: int, ended: bool, block: bytes) -> None:
        """Answer what cannot become a call."""
        self._sending.put_last(id, block)
        if not ended:
            self._cut(id, ErrorCode.NO_ERROR)

    def _close(self, stream: Stream) -> None:
        """Everything is said. A client that has not ended its side is told that nobody listens any more."""
        self._drop(stream)
        if not stream.ended:
            self._cut(stream.id, ErrorCode.NO_ERROR)

    def _cut(self, id: int, code: ErrorCode) -> None:
        """End a stream at once."""
        self._sending.put(frames.rst_stream(id, code))
        self._cut_short[id] = None
        if len(self._cut_short) > _MOST_REMEMBERED:
            del self._cut_short[next(iter(self._cut_short))]
        stream = self._streams.get(id)
        if stream is not None:
            self._drop(stream)

    def _drop(self, stream: Stream) -> None:
        stream.alive = False
        self._receiving.forget(stream)
        self._sending.forget(stream)
        self._streams.pop(stream.id, None)

    def _break(self, code: ErrorCode, text: str) -> None:
        self._sending.put(frames.goaway(self._highest, code, text))
        self.lost()


def _unknown_encoding(encoding: str) -> Refusal:
    text = f"grpc: Decompressor is not installed for grpc-encoding {encoding!r}"
    return Refusal(StatusCode.UNIMPLEMENTED, text)
