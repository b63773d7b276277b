"""What all modules that call an inference container share.

`HttpModule` posts JSON and hands back an `Answer` for whatever HTTP status came; only where no answer came at all
does it raise, and then nothing but `ModuleError`, naming the module, the URL, the time waited and the limit. One
time limit covers all attempts of a call and the reading of its body. Broken connections and refusals that pass (429,
502, 503, 504, and what comes with `Retry-After`) are tried again a few times, no sooner than the container says.
More calls at once than a container can serve are refused before they are sent. Redirects are not followed.
Knows no engine and no door.
"""

import logging
import random
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import orjson

from weavelet import __version__
from weavelet.errors import ModuleError, ModuleTimeout, ModuleUnavailable
from weavelet.modules.base import Kind, ModuleSettings
from weavelet.modules.environment import truthy
from weavelet.modules.outside import Dialling, check_outside
from weavelet.modules.pressure import Pressure
from weavelet.modules.readiness import Readiness

_T = TypeVar("_T")
_R = TypeVar("_R")

_PASSING = frozenset({429, 502, 503, 504})
_BROKEN = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError, httpx2.CloseError)
_RESENDS = 2
_PAUSES = (0.05, 0.25)
_BUSY_PAUSES = (0.25, 1.0)
_LONGEST_REASON = 500
_META_SECONDS = 5.0
_PROBE_SECONDS = 0.5
_EMBEDDED_INTERVAL = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A container's reply, whatever its status."""

    status: int
    content: bytes
    url: str
    retry_after: float | None = None
    """Seconds the container asks us to wait, where it says so."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed in a moment."""
        return self.status in _PASSING or (self.status >= 500 and self.retry_after is not None)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return orjson.loads(self.content)

    def reason(self) -> str:
        """What the body says went wrong, in at most 500 characters; "" where it says nothing."""
        try:
            said = _said(self.json())
        except ValueError:
            said = self.content.decode("utf-8", "replace")
        return " ".join(said.split())[:_LONGEST_REASON]


EMBEDDED = "http://inference.weavelet"
"""The address of the inference server in this process: never resolved, but named in errors."""


class HttpModule:
    """A module in front of a container or service. Subclasses give `name` and `kind` and the calls' bodies.

    `embedded` is the way to the inference server inside this process, which is at `EMBEDDED`. `window` is
    how many calls of one piece of work are under way side by side; of all pieces together it may be twice as many,
    and as many again may wait.
    """

    name: str
    kind: Kind

    def __init__(
        self,
        settings: ModuleSettings,
        *,
        embedded: httpx2.BaseTransport | None = None,
        window: int = 8,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.environment = settings.environment
        self._timeout = settings.timeout_seconds
        self._timeout_variable = settings.timeout_variable
        self._lowercase = truthy(settings.environment.get("LOWERCASE_VECTORIZATION_INPUT"))
        self._guarded = truthy(settings.environment.get("MODULES_VALIDATE_BASE_URL"))
        self._network = settings.network
        self._embedded = embedded
        self._window = window
        self._opening = threading.Lock()
        self._opened: httpx2.Client | None = None
        self._pool = ThreadPoolExecutor(window, thread_name_prefix=self.name)
        self._pressure = Pressure(self.name, 2 * window, 2 * window)
        self._closing = threading.Event()
        self._jitter = jitter

    def close(self) -> None:
        """Stop waiting, let calls under way end, and drop the connections."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._opened is not None:
            self._opened.close()

    def post(self, url: str, body: Any, *, key: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """The reply to `body` as JSON; `key` goes along as a bearer token."""
        sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        try:
            content = orjson.dumps(body)
        except orjson.JSONEncodeError as error:
            raise ModuleError(f"{self.name}: the text cannot be sent to {url}: {error}") from None
        started = monotonic()
        with self._pressure.passing(url, self._timeout):
            return self._call("POST", url, content, sent, self._timeout, started)

    def fetch_meta(self, url: str, *, key: str | None = None) -> Mapping[str, Any]:
        """A container's description of itself."""
        sent = {"Authorization": f"Bearer {key}"} if key else {}
        answer = self._call("GET", url, None, sent, min(self._timeout, _META_SECONDS), monotonic())
        if not answer.ok:
            raise ModuleError(f"unexpected status code '{answer.status}' of meta request to {url}")
        found = self.parsed(answer, "meta")
        return found if isinstance(found, Mapping) else {"model": found}

    def watched(self, origins: Mapping[str, str], embedded: bool) -> Readiness:
        """The containers' readiness. A server in this process is waited for as long as for an answer."""
        if embedded:
            return Readiness(self.name, origins, self.probe, self._timeout, _EMBEDDED_INTERVAL)
        return Readiness(self.name, origins, self.probe)

    def probe(self, origin: str) -> str | None:
        """None where a container listens and is not busy starting; else what is wrong."""
        try:
            answer = self._client.get(joined(origin, "/.well-known/ready"), timeout=_PROBE_SECONDS)
        except httpx2.HTTPError as error:
            return _plain(error)
        return f"status {answer.status_code}" if answer.status_code >= 500 else None

    def side_by_side(self, work: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
        """`work` done on each item, several at a time, results in order. One item takes no detour over a thread."""
        if len(items) < 2:
            return [work(item) for item in items]
        return list(self._pool.map(work, items))

    def parsed(self, answer: Answer, what: str) -> Any:
        """The answer's JSON; `ModuleError` with the beginning of what came instead."""
        try:
            return answer.json()
        except ValueError:
            text = answer.content[:200].decode("utf-8", "replace")
            raise ModuleError(
                f"failed to parse {what} response (status {answer.status}): {answer.url} answered {text!r}"
            ) from None

    def checked_base(self, url: str) -> str:
        """A base URL named by a collection or a header, without trailing slashes.

        Under MODULES_VALIDATE_BASE_URL it must be https and outside of this network, and still be so when dialled.
        """
        if self._guarded:
            check_outside(url)
        return url.rstrip("/")

    @property
    def _client(self) -> httpx2.Client:
        """Opened with the first call: most servers run more modules than they use."""
        with self._opening:
            if self._opened is None:
                self._opened = _client(self._network, self._embedded, self._window)
            return self._opened

    def _call(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], limit: float, started: float
    ) -> Answer:
        for resend in range(_RESENDS + 1):
            left = limit - (monotonic() - started)
            last = resend == _RESENDS
            try:
                with self._translated(method, url, started, limit, last):
                    answer = self._attempt(method, url, content, headers, left)
                    if last or not answer.may_pass:
                        return answer
                    pause = answer.retry_after or self._pause(_BUSY_PAUSES[resend])
                    if pause >= limit - (monotonic() - started):
                        return answer
            except _BROKEN as broken:
                log.debug("%s: %s broke off, sending again: %s", self.name, url, broken)
                pause = self._pause(_PAUSES[resend])
            if self._closing.wait(pause):
                raise ModuleError(f"{self.name}: stopped while waiting for {url}")
        raise AssertionError("the last attempt returns or raises")

    def _attempt(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], seconds: float
    ) -> Answer:
        if seconds <= 0:
            raise httpx2.ReadTimeout("no time left")
        ends = monotonic() + seconds
        watch = {"trace": Dialling(url)} if self._guarded and url.startswith("https:") else None
        with self._client.stream(
            method, url, content=content, headers=dict(headers), timeout=seconds, extensions=watch
        ) as response:
            parts = []
            for part in response.iter_bytes():
                parts.append(part)
                if monotonic() > ends:
                    raise httpx2.ReadTimeout("the body took too long")
            wait = _retry_after(response.headers.get("retry-after"))
            return Answer(response.status_code, b"".join(parts), url, wait)

    @contextmanager
    def _translated(self, method: str, url: str, started: float, limit: float, last: bool) -> Iterator[None]:
        """The HTTP library's errors as ours; broken connections pass through unless it was the last attempt."""
        try:
            yield
        except httpx2.TimeoutException:
            set_by = f", set by {self._timeout_variable}" if limit == self._timeout else ""
            raise ModuleTimeout(
                f"send {method} request: {self.name}: no answer from {url} in {monotonic() - started:.1f} s; "
                f"the limit is {limit:g} s{set_by}"
            ) from None
        except httpx2.HTTPError as error:
            if isinstance(error, _BROKEN) and not last:
                raise
            kind = ModuleUnavailable if isinstance(error, httpx2.ConnectError) else ModuleError
            raise kind(
                f"send {method} request: {self.name}: {url} could not be reached: {_plain(error)} "
                f"(after {monotonic() - started:.1f} s of {limit:g} s)"
            ) from error
        except (httpx2.InvalidURL, ValueError) as error:
            raise ModuleError(f"send {method} request: {self.name}: {url!r} is not a usable URL: {error}") from error

    def _pause(self, seconds: float) -> float:
        return seconds * (1 + self._jitter())


def joined(base: str, path: str) -> str:
    """`base` and `path` with exactly one slash between.

    What a base already has of the path is not added again: `http://host/v1` and `/v1/embeddings` make
    `http://host/v1/embeddings`, and so does the whole address.
    """
    bare = base.rstrip("/")
    own = bare.partition("://")[2].partition("/")[2].split("/")
    parts = path.strip("/").split("/")
    known = next((count for count in range(len(parts), 0, -1) if own[-count:] == parts[:count]), 0)
    return "/".join([bare, *parts[known:]])


def failure(answer: Answer) -> ModuleError:
    """A container's bad answer as an error, with what it said."""
    reason = answer.reason()
    return ModuleError(f"fail with status {answer.status}" + (f": {reason}" if reason else ""))


def chunks(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    """The items in order, in pieces of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def _client(network: Any, embedded: Any, window: int) -> httpx2.Client:
    """Proxies of the environment are honoured, but not on the way to this machine."""
    local = {f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")} if network is None else {}
    inside = {f"all://{urlsplit(EMBEDDED).hostname}": embedded} if embedded is not None else {}
    return httpx2.Client(
        verify=_trusted(),
        transport=network,
        mounts={**local, **inside},
        follow_redirects=False,
        limits=httpx2.Limits(max_connections=4 * window, max_keepalive_connections=2 * window),
        headers={"User-Agent": f"weavelet/{__version__}"},
    )


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts. Reading them takes longer than anything else a client begins with."""
    return httpx2.create_ssl_context()


def _said(body: Any) -> str:
    """The error text of the shapes in use: error, detail, message or title, as text, object or list."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return " ".join(filter(None, map(_said, body)))
    if isinstance(body, Mapping):
        for key in ("error", "detail", "message", "msg", "title"):
            if body.get(key):
                return _said(body[key])
    return ""


def _retry_after(value: str | None) -> float | None:
    """The seconds a `Retry-After` header asks for, which may be a number or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _plain(error: Exception) -> str:
    return str(error) or type(error).__name__
