"""An ASGI application called over HTTP without a socket: our inference server inside this process.

`AsgiServer` runs the application on one background event loop, its start-up and shutdown events included, and hands
out transports for synchronous `httpx2` clients. It starts with the first transport and ends with `close`. The
application comes in as a factory, so that nothing is loaded where nobody asks.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

import httpx2

Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
_T = TypeVar("_T")

_LONGEST_STOP = 10.0

log = logging.getLogger(__name__)


class AsgiServer:
    """One application, one event loop, any number of transports."""

    def __init__(self, factory: Callable[[], Application]) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._inner: httpx2.ASGITransport | None = None
        self._lifespan: _Lifespan | None = None
        self._closed = False

    def transport(self) -> "AsgiTransport":
        """A transport to the application, which is started if it does not run yet."""
        self._start()
        return AsgiTransport(self)

    def send(self, request: httpx2.Request, seconds: float | None) -> httpx2.Response:
        """The application's response, its body read to the end. Raises `httpx2.ReadTimeout` after `seconds`."""
        if self._closed or self._inner is None:
            raise httpx2.ConnectError("the inference server of this process is stopped", request=request)
        waiting = self._submit(self._handled(self._inner, request))
        try:
            return waiting.result(seconds)
        except WaitTimeout:
            waiting.cancel()
            raise httpx2.ReadTimeout("no answer in time", request=request) from None
        except CancelledError:
            raise httpx2.ReadError("the inference server of this process was stopped", request=request) from None

    def close(self) -> None:
        """Run the application's shutdown and end the loop. A second call does nothing."""
        with self._lock:
            if self._closed or self._loop is None or self._lifespan is None or self._thread is None:
                self._closed = True
                return
            self._closed = True
            with suppress(WaitTimeout):
                self._submit(self._lifespan.stop()).result(_LONGEST_STOP)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_LONGEST_STOP)

    def _start(self) -> None:
        with self._lock:
            if self._closed:
                raise RuntimeError("the server was closed")
            if self._loop is not None:
                return
            application = self._factory()
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, args=(self._loop,), name="asgi", daemon=True)
            self._thread.start()
            self._inner = httpx2.ASGITransport(application, raise_app_exceptions=False)
            self._lifespan = _Lifespan(application)
            self._submit(self._lifespan.start()).result()

    def _submit(self, work: Coroutine[Any, Any, _T]) -> "Future[_T]":
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    @staticmethod
    async def _handled(inner: httpx2.ASGITransport, request: httpx2.Request) -> httpx2.Response:
        response = await inner.handle_async_request(request)
        content = await response.aread()
        return httpx2.Response(response.status_code, headers=response.headers, content=content, request=request)


class AsgiTransport(httpx2.BaseTransport):
    """What a synchronous client is given. Closing it leaves the server to whoever opened that."""

    def __init__(self, server: AsgiServer) -> None:
        self._server = server

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        limits = request.extensions.get("timeout") or {}
        return self._server.send(request, limits.get("read"))


class _Lifespan:
    """The start-up and shutdown half of the ASGI protocol."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises RuntimeError with the last line of the application's own words where it will not start."""
        scope: Message = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {}}
        self._task = asyncio.create_task(self._serve(scope))
        reply = await self._exchange("lifespan.startup")
        if reply.get("type") == "lifespan.startup.failed":
            *_, last = str(reply.get("message") or "no reason given").strip().splitlines()
            raise RuntimeError(f"the inference server did not start: {last}")

    async def stop(self) -> None:
        if self._task is not None and not self._task.done():
            await self._exchange("lifespan.shutdown")
            await self._task

    async def _serve(self, scope: Message) -> None:
        await self._application(scope, self._inbox.get, self._outbox.put)

    async def _exchange(self, kind: str) -> Message:
        assert self._task is not None
        await self._inbox.put({"type": kind})
        reply = asyncio.ensure_future(self._outbox.get())
        await asyncio.wait({reply, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if reply.done():
            return reply.result()
        reply.cancel()
        if error := self._task.exception():
            raise RuntimeError(f"the inference server ended: {error}") from error
        return {}
