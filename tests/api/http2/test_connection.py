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
    HELLO,
    LAST,
    OK,
    Build,
    Client,
    Frame,
    answered,
    data,
    padded,
    pieces,
    received,
    refused,
    request,
    window,
)
from weavelet.api.errors import StatusCode
from weavelet.api.grpc.http2 import frames
from weavelet.api.grpc.http2.connection import CONNECTION_WINDOW, FRAME_SIZE, MOST_STREAMS, STREAM_WINDOW
from weavelet.api.grpc.http2.frames import ErrorCode, Setting
from weavelet.api.grpc.http2.headers import LARGEST_HEADERS
from weavelet.api.grpc.http2.messages import framed

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


def test_no_more_answers_wait_for_a_client_than_there_is_room_for() -> None:
    client = Client(most_held=1_000_000)
    client.send(window(10))
    for id in (1, 3, 5):
        client.send(client.call(id, "/t/Zeros", b"300000"))
    too_much = refused(7, StatusCode.RESOURCE_EXHAUSTED, "too much waits to be taken over this connection")
    assert client.send(client.call(7, "/t/Zeros", b"300000")) == too_much
    client.send(frames.rst_stream(3, ErrorCode.CANCEL))
    assert client.send(client.call(9, "/t/Zeros", b"300000"))[0] == ("HEADERS", 9, ANSWER_HEAD, False)
    client.send(frames.window_update(0, 10_000_000), *(frames.window_update(id, 1_000_000) for id in (1, 5, 9)))
    assert client.connection.idle
    assert client.send(frames.window_update(0, 1), client.call(11)) != []


def test_an_answer_larger_than_there_is_room_for_waits_alone() -> None:
    client = Client(most_held=1_000)
    client.send(window(10), client.call(1, "/t/Zeros", b"300000"))
    found = client.send(frames.window_update(0, 10_000_000), frames.window_update(1, 1_000_000))
    assert len(received(found, 1)) == 300_005 - 10


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
