"""Periods of five years, by which documents are grouped."""

import pandas as pd

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
