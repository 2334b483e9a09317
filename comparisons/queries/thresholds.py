"""Thresholds of Représentativité, shared by all pages.

Pages call these functions, and define no threshold of their own.
"""

# With fewer values there is no distribution nor classes: values are listed.
MIN_SAMPLE = 4
# The median is not determined when half of the values or more are missing.
MAJORITY_SHARE = 0.5
# Below this total, a share is too sensitive to one unit: only counts are given.
SHARE_FROM = 20
# Values whose years differ by more are not compared.
YEARS_APART = 2
# Older documents could not carry a theme of today: its absence from them says nothing.
RECENT_YEARS = 6
# A range needs at least two values.
RANGE_FROM = 2


def is_enough(known_count: int) -> bool:
    """Return whether there are enough values for a distribution, or the classes of a map."""
    return known_count >= MIN_SAMPLE


def is_majority(known_count: float, total: float) -> bool:
    """Return whether more than half of a whole is known."""
    return known_count > MAJORITY_SHARE * total


def has_median(known_count: int, total: int) -> bool:
    """Return whether the median of `total` values is determined by the known ones."""
    return is_enough(known_count) and is_majority(known_count, total)


def has_range(known_count: int) -> bool:
    """Return whether there are enough values for a range."""
    return known_count >= RANGE_FROM


def bounded_share(count: int, total: int) -> float | None:
    """Return a share (0 to 1), or None when the total is too small."""
    return count / total if total and total >= SHARE_FROM else None
