"""The gRPC door's sockets, asked by grpcio and by the `h2` package."""

import gc
import logging
import os
import random
import resource
import socket
import statistics
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

import grpc
import h2.config
import h2.connection
import h2.events
import pytest

from weavelet.api.errors import StatusCode
from weavelet.api.grpc.calls import Gone, Metadata, Method, Methods, Refusal, Streaming, Unary
from weavelet.api.grpc.http2.messages import framed
from weavelet.api.grpc.listener import Listener
from weavelet.errors import Unavailable
from weavelet.handlers import waiting

HOST = "127.0.0.1"
SECONDS = 10.0
LARGEST = 64 * 1024 * 1024
MB = 1_000_000
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class World:
    """A listener and what its methods have seen."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.leave = threading.Event()
        self.gone = threading.Event()
        self.sent = 0
        self.taken = 0
        methods: dict[str, Method] = {
            "/t/Echo": Unary(lambda data, _: data),
            "/t/Zeros": Unary(lambda data, _: bytes(int(data))),
            "/t/Size": Unary(lambda data, _: str(len(data)).encode()),
            "/t/Wait": Unary(self._wait),
            "/t/Sleep": Unary(self._sleep),
            "/t/Broken": Unary(self._broken),
            "/t/EchoAll": Streaming(self._echo_all),
            "/t/Pour": Streaming(self._pour),
            "/t/TakeOne": Streaming(self._take_one),
        }
        self.listener = Listener(
            Methods(methods, lambda path: Refusal(StatusCode.UNIMPLEMENTED, f"no {path}")), LARGEST
        )
        self.port = self.listener.listen(HOST, 0)
        self.listener.start()

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def stop(self, seconds: float = 0.0) -> None:
        self.leave.set()
        self.listener.stop(seconds)

    def _wait(self, data: bytes, _: Metadata) -> bytes:
        self.entered.release()
        with waiting():
            assert self.leave.wait(SECONDS)
        return data

    def _sleep(self, data: bytes, _: Metadata) -> bytes:
        self.entered.release()
        time.sleep(float(data))
        return data

    def _broken(self, _: bytes, __: Metadata) -> bytes:
        raise ValueError("a bug")

    def _echo_all(self, messages: Iterator[bytes], _: Metadata) -> Iterator[bytes]:
        with waiting():
            try:
                for message in messages:
                    self.taken += 1
                    yield message
            except (Gone, GeneratorExit):  # while it waits for a message, or for the client to take its reply
                self.gone.set()
                raise

    def _pour(self, messages: Iterator[bytes], _: Metadata) -> Iterator[bytes]:
        count, size = next(messages).split()
        with waiting():
            try:
                for _number in range(int(count)):
                    yield bytes(int(size))
                    self.sent += 1
            except GeneratorExit:
                self.gone.set()
                raise

    def _take_one(self, messages: Iterator[bytes], _: Metadata) -> Iterator[bytes]:
        with waiting():
            yield next(messages)
            assert self.leave.wait(SECONDS)
            for message in messages:
                self.taken += 1
                yield message


@pytest.fixture
def world(caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    made = World()
    with caplog.at_level(logging.WARNING):
        yield made
    made.stop()
    assert threads() == [], "threads are left"


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("grpc-")]


@contextmanager
def channel(world: World, *options: tuple[str, Any]) -> Iterator[grpc.Channel]:
    """A connection of its own."""
    alone = ("grpc.use_local_subchannel_pool", 1)
    with grpc.insecure_channel(world.address, options=[*UNLIMITED, alone, *options]) as opened:
        yield opened


def eventually(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS
    while not what() and time.monotonic() < end:
        time.sleep(0.002)
    return what()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


class Client:
    """The `h2` package on a socket."""

    def __init__(self, world: World, window: int = 65_535, buffer: int = 0) -> None:
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect((HOST, world.port))
        self.socket.settimeout(SECONDS)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.h2.initiate_connection()
        if window != 65_535:
            self.h2.update_settings({4: window})
            self.h2.increment_flow_control_window(window)
        self.flush()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def flush(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def begin(self, path: str, message: bytes | None = None) -> int:
        id = self.h2.get_next_available_stream_id()
        fields = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", HOST)]
        self.h2.send_headers(id, [*fields, ("content-type", "application/grpc"), ("te", "trailers")])
        if message is not None:
            self.h2.send_data(id, framed(message), end_stream=True)
        self.flush()
        return id

    def events(self, size: int = 65_536) -> list[h2.events.Event]:
        """What has arrived; nothing where the server has closed the connection. Opens the windows again."""
        data = self.socket.recv(size)
        events: list[h2.events.Event] = self.h2.receive_data(data) if data else []
        for event in events:
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        self.flush()
        return events

    def finish(self, id: int, size: int = 65_536, pause: float = 0.0) -> tuple[bytes, dict[str, str]]:
        """The data and the trailers of one call."""
        data = bytearray()
        while True:
            for event in self.events(size):
                if isinstance(event, h2.events.DataReceived) and event.stream_id == id:
                    data += event.data
                elif isinstance(event, h2.events.TrailersReceived) and event.stream_id == id:
                    return bytes(data), {str(name): str(value) for name, value in event.headers}
            time.sleep(pause)


# --- Many calls at a time ---


def test_many_calls_over_one_connection_and_over_many(world: World) -> None:
    def ask(opened: grpc.Channel, first: int) -> None:
        call = opened.unary_unary("/t/Echo")
        for number in range(first, first + 25):
            message = str(number).encode() * 50
            assert call(message, timeout=SECONDS) == message

    with channel(world) as one, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda first: ask(one, first), range(0, 800, 100)))

    def ask_alone(first: int) -> None:
        with channel(world) as own:
            ask(own, first)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask_alone, range(0, 800, 100)))


def test_many_calls_sent_in_one_piece_are_all_answered(world: World) -> None:
    with Client(world, window=1 << 20) as client:
        ids = [client.begin("/t/Echo", str(number).encode()) for number in range(300)]
        answers: dict[int, bytes] = {}
        ended: set[int] = set()
        while len(ended) < len(ids):
            for event in client.events():
                if isinstance(event, h2.events.DataReceived):
                    answers[event.stream_id] = event.data
                elif isinstance(event, h2.events.StreamEnded):
                    ended.add(event.stream_id)
        assert [answers[id] for id in ids] == [framed(str(number).encode()) for number in range(300)]


def test_slow_calls_do_not_hold_up_fast_ones(world: World) -> None:
    with channel(world) as opened:
        waits = [opened.unary_unary("/t/Wait").future(b"", timeout=SECONDS) for _ in range(5)]
        works = opened.unary_unary("/t/Sleep").future(b"0.3", timeout=SECONDS)
        for _ in range(6):
            assert world.entered.acquire(timeout=SECONDS)
        for _ in range(10):
            assert opened.unary_unary("/t/Echo")(b"fast", timeout=SECONDS) == b"fast"
        assert not works.done()
        assert not any(call.done() for call in waits)
        world.leave.set()
        assert [call.result() for call in waits] == [b""] * 5
        assert works.result() == b"0.3"


def test_a_bug_in_a_method_is_logged_and_not_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with channel(world) as opened:
        with pytest.raises(grpc.RpcError) as raised:
            opened.unary_unary("/t/Broken")(b"", timeout=SECONDS)
        assert raised.value.code() is grpc.StatusCode.INTERNAL
        assert "a bug" not in raised.value.details()
        assert opened.unary_unary("/t/Echo")(b"next", timeout=SECONDS) == b"next"
    assert "a bug" in caplog.text


# --- Large messages ---


@pytest.mark.parametrize(
    ("size", "window", "buffer", "pause"),
    [(5 * MB, 65_535, 0, 0.0), (30 * MB, 1 << 30, 0, 0.0), (3 * MB, 1 << 30, 4_096, 0.0003)],
    ids=["small windows", "large windows", "large windows, read slowly"],
)
def test_a_large_reply_arrives_whole(world: World, size: int, window: int, buffer: int, pause: float) -> None:
    with Client(world, window, buffer) as client:
        id = client.begin("/t/Zeros", str(size).encode())
        data, ending = client.finish(id, 1 << 20, pause)
    assert data == framed(bytes(size))
    assert ending == {"grpc-status": "0"}


def test_a_client_that_reads_nothing_does_not_hold_up_others(world: World) -> None:
    with Client(world, 1 << 30) as lazy, channel(world) as opened:
        id = lazy.begin("/t/Zeros", str(30 * MB).encode())
        for _ in range(20):
            assert opened.unary_unary("/t/Echo")(b"fast", timeout=SECONDS) == b"fast"
        assert lazy.finish(id, 1 << 20)[0] == framed(bytes(30 * MB))


def test_large_messages_both_ways_to_grpcio(world: World) -> None:
    with channel(world) as opened:
        assert opened.unary_unary("/t/Size")(bytes(30 * MB), timeout=SECONDS) == str(30 * MB).encode()
        assert len(opened.unary_unary("/t/Zeros")(str(30 * MB).encode(), timeout=SECONDS)) == 30 * MB
        with pytest.raises(grpc.RpcError) as raised:
            opened.unary_unary("/t/Size")(bytes(LARGEST + 1), timeout=SECONDS)
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate], ids=["gzip", "deflate"])
def test_compressed_messages_of_grpcio_are_read(world: World, compression: grpc.Compression) -> None:
    text = b"again and again " * 10_000
    with channel(world) as opened:
        assert opened.unary_unary("/t/Echo")(text, timeout=SECONDS, compression=compression) == text
        call = opened.stream_stream("/t/EchoAll")
        assert list(call(iter([text, b"", text]), timeout=SECONDS, compression=compression)) == [text, b"", text]


# --- Streams ---


def test_messages_of_any_size_come_and_go_in_a_stream(world: World) -> None:
    messages = [bytes((number,)) * (number**3) for number in range(80)]
    with channel(world) as opened:
        assert list(opened.stream_stream("/t/EchoAll")(iter(messages), timeout=SECONDS)) == messages


def test_a_stream_answers_each_message_before_the_next_is_sent(world: World) -> None:
    answered = threading.Semaphore(1)

    def in_turn() -> Iterator[bytes]:
        for number in range(20):
            assert answered.acquire(timeout=SECONDS)
            yield str(number).encode()

    with channel(world) as opened:
        for _ in opened.stream_stream("/t/EchoAll")(in_turn(), timeout=SECONDS):
            answered.release()
    assert world.taken == 20


@pytest.mark.parametrize("window", [65_535, 1 << 30], ids=["its windows are shut", "its socket is full"])
def test_a_stream_waits_for_a_client_that_does_not_read(world: World, window: int) -> None:
    with Client(world, window, buffer=4_096) as client:
        client.begin("/t/Pour", b"60 500000")
        assert eventually(lambda: world.sent > 0)
        seen = -1
        while seen != world.sent:
            seen = world.sent
            time.sleep(0.05)
        assert seen < 40
        while world.sent < seen + 4:
            client.events(1 << 20)


def test_a_client_waits_for_a_stream_that_takes_nothing(world: World) -> None:
    given_out = 0

    def pour() -> Iterator[bytes]:
        nonlocal given_out
        for _ in range(80):
            given_out += 1
            yield bytes(500_000)

    with channel(world) as opened:
        replies = opened.stream_stream("/t/TakeOne")(pour(), timeout=SECONDS)
        assert len(next(replies)) == 500_000
        seen = -1
        while seen != given_out:
            seen = given_out
            time.sleep(0.05)
        assert seen < 40
        world.leave.set()
        assert len(list(replies)) == 79
    assert world.taken == 79


# --- Clients that give up ---


def test_a_stream_is_told_that_its_call_was_cancelled(world: World) -> None:
    more = threading.Event()

    def one() -> Iterator[bytes]:
        yield b"one"
        more.wait(SECONDS)

    with channel(world) as opened:
        replies = opened.stream_stream("/t/EchoAll")(one())
        assert next(replies) == b"one"
        replies.cancel()
        assert world.gone.wait(SECONDS)
        more.set()
        assert opened.unary_unary("/t/Echo")(b"next", timeout=SECONDS) == b"next"


@pytest.mark.parametrize("window", [65_535, 1 << 30], ids=["its windows are shut", "its socket is full"])
def test_a_stream_that_waits_for_a_client_is_told_that_it_is_gone(world: World, window: int) -> None:
    with Client(world, window, buffer=4_096) as client:
        client.begin("/t/Pour", b"60 500000")
        assert eventually(lambda: world.sent > 0)
    assert world.gone.wait(SECONDS)
    assert eventually(lambda: not world.listener.peers)


def test_the_deadline_of_the_client_ends_a_call_for_it(world: World) -> None:
    with channel(world) as opened:
        with pytest.raises(grpc.RpcError) as raised:
            opened.unary_unary("/t/Wait")(b"", timeout=0.05)
        assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        world.leave.set()
        assert opened.unary_unary("/t/Echo")(b"next", timeout=SECONDS) == b"next"


def test_a_call_whose_client_disappears_ends_for_itself(world: World) -> None:
    with Client(world) as client:
        client.begin("/t/Wait", b"")
        assert world.entered.acquire(timeout=SECONDS)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert eventually(lambda: not world.listener.peers)
    world.leave.set()
    with channel(world) as opened:
        assert opened.unary_unary("/t/Echo")(b"next", timeout=SECONDS) == b"next"


# --- Strangers ---


def _everything(address: tuple[str, int], data: bytes) -> bytes:
    """What a server says before it closes the connection."""
    with closing(socket.create_connection(address, timeout=SECONDS)) as connected:
        try:
            connected.sendall(data)
            said = b""
            while part := connected.recv(65_536):
                said += part
        except ConnectionError:
            pass
        return said


def test_a_browser_is_sent_away(world: World, caplog: pytest.LogCaptureFixture) -> None:
    said = _everything((HOST, world.port), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b"this port speaks gRPC, which is HTTP/2" in said
    assert eventually(lambda: not world.listener.peers)
    assert caplog.records == []


def test_noise_ends_nothing_but_its_connection(world: World, caplog: pytest.LogCaptureFixture) -> None:
    noise = random.Random(7)
    greeting = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
    with channel(world) as opened:
        for number in range(60):
            data = noise.randbytes(noise.randrange(1, 3_000))
            with socket.create_connection((HOST, world.port), timeout=SECONDS) as connected:
                connected.sendall(greeting + data if number % 2 else data)
            assert number % 10 or opened.unary_unary("/t/Echo")(b"still", timeout=SECONDS) == b"still"
        assert eventually(lambda: len(world.listener.peers) == 1)
    assert caplog.records == []


def test_a_client_that_asks_and_never_reads_is_not_read_from_for_ever(world: World) -> None:
    pings = bytes((0, 0, 8, 6, 0, 0, 0, 0, 0)) + b"12345678"
    with Client(world, buffer=4_096) as client:
        client.socket.settimeout(0.2)
        sent = 0
        with suppress(TimeoutError):
            while sent < 50 * MB:
                sent += client.socket.send(pings * 5_000)
        assert sent < 50 * MB


def test_connections_opened_and_closed_leave_nothing_behind(world: World) -> None:
    with channel(world) as opened:
        opened.unary_unary("/t/Echo")(b"", timeout=SECONDS)
        before = descriptors()
        for number in range(150):
            connected = socket.create_connection((HOST, world.port), timeout=SECONDS)
            if number % 3 == 0:
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connected.close()
        assert eventually(lambda: len(world.listener.peers) == 1)
        assert descriptors() == before


def test_connections_are_accepted_later_and_calls_made_meanwhile_where_descriptors_are_short(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Client(world) as client, socket.socket() as late:
        assert client.finish(client.begin("/t/Echo", b"hello"))[0] == framed(b"hello")
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        try:
            late.connect((HOST, world.port))
            assert eventually(lambda: bool(caplog.records))
            times = []
            for _ in range(21):
                begun = time.monotonic()
                assert client.finish(client.begin("/t/Echo", b"hello"))[0] == framed(b"hello")
                times.append(time.monotonic() - begun)
            assert statistics.median(times) < 0.04, "less than the pause"
            assert len(world.listener.peers) == 1
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert eventually(lambda: len(world.listener.peers) == 2)
    assert {record.message for record in caplog.records} == {"no file descriptors are left for another gRPC connection"}


def test_nothing_is_kept_of_a_connection_that_is_closed(world: World) -> None:
    with Client(world) as client:
        for _ in range(3):
            assert client.finish(client.begin("/t/Echo", b"hello"))[0] == framed(b"hello")
        client.begin("/t/Pour", b"60 500000")
        assert eventually(lambda: world.sent > 0)
        [peer] = map(weakref.ref, world.listener.peers)
    assert eventually(lambda: bool(gc.collect() >= 0 and peer() is None))


# --- The end ---


def test_calls_under_way_are_finished_and_new_ones_refused(world: World) -> None:
    with channel(world) as opened, channel(world) as other:
        begun = opened.unary_unary("/t/Sleep").future(b"0.2", timeout=SECONDS)
        assert world.entered.acquire(timeout=SECONDS)
        large = opened.unary_unary("/t/Zeros").future(str(5 * MB).encode(), timeout=SECONDS)
        waits = other.unary_unary("/t/Wait").future(b"waits", timeout=SECONDS)
        assert world.entered.acquire(timeout=SECONDS)
        world.stop(SECONDS)
        assert begun.result() == b"0.2"
        assert large.result() == bytes(5 * MB)
        assert waits.result() == b"waits"
        with pytest.raises(grpc.RpcError) as raised:
            other.unary_unary("/t/Echo")(b"", timeout=SECONDS)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert threads() == []


def test_a_client_is_told_to_go_elsewhere_with_its_next_call(world: World) -> None:
    with Client(world) as client:
        client.begin("/t/Wait", b"")
        assert world.entered.acquire(timeout=SECONDS)
        stopping = threading.Thread(target=world.listener.stop, args=(SECONDS,))
        stopping.start()
        told: list[h2.events.Event] = []
        while not any(isinstance(event, h2.events.ConnectionTerminated) for event in told):
            told += client.events()
        world.leave.set()
        stopping.join(SECONDS)


def test_streams_that_would_go_on_for_ever_are_ended_after_the_grace(world: World) -> None:
    more = threading.Event()

    def one() -> Iterator[bytes]:
        yield b"one"
        more.wait(SECONDS)

    with channel(world) as opened:
        replies = opened.stream_stream("/t/EchoAll")(one())
        assert next(replies) == b"one"
        world.listener.stop(0.05)
        assert world.gone.is_set()
        with pytest.raises(grpc.RpcError) as raised:
            next(replies)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        more.set()


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_nothing_is_left_of_a_listener_that_was_stopped() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        before = descriptors()
        world = World()
        with Client(world) as client:
            assert client.finish(client.begin("/t/Echo", b"hello"))[0] == framed(b"hello")
            world.stop()
            world.listener.stop(0.0)
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind((HOST, world.port))
        del world, client
        gc.collect()
        assert descriptors() == before
        assert threads() == []
    assert [warning for warning in caught if warning.category is ResourceWarning] == []


def test_a_listener_that_was_never_started_can_be_stopped() -> None:
    before = descriptors()
    listener = Listener(Methods({}, lambda _: Refusal(StatusCode.UNIMPLEMENTED, "")), LARGEST)
    listener.listen(HOST, 0)
    listener.stop(0.0)
    assert descriptors() == before


def test_a_port_that_is_taken_is_said_to_be(world: World) -> None:
    with pytest.raises(Unavailable, match=f"cannot listen on {HOST}:{world.port} for gRPC"):
        world.listener.listen(HOST, world.port)
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, 0))
        port = bound.getsockname()[1]
        bound.listen()
        with pytest.raises(Unavailable, match=f"cannot listen on {HOST}:{port} for gRPC"):
            world.listener.listen(HOST, port)


def test_one_listener_serves_several_ports(world: World) -> None:
    other = world.listener.listen(HOST, 0)
    for port in (world.port, other):
        with grpc.insecure_channel(f"{HOST}:{port}") as opened:
            assert opened.unary_unary("/t/Echo")(b"hello", timeout=SECONDS) == b"hello"
