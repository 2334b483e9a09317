"""Tables and thresholds of the conclusions, with the reason of each threshold.

Those that bind other pages too are in `verdicts`.
"""

from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.completeness.fields import (
    axis_lists_by_family,
    completeness_by_amount,
    completeness_by_fact,
)
from comparisons.analysis.completeness.levels import (
    completeness_by_level,
    completeness_by_level_and_type,
)
from comparisons.analysis.completeness.sources import certainty_counts, sources_by_age

SUPPORTED, UNSUPPORTED = "peut", "ne_peut_pas"
GROUPS = {SUPPORTED: "On peut conclure", UNSUPPORTED: "On ne peut pas conclure"}
# At most one territory in ten was never looked up (which does not say that all was found).
MIN_LOOKED_UP_SHARE = 0.9
# Mean population of looked-up territories over that of the others, from which they are larger.
POPULATION_RATIO = 1.25
# At most one fact in ten was inferred.
MIN_STATED_SHARE = 0.9
# « Autre » holds documents without a type, which do not compare.
OTHER_TYPE = "autre"


@dataclass(frozen=True)
class Conclusion:
    """One thing that may (`peut`) or may not (`ne_peut_pas`) be concluded.

    `sujet` names it, `phrase` gives the figures that say so, `seuil` the threshold and its reason,
    `table_nom` the table of representativeness where the figures are.
    """

    groupe: str
    sujet: str
    phrase: str
    seuil: str
    table_nom: str


@dataclass(frozen=True)
class Evidence:
    """Tables on which conclusions rest; the comment of each names the function that builds it."""

    levels: pd.DataFrame  # completeness_by_level
    types: pd.DataFrame  # completeness_by_level_and_type
    facts: pd.DataFrame  # completeness_by_fact
    axis_lists: pd.DataFrame  # axis_lists_by_family
    amounts: pd.DataFrame  # completeness_by_amount
    ages: pd.DataFrame  # sources_by_age
    certainties: pd.DataFrame  # certainty_counts


def load_evidence() -> Evidence:
    """Build the tables of the current dataset."""
    return Evidence(
        levels=completeness_by_level(),
        types=completeness_by_level_and_type(),
        facts=completeness_by_fact(),
        axis_lists=axis_lists_by_family(),
        amounts=completeness_by_amount(),
        ages=sources_by_age(),
        certainties=certainty_counts(),
    )
