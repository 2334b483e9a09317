"""Format levels, counts and shares for the sentences of representativeness."""

import pandas as pd

from comparisons.formatting import format_number, format_percent, join_words, pluralize
from comparisons.schema.territory import LEVEL_NOUNS

AMONG_LEVEL = {
    "region": "les régions entre elles",
    "departement": "les départements entre eux",
    "epci": "les intercommunalités entre elles",
    "commune": "les communes entre elles",
}
WHOLE_LEVEL = {
    "region": "toutes les régions",
    "departement": "tous les départements",
    "epci": "toutes les intercommunalités",
    "commune": "toutes les communes",
}


def plural_levels(rows: pd.DataFrame) -> str:
    """List the levels of some rows: `les régions et les départements`."""
    nouns = (LEVEL_NOUNS[level] for level in rows["territoire_niveau"].unique())
    return join_words(f"les {noun}s" for noun in nouns)


def format_bounded_share(share: float) -> str:
    """Write a share so that little is not nothing, and much is not all."""
    distance_to_bound = min(share, 1 - share)
    return format_percent(
        share,
        0
        if distance_to_bound >= 0.01 or distance_to_bound == 0
        else 1
        if distance_to_bound >= 0.001
        else 2,
    )


def format_share_of_level(row: object, column: str) -> str:
    """Write a count as a share of the territories of a level: `12 % des communes`."""
    share = format_bounded_share(getattr(row, column) / row.nb_territoires)
    return f"{share} des {LEVEL_NOUNS[row.territoire_niveau]}s"


def format_count_of_level(row: object, column: str) -> str:
    """Write a count among the territories of a level: `54 communes sur 34 875`."""
    noun = LEVEL_NOUNS[row.territoire_niveau]
    return f"{pluralize(getattr(row, column), noun)} sur {format_number(row.nb_territoires)}"


def format_strategies_of_level(row: object) -> str:
    """Write a count among the strategies of a level: `46 stratégies de régions sur 88`."""
    noun = LEVEL_NOUNS[row.territoire_niveau]
    preposition = "d’" if noun.startswith("i") else "de "
    count = pluralize(row.nb_renseignes, "stratégie")
    return f"{count} {preposition}{noun}s sur {format_number(row.nb_strategies)}"
