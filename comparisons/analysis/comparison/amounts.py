"""Amounts of a comparison: comparable amounts, funders, excluded amounts with reasons."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.comparison.cells import UNKNOWN, Cell, empty_cell, known_cell
from comparisons.formatting import (
    curly_apostrophes,
    format_approximation,
    format_euros,
    format_euros_per_inhabitant,
    format_percent,
    format_period,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.page_parameters import COMPARABLE_PERIMETERS
from comparisons.queries import budgets, thresholds
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

# Excluded amounts: code, title, and advice to the reader.
_LEFT_OUT = {
    "objet": "Montants d’un autre objet (tranche, partie, un seul financeur, durée inconnue, "
    "plus de dix ans) : cités",
    "abandonnes": "Projets abandonnés ou remplacés avant d’être faits",
    "actions": "Actions et axes isolés : ils diffèrent d’un territoire à l’autre",
    "parties": "Parties d’un montant plus grand : déjà comptées avec lui",
    "autres": "Montants de la stratégie d’un territoire plus large, qui nomme celui-ci",
    "anciennes": "Montants d’une ancienne région, qui n’était qu’une partie de celle-ci",
}


def column_documents(columns: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Describe which documents' amounts stand in each column: `colonne`, `strategie_id`, `place`.

    Those of the chosen document; else of every document of the territory, the most recent first,
    as on the map (the document with priorities rarely is the one with money). Two marks say whose
    amounts are not this territory's: `large`, a wider territory's strategy that names this one;
    `ancienne`, a former région's, of which it was a part.
    """
    rows = columns[["colonne", "cle", "choisie", "strategie_id"]].merge(
        documents[
            ["cle", "strategie_id", "annee_document", "lien", "dans_aire", "territoire_niveau"]
        ],
        on="cle",
        suffixes=("_vue", ""),
    )
    rows = rows[~rows["choisie"] | (rows["strategie_id"] == rows["strategie_id_vue"])]
    same_level = rows["cle"].str.split("-").str[0] == rows["territoire_niveau"]
    rows = rows.assign(
        large=(rows["lien"] == "partagee") & ~same_level,
        ancienne=~rows["dans_aire"].astype(bool) & ~rows["choisie"].astype(bool),
    ).sort_values(["annee_document", "strategie_id"], ascending=[False, True], na_position="last")
    rows["place"] = range(len(rows))
    return rows[["colonne", "strategie_id", "large", "ancienne", "place"]].reset_index(drop=True)


def amount_cells(
    columns: pd.DataFrame,
    column_documents_rows: pd.DataFrame,
    totals: pd.DataFrame,
    details: pd.DataFrame,
) -> Iterator[Cell]:
    """Return comparable amounts: in €, € per inhabitant and per year, then the shares of funders.

    One group of rows per perimeter × stage. Of several documents, the most recent that gives an
    amount; of what is paid each year, the last period. `totals` and `details` are
    what `budgets.budget_totals` and `budgets.budget_lines` give.
    """
    selected_totals = _select_totals(column_documents_rows, totals)
    for perimeter in COMPARABLE_PERIMETERS:
        for stage in vocabulary_codes("etapes"):
            group_totals = selected_totals[
                (selected_totals["perimetre"] == perimeter) & (selected_totals["etape"] == stage)
            ]
            if len(group_totals):
                yield from _amount_group_cells(columns, group_totals, perimeter, stage, details)


def _select_totals(column_documents_rows: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Return one sum per column × perimeter × stage × object × `annuel`, of those that compare."""
    comparable_totals = totals[
        totals["perimetre"].isin(COMPARABLE_PERIMETERS) & totals["comparable"]
    ]
    rows = column_documents_rows[
        ~column_documents_rows["large"] & ~column_documents_rows["ancienne"]
    ].merge(comparable_totals, on="strategie_id")
    # sums come with the last period first
    rows = rows.sort_values(["colonne", "place"], kind="stable")
    return rows.drop_duplicates(["colonne", "perimetre", "etape", *_OBJECT, "annuel"])


_OBJECT = ["etendue", "payeur", "duree", "famille"]
_MEASURES = (
    ("montant", "montant", "€", format_euros),
    ("euros_par_habitant", "par habitant", "€/hab.", format_euros_per_inhabitant),
    ("euros_par_habitant_par_an", "par habitant et par an", "€/hab./an",
     lambda value: format_euros_per_inhabitant(value, yearly=True)),
)  # fmt: skip


def _amount_group_cells(
    columns: pd.DataFrame,
    group_totals: pd.DataFrame,
    perimeter: str,
    stage: str,
    details: pd.DataFrame,
) -> Iterator[Cell]:
    group_title = f"{code_label('perimetres', perimeter)}, {code_label('etapes', stage).lower()}"
    for (*object_codes, is_annual), rows in group_totals.groupby(
        [*_OBJECT, "annuel"], dropna=False
    ):
        code = ".".join(
            [
                perimeter,
                stage,
                *filter(None, map(str, object_codes)),
                *(["annuel"] if is_annual else []),
            ]
        )
        title = f"{group_title}, {budgets.format_object(rows.iloc[0])}"
        total_by_column = {row.colonne: row for row in iterate_rows(rows)}
        for measure, measure_label, unit, write in _MEASURES:
            if rows[measure].isna().all():
                continue
            row_title = f"{title} : {measure_label}"
            row_title += " (chaque année)" if is_annual and measure == "montant" else ""
            for column in columns["colonne"]:
                row = total_by_column.get(column)
                value = None if row is None else getattr(row, measure)
                if is_missing(value):
                    yield empty_cell("budgets", (f"{code}.{measure}", row_title), column)
                    continue
                period = format_period(row.annee_debut, row.annee_fin)
                period = "période non renseignée" if period == format_period(None, None) else period
                summed_amounts = _summed_amounts(details, row)
                is_stated = (summed_amounts["certitude"] == "explicite").all()
                approximation = format_approximation(
                    summed_amounts["approximatif"].fillna(False).any()
                )
                yield known_cell(
                    "budgets",
                    (f"{code}.{measure}", row_title),
                    column,
                    f"{approximation}{write(value)}{f' ({period})' * (measure == 'montant')}",
                    valeur=float(value),
                    unite=unit,
                    objet=title,
                    strategie_id=row.strategie_id,
                    certitude="explicite" if is_stated else "deduit",
                    source_ids=summed_amounts["source_id"],
                )


def _summed_amounts(details: pd.DataFrame, row: object) -> pd.DataFrame:
    """Return the additive amounts that make a sum."""
    return details[
        (details["strategie_id"] == row.strategie_id)
        & (details["profondeur"] == 0)
        & (details["perimetre"] == row.perimetre)
        & (details["etape"] == row.etape)
        & (details["recurrence"].notna() == row.annuel)
        & (details["etendue"] == row.etendue)
    ]


def funder_cells(
    columns: pd.DataFrame,
    column_documents_rows: pd.DataFrame,
    totals: pd.DataFrame,
    details: pd.DataFrame,
    shares: pd.DataFrame,
) -> Iterator[Cell]:
    """Return each kind of funder's share of the amounts compared, where sources say it.

    `shares` is what `budgets.funder_shares` gives.
    """
    selected_totals = _select_totals(column_documents_rows, totals)
    selected_totals = selected_totals[
        ~selected_totals["annuel"] & (selected_totals["payeur"] == "tous")
    ]
    for row_key, group_totals in selected_totals.groupby(
        ["perimetre", "etape", "famille"], sort=False
    ):
        shares_by_column = {}
        for row in iterate_rows(group_totals):
            summed_amounts = _summed_amounts(details, row)
            funder_rows = shares[shares["budget_id"].isin(summed_amounts["budget_id"])]
            # otherwise the known funders are too small a part of the amount
            if thresholds.is_majority(
                funder_rows.loc[funder_rows["financeur_type"].notna(), "montant"].sum(), row.montant
            ):
                shares_by_column[row.colonne] = (row, funder_rows)
        perimeter, stage, family = row_key
        title = f"{code_label('perimetres', perimeter)}, {code_label('etapes', stage).lower()}"
        title += f", {code_label('familles_strategie', family).lower()}" if family else ""
        funder_types = {
            funder_type
            for _, funder_rows in shares_by_column.values()
            for funder_type in funder_rows["financeur_type"].dropna()
        }
        for funder_type in [
            code for code in vocabulary_codes("financeurs") if code in funder_types
        ]:
            row_label = (
                ".".join(filter(None, (*row_key, funder_type))),
                f"{title} : {code_label('financeurs', funder_type)}",
            )
            for column in columns["colonne"]:
                if column not in shares_by_column:
                    yield empty_cell("financeurs", row_label, column)
                    continue
                row, funder_rows = shares_by_column[column]
                funder_amounts = funder_rows[funder_rows["financeur_type"] == funder_type]
                if funder_amounts.empty:  # the unknown remainder may be theirs: not 0
                    yield empty_cell("financeurs", row_label, column, UNKNOWN)
                    continue
                share = funder_amounts["montant"].sum() / row.montant
                yield known_cell(
                    "financeurs",
                    row_label,
                    column,
                    format_percent(share),
                    valeur=share,
                    unite="part",
                    strategie_id=row.strategie_id,
                    source_ids=funder_amounts["source_id"],
                )


def _is_compared(rows: pd.DataFrame, totals: pd.DataFrame) -> pd.Series:
    """Return which amounts are in a sum that compares."""
    keys = ["strategie_id", "perimetre", "etape", "etendue"]
    compared_keys = pd.MultiIndex.from_frame(totals.loc[totals["comparable"], keys])
    return pd.Series(pd.MultiIndex.from_frame(rows[keys]).isin(compared_keys), rows.index)


_QUOTED = ["colonne", "libelle", "montant", "etendue", "source_id"]


def excluded_amounts(
    columns: pd.DataFrame,
    column_documents_rows: pd.DataFrame,
    details: pd.DataFrame,
    totals: pd.DataFrame,
) -> Iterator[Cell]:
    """Describe which amounts are not compared, and why; one row per reason."""
    rows = column_documents_rows.merge(details, on="strategie_id")
    is_additive = rows["profondeur"] == 0
    is_own = ~rows["large"] & ~rows["ancienne"]
    is_isolated = ~rows["perimetre"].isin(COMPARABLE_PERIMETERS)
    is_abandoned = rows["abandonne"].fillna(False).astype(bool)
    is_in_total = _is_compared(rows, totals)
    reasons = {
        "objet": is_additive & ~is_isolated & is_own & ~is_abandoned & ~is_in_total,
        "abandonnes": is_additive & is_own & is_abandoned,
        "actions": is_additive & is_isolated & is_own & ~is_abandoned,
        "parties": ~is_additive & is_own,
        "autres": rows["large"] & is_additive,
        "anciennes": rows["ancienne"] & ~rows["large"] & is_additive,
    }
    for code, is_excluded in reasons.items():
        excluded_rows = dict(iter(rows.loc[is_excluded, _QUOTED].groupby("colonne")))
        if not excluded_rows:
            continue
        for column in columns["colonne"]:
            if column not in excluded_rows:
                yield empty_cell("non_comparables", (code, _LEFT_OUT[code]), column, "absent")
                continue
            column_rows = excluded_rows[column]
            largest = column_rows.nlargest(2, "montant")
            examples = join_words(
                f"« {curly_apostrophes(row.libelle)} » ({format_euros(row.montant)}"
                + (
                    ""
                    if is_missing(row.etendue)
                    else f", {code_label('etendues', row.etendue).lower()}"
                )
                + ")"
                for row in iterate_rows(largest)
            )
            link_text = ", dont " if len(column_rows) > len(largest) else " : "
            yield known_cell(
                "non_comparables",
                (code, _LEFT_OUT[code]),
                column,
                f"{pluralize(len(column_rows), 'montant')}{link_text}{examples}",
                valeur=float(len(column_rows)),
                unite="montants",
                source_ids=column_rows["source_id"],
                empreinte=(),
            )
