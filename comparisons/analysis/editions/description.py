"""Sentences and tables that describe the changes between two editions."""

import pandas as pd

from comparisons.analysis.editions.facts import join_sources
from comparisons.formatting import (
    MISSING,
    curly_apostrophes,
    format_percent,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.queries.sources import source_link
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

_EVOLUTIONS = {
    "reprise": "Reprise",
    "reformulee": "Reformulée",
    "plus_relevee": "Plus relevée",
    "relevee_ensuite": "Relevée ensuite",
}
_FACT_EVOLUTIONS = {
    "inchange": "Inchangé",
    "change": "Différent",
    "non_calculee": "Différence non calculée",
    "inconnu": "Non renseigné d’un côté au moins",
}


def describe_changes(changes: pd.DataFrame) -> list[str]:
    """Describe what was kept, reworded, no longer or newly recorded, and which themes are in both.

    To be read with the caution of `comparable`. No sentence when there is nothing to compare.
    """
    if changes.empty:
        return []
    rows = {
        code: list(iterate_rows(evolution_rows))
        for code, evolution_rows in changes.groupby("evolution")
    }
    sentences = [
        f"{pluralize(int(changes['rang_avant'].notna().sum()), 'axe relevé', 'axes relevés')} dans "
        f"l’édition précédente, {int(changes['rang_apres'].notna().sum())} dans la nouvelle."
    ]
    for code, singular, plural in (
        ("reprise", "axe repris", "axes repris"),
        ("reformulee", "axe reformulé", "axes reformulés"),
        ("plus_relevee", "axe plus relevé", "axes plus relevés"),
        ("relevee_ensuite", "axe relevé ensuite", "axes relevés ensuite"),
    ):
        axis_rows = rows.get(code, [])
        axes_text = " ; ".join(_describe_axis(row) for row in axis_rows)
        sentences.append(
            f"{pluralize(len(axis_rows), singular, plural)} : {axes_text}."
            if axis_rows
            else f"Aucun {singular}."
        )
    return [*sentences, _themes_sentence(changes)]


def _describe_axis(row: object) -> str:
    match row.evolution:
        case "plus_relevee":
            return f"« {curly_apostrophes(row.intitule_avant)} »{_describe_remaining_theme(row)}"
        case "relevee_ensuite":
            return f"« {curly_apostrophes(row.intitule_apres)} »{_describe_remaining_theme(row)}"
    old, new = curly_apostrophes(row.intitule_avant), curly_apostrophes(row.intitule_apres)
    similarity_text = f"ressemblance {format_percent(row.similarite)}"
    return (
        f"« {old} » ({similarity_text})"
        if old == new
        else f"« {old} » devient « {new} » ({similarity_text})"
    )


def _describe_remaining_theme(row: object) -> str:
    """Describe that the theme of an axis that answers none is not itself gone, or new."""
    if not row.theme_dans_autre_edition:
        return ""
    edition_noun = (
        "la nouvelle édition" if row.evolution == "plus_relevee" else "l’édition précédente"
    )
    return f" (mais {edition_noun} a un axe sur ce thème)"


def _themes_sentence(changes: pd.DataFrame) -> str:
    """Describe which themes, main or secondary, the axes of both editions bear."""
    old, new = (_themes_of(changes, side) for side in ("avant", "apres"))
    order = vocabulary_codes("themes")
    names = join_words(code_label("themes", code).lower() for code in order if code in old & new)
    count = pluralize(len(old & new), "thème relevé", "thèmes relevés")
    return f"{count} dans les deux éditions{f' ({names})' if names else ''}."


def _themes_of(changes: pd.DataFrame, side: str) -> set[str]:
    rows = changes[changes[f"rang_{side}"].notna()]
    secondary_themes = [
        theme
        for themes in rows[f"themes_secondaires_{side}"]
        if not is_missing(themes)
        for theme in themes
    ]
    return {*rows[f"theme_{side}"], *secondary_themes}


def format_changes_table(changes: pd.DataFrame) -> pd.DataFrame:
    """Format the axes as a table; `Sources` holds Markdown links, the rest plain text."""
    rows = list(iterate_rows(changes))
    return pd.DataFrame(
        {
            "Évolution": [_EVOLUTIONS[row.evolution] for row in rows],
            "Thème": [_theme_cell(row) for row in rows],
            "Avant": [_axis_cell(row, "avant") for row in rows],
            "Après": [_axis_cell(row, "apres") for row in rows],
            "Ressemblance": [
                "–" if is_missing(row.similarite) else format_percent(row.similarite)
                for row in rows
            ],
            "Sources": [_sources_cell(row) for row in rows],
        }
    )


def _theme_cell(row: object) -> str:
    name = code_label("themes", row.theme)
    if not is_missing(row.meme_theme) and not row.meme_theme:
        return f"{code_label('themes', row.theme_avant)}, puis {name}"
    if is_missing(row.theme_dans_autre_edition):
        return name
    presence = "aussi" if row.theme_dans_autre_edition else "pas"
    return f"{name} ({presence} dans l’autre édition)"


def _axis_cell(row: object, side: str) -> str:
    rank = getattr(row, f"rang_{side}")
    if is_missing(rank):
        return "–"
    inferred = " (déduit)" if getattr(row, f"certitude_{side}") == "deduit" else ""
    return f"Axe {int(rank)} : {curly_apostrophes(getattr(row, f'intitule_{side}'))}{inferred}"


def _sources_cell(row: object) -> str:
    return join_sources(*(_format_source(row, side) for side in ("avant", "apres")))


def _format_source(row: object, side: str) -> str:
    title, publisher = (getattr(row, f"source_{name}_{side}") for name in ("titre", "editeur"))
    if is_missing(title):
        return ""
    return source_link(
        title if is_missing(publisher) else publisher, getattr(row, f"source_url_{side}")
    )


def facts_table(facts: pd.DataFrame) -> pd.DataFrame:
    """Format the facts of two editions; `Sources` holds Markdown links, the rest plain text."""
    rows = list(iterate_rows(facts))
    return pd.DataFrame(
        {
            "Fait": [row.fait for row in rows],
            "Avant": [_fact_cell(row, "avant") for row in rows],
            "Après": [_fact_cell(row, "apres") for row in rows],
            "Évolution": [row.note or _FACT_EVOLUTIONS[row.evolution] for row in rows],
            "Sources": [row.sources for row in rows],
        }
    )


def _fact_cell(row: object, side: str) -> str:
    text = getattr(row, side)
    inferred = getattr(row, f"certitude_{side}") == "deduit" and text != MISSING
    return f"{text} (déduit)" if inferred else text
