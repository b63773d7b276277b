"""What goes to a client: frames in the order in which they were put, data as far as its windows allow.

What the windows hold back goes out when the client opens them, a frame of each stream in turn.
"""

from collections.abc import Callable, Iterable
from typing import Final

from weavelet.api.errors import StatusCode
from weavelet.api.grpc.http2 import frames
from weavelet.api.grpc.http2.frames import ConnectionFault, ErrorCode, StreamFault
from weavelet.api.grpc.http2.headers import answer_head, trailers
from weavelet.api.grpc.http2.messages import framed
from weavelet.api.grpc.http2.stream import Stream

ANSWER_HEAD: Final = answer_head()
TRAILERS_OK: Final = trailers(StatusCode.OK)
_LAST: Final = frames.END_HEADERS | frames.END_STREAM


class Sending:
    """The output of one connection. `done` is called with a stream when all of its answer has gone out."""

    def __init__(self, done: Callable[[Stream], None]) -> None:
        self._done = done
        self._window = frames.DEFAULT_WINDOW
        self.first_window = frames.DEFAULT_WINDOW
        """The window with which a stream begins."""
        self.frame_size = frames.DEFAULT_FRAME_SIZE
        self._waiting: dict[int, Stream] = {}
        """Streams whose answers wait for a window, the one whose turn is next first."""
        self._outbox: list[bytes] = []
        self.held = 0
        """Bytes of all streams that wait for a window."""

    def put(self, frame: bytes) -> None:
        self._outbox.append(frame)

    def put_last(self, id: int, block: bytes) -> None:
        """Headers that end a stream."""
        self._outbox.append(frames.frame(frames.HEADERS, _LAST, id, block))

    def output(self) -> bytes:
        """What is to be sent now; nobody gets it twice."""
        if not self._outbox:
            return b""
        data = self._outbox[0] if len(self._outbox) == 1 else b"".join(self._outbox)
        self._outbox = []
        return data

    @property
    def size(self) -> int:
        """Bytes that `output` would give."""
        return sum(map(len, self._outbox))

    def answer(self, stream: Stream, message: bytes) -> None:
        """Head, message and end of an answer that has not begun: in one piece where the windows allow it."""
        data = framed(message)
        size = len(data)
        if size > min(self._window, stream.window, self.frame_size):
            self.message(stream, message)
            self.end(stream, TRAILERS_OK)
            return
        self._window -= size
        self._outbox.append(
            frames.frame(frames.HEADERS, frames.END_HEADERS, stream.id, ANSWER_HEAD)
            + frames.frame(frames.DATA, 0, stream.id, data)
            + frames.frame(frames.HEADERS, _LAST, stream.id, TRAILERS_OK)
        )
        self._done(stream)

    def message(self, stream: Stream, message: bytes) -> None:
        """One of the messages of an answer."""
        if not stream.begun:
            stream.begun = True
            self._outbox.append(frames.frame(frames.HEADERS, frames.END_HEADERS, stream.id, ANSWER_HEAD))
        data = framed(message)
        stream.outgoing.append(memoryview(data))
        self.held += len(data)
        self._pump(stream)

    def end(self, stream: Stream, block: bytes) -> None:
        """The trailers behind the last message."""
        stream.trailers = block if stream.begun else ANSWER_HEAD + block
        self._pump(stream)

    def open_window(self, increment: int) -> None:
        """The client takes so much more in all. Raises `ConnectionFault`."""
        self._window += increment
        code = _out_of_range(self._window, increment)
        if code is not None:
            raise ConnectionFault(code, "a window out of its range")
        self._pump_all()

    def open_window_of(self, stream: Stream, increment: int) -> None:
        """The client takes so much more of a stream. Raises `StreamFault`."""
        stream.window += increment
        code = _out_of_range(stream.window, increment)
        if code is not None:
            raise StreamFault(stream.id, code, "a window out of its range")
        self._pump(stream)

    def change_windows(self, streams: Iterable[Stream], first_window: int) -> None:
        """The client has another window for streams, those under way too. Raises `ConnectionFault`."""
        change = first_window - self.first_window
        self.first_window = first_window
        for stream in streams:
            stream.window += change
            if stream.window > frames.LARGEST_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window out of its range")
        self._pump_all()

    def forget(self, stream: Stream) -> None:
        """Nothing more of this stream is sent."""
        self.held -= sum(map(len, stream.outgoing))
        stream.outgoing.clear()
        self._waiting.pop(stream.id, None)

    def _pump(self, stream: Stream) -> None:
        """Send of what waits as much as the windows allow."""
        while self._pump_frame(stream):
            pass
        if stream.outgoing:
            self._waiting[stream.id] = stream
            return
        self._waiting.pop(stream.id, None)
        if stream.trailers is not None:
            self.put_last(stream.id, stream.trailers)
            self._done(stream)

    def _pump_all(self) -> None:
        """Send of all that waits, a frame of each stream in turn: a long answer does not hold up short ones."""
        moved = True
        while moved:
            moved = False
            for stream in list(self._waiting.values()):
                if self._pump_frame(stream):
                    moved = True
                    del self._waiting[stream.id]
                    if stream.outgoing:
                        self._waiting[stream.id] = stream
                    else:
                        self._pump(stream)

    def _pump_frame(self, stream: Stream) -> bool:
        """Send one frame of what waits, where the windows allow; whether they did."""
        waiting = stream.outgoing
        if not waiting:
            return False
        part = waiting[0]
        size = min(len(part), self._window, stream.window, self.frame_size)
        if size <= 0:
            return False
        self._outbox.append(frames.frame(frames.DATA, 0, stream.id, bytes(part[:size])))
        self._window -= size
        stream.window -= size
        self.held -= size
        if size == len(part):
            waiting.popleft()
        else:
            waiting[0] = part[size:]
        return True


def _out_of_range(window: int, increment: int) -> ErrorCode | None:
    if increment == 0:
        return ErrorCode.PROTOCOL_ERROR
    return ErrorCode.FLOW_CONTROL_ERROR if window > frames.LARGEST_WINDOW else None
