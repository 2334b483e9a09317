"""Tables of a comparison as a PDF: rows of cells, with the numbers of their sources."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import pandas as pd

from comparisons.analysis.comparison.cells import KNOWN, SECTIONS, UNKNOWN
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.comparison.facts import NOTHING_KNOWN, axes_of
from comparisons.analysis.comparison.matrix import GROUPED_SECTIONS, known_rows
from comparisons.exports.pdf.blocks import bar_range, shorten_line, state_badge, timeline_axis
from comparisons.formatting import (
    MISSING,
    NBSP,
    capitalize_first,
    curly_apostrophes,
    format_period,
    is_missing,
    pluralize,
)
from comparisons.queries.axes import format_axis
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

# Sections whose facts all come from one document: its source is cited once.
_ONE_DOCUMENT = ("calendrier", "elaboration")
MAX_BARS, MAX_WORDINGS = 14, 12
# Longer words may be cut anywhere: they would be wider than their column.
_MAX_WORD_LENGTH = 28
_SOFT_BREAK = "\N{ZERO WIDTH SPACE}"

References = Mapping[str, int]


def break_long_words(value: object) -> str:
    """Write a text on one line, with soft breaks inside its long words."""
    line = re.sub(r"\s*[\t\r\n]\s*", " ", curly_apostrophes(value))
    line = re.sub(r"(?<=[\d<]) (?=\d)", NBSP, line)
    return re.sub(rf"\S{{{_MAX_WORD_LENGTH},}}", lambda match: _add_soft_breaks(match[0]), line)


def _add_soft_breaks(word: str) -> str:
    return _SOFT_BREAK.join(word[start : start + 8] for start in range(0, len(word), 8))


def cited_sources(
    comparison: Comparison, row_filter: str, names: Collection[str], documents: pd.DataFrame
) -> list[str]:
    """List the sources of the printed sections, in reading order."""
    lists = []
    for name in SECTIONS:
        if name in names:
            cells = known_rows(comparison.section(name, row_filter))
            lists.append(cells["source_ids"].explode().dropna())
        if name == "calendrier" and name in names:
            lists.append(documents["source_id"])  # those of the timeline
    return list(dict.fromkeys(source for ids in lists for source in ids))


def section_tables(
    comparison: Comparison, row_filter: str, names: Collection[str], references: References
) -> list[dict]:
    """Return the tables of some sections, in the order of the page."""
    return [
        {
            "code": name,
            "title": title,
            "rows": list(_rows(comparison, name, row_filter, references)),
            "silent": _format_unknown_rows(comparison, name) if row_filter == "tout" else "",
            "unknown": _format_empty_section(comparison, name) if row_filter == "tout" else "",
        }
        for name, title in SECTIONS.items()
        if name in names
    ]


def _format_empty_section(comparison: Comparison, name: str) -> str:
    """Return why a section has no row, unless nothing at all is known of it."""
    sentence = comparison.empty_section(name)
    return "" if sentence == NOTHING_KNOWN else break_long_words(sentence)


def _format_unknown_rows(comparison: Comparison, name: str) -> str:
    return " ; ".join(map(break_long_words, comparison.unknown_rows[name]))


def _rows(
    comparison: Comparison, section: str, row_filter: str, references: References
) -> Iterator[dict]:
    cells = known_rows(comparison.section(section, row_filter))
    order = list(comparison.columns["colonne"])
    if section == "priorites" and len(cells):
        yield _read_row(comparison, cells, references)
    cited: set[tuple[str, str, int]] = set()
    for line, row in cells.groupby("ligne", sort=False):
        title = row["libelle"].iloc[0]
        group, _, subtitle = title.partition(" : ") if section in GROUPED_SECTIONS else ("", "", "")
        by_column = {cell.colonne: cell for cell in iterate_rows(row)}
        row_cells = []
        for column in order:
            cell = by_column[column]
            origin = (_origin(section, line), column)
            numbers = [references[source] for source in cell.source_ids if source in references]
            new = [number for number in numbers if (*origin, number) not in cited]
            cited.update((*origin, number) for number in new)
            row_cells.append(_cell(cell, section, new if section != "priorites" else []))
        yield {"group": break_long_words(group) if group else "",
               "title": break_long_words(subtitle or title),
               "cells": row_cells}  # fmt: skip


def _origin(section: str, line: str) -> str:
    """Return the name of the rows that share their sources, cited on the first of them only."""
    if section in _ONE_DOCUMENT:
        return section
    return line.rpartition(".")[0] if section in GROUPED_SECTIONS else line


def _cell(cell: object, section: str, numbers: Iterable[int]) -> dict:
    """Return the lines of a cell, its state, tone and source numbers."""
    strong, rest = _value(cell, section)
    lines = rest.split(" ; ") if section == "services" else [rest]
    return {
        "strong": strong,
        "lines": [break_long_words(line) for line in lines if line],
        "state": cell.etat,
        "inferred": cell.certitude == "deduit",
        "tone": _tone(cell) if section == "priorites" else "",
        "sources": list(numbers),
    }


def _value(cell: object, section: str) -> tuple[str, str]:
    """Split a cell into its value, set in bold, and the explanation that follows."""
    if cell.etat == KNOWN and cell.unite == "€":
        amount, _, when = cell.texte.partition(" (")
        return amount, f"({when}" if when else ""
    if cell.etat == KNOWN and section == "indicateurs":
        value, _, definition = cell.texte.partition(" : ")
        return f"{value} :" if definition else value, definition
    return "", cell.texte


def _tone(cell: object) -> str:
    if cell.etat != KNOWN:
        return ""
    return "main" if cell.texte.startswith("axe ") else "secondary"


def _read_row(comparison: Comparison, cells: pd.DataFrame, references: References) -> dict:
    """Return the row that names the document of each column's priorities, with its sources."""
    documents = comparison.facts["strategies"].set_index(["cle", "strategie_id"])
    row_cells = []
    for column in iterate_rows(comparison.columns):
        source_ids = cells.loc[cells["colonne"] == column.colonne, "source_ids"].explode().dropna()
        text, has_axes = MISSING, False
        if not is_missing(column.strategie_lue):
            read = documents.loc[(column.cle, column.strategie_lue)]
            has_axes = bool(read["nb_priorites"])
        if has_axes:
            text = f"{curly_apostrophes(read['titre'])} ({axes_of(read)})"
        row_cells.append({
            "lines": [break_long_words(text)],
            "state": KNOWN if has_axes else UNKNOWN,
            "inferred": False,
            "strong": "",
            "tone": "",
            "sources": sorted(
                {references[source] for source in source_ids if source in references}
            ),
        })  # fmt: skip
    return {"group": "", "title": "Lu dans", "cells": row_cells}


# --- the timeline ---------------------------------------------------------------------------------


def timeline_documents(comparison: Comparison) -> pd.DataFrame:
    """Return the documents of the timeline: those cited in a column, then others if few.

    They are in the order of the columns, with `principal` (whether a column shows it).
    """
    documents = comparison.facts["strategies"]
    columns, cells = comparison.columns, comparison.cells
    main = set(zip(columns["cle"], columns["strategie_id"], strict=True))
    cited = main | set(zip(columns["cle"], columns["strategie_lue"], strict=True))
    cited |= set(zip(cells["cle"], cells["strategie_id"], strict=True))
    keys = list(zip(documents["cle"], documents["strategie_id"], strict=True))
    rows = documents.assign(
        principal=[key in main for key in keys], cited=[key in cited for key in keys]
    )
    if len(rows) > MAX_BARS:
        rows = rows[rows["cited"]]
    order = {key: index for index, key in enumerate(dict.fromkeys(columns["cle"]))}
    return rows.sort_values("cle", key=lambda keys: keys.map(order), kind="stable")


def timeline(
    comparison: Comparison, documents: pd.DataFrame, current: int, references: References
) -> dict:
    """Return one row per document, the axis of years, and the number of other documents."""
    names = dict(zip(comparison.columns["cle"], comparison.columns["nom"], strict=True))
    rows, previous_key = [], ""
    for row in iterate_rows(documents):
        rows.append(
            {
                "name": break_long_words(names[row.cle]) if row.cle != previous_key else "",
                "title": break_long_words(shorten_line(row.titre, 90)),
                "main": bool(row.principal),
                **state_badge(row),
                "period": format_period(row.annee_debut, row.annee_fin),
                **bar_range(row),
                "sources": [references[row.source_id]],
                "inferred": row.certitude == "deduit",
            }
        )
        previous_key = row.cle
    others = len(comparison.facts["strategies"]) - len(documents)
    return {
        "rows": rows,
        "axis": timeline_axis(documents, current),
        "others": f"{pluralize(others, 'autre document connu', 'autres documents connus')}, à lire "
        "sur la page de chaque territoire." if others else "",
    }  # fmt: skip


# --- wordings -------------------------------------------------------------------------------------


def theme_wordings(comparison: Comparison, row_filter: str) -> list[dict]:
    """Return the wordings of the themes that several columns set, the most shared first."""
    cells = comparison.section("priorites", row_filter)
    known_cells = cells[cells["etat"] == KNOWN]
    shared = known_cells.groupby("ligne", sort=False)["colonne"].nunique()
    return [
        {
            "title": code_label("themes", theme),
            "cells": list(_wordings_by_column(comparison, theme)),
        }
        for theme in shared.index[shared > 1][:MAX_WORDINGS]
    ]


def _wordings_by_column(comparison: Comparison, theme: str) -> Iterator[list[dict]]:
    axes = comparison.theme_wordings(theme)
    for column in comparison.columns["colonne"]:
        yield [
            {
                "axis": capitalize_first(format_axis(row))
                + ("" if row.principal else ", thème secondaire"),
                "words": break_long_words(shorten_line(row.intitule, 240)),
                "inferred": row.certitude == "deduit",
            }
            for row in iterate_rows(axes[axes["colonne"] == column])
        ]


def absence_reasons(comparison: Comparison, sentences: Mapping[str, str]) -> list[str]:
    """Return a sentence for each column without a document.

    `sentences` gives the reason by the key of a territory.
    """
    empty_columns = comparison.columns[comparison.columns["strategie_id"].isna()]
    return [
        capitalize_first(break_long_words(f"{row.titre_colonne} : {sentences[row.cle]}"))
        for row in iterate_rows(empty_columns)
    ]
