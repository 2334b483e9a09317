"""Answers of the library, kept for all readers."""

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from comparisons.warehouse import current_preview, metadata

T = TypeVar("T")

# Answers of one function that a preview keeps, for its own reader.
KEPT_BY_PREVIEW = 4


# Answers about the published dataset, of all functions together; the oldest go first.
KEPT_FOR_ALL = 200


@st.cache_resource(show_spinner=False, max_entries=KEPT_FOR_ALL)
def _kept(version: str, name: str, _function: Callable[..., T], *arguments: object) -> T:
    return _function(*arguments)


def cached(function: Callable[..., T]) -> Callable[..., T]:
    """Keep what a library function answers until the dataset changes, for all readers.

    The answer itself is given, not a copy (copying 34,900 communes takes longer than painting
    them): it must not be changed. Answers about a preview are kept by it alone, and go with it.
    The function is known by its name: raises `ValueError` for one that has none of its own.
    """
    if "<" in function.__qualname__:
        raise ValueError(f"{function.__qualname__} has no name to keep its answers under.")

    def answer(*arguments: object) -> T:
        preview = current_preview()
        if preview is None:
            name = f"{function.__module__}.{function.__name__}"
            return _kept(metadata()["version"], name, function, *arguments)
        if any(not isinstance(value, Hashable) for value in arguments):
            return function(*arguments)
        return preview.remembering(function, KEPT_BY_PREVIEW)(*arguments)

    return answer
