"""The rows of a comparison as one grid: names that stay in sight, sections that fold."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import streamlit as st

from comparisons.analysis.comparison import facts
from comparisons.analysis.comparison.cells import NOT_APPLICABLE, SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.competences import describe_rule
from comparisons.charts.style import page_colours, themed_colour
from comparisons.formatting import (
    MISSING,
    capitalize_first,
    curly_apostrophes,
    format_number,
    join_words,
    pluralize,
)
from comparisons.rows import iterate_rows
from comparisons.schema.glossary import glossary
from comparisons.schema.model import code_label
from comparisons.ui.state import is_dark

_CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
# What one comes for; the size of territories is under their names, its details come after.
_OPEN = ("calendrier", "elaboration", "priorites", "budgets", "financeurs", "services",
         "indicateurs")  # fmt: skip
_FOLDED = ("identite", "non_comparables")
_NOTES = {
    "priorites": "Rang de l’axe qui porte le thème, parmi ceux que le document nomme ; « relevé "
    "par nous » : un objectif du texte, sans rang ; « – » : pas dans les axes relevés. Le nombre "
    "d’axes n’est pas une mesure : chacun découpe les siens à sa façon.",
    "budgets": "Un seul périmètre et une seule étape par ligne : somme des montants du document le "
    "plus récent qui en donne (comme sur la carte), rapportés à la population qu’il couvre. Les "
    "périodes peuvent différer : elles suivent le montant.",
    "financeurs": "Part de chaque sorte de financeur dans les montants ci-dessus, quand une source "
    "la donne. Ce qui manque à 100 % n’est pas détaillé.",
    "services": f"{facts.SHARED_MARK}: organisme commun à plusieurs colonnes. Un service peut "
    "exister sans qu’une source le dise.",
    "indicateurs": "Dernière valeur connue ; ce qui est réalisé au-dessus de ce qui est visé.",
}
_TERMS = {
    "calendrier": ("SDTAN", "SDUSN", "SCoRAN", "Document d’ensemble"),
    "priorites": ("Axe", "Thème"),
    "budgets": ("Périmètre d’un montant", "Étape d’un montant", "€ par habitant"),
    "services": ("Mutualisation", "Organisme"),
}
_BAR_MEANING = "Barre bleue : différence"
_BAR_COLOUR = "#08519c"
_SILENT, _UNKNOWN = (MISSING, "–"), ' class="inconnu"'
_OPENED = ' open=""'
_NOTHING_LEFT = {"differences": "Aucune ligne ne diffère.", "commun": "Aucun point commun connu."}


def section_anchor(section: str) -> str:
    """Return the anchor of a section in the page."""
    return section.replace("_", "-")


def show_grid(comparison: Comparison, row_filter: str) -> None:
    """Render all rows of a comparison; those that differ have a bar."""
    dark = is_dark()
    background, ink = page_colours(dark)
    style = (
        f"--colonnes:{len(comparison.columns)};--fond:{background};--encre:{ink};"
        f"--trait:{ink}33;--barre:{themed_colour(dark, _BAR_COLOUR)}"
    )
    grid = grid_html(comparison, row_filter)
    st.html(f'<style>{_CSS}</style><div class="grille" style="{style}">{grid}</div>')


def grid_html(comparison: Comparison, row_filter: str = "tout") -> str:
    """Return the grid as HTML, whose texts are escaped."""
    sections = (_section(comparison, name, row_filter) for name in (*_OPEN, *_FOLDED))
    return "".join([_names(comparison), *sections, _inventory(comparison)])


def _names(comparison: Comparison) -> str:
    """Return the names that stay at the top; each table repeats them for screen readers."""
    cells = "".join(
        f"<div><b>{_text(comparison.short_names[row.colonne])}</b>"
        f"<span>{format_number(row.population)} habitants</span></div>"
        for row in iterate_rows(comparison.columns)
    )
    return f'<div class="noms" aria-hidden="true"><span>{_BAR_MEANING}</span>{cells}</div>'


def _section(comparison: Comparison, name: str, row_filter: str) -> str:
    table, title = comparison.grouped_matrix(name, row_filter), SECTIONS[name]
    if table.empty:
        reason = _NOTHING_LEFT.get(row_filter) or comparison.empty_section(name)
        return (
            f'<div class="vide" id="{section_anchor(name)}"><h2>{title}</h2> '
            f"<small>{_text(reason)}</small></div>"
        )
    notes = [_NOTES[name]] if name in _NOTES else []
    notes += _describe_documents(comparison, name)
    rules = _rules(comparison) if name == "services" else {}
    notes += [f"{owner} : {rule}." for owner, rule in rules.items()]
    if row_filter == "tout" and (silent := comparison.unknown_rows[name]):
        rows = join_words(curly_apostrophes(text).lower() for text in silent)
        notes.append(f"Non renseigné dans toutes les colonnes : {rows}.")
    return _foldable(comparison, section_anchor(name), title, table, notes, name in _OPEN, rules)


def _rules(comparison: Comparison) -> dict[str, str]:
    """Return the rules by which some services are the duty of another level, by the words shown."""
    cells = comparison.section("services")
    rules: dict[str, list[str]] = {}
    for row in iterate_rows(cells[cells["etat"] == NOT_APPLICABLE]):
        rule = describe_rule(*row.ligne.rsplit("_", 1))
        if rule not in rules.setdefault(row.texte, []):
            rules[row.texte].append(rule)
    return {words: " ; ".join(found) for words, found in rules.items()}


def _describe_documents(comparison: Comparison, section: str) -> Iterator[str]:
    """Yield why a territory has no document, or in which documents priorities were read."""
    if section == "calendrier":
        names = dict(zip(comparison.columns["cle"], comparison.columns["libelle"], strict=True))
        for key, sentence in comparison.missing_documents.items():
            yield f"{names[key]} : {sentence[:1].lower()}{sentence[1:]}"
    if section == "priorites":
        yield f"Lu dans : {' ; '.join(comparison.documents_read)}."


def _inventory(comparison: Comparison) -> str:
    """Return how many documents of each family are known of each territory."""
    board = comparison.board
    if board.empty:
        return ""
    counts = board.reindex(columns=list(comparison.columns["cle"]), fill_value=0)
    counts = counts.set_axis(comparison.names, axis="columns")
    table = counts.map(lambda count: str(count) if count else "–").assign(different=False)
    table.index = [code_label("familles_strategie", code) for code in board["famille"]]
    note = "Documents relevés, toutes éditions ; « – » : aucun de cette sorte n’est relevé."
    return _foldable(comparison, "documents", "Ce qui est connu de chacun", table, [note])


def _foldable(
    comparison: Comparison,
    anchor: str,
    title: str,
    table: pd.DataFrame,
    notes: Sequence[str],
    is_open: bool = False,
    hints: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return a section that folds: the rows of `table`, by `colonne`, and its notes.

    `hints` are told on hover of the cells with these texts; the notes tell them to all.
    """
    names = [_text(name) for name in comparison.names.values()]
    heads = "".join(f'<th scope="col"><span>{name}</span></th>' for name in names)
    rows = "".join(_row(row, names, hints) for row in table.itertuples(name=None))
    count = pluralize(len(table), "ligne")
    if different := int(table["different"].sum()):
        count += f", {pluralize(different, 'différente')}"
    elif (table != MISSING).drop(columns="different").sum(axis=1).max() == 1:
        count += ", rien de connu dans deux colonnes à la fois"
        is_open = False
    paragraphs = "".join(f"<p>{_text(capitalize_first(note))}</p>" for note in notes)
    return (
        f"<details{_OPENED if is_open else ''}>"
        f"<summary><h2>{title}</h2> <small>{count}</small></summary>"
        # a link to what is inside unfolds it
        f'<table id="{anchor}"><colgroup><col/></colgroup><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{paragraphs}{_definitions(anchor)}</details>"
    )


def _definitions(anchor: str) -> str:
    """Return the folded definitions of the words of a section; "" if it has none."""
    terms = _TERMS.get(anchor, ())
    if not terms:
        return ""
    definitions = "".join(
        f"<p><b>{_text(term)}</b> : {_text(glossary()[term])}</p>" for term in terms
    )
    return (
        f'<details class="mots"><summary>Les mots : {_text(", ".join(terms))}</summary>'
        f"{definitions}</details>"
    )


def _row(row: tuple, names: Sequence[str], hints: Mapping[str, str]) -> str:
    title, *texts, different = row
    mark = '<span class="dit"> (diffère)</span>' if different else ""
    cells = "".join(
        f'<td data-nom="{name}"{_attributes(text, hints)}>{_text(text)}</td>'
        for name, text in zip(names, texts, strict=True)
    )
    kind = ' class="differe"' if different else ""
    return f'<tr{kind}><th scope="row">{_text(title)}{mark}</th>{cells}</tr>'


def _attributes(text: str, hints: Mapping[str, str]) -> str:
    """Return the attributes of a cell without a value: its grey, and what it tells on hover."""
    title = f' title="{_text(hints[text])}"' if text in hints else ""
    return f"{_UNKNOWN if title or text in _SILENT else ''}{title}"


def _text(text: str) -> str:
    return escape(curly_apostrophes(text))
