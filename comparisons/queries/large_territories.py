"""Rows of the régions and départements, read once for all of them.

There are 119, for which most readers ask one after the other. To plan the query of one takes longer
than to read the rows of all.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

import numpy as np
import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.schema.territory import LARGE_LEVELS

_P = ParamSpec("_P")
_Read = Callable[Concatenate[Sequence[str], _P], pd.DataFrame]

# What names the rows that are read together, and how all its values are listed.
_KEYS = {
    "cle": """
        SELECT cle(territoire_niveau, territoire_code) AS cle FROM territoires
        WHERE list_contains($levels, territoire_niveau)
    """,
    "strategie_id": """
        SELECT DISTINCT strategie_id FROM territoires_couverts
        WHERE list_contains($levels, territoire_niveau)
    """,
}


def read_together(column: str) -> Callable[[_Read], _Read]:
    """Have a function of keys read those of all régions and départements at once.

    It does when all the keys that it is asked for are theirs. `column` names the keys in the rows:
    `cle` of territories, or `strategie_id` of the documents that cover them. The function returns
    rows in the order of the keys; those of one key must not depend on the other keys.
    """

    def decorate(read: _Read) -> _Read:
        @wraps(read)
        def rows_of(
            keys: Sequence[str], *arguments: Hashable, **keywords: Hashable
        ) -> pd.DataFrame:
            keys = list(dict.fromkeys(keys))
            if not keys or not _all_keys(column).issuperset(keys):
                return read(keys, *arguments, **keywords)
            rows, positions = _all_rows(read, column, arguments, tuple(keywords.items()))
            taken = [positions[key] for key in keys if key in positions]
            return rows.take(np.concatenate(taken) if taken else []).reset_index(drop=True)

        return rows_of

    return decorate


@cached
def _all_keys(column: str) -> frozenset[str]:
    """Return the keys that are read together."""
    return frozenset(query(_KEYS[column], {"levels": list(LARGE_LEVELS)})[column])


@cached
def _all_rows(
    read: _Read, column: str, arguments: tuple, keywords: tuple
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return what `read` returns of all of them, and the positions of the rows of each key."""
    rows = read(sorted(_all_keys(column)), *arguments, **dict(keywords))
    return rows, rows.groupby(column).indices
