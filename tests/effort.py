"""How much a run tries: enough to be waited for or, with `make test THOROUGH=1`, everything."""

import os
from collections.abc import Iterable
from typing import TypeVar

_T = TypeVar("_T")

THOROUGH = bool(os.environ.get("THOROUGH"))


def some(items: Iterable[_T], one_in: int) -> list[_T]:
    """Return one of so many items, in their order; all of them in a thorough run."""
    return list(items)[:: 1 if THOROUGH else one_in]


def tries(number: int) -> int:
    """Return how many examples to try: ten times as many in a thorough run."""
    return number * 10 if THOROUGH else number
