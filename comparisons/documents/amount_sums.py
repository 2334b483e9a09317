"""Tell what amounts are of from the others: totals, sums of what stands before, tables of parts."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from comparisons.documents.amount_columns import is_sum
from comparisons.documents.amount_words import add_years
from comparisons.documents.axis_lists import Axis
from comparisons.documents.proposals import ProposedRow
from comparisons.documents.vocabulary import pattern


def tie_shares(rows: Sequence[tuple[int, ProposedRow]]) -> None:
    """Tie the amounts of « Sur ce total, … » to the amount just before, which they are parts of."""
    whole = None
    for (place, before), (index, row) in pairwise(rows):
        passages = [each.values["montant"].passage for each in (before, row)]
        if passages[0] != passages[1]:
            whole = (
                before
                if index - place < 2 and pattern("renvois_total").match(passages[1])
                else None
            )
        if whole and Decimal(row.get("montant")) < Decimal(whole.get("montant")):
            for column, text in (("inclus_dans", whole.key), ("perimetre", whole.get("perimetre"))):
                row.add(column, text, "une part du montant qui précède", row.values["montant"])


def date_wholes(rows: Sequence[ProposedRow], years: tuple[str, str]) -> None:
    """Give the amounts of all the years of a strategy these years, then parts those of wholes."""
    span = int(years[1]) - int(years[0]) + 1 if all(years) else 0
    by_key = {row.key: row for row in rows}
    for row in rows:
        is_whole = row.get("duree_annees") == str(span) and row.get("perimetre") == "strategie"
        if span and (is_whole or pattern("durees_strategie").search(row.values["montant"].passage)):
            add_years(row, years, "la durée de la stratégie")
    for row in rows:
        whole = by_key.get(row.get("inclus_dans"))
        while whole and not whole.get("annee_fin"):
            whole = by_key.get(whole.get("inclus_dans"))
        # what is spent to this day is not of all the years of its whole
        if whole and row.get("etape") in (whole.get("etape"), "prevu"):
            dates = whole.get("annee_debut"), whole.get("annee_fin")
            add_years(row, dates, "années du montant dont il est une part")


def leave_past_stages(rows: Sequence[ProposedRow], first_year: str) -> None:
    """Leave the stage empty of what no word tells and that ended before the strategy began."""
    for row in rows:
        stage = row.values["etape"]
        if stage.alternatives and stage.text and "" < row.get("annee_fin") < first_year:
            reason = "daté d’avant la stratégie, aucun mot ne dit l’étape : à choisir"
            others = ("realise", "engage", "vote")
            row.values["etape"] = replace(stage, text="", reason=reason, alternatives=others)


def place_totals(rows: Sequence[ProposedRow], above: Sequence[Axis]) -> None:
    """Give the totals of a table in the section of an axis its perimeter, unless it lists axes."""
    if not above or any(row.get("perimetre") == "priorite" for row in rows):
        return
    code = "priorite" if above[0].level == "axe" else "action"
    for row in rows:
        if row.get("perimetre") == "strategie":
            why = f"total d’un tableau sous « {above[0].title} »"
            row.add("perimetre", code, why, row.values["montant"])


def place_sum(rows: Sequence[ProposedRow]) -> None:
    """Give an amount that is the sum of those of the axes before it the whole perimeter."""
    of_axes: list[Decimal] = []
    for row in rows:
        amount = Decimal(row.get("montant"))
        if len(of_axes) > 1 and is_sum(sum(of_axes), amount):
            why = "la somme des montants qui le précèdent"
            row.add("perimetre", "strategie", why, row.values["montant"])
        elif row.get("perimetre") == "priorite":
            of_axes.append(amount)


def place_networks(rows: Sequence[ProposedRow]) -> None:
    """Give the single amounts of a scheme of networks their perimeter."""
    for row in rows:
        is_other = pattern("hors_reseaux").search(row.values["montant"].passage)
        if row.get("perimetre") in ("action", "priorite") and not is_other:
            why = "un projet d’un schéma d’aménagement numérique"
            row.add("perimetre", "infrastructures", why, row.values["montant"])


def tie_tables(
    rows: Sequence[tuple[int, ProposedRow]], in_tables: Sequence[tuple[int, ProposedRow]]
) -> None:
    """Tie the amounts of a column to the one that a sentence just before states as their sum."""
    columns: dict[tuple[int, str], list[ProposedRow]] = {}
    for index, row in in_tables:
        columns.setdefault((index, row.key.rsplit("-", 1)[-1]), []).append(row)
    for (index, _), parts in columns.items():
        amounts = [Decimal(part.get("montant")) for part in parts]
        for place, whole in rows:
            is_before = index - 3 <= place < index and len(parts) > 1
            if is_before and is_sum(sum(amounts), Decimal(whole.get("montant"))):
                for part in parts:
                    if not part.get("inclus_dans"):
                        why = "la somme du tableau est ce montant"
                        part.add("inclus_dans", whole.key, why, part.values["montant"])
                        if part.get("perimetre") != "priorite":
                            perimeter = whole.get("perimetre")
                            part.add("perimetre", perimeter, why, part.values["montant"])
