"""Iterate over the rows of a table."""

from collections import namedtuple
from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import Any

import pandas as pd


def iterate_rows(table: pd.DataFrame) -> Iterator[Any]:
    """Iterate over the rows as named tuples, `Index` first, as pandas' `itertuples` does.

    `itertuples` makes a class at each call, which takes longer than to read ten rows; here tables
    of the same columns share one.
    """
    make = _row_class(tuple(table.columns))._make
    columns = (column for _, column in table.items())
    return map(make, zip(table.index, *columns, strict=True))


@lru_cache(maxsize=1024)
def _row_class(columns: tuple[Hashable, ...]) -> type:
    return namedtuple("Row", ("Index", *columns), rename=True)
