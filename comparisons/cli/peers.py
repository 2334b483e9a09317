"""Peers as plain text, for a terminal."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.peers.group import BY_SUBJECT, NO, YES
from comparisons.analysis.peers.portrait import describe_territory
from comparisons.analysis.peers.stability import describe_stability, format_stability
from comparisons.analysis.peers.study import PeersReport
from comparisons.cli.text import bullet_list, underline, wrap
from comparisons.exports import tables
from comparisons.exports.peers_notes import GAPS_NOTE, SECTIONS, sheet_title
from comparisons.formatting import (
    MISSING,
    NBSP,
    capitalize_first,
    curly_apostrophes,
    format_number,
    is_missing,
)

_ANSWERS = {YES: "oui", BY_SUBJECT: "oui, par son objet", NO: "non"}
_INDENT = "   "
# of a border, in km
_SHORTEST = 0.1


def as_text(made: PeersReport, width: int = 100) -> str:
    """Write who the peers are, the position among them, the gaps, and how to cite them."""
    found = made.found
    about = [capitalize_first(f"{describe_territory(found.soi)}."), found.explication, *found.refus]
    parts = [_titled(sheet_title(found), (line for text in about for line in wrap(text, width)))]
    if len(found.table):
        parts.append(_titled("Les pairs", _peers(made, width)))
        for section, words in SECTIONS.items():
            rows = made.tables["position"]
            rows = rows[rows["rubrique"] == section]
            if len(rows):
                parts.append(_titled(f"Position : {words}", _positions(rows, width)))
        if made.partages:
            parts.append(_titled("Documents partagés", bullet_list(made.partages, width)))
    for section, words in GAPS_NOTE.items():
        lines = made.phrases.loc[made.phrases["rubrique"] == section, "phrase"]
        if len(lines):
            parts.append(_titled(f"Écarts : {words}", bullet_list(lines, width)))
    return "\n\n".join([*parts, "\n".join(wrap(tables.citation_sentence(), width))]) + "\n"


def _titled(words: str, lines: Iterator[str]) -> str:
    return "\n".join([underline(words), *lines])


def _peers(made: PeersReport, width: int) -> Iterator[str]:
    choice = made.found.choix
    for row in made.tables["pairs"].itertuples():
        first = f"{row.rang}. "
        said = f"{curly_apostrophes(row.libelle)} : {row.portrait}."
        yield from wrap(said, width, first, " " * len(first))
        figures = []
        if not is_missing(row.distance):
            figures.append(f"distance {format_number(row.distance, 2)}")
        if not is_missing(row.longueur_km):
            figures.append(f"{_kilometres(row.longueur_km)} de frontière commune")
        if not is_missing(row.stabilite):
            figures.append(format_stability(row.stabilite, choice))
        for text in (row.raison, " ; ".join(figures)):
            if text:
                yield from wrap(f"{capitalize_first(text)}.", width, _INDENT, _INDENT)
    if made.tables["pairs"]["stabilite"].notna().any():
        yield from wrap(describe_stability(choice), width)


def _kilometres(length: float) -> str:
    about = "moins de " if length < _SHORTEST else ""
    return f"{about}{format_number(max(length, _SHORTEST), 1)}{NBSP}km"


def _positions(rows: pd.DataFrame, width: int) -> Iterator[str]:
    for row in rows.itertuples():
        yield from wrap(row.titre, width, "- ", "  ")
        here = row.texte
        if row.forme == "oui_non":
            here = f"{_ANSWERS.get(row.ici, MISSING)} ({here})"
        yield from wrap(f"Ici : {here}", width, _INDENT, _INDENT)
        yield from wrap(f"Pairs : {row.phrase}", width, _INDENT, _INDENT)
