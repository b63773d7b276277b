"""What the server did, as Prometheus reads it: counters of requests, and the state of every model's queue."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from threading import Lock
from time import perf_counter
from typing import Any, TypeAlias

from weavelet.inference.service import Service

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PREFIX = "weavelet_inference_"

Labels: TypeAlias = Mapping[str, str]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


class Requests:
    """How many requests each route answered, with which status, and how long that took."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answered: dict[tuple[str, int], int] = defaultdict(int)
        self._seconds: dict[str, float] = defaultdict(float)
        self._within: dict[str, list[int]] = defaultdict(lambda: [0] * len(_BOUNDS))

    def count(self, route: str, status: int, seconds: float) -> None:
        with self._lock:
            self._answered[route, status] += 1
            self._seconds[route] += seconds
            for place, bound in enumerate(_BOUNDS):
                self._within[route][place] += seconds <= bound

    def lines(self) -> list[str]:
        with self._lock:
            answered = [({"route": route, "status": str(status)}, n) for (route, status), n in self._answered.items()]
            lines = _family("requests_total", "counter", "Requests answered.", answered)
            lines += _head("request_seconds", "histogram", "Time from a request's first byte to its answer's last.")
            for route, seconds in self._seconds.items():
                total = sum(n for (path, _), n in self._answered.items() if path == route)
                bounds = zip(map(str, _BOUNDS), self._within[route], strict=True)
                for bound, within in (*bounds, ("+Inf", total)):
                    lines.append(_sample("request_seconds_bucket", {"route": route, "le": bound}, within))
                lines.append(_sample("request_seconds_sum", {"route": route}, seconds))
                lines.append(_sample("request_seconds_count", {"route": route}, total))
            return lines


class Counted:
    """An ASGI application whose requests are counted by the route that took them."""

    def __init__(self, application: Application, requests: Requests) -> None:
        self._application = application
        self._requests = requests

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._application(scope, receive, send)
        status, started = 500, perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._application(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._requests.count(route, status, perf_counter() - started)


def exposition(requests: Requests, service: Service) -> str:
    """Everything, in Prometheus' text format."""
    loaded = {served.model.name: served for served in service.loaded}
    queues = [({"model": name}, served.batcher) for name, served in loaded.items()]
    memories = [({"model": name}, kept) for name, served in loaded.items() if (kept := served.remembered)]
    ready = [({"model": model.name}, int(model.name in loaded)) for model in service.models]
    lines = requests.lines()
    lines += _family("model_ready", "gauge", "Whether the model is loaded.", ready)
    lines += _family("queue_length", "gauge", "Texts that wait.", [(name, queue.waiting) for name, queue in queues])
    lines += _family("texts_total", "counter", "Texts run.", [(name, queue.jobs) for name, queue in queues])
    lines += _family("batches_total", "counter", "Batches run.", [(name, queue.batches) for name, queue in queues])
    seconds = [(name, queue.seconds) for name, queue in queues]
    lines += _family("busy_seconds_total", "counter", "Time models ran, added up over workers.", seconds)
    hits = [(name, kept.hits) for name, kept in memories]
    lines += _family("remembered_hits_total", "counter", "Texts whose result was remembered.", hits)
    misses = [(name, kept.misses) for name, kept in memories]
    lines += _family("remembered_misses_total", "counter", "Texts whose result was not.", misses)
    return "\n".join(lines) + "\n"


def _family(name: str, kind: str, purpose: str, samples: Iterable[tuple[Labels, float]]) -> list[str]:
    return _head(name, kind, purpose) + [_sample(name, labels, value) for labels, value in samples]


def _head(name: str, kind: str, purpose: str) -> list[str]:
    return [f"# HELP {_PREFIX}{name} {purpose}", f"# TYPE {_PREFIX}{name} {kind}"]


def _sample(name: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{_PREFIX}{name}{{{told}}} {value:g}" if isinstance(value, float) else f"{_PREFIX}{name}{{{told}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
