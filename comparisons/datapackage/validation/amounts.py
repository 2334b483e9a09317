"""Check the amounts of parts against their whole."""

from collections.abc import Iterable

import pandas as pd

from comparisons.datapackage.problems import ERROR, WARNING, Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext, to_numbers
from comparisons.formatting import format_number, pluralize
from comparisons.rows import iterate_rows

_TOTAL_FUNDERS = ("", "multiple")
# Amounts are in euros and cents: a smaller gap is a rounding error.
_TOLERANCE = 0.005


def check_parent_strategies(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that an amount and the larger one that holds it belong to one strategy."""
    parts = _join_wholes(context)
    return context.row_problems(
        parts[parts["strategie_id"] != parts["strategie_id_tout"]],
        "budgets",
        "inclus_dans",
        "inclus-dans-autre-strategie",
        lambda row: (
            f"Le montant {quoted(row.inclus_dans)} appartient à une autre stratégie, "
            f"{quoted(row.strategie_id_tout)}."
        ),
        "Un montant n’est une partie que d’un montant de la même stratégie : corrigez "
        "« inclus_dans » ou videz la cellule.",
    )


def check_parts_within_whole(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that no part is larger than its whole.

    At different stages (or a yearly amount beside a total) they are not the same money:
    the gap is then only worth a look.
    """
    parts = _join_wholes(context)
    excess_rows = parts[parts["montant"] > parts["montant_tout"] + _TOLERANCE]
    for row in iterate_rows(excess_rows):
        same_kind = row.etape == row.etape_tout and row.recurrence == row.recurrence_tout
        part_text, whole_text = format_number(row.montant, 2), format_number(row.montant_tout, 2)
        gap = f"{part_text}\u00a0€ contre {whole_text}\u00a0€"
        yield context.problem(
            "budgets",
            row.Index,
            "montant",
            row.texte,
            "part-superieure-au-tout" if same_kind else "part-superieure-a-verifier",
            f"Cette part dépasse le montant {quoted(row.inclus_dans)} qui la contient"
            f" : {gap}" + ("." if same_kind else ", à une autre étape ou récurrence."),
            "Corrigez l’un des deux montants, ou videz « inclus_dans » s’il ne s’agit "
            "pas d’une partie.",
            ERROR if same_kind else WARNING,
        )


def check_funders_shares(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn when the shares of distinct funders add up to more than the total."""
    parts = _join_wholes(context)
    is_comparable = (
        (parts["etape"] == parts["etape_tout"])
        & (parts["recurrence"] == parts["recurrence_tout"])
        & ~parts["financeur_type"].isin(_TOTAL_FUNDERS)
    )
    shares = parts[is_comparable].dropna(subset=["montant", "montant_tout"])
    # One funder may appear in two breakdowns of the total: its largest share is kept.
    funders = ["inclus_dans", "financeur_type", "financeur_nom"]
    distinct_shares = shares.sort_values("montant").drop_duplicates(funders, keep="last")
    sums = distinct_shares.groupby("inclus_dans")["montant"].transform("sum")
    for parent_id, group in distinct_shares[
        sums > distinct_shares["montant_tout"] + _TOLERANCE
    ].groupby("inclus_dans"):
        total, whole = group["montant"].sum(), group["montant_tout"].iloc[0]
        if len(group) < 2 or total <= whole + _TOLERANCE or (group["montant"] > whole).any():
            continue
        row = group.iloc[0]
        yield context.problem(
            "budgets",
            row["ligne_tout"],
            "montant",
            row["texte_tout"],
            "parts-superieures-au-total",
            f"La somme des parts de {pluralize(len(group), 'financeur')} est de "
            f"{format_number(total, 2)}\u00a0€, plus que le total {quoted(parent_id)} "
            f"({format_number(whole, 2)}\u00a0€).",
            "Vérifiez les parts : arrondis de la source, étape différente ou part comptée "
            "deux fois.",
            WARNING,
        )


def _join_wholes(context: ValidationContext) -> pd.DataFrame:
    """Return the amounts that are parts, with the columns of their whole (`…_tout`), by line."""
    budgets = context.table("budgets")
    columns = ["budget_id", "strategie_id", "etape", "recurrence"]
    wholes = budgets[columns].copy()
    wholes["montant"] = to_numbers(budgets["montant"])
    wholes["texte"] = budgets["montant"]
    wholes["ligne"] = budgets.index
    # A repeated identifier is reported by another check; the first row is used here.
    wholes = wholes.drop_duplicates("budget_id").set_index("budget_id").add_suffix("_tout")
    parts = budgets[budgets["inclus_dans"] != ""].copy()
    parts["texte"] = parts["montant"]
    parts["montant"] = to_numbers(parts["montant"])
    return parts.join(wholes, on="inclus_dans", how="inner")
