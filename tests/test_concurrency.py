"""Computations are limited: few at once, every one runs, and none blocks the others."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from comparisons.concurrency import ConcurrencyLimiter
from comparisons.errors import TooBusyError


@pytest.fixture
def limiter() -> ConcurrencyLimiter:
    return ConcurrencyLimiter(2)


def test_few_compute_at_once_and_all_do(limiter):
    inside, most, lock = 0, 0, threading.Lock()

    def compute(_: int) -> int:
        nonlocal inside, most
        with limiter.slot(), limiter.slot():  # a thread that has a slot takes no second one
            with lock:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.005)
            with lock:
                inside -= 1
        return 1

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(compute, range(40))) == 40
    assert most == 2


def test_who_comes_first_is_served_first():
    limiter, served = ConcurrencyLimiter(1), []

    def compute(name: str) -> None:
        with limiter.slot():
            served.append(name)

    with ThreadPoolExecutor(3) as pool:
        with limiter.slot():
            for waiting, name in enumerate("abc", start=1):
                pool.submit(compute, name)
                while len(limiter._slots._waiting) < waiting:
                    threading.Event().wait(0.001)
        # the slot is free, and none of the three has run yet
        compute("d")
    assert served == list("abcd")


def test_who_waits_for_another_process_or_fails_leaves_its_place(limiter):
    both = threading.Barrier(4, timeout=10)

    def wait(_: int) -> None:
        with limiter.slot():
            with limiter.released():
                both.wait()  # four of them together, with two places
            raise ValueError

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(wait, number) for number in range(4)]:
            with pytest.raises(ValueError):
                future.result(10)
    with limiter.slot(), limiter.released():
        pass


def test_releasing_without_a_slot_does_nothing(limiter):
    with limiter.released():
        pass


def test_a_full_queue_and_a_long_wait_are_refused():
    for limiter, timeout in (
        (ConcurrencyLimiter(0, queued=0), None),
        (ConcurrencyLimiter(0), 0.01),
    ):
        with pytest.raises(TooBusyError, match="à la fois"), limiter.slot(timeout):
            pass
