"""The listeners: one app, served over HTTP (one port or several) and gRPC, and stopped in order.

`Server.start` returns when every listener answers; `Server.stop` first stops taking requests, lets those under way
finish, and then closes the app. Nothing here knows what a request means.
"""

import gc
import logging
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import uvicorn

from weavelet.api.grpc import service
from weavelet.api.grpc.listener import Listener
from weavelet.api.rest import app as rest
from weavelet.app import App, open_app
from weavelet.errors import Unavailable
from weavelet.metrics import CONTENT_TYPE, exposition
from weavelet.monitoring import Monitoring
from weavelet.settings import Settings

_log = logging.getLogger(__name__)

_START_SECONDS = 30.0
_GRACE_SECONDS = 10.0
_SWITCH_SECONDS = 0.0005
"""How long a busy thread keeps the interpreter from others: a search comes back for it a dozen times."""
_COLLECTIONS = (20_000, 20, 20)
"""How seldom garbage is looked for. A request leaves hundreds of objects and no cycles, the indexes have millions."""


class Server:
    """Serves one app until it is stopped."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._http: list[tuple[uvicorn.Server, socket.socket, threading.Thread]] = []
        self._grpc: Listener | None = None
        self._monitoring: Monitoring | None = None
        self._stopping = threading.Event()
        self.host = app.settings.host
        self.http_ports: tuple[int, ...] = ()
        self.grpc_port = 0
        self.monitoring_port = 0

    @classmethod
    def open(cls, settings: Settings) -> "Server":
        """Open the app of these settings and serve it."""
        app = open_app(settings)
        server = cls(app)
        try:
            server.start()
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.http_ports[0]}"

    def start(self) -> None:
        """Listen. Raises `Unavailable` where a port is taken."""
        settings = self._app.settings
        application = rest.create(self._app)
        sockets = [_bind(self.host, port) for port in (settings.port, *settings.extra_ports)]
        self.http_ports = tuple(bound.getsockname()[1] for bound in sockets)
        self._start_grpc()
        for bound in sockets:
            self._start_http(application, bound)
        self._start_monitoring()
        self._wait_until_listening()

    def stop(self) -> None:
        """Take no more requests, finish those under way, close everything."""
        self._stopping.set()
        for server, _, _ in self._http:
            server.should_exit = True
        if self._grpc is not None:
            self._grpc.stop(_GRACE_SECONDS)
        for _, bound, thread in self._http:
            thread.join(_GRACE_SECONDS)
            bound.close()
        if self._monitoring is not None:
            self._monitoring.close()
        self._app.close()

    def announce(self) -> None:
        """Log where the server listens, where its data is and how its modules are."""
        settings, registry = self._app.settings, self._app.registry
        urls = ", ".join(f"http://{self.host}:{port}" for port in self.http_ports)
        _log.info("listening on %s (REST, GraphQL) and %s:%d (gRPC)", urls, self.host, self.grpc_port)
        if self.monitoring_port:
            _log.info("metrics on http://%s:%d/metrics", self.host, self.monitoring_port)
        _log.info("data in %s", settings.data_path.resolve())
        states = registry.states()
        running = [name for name in settings.enable_modules if name in registry.names]
        _log.info("modules: %s", ", ".join(f"{name} ({states.get(name, 'ready')})" for name in running) or "none")

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start_http(self, application: object, bound: socket.socket) -> None:
        config = uvicorn.Config(
            application,  # type: ignore[arg-type]
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=int(_GRACE_SECONDS),
            timeout_keep_alive=75,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="http", daemon=True)
        self._http.append((server, bound, thread))
        thread.start()

    def _start_grpc(self) -> None:
        settings = self._app.settings
        methods = service.methods(self._app, stopping=self._stopping)
        self._grpc = Listener(methods, settings.grpc_max_message_size)
        ports = (settings.grpc_port, *settings.extra_grpc_ports)
        self.grpc_port, *_ = [self._grpc.listen(self.host, port) for port in ports]
        self._grpc.start()

    def _start_monitoring(self) -> None:
        app, metrics = self._app, self._app.metrics
        if metrics is not None:
            port = app.settings.monitoring_port
            self._monitoring = Monitoring(self.host, port, lambda: exposition(metrics, app.database), CONTENT_TYPE)
            self.monitoring_port = self._monitoring.port

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not all(server.started for server, _, _ in self._http):
            if time.monotonic() > deadline or not all(thread.is_alive() for _, _, thread in self._http):
                raise Unavailable("the HTTP listener did not start")
            time.sleep(0.005)


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    _allow_many_files()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(*_COLLECTIONS)
    stop = threading.Event()

    def on_signal(_: int, __: FrameType | None) -> None:
        stop.set()

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with Server.open(settings) as server:
            server.announce()
            stop.wait()
            _log.info("stopping")
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _allow_many_files() -> None:
    """Every open tenant has a handful of files, and the usual soft limit is meant for programs without any."""
    with suppress(ImportError, ValueError, OSError):  # there is no such limit on Windows
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise Unavailable(f"cannot listen on {host}:{port} for HTTP: {error.strerror}") from error
    return bound
