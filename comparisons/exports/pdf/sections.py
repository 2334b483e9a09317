"""The tables of a printed comparison: rows of cells, each with the numbers of its sources."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import pandas as pd

from comparisons.analysis.comparison.cells import KNOWN, SECTIONS, UNKNOWN
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.comparison.facts import axes_of
from comparisons.analysis.comparison.matrix import known_rows
from comparisons.exports.pdf.blocks import bar_range, shorten, state_badge, timeline_axis
from comparisons.formatting import (
    MISSING,
    NBSP,
    capitalize_first,
    curly_apostrophes,
    format_period,
    is_missing,
    pluralize,
)
from comparisons.queries.axes import axis_words
from comparisons.schema.model import code_label

# Sections whose facts all come from one document: its source is cited once.
ONE_DOCUMENT = ("calendrier", "elaboration")
# Sections whose rows have a title and a subtitle: « Réseaux, prévu : par habitant ».
GROUPED = ("budgets", "financeurs")
MAX_BARS, MAX_WORDINGS = 14, 12
# A word longer than that may be cut anywhere: it would leave its column.
MAX_WORD_LENGTH = 28
SOFT_BREAK = "\N{ZERO WIDTH SPACE}"

References = Mapping[str, int]


def break_long_words(value: object) -> str:
    """Write a text on one line, whose longest words can be cut."""
    line = re.sub(r"\s*[\t\r\n]\s*", " ", curly_apostrophes(value))
    line = re.sub(r"(?<=[\d<]) (?=\d)", NBSP, line)
    return re.sub(rf"\S{{{MAX_WORD_LENGTH},}}", lambda word: _cuttable(word[0]), line)


def _cuttable(word: str) -> str:
    return SOFT_BREAK.join(word[start : start + 8] for start in range(0, len(word), 8))


def cited_sources(
    comparison: Comparison, which: str, names: Collection[str], documents: pd.DataFrame
) -> list[str]:
    """List the sources of the sections printed, in the order in which they are read."""
    lists = []
    for name in SECTIONS:
        if name in names:
            cells = known_rows(comparison.section(name, which))
            lists.append(cells["source_ids"].explode().dropna())
        if name == "calendrier" and name in names:
            lists.append(documents["source_id"])  # those of the timeline
    return list(dict.fromkeys(source for ids in lists for source in ids))


def sections(
    comparison: Comparison, which: str, names: Collection[str], references: References
) -> list[dict]:
    """Return the tables of the sections named, in the order of the page."""
    return [
        {
            "code": name,
            "title": title,
            "rows": list(_rows(comparison, name, which, references)),
            "silent": _silent(comparison, name) if which == "tout" else "",
        }
        for name, title in SECTIONS.items()
        if name in names
    ]


def _silent(comparison: Comparison, name: str) -> str:
    return " ; ".join(map(break_long_words, comparison.silent[name]))


def _rows(
    comparison: Comparison, section: str, which: str, references: References
) -> Iterator[dict]:
    cells = known_rows(comparison.section(section, which))
    order = list(comparison.columns["colonne"])
    if section == "priorites" and len(cells):
        yield _read_row(comparison, cells, references)
    said: set[tuple[str, str, int]] = set()
    for line, row in cells.groupby("ligne", sort=False):
        title = row["libelle"].iloc[0]
        group, _, subtitle = title.partition(" : ") if section in GROUPED else ("", "", "")
        by_column = {cell.colonne: cell for cell in row.itertuples()}
        words = []
        for column in order:
            cell = by_column[column]
            place = (_origin(section, line), column)
            numbers = [references[source] for source in cell.source_ids if source in references]
            new = [number for number in numbers if (*place, number) not in said]
            said.update((*place, number) for number in new)
            words.append(_cell(cell, section, new if section != "priorites" else []))
        yield {"group": break_long_words(group) if group else "",
               "title": break_long_words(subtitle or title),
               "cells": words}  # fmt: skip


def _origin(section: str, line: str) -> str:
    """List the rows that share their source: it is cited on the first of them."""
    if section in ONE_DOCUMENT:
        return section
    return line.rpartition(".")[0] if section in GROUPED else line


def _cell(cell: object, section: str, numbers: Iterable[int]) -> dict:
    """Return the lines of a cell, its state, what marks it."""
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
    """Part the value of a cell, to be set in bold, from the words that explain it."""
    if cell.etat == KNOWN and cell.unite == "€":
        amount, _, when = cell.texte.partition(" (")
        return amount, f"({when}" if when else ""
    if cell.etat == KNOWN and section == "indicateurs":
        value, _, what = cell.texte.partition(" : ")
        return f"{value} :" if what else value, what
    return "", cell.texte


def _tone(cell: object) -> str:
    if cell.etat != KNOWN:
        return ""
    return "main" if cell.texte.startswith("axe ") else "secondary"


def _read_row(comparison: Comparison, cells: pd.DataFrame, references: References) -> dict:
    """Describe in which document the priorities of each column were read.

    And from which sources.
    """
    documents = comparison.facts["strategies"].set_index(["cle", "strategie_id"])
    words = []
    for column in comparison.columns.itertuples():
        own = cells.loc[cells["colonne"] == column.colonne, "source_ids"].explode().dropna()
        text, known = MISSING, False
        if not is_missing(column.strategie_lue):
            read = documents.loc[(column.cle, column.strategie_lue)]
            known = bool(read["nb_priorites"])
        if known:
            text = f"{curly_apostrophes(read['titre'])} ({axes_of(read)})"
        words.append({
            "lines": [break_long_words(text)],
            "state": KNOWN if known else UNKNOWN,
            "inferred": False,
            "strong": "",
            "tone": "",
            "sources": sorted({references[source] for source in own if source in references}),
        })  # fmt: skip
    return {"group": "", "title": "Lu dans", "cells": words}


# --- the timeline ---------------------------------------------------------------------------------


def timeline_documents(comparison: Comparison) -> pd.DataFrame:
    """Choose the documents of the timeline: those that speak in a column, then others if few.

    Returns rows of `documents`, in the order of the columns, with `principal` (it is that of a
    column).
    """
    documents = comparison.facts["strategies"]
    columns, cells = comparison.columns, comparison.cells
    main = set(zip(columns["cle"], columns["strategie_id"], strict=True))
    speaking = main | set(zip(columns["cle"], columns["strategie_lue"], strict=True))
    speaking |= set(zip(cells["cle"], cells["strategie_id"], strict=True))
    keys = list(zip(documents["cle"], documents["strategie_id"], strict=True))
    rows = documents.assign(
        principal=[key in main for key in keys], speaks=[key in speaking for key in keys]
    )
    if len(rows) > MAX_BARS:
        rows = rows[rows["speaks"]]
    order = {key: place for place, key in enumerate(dict.fromkeys(columns["cle"]))}
    return rows.sort_values("cle", key=lambda keys: keys.map(order), kind="stable")


def timeline(
    comparison: Comparison, documents: pd.DataFrame, current: int, references: References
) -> dict:
    """Return a row per document, and the axis of years on which its bar stands."""
    names = dict(zip(comparison.columns["cle"], comparison.columns["nom"], strict=True))
    rows, before = [], ""
    for row in documents.itertuples():
        rows.append(
            {
                "name": break_long_words(names[row.cle]) if row.cle != before else "",
                "title": break_long_words(shorten(row.titre, 90)),
                "main": bool(row.principal),
                **state_badge(row.etat),
                "period": format_period(row.annee_debut, row.annee_fin),
                **bar_range(row),
                "sources": [references[row.source_id]],
                "inferred": row.certitude == "deduit",
            }
        )
        before = row.cle
    others = len(comparison.facts["strategies"]) - len(documents)
    return {
        "rows": rows,
        "axis": timeline_axis(documents, current),
        "others": f"{pluralize(others, 'autre document connu', 'autres documents connus')}, à lire "
        "sur la page de chaque territoire." if others else "",
    }  # fmt: skip


# --- wordings -------------------------------------------------------------------------------------


def wordings(comparison: Comparison, which: str) -> list[dict]:
    """Place side by side how columns word the themes that most of them set.

    The most shared first.
    """
    cells = comparison.section("priorites", which)
    known = cells[cells["etat"] == KNOWN]
    shared = known.groupby("ligne", sort=False)["colonne"].nunique()
    return [
        {"title": code_label("themes", theme), "cells": list(_worded(comparison, theme))}
        for theme in shared.index[shared > 1][:MAX_WORDINGS]
    ]


def _worded(comparison: Comparison, theme: str) -> Iterator[list[dict]]:
    axes = comparison.wordings(theme)
    for column in comparison.columns["colonne"]:
        yield [
            {
                "axis": capitalize_first(axis_words(row))
                + ("" if row.principal else ", thème secondaire"),
                "words": break_long_words(shorten(row.intitule, 240)),
                "inferred": row.certitude == "deduit",
            }
            for row in axes[axes["colonne"] == column].itertuples()
        ]


def absence_reasons(comparison: Comparison, sentences: Mapping[str, str]) -> list[str]:
    """Describe why a column has no document.

    `sentences` gives the reason by the key of a territory.
    """
    silent = comparison.columns[comparison.columns["strategie_id"].isna()]
    return [
        capitalize_first(break_long_words(f"{row.titre_colonne} : {sentences[row.cle]}"))
        for row in silent.itertuples()
    ]
