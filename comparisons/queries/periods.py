"""Periods: of five years, by which documents are grouped; the ends of those of strategies."""

from collections.abc import Collection

import pandas as pd

from comparisons.database.connection import query
from comparisons.formatting import capitalize_first, is_missing

_LENGTH = 5
UNDATED = "sans_date"


def period(year: object) -> str:
    """Return the period of a year (2017 → `2015-2019`); `sans_date` when it is missing."""
    if is_missing(year):
        return UNDATED
    first = int(year) // _LENGTH * _LENGTH
    return f"{first}-{first + _LENGTH - 1}"


def to_periods(years: pd.Series) -> pd.Series:
    """Return the period of each year."""
    period_by_year = {year: period(year) for year in years.dropna().unique()}
    return years.map(period_by_year).astype("str").fillna(UNDATED)


def period_label(code: str) -> str:
    """Return the French label of a period: `2015-2019`, `Sans date`."""
    return capitalize_first(code.replace("_", " "))


def ends_of_strategies(keys: Collection[str] | None = None, theme: str = "") -> pd.DataFrame:
    """List the strategies whose period has a known end, of some lead territories (all if None).

    With a `theme`, those with an axis that bears it. Returns `strategie_id`, `titre`, `annee_fin`,
    `cle`, `nom`, `source_titre`, `source_url`; the latest end first.
    """
    return query(
        """
        SELECT s.strategie_id, s.titre, s.annee_fin, cle(t.territoire_niveau, t.territoire_code)
                   AS cle, t.nom, r.titre AS source_titre, r.url AS source_url
        FROM strategies s
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN sources r ON r.source_id = s.source_id
        WHERE s.annee_fin IS NOT NULL
          AND ($every OR list_contains($keys, cle(t.territoire_niveau, t.territoire_code)))
          AND ($theme = '' OR s.strategie_id IN (
              SELECT strategie_id FROM priorites
              WHERE theme = $theme OR list_contains(themes_secondaires, $theme)))
        ORDER BY s.annee_fin DESC, cle, s.strategie_id
        """,
        {"every": keys is None, "keys": list(keys or ()), "theme": theme},
    )
