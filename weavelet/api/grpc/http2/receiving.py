"""What a client sends in its calls: how much it may still send, and what has arrived and waits to be worked on.

The client gets credit back as data arrives. Where messages of a streaming call are left lying, that call gets none
until they are taken.
"""

from collections.abc import Callable
from typing import Final

from weavelet.api.errors import StatusCode
from weavelet.api.grpc.calls import Refusal, Unary
from weavelet.api.grpc.http2 import frames
from weavelet.api.grpc.http2.frames import ConnectionFault, ErrorCode, StreamFault
from weavelet.api.grpc.http2.messages import Message
from weavelet.api.grpc.http2.stream import Stream

STREAM_WINDOW: Final = 4 * 1024 * 1024
CONNECTION_WINDOW: Final = 16 * 1024 * 1024
MOST_HELD: Final = 512 * 1024 * 1024
"""Bytes of all calls of a connection that have arrived and are not worked on yet. As many of answers may wait."""
_MESSAGE_SIZE: Final = 128
"""What it takes to hold a message, however short it is."""


class Receiving:
    """The input of one connection's calls. `put` is called with the frames that give the client more credit."""

    def __init__(self, put: Callable[[bytes], None], most_held: int) -> None:
        self._put = put
        self._most_held = most_held
        self._credit = CONNECTION_WINDOW
        self._owed = 0
        self._held = 0

    def count(self, size: int) -> None:
        """Data has arrived, for whichever stream. Raises `ConnectionFault` where it is more than it may send."""
        self._credit -= size
        if self._credit < 0:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "more data than the connection's window")
        self._owed += size
        if self._owed * 2 >= CONNECTION_WINDOW:
            self._put(frames.window_update(0, self._owed))
            self._credit += self._owed
            self._owed = 0

    def take_in(self, stream: Stream, size: int, data: bytes) -> None:
        """A frame of this size has arrived for a stream, with this data in it.

        Raises `StreamFault` where it is more than the client may send, `Refusal` where the messages cannot be read, or
        there are too many.
        """
        stream.credit -= size
        if stream.credit < 0:
            raise StreamFault(stream.id, ErrorCode.FLOW_CONTROL_ERROR, "more data than the stream's window")
        stream.owed += size
        if not data:
            return
        messages = stream.reader.feed(data)
        held = len(data) + _MESSAGE_SIZE * len(messages)
        stream.arrived += len(data)
        stream.held += held
        self._held += held
        if self._held > self._most_held:
            raise Refusal(StatusCode.RESOURCE_EXHAUSTED, "too much is sent at a time over this connection")
        stream.inbox.extend(messages)
        if isinstance(stream.method, Unary) and len(stream.inbox) > 1:
            raise Refusal(StatusCode.INTERNAL, "grpc: a call of this method has one message, and this one has more")

    def give_credit(self, stream: Stream) -> None:
        """Let the client send more, unless messages of its stream are left lying."""
        if stream.owed * 2 >= STREAM_WINDOW and (isinstance(stream.method, Unary) or not stream.inbox):
            self._put(frames.window_update(stream.id, stream.owed))
            stream.credit += stream.owed
            stream.owed = 0

    def take(self, stream: Stream) -> Message | None:
        """The next message of the client, where there is one."""
        if not stream.inbox:
            return None
        message = stream.inbox.popleft()
        if not stream.inbox:
            taken = stream.held - stream.reader.size
            stream.held -= taken
            self._held -= taken
            if not stream.ended:
                self.give_credit(stream)
        return message

    def forget(self, stream: Stream) -> None:
        """Nothing that has arrived of this stream is worked on any more."""
        if stream.held:
            self._held -= stream.held
            stream.held = 0
            stream.inbox.clear()
