"""A door's threads: one reads and makes what it has read, more while some wait, compute or take long."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from weavelet.handlers import Call, HandlerThreads, computing, waiting

SECONDS = 5.0


class Source:
    """Calls in the groups in which they are put in, read by one thread at a time."""

    def __init__(self) -> None:
        self._groups: queue.Queue[list[Call]] = queue.Queue()
        self._inside = threading.Semaphore(1)

    def put(self, *calls: Call) -> None:
        self._groups.put(list(calls))

    def all_read(self, seconds: float = SECONDS) -> bool:
        """Whether every group is read within that time."""
        end = time.monotonic() + seconds
        while not self._groups.empty() and time.monotonic() < end:
            time.sleep(0.001)
        return self._groups.empty()

    def read(self) -> list[Call]:
        assert self._inside.acquire(blocking=False), "two threads read"
        try:
            return self._groups.get()
        finally:
            self._inside.release()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def threads(source: Source) -> Iterator[HandlerThreads]:
    yield from started(source, HandlerThreads(source.read, most=12))


@pytest.fixture
def patient_threads(source: Source) -> Iterator[HandlerThreads]:
    """To them no call takes long."""
    yield from started(source, HandlerThreads(source.read, most=12, long_seconds=60.0))


def started(source: Source, made: HandlerThreads) -> Iterator[HandlerThreads]:
    made.start()
    yield made
    made.close()
    source.put()
    assert made.join(SECONDS)


def most_at_once(source: Source, count: int, sleep: Callable[[], None], together: bool) -> int:
    lock = threading.Lock()
    inside = most = 0
    done = threading.Semaphore(0)

    def work() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        sleep()
        with lock:
            inside -= 1
        done.release()

    if together:
        source.put(*[work] * count)
    else:
        for _ in range(count):
            source.put(work)
    for _ in range(count):
        assert done.acquire(timeout=SECONDS)
    return most


@pytest.mark.usefixtures("threads")
def test_calls_begin_in_their_order_on_the_thread_that_read_them(source: Source) -> None:
    seen: list[tuple[int, int]] = []
    done = threading.Event()
    for number in range(5):
        source.put(lambda number=number: seen.append((number, threading.get_ident())))  # type: ignore[misc]
        time.sleep(0.001)
    source.put(done.set)

    assert done.wait(SECONDS)
    assert [number for number, _ in seen] == [0, 1, 2, 3, 4]
    assert len({thread for _, thread in seen}) == 1


@pytest.mark.usefixtures("patient_threads")
@pytest.mark.parametrize("together", [True, False], ids=["in one piece", "one by one"])
def test_one_call_works_at_a_time(source: Source, together: bool) -> None:
    assert most_at_once(source, 20, lambda: time.sleep(0.002), together) == 1


@pytest.mark.usefixtures("threads")
def test_calls_that_take_long_work_beside_each_other(source: Source) -> None:
    everybody = threading.Barrier(8)
    assert most_at_once(source, 8, lambda: everybody.wait(SECONDS) and None, together=True) == 8
    assert most_at_once(source, 8, lambda: everybody.wait(SECONDS) and None, together=False) == 8


@pytest.mark.usefixtures("patient_threads")
def test_those_who_wait_let_others_begin(source: Source) -> None:
    everybody = threading.Barrier(8)

    def wait() -> None:
        with waiting():
            everybody.wait(SECONDS)

    assert most_at_once(source, 8, wait, together=False) == 8
    assert most_at_once(source, 20, lambda: time.sleep(0.002), together=True) == 1


@pytest.mark.usefixtures("patient_threads")
def test_those_who_compute_let_others_begin_that_have_been_read(source: Source) -> None:
    reached, leave = threading.Event(), threading.Event()
    source.put(partial(compute_until, leave), reached.set)

    assert reached.wait(SECONDS)
    leave.set()


@pytest.mark.usefixtures("patient_threads")
def test_nobody_is_woken_to_read_for_those_who_compute(source: Source) -> None:
    reached, leave = threading.Event(), threading.Event()
    source.put(partial(compute_until, leave))
    source.put(reached.set)

    assert not reached.wait(0.05)
    leave.set()
    assert reached.wait(SECONDS)


def compute_until(leave: threading.Event) -> None:
    with computing():
        leave.wait(SECONDS)


@pytest.mark.usefixtures("patient_threads")
def test_those_who_have_waited_or_computed_count_once(source: Source) -> None:
    def aside_now_and_then() -> None:
        for _ in range(3):
            with waiting():
                time.sleep(0.0005)
            with computing(), waiting():
                time.sleep(0.0002)

    most_at_once(source, 40, aside_now_and_then, together=True)
    most_at_once(source, 40, aside_now_and_then, together=False)
    assert most_at_once(source, 20, lambda: time.sleep(0.002), together=True) == 1


@pytest.mark.usefixtures("patient_threads")
def test_a_call_that_waits_while_it_waits_is_one_that_waits(source: Source) -> None:
    leave = threading.Event()

    def wait() -> None:
        with waiting(), waiting():
            leave.wait(SECONDS)

    for _ in range(4):
        source.put(wait)
    assert most_at_once(source, 20, lambda: time.sleep(0.002), together=True) == 1
    leave.set()


@pytest.mark.usefixtures("threads")
def test_somebody_reads_however_many_calls_wait_for_what_is_not_read_yet(source: Source) -> None:
    read = threading.Event()

    def wait() -> None:
        with waiting():
            assert read.wait(SECONDS)

    for _ in range(40):
        source.put(wait)
    assert source.all_read()
    read.set()


@pytest.mark.usefixtures("threads")
def test_reading_goes_on_while_many_calls_stand_in_line(source: Source) -> None:
    done = threading.Event()
    source.put(*[lambda: time.sleep(0.003)] * 100, done.set)
    source.put()
    assert source.all_read()
    assert not done.is_set()
    assert done.wait(SECONDS)


@pytest.mark.usefixtures("threads")
def test_a_call_behind_one_that_takes_long_is_made(source: Source) -> None:
    leave, reached = threading.Event(), threading.Event()
    source.put(lambda: leave.wait(SECONDS) and None)
    time.sleep(0.01)
    source.put(reached.set)

    assert reached.wait(SECONDS)
    assert not leave.is_set()
    leave.set()


@pytest.mark.usefixtures("threads")
def test_a_call_after_a_long_silence_that_takes_long_is_noticed_too(source: Source) -> None:
    time.sleep(0.1)
    leave, reached = threading.Event(), threading.Event()
    source.put(lambda: leave.wait(SECONDS) and None)
    time.sleep(0.01)
    source.put(reached.set)

    assert reached.wait(SECONDS)
    leave.set()


def test_waiting_and_computing_outside_of_handler_threads_are_just_that() -> None:
    with waiting(), computing():
        pass


def test_a_call_under_way_is_finished_after_the_end(source: Source) -> None:
    made = HandlerThreads(source.read)
    made.start()
    begun, done = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        time.sleep(0.02)
        done.set()

    source.put(work)
    assert begun.wait(SECONDS)
    made.close()
    source.put()

    assert made.join(SECONDS)
    assert done.is_set()


def test_the_threads_end_whatever_they_are_about_to_do() -> None:
    for round in range(150):
        source = Source()
        made = HandlerThreads(source.read)
        made.start()
        source.put(*[lambda: None] * (round % 4))
        if round % 3:
            source.put(lambda: time.sleep(0.0005))
        made.close()
        source.put()
        assert made.join(SECONDS)
