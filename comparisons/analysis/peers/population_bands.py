"""Population bands by level, used to select peers of the same size."""

from collections.abc import Mapping

import pandas as pd

from comparisons.formatting import format_number

# Lower bounds of the bands of population, each up to the next, the last without end.
# Communes: the fifteen groups that the dotation globale de fonctionnement uses (general code of
# local authorities, article L. 2334-3). The others: round figures that part each level in
# comparable groups, since no law or agency gives bands for them all.
BANDS: Mapping[str, tuple[int, ...]] = {
    "commune": (
        0, 500, 1_000, 2_000, 3_500, 5_000, 7_500, 10_000, 15_000, 20_000, 35_000, 50_000, 75_000,
        100_000, 200_000,
    ),
    "epci": (0, 5_000, 10_000, 15_000, 30_000, 50_000, 100_000, 250_000, 500_000, 1_000_000),
    "departement": (0, 250_000, 500_000, 750_000, 1_000_000, 1_500_000),
    "region": (0, 1_000_000, 4_000_000, 7_000_000),
}  # fmt: skip


def population_band(population: float, level: str) -> tuple[int, int | None]:
    """Return the band in which a population falls: from (included), to (excluded, or no end)."""
    bounds = BANDS[level]
    index = sum(population >= bound for bound in bounds) - 1
    return bounds[index], bounds[index + 1] if index + 1 < len(bounds) else None


def is_in_band(populations: pd.Series, band: tuple[int, int | None]) -> pd.Series:
    """Return a boolean mask of the populations inside a band."""
    low, high = band
    return (populations >= low) & ((populations < high) if high else True)


def format_band(band: tuple[int, int | None]) -> str:
    """Describe a band: `de 500 à 999 habitants`, `de moins de 500 habitants`.

    `de 200 000 … ou plus`.
    """
    low, high = band
    if high is None:
        return f"de {format_number(low)} habitants ou plus"
    if not low:
        return f"de moins de {format_number(high)} habitants"
    return f"de {format_number(low)} à {format_number(high - 1)} habitants"
