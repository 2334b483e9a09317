"""One observation: a territory and a quantity, with its evidence; how it is built and written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from comparisons.analysis.peers.group import BY_SUBJECT, NO, YES
from comparisons.formatting import (
    MISSING,
    NBSP,
    format_euros_per_inhabitant,
    format_number,
    format_percent,
    is_missing,
)

NUMERIC, BOOLEAN = "valeur", "oui_non"


@dataclass(frozen=True)
class Observation:
    """One territory and one quantity; the field names are the columns of the table.

    `valeur` is a number (for a yes/no quantity 1, 0, or missing when it is not known), `reponse`
    its answer in words (empty for a number); `texte` says it whole, with its year or period.
    `objet` says what it is about (empty when it compares with nothing), `annee` when it was
    measured, `dans_ensemble` of a theme whether the overall strategy read entirely sets it.
    """

    rubrique: str
    quantite: str
    titre: str
    unite: str
    forme: str
    cle: str
    nom: str
    moi: bool
    valeur: float | None
    reponse: str
    texte: str
    source_ids: Sequence[str] = ()
    strategie_id: str | None = None
    objet: str = ""
    annee: int | None = None
    dans_ensemble: bool | None = None


COLUMNS = [f.name for f in fields(Observation)]


def to_table(points: Iterable[Observation]) -> pd.DataFrame:
    """Return a data frame of observations (columns `COLUMNS`), in their order."""
    rows = [[getattr(point, name) for name in COLUMNS] for point in points]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["valeur"] = table["valeur"].astype(float)
    table = table.astype({"annee": "Int64", "dans_ensemble": "boolean"})
    table["source_ids"] = table["source_ids"].map(lambda ids: list(dict.fromkeys(ids)))
    return table


def format_value(value: object, unit: str) -> str:
    """Format a value of a quantity with its unit; « non renseigné » when missing."""
    if is_missing(value):
        return MISSING
    match unit:
        case "€/hab." | "€/hab./an":
            return format_euros_per_inhabitant(value, yearly=unit.endswith("an"))
        case "%":
            return format_percent(float(value) / 100, 1)
        case "année":
            return str(round(float(value)))
        case _:
            decimals = 2 if abs(float(value)) < 10 else 0 if abs(float(value)) >= 1000 else 1
            return f"{format_number(value, decimals)}{NBSP}{unit}".strip()


def boolean_observation(
    member: object, quantity: tuple[str, ...], answer: str, text: str, **extra_fields
) -> Observation:
    """Build the observation of a question; no value is known of what is unknown or deduced."""
    value = {YES: 1.0, BY_SUBJECT: 1.0, NO: 0.0}.get(answer)
    return Observation(*quantity, "", BOOLEAN, member.cle, member.nom, member.moi, value, answer,
               text,
                 **extra_fields)  # fmt: skip


def numeric_observation(
    member: object, quantity: tuple[str, ...], value: object, text: str, **extra_fields
) -> Observation:
    """Build the observation of a number, with its value or none."""
    value = None if is_missing(value) else float(value)
    return Observation(
        *quantity, NUMERIC, member.cle, member.nom, member.moi, value, "", text, **extra_fields
    )
