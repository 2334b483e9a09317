"""Answers of the library about one database, each computed once for all the threads that ask."""

import math
import pickle
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import partial
from operator import attrgetter
from threading import Condition, Lock
from typing import Any, NamedTuple

import cachetools
import objsize
import pandas as pd

# Of the size of a cache: rows of queries, of which answers are made; answers that are pickled.
_ROWS_SHARE, _PICKLED_SHARE = 1 / 8, 1 / 4
# Largest answer that is kept, unless it is pinned: a larger one would drive too many others away.
_MAX_ANSWER_BYTES = 32 * 2**20
# Of the size of all rows, the largest rows that are kept.
_LARGEST_ROWS_SHARE = 1 / 8
# To read an answer that is pickled takes 10 ms at most; one that takes as long to compute is not.
_MIN_PICKLED_SECONDS = 0.01
# To measure a table of fewer cells takes longer than to query some of them.
_LARGE_TABLE = 20_000
# A short text; a number takes less, a sentence more.
_USUAL_CELL_BYTES = 64
# What pandas and Arrow keep of a column, however few its cells are (measured).
_COLUMN_BYTES = 800
# Globals of modules are excluded: no answer holds any, and they take long to measure.
_object_bytes = objsize.ObjSizeSettings(exclude_modules_globals=False).get_deep_size


class _Answer(NamedTuple):
    """An answer, its bytes, the processor time that it took."""

    value: Any
    size: float
    seconds: float


class AnswerCache:
    """Answers about one database: the last ones, up to a size in bytes, and a few that stay.

    One that has to leave, and took long to compute, is pickled first, and read again once it is
    asked for: it then takes about a seventh of its size.
    """

    def __init__(self, max_bytes: int) -> None:
        """Build a cache whose last answers take `max_bytes` at most."""
        rows_bytes, pickled_bytes = max_bytes * _ROWS_SHARE, max_bytes * _PICKLED_SHARE
        self._recent = _RecentAnswers(max_bytes - rows_bytes - pickled_bytes, self._pickle)
        self._pickled = cachetools.LRUCache(pickled_bytes, getsizeof=len)
        self._pickled_lock = Lock()
        measure = partial(_count_bytes, limit=_MAX_ANSWER_BYTES)
        self._recent_answer = _compute_once(self._recent, measure)
        self._pinned_answer = _compute_once({}, lambda _: 0)
        measure_rows = partial(_count_bytes, limit=rows_bytes * _LARGEST_ROWS_SHARE)
        rows = cachetools.LRUCache(rows_bytes, getsizeof=attrgetter("size"))
        self._rows = _compute_once(rows, measure_rows)

    def answer(self, key: Hashable, compute: Callable[[], Any], pinned: bool = False) -> Any:
        """Return the answer kept under a key, computed if there is none.

        A pinned one stays, whatever its size. Nothing is kept when `compute` raises.
        """
        if pinned:
            return self._pinned_answer(key, compute).value

        def read_or_compute() -> object:
            with self._pickled_lock:
                content = self._pickled.get(key)
            return compute() if content is None else pickle.loads(content)

        return self._recent_answer(key, read_or_compute).value

    def rows(self, key: Hashable, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return the rows kept under the key of a query, asked for if there are none."""
        return self._rows(key, compute).value

    def keep_pickled(self, key: Hashable, content: bytes) -> None:
        """Keep an answer that this program pickled, to be read once it is asked for."""
        with self._pickled_lock, suppress(ValueError):  # too large
            self._pickled[key] = content

    def recent(self) -> Iterator[tuple[Hashable, Any]]:
        """Iterate over the last answers that took long: no other thread may ask for any."""
        for key in tuple(self._recent):
            answer = self._recent[key]
            if answer.seconds >= _MIN_PICKLED_SECONDS:
                yield key, answer.value

    def _pickle(self, key: Hashable, answer: _Answer) -> None:
        if answer.seconds < _MIN_PICKLED_SECONDS or key in self._pickled:
            return
        # one that holds a function without a name in its module
        with suppress(pickle.PicklingError, AttributeError, TypeError):
            self.keep_pickled(key, pickle.dumps(answer.value, pickle.HIGHEST_PROTOCOL))


class _RecentAnswers(cachetools.LRUCache):
    """The last answers, up to a size; `leave` is told of each that makes room for another."""

    def __init__(self, max_bytes: float, leave: Callable[[Hashable, _Answer], None]) -> None:
        super().__init__(max_bytes, getsizeof=attrgetter("size"))
        self._leave = leave

    def popitem(self) -> tuple[Hashable, _Answer]:
        key, answer = super().popitem()
        self._leave(key, answer)
        return key, answer


def _compute_once(
    answers: MutableMapping[Hashable, _Answer], measure: Callable[[object], float]
) -> Callable[[Hashable, Callable[[], Any]], _Answer]:
    """Return a function that computes an answer, unless `answers` has it.

    Threads that ask for an answer that is being computed wait for it.
    """

    @cachetools.cached(answers, key=lambda key, _: key, condition=Condition())
    def measured_answer(_: Hashable, compute: Callable[[], Any]) -> _Answer:
        # measured before the cache is locked, which takes milliseconds
        started = time.thread_time()
        answer = compute()
        return _Answer(answer, measure(answer), time.thread_time() - started)

    return measured_answer


def _count_bytes(answer: object, limit: float) -> float:
    """Return the bytes of an answer, infinity for one that is too large to be kept."""
    size = _bytes_of(answer)
    return size if size <= limit else math.inf


def _bytes_of(answer: object) -> int:
    """Return the bytes of an answer; its tables are not walked through, which takes long."""
    if isinstance(answer, pd.DataFrame):
        if answer.size < _LARGE_TABLE:
            return answer.size * _USUAL_CELL_BYTES + len(answer.columns) * _COLUMN_BYTES
        return int(answer.memory_usage(deep=True).sum())
    if isinstance(answer, Mapping):
        return sum(map(_bytes_of, answer.values()))
    if isinstance(answer, tuple):
        return sum(map(_bytes_of, answer))
    if is_dataclass(answer):
        return sum(_bytes_of(getattr(answer, field.name)) for field in fields(answer))
    return getattr(answer, "nbytes", None) or _object_bytes(answer)
