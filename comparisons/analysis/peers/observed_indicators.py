"""Observations of indicators: measured and targeted values of the territories of a peer group."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.peers.group import OTHER, collapse_whitespace
from comparisons.analysis.peers.observation import Observation, numeric_observation
from comparisons.formatting import MISSING, NBSP, format_approximation, format_number, is_missing
from comparisons.queries.strategies import comparable_indicators
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

_PER_UNIT = 10_000
_PER_HEAD = f"pour {format_number(_PER_UNIT)} hab."


def indicator_observations(members: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Observation]:
    """Return named indicators, realised apart from targeted: the latest of each unit.

    Counts are put per 10,000 inhabitants of the territory (computed here); percentages stay. Only
    values of one definition, of the whole territory and of years at most two apart are given; the
    others are quoted on the page of each territory.
    """
    rows = rows[(rows["indicateur"] != OTHER) & rows["definition"].notna()].reset_index(drop=True)
    indicator_order = vocabulary_codes("indicateurs")
    series = sorted(
        set(
            zip(rows["indicateur"], rows["unite"], rows["nature"], rows["definition"], strict=True)
        ),
        key=lambda series_key: (
            indicator_order.index(series_key[0]),
            series_key[3],
            series_key[1],
            series_key[2] == "cible",
        ),
    )
    for code, unit, nature, definition in series:
        series_rows = rows[
            (rows["indicateur"] == code)
            & (rows["unite"] == unit)
            & (rows["nature"] == nature)
            & (rows["definition"] == definition)
        ]
        series_rows = series_rows[series_rows.index.isin(comparable_indicators(series_rows))]
        if series_rows.empty:
            continue
        is_percentage = unit == "%"
        nature_label = code_label("natures_indicateur", nature).lower()
        name = code_label("definitions_indicateur", definition)
        title = f"{name} ({unit}), {nature_label}" + ("" if is_percentage else f", {_PER_HEAD}")
        quantity = (
            "indicateurs",
            f"{code}.{unit}.{nature}.{definition}",
            title,
            unit if is_percentage else _PER_HEAD,
        )
        series_rows = series_rows.sort_values("annee", kind="stable", na_position="first")
        latest_by_key = (
            series_rows.drop_duplicates("cle", keep="last").set_index("cle").to_dict("index")
        )
        for member in iterate_rows(members):
            yield _indicator_observation(
                member, quantity, latest_by_key.get(member.cle), is_percentage
            )


def _indicator_observation(
    member: object, quantity: tuple, row: dict | None, is_percentage: bool
) -> Observation:
    if row is None:
        return numeric_observation(member, quantity, None, MISSING)
    population = member.population
    rate = (
        None if is_missing(population) or not population else row["valeur"] * _PER_UNIT / population
    )
    value = row["valeur"] if is_percentage else rate
    approximation = format_approximation(row["approximatif"])
    year_text = "" if is_missing(row["annee"]) else f" ({int(row['annee'])})"
    text = (
        f"{approximation}{format_number(row['valeur'], 1)}"
        f"{NBSP}{row['unite']}{year_text} : {row['libelle']}"
    )
    strategy_id = None if is_missing(row["strategie_id"]) else row["strategie_id"]
    extent = code_label("etendues", row["etendue"]).lower()
    return numeric_observation(member, quantity, value, collapse_whitespace(text),
           source_ids=[row["source_id"]],
                  strategie_id=strategy_id, objet=f"{quantity[2]}, {extent}",
                  annee=int(row["annee"]))  # fmt: skip
