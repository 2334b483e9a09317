"""Breaks between editions of the dataset: what differs because it is recorded in another way."""

from collections.abc import Iterable, Mapping

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import is_missing
from comparisons.rows import iterate_rows

_LAST_READING_SQL = """
    SELECT s.source_id,
           greatest(s.consulte_le, coalesce(max(r.relu_le) FILTER (r.page_retrouvee), '')) AS lu_le
    FROM sources s LEFT JOIN relectures r USING (source_id)
    GROUP BY s.source_id, s.consulte_le
"""


@cached
def breaks_between(first: int, last: int) -> pd.DataFrame:
    """Return the breaks that separate two editions, whichever comes first.

    Returns the columns of `ruptures` with `edition` (that brings the change), its `date`, and
    `phrase`: what changed and why it does not compare (or does), in French.
    """
    rows = query(
        """
        SELECT r.*, e.rang AS edition, e.date, changement || ' ' || pourquoi AS phrase
        FROM ruptures r JOIN editions e USING (paquet, version)
        WHERE e.rang > least($first, $last) AND e.rang <= greatest($first, $last)
        ORDER BY e.rang, r.rowid
        """,
        {"first": first, "last": last},
    )
    return rows.astype({"comparable": bool})


def break_between_readings(
    table: str, cells: Mapping[str, str], before: Iterable[str], after: Iterable[str]
) -> str:
    """Say why two facts do not compare, when they were read before and after a break; else "".

    `cells` are the columns that both are read in, with the code that they share, if any; `before`
    and `after` are their sources: one not read again since follows the former rule.
    """
    readings = _last_readings()
    first, second = (min((readings.get(key, "") for key in keys), default="")
                     for keys in (before, after))  # fmt: skip
    if not first or not second:
        return ""
    breaks = breaks_between(0, _last_edition())
    breaks = breaks[(breaks["table_nom"] == table) & ~breaks["comparable"]]
    for row in iterate_rows(breaks[breaks["colonne"].isin(list(cells))]):
        if not is_missing(row.code) and row.code != cells[row.colonne]:
            continue
        if (first < row.date) != (second < row.date):
            return f"{row.phrase} Un des deux a été lu avant cette règle, l’autre après."
    return ""


@cached
def _last_readings() -> dict[str, str]:
    rows = query(_LAST_READING_SQL)
    return dict(zip(rows["source_id"], rows["lu_le"], strict=True))


def _last_edition() -> int:
    return int(query("SELECT max(rang) AS rang FROM editions").iat[0, 0])
