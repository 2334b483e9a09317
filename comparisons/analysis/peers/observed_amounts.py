"""Observations of money: euros per inhabitant of the territories of a peer group."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.peers.observation import Observation, format_value, numeric_observation
from comparisons.database.cache import cached
from comparisons.formatting import MISSING, format_euros, format_period, is_missing
from comparisons.page_parameters import COMPARABLE_PERIMETERS
from comparisons.queries import budgets
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

_MEASURES = (("total", "par habitant", "€/hab."), ("par_an", "par habitant et par an", "€/hab./an"))


def budget_observations(members: pd.DataFrame, documents: pd.DataFrame) -> Iterator[Observation]:
    """Return € per inhabitant by perimeter × stage, of a whole period, then per year.

    The values are the map's (`budgets.amounts_per_inhabitant`): of one document, the most recent
    that gives an amount; nothing is added over perimeters or stages. Periods are in `texte`.
    """
    strategy_ids = list(documents["strategie_id"].unique())
    totals, budget_rows = budgets.budget_totals(strategy_ids), budgets.budget_lines(strategy_ids)
    recorded_pairs = set(zip(totals["perimetre"], totals["etape"], strict=True))
    level = members["cle"].iloc[0].split("-")[0]
    for perimeter in COMPARABLE_PERIMETERS:
        for stage in vocabulary_codes("etapes"):
            if (perimeter, stage) not in recorded_pairs:
                continue
            for measure, measure_label, unit in _MEASURES:
                amounts_by_key = _amounts_by_key(level, perimeter, stage, measure)
                if amounts_by_key.keys().isdisjoint(members["cle"]):
                    continue
                matching_totals = totals[
                    (totals["perimetre"] == perimeter) & (totals["etape"] == stage)
                ]
                title = (
                    f"{code_label('perimetres', perimeter)}, {code_label('etapes', stage).lower()}"
                )
                quantity = (
                    "budgets",
                    f"{perimeter}.{stage}.{measure}",
                    f"{title} : {measure_label}",
                    unit,
                )
                for member in iterate_rows(members):
                    if member.cle in amounts_by_key:
                        yield _amount_observation(
                            member,
                            quantity,
                            amounts_by_key[member.cle],
                            matching_totals,
                            budget_rows,
                        )
                    else:
                        yield numeric_observation(member, quantity, None, MISSING)


# levels × perimeters × stages × measures: the same for every group
@cached
def _amounts_by_key(level: str, perimeter: str, stage: str, measure: str) -> dict:
    """Return the row of each territory of a level, by its key, of which an amount is known."""
    amounts = budgets.amounts_per_inhabitant(level, perimeter, stage, measure).dropna(
        subset=["valeur"]
    )
    return amounts.set_index(f"{level}-" + amounts["territoire_code"]).to_dict("index")


def _amount_observation(
    member: object, quantity: tuple, row: dict, totals: pd.DataFrame, budget_rows: pd.DataFrame
) -> Observation:
    """Build the observation of an amount: text with its period, sources of the summed lines."""
    period = format_period(row["annee_debut"], row["annee_fin"])
    period = "période non renseignée" if period == MISSING else period
    summed_totals = totals[
        (totals["strategie_id"] == row["strategie_id"]) & (totals["montant"] == row["montant"])
    ]
    is_annual = quantity[1].endswith("par_an") and bool(summed_totals["annuel"].any())
    summed_lines = budget_rows[
        (budget_rows["strategie_id"] == row["strategie_id"])
        & (budget_rows["profondeur"] == 0)
        & budget_rows["perimetre"].isin(summed_totals["perimetre"])
        & budget_rows["etape"].isin(summed_totals["etape"])
        & (budget_rows["recurrence"].notna() == is_annual)
    ]
    if is_annual:  # what is paid each year of another period is not in the sum
        summed_lines = summed_lines[
            _equals_year(summed_lines["annee_debut"], row["annee_debut"])
            & _equals_year(summed_lines["annee_fin"], row["annee_fin"])
        ]
    recurrence = " par an" if is_annual else ""
    per_unit = format_value(row["valeur"], quantity[3])
    text = f"{per_unit} : {format_euros(row['montant'])}{recurrence} ({period})"
    object_description = budgets.compared_object(pd.Series(row))
    return numeric_observation(
        member,
        quantity,
        row["valeur"],
        text,
        source_ids=summed_lines["source_id"],
        strategie_id=row["strategie_id"],
        objet=f"{quantity[2]}, {object_description}" if object_description else "",
    )


def _equals_year(years: pd.Series, year: object) -> pd.Series:
    return years.isna() if is_missing(year) else years == int(year)
