"""Answers of the library about one database, each computed once for all the threads that ask."""

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from operator import itemgetter
from threading import Condition
from typing import Any

import cachetools
import objsize
import pandas as pd

# Largest answer that is kept, unless it is pinned: a larger one would drive too many others away.
_MAX_ANSWER_BYTES = 32 * 2**20
# To measure a table of fewer cells takes longer than to query some of them.
_LARGE_TABLE = 20_000
# A short text; a number takes less, a sentence more.
_USUAL_CELL_BYTES = 64
# What pandas and Arrow keep of a column, however few its cells are (measured).
_COLUMN_BYTES = 800
# Globals of modules are excluded: no answer holds any, and they take long to measure.
_object_bytes = objsize.ObjSizeSettings(exclude_modules_globals=False).get_deep_size


class AnswerCache:
    """Answers about one database: the last ones, up to a size in bytes, and a few that stay."""

    def __init__(self, max_bytes: int) -> None:
        """Build a cache whose last answers take `max_bytes` at most."""
        recent = cachetools.LRUCache(max_bytes, getsizeof=itemgetter(1))
        self._kept: tuple[MutableMapping, MutableMapping] = (recent, {})
        self._recent = _compute_once(recent, _count_bytes)
        self._pinned = _compute_once(self._kept[1], lambda _: 0)

    def answer(self, key: Hashable, compute: Callable[[], Any], pinned: bool = False) -> Any:
        """Return the answer kept under a key, computed if there is none.

        A pinned one stays, whatever its size. Nothing is kept when `compute` raises.
        """
        answer, _ = (self._pinned if pinned else self._recent)(key, compute)
        return answer

    def kept(self) -> Iterator[tuple[Hashable, Any, bool]]:
        """Iterate over the answers kept: key, answer, pinned; no other thread may ask for any."""
        for pinned, answers in enumerate(self._kept):
            for key in tuple(answers):
                yield key, answers[key][0], bool(pinned)


def _compute_once(
    answers: MutableMapping[Hashable, tuple[Any, float]], measure: Callable[[object], float]
) -> Callable[[Hashable, Callable[[], Any]], tuple[Any, float]]:
    """Return a function that computes an answer, with its size, unless `answers` has it.

    Threads that ask for an answer that is being computed wait for it.
    """

    @cachetools.cached(answers, key=lambda key, _: key, condition=Condition())
    def measured_answer(_: Hashable, compute: Callable[[], Any]) -> tuple[Any, float]:
        # measured before the cache is locked, which takes milliseconds
        answer = compute()
        return answer, measure(answer)

    return measured_answer


def _count_bytes(answer: object) -> float:
    """Return the bytes of an answer, infinity for one that is too large to be kept."""
    size = _bytes_of(answer)
    return size if size <= _MAX_ANSWER_BYTES else math.inf


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
