"""What HTTP/2 forbids, and which error it is: of a stream, which goes, or of the connection, which ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.http2.peer import (
    END,
    GREETING,
    HELLO,
    LAST,
    Build,
    Client,
    Frame,
    answered,
    data,
    refused,
    request,
    window,
)
from weavelet.api.errors import StatusCode
from weavelet.api.grpc.http2 import frames
from weavelet.api.grpc.http2.connection import FRAME_SIZE, STREAM_WINDOW
from weavelet.api.grpc.http2.frames import ErrorCode, Setting
from weavelet.api.grpc.http2.headers import LARGEST_HEADERS
from weavelet.api.grpc.http2.messages import framed

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
