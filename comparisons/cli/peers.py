"""Peers as plain text, for a terminal."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.peers.group import BY_SUBJECT, NO, YES
from comparisons.analysis.peers.portrait import portrait
from comparisons.analysis.peers.stability import stability_sentence, stability_words
from comparisons.analysis.peers.study import Study
from comparisons.cli.text import bullets, heading, wrapped
from comparisons.exports import tables
from comparisons.exports.peers_notes import GAPS, SECTIONS, title
from comparisons.formatting import MISSING, NBSP, capitalised, is_missing, number, typographic

_ANSWERS = {YES: "oui", BY_SUBJECT: "oui, par son objet", NO: "non"}
_INDENT = "   "
# of a border, in km
_SHORTEST = 0.1


def as_text(made: Study, width: int = 100) -> str:
    """Write who the peers are, the position among them, the gaps, and how to cite them."""
    found = made.found
    about = [capitalised(f"{portrait(found.soi)}."), found.explication, *found.refus]
    parts = [_titled(title(found), (line for text in about for line in wrapped(text, width)))]
    if len(found.table):
        parts.append(_titled("Les pairs", _peers(made, width)))
        for section, words in SECTIONS.items():
            rows = made.tables["position"]
            rows = rows[rows["rubrique"] == section]
            if len(rows):
                parts.append(_titled(f"Position : {words}", _positions(rows, width)))
        if made.partages:
            parts.append(_titled("Documents partagés", bullets(made.partages, width)))
    for section, words in GAPS.items():
        lines = made.phrases.loc[made.phrases["rubrique"] == section, "phrase"]
        if len(lines):
            parts.append(_titled(f"Écarts : {words}", bullets(lines, width)))
    return "\n\n".join([*parts, "\n".join(wrapped(tables.citation(), width))]) + "\n"


def _titled(words: str, lines: Iterator[str]) -> str:
    return "\n".join([heading(words), *lines])


def _peers(made: Study, width: int) -> Iterator[str]:
    choice = made.found.choix
    for row in made.tables["pairs"].itertuples():
        first = f"{row.rang}. "
        said = f"{typographic(row.libelle)} : {row.portrait}."
        yield from wrapped(said, width, first, " " * len(first))
        figures = []
        if not is_missing(row.distance):
            figures.append(f"distance {number(row.distance, 2)}")
        if not is_missing(row.longueur_km):
            figures.append(f"{_kilometres(row.longueur_km)} de frontière commune")
        if not is_missing(row.stabilite):
            figures.append(stability_words(row.stabilite, choice))
        for text in (row.raison, " ; ".join(figures)):
            if text:
                yield from wrapped(f"{capitalised(text)}.", width, _INDENT, _INDENT)
    if made.tables["pairs"]["stabilite"].notna().any():
        yield from wrapped(stability_sentence(choice), width)


def _kilometres(length: float) -> str:
    about = "moins de " if length < _SHORTEST else ""
    return f"{about}{number(max(length, _SHORTEST), 1)}{NBSP}km"


def _positions(rows: pd.DataFrame, width: int) -> Iterator[str]:
    for row in rows.itertuples():
        yield from wrapped(row.titre, width, "- ", "  ")
        here = row.texte
        if row.forme == "oui_non":
            here = f"{_ANSWERS.get(row.ici, MISSING)} ({here})"
        yield from wrapped(f"Ici : {here}", width, _INDENT, _INDENT)
        yield from wrapped(f"Pairs : {row.phrase}", width, _INDENT, _INDENT)
