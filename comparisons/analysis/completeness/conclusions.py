"""Conclusions that the data support or not, computed from their completeness.

Each rule looks at one table and gives a sentence for the levels (or tables) that pass its
threshold, another for those that do not. Pure: `draw_conclusions` depends on its tables only.
"""

from collections.abc import Callable, Iterator

import pandas as pd

from comparisons.analysis.completeness import rules_facts, rules_territories, shares
from comparisons.analysis.completeness.evidence import GROUPS, Conclusion, Evidence, load_evidence
from comparisons.analysis.completeness.levels import completeness_by_level
from comparisons.analysis.completeness.rules_territories import _split_by_lookup
from comparisons.database.cache import cached
from comparisons.formatting import join_words
from comparisons.rows import iterate_rows
from comparisons.schema.territory import LEVEL_NOUNS

# In the order of display.
_RULES: tuple[Callable[[Evidence], Iterator[Conclusion]], ...] = (
    rules_territories.conclude_lookups,
    rules_territories.conclude_descriptions,
    rules_territories.conclude_types,
    rules_facts.conclude_amounts,
    rules_facts.conclude_themes,
    rules_territories.conclude_absences,
    rules_facts.conclude_dates,
    rules_facts.conclude_certainty,
)


@cached
def current_conclusions() -> list[Conclusion]:
    """Describe what may, then what may not be concluded from the current dataset."""
    return draw_conclusions(load_evidence())


def draw_conclusions(tables: Evidence) -> list[Conclusion]:
    """Describe what may, then what may not be concluded from some tables."""
    conclusions = [conclusion for rule in _RULES for conclusion in rule(tables)]
    return sorted(conclusions, key=lambda conclusion: list(GROUPS).index(conclusion.groupe))


@cached
def headline(levels: pd.DataFrame | None = None) -> str:
    """Return one sentence that sums up the completeness of the levels.

    `levels` is the result of `completeness_by_level` (by default on the current data).
    """
    searched_levels, unsearched_levels = _split_by_lookup(
        completeness_by_level() if levels is None else levels
    )
    level_nouns = (
        f"parmi les {LEVEL_NOUNS[level]}s" for level in searched_levels["territoire_niveau"]
    )
    compared = f"comparer qui a une stratégie {join_words(level_nouns)}"
    whole_levels = join_words(
        (shares.WHOLE_LEVEL[row.territoire_niveau] for row in iterate_rows(unsearched_levels)), "ni"
    )
    shares_text = join_words(
        shares.format_share_of_level(row, "nb_cherches") for row in iterate_rows(unsearched_levels)
    )
    limit_text = f"une recherche n’a été faite que pour {shares_text}."
    if unsearched_levels.empty:
        return f"On peut {compared} : presque aucun territoire n’est resté sans recherche."
    if searched_levels.empty:
        return f"On ne peut parler d’aucun niveau dans son ensemble : {limit_text}"
    return f"On peut {compared}, mais pas dire ce que font {whole_levels} : {limit_text}"
