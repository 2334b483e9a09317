"""Iterate over the rows of a table."""

from collections import namedtuple
from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import Any

import pandas as pd


def iterate_rows(table: pd.DataFrame) -> Iterator[Any]:
    """Iterate over the rows as named tuples, `Index` first, as `itertuples` does.

    It makes a class each time, which takes longer than to read ten rows; here tables of the same
    columns have one.
    """
    make = _row_class(tuple(table.columns))._make
    return map(make, zip(table.index, *(table[name] for name in table.columns), strict=True))


@lru_cache(maxsize=1024)
def _row_class(columns: tuple[Hashable, ...]) -> type:
    return namedtuple("Row", ("Index", *columns), rename=True)
