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


def read_together(read: _Read) -> _Read:
    """Have a function of keys read all régions and départements at once, when all keys are theirs.

    `read` returns rows with their `cle`, in the order of the keys; those of one key must not depend
    on the other keys.
    """

    @wraps(read)
    def rows_of(keys: Sequence[str], *arguments: Hashable, **keywords: Hashable) -> pd.DataFrame:
        keys = list(dict.fromkeys(keys))
        if not keys or not all(key.partition("-")[0] in LARGE_LEVELS for key in keys):
            return read(keys, *arguments, **keywords)
        rows, positions = _all_rows(read, arguments, tuple(keywords.items()))
        taken = [positions[key] for key in keys if key in positions]
        return rows.take(np.concatenate(taken) if taken else []).reset_index(drop=True)

    return rows_of


@cached
def _all_rows(
    read: _Read, arguments: tuple, keywords: tuple
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return what `read` returns of all of them, and the positions of the rows of each key."""
    keys = query(
        "SELECT cle(territoire_niveau, territoire_code) AS cle FROM territoires "
        "WHERE list_contains($levels, territoire_niveau)",
        {"levels": list(LARGE_LEVELS)},
    )
    rows = read(list(keys["cle"]), *arguments, **dict(keywords))
    return rows, rows.groupby("cle").indices
