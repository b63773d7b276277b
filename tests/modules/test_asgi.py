"""An ASGI application called without a socket."""

import asyncio
import threading
import time
from contextlib import asynccontextmanager

import httpx2
import pytest
from fastapi import FastAPI, Request

from weavelet.modules.asgi import AsgiServer


@pytest.fixture
def events() -> list[str]:
    return []


@pytest.fixture
def server(events):
    def create() -> FastAPI:
        events.append("created")
        app = FastAPI(lifespan=lifespan)

        @app.post("/echo")
        async def echo(request: Request) -> dict[str, str]:
            return {"said": (await request.body()).decode()}

        @app.get("/slow")
        async def slow() -> None:
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                events.append("cancelled")
                raise

        @app.get("/fault")
        async def fault() -> None:
            raise ZeroDivisionError

        return app

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        events.append("started")
        yield
        events.append("stopped")

    running = AsgiServer(create)
    yield running
    running.close()


def test_nothing_runs_before_it_is_asked_for(server, events) -> None:
    assert events == []
    with httpx2.Client(transport=server.transport()) as client:
        assert events == ["created", "started"]
        assert client.post("http://x/echo", content=b"hello").json() == {"said": "hello"}
    server.transport()
    server.close()
    server.close()
    assert events == ["created", "started", "stopped"]


def test_many_threads_ask_at_once(server) -> None:
    found = []
    with httpx2.Client(transport=server.transport()) as client:

        def ask(number: int) -> None:
            found.append(client.post("http://x/echo", content=str(number)).json()["said"])

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(map(int, found)) == list(range(16))


def test_a_time_out_ends_the_work(server, events) -> None:
    with httpx2.Client(transport=server.transport(), timeout=0.1) as client, pytest.raises(httpx2.ReadTimeout):
        client.get("http://x/slow")
    time.sleep(0.05)
    assert "cancelled" in events


def test_a_fault_is_a_500_and_the_server_goes_on(server) -> None:
    with httpx2.Client(transport=server.transport()) as client:
        assert client.get("http://x/fault").status_code == 500
        assert client.get("http://x/nowhere").status_code == 404


def test_after_the_end_there_is_no_connection(server) -> None:
    transport = server.transport()
    server.close()
    with httpx2.Client(transport=transport) as client, pytest.raises(httpx2.ConnectError):
        client.get("http://x/echo")
    with pytest.raises(RuntimeError):
        server.transport()


def test_an_application_that_does_not_start_says_why() -> None:
    def create() -> FastAPI:
        @asynccontextmanager
        async def lifespan(app: FastAPI):
            raise ValueError("no model")
            yield

        return FastAPI(lifespan=lifespan)

    broken = AsgiServer(create)
    with pytest.raises(RuntimeError, match="did not start: ValueError: no model"):
        broken.transport()
    broken.close()
