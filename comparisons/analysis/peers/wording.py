"""Wording shared by what is said of the position and the gaps of a territory among its peers."""

from collections.abc import Sequence

from comparisons.analysis.statements import Statement
from comparisons.formatting import first_few

# A statement, and the side of `gap_themes.compare_themes` that it is about.
GapStatement = tuple[Statement, str]
_MAX_NAMED = 6
# Titles of the sections of a position.
SECTION_TITLES = {
    "couverture": "Stratégies",
    "themes": "Thèmes",
    "services": "Services partagés",
    "budgets": "Argent",
    "indicateurs": "Indicateurs",
}


def join_first_names(names: Sequence[str]) -> str:
    """Join at most `_MAX_NAMED` names and count the others."""
    return first_few(names, _MAX_NAMED)
