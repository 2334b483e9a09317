"""Cache of the answers of the library, shared by all readers."""

import hashlib
import pickle
from collections.abc import Callable
from threading import Condition
from typing import TypeVar

import cachetools
import objsize
import pandas as pd
from cachetools.keys import typedkey

from comparisons.database.connection import current_preview, dataset_metadata

_T = TypeVar("_T")

# Answers of one function that a preview keeps, for its own reader.
_PREVIEW_CACHE_BYTES = 4
# Size of the shared cache, in bytes: some thousands of answers.
_SHARED_CACHE_BYTES = 256 * 2**20
# Globals of modules are excluded: no answer holds any, and they take long to measure.
_weight = objsize.ObjSizeSettings(exclude_modules_globals=False).get_deep_size


def _hash_table(argument: object) -> object:
    """Return a hash of the content of a table, or any other argument as it is."""
    if isinstance(argument, pd.DataFrame):
        return hashlib.blake2b(pickle.dumps(argument, pickle.HIGHEST_PROTOCOL)).digest()
    return argument


@cachetools.cached(
    cachetools.LRUCache(_SHARED_CACHE_BYTES, getsizeof=_weight),
    key=lambda version, function, *arguments: typedkey(
        version, function.__module__, function.__qualname__, *map(_hash_table, arguments)
    ),
    # other readers wait for an answer that is being computed, instead of computing it again
    condition=Condition(),
)
def _call_cached(version: str, function: Callable[..., _T], *arguments: object) -> _T:
    return function(*arguments)


def cached(function: Callable[..., _T]) -> Callable[..., _T]:
    """Cache the answers of a library function for all readers, until the dataset changes.

    The answer itself is returned, not a copy (copying 34,900 communes takes longer than drawing
    them): it must not be changed. Answers about a preview are cached by it alone, and freed with
    it. Keys are the name of the function and the content of tables: raises `ValueError` for a
    lambda or a nested function, `TypeError` for an argument that is not hashable (a list).
    """
    if "<" in function.__qualname__:
        raise ValueError(f"{function.__qualname__} has no name to keep its answers under.")

    def answer(*arguments: object) -> _T:
        preview = current_preview()
        if preview is None:
            return _call_cached(str(dataset_metadata()["version"]), function, *arguments)
        if any(isinstance(argument, pd.DataFrame) for argument in arguments):
            return function(*arguments)
        return preview.cache_function(function, _PREVIEW_CACHE_BYTES)(*arguments)

    return answer
