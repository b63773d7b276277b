"""The gRPC door's sockets: connections accepted, read and written by the door's threads.

One thread at a time waits for what arrives and gives it to the connections; what they make of it are calls, which run
where `handlers.HandlerThreads` says. What a client has to do with it is in `peer.py`.
"""

import errno
import logging
import selectors
import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Final

from weavelet.api.grpc.calls import Methods
from weavelet.api.grpc.http2.connection import Connection
from weavelet.api.grpc.peer import Peer
from weavelet.errors import Unavailable
from weavelet.handlers import Call, HandlerThreads

_log = logging.getLogger(__name__)

_READ_SIZE: Final = 512 * 1024
_BACKLOG: Final = 128
_END_SECONDS: Final = 1.0
"""How long threads are waited for whose calls did not end within the grace."""
_PAUSE_SECONDS: Final = 0.05
"""How long no connections are accepted after there was no file descriptor left for one."""


class Listener:
    """Serves methods on any number of ports."""

    def __init__(self, methods: Methods, largest_message: int) -> None:
        self._methods = methods
        self._largest_message = largest_message
        self._selector = selectors.DefaultSelector()
        self._threads = HandlerThreads(self._read, name="grpc")
        self._listening: list[socket.socket] = []
        self.peers: set[Peer] = set()
        """Who is connected."""
        self._unwatched: deque[Peer] = deque()
        self._resting: deque[tuple[float, socket.socket]] = deque()
        """Sockets where no connections are accepted for now, and until when."""
        self._buffer = bytearray(_READ_SIZE)
        self._nudged, self._nudger = socket.socketpair()
        self._nudged.setblocking(False)
        self._nudger.setblocking(False)
        self._selector.register(self._nudged, selectors.EVENT_READ, self._on_nudge)
        self._stopped = False

    def listen(self, host: str, port: int) -> int:
        """The port, which the system picks for 0. Raises `Unavailable` where it is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            raise Unavailable(f"cannot listen on {host}:{port} for gRPC: {error.strerror}") from error
        listening.setblocking(False)
        self._listening.append(listening)
        self._selector.register(listening, selectors.EVENT_READ, partial(self._accept, listening))
        bound: int = listening.getsockname()[1]
        return bound

    def start(self) -> None:
        self._threads.start()

    def stop(self, grace_seconds: float) -> None:
        """Take no more calls, wait so long for those under way, and close every connection."""
        deadline = time.monotonic() + grace_seconds
        self._stopped = True
        self.nudge()
        for peer in list(self.peers):
            peer.leave()
        while any(not peer.idle for peer in list(self.peers)) and time.monotonic() < deadline:
            time.sleep(0.005)
        for peer in list(self.peers):
            peer.abandon()
        self._threads.close()
        self.nudge()
        ended = self._threads.join(_END_SECONDS)
        for peer in list(self.peers):
            peer.close()
        for listening in self._listening:
            listening.close()
        if ended:
            self._selector.close()
            self._nudged.close()
            self._nudger.close()

    def nudge(self) -> None:
        """Bring the thread that reads to look around."""
        with suppress(BlockingIOError, OSError):
            self._nudger.send(b"\0")

    def watch_later(self, peer: Peer) -> None:
        """Be told of what the peer waits for, which is something else now."""
        self._unwatched.append(peer)
        self.nudge()

    def forget(self, peer: Peer) -> None:
        self.peers.discard(peer)
        self._forget(peer.socket)

    def _forget(self, socket: socket.socket) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(socket)

    def _read(self) -> list[Call]:
        """Wait for what arrives; the calls that can begin."""
        while self._unwatched:
            self._watch(self._unwatched.popleft())
        calls: list[Call] = []
        for key, events in self._selector.select(self._rest_over() if self._resting else None):
            key.data(events, calls)
        return calls

    def _watch(self, peer: Peer) -> None:
        """Be told of what the peer waits for."""
        with suppress(KeyError, ValueError):
            self._selector.modify(peer.socket, peer.interest, partial(self._on_peer, peer))

    def _on_peer(self, peer: Peer, events: int, calls: list[Call]) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                peer.write_on()
            if events & selectors.EVENT_READ:
                peer.read(self._buffer, calls)
        except Exception:  # What one client sends must not end the reading of all.
            _log.exception("a connection failed")
            peer.close()

    def _on_nudge(self, _: int, __: list[Call]) -> None:
        with suppress(BlockingIOError):
            self._nudged.recv(4096)
        if self._stopped:
            for listening in self._listening:
                self._forget(listening)

    def _accept(self, listening: socket.socket, _: int, __: list[Call]) -> None:
        try:
            accepted, _address = listening.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                _log.warning("no file descriptors are left for another gRPC connection")
                self._forget(listening)
                self._resting.append((time.monotonic() + _PAUSE_SECONDS, listening))
            return
        try:
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            peer = Peer(accepted, Connection(self._methods, self._largest_message), self.watch_later, self.forget)
            self._selector.register(accepted, selectors.EVENT_READ, partial(self._on_peer, peer))
        except OSError:  # The client is gone again.
            accepted.close()
            return
        self.peers.add(peer)
        if self._stopped:
            peer.leave()
        peer.write_on()

    def _rest_over(self) -> float | None:
        """Accept connections again where the pause is over. How long the next one lasts, None without one."""
        now = time.monotonic()
        while self._resting:
            until, listening = self._resting[0]
            if now < until:
                return until - now
            self._resting.popleft()
            if not self._stopped:
                self._selector.register(listening, selectors.EVENT_READ, partial(self._accept, listening))
        return None
