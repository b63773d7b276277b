"""HTTP/2 without sockets: frames in, frames out."""

import gzip
import struct
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.http2.peer import (
    ANSWER_HEAD,
    END,
    GREETING,
    LAST,
    OK,
    Client,
    Frame,
    answered,
    received,
    refused,
    request,
)
from weavelet.api.errors import StatusCode
from weavelet.api.grpc.http2 import frames
from weavelet.api.grpc.http2.connection import CONNECTION_WINDOW, FRAME_SIZE, MOST_STREAMS, STREAM_WINDOW
from weavelet.api.grpc.http2.frames import ErrorCode, Setting
from weavelet.api.grpc.http2.headers import LARGEST_HEADERS
from weavelet.api.grpc.http2.messages import framed

HELLO = framed(b"hello")


@pytest.fixture
def client() -> Client:
    return Client()


def data(id: int, payload: bytes, flags: int = 0) -> bytes:
    return frames.frame(frames.DATA, flags, id, payload)


def padded(kind: int, flags: int, id: int, payload: bytes, padding: int) -> bytes:
    return frames.frame(kind, flags | frames.PADDED, id, bytes((padding,)) + payload + bytes(padding))


def pieces(id: int, payload: bytes, size: int) -> bytes:
    """DATA frames of that size, the last of which ends the stream."""
    starts = range(0, len(payload), size)
    return b"".join(data(id, payload[at : at + size], END if at == starts[-1] else 0) for at in starts)


def _in_largest_frames(id: int, payload: bytes) -> list[bytes]:
    return [data(id, payload[at : at + FRAME_SIZE]) for at in range(0, len(payload), FRAME_SIZE)]


def window(size: int) -> bytes:
    return frames.settings({Setting.INITIAL_WINDOW_SIZE: size})


# --- Greeting, settings, pings ---


def test_the_server_greets_with_its_settings_and_acknowledges_the_clients() -> None:
    limits = {
        "MAX_CONCURRENT_STREAMS": MOST_STREAMS,
        "INITIAL_WINDOW_SIZE": STREAM_WINDOW,
        "MAX_FRAME_SIZE": FRAME_SIZE,
        "MAX_HEADER_LIST_SIZE": LARGEST_HEADERS,
    }
    assert Client().greeted == [
        ("SETTINGS", limits),
        ("WINDOW_UPDATE", 0, CONNECTION_WINDOW - frames.DEFAULT_WINDOW),
        ("SETTINGS ACK",),
    ]


def test_a_ping_comes_back_and_the_answer_to_one_does_not(client: Client) -> None:
    assert client.send(frames.frame(frames.PING, 0, 0, b"12345678")) == [("PING ACK", b"12345678")]
    assert client.send(frames.frame(frames.PING, frames.ACK, 0, b"12345678")) == []


@pytest.mark.parametrize(
    "frame",
    [
        frames.frame(0x42, 0xFF, 3, b"anything"),
        frames.frame(frames.SETTINGS, frames.ACK, 0),
        frames.frame(frames.GOAWAY, 0, 0, bytes(8)),
        frames.frame(frames.PRIORITY, 0, 7, bytes(5)),
    ],
    ids=["an unknown kind", "acknowledged settings", "the client leaves", "a priority"],
)
def test_frames_that_want_no_answer_get_none(client: Client, frame: bytes) -> None:
    assert client.send(frame) == []
    assert client.send(client.call(9)) == answered(9)


def test_unknown_settings_are_left_aside(client: Client) -> None:
    assert client.send(frames.frame(frames.SETTINGS, 0, 0, struct.pack(">HI", 0xABCD, 7))) == [("SETTINGS ACK",)]


# --- Calls ---

Build = Callable[[Client], bytes]


def _in_pieces(client: Client) -> bytes:
    return client.headers(1, request()) + pieces(1, HELLO, 3)


def _padded(client: Client) -> bytes:
    block = client.block(request())
    return padded(frames.HEADERS, frames.END_HEADERS, 1, block, 7) + padded(frames.DATA, END, 1, HELLO, 200)


def _with_priority(client: Client) -> bytes:
    block = bytes(4) + b"\x10" + client.block(request())
    flags = frames.END_HEADERS | frames.WITH_PRIORITY
    return frames.frame(frames.HEADERS, flags, 1, block) + data(1, HELLO, END)


def _padded_with_priority_and_continued(client: Client) -> bytes:
    block = bytes(4) + b"\x10" + client.block(request())
    return (
        padded(frames.HEADERS, frames.WITH_PRIORITY, 1, block[:8], 3)
        + frames.frame(frames.CONTINUATION, 0, 1, block[8:9])
        + frames.frame(frames.CONTINUATION, frames.END_HEADERS, 1, block[9:])
        + data(1, HELLO, END)
    )


def _with_an_empty_last_frame(client: Client) -> bytes:
    return client.headers(1, request()) + data(1, HELLO) + data(1, b"", END)


def _with_trailers(client: Client) -> bytes:
    return client.headers(1, request()) + data(1, HELLO) + client.headers(1, [("x-sum", "1")], LAST)


def _with_its_length(client: Client) -> bytes:
    return client.call(1, content_length=str(len(HELLO)))


CALLS: dict[str, Build] = {
    "in one piece": lambda client: client.call(1),
    "in many frames": _in_pieces,
    "padded": _padded,
    "with a priority": _with_priority,
    "padded, with a priority, continued": _padded_with_priority_and_continued,
    "an empty last frame": _with_an_empty_last_frame,
    "trailers": _with_trailers,
    "a content-length": _with_its_length,
    "application/grpc+proto": lambda client: client.call(1, content_type="application/grpc+proto"),
    "text beyond ASCII": lambda client: client.call(1, x_name="größer"),
}


@pytest.mark.parametrize("build", CALLS.values(), ids=CALLS.keys())
def test_a_call_is_answered_however_it_is_written(client: Client, build: Build) -> None:
    assert client.send(build(client)) == answered(1)
    assert client.connection.idle


@pytest.mark.parametrize("build", CALLS.values(), ids=CALLS.keys())
def test_a_call_is_answered_wherever_it_is_cut(build: Build) -> None:
    size = len(build(Client()))
    for cut in range(1, size):
        client = Client()
        whole = build(client)
        assert client.send(whole[:cut]) + client.send(whole[cut:]) == answered(1), cut


def _conversation(client: Client) -> bytes:
    return (
        GREETING
        + CALLS["trailers"](client)
        + client.call(3, "/t/Zeros", b"100000")
        + frames.frame(frames.PING, 0, 0, b"12345678")
        + client.call(5, "/t/Unknown")
        + frames.window_update(3, 50_000)
        + padded(frames.DATA, 0, 5, b"ignored", 9)
        + client.call(7, x_new="value")
        + frames.window_update(0, 50_000)
        + client.headers(9, request(content_length="1"))
        + data(9, HELLO, END)
    )


def _by_stream(found: list[Frame]) -> dict[int, tuple[bytes, list[Frame]]]:
    rest = [frame for frame in found if frame[0] != "DATA"]
    return {id: (received(found, id), [frame for frame in rest if id in frame[1:2]]) for id in range(10)}


@given(st.lists(st.integers(0, 600), max_size=12))
@settings(max_examples=50)
def test_the_same_bytes_have_the_same_answers_however_they_are_chopped(cuts: list[int]) -> None:
    whole, chopped = Client(greeting=b""), Client(greeting=b"")
    expected = _by_stream(whole.send(_conversation(whole)))
    data = _conversation(chopped)
    places = [0, *sorted(cuts), len(data)]
    found = [frame for first, last in pairwise(places) for frame in chopped.send(data[first:last])]
    assert len(expected[3][0]) == 100_005
    assert _by_stream(found) == expected


def test_what_the_handler_refuses_ends_the_call_with_its_status(client: Client) -> None:
    expected = refused(1, StatusCode.NOT_FOUND, "100%25 gr%C3%B6%C3%9Fer")
    assert client.send(client.call(1, "/t/Refused", "100% größer".encode())) == expected


def test_a_text_of_any_length_fits_into_the_smallest_frame(client: Client) -> None:
    [frame] = client.send(client.call(1, "/t/Refused", "ö".encode() * 50_000))
    assert frame[2]["grpc-message"].startswith("%C3%B6" * 2_000)
    assert len(frame[2]["grpc-message"]) < frames.DEFAULT_FRAME_SIZE - 100


UNKNOWN_ENCODING = "grpc: Decompressor is not installed for grpc-encoding 'br'"
REFUSALS: dict[str, tuple[Build, list[Frame]]] = {
    "an unknown method": (
        lambda client: client.call(1, "/t/None"),
        [*refused(1, StatusCode.UNIMPLEMENTED, "no /t/None"), ("RST_STREAM", 1, "NO_ERROR")],
    ),
    "an unknown method, ended at once": (
        lambda client: client.headers(1, request("/t/None"), LAST),
        refused(1, StatusCode.UNIMPLEMENTED, "no /t/None"),
    ),
    "an unknown encoding": (
        lambda client: client.call(1, grpc_encoding="br"),
        [*refused(1, StatusCode.UNIMPLEMENTED, UNKNOWN_ENCODING), ("RST_STREAM", 1, "NO_ERROR")],
    ),
    "not gRPC": (
        lambda client: client.headers(1, request(content_type="text/html"), LAST),
        [("HEADERS", 1, {":status": "415"}, True)],
    ),
    "nearly gRPC": (
        lambda client: client.headers(1, request(content_type="application/grpc-web"), LAST),
        [("HEADERS", 1, {":status": "415"}, True)],
    ),
    "no content type": (
        lambda client: client.call(1, content_type=""),
        [("HEADERS", 1, {":status": "415"}, True), ("RST_STREAM", 1, "NO_ERROR")],
    ),
    "GET": (
        lambda client: client.headers(1, [(":method", "GET"), *request()[1:]], LAST),
        [("HEADERS", 1, {":status": "405"}, True)],
    ),
    "no message": (
        lambda client: client.headers(1, request(), LAST),
        refused(1, StatusCode.INTERNAL, "grpc: the call has no message"),
    ),
    "no message, in an empty frame": (
        lambda client: client.headers(1, request()) + data(1, b"", END),
        refused(1, StatusCode.INTERNAL, "grpc: the call has no message"),
    ),
    "two messages": (
        lambda client: client.headers(1, request()) + data(1, HELLO * 2, END),
        [
            *refused(1, StatusCode.INTERNAL, "grpc: a call of this method has one message, and this one has more"),
            ("RST_STREAM", 1, "NO_ERROR"),
        ],
    ),
    "half a message": (
        lambda client: client.headers(1, request()) + data(1, HELLO[:-1], END),
        refused(1, StatusCode.INTERNAL, "grpc: the last message is cut short"),
    ),
    "half a prefix": (
        lambda client: client.headers(1, request()) + data(1, b"\0\0", END),
        refused(1, StatusCode.INTERNAL, "grpc: the last message is cut short"),
    ),
    "a message that is announced too large": (
        lambda client: client.headers(1, request()) + data(1, b"\0\xff\xff\xff\xff"),
        [
            *refused(1, StatusCode.RESOURCE_EXHAUSTED, "grpc: received message larger than max (4294967295 vs. 1000)"),
            ("RST_STREAM", 1, "NO_ERROR"),
        ],
    ),
    "a reply that is too large": (
        lambda client: client.call(1, "/t/Zeros", b"1001"),
        refused(1, StatusCode.RESOURCE_EXHAUSTED, "grpc: trying to send message larger than max (1001 vs. 1000)"),
    ),
    "compressed without an encoding": (
        lambda client: client.headers(1, request()) + data(1, b"\1" + HELLO[1:], END),
        refused(1, StatusCode.INTERNAL, "grpc: compressed flag set with identity or empty encoding"),
    ),
    "not as compressed as announced": (
        lambda client: client.headers(1, request(grpc_encoding="gzip")) + data(1, b"\1" + HELLO[1:], END),
        refused(1, StatusCode.INTERNAL, "grpc: failed to decompress the received message"),
    ),
    "compressed, and cut short": (
        lambda client: (
            client.headers(1, request(grpc_encoding="gzip"))
            + data(1, b"\1" + framed(gzip.compress(b"hello")[:-9])[1:], END)
        ),
        refused(1, StatusCode.INTERNAL, "grpc: failed to decompress the received message"),
    ),
    "a bomb": (
        lambda client: (
            client.headers(1, request(grpc_encoding="gzip"))
            + data(1, b"\1" + framed(gzip.compress(bytes(900_000)))[1:], END)
        ),
        refused(1, StatusCode.RESOURCE_EXHAUSTED, "grpc: received message larger than max (1001 vs. 1000)"),
    ),
}


@pytest.mark.parametrize(("build", "expected"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_is_no_proper_call_is_refused_and_the_next_one_answered(build: Build, expected: list[Frame]) -> None:
    client = Client(largest=1_000)
    assert client.send(build(client)) == expected
    assert client.connection.idle
    assert client.send(client.call(3)) == answered(3)


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)], ids=["gzip", "deflate"]
)
def test_compressed_messages_are_unpacked(client: Client, encoding: str, compress: Callable[[bytes], bytes]) -> None:
    text = b"again and again " * 100
    for id, message in [(1, b"\1" + framed(compress(text))[1:]), (3, framed(text))]:
        head = client.headers(id, request(grpc_encoding=encoding))
        assert client.send(head, data(id, message, END)) == answered(id, text)


def test_messages_of_a_stream_are_not_unpacked_before_somebody_works_on_them(client: Client) -> None:
    bomb = b"\1" + framed(gzip.compress(bytes(1_000_000)))[1:]
    client.send(client.headers(1, request("/t/Stream", grpc_encoding="gzip")), data(1, bomb * 50))
    stream = client.streams[1]
    assert sum(len(message) for _, message in stream.inbox) < 100_000
    for _ in range(50):
        message = client.connection.take(stream)
        assert message is not None
        assert stream.reader.unpacked(message) == bytes(1_000_000)


# --- Windows of the client ---


def test_an_answer_larger_than_the_windows_comes_as_they_open(client: Client) -> None:
    first = client.send(window(1_000), client.call(1, "/t/Zeros", b"100000"))
    assert first[:2] == [("SETTINGS ACK",), ("HEADERS", 1, ANSWER_HEAD, False)]
    assert len(received(first, 1)) == 1_000
    assert client.send(frames.window_update(0, 1_000_000)) == []
    assert len(received(client.send(frames.window_update(1, 50_000)), 1)) == 50_000
    last = client.send(frames.window_update(1, 60_000))
    assert len(received(last, 1)) == 100_005 - 51_000
    assert last[-1] == ("HEADERS", 1, OK, True)


def test_the_connections_window_holds_all_streams(client: Client) -> None:
    found = client.send(window(1_000_000), client.call(1, "/t/Zeros", b"65530"), client.call(3, "/t/Zeros", b"10"))
    assert len(received(found, 1)) == 65_535
    assert received(found, 3) == b""
    assert client.send(frames.window_update(0, 15)) == [
        ("DATA", 3, framed(bytes(10)), False),
        ("HEADERS", 3, OK, True),
    ]


def test_a_long_answer_does_not_hold_up_short_ones(client: Client) -> None:
    client.send(window(1 << 30), client.call(1, "/t/Zeros", b"1000000"), client.call(3), client.call(5))
    found = client.send(frames.window_update(0, 40_000))
    assert [frame[:2] for frame in found if frame[0] == "HEADERS"] == [("HEADERS", 3), ("HEADERS", 5)]
    client.send(client.call(7))
    assert ("HEADERS", 7, OK, True) in client.send(frames.window_update(0, 20_000))


def test_long_answers_take_turns(client: Client) -> None:
    client.send(window(1 << 30), *(client.call(id, "/t/Zeros", b"1000000") for id in (1, 3, 5, 7)))
    got = dict.fromkeys((1, 3, 5, 7), 0)
    for _ in range(40):
        for frame in client.send(frames.window_update(0, 16_384)):
            got[frame[1]] += len(frame[2])
    assert max(got.values()) - min(got.values()) <= 16_384


def test_new_settings_change_the_windows_of_streams_under_way(client: Client) -> None:
    assert len(received(client.send(window(100), client.call(1, "/t/Zeros", b"1000")), 1)) == 100
    assert len(received(client.send(window(300)), 1)) == 200
    assert client.send(window(0)) == [("SETTINGS ACK",)]
    assert client.send(frames.window_update(1, 300)) == []  # It is at -300, and now at 0.
    assert len(received(client.send(frames.window_update(1, 1)), 1)) == 1
    last = client.send(window(1_000))
    assert len(received(last, 1)) == 704
    assert last[-1] == ("HEADERS", 1, OK, True)


def test_settings_are_acknowledged_before_anything_is_sent_that_needs_them(client: Client) -> None:
    client.send(window(10), client.call(1, "/t/Zeros", b"100000"))
    found = client.send(frames.settings({Setting.INITIAL_WINDOW_SIZE: 50_000, Setting.MAX_FRAME_SIZE: 20_000}))
    assert [(frame[0], len(frame[-2])) for frame in found[1:]] == [("DATA", 20_000), ("DATA", 20_000), ("DATA", 9_990)]
    assert found[0] == ("SETTINGS ACK",)


def test_a_refusal_needs_no_window(client: Client) -> None:
    assert client.send(window(0), client.call(1, "/t/Refused", b"no")) == [
        ("SETTINGS ACK",),
        *refused(1, StatusCode.NOT_FOUND, "no"),
    ]


@pytest.mark.parametrize("size", [16_384, 50_000])
def test_no_frame_is_larger_than_the_client_takes(client: Client, size: int) -> None:
    client.send(frames.settings({Setting.MAX_FRAME_SIZE: size, Setting.INITIAL_WINDOW_SIZE: 1 << 20}))
    client.send(frames.window_update(0, 1 << 20))
    found = client.send(client.call(1, "/t/Zeros", b"200000"))
    assert received(found, 1) == framed(bytes(200_000))
    assert max(len(frame[2]) for frame in found if frame[0] == "DATA") == size


# --- The credit of the client ---


def _credits(found: list[Frame], id: int) -> int:
    return sum(frame[2] for frame in found if frame[:2] == ("WINDOW_UPDATE", id))


def test_a_message_of_50_mb_arrives_whole_through_the_windows(client: Client) -> None:
    message = framed(bytes(50_000_000))
    left = {0: CONNECTION_WINDOW, 1: STREAM_WINDOW}
    client.send(client.headers(1, request("/t/Stream")))
    for at in range(0, len(message), FRAME_SIZE):
        piece = message[at : at + FRAME_SIZE]
        found = client.send(data(1, piece))
        for id in left:
            left[id] += _credits(found, id) - len(piece)
            assert left[id] >= FRAME_SIZE
    taken = client.connection.take(client.streams[1])
    assert taken is not None
    assert len(taken[1]) == 50_000_000


def test_a_stream_whose_messages_nobody_takes_gets_no_more_credit(client: Client) -> None:
    client.send(client.headers(1, request("/t/Stream")))
    message = framed(bytes(99_995))
    found = client.send(*[data(1, message)] * 41)
    assert _credits(found, 1) == 0
    stream = client.streams[1]
    for _ in range(41):
        assert client.output() == []
        assert client.connection.take(stream) is not None
    assert client.output() == [("WINDOW_UPDATE", 1, 4_100_000)]
    assert client.connection.take(stream) is None


def test_padding_counts_as_data(client: Client) -> None:
    client.send(client.headers(1, request("/t/Stream")))
    frame = padded(frames.DATA, 0, 1, b"", 255)
    assert _credits(client.send(frame * 8_192), 1) == STREAM_WINDOW // 2


def test_what_was_left_of_a_stream_that_ended_is_forgotten() -> None:
    client = Client(most_held=1_000_000)
    begun = HELLO + framed(bytes(200_000))[:-1]
    for id in range(1, 41, 2):
        client.send(client.headers(id, request("/t/Stream")), data(id, begun))
        stream = client.streams[id]
        client.send(frames.rst_stream(id, ErrorCode.CANCEL))
        assert client.connection.take(stream) is None
        assert not stream.alive


def test_no_more_is_held_than_there_is_room_for() -> None:
    client = Client(most_held=1_000_000)
    message = framed(bytes(199_000))
    for id in (1, 3, 5, 7, 9):
        client.send(client.headers(id, request("/t/Stream")), data(id, message))
    assert client.send(client.headers(11, request("/t/Stream")), data(11, message)) == [
        *refused(11, StatusCode.RESOURCE_EXHAUSTED, "too much is sent at a time over this connection"),
        ("RST_STREAM", 11, "NO_ERROR"),
    ]
    assert client.connection.take(client.streams[1]) is not None
    assert client.send(client.headers(13, request("/t/Stream")), data(13, message)) == []


def test_many_short_messages_are_as_much_to_hold_as_fewer_long_ones() -> None:
    client = Client(most_held=1_000_000)
    found = client.send(client.headers(1, request("/t/Stream")), data(1, framed(b"") * 10_000))
    assert found[0][2]["grpc-message"] == "too much is sent at a time over this connection"


# --- The end of a stream, by either side ---


def test_a_call_that_the_client_cancels_is_not_made(client: Client) -> None:
    assert client.send(client.call(1), frames.rst_stream(1, ErrorCode.CANCEL)) == []
    assert client.connection.idle
    assert client.send(client.call(3)) == answered(3)


def test_a_call_cancelled_before_all_of_it_is_there_is_forgotten(client: Client) -> None:
    assert client.send(client.headers(1, request()), data(1, HELLO[:3]), frames.rst_stream(1, ErrorCode.CANCEL)) == []
    assert client.connection.idle


def test_nothing_is_sent_to_a_stream_that_the_client_cancelled(client: Client) -> None:
    client.send(window(10), client.call(1, "/t/Zeros", b"100"), client.headers(3, request("/t/Stream")))
    stream = client.streams[3]
    client.connection.send(stream, b"a message")
    assert client.output() == [("HEADERS", 3, ANSWER_HEAD, False), ("DATA", 3, framed(b"a message")[:10], False)]
    assert client.send(*(frames.rst_stream(id, ErrorCode.CANCEL) for id in (1, 3))) == []
    client.connection.send(stream, b"another")
    client.connection.finish(stream)
    client.connection.answer(stream, b"a third")
    assert client.output() == []
    assert client.send(window(1_000), frames.window_update(1, 100), frames.window_update(3, 100)) == [("SETTINGS ACK",)]


def test_a_streaming_call_begins_with_its_headers_and_ends_when_both_sides_have(client: Client) -> None:
    assert client.send(client.headers(1, request("/t/Stream"))) == []
    stream = client.streams[1]
    assert client.connection.take(stream) is None
    client.send(data(1, framed(b"one") + framed(b"two") + b"\0\0"), data(1, framed(b"three")[2:]))
    taken = [client.connection.take(stream) for _ in range(4)]
    assert [message[1] if message else None for message in taken] == [b"one", b"two", b"three", None]
    assert not stream.ended
    client.send(data(1, b"", END))
    assert stream.ended
    client.connection.send(stream, b"yes")
    client.connection.finish(stream)
    assert client.output() == answered(1, b"yes")
    assert client.connection.idle


def test_data_on_its_way_to_a_stream_that_was_answered_early_is_ignored(client: Client) -> None:
    client.send(client.headers(1, request("/t/Stream")))
    client.connection.finish(client.streams[1])
    assert client.output() == [("HEADERS", 1, {**ANSWER_HEAD, **OK}, True), ("RST_STREAM", 1, "NO_ERROR")]
    assert client.send(data(1, HELLO), client.headers(1, [("x-sum", "1")], LAST)) == []
    assert client.send(client.call(3, x_sum="1")) == answered(3)


def test_data_for_streams_that_were_cut_short_still_counts_for_the_connection(client: Client) -> None:
    client.send(client.headers(1, request("/t/None")))
    assert _credits(client.send(*[data(1, bytes(FRAME_SIZE))] * 32), 0) == CONNECTION_WINDOW // 2


def test_no_more_streams_at_a_time_than_announced(client: Client) -> None:
    ids = range(1, 2 * MOST_STREAMS + 1, 2)
    client.send(*(client.headers(id, request()) for id in ids))
    late = 2 * MOST_STREAMS + 1
    assert client.send(client.call(late)) == [("RST_STREAM", late, "REFUSED_STREAM")]
    assert client.send(data(1, HELLO, END)) == answered(1)
    assert client.send(client.call(late + 2)) == answered(late + 2)


def test_a_server_that_leaves_answers_what_was_begun_and_refuses_the_rest(client: Client) -> None:
    client.send(client.headers(1, request()))
    client.connection.leave()
    client.connection.leave()
    assert client.output() == [("GOAWAY", 1, "NO_ERROR")]
    assert client.send(client.call(3)) == [("RST_STREAM", 3, "REFUSED_STREAM")]
    assert not client.connection.idle
    assert client.send(data(1, HELLO, END)) == answered(1)
    assert client.connection.idle


# --- Header blocks ---


def _path(path: str) -> bytes:
    """`:path` as a literal that enters the table."""
    return b"\x44" + bytes((len(path),)) + path.encode()


POST_HTTP = b"\x83\x86"
TYPE = b"\x5f\x10application/grpc"
"""`content-type` as a literal that enters the table."""
KNOWN = POST_HTTP + b"\xbe\xbf"
"""Names entries of the table only: the latest, and the one before."""
TYPE_THEN_ECHO = [POST_HTTP + b"\x04\x07/t/Echo" + TYPE, POST_HTTP + _path("/t/Echo") + b"\xbf"]


def _calls(first: int, blocks: list[bytes]) -> bytes:
    ids = range(first, first + 2 * len(blocks), 2)
    return b"".join(
        frames.frame(frames.HEADERS, frames.END_HEADERS, id, block) + data(id, framed(b"12"), END)
        for id, block in zip(ids, blocks, strict=True)
    )


def test_a_block_known_by_its_bytes_is_decoded_anew_after_the_table_changed(client: Client) -> None:
    client.send(_calls(1, TYPE_THEN_ECHO))
    assert client.send(_calls(11, [KNOWN, KNOWN])) == answered(11, b"12") + answered(13, b"12")
    client.send(_calls(21, [POST_HTTP + b"\xbe" + TYPE, POST_HTTP + _path("/t/Zeros") + b"\xbf"]))
    assert client.send(_calls(31, [KNOWN, KNOWN])) == answered(31, bytes(12)) + answered(33, bytes(12))


ADDING = b"\x40\x05x-sum\x011"
"""A literal that enters the table, so that `KNOWN` is no request's any more."""


DECODED: dict[str, tuple[bytes, list[Frame]]] = {
    "in trailers": (
        _calls(41, [KNOWN])[: -9 - len(framed(b"12"))]
        + data(41, framed(b"12"))
        + frames.frame(frames.HEADERS, LAST, 41, ADDING),
        answered(41, b"12"),
    ),
    "behind the end of a stream": (
        _calls(41, [KNOWN]) + frames.frame(frames.HEADERS, LAST, 41, ADDING),
        [("RST_STREAM", 41, "STREAM_CLOSED")],
    ),
    "in the middle of a stream": (
        frames.frame(frames.HEADERS, frames.END_HEADERS, 41, KNOWN)
        + frames.frame(frames.HEADERS, frames.END_HEADERS, 41, ADDING),
        [("RST_STREAM", 41, "PROTOCOL_ERROR")],
    ),
    "in a malformed request": (
        frames.frame(frames.HEADERS, frames.END_HEADERS, 41, KNOWN + ADDING + b"\x83"),
        [("RST_STREAM", 41, "PROTOCOL_ERROR")],
    ),
    "of a stream that depends on itself": (
        frames.frame(frames.HEADERS, LAST | frames.WITH_PRIORITY, 41, b"\0\0\0\x29\0" + KNOWN + ADDING),
        [("RST_STREAM", 41, "PROTOCOL_ERROR")],
    ),
    "of an unknown method": (
        frames.frame(frames.HEADERS, LAST, 41, POST_HTTP + b"\x04\x02/t" + b"\xbf" + ADDING),
        refused(41, StatusCode.UNIMPLEMENTED, "no /t"),
    ),
}


@pytest.mark.parametrize(("sent", "expected"), DECODED.values(), ids=DECODED.keys())
def test_every_block_is_decoded_since_the_next_one_builds_on_it(
    client: Client, sent: bytes, expected: list[Frame]
) -> None:
    client.send(_calls(1, [*TYPE_THEN_ECHO, KNOWN]))
    assert client.send(sent) == expected
    shifted = POST_HTTP + b"\xbf\xc0"
    assert client.send(_calls(51, [shifted])) == answered(51, b"12")
    assert client.send(_calls(53, [KNOWN])) == [("RST_STREAM", 53, "PROTOCOL_ERROR")]


MALFORMED: dict[str, list[tuple[str, str]]] = {
    "no path": [field for field in request() if field[0] != ":path"],
    "no method": request()[1:],
    "no scheme": [field for field in request() if field[0] != ":scheme"],
    "an empty path": [(name, "" if name == ":path" else value) for name, value in request()],
    "two paths": [(":path", "/t/Echo"), *request()],
    "an unknown field of the protocol": [(":status", "200"), *request()],
    "a field of the protocol behind others": [*request()[1:], (":method", "POST")],
    "large letters": [*request(), ("X-Large", "1")],
    "a header of one connection": [*request(), ("connection", "close")],
    "transfer-encoding": [*request(), ("transfer-encoding", "chunked")],
    "te that is not trailers": [*request(te=""), ("te", "gzip")],
    "two lines": [*request(), ("x-key", "one\r\nx-other: two")],
    "a zero byte": [*request(), ("x-key", "one\0")],
}


@pytest.mark.parametrize("fields", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_ends_its_stream_alone(client: Client, fields: list[tuple[str, str]]) -> None:
    assert client.send(client.headers(1, fields, LAST)) == [("RST_STREAM", 1, "PROTOCOL_ERROR")]
    assert client.send(client.call(3)) == answered(3)


@pytest.mark.parametrize("field", [(":path", "/"), ("X-Sum", "1")], ids=["a field of the protocol", "large letters"])
def test_malformed_trailers_end_their_stream_alone(client: Client, field: tuple[str, str]) -> None:
    client.send(client.headers(1, request()), data(1, HELLO))
    assert client.send(client.headers(1, [field], LAST)) == [("RST_STREAM", 1, "PROTOCOL_ERROR")]
    assert client.send(client.call(3)) == answered(3)


# --- Against the rules ---

STREAM_FAULTS: dict[str, tuple[Build, str]] = {
    "less data than announced": (lambda client: client.call(1, content_length="11"), "PROTOCOL_ERROR"),
    "more data than announced": (lambda client: client.call(1, content_length="9"), "PROTOCOL_ERROR"),
    "no data, though announced": (
        lambda client: client.headers(1, request(content_length="5"), LAST),
        "PROTOCOL_ERROR",
    ),
    "data behind the end": (lambda client: client.call(1) + data(1, HELLO), "STREAM_CLOSED"),
    "headers behind the end": (
        lambda client: client.call(1) + client.headers(1, [("x-sum", "1")], LAST),
        "STREAM_CLOSED",
    ),
    "a request behind the end": (
        lambda client: client.call(1) + client.headers(1, request(), LAST),
        "STREAM_CLOSED",
    ),
    "headers in the middle": (
        lambda client: client.headers(1, request()) + client.headers(1, [("x-sum", "1")]),
        "PROTOCOL_ERROR",
    ),
    "a stream that depends on itself": (
        lambda client: frames.frame(
            frames.HEADERS, LAST | frames.WITH_PRIORITY, 1, b"\0\0\0\1\0" + client.block(request())
        ),
        "PROTOCOL_ERROR",
    ),
    "a priority that depends on itself": (
        lambda client: client.headers(1, request()) + frames.frame(frames.PRIORITY, 0, 1, b"\x80\0\0\1\0"),
        "PROTOCOL_ERROR",
    ),
    "a priority of four bytes": (
        lambda client: client.headers(1, request()) + frames.frame(frames.PRIORITY, 0, 1, bytes(4)),
        "FRAME_SIZE_ERROR",
    ),
    "a window that opens by nothing": (
        lambda client: client.headers(1, request()) + frames.window_update(1, 0),
        "PROTOCOL_ERROR",
    ),
    "a window that opens too far": (
        lambda client: client.headers(1, request()) + frames.window_update(1, frames.LARGEST_WINDOW),
        "FLOW_CONTROL_ERROR",
    ),
    "more data than the stream's window": (
        lambda client: (
            client.headers(1, request("/t/Stream"))
            + data(1, framed(b"left lying"))
            + data(1, framed(bytes(FRAME_SIZE - 5))) * (STREAM_WINDOW // FRAME_SIZE)
        ),
        "FLOW_CONTROL_ERROR",
    ),
}


@pytest.mark.parametrize(("build", "code"), STREAM_FAULTS.values(), ids=STREAM_FAULTS.keys())
def test_a_fault_in_one_stream_ends_it_and_no_other(client: Client, build: Build, code: str) -> None:
    assert client.send(build(client)) == [("RST_STREAM", 1, code)]
    assert client.connection.idle
    assert client.send(client.call(3)) == answered(3)


def test_data_for_a_stream_of_old_is_refused(client: Client) -> None:
    client.send(client.call(1))
    assert client.send(data(1, HELLO)) == [("RST_STREAM", 1, "STREAM_CLOSED")]


CONNECTION_FAULTS: dict[str, tuple[Build, str]] = {
    "a frame that is too large": (
        lambda _: frames.frame(frames.DATA, 0, 1, bytes(FRAME_SIZE + 1))[:20],
        "FRAME_SIZE_ERROR",
    ),
    "data for no stream": (lambda _: data(0, HELLO), "PROTOCOL_ERROR"),
    "data for a stream not begun": (lambda _: data(5, HELLO), "PROTOCOL_ERROR"),
    "padding longer than the frame": (
        lambda client: client.headers(3, request()) + frames.frame(frames.DATA, frames.PADDED, 3, b"\5four"),
        "PROTOCOL_ERROR",
    ),
    "padding without its length": (
        lambda client: client.headers(3, request()) + frames.frame(frames.DATA, frames.PADDED, 3),
        "PROTOCOL_ERROR",
    ),
    "headers with padding longer than the frame": (
        lambda _: frames.frame(frames.HEADERS, LAST | frames.PADDED, 3, b"\5four"),
        "PROTOCOL_ERROR",
    ),
    "headers of no stream": (lambda client: client.headers(0, request()), "PROTOCOL_ERROR"),
    "headers of a server's stream": (lambda client: client.headers(2, request()), "PROTOCOL_ERROR"),
    "headers of a stream of old": (lambda client: client.headers(1, request()), "STREAM_CLOSED"),
    "a priority that is cut short": (
        lambda _: frames.frame(frames.HEADERS, LAST | frames.WITH_PRIORITY, 3, bytes(4)),
        "FRAME_SIZE_ERROR",
    ),
    "headers that are not continued": (
        lambda client: client.headers(3, request(), 0) + frames.frame(frames.PING, 0, 0, bytes(8)),
        "PROTOCOL_ERROR",
    ),
    "headers continued in another stream": (
        lambda client: client.headers(3, request(), 0) + frames.frame(frames.CONTINUATION, 4, 5, b"\x88"),
        "PROTOCOL_ERROR",
    ),
    "a continuation of nothing": (lambda _: frames.frame(frames.CONTINUATION, 4, 3, b"\x88"), "PROTOCOL_ERROR"),
    "a continuation behind the end": (
        lambda client: client.headers(3, request()) + frames.frame(frames.CONTINUATION, 4, 3, b"\x88"),
        "PROTOCOL_ERROR",
    ),
    "an empty continuation": (
        lambda client: client.headers(3, request(), 0) + frames.frame(frames.CONTINUATION, 0, 3),
        "ENHANCE_YOUR_CALM",
    ),
    "a header block without end": (
        lambda client: (
            client.headers(3, request(), 0) + frames.frame(frames.CONTINUATION, 0, 3, b"\x88") * LARGEST_HEADERS
        ),
        "ENHANCE_YOUR_CALM",
    ),
    "a header block that is too large": (
        lambda _: frames.frame(frames.HEADERS, LAST, 3, b"\x20" * (LARGEST_HEADERS + 1)),
        "ENHANCE_YOUR_CALM",
    ),
    "headers that are too large": (
        lambda client: client.headers(3, [*request(), *[("x", "1" * 1_000)] * 70]),
        "COMPRESSION_ERROR",
    ),
    "an entry that the table does not have": (
        lambda _: frames.frame(frames.HEADERS, LAST, 3, b"\xfe"),
        "COMPRESSION_ERROR",
    ),
    "a header that is cut short": (
        lambda _: frames.frame(frames.HEADERS, LAST, 3, b"\x83\x86\x44\x20/t"),
        "COMPRESSION_ERROR",
    ),
    "a table that is too large": (
        lambda _: frames.frame(frames.HEADERS, LAST, 3, b"\x3f\xe2\x1f"),
        "COMPRESSION_ERROR",
    ),
    "trailers that cannot be decoded": (
        lambda client: client.headers(3, request()) + frames.frame(frames.HEADERS, LAST, 3, b"\xfe"),
        "COMPRESSION_ERROR",
    ),
    "a priority of no stream": (lambda _: frames.frame(frames.PRIORITY, 0, 0, bytes(5)), "PROTOCOL_ERROR"),
    "a reset of no stream": (lambda _: frames.rst_stream(0, ErrorCode.CANCEL), "PROTOCOL_ERROR"),
    "a reset of a stream not begun": (lambda _: frames.rst_stream(3, ErrorCode.CANCEL), "PROTOCOL_ERROR"),
    "a reset of three bytes": (lambda _: frames.frame(frames.RST_STREAM, 0, 1, bytes(3)), "FRAME_SIZE_ERROR"),
    "settings of a stream": (lambda _: frames.frame(frames.SETTINGS, 0, 1), "PROTOCOL_ERROR"),
    "settings of five bytes": (lambda _: frames.frame(frames.SETTINGS, 0, 0, bytes(5)), "FRAME_SIZE_ERROR"),
    "settings acknowledged with more": (
        lambda _: frames.frame(frames.SETTINGS, frames.ACK, 0, bytes(6)),
        "FRAME_SIZE_ERROR",
    ),
    "ENABLE_PUSH of 2": (lambda _: frames.settings({Setting.ENABLE_PUSH: 2}), "PROTOCOL_ERROR"),
    "MAX_FRAME_SIZE below its range": (lambda _: frames.settings({Setting.MAX_FRAME_SIZE: 16_383}), "PROTOCOL_ERROR"),
    "MAX_FRAME_SIZE above its range": (lambda _: frames.settings({Setting.MAX_FRAME_SIZE: 1 << 24}), "PROTOCOL_ERROR"),
    "INITIAL_WINDOW_SIZE above its range": (lambda _: window(1 << 31), "FLOW_CONTROL_ERROR"),
    "settings that open a window too far": (
        lambda client: client.headers(3, request()) + frames.window_update(3, 1 << 30) + window((1 << 31) - 1),
        "FLOW_CONTROL_ERROR",
    ),
    "a promise": (lambda _: frames.frame(frames.PUSH_PROMISE, 4, 1, bytes(4)), "PROTOCOL_ERROR"),
    "a ping of a stream": (lambda _: frames.frame(frames.PING, 0, 1, bytes(8)), "PROTOCOL_ERROR"),
    "a ping of seven bytes": (lambda _: frames.frame(frames.PING, 0, 0, bytes(7)), "FRAME_SIZE_ERROR"),
    "a stream that goes away": (lambda _: frames.frame(frames.GOAWAY, 0, 1, bytes(8)), "PROTOCOL_ERROR"),
    "a window's increment of three bytes": (
        lambda _: frames.frame(frames.WINDOW_UPDATE, 0, 0, bytes(3)),
        "FRAME_SIZE_ERROR",
    ),
    "the connection's window by nothing": (lambda _: frames.window_update(0, 0), "PROTOCOL_ERROR"),
    "the connection's window too far": (
        lambda _: frames.window_update(0, frames.LARGEST_WINDOW),
        "FLOW_CONTROL_ERROR",
    ),
    "the window of a stream not begun": (lambda _: frames.window_update(5, 1), "PROTOCOL_ERROR"),
}


@pytest.mark.parametrize(("build", "code"), CONNECTION_FAULTS.values(), ids=CONNECTION_FAULTS.keys())
def test_a_fault_of_the_connection_ends_it(client: Client, build: Build, code: str) -> None:
    client.send(client.call(1))
    found = client.send(build(client))
    assert [frame[0] for frame in found if frame[0] != "SETTINGS ACK"] == ["GOAWAY"]
    assert found[-1][2] == code
    assert client.connection.broken
    assert client.connection.idle
    assert client.send(client.call(9)) == []


NOT_HTTP2 = {
    "HTTP/1.1": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "one wrong letter": frames.PREFACE[:-1] + b"x",
    "no settings": frames.PREFACE + frames.frame(frames.PING, 0, 0, bytes(8)),
    "acknowledged settings": frames.PREFACE + frames.frame(frames.SETTINGS, frames.ACK, 0),
}


@pytest.mark.parametrize("sent", NOT_HTTP2.values(), ids=NOT_HTTP2.keys())
def test_who_does_not_greet_is_sent_away(sent: bytes) -> None:
    client = Client(greeting=b"")
    assert client.send(sent)[-1] == ("GOAWAY", 0, "PROTOCOL_ERROR")
    assert client.connection.broken


def test_nothing_is_said_of_half_a_greeting() -> None:
    client = Client(greeting=b"")
    client.output()
    assert [client.send(bytes((byte,))) for byte in GREETING[:-1]] == [[]] * (len(GREETING) - 1)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 255), st.integers(0, 5), st.binary(max_size=40))))
@settings(max_examples=150)
def test_random_frames_are_answered_by_the_rules(written: list[tuple[int, int, int, bytes]]) -> None:
    client = Client()
    client.send(client.headers(1, request()))
    client.send(*(frames.frame(kind, flags, id, payload) for kind, flags, id, payload in written))
    if not client.connection.broken:
        client.send(client.headers(101, request()))


@given(st.binary(max_size=60))
@settings(max_examples=150)
def test_random_header_blocks_are_answered_by_the_rules(block: bytes) -> None:
    client = Client()
    found = client.send(frames.frame(frames.HEADERS, LAST, 1, block))
    assert found in ([("GOAWAY", 1, "COMPRESSION_ERROR")], [("RST_STREAM", 1, "PROTOCOL_ERROR")])
