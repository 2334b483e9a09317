"""Format peers as plain text for the terminal."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.peers.group import BY_DEDUCTION, BY_SUBJECT, NO, YES
from comparisons.analysis.peers.portrait import describe_territory
from comparisons.analysis.peers.stability import describe_stability, format_stability
from comparisons.analysis.peers.study import PeersReport
from comparisons.cli.text import bullet_list, underline, wrap
from comparisons.exports import table_writers
from comparisons.exports.peers_notes import GAPS_NOTE, SECTIONS, sheet_title
from comparisons.formatting import (
    MISSING,
    NBSP,
    capitalize_first,
    curly_apostrophes,
    format_number,
    is_missing,
)
from comparisons.rows import iterate_rows

_ANSWERS = {
    YES: "oui",
    BY_SUBJECT: "oui, par son objet",
    BY_DEDUCTION: "par déduction",
    NO: "non",
}
_INDENT = "   "
# shortest border written as a number, in km
_MIN_LENGTH = 0.1


def peers_to_text(report: PeersReport, width: int = 100) -> str:
    """Return the peers, the position among them, the gaps and the citation as text."""
    result = report.search_result
    introduction = [
        capitalize_first(f"{describe_territory(result.soi)}."),
        result.explication,
        *result.refus,
    ]
    blocks = [
        _format_section(
            sheet_title(result), (line for text in introduction for line in wrap(text, width))
        )
    ]
    if len(result.table):
        blocks.append(_format_section("Les pairs", _peer_lines(report, width)))
        for section, title in SECTIONS.items():
            rows = report.tables["position"]
            rows = rows[rows["rubrique"] == section]
            if len(rows):
                blocks.append(_format_section(f"Position : {title}", _position_lines(rows, width)))
        if report.partages:
            blocks.append(
                _format_section("Documents partagés", bullet_list(report.partages, width))
            )
    for section, title in GAPS_NOTE.items():
        lines = report.phrases.loc[report.phrases["rubrique"] == section, "phrase"]
        if len(lines):
            blocks.append(_format_section(f"Écarts : {title}", bullet_list(lines, width)))
    return "\n\n".join([*blocks, "\n".join(wrap(table_writers.citation_sentence(), width))]) + "\n"


def _format_section(title: str, lines: Iterator[str]) -> str:
    return "\n".join([underline(title), *lines])


def _peer_lines(report: PeersReport, width: int) -> Iterator[str]:
    choice = report.search_result.choix
    for row in iterate_rows(report.tables["pairs"]):
        rank_prefix = f"{row.rang}. "
        description = f"{curly_apostrophes(row.libelle)} : {row.portrait}."
        yield from wrap(description, width, rank_prefix, " " * len(rank_prefix))
        figures = []
        if not is_missing(row.distance):
            figures.append(f"distance {format_number(row.distance, 2)}")
        if not is_missing(row.longueur_km):
            figures.append(f"{_format_kilometres(row.longueur_km)} de frontière commune")
        if not is_missing(row.stabilite):
            figures.append(format_stability(row.stabilite, choice))
        for text in (row.raison, " ; ".join(figures)):
            if text:
                yield from wrap(f"{capitalize_first(text)}.", width, _INDENT, _INDENT)
    if report.tables["pairs"]["stabilite"].notna().any():
        yield from wrap(describe_stability(choice), width)


def _format_kilometres(length: float) -> str:
    prefix = "moins de " if length < _MIN_LENGTH else ""
    return f"{prefix}{format_number(max(length, _MIN_LENGTH), 1)}{NBSP}km"


def _position_lines(rows: pd.DataFrame, width: int) -> Iterator[str]:
    for row in iterate_rows(rows):
        yield from wrap(row.titre, width, "- ", "  ")
        answer = row.texte
        if row.forme == "oui_non":
            answer = f"{_ANSWERS.get(row.ici, MISSING)} ({answer})"
        yield from wrap(f"Ici : {answer}", width, _INDENT, _INDENT)
        yield from wrap(f"Pairs : {row.phrase}", width, _INDENT, _INDENT)
