"""Whether a container is up yet, watched from the side.

A server starts even while its containers do not answer: each module asks `<origin>/.well-known/ready` in the
background, several times in the first second and then once a second; calls meanwhile wait a little and then fail with
what was seen. Any answer counts as up that is not a server error: other makes of containers have no such route and say
404. Once ready, a module is not asked again; a container that goes away later shows in the calls themselves.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from time import monotonic

from weavelet.errors import ModuleUnavailable

_FIRST_INTERVAL = 0.1
_INTERVAL = 1.0
_SLOW_INTERVAL = 5.0
_LIMIT = 120.0
_QUIET = 2.5

log = logging.getLogger(__name__)


class Readiness:
    """Watches `origins`, named by what each is for ("" where there is only one).

    `probe` gives None for a ready origin and else what is wrong with it. `patience` is how long a call waits for
    the container in seconds before it fails, `interval` how long it is until the next question at most; the first
    questions come sooner.
    """

    def __init__(
        self,
        module: str,
        origins: Mapping[str, str],
        probe: Callable[[str], str | None],
        patience: float = 1.0,
        interval: float = _INTERVAL,
    ) -> None:
        self._module = module
        self._waiting = dict(origins)
        self._probe = probe
        self._patience = patience
        self._interval = interval
        self._seen: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._started = monotonic()
        self._ready = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"{module}-readiness", daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """`ready`, or what is waited for."""
        return "ready" if self._ready.is_set() else f"starting: {self._problem()}"

    def require(self) -> None:
        """Return once the container is ready; `ModuleUnavailable` if it is not after the patience."""
        if not self._ready.wait(self._patience):
            raise ModuleUnavailable(f"{self._module}: {self._problem()}")

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _watch(self) -> None:
        interval = min(_FIRST_INTERVAL, self._interval)
        while not self._closing.is_set():
            self._ask()
            if not self._waiting:
                self._ready.set()
                log.info("%s: inference container ready", self._module)
                return
            early = monotonic() - self._started < _LIMIT
            self._closing.wait(interval if early else max(interval, _SLOW_INTERVAL))
            interval = min(2 * interval, self._interval)

    def _ask(self) -> None:
        for label, origin in list(self._waiting.items()):
            problem = self._probe(origin)
            if problem is None:
                del self._waiting[label]
                self._seen.pop(label, None)
            else:
                self._warn(label, origin, problem)
                self._seen[label] = problem

    def _warn(self, label: str, origin: str, problem: str) -> None:
        """Say each problem once, and nothing in the first moments: a container that is up soon is no news."""
        if monotonic() - self._started > _QUIET and self._told.get(label) != problem:
            self._told[label] = problem
            log.warning("%s: %sinference container at %s not ready: %s", self._module, _tag(label), origin, problem)

    def _problem(self) -> str:
        waited = monotonic() - self._started
        each = (
            f"{_tag(label)}the inference container at {origin} is not ready after {waited:.0f} s"
            f": {self._seen.get(label, 'no answer yet')}"
            for label, origin in list(self._waiting.items())
        )
        return ", ".join(each)


def _tag(label: str) -> str:
    return f"[{label}] " if label else ""
