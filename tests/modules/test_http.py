"""Calls to containers: what is tried again, what is given up, and how failures read."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import httpx2
import pytest

from weavelet.errors import ModuleError, ModuleTimeout, ModuleUnavailable
from weavelet.modules.base import Kind, ModuleSettings
from weavelet.modules.http import Answer, HttpModule, chunks, joined
from weavelet.modules.outside import check_outside
from weavelet.modules.pressure import Pressure
from weavelet.modules.testing import Asked, FakeContainer, Told


class Caller(HttpModule):
    name = "caller"
    kind = Kind.OTHER


@pytest.fixture
def make():
    made = []

    def build(behaviour, timeout: float = 5.0) -> Caller:
        network = behaviour if isinstance(behaviour, httpx2.BaseTransport) else httpx2.MockTransport(behaviour)
        made.append(Caller(ModuleSettings({}, timeout_seconds=timeout, network=network), jitter=lambda: 0.0))
        return made[-1]

    yield build
    for module in made:
        module.close()


def times(count: int, failure, success):
    """Fail so many times, then succeed."""
    left = iter([failure] * count)

    def behave(request: httpx2.Request) -> httpx2.Response:
        step = next(left, success)
        if isinstance(step, Exception):
            raise step
        return httpx2.Response(*step) if isinstance(step, tuple) else step

    return behave


def test_a_broken_connection_is_tried_again(make) -> None:
    module = make(times(2, httpx2.ReadError("reset by peer"), httpx2.Response(200, json={"ok": 1})))
    assert module.post("http://c/x", {}).json() == {"ok": 1}


def test_a_connection_that_stays_broken_is_given_up(make) -> None:
    module = make(times(9, httpx2.RemoteProtocolError("gone"), httpx2.Response(200)))
    with pytest.raises(ModuleError, match=r"^send POST request: caller: http://c/x could not be reached: gone"):
        module.post("http://c/x", {})


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_container_is_asked_again_when_it_says(make, status: int) -> None:
    busy = httpx2.Response(status, headers={"Retry-After": "0.1"})
    module = make(times(2, busy, httpx2.Response(200, json={})))
    started = time.monotonic()
    assert module.post("http://c/x", {}).ok
    assert time.monotonic() - started > 0.15


def test_a_busy_container_is_not_waited_for_beyond_the_limit(make) -> None:
    module = make(times(9, httpx2.Response(503, headers={"Retry-After": "60"}), httpx2.Response(200)), timeout=1.0)
    started = time.monotonic()
    assert module.post("http://c/x", {}).status == 503
    assert time.monotonic() - started < 0.5


def test_the_time_to_wait_may_be_a_date(make) -> None:
    past = httpx2.Response(503, headers={"Retry-After": "Sat, 21 Nov 2020 09:00:00 GMT"})
    assert make(times(1, past, httpx2.Response(200, json={}))).post("http://c/x", {}).ok


def test_a_text_that_is_no_unicode_is_a_module_error(make) -> None:
    with pytest.raises(ModuleError, match="caller: the text cannot be sent to http"):
        make(lambda request: httpx2.Response(200)).post("http://c/x", {"text": "\ud800"})


def test_a_failure_that_says_when_to_come_back_is_asked_again(make) -> None:
    busy = httpx2.Response(500, headers={"Retry-After": "0"})
    assert make(times(1, busy, httpx2.Response(200, json={}))).post("http://c/x", {}).ok


@pytest.mark.parametrize("status", [500, 501, 422, 302])
def test_other_statuses_are_final(make, status: int) -> None:
    container = FakeContainer(lambda asked: Told({"error": "no"}, status, {"Location": "http://elsewhere/"}))
    assert make(container.transport()).post("http://c/x", {}).status == status
    assert len(container.asked) == 1


def test_a_silent_container_times_out_and_the_error_says_where_and_how_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/vectors"
        module = Caller(ModuleSettings({}, timeout_seconds=0.2))
        with pytest.raises(ModuleTimeout) as caught:
            module.post(url, {})
        module.close()
    text = str(caught.value)
    assert "caller" in text
    assert url in text
    assert "the limit is 0.2 s, set by MODULES_CLIENT_TIMEOUT" in text


def test_a_body_that_drips_counts_against_the_limit() -> None:
    def slowly():
        for _ in range(100):
            time.sleep(0.05)
            yield b" "

    module = Caller(ModuleSettings({}, timeout_seconds=0.3, network=Dripping(slowly)))
    started = time.monotonic()
    with pytest.raises(ModuleTimeout):
        module.post("http://c/x", {})
    assert time.monotonic() - started < 1.5
    module.close()


class Dripping(httpx2.BaseTransport):
    def __init__(self, parts) -> None:
        self.parts = parts

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=self.parts())


def test_nobody_listening_is_an_error_that_names_the_url() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    module = Caller(ModuleSettings({}, timeout_seconds=2.0))
    with pytest.raises(ModuleUnavailable, match=rf"caller: http://127\.0\.0\.1:{port}/x could not be reached"):
        module.post(f"http://127.0.0.1:{port}/x", {})
    module.close()


def test_an_unusable_url_is_a_module_error(make) -> None:
    with pytest.raises(ModuleError, match="caller"):
        make(lambda request: httpx2.Response(200)).post("ht!tp://\x00", {})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "boom"}', "boom"),
        (b'{"error": {"message": "boom", "code": 1}}', "boom"),
        (b'{"detail": [{"msg": "one"}, {"msg": "two"}]}', "one two"),
        (b'{"message": "boom"}', "boom"),
        (b'{"title": "Payment", "detail": "boom"}', "boom"),
        (b'"top_n - too small"', "top_n - too small"),
        (b"<html>Bad\n Gateway</html>", "<html>Bad Gateway</html>"),
        (b"", ""),
        (b'{"ok": 1}', ""),
        (b"x" * 900, "x" * 500),
    ],
)
def test_the_reason_is_found_in_any_shape_of_error(body: bytes, reason: str) -> None:
    assert Answer(500, body, "http://c/x").reason() == reason


def test_what_is_sent(make) -> None:
    container = FakeContainer(lambda asked: Told({}))
    make(container.transport()).post("http://c/x", {"a": "ü"}, key="k")
    [asked] = container.asked
    assert asked.body == {"a": "ü"}
    assert asked.headers["authorization"] == "Bearer k"
    assert asked.headers["content-type"] == "application/json"


def test_a_slow_container_holds_a_bounded_number_of_calls_and_the_rest_is_told_at_once() -> None:
    """A window of one is two calls under way and two that wait: of five the fifth is refused meanwhile."""
    going = threading.Event()

    def slow(asked: Asked) -> Told:
        going.wait(5)
        return Told({})

    module = Caller(ModuleSettings({}, network=FakeContainer(slow).transport()), window=1)
    with ThreadPoolExecutor(5) as pool:
        waited = [pool.submit(module.post, "http://c/x", {}) for _ in range(5)]
        refused = next(as_completed(waited, timeout=5))
        with pytest.raises(ModuleUnavailable, match="caller: 2 calls are waiting for http://c/x already, try again"):
            refused.result()
        going.set()
        assert all(one.result().ok for one in waited if one is not refused)
    module.close()


def test_waiting_for_a_turn_counts_against_the_limit() -> None:
    pressure = Pressure("caller", 1, 1)
    told = pytest.raises(ModuleTimeout, match=r"caller: waited 0\.05 s for other calls to http://c to end")
    with pressure.passing("http://c", 1.0), told, pressure.passing("http://c", 0.05):
        pass
    with pressure.passing("http://c", 0.0):
        pass


def test_side_by_side_keeps_the_order(make) -> None:
    module = make(lambda request: httpx2.Response(200))

    def slow_first(number: int) -> int:
        time.sleep(0.05 / (number + 1))
        return number * 2

    assert module.side_by_side(slow_first, [0, 1, 2, 3]) == [0, 2, 4, 6]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://c", "http://c/v1/rerank"),
        ("http://c/", "http://c/v1/rerank"),
        ("http://c/v1", "http://c/v1/rerank"),
        ("http://c/v1/", "http://c/v1/rerank"),
        ("http://c/v1/rerank", "http://c/v1/rerank"),
        ("http://c/v1/rerank/", "http://c/v1/rerank"),
        ("http://c/api//", "http://c/api/v1/rerank"),
        ("http://c/v11", "http://c/v11/v1/rerank"),
        ("http://v1", "http://v1/v1/rerank"),
    ],
)
def test_a_base_url_and_a_path_meet_in_one_slash(base: str, url: str) -> None:
    assert joined(base, "/v1/rerank") == url


def test_chunks() -> None:
    assert chunks([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]
    assert chunks([], 2) == []


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://example.com", "baseURL must use HTTPS"),
        ("https://", "baseURL must have a non-empty host"),
        ("https://localhost:8000", "baseURL cannot target internal addresses"),
        ("https://db.internal", "baseURL cannot target internal addresses"),
        ("https://127.0.0.1", "baseURL cannot target internal addresses"),
        ("https://[::1]/v1", "baseURL cannot target internal addresses"),
        ("https://10.1.2.3", "baseURL cannot target internal addresses"),
        ("https://169.254.169.254/latest", "baseURL cannot target internal addresses"),
    ],
)
def test_a_guarded_base_url_stays_outside(url: str, problem: str) -> None:
    with pytest.raises(ModuleError, match=problem):
        check_outside(url)


def test_a_name_that_leads_inside_once_it_is_dialled_is_hung_up_on() -> None:
    """As where a name was outside when a collection gave it: what listens inside gets to read nothing."""
    module = Caller(ModuleSettings({"MODULES_VALIDATE_BASE_URL": "true"}, timeout_seconds=5))
    with socket.create_server(("127.0.0.1", 0)) as inside:
        port = inside.getsockname()[1]
        with pytest.raises(ModuleError, match=rf'^refusing to dial internal address "127.0.0.1:{port}"$'):
            module.post(f"https://localhost:{port}/v1/rerank", {"query": "secret"})
        connection, _ = inside.accept()
        with connection:
            assert connection.recv(1) == b""
    module.close()


def test_containers_of_the_operator_are_dialled_wherever_they_are() -> None:
    module = Caller(ModuleSettings({"MODULES_VALIDATE_BASE_URL": "true"}))
    with FakeContainer(lambda asked: Told({})).serve() as url:
        assert module.post(f"{url}/x", {}).ok
    module.close()


def test_containers_are_asked_over_real_sockets() -> None:
    def echo(asked: Asked) -> Told:
        return Told({"path": asked.path, "body": asked.body})

    module = Caller(ModuleSettings({}))
    with FakeContainer(echo).serve() as url:
        assert module.post(f"{url}/x", {"a": 1}).json() == {"path": "/x", "body": {"a": 1}}
    module.close()
