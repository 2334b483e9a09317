"""Validation of the figures of a user, with error messages in French."""

import math
from collections.abc import Mapping
from fractions import Fraction

import pandas as pd

from comparisons.formatting import curly_apostrophes, format_number, is_missing
from comparisons.rows import iterate_rows

KEYS: Mapping[str, str] = {
    "population": "Selon la population",
    "egal": "À parts égales",
    "mixte": "Une part égale, le reste selon la population",
}
_MAX_EUROS = 10**12
_MAX_PEOPLE = 10**8
_MAX_MEMBERS = 2000


def checked_number(value: object, name: str, most: float = _MAX_EUROS) -> Fraction:
    """Read a figure of 0 or more, as the decimal number that was typed.

    Raises `ValueError` (in French) when it is missing, no number, negative or above `most`.
    """
    if is_missing(value):
        raise ValueError(f"{name} : valeur non renseignée.")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} : « {curly_apostrophes(value)} » n’est pas un nombre.") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} : ce n’est pas un nombre.")
    if number < 0:
        raise ValueError(f"{name} : un nombre négatif est impossible ({format_number(number, 2)}).")
    if number > most:
        raise ValueError(
            f"{name} : {format_number(number)} dépasse ce qui est plausible ({format_number(most)} "
            "au plus)."
        )
    return Fraction(repr(number))


def checked_members(members: pd.DataFrame, needs_users: bool) -> pd.DataFrame:
    """Check the members of a simulation.

    Returns `cle`, `nom`, `population`, `usagers` (whole numbers, missing where unknown), in the
    order given. Raises `ValueError` (in French): nobody, too many, twice the same, a population or
    a number of users that cannot be, users that are needed and unknown.
    """
    if members.empty:
        raise ValueError("Choisissez au moins un membre.")
    if len(members) > _MAX_MEMBERS:
        raise ValueError(f"{format_number(_MAX_MEMBERS)} membres au plus.")
    if members["cle"].duplicated().any():
        duplicated_name = members.loc[members["cle"].duplicated(), "nom"].iloc[0]
        raise ValueError(
            f"{curly_apostrophes(duplicated_name)} figure deux fois parmi les membres."
        )
    rows = []
    for row in iterate_rows(members):
        member_name = curly_apostrophes(row.nom)
        population = _read_whole_number(row.population, f"La population de {member_name}")
        if not population:
            raise ValueError(
                f"{member_name} n’a aucun habitant : son coût par habitant n’a pas de sens."
            )
        users = getattr(row, "usagers", None)
        if is_missing(users):
            if needs_users:
                raise ValueError(
                    f"Le nombre d’usagers de {member_name}"
                    f" n’est pas renseigné : un coût par usager le demande."
                )
            users = None
        else:
            users = _read_whole_number(users, f"Le nombre d’usagers de {member_name}")
        rows.append((row.cle, row.nom, population, users))
    table = pd.DataFrame(rows, columns=["cle", "nom", "population", "usagers"])
    return table.astype({"population": "int64", "usagers": "Int64"})


def _read_whole_number(value: object, name: str) -> int:
    number = checked_number(value, name, most=_MAX_PEOPLE)
    if number.denominator != 1:
        raise ValueError(f"{name} : {format_number(float(number), 2)} n’est pas un nombre entier.")
    return int(number)
