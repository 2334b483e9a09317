"""Figures typed by a user: checked, and refused with a French sentence that says why."""

import math
from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from comparisons.formatting import curly_apostrophes, format_number, is_missing

KEYS: Mapping[str, str] = {
    "population": "Selon la population",
    "egal": "À parts égales",
    "mixte": "Une part égale, le reste selon la population",
}
MAX_EUROS = 10**12
MAX_PEOPLE = 10**8
MAX_MEMBERS = 2000


def checked_number(value: object, name: str, most: float = MAX_EUROS) -> Fraction:
    """Read a figure of 0 or more, as the decimal number that was typed.

    Raises `ValueError` (in French) when it is missing, no number, negative or above `most`.
    """
    if is_missing(value):
        raise ValueError(f"{name} : valeur non renseignée.")
    try:
        read = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} : « {curly_apostrophes(value)} » n’est pas un nombre.") from None
    if not math.isfinite(read):
        raise ValueError(f"{name} : ce n’est pas un nombre.")
    if read < 0:
        raise ValueError(f"{name} : un nombre négatif est impossible ({format_number(read, 2)}).")
    if read > most:
        raise ValueError(
            f"{name} : {format_number(read)} dépasse ce qui est plausible ({format_number(most)} "
            "au plus)."
        )
    return Fraction(repr(read))


def checked_members(members: pd.DataFrame, needs_users: bool) -> pd.DataFrame:
    """Check the members of a simulation.

    Returns `cle`, `nom`, `population`, `usagers` (whole numbers, missing where unknown), in the
    order given. Raises `ValueError` (in French): nobody, too many, twice the same, a population or
    a number of users that cannot be, users that are needed and unknown.
    """
    if members.empty:
        raise ValueError("Choisissez au moins un membre.")
    if len(members) > MAX_MEMBERS:
        raise ValueError(f"{format_number(MAX_MEMBERS)} membres au plus.")
    if members["cle"].duplicated().any():
        twice = members.loc[members["cle"].duplicated(), "nom"].iloc[0]
        raise ValueError(f"{curly_apostrophes(twice)} figure deux fois parmi les membres.")
    rows = []
    for row in members.itertuples():
        whom = curly_apostrophes(row.nom)
        people = _whole(row.population, f"La population de {whom}")
        if not people:
            raise ValueError(f"{whom} n’a aucun habitant : son coût par habitant n’a pas de sens.")
        users = getattr(row, "usagers", None)
        if is_missing(users):
            if needs_users:
                raise ValueError(
                    f"Le nombre d’usagers de {whom} n’est pas renseigné : un coût par usager le "
                    "demande."
                )
            users = None
        else:
            users = _whole(users, f"Le nombre d’usagers de {whom}")
        rows.append((row.cle, row.nom, people, users))
    table = pd.DataFrame(rows, columns=["cle", "nom", "population", "usagers"])
    return table.astype({"population": "int64", "usagers": "Int64"})


def _whole(value: object, name: str) -> int:
    found = checked_number(value, name, most=MAX_PEOPLE)
    if found.denominator != 1:
        raise ValueError(f"{name} : {format_number(float(found), 2)} n’est pas un nombre entier.")
    return int(found)
