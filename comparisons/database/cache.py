"""Cache of the answers of functions, declared where they are defined."""

import hashlib
import inspect
import pickle
from collections.abc import Callable, Hashable
from functools import partial, wraps
from typing import ParamSpec, TypeVar, overload

import pandas as pd
from cachetools.keys import typedkey

from comparisons.database.connection import (
    current_cache,
    current_preview,
    current_source_type,
    use_preview,
    use_source_type,
)

_P = ParamSpec("_P")
_T = TypeVar("_T")


@overload
def cached(function: Callable[_P, _T]) -> Callable[_P, _T]: ...
@overload
def cached(
    *, pinned: bool = False, reference_only: bool = False
) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]: ...
def cached(
    function: Callable[_P, _T] | None = None, *, pinned: bool = False, reference_only: bool = False
) -> Callable:
    """Cache the answers of a function of a module for all readers, until the database changes.

    Answers about a preview are cached by it alone, and freed with it. A function that reads
    `reference_only` tables, which no package changes, answers from the published database under a
    preview too. A `pinned` answer stays, whatever it weighs: for a few that take long to compute.

    A table comes as a shallow copy, free to be changed; any other answer must not be. The key is
    the arguments, those that cannot be hashed (a table, a list) by their content. The function must
    not release a slot (`ConcurrencyLimiter.released`): threads that wait for its answer hold
    theirs.
    """
    if function is None:
        return partial(cached, pinned=pinned, reference_only=reference_only)
    signature = inspect.signature(function)

    @wraps(function)
    def answer(*arguments: _P.args, **keywords: _P.kwargs) -> _T:
        if reference_only and (current_preview() is not None or current_source_type()):
            with use_preview(None), use_source_type(""):
                return answer(*arguments, **keywords)
        bound = signature.bind(*arguments, **keywords)
        bound.apply_defaults()
        # the function as its module names it: pickled by that name, for another process
        key = answer, typedkey(*map(_hashable, bound.arguments.values()))
        compute = partial(function, *arguments, **keywords)
        result = current_cache().answer(key, compute, pinned)
        # copied once it is written to
        return result.copy(deep=False) if isinstance(result, pd.DataFrame) else result

    return answer


def _hashable(argument: object) -> Hashable:
    """Return an argument, or a digest of its content if it cannot be hashed."""
    try:
        hash(argument)
    except TypeError:
        return hashlib.blake2b(pickle.dumps(argument, pickle.HIGHEST_PROTOCOL)).digest()
    return argument
