"""The cache of answers: its keys, what it gives, and the threads that ask at the same time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from comparisons.database.answer_cache import AnswerCache
from comparisons.database.cache import cached
from comparisons.database.connection import bind_preview, use_preview

pytestmark = pytest.mark.usefixtures("database")


def test_the_key_is_the_content_of_arguments_however_they_are_given():
    few, more = pd.DataFrame({"nom": ["a"]}), pd.DataFrame({"nom": ["a", "b"]})
    to_csv = cached(pd.DataFrame.to_csv)
    assert to_csv(few) is to_csv(few.copy()) is to_csv(few, columns=None)
    assert to_csv(more) == more.to_csv() != to_csv(few)
    assert to_csv(more, columns=["nom"]) is to_csv(more, None, columns=["nom"])


def test_a_caller_may_change_the_table_that_it_is_given():
    make = cached(lambda: pd.DataFrame({"nom": ["a", "b"]}))
    rows = make()
    rows["nom"] = "c"
    rows.loc[0, "autre"] = 1
    rows.drop(index=1, inplace=True)
    assert make().to_dict("list") == {"nom": ["a", "b"]}


def test_what_threads_ask_at_the_same_time_is_computed_once():
    calls = []

    def slow(number: int) -> list[int]:
        calls.append(number)
        time.sleep(0.05)
        return [number]

    inner = cached(slow)
    outer = cached(lambda number: inner(number))
    with use_preview(None), ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(bind_preview(outer), [1, 2, 3, 4] * 4))
    assert sorted(calls) == [1, 2, 3, 4]
    assert all(answers[index] is answers[index % 4] for index in range(16))


def test_an_error_is_not_kept():
    calls = []

    @cached
    def fail() -> None:
        calls.append(1)
        raise KeyError("x")

    for _ in range(2):
        with pytest.raises(KeyError, match="x"):
            fail()
    assert len(calls) == 2


def test_pinned_answers_stay_whatever_the_others_weigh():
    cache = AnswerCache(2000)
    pinned = cache.answer("heavy", lambda: bytes(10_000), pinned=True)
    first = cache.answer("a", lambda: bytes(900), pinned=False)
    assert cache.answer("a", lambda: bytes(901), pinned=False) is first
    for key in "bcd":
        cache.answer(key, lambda: bytes(900), pinned=False)
    assert len(cache.answer("a", lambda: bytes(902), pinned=False)) == 902
    assert cache.answer("heavy", lambda: b"", pinned=True) is pinned
    too_heavy = [cache.answer("e", lambda: bytes(3000), pinned=False) for _ in range(2)]
    assert too_heavy[0] is not too_heavy[1]


def compute_long(size: int) -> bytes:
    """Compute an answer in more time than it takes to read one that is pickled."""
    end = time.thread_time() + 0.02
    while time.thread_time() < end:
        pass
    return bytes(size)


def test_an_answer_that_took_long_and_had_to_leave_is_read_again():
    cache = AnswerCache(8000)
    calls = []

    def ask(key: str) -> object:
        return cache.answer(key, lambda: calls.append(key) or compute_long(1500))

    first = ask("a")
    for key in "bcd":
        ask(key)
    again = ask("a")
    assert again == first and again is not first
    assert calls == list("abcd")
