"""Levels, counts and shares as the sentences of representativeness say them."""

import pandas as pd

from comparisons.formatting import enumeration, number, percent, plural
from comparisons.schema.territory import LEVEL_NOUNS

BETWEEN = {
    "region": "les régions entre elles",
    "departement": "les départements entre eux",
    "epci": "les intercommunalités entre elles",
    "commune": "les communes entre elles",
}
ALL_OF = {
    "region": "toutes les régions",
    "departement": "tous les départements",
    "epci": "toutes les intercommunalités",
    "commune": "toutes les communes",
}


def plurals(rows: pd.DataFrame) -> str:
    """Name the levels of some rows: `les régions et les départements`."""
    nouns = (LEVEL_NOUNS[level] for level in rows["territoire_niveau"].unique())
    return enumeration(f"les {noun}s" for noun in nouns)


def share(part: float) -> str:
    """Write a share so that little is not nothing, and much is not all."""
    near = min(part, 1 - part)
    return percent(part, 0 if near >= 0.01 or near == 0 else 1 if near >= 0.001 else 2)


def part(row: object, column: str) -> str:
    """Write a count as a share of the territories of a level: `12 % des communes`."""
    known = share(getattr(row, column) / row.nb_territoires)
    return f"{known} des {LEVEL_NOUNS[row.territoire_niveau]}s"


def out_of(row: object, column: str) -> str:
    """Write a count among the territories of a level: `54 communes sur 34 875`."""
    noun = LEVEL_NOUNS[row.territoire_niveau]
    return f"{plural(getattr(row, column), noun)} sur {number(row.nb_territoires)}"


def strategies_out_of(row: object) -> str:
    """Write a count among the strategies of a level: `46 stratégies de régions sur 88`."""
    noun = LEVEL_NOUNS[row.territoire_niveau]
    of = "d’" if noun.startswith("i") else "de "
    return f"{plural(row.nb_renseignes, 'stratégie')} {of}{noun}s sur {number(row.nb_strategies)}"
