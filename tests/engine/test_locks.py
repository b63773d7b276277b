"""Readers share, writers exclude, and small commits share one call."""

import threading
import time
from collections.abc import Sequence

import pytest

from weavelet.engine.locks import GroupCommit, ReadWriteLock


def run(*works) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_a_writer_is_alone() -> None:
    lock = ReadWriteLock()
    value = [0, 0]
    torn = []

    def write() -> None:
        for _ in range(200):
            with lock.write:
                value[0] += 1
                value[1] += 1

    def read() -> None:
        for _ in range(200):
            with lock.read, lock.read:
                if value[0] != value[1]:
                    torn.append(tuple(value))

    run(write, read, read, write)
    assert value == [400, 400]
    assert torn == []


def test_readers_share() -> None:
    lock, together = ReadWriteLock(), threading.Barrier(3, timeout=5)

    def read() -> None:
        with lock.read:
            together.wait()

    run(read, read, read)


def test_readers_who_waited_go_before_the_next_write() -> None:
    lock, order, waiting = ReadWriteLock(), [], threading.Event()

    def write() -> None:
        for number in range(50):
            with lock.write:
                order.append(number)
                waiting.set()
                time.sleep(0.001)

    def read() -> None:
        waiting.wait(5)
        with lock.read:
            order.append("read")

    run(write, read, read)
    assert max(i for i, what in enumerate(order) if what == "read") < 10


def test_a_reader_may_read_again_while_a_writer_waits() -> None:
    lock, reading, order = ReadWriteLock(), threading.Event(), []

    def read() -> None:
        with lock.read:
            reading.set()
            time.sleep(0.05)
            with lock.read:
                order.append("read")

    def write() -> None:
        reading.wait(5)
        with lock.write:
            order.append("write")

    run(read, write)
    assert order == ["read", "write"]


def test_commits_that_wait_are_worked_off_together() -> None:
    groups: list[list[int]] = []

    def work(items: Sequence[int]) -> list[int]:
        groups.append(list(items))
        time.sleep(0.02)
        return [item * 10 for item in items]

    commits: GroupCommit[int, int] = GroupCommit(work, most_items=100)
    answers: dict[int, list[int]] = {}

    def commit(number: int) -> None:
        answers[number] = list(commits.commit([number, number + 100]))

    run(*[lambda n=n: commit(n) for n in range(20)])
    assert answers == {n: [n * 10, n * 10 + 1000] for n in range(20)}
    assert len(groups) < 20


def test_a_group_stays_below_its_limit() -> None:
    sizes: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        time.sleep(0.005)
        return list(items)

    commits: GroupCommit[int, int] = GroupCommit(work, most_items=4)
    run(*[lambda: commits.commit([1, 2]) for _ in range(10)], lambda: commits.commit(list(range(9))))
    assert sum(sizes) == 29
    assert all(size in (2, 4, 9) for size in sizes)


def test_an_error_reaches_everyone_it_concerns_and_nobody_else() -> None:
    def work(items: Sequence[int]) -> list[int]:
        if -1 in items:
            raise ValueError("no")
        return list(items)

    commits: GroupCommit[int, int] = GroupCommit(work, most_items=4)
    with pytest.raises(ValueError, match="no"):
        commits.commit([-1])
    assert commits.commit([1]) == [1]


def test_writing_without_waiting_is_refused_to_whoever_would_wait() -> None:
    lock = ReadWriteLock()
    with lock.read:
        assert not lock.try_write()
    with lock.write:
        assert not lock.try_write()
    assert lock.try_write()
    with lock.writing:
        assert not lock.try_write()
    with lock.read:
        pass
