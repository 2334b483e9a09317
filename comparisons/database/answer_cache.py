"""Answers of the library about one database, each computed once for all the threads that ask."""

from collections.abc import Callable, Hashable, MutableMapping
from operator import itemgetter
from threading import Condition
from typing import Any

import cachetools
import objsize

# Globals of modules are excluded: no answer holds any, and they take long to measure.
_weight = objsize.ObjSizeSettings(exclude_modules_globals=False).get_deep_size


class AnswerCache:
    """Answers about one database: the last ones, up to a weight in bytes, and a few that stay."""

    def __init__(self, max_bytes: int) -> None:
        """Build a cache whose last answers weigh `max_bytes` at most."""
        recent_answers = cachetools.LRUCache(max_bytes, getsizeof=itemgetter(1))
        self._recent = _compute_once(recent_answers, _weight)
        self._pinned = _compute_once({}, lambda _: 0)

    def answer(self, key: Hashable, compute: Callable[[], Any], pinned: bool) -> Any:
        """Return the answer kept under a key, computed if there is none.

        A pinned one stays, whatever it weighs. Nothing is kept when `compute` raises.
        """
        answer, _ = (self._pinned if pinned else self._recent)(key, compute)
        return answer


def _compute_once(
    answers: MutableMapping[Hashable, tuple[Any, int]], weigh: Callable[[object], int]
) -> Callable[[Hashable, Callable[[], Any]], tuple[Any, int]]:
    """Return a function that computes an answer, with its weight, unless `answers` has it.

    Threads that ask for an answer that is being computed wait for it.
    """

    @cachetools.cached(answers, key=lambda key, _: key, condition=Condition())
    def weighed_answer(_: Hashable, compute: Callable[[], Any]) -> tuple[Any, int]:
        # weighed before the cache is locked: a large answer takes long
        answer = compute()
        return answer, weigh(answer)

    return weighed_answer
