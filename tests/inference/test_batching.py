"""The queue in front of a model."""

import threading
from concurrent.futures import CancelledError

import pytest

from weavelet.errors import Unavailable
from weavelet.inference.batching import Batcher


class Gate:
    """A model that runs only when let, and remembers its batches."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)
        self.batches: list[list[str]] = []

    def run(self, jobs):
        self.entered.release()
        assert self.open.wait(5)
        self.batches.append(list(jobs))
        return [job.upper() for job in jobs]


@pytest.fixture
def gate() -> Gate:
    return Gate()


def held(gate: Gate, **options) -> Batcher[str, str]:
    """A batcher whose one worker is busy with a first text."""
    batcher = Batcher("test", gate.run, len, **options)
    batcher.submit(["first"])
    assert gate.entered.acquire(timeout=5)
    return batcher


def test_results_come_back_to_their_jobs(gate) -> None:
    gate.open.set()
    batcher = Batcher("test", gate.run, len, size=3, workers=2)
    texts = [f"text {number}" for number in range(20)]
    assert [future.result(5) for future in batcher.submit(texts)] == [text.upper() for text in texts]
    batcher.close()


def test_a_batch_is_the_oldest_text_and_those_like_it(gate) -> None:
    batcher = held(gate, size=2)
    futures = batcher.submit(["xx", "a very long text", "a long text", "yy", "zzz"])
    gate.open.set()
    for future in futures:
        future.result(5)
    batcher.close()
    assert gate.batches == [["first"], ["xx", "yy"], ["a very long text", "a long text"], ["zzz"]]


def test_queries_overtake_passages(gate) -> None:
    batcher = held(gate)
    futures = batcher.submit(["passage"]) + batcher.submit(["query"], urgent=True)
    gate.open.set()
    for future in futures:
        future.result(5)
    batcher.close()
    assert gate.batches == [["first"], ["query"], ["passage"]]


def test_a_full_queue_turns_away_at_once(gate) -> None:
    batcher = held(gate, capacity=2)
    batcher.submit(["a", "b"])
    with pytest.raises(Unavailable, match="busy: 2 texts are waiting already"):
        batcher.submit(["c"])
    gate.open.set()
    batcher.close()


def test_a_large_request_finds_place_in_an_empty_queue(gate) -> None:
    gate.open.set()
    batcher = Batcher("test", gate.run, len, size=8, capacity=2)
    assert len([future.result(5) for future in batcher.submit(["x"] * 20)]) == 20
    batcher.close()


def test_what_was_given_up_is_not_run(gate) -> None:
    batcher = held(gate)
    gone, kept = batcher.submit(["gone", "kept"])
    assert gone.cancel()
    gate.open.set()
    assert kept.result(5) == "KEPT"
    batcher.close()
    assert ["gone"] not in gate.batches


def test_a_fault_of_the_model_belongs_to_its_batch(gate) -> None:
    def run(jobs):
        if "bad" in jobs:
            raise ValueError("no")
        return jobs

    batcher = Batcher("test", run, len)
    bad, good = batcher.submit(["bad", "good"])
    with pytest.raises(ValueError, match="no"):
        bad.result(5)
    assert good.result(5) == "good"
    batcher.close()


def test_the_end_cancels_what_waits(gate) -> None:
    batcher = held(gate)
    [waiting] = batcher.submit(["later"])
    gate.open.set()
    batcher.close()
    assert waiting.done()
    if waiting.cancelled():
        with pytest.raises(CancelledError):
            waiting.result()
    with pytest.raises(Unavailable, match="stopping"):
        batcher.submit(["x"])
