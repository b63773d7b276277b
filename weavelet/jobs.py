"""Long work in the background: started by a request, watched and cancelled by others. One job runs at a time.

A `Job` is a value that is replaced as the work goes on. The work itself is a function that looks at `check_wanted` now
and then; what it raises becomes the job's error.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from weavelet.errors import Conflict, WeaveletError

_log = logging.getLogger(__name__)


class Status(StrEnum):
    STARTED = "STARTED"
    TRANSFERRING = "TRANSFERRING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One backup, restore or export, as far as it has come. Times are RFC 3339, `size` gigabytes."""

    id: str
    path: str
    collections: tuple[str, ...]
    status: Status = Status.STARTED
    started_at: str = ""
    completed_at: str = ""
    size: float = 0.0
    error: str = ""

    @property
    def ended(self) -> bool:
        return self.status in (Status.SUCCESS, Status.FAILED, Status.CANCELED)


class _Canceled(Exception):
    """Somebody asked a job to stop."""


Work = Callable[[Job], Job]
"""Does what is to be done and returns the job as it ended."""

Keep = Callable[[Job], None]
"""Is told how a job ended, to remember it for longer than the server runs."""


class Jobs:
    """Jobs of some kinds, each kept under its kind and id as long as the server runs."""

    def __init__(self, what: str, now: Callable[[], datetime]) -> None:
        """`what`: what a job is called in messages."""
        self._what = what
        self._now = now
        self._lock = threading.Lock()
        self._running: str | None = None
        self._canceled: set[str] = set()
        self._jobs: dict[tuple[str, str], Job] = {}

    def time(self) -> str:
        return self._now().isoformat().replace("+00:00", "Z")

    def of(self, kind: str) -> Mapping[str, Job]:
        with self._lock:
            return {id: job for (of, id), job in self._jobs.items() if of == kind}

    def start(self, kind: str, job: Job, work: Work, keep: Keep | None = None) -> Job:
        """Start a job of that kind. Raises `Conflict` where one runs already."""
        job = replace(job, started_at=self.time())
        with self._lock:
            if self._running is not None:
                raise Conflict(f"{self._what} {self._running} already in progress")
            self._running = job.id
            self._jobs[kind, job.id] = job
        arguments = (kind, job, work, keep)
        threading.Thread(target=self._run, args=arguments, name=f"{self._what}-{job.id}", daemon=True).start()
        return job

    def cancel(self, id: str) -> None:
        """Stop a job of that id at its next step. One that has ended, or never was, is nothing to stop."""
        with self._lock:
            if self._running == id:
                self._canceled.add(id)

    def check_wanted(self, job: Job) -> None:
        """To be called by the work at every step: ends it where the job is cancelled."""
        if job.id in self._canceled:
            raise _Canceled

    def _run(self, kind: str, job: Job, work: Work, keep: Keep | None) -> None:
        job = replace(job, status=Status.TRANSFERRING)
        with self._lock:
            self._jobs[kind, job.id] = job
        started = time.monotonic()
        _log.info("%s %s of %s begins", kind, job.id, ", ".join(job.collections))
        ended = self._ended(job, work)
        told = (kind, job.id, ended.status, time.monotonic() - started, ended.size)
        _log.info("%s %s: %s after %.2f s, %.3f GB", *told)
        if keep is not None:
            self._kept(ended, keep)
        with self._lock:
            self._jobs[kind, job.id] = ended
            self._canceled.discard(job.id)
            self._running = None

    def _ended(self, job: Job, work: Work) -> Job:
        try:
            return replace(work(job), status=Status.SUCCESS, completed_at=self.time())
        except _Canceled:
            return replace(job, status=Status.CANCELED, completed_at=self.time())
        except (WeaveletError, OSError) as error:
            _log.warning("%s %s: %s", self._what, job.id, error)
            return replace(job, status=Status.FAILED, completed_at=self.time(), error=str(error))
        except Exception as error:
            _log.exception("%s %s failed", self._what, job.id)
            text = f"internal error: {type(error).__name__}"
            return replace(job, status=Status.FAILED, completed_at=self.time(), error=text)

    def _kept(self, ended: Job, keep: Keep) -> None:
        try:
            keep(ended)
        except (WeaveletError, OSError) as error:
            _log.warning("%s %s is %s, which cannot be written down: %s", self._what, ended.id, ended.status, error)
