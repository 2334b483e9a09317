"""Class breaks of a map of values: upper bound of each colour class."""

import math
import re
from collections.abc import Sequence

import pandas as pd

from comparisons.page_parameters import DEFAULT_CLASSES, MAX_CLASSES

# names of mapclassify's classes
_SCHEMES = {"quantiles": "Quantiles", "naturelles": "FisherJenks", "egales": "EqualInterval"}
# a number with a decimal comma or point
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))")


def class_breaks(
    values: pd.Series,
    method: str = "quantiles",
    count: int = DEFAULT_CLASSES,
    typed_breaks: str = "",
) -> list[float]:
    """Return the upper bound of each class of the known values, lowest first.

    `method` is `quantiles` (as many territories in each class), `naturelles` (Fisher-Jenks: least
    variance within classes), `egales` (equal steps) or `propres` (the bounds of `typed_breaks`).
    Fewer classes when there are fewer distinct values; none when nothing is known.
    """
    known_values = values.dropna()
    if known_values.empty:
        return []
    lowest, highest = float(known_values.min()), float(known_values.max())
    if method == "propres" and (bounds := parse_breaks(typed_breaks)):
        return [*(bound for bound in bounds if lowest <= bound < highest), highest]
    distinct = known_values.nunique()
    if distinct <= 2:
        return sorted(float(value) for value in known_values.unique())
    import mapclassify  # a hundred megabytes, not needed before the first map of values

    scheme = getattr(mapclassify, _SCHEMES.get(method, "Quantiles"))
    bounds = scheme(known_values.to_numpy(dtype=float), k=min(count, distinct)).bins
    # many equal values, or a rounding of floats, can put several bounds at the highest value
    bounds = [*(bound for bound in map(float, bounds[:-1]) if bound < highest), highest]
    if method == "egales":
        return bounds
    # ties may leave a class empty
    lower = [-math.inf, *bounds[:-1]]
    return [
        b for a, b in zip(lower, bounds, strict=True) if known_values.between(a, b, "right").any()
    ]


def parse_breaks(text: str) -> list[float]:
    """Read the bounds someone writes (`10 ; 50 ; 100`): positive, ascending, at most six.

    Spaces separate bounds too, but beside semicolons they group thousands (`500 ; 1 000`).
    """
    if ";" in text:
        text = _THOUSANDS.sub("", text)
    bounds = {float(number.replace(",", ".")) for number in _NUMBER.findall(text)}
    return sorted(bound for bound in bounds if bound > 0)[: MAX_CLASSES - 1]


def classify(values: pd.Series, bounds: Sequence[float]) -> pd.Series:
    """Return the number of the class of each value, from 0; missing where the value is."""
    positions = pd.Series(pd.NA, index=values.index, dtype="Int64")
    for position, bound in reversed(list(enumerate(bounds))):
        positions[values.notna() & (values <= bound)] = position
    return positions


def format_breaks(text: str) -> str:
    """Write bounds as they are kept in an address (`10 ; 50,5`); "" when there is none."""
    return " ; ".join(f"{bound:g}".replace(".", ",") for bound in parse_breaks(text))
