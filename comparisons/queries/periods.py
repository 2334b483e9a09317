"""Bands of five years, in which documents are told by the year that dates them."""

import pandas as pd

from comparisons.formatting import capitalize_first, is_missing

LENGTH = 5
UNDATED = "sans_date"


def period(year: object) -> str:
    """Return the band of a document's year (2017 → `2015-2019`); `sans_date` when it is unknown."""
    if is_missing(year):
        return UNDATED
    first = int(year) // LENGTH * LENGTH
    return f"{first}-{first + LENGTH - 1}"


def to_periods(years: pd.Series) -> pd.Series:
    """Return the band of each year."""
    known = {year: period(year) for year in years.dropna().unique()}
    return years.map(known).astype("str").fillna(UNDATED)


def period_label(code: str) -> str:
    """Write a band for a reader: `2015-2019`, `Sans date`."""
    return capitalize_first(code.replace("_", " "))
