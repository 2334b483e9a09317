"""What numbers allow one to say: the thresholds of Représentativité, which bind every page.

Pages ask these functions, and never hold a threshold of their own.
"""

# Fewer values have no distribution and no classes: they are listed.
MIN_SAMPLE = 4
# Where half of the values or more are not known, the median of all may be anywhere.
MAJORITY_SHARE = 0.5
# Of fewer, one more or less changes everything: counts are given, no share.
SHARE_FROM = 20
# Values of years further apart are of different times.
YEARS_APART = 2
# One value is no range.
RANGE_FROM = 2


def enough(known: int) -> bool:
    """Return whether some values make a distribution, or the classes of a map."""
    return known >= MIN_SAMPLE


def mostly(known: float, total: float) -> bool:
    """Return whether more than half of a whole is known."""
    return known > MAJORITY_SHARE * total


def has_median(known: int, total: int) -> bool:
    """Return whether the median of `total` things may be told from those that are known."""
    return enough(known) and mostly(known, total)


def has_range(known: int) -> bool:
    """Return whether some values may be said to lie between two of them."""
    return known >= RANGE_FROM


def share(count: int, total: int) -> float | None:
    """Return a share (0 to 1), or nothing when it would be one of too few."""
    return count / total if total and total >= SHARE_FROM else None
