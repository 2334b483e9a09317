"""What computes takes turns: few at once, nobody forgotten, nobody stuck."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from comparisons.concurrency import ConcurrencyLimiter, release_slot


@pytest.fixture
def turns() -> ConcurrencyLimiter:
    return ConcurrencyLimiter(2)


def test_few_compute_at_once_and_all_do(turns):
    inside, most, lock = 0, 0, threading.Lock()

    def compute(_: int) -> int:
        nonlocal inside, most
        with turns.slot(), turns.slot():  # who holds a place asks for no other one
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


def test_who_waits_for_another_process_or_fails_leaves_its_place(turns):
    both = threading.Barrier(4, timeout=10)

    def wait(_: int) -> None:
        with turns.slot():
            with release_slot():
                both.wait()  # four of them together, with two places
            raise ValueError

    with ThreadPoolExecutor(4) as pool:
        for answer in [pool.submit(wait, number) for number in range(4)]:
            with pytest.raises(ValueError):
                answer.result(10)
    with turns.slot(), release_slot():
        pass


def test_outside_of_a_turn_there_is_no_place_to_leave():
    with release_slot():
        pass
