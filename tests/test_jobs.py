"""Background jobs: how they end, and that there is one at a time."""

import threading
from datetime import UTC, datetime

import pytest

from weavelet.errors import Conflict, StorageError
from weavelet.jobs import Job, Jobs, Status

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WAIT_SECONDS = 10.0


def _run(work, keep=None):
    """The job as it ended, told to `keep`."""
    ended = threading.Event()
    jobs = Jobs("task", lambda: NOW)

    def kept(job):
        if keep is not None:
            keep(job)
        ended.set()

    jobs.start("kind", Job(id="a", path="", collections=()), work, kept)
    assert ended.wait(WAIT_SECONDS)
    return _ended(jobs)


def _ended(jobs):
    deadline = threading.Event()
    for _ in range(1000):
        job = jobs.of("kind")["a"]
        if job.ended:
            return job
        deadline.wait(0.01)
    raise AssertionError("still running")


def _fail(error):
    raise error


@pytest.mark.parametrize(
    ("work", "status", "error"),
    [
        (lambda job: job, Status.SUCCESS, ""),
        (lambda job: _fail(StorageError("disk full")), Status.FAILED, "disk full"),
        (lambda job: _fail(KeyError("x")), Status.FAILED, "internal error: KeyError"),
    ],
)
def test_a_job_ends_as_its_work_does(work, status, error):
    job = _run(work)
    assert (job.status, job.error, job.completed_at) == (status, error, "2026-01-02T00:00:00Z")


def test_how_a_job_ended_is_told_before_it_counts_as_ended():
    told = []
    assert _run(lambda job: job, told.append) in told


def test_a_job_that_is_not_wanted_any_more_ends_at_its_next_step():
    jobs = Jobs("task", lambda: NOW)
    started = threading.Event()
    cancelled = threading.Event()

    def work(job):
        started.set()
        assert cancelled.wait(WAIT_SECONDS)
        jobs.check_wanted(job)
        return job

    job = jobs.start("kind", Job(id="a", path="", collections=()), work)
    assert started.wait(WAIT_SECONDS)
    with pytest.raises(Conflict, match="task a already in progress"):
        jobs.start("kind", job, work)
    jobs.cancel("a")
    cancelled.set()
    assert _ended(jobs).status is Status.CANCELED
