"""A client that is connected: its socket, its connection, and its calls being made.

A reply is written by the thread that made it. Nobody waits for a thread that writes: what others have to say meanwhile
is taken along by that one. What the socket does not take at once is written when it can be.
"""

import logging
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from weavelet.api.errors import INTERNAL_ERROR, StatusCode
from weavelet.api.grpc.calls import Gone, Refusal, Streaming, Unary
from weavelet.api.grpc.http2.connection import Connection
from weavelet.api.grpc.http2.stream import Stream
from weavelet.handlers import Call

_log = logging.getLogger(__name__)

_MOST_UNSENT: Final = 4 * 1024 * 1024
"""Bytes that a client has not taken, above which it is not read from, and a stream's handler waits."""


class Peer:
    """Any thread may reply; what they do to the connection happens one at a time."""

    def __init__(
        self,
        socket: socket.socket,
        connection: Connection,
        watch: Callable[["Peer"], None],
        forget: Callable[["Peer"], None],
    ) -> None:
        """`watch` is called when `interest` has changed, `forget` before the socket is closed."""
        self.socket = socket
        self._connection = connection
        self._watch = watch
        self._forget = forget
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        """Told where a stream's handler may be waiting for something."""
        self._writing = False
        """Whether a thread is writing, or the socket takes no more."""
        self._unsent: memoryview = memoryview(b"")
        """What the socket did not take."""
        self._interest = selectors.EVENT_READ

    @property
    def interest(self) -> int:
        """What of the socket is worth knowing."""
        return self._interest

    @property
    def idle(self) -> bool:
        return self._connection.idle and not self._writing

    def read(self, buffer: bytearray, calls: list[Call]) -> None:
        """Read what is there, and add the calls that can begin."""
        try:
            size = self.socket.recv_into(buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        if size == 0:
            self.close()
            return
        with self._lock:
            begun = self._connection.receive(bytes(buffer[:size]))
            self._changed.notify_all()
            over = self._connection.broken
            data = self._claim()
        calls.extend([partial(self._run, stream) for stream in begun])
        self._write(data)
        if over:
            self.close()

    def write(self) -> None:
        """Write what there is to say."""
        with self._lock:
            data = self._claim()
        self._write(data)

    def write_on(self) -> None:
        """Go on: the socket takes more."""
        with self._lock:
            data, self._unsent = self._unsent, memoryview(b"")
        self._write(data)

    def leave(self) -> None:
        """Tell the client to go elsewhere with its next call."""
        with self._lock:
            self._connection.leave()
            data = self._claim()
        self._write(data)

    def abandon(self) -> None:
        """Give up the calls that are under way."""
        with self._lock:
            self._connection.lost()
            self._changed.notify_all()

    def close(self) -> None:
        self._forget(self)
        with self._lock:
            self._connection.lost()
            self._unsent = memoryview(b"")
            self._changed.notify_all()
            self.socket.close()

    # --- Calls ---

    def _run(self, stream: Stream) -> None:
        """Make a call. What it raises is its client's business."""
        if not stream.alive:
            return
        method = stream.method
        try:
            match method:
                case Unary():
                    self._answer(stream, method)
                    return
                case Streaming():
                    for message in method.handle(self._messages(stream), stream.metadata):
                        self._send(stream, message)
                    refusal = None
        except Refusal as raised:
            refusal = raised
        except Gone:
            return
        except Exception:
            _log.exception("a call failed")
            refusal = Refusal(StatusCode.INTERNAL, INTERNAL_ERROR)
        with self._lock:
            self._connection.finish(stream, refusal)
            data = self._claim()
        self._write(data)

    def _answer(self, stream: Stream, method: Unary) -> None:
        with self._lock:
            message = self._connection.take(stream)
        if message is None:
            return
        reply = method.handle(stream.reader.unpacked(message), stream.metadata)
        with self._lock:
            self._connection.answer(stream, reply)
            data = self._claim()
        self._write(data)

    def _messages(self, stream: Stream) -> Iterator[bytes]:
        """What the client sends in a stream, waited for. Raises `Gone`."""
        while True:
            with self._lock:
                while (message := self._connection.take(stream)) is None:
                    if not stream.alive:
                        raise Gone
                    if stream.ended:
                        return
                    self._changed.wait()
                data = self._claim()
            self._write(data)
            yield stream.reader.unpacked(message)

    def _send(self, stream: Stream, message: bytes) -> None:
        """Send one of several messages, and wait where the client takes none. Raises `Gone`."""
        with self._lock:
            self._connection.send(stream, message)
            data = self._claim()
        self._write(data)
        with self._lock:
            while stream.alive and stream.backlog + self._backlog() > _MOST_UNSENT:
                self._changed.wait()
            if not stream.alive:
                raise Gone

    # --- Writing ---

    def _claim(self) -> bytes:
        """What is to be written, unless another thread is at it, or the socket takes no more. The lock is held."""
        if self._writing:
            self._look_again()
            return b""
        data = self._connection.output()
        self._writing = bool(data)
        return data

    def _write(self, data: bytes | memoryview) -> None:
        """Write what was claimed, and what others have left meanwhile, as far as the socket takes it."""
        while data:
            sent = self._sent(data)
            with self._lock:
                if sent < len(data):
                    self._unsent = memoryview(data)[sent:]
                    data = b""
                else:
                    data = self._connection.output()
                    self._writing = bool(data)
                self._look_again()

    def _look_again(self) -> None:
        """See what is waited for now, since something was written or is to be. The lock is held."""
        interest = selectors.EVENT_READ
        if self._unsent:
            full = self._backlog() > _MOST_UNSENT
            interest = selectors.EVENT_WRITE | (0 if full else selectors.EVENT_READ)
        if interest != self._interest:
            self._interest = interest
            self._watch(self)
            self._changed.notify_all()

    def _backlog(self) -> int:
        """Bytes that wait for the socket. The lock is held."""
        return len(self._unsent) + self._connection.output_size if self._writing else 0

    def _sent(self, data: bytes | memoryview) -> int:
        """How many bytes the socket took. All of them where nobody is there any more, of which reading will tell."""
        try:
            return self.socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.abandon()
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            return len(data)
