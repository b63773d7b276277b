"""A door's threads: few at work, more while some wait."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from weavelet.handlers import HandlerThreads, waiting


@pytest.fixture
def threads() -> Iterator[HandlerThreads]:
    made = HandlerThreads(2, most=8)
    yield made
    made.shutdown()


def test_calls_give_their_results_and_errors(threads: HandlerThreads) -> None:
    def fail() -> None:
        raise ValueError("no")

    assert [threads.submit(pow, 2, n).result(5) for n in range(5)] == [1, 2, 4, 8, 16]
    with pytest.raises(ValueError, match="no"):
        threads.submit(fail).result(5)
    assert threads.submit(int, "7").result(5) == 7


def most_at_once(threads: HandlerThreads, count: int, sleep: Callable[[], None]) -> int:
    lock = threading.Lock()
    inside = most = 0

    def work() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        sleep()
        with lock:
            inside -= 1

    for call in [threads.submit(work) for _ in range(count)]:
        call.result(5)
    return most


def test_no_more_than_the_width_work_at_a_time(threads: HandlerThreads) -> None:
    assert most_at_once(threads, 20, lambda: time.sleep(0.002)) == 2


def test_those_who_wait_let_others_begin_up_to_the_most(threads: HandlerThreads) -> None:
    everybody = threading.Barrier(8)

    def wait() -> None:
        with waiting():
            everybody.wait(5)

    assert most_at_once(threads, 8, wait) == 8
    assert most_at_once(threads, 20, lambda: time.sleep(0.002)) == 2


def test_a_call_behind_waiting_ones_is_made(threads: HandlerThreads) -> None:
    leave = threading.Event()

    def wait() -> None:
        with waiting():
            leave.wait(5)

    slow = [threads.submit(wait) for _ in range(4)]
    assert threads.submit(int, "1").result(5) == 1
    leave.set()
    for call in slow:
        call.result(5)


def test_waiting_outside_of_handler_threads_is_just_waiting() -> None:
    with waiting():
        pass


def test_no_calls_are_taken_after_the_end(threads: HandlerThreads) -> None:
    assert threads.submit(int, "1").result(5) == 1
    threads.shutdown()
    with pytest.raises(RuntimeError, match="no more calls"):
        threads.submit(int, "1")
