"""What may and may not be concluded from the data, computed from how well they are known.

Each rule looks at one table and gives a sentence for the levels (or tables) that pass its
threshold, another for those that do not. Pure: `draw_conclusions` depends on its tables only.
"""

from collections.abc import Callable, Iterator

import pandas as pd

from comparisons.analysis.completeness import rules_facts, rules_territories, shares
from comparisons.analysis.completeness.evidence import GROUPS, Conclusion, Evidence, evidence
from comparisons.analysis.completeness.levels import completeness_by_level
from comparisons.analysis.completeness.rules_territories import by_search
from comparisons.formatting import join_words
from comparisons.schema.territory import LEVEL_NOUNS

# In the order in which they are told.
_RULES: tuple[Callable[[Evidence], Iterator[Conclusion]], ...] = (
    rules_territories.searches,
    rules_territories.described,
    rules_territories.types,
    rules_facts.amounts,
    rules_facts.themes,
    rules_territories.absences,
    rules_facts.dates,
    rules_facts.certainty,
)


def current_conclusions() -> list[Conclusion]:
    """Describe what may, then what may not be concluded from the current dataset."""
    return draw_conclusions(evidence())


def draw_conclusions(found: Evidence) -> list[Conclusion]:
    """Describe what may, then what may not be concluded from some tables."""
    told = [conclusion for rule in _RULES for conclusion in rule(found)]
    return sorted(told, key=lambda conclusion: list(GROUPS).index(conclusion.groupe))


def conclusions_table(told: list[Conclusion]) -> pd.DataFrame:
    """Return conclusions as a table: `groupe`, `sujet`, `phrase`, `seuil`, `table_nom`."""
    return pd.DataFrame(told, columns=["groupe", "sujet", "phrase", "seuil", "table_nom"])


def headline(levels: pd.DataFrame | None = None) -> str:
    """Describe it all in a sentence.

    From what `completeness_by_level` gives (by default the current data).
    """
    well, badly = by_search(completeness_by_level() if levels is None else levels)
    among = (f"parmi les {LEVEL_NOUNS[level]}s" for level in well["territoire_niveau"])
    compared = f"comparer qui a une stratégie {join_words(among)}"
    spoken_of = join_words(
        (shares.WHOLE_LEVEL[row.territoire_niveau] for row in badly.itertuples()), "ni"
    )
    searched = join_words(
        shares.format_share_of_level(row, "nb_cherches") for row in badly.itertuples()
    )
    only = f"une recherche n’a été faite que pour {searched}."
    if badly.empty:
        return f"On peut {compared} : presque aucun territoire n’est resté sans recherche."
    if well.empty:
        return f"On ne peut parler d’aucun niveau dans son ensemble : {only}"
    return f"On peut {compared}, mais pas dire ce que font {spoken_of} : {only}"
