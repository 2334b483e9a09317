"""Facts changed between two editions: calendar, governance, comparable amounts.

Amounts face each other within one perimeter, stage and recurrence, additive rows only. Their
difference is computed only where it means something: both editions cover the same area, count the
same natures of spending, last as long (else it is that of amounts per year, if both periods
are known), and were read by one rule (`queries.breaks`).
"""

from collections.abc import Sequence

import pandas as pd

from comparisons.analysis.editions.documents import load_strategies
from comparisons.database.cache import cached
from comparisons.formatting import (
    MISSING,
    NBSP,
    curly_apostrophes,
    format_approximation,
    format_euros,
    format_number,
    format_partial_date,
    format_period,
    is_missing,
)
from comparisons.queries import budgets
from comparisons.queries.breaks import break_between_readings
from comparisons.queries.sources import source_link
from comparisons.queries.strategies import describe_state
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

# perimeters of whole strategies; single actions and priorities differ between editions
PERIMETERS = ("strategie", "infrastructures", "usages")
_WHOLE_EXTENTS = ("ensemble", "zone_publique")
_EVOLUTIONS = ("inchange", "change", "non_calculee", "inconnu")
_COLUMNS = (
    "fait",
    "avant",
    "apres",
    "evolution",
    "montant_avant",
    "montant_apres",
    "difference",
    "unite",
    "note",
    "certitude_avant",
    "certitude_apres",
    "sources",
)


@cached
def compare_facts(before: str, after: str) -> pd.DataFrame:
    """Return the facts of two editions side by side.

    Returns one row per fact, those of the document then amounts: `fait`, `avant` and `apres` (in
    words), `evolution` (`inchange`, `change`, `non_calculee`: two amounts that no difference may
    compare, `inconnu`: not recorded on one side at least), `montant_avant`, `montant_apres` (€, or
    € per year of a yearly amount), `difference` in `unite` (`€` or `€/an`; both missing when none
    is computed), `note` (what the difference is, or why there is none), `certitude_avant`,
    `certitude_apres`, `sources` (Markdown links). Raises `KeyError` for an unknown document.
    """
    old, new = iterate_rows(load_strategies([before, after]))
    rows = [_fact_row(title, write, old, new) for title, write in _FACT_DEFINITIONS]
    amounts = amounts_by_key([before, after])
    sides = [
        {(row.perimetre, row.etape, row.recurrence): row for row in iterate_rows(strategy_amounts)}
        for strategy_amounts in (
            amounts[amounts["strategie_id"] == strategy_id] for strategy_id in (before, after)
        )
    ]
    rows += [
        _amount_row(
            amount_key, sides[0].get(amount_key), sides[1].get(amount_key), _same_area(old, new)
        )
        for amount_key in dict.fromkeys(
            zip(amounts["perimetre"], amounts["etape"], amounts["recurrence"], strict=True)
        )
    ]
    numbers = dict.fromkeys(["montant_avant", "montant_apres", "difference"], "float64")
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(numbers)


# The columns that a fact is read in, where its rule may have changed.
_FACT_COLUMNS = {"Type": "type", "Adoption": "date_adoption", "Période": "annee_debut"}
_STATE_TITLE, _AREA_TITLE = "État", "Habitants de l’aire couverte"
_FACT_DEFINITIONS = (
    ("Type", lambda d: code_label("types_strategie", d.type)),
    (_STATE_TITLE, describe_state),
    ("Adoption", lambda d: format_partial_date(d.date_adoption)),
    ("Période", lambda d: format_period(d.annee_debut, d.annee_fin)),
    ("Porteur", lambda d: curly_apostrophes(d.porteur_nom)),
    (
        "Pilotage",
        lambda d: MISSING if is_missing(d.pilotage) else code_label("pilotages", d.pilotage),
    ),
    ("Gouvernance", lambda d: curly_apostrophes(d.gouvernance)),
    (_AREA_TITLE, lambda d: format_number(d.population)),
)


def _fact_row(title: str, write: object, old: object, new: object) -> dict[str, object]:
    before, after = write(old), write(new)
    is_unknown = MISSING in (before, after) or (
        title == _STATE_TITLE
        and not {"statut_inconnu", "description"}.isdisjoint((old.etat, new.etat))
    )
    evolution = "inconnu" if is_unknown else "inchange" if before == after else "change"
    note = ""
    column = _FACT_COLUMNS.get(title, "strategie_id")
    if evolution == "change" and str(getattr(old, column)) != str(getattr(new, column)):
        note = break_between_readings("strategies", {column: ""}, [old.source_id], [new.source_id])
    return {
        "fait": title,
        "avant": before,
        "apres": after,
        "evolution": "non_calculee" if note else evolution,
        "note": note and f"Différence non retenue : {note}",
        "certitude_avant": _certainty(title, old),
        "certitude_apres": _certainty(title, new),
        "sources": join_sources(_format_links([old]), _format_links([new])),
    }


def _certainty(title: str, document: object) -> str | None:
    """Return the certainty of a fact: people are counted by us, a state may be computed."""
    if title == _AREA_TITLE:
        return None
    return "deduit" if title == _STATE_TITLE and document.etat_deduit else document.certitude


def amounts_by_key(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Sum the additive amounts of some strategies by perimeter, stage and recurrence.

    Returns `strategie_id`, `perimetre`, `etape`, `recurrence` ("" for the total of a period),
    `montant`, `annee_debut`, `annee_fin` (missing unless all the parts have one), `natures`
    (sorted tuple, "" for an unknown one), `objets` (what part of the programme and who pays, as
    `natures`), `approximatif`, `certitude` (`deduit` if a part is),
    `sources` (Markdown), `source_ids`. Of yearly amounts, only those of the last period are taken.
    """
    rows = budgets.budget_lines(strategy_ids)
    rows = rows[(rows["profondeur"] == 0) & rows["perimetre"].isin(PERIMETERS)].copy()
    rows["recurrence"] = ["" if is_missing(code) else code for code in rows["recurrence"]]
    keys = ["strategie_id", "perimetre", "etape", "recurrence"]
    totals = []
    for values, amounts in rows.groupby(keys, sort=False):
        if values[-1]:
            amounts = _last_period(amounts)
        starts, ends = amounts["annee_debut"], amounts["annee_fin"]
        totals.append(
            {
                **dict(zip(keys, values, strict=True)),
                "montant": amounts["montant"].sum(),
                "annee_debut": starts.min() if starts.notna().all() else None,
                "annee_fin": ends.max() if ends.notna().all() else None,
                "natures": tuple(
                    sorted({"" if is_missing(code) else code for code in amounts["nature"]})
                ),
                "objets": tuple(sorted({_object(row) for row in iterate_rows(amounts)})),
                "approximatif": any(
                    not is_missing(is_approximate) and bool(is_approximate)
                    for is_approximate in amounts["approximatif"]
                ),
                "certitude": "deduit" if (amounts["certitude"] == "deduit").any() else "explicite",
                "sources": _format_links(iterate_rows(amounts)),
                "source_ids": tuple(amounts["source_id"]),
            }
        )
    columns = [*keys, "montant", "annee_debut", "annee_fin", "natures", "objets", "approximatif"]
    table = pd.DataFrame(totals, columns=[*columns, "certitude", "sources", "source_ids"])
    return table.sort_values(
        ["perimetre", "etape", "recurrence"],
        key=lambda c: c.map(
            {"": -1} | {code: i for i, code in enumerate(vocabulary_codes(f"{c.name}s"))}
        ),
        kind="stable",
        ignore_index=True,
    )


def _object(row: object) -> tuple[str, str, bool]:
    """Return what part of the programme an amount pays, who pays, whether it was given up."""
    given_up = not is_missing(row.abandonne) and bool(row.abandonne)
    words = ("" if is_missing(cell) else cell for cell in (row.etendue, row.financeur_type))
    return *words, given_up


def _last_period(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly amounts of the last period, as those of several periods do not add up."""
    ordered = rows.sort_values(["annee_fin", "annee_debut"], na_position="first")
    periods = [format_period(row.annee_debut, row.annee_fin) for row in iterate_rows(ordered)]
    return ordered[[period == periods[-1] for period in periods]]


def _amount_row(
    amount_key: tuple[str, str, str], old: object, new: object, same_area: bool
) -> dict[str, object]:
    perimeter, stage, recurrence = amount_key
    yearly = f" ({code_label('recurrences', recurrence).lower()})" if recurrence else ""
    evolution, difference, unit, note = _compute_difference(old, new, same_area)
    return {
        "fait": f"{code_label('perimetres', perimeter)}, "
        f"{code_label('etapes', stage).lower()}{yearly}",
        "avant": _format_amount(old),
        "apres": _format_amount(new),
        "evolution": evolution,
        "montant_avant": old.montant if old else None,
        "montant_apres": new.montant if new else None,
        "difference": difference,
        "unite": unit,
        "note": note,
        "certitude_avant": old.certitude if old else None,
        "certitude_apres": new.certitude if new else None,
        "sources": join_sources(old.sources if old else "", new.sources if new else ""),
    }


def _compute_difference(
    old: object, new: object, same_area: bool
) -> tuple[str, float | None, str | None, str]:
    """Return the evolution, the difference, its unit, and a note."""
    if not old or not new:
        return "inconnu", None, None, ""
    cells = {"etape": old.etape, "perimetre": old.perimetre}
    if reason := break_between_readings("budgets", cells, old.source_ids, new.source_ids):
        return "non_calculee", None, None, f"Différence non calculée : {reason}"
    if not same_area:
        return _without_difference("les deux éditions ne couvrent pas la même aire")
    if any(given_up for *_, given_up in (*old.objets, *new.objets)):
        return _without_difference("un des projets a été abandonné")
    if any(extent not in _WHOLE_EXTENTS for extent, *_ in (*old.objets, *new.objets)):
        return _without_difference("un des montants n’est pas, que l’on sache, celui du tout")
    if old.objets != new.objets:
        return _without_difference("la part du programme, ou qui la paie, n’est pas la même")
    if old.natures != new.natures:
        return _without_difference("les natures de dépense ne sont pas les mêmes")
    if old.recurrence:
        return _with_difference(new.montant - old.montant, "€/an", "de montants annuels")
    lengths = [_period_length(old), _period_length(new)]
    if None in lengths:
        return _without_difference("la durée d’une des périodes n’est pas renseignée")
    if lengths[0] == lengths[1]:
        return _with_difference(new.montant - old.montant, "€", "périodes de même durée")
    per_year = new.montant / lengths[1] - old.montant / lengths[0]
    return _with_difference(per_year, "€/an", "périodes de durées différentes, ramenées à l’année")


def _without_difference(reason: str) -> tuple[str, None, None, str]:
    return "non_calculee", None, None, f"Différence non calculée : {reason}."


def _with_difference(difference: float, unit: str, basis: str) -> tuple[str, float, str, str]:
    # in whole euros: a smaller difference is due to rounding
    if round(difference) == 0:
        return "inchange", 0.0, unit, f"Même montant ({basis})."
    sign = "+" if difference > 0 else "−"
    yearly = " par an" if unit == "€/an" else ""
    return (
        "change",
        difference,
        unit,
        f"Différence : {sign}{NBSP}{format_euros(abs(difference))}{yearly} ({basis}).",
    )


def _period_length(row: object) -> int | None:
    if is_missing(row.annee_debut) or is_missing(row.annee_fin):
        return None
    return int(row.annee_fin) - int(row.annee_debut) + 1


def _format_amount(row: object) -> str:
    if not row:
        return MISSING
    years = format_period(row.annee_debut, row.annee_fin)
    approximation = format_approximation(row.approximatif)
    yearly = " par an" if row.recurrence else ""
    period_text = "période non renseignée" if years == MISSING else years
    return f"{approximation}{format_euros(row.montant)}{yearly} ({period_text})"


def _same_area(old: object, new: object) -> bool:
    """Return whether two documents cover the same population and number of communes."""
    return (old.population, old.nb_communes) == (new.population, new.nb_communes)


def join_sources(before: str, after: str) -> str:
    """Join the source links of two editions, labelled unless they are the same."""
    if before == after or not before or not after:
        return before or after
    return f"{before} (avant), {after} (après)"


def _format_links(rows: object) -> str:
    """Format Markdown links to the sources, each once, labelled by their publisher."""
    links = (
        source_link(
            row.source_titre if is_missing(row.source_editeur) else row.source_editeur,
            row.source_url,
        )
        for row in rows
    )
    return ", ".join(dict.fromkeys(links))
