"""Money of a comparison: comparable amounts, who funds them, what is not compared and why."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.comparison.cells import UNKNOWN, Cell, empty_cell, known_cell
from comparisons.formatting import (
    curly_apostrophes,
    format_euros,
    format_euros_per_inhabitant,
    format_percent,
    format_period,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.parameters import COMPARABLE_PERIMETERS
from comparisons.queries import budgets, thresholds
from comparisons.schema.model import code_label, vocabulary_codes

# What is left out: its code, its title, and what to do of it.
LEFT_OUT = {
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
    columns: pd.DataFrame, owned: pd.DataFrame, sums: pd.DataFrame, details: pd.DataFrame
) -> Iterator[Cell]:
    """Return comparable amounts: in €, € per inhabitant and per year, then the shares of funders.

    One group of rows per perimeter × stage. Of several documents, the most recent that gives an
    amount; of what is paid each year, the last period. `sums` and `details` are
    what `budgets.budget_totals` and `budgets.budget_lines` give.
    """
    found = _first_of_each(owned, sums)
    for perimeter in COMPARABLE_PERIMETERS:
        for stage in vocabulary_codes("etapes"):
            part = found[(found["perimetre"] == perimeter) & (found["etape"] == stage)]
            if len(part):
                yield from _group(columns, part, perimeter, stage, details)


def _first_of_each(owned: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Keep one sum per column × perimeter × stage × object × `annuel`, of those that compare."""
    kept = sums[sums["perimetre"].isin(COMPARABLE_PERIMETERS) & sums["comparable"]]
    rows = owned[~owned["large"] & ~owned["ancienne"]].merge(kept, on="strategie_id")
    # sums come with the last period first
    rows = rows.sort_values(["colonne", "place"], kind="stable")
    return rows.drop_duplicates(["colonne", "perimetre", "etape", *OBJECT, "annuel"])


OBJECT = ["etendue", "payeur", "duree"]
_MEASURES = (
    ("montant", "montant", "€", format_euros),
    ("euros_par_habitant", "par habitant", "€/hab.", format_euros_per_inhabitant),
    ("euros_par_habitant_par_an", "par habitant et par an", "€/hab./an",
     lambda value: format_euros_per_inhabitant(value, yearly=True)),
)  # fmt: skip


def _group(
    columns: pd.DataFrame, part: pd.DataFrame, perimeter: str, stage: str, details: pd.DataFrame
) -> Iterator[Cell]:
    about = f"{code_label('perimetres', perimeter)}, {code_label('etapes', stage).lower()}"
    for (*kind_of, annual), rows in part.groupby([*OBJECT, "annuel"], dropna=False):
        code = ".".join([perimeter, stage, *map(str, kind_of), *(["annuel"] if annual else [])])
        title = f"{about}, {budgets.object_words(rows.iloc[0])}"
        by_column = {row.colonne: row for row in rows.itertuples()}
        for measure, words, unit, write in _MEASURES:
            if rows[measure].isna().all():
                continue
            kind = f"{title} : {words}"
            kind += " (chaque année)" if annual and measure == "montant" else ""
            for column in columns["colonne"]:
                row = by_column.get(column)
                value = None if row is None else getattr(row, measure)
                if is_missing(value):
                    yield empty_cell("budgets", (f"{code}.{measure}", kind), column)
                    continue
                when = format_period(row.annee_debut, row.annee_fin)
                when = "période non renseignée" if when == format_period(None, None) else when
                counted = _counted(details, row)
                sure = (counted["certitude"] == "explicite").all()
                about = "environ " if counted["approximatif"].fillna(False).any() else ""
                yield known_cell(
                    "budgets",
                    (f"{code}.{measure}", kind),
                    column,
                    f"{about}{write(value)}{f' ({when})' if measure == 'montant' else ''}",
                    valeur=float(value),
                    unite=unit,
                    objet=title,
                    strategie_id=row.strategie_id,
                    certitude="explicite" if sure else "deduit",
                    source_ids=counted["source_id"],
                )


def _counted(details: pd.DataFrame, row: object) -> pd.DataFrame:
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
    owned: pd.DataFrame,
    sums: pd.DataFrame,
    details: pd.DataFrame,
    shares: pd.DataFrame,
) -> Iterator[Cell]:
    """Return each kind of funder's share of the amounts compared, where sources say it.

    `shares` is what `budgets.funder_shares` gives.
    """
    found = _first_of_each(owned, sums)
    found = found[~found["annuel"] & (found["payeur"] == "tous")]
    for row_key, part in found.groupby(["perimetre", "etape"], sort=False):
        cut = {}
        for row in part.itertuples():
            counted = _counted(details, row)
            own = shares[shares["budget_id"].isin(counted["budget_id"])]
            # else, what is known of who pays says too little of the whole
            if thresholds.mostly(
                own.loc[own["financeur_type"].notna(), "montant"].sum(), row.montant
            ):
                cut[row.colonne] = (row, own)
        title = (
            f"{code_label('perimetres', row_key[0])}, {code_label('etapes', row_key[1]).lower()}"
        )
        named = {kind for _, own in cut.values() for kind in own["financeur_type"].dropna()}
        for kind in [code for code in vocabulary_codes("financeurs") if code in named]:
            line = (f"{'.'.join(row_key)}.{kind}", f"{title} : {code_label('financeurs', kind)}")
            for column in columns["colonne"]:
                if column not in cut:
                    yield empty_cell("financeurs", line, column)
                    continue
                row, own = cut[column]
                paid = own[own["financeur_type"] == kind]
                if paid.empty:  # the rest may be its own: nobody says it is nothing
                    yield empty_cell("financeurs", line, column, UNKNOWN)
                    continue
                share = paid["montant"].sum() / row.montant
                yield known_cell("financeurs", line, column, format_percent(share), valeur=share,
                           unite="part",
                           strategie_id=row.strategie_id, source_ids=paid["source_id"])  # fmt: skip


def _is_compared(rows: pd.DataFrame, sums: pd.DataFrame) -> pd.Series:
    """Return which amounts are in a sum that compares."""
    keys = ["strategie_id", "perimetre", "etape", "etendue"]
    kept = pd.MultiIndex.from_frame(sums.loc[sums["comparable"], keys])
    return pd.Series(pd.MultiIndex.from_frame(rows[keys]).isin(kept), rows.index)


def excluded_amounts(
    columns: pd.DataFrame, owned: pd.DataFrame, details: pd.DataFrame, sums: pd.DataFrame
) -> Iterator[Cell]:
    """Describe which amounts are not compared, and why; one row per reason."""
    rows = owned.merge(details, on="strategie_id")
    whole = rows["profondeur"] == 0
    own_ = ~rows["large"] & ~rows["ancienne"]
    isolated = ~rows["perimetre"].isin(COMPARABLE_PERIMETERS)
    given_up = rows["abandonne"].fillna(False).astype(bool)
    compared = _is_compared(rows, sums)
    reasons = {
        "objet": whole & ~isolated & own_ & ~given_up & ~compared,
        "abandonnes": whole & own_ & given_up,
        "actions": whole & isolated & own_ & ~given_up,
        "parties": ~whole & own_,
        "autres": rows["large"] & whole,
        "anciennes": rows["ancienne"] & ~rows["large"] & whole,
    }
    for code, chosen in reasons.items():
        found = rows[chosen]
        if found.empty:
            continue
        for column in columns["colonne"]:
            own = found[found["colonne"] == column]
            if own.empty:
                yield empty_cell("non_comparables", (code, LEFT_OUT[code]), column, "absent")
                continue
            largest = own.sort_values("montant", ascending=False).head(2)
            examples = join_words(
                f"« {curly_apostrophes(r.libelle)} » ({format_euros(r.montant)}"
                + (
                    ""
                    if is_missing(r.etendue)
                    else f", {code_label('etendues', r.etendue).lower()}"
                )
                + ")"
                for r in largest.itertuples()
            )
            more = ", dont " if len(own) > len(largest) else " : "
            yield known_cell(
                "non_comparables",
                (code, LEFT_OUT[code]),
                column,
                f"{pluralize(len(own), 'montant')}{more}{examples}",
                valeur=float(len(own)),
                unite="montants",
                source_ids=own["source_id"],
                empreinte=(),
            )
