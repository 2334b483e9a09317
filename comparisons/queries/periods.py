"""Bands of five years, in which documents are told by the year that dates them."""

import pandas as pd

from comparisons.formatting import capitalised, is_missing

LENGTH = 5
UNDATED = "sans_date"


def band(year: object) -> str:
    """Give the band of a document's year (2017 → `2015-2019`); `sans_date` when it is unknown."""
    if is_missing(year):
        return UNDATED
    first = int(year) // LENGTH * LENGTH
    return f"{first}-{first + LENGTH - 1}"


def bands(years: pd.Series) -> pd.Series:
    """Give the band of each year."""
    known = {year: band(year) for year in years.dropna().unique()}
    return years.map(known).astype("str").fillna(UNDATED)


def band_label(code: str) -> str:
    """Write a band for a reader: `2015-2019`, `Sans date`."""
    return capitalised(code.replace("_", " "))
