"""Wording shared by the sentences on the gaps between a territory and its peers."""

from collections.abc import Sequence

from comparisons.analysis.statements import Statement
from comparisons.formatting import first_few

# A statement, and the side of `gap_themes.compare_themes` that it is about.
GapStatement = tuple[Statement, str]
_MAX_NAMED = 6


def join_first_names(names: Sequence[str]) -> str:
    """Join at most `_MAX_NAMED` names and count the others."""
    return first_few(names, _MAX_NAMED)
