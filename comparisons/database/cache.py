"""Answers of the library, kept for all readers."""

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

T = TypeVar("T")

# Answers of one function that a preview keeps, for its own reader.
PREVIEW_CACHE_BYTES = 4
# What is kept for all readers, in bytes: some thousands of answers.
SHARED_CACHE_BYTES = 256 * 2**20
# (an answer holds nothing of a module's, which takes long to tell apart)
_weight = objsize.ObjSizeSettings(exclude_modules_globals=False).get_deep_size


def _told(argument: object) -> object:
    """Return a hash of what a table holds: far quicker than to draw it."""
    if isinstance(argument, pd.DataFrame):
        return hashlib.blake2b(pickle.dumps(argument, pickle.HIGHEST_PROTOCOL)).digest()
    return argument


@cachetools.cached(
    cachetools.LRUCache(SHARED_CACHE_BYTES, getsizeof=_weight),
    key=lambda version, function, *arguments: typedkey(
        version, function.__module__, function.__qualname__, *map(_told, arguments)
    ),
    # what one reader waits for, others wait for too instead of computing it again
    condition=Condition(),
)
def _kept(version: str, function: Callable[..., T], *arguments: object) -> T:
    return function(*arguments)


def cached(function: Callable[..., T]) -> Callable[..., T]:
    """Keep what a library function answers until the dataset changes, for all readers.

    The answer itself is given, not a copy (copying 34,900 communes takes longer than painting
    them): it must not be changed. Answers about a preview are kept by it alone, and go with it.
    The function is known by its name, a table by what it holds: raises `ValueError` for a function
    that has no name of its own, `TypeError` for an argument that cannot be told from another (a
    list).
    """
    if "<" in function.__qualname__:
        raise ValueError(f"{function.__qualname__} has no name to keep its answers under.")

    def answer(*arguments: object) -> T:
        preview = current_preview()
        if preview is None:
            return _kept(str(dataset_metadata()["version"]), function, *arguments)
        if any(isinstance(argument, pd.DataFrame) for argument in arguments):
            return function(*arguments)
        return preview.remembering(function, PREVIEW_CACHE_BYTES)(*arguments)

    return answer
