"""The gate lets as many in as there are cores, in order; background slices take turns."""

import logging
import threading
import time

import pytest

from weavelet.errors import Unavailable
from weavelet.workers import Background, ComputeGate, Workers


def test_no_more_than_the_width_compute_at_a_time() -> None:
    gate, lock = ComputeGate(2, 100), threading.Lock()
    inside = most = 0

    def work() -> None:
        nonlocal inside, most
        with gate:
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (2, 0)


def test_a_full_queue_refuses_at_once() -> None:
    gate, leave = ComputeGate(1, 1), threading.Event()
    entered: list[int] = []

    def work(number: int) -> None:
        with gate:
            entered.append(number)
            leave.wait(5)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    with pytest.raises(Unavailable, match="busy"), gate:
        pass
    leave.set()
    for thread in threads:
        thread.join()
    assert entered == [0, 1]
    with gate:
        pass


def test_a_failure_inside_gives_the_place_back() -> None:
    gate = ComputeGate(1, 0)
    with pytest.raises(ValueError, match="x"), gate:
        raise ValueError("x")
    with gate:
        pass


def test_a_closed_gate_lets_nobody_in() -> None:
    gate = ComputeGate(1, 1)
    gate.close()
    with pytest.raises(Unavailable, match="stopping"), gate:
        pass


def test_slices_take_turns_until_they_are_done() -> None:
    background, calls, start = Background(), [], threading.Event()

    def job(name: str, times: int):
        def slice() -> bool:
            start.wait(5)
            calls.append(name)
            return calls.count(name) < times

        return slice

    background.submit(job("a", 3))
    background.submit(job("b", 2))
    start.set()
    assert background.idle(5)
    background.close()
    assert calls == ["a", "b", "a", "b", "a"]


def test_a_failing_slice_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    background, done = Background(), threading.Event()

    def fail() -> bool:
        raise ValueError("broken slice")

    def succeed() -> bool:
        done.set()
        return False

    with caplog.at_level(logging.ERROR):
        background.submit(fail)
        background.submit(succeed)
        assert background.idle(5)
    background.close()
    assert done.is_set()
    assert "broken slice" in caplog.text


def test_a_repeated_slice_goes_on_while_it_says_so_and_again_after_a_pause() -> None:
    background, calls, enough = Background(), [], threading.Event()

    def slice() -> bool:
        calls.append(time.monotonic())
        if len(calls) == 6:
            enough.set()
        return len(calls) % 3 != 0

    background.every(0.05, slice)
    assert enough.wait(5)
    background.close()
    assert calls[2] - calls[0] < 0.05 < calls[3] - calls[2]


def test_a_repeated_slice_is_called_again_even_when_it_fails(caplog: pytest.LogCaptureFixture) -> None:
    background, calls, enough = Background(), [], threading.Event()

    def slice() -> bool:
        calls.append(1)
        if len(calls) == 3:
            enough.set()
        raise ValueError("every time")

    with caplog.at_level(logging.CRITICAL):
        background.every(0.001, slice)
        assert enough.wait(5)
    background.close()


def test_closing_ends_the_thread() -> None:
    before = set(threading.enumerate())
    workers = Workers(cores=1)
    workers.background.submit(lambda: True)
    workers.close()
    assert set(threading.enumerate()) <= before
