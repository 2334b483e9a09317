"""Answers of the library, kept for all readers."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from comparisons.warehouse import metadata

T = TypeVar("T")


def cached(function: Callable[..., T]) -> Callable[..., T]:
    """Keep what a library function answers until the dataset changes, for all readers.

    The answer itself is given, not a copy (copying 34,900 communes takes longer than painting
    them): it must not be changed.
    """

    @st.cache_resource(show_spinner=False, max_entries=200)
    def kept(version: str, name: str, *arguments: object) -> T:
        return function(*arguments)

    def answer(*arguments: object) -> T:
        return kept(metadata()["version"], f"{function.__module__}.{function.__name__}", *arguments)

    return answer
