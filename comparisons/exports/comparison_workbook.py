"""Workbook of a comparison: sheets to read, then tables to compute with.

Numbers are written as numbers: the cell format adds the words that the page writes around them.
"""

import io
import re
from collections.abc import Mapping

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from comparisons import tabular_files
from comparisons.analysis.comparison.cells import ABSENT, KNOWN, NOT_APPLICABLE, SECTIONS, UNKNOWN
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.comparison.matrix import compare_rows
from comparisons.exports import table_writers
from comparisons.exports.comparison_notes import ExportOptions, notes_lines
from comparisons.formatting import is_missing, join_words
from comparisons.rows import iterate_rows

# Sheets have the titles of the page, except those that a spreadsheet does not accept.
SHEETS = SECTIONS | {
    "non_comparables": "Montants non comparés",
    "indicateurs": "Indicateurs comparés",  # « indicateurs » is the table of facts
}
READING_COLUMN = "Lecture"
_VERDICTS = {
    (True, True): "commun en partie",
    (True, False): "commun",
    (False, True): "différent",
    (False, False): "pas d’écart connu",
}
_NUMBERS = {
    "€": ("#,##0", "\u00a0€"),
    "€/hab.": ("#,##0.00", "\u00a0€/hab."),
    "€/hab./an": ("#,##0.00", "\u00a0€/hab./an"),
    "part": ("0.0%", ""),
    "rang": ("0", ""),
}
_NUMERIC = ("identite", "calendrier", "elaboration", "indicateurs")
_YEARS = ("population_annee", "annee_debut", "annee_fin")
# A number in the text of a cell, with its unit.
_NUMBER_PATTERN = re.compile(r"-?\d[\d\u202f,]*(?:\u00a0(?:%|(?:M|Md)?€(?:/hab\.(?:/an)?)?))?")
_MAX_FORMAT_LENGTH = 200
_CELL_FORMATS = {
    KNOWN: {},
    ABSENT: {"font_color": "#595959"},
    UNKNOWN: {"font_color": "#595959", "italic": True},
    NOT_APPLICABLE: {"font_color": "#595959"},
}


def to_workbook(
    comparison: Comparison, tables: Mapping[str, pd.DataFrame], options: ExportOptions
) -> bytes:
    """Return a comparison as a workbook: notes, a sheet per section, then `tables`."""
    buffer = io.BytesIO()
    with table_writers.open_workbook(buffer) as writer:
        table_writers.write_notes_sheet(writer, notes_lines(comparison, options))
        for name in options.sections:
            if len(comparison.text_matrix(name, options.row_filter)):
                sheet = writer.book.add_worksheet(tabular_files.sheet_name(SHEETS[name]))
                _SectionSheet(writer, sheet).write(comparison, name, options.row_filter)
        for name, rows in tables.items():
            table_writers.write_table_sheet(writer, name, rows)
    return buffer.getvalue()


class _SectionSheet:
    """Sheet of a section being written; each cell format is created once."""

    def __init__(self, writer: pd.ExcelWriter, sheet: Worksheet) -> None:
        self.book, self.sheet = writer.book, sheet
        self.formats: dict[tuple, Format] = {}

    def write(self, comparison: Comparison, name: str, row_filter: str) -> None:
        """Write a section: a line per row, a column per column of the comparison."""
        texts = comparison.text_matrix(name, row_filter)
        cells = comparison.section(name, row_filter)
        row_verdicts = compare_rows(cells, len(comparison.columns)).set_index("ligne")
        cell_by_column = {(cell.ligne, cell.colonne): cell for cell in iterate_rows(cells)}
        has_answer = cells.groupby("ligne")["etat"].agg(lambda states: (states == KNOWN).any())
        lines = [line for line in dict.fromkeys(cells["ligne"]) if has_answer[line]]
        heading = tabular_files.header_format(self.book, text_wrap=True, valign="top")
        reading_titles = [READING_COLUMN] if name != "non_comparables" else []
        for position, title in enumerate([SHEETS[name], *texts.columns, *reading_titles]):
            self.sheet.write_string(0, position, title, heading)
        for row, (line, title) in enumerate(zip(lines, texts.index, strict=True), start=1):
            self.sheet.write_string(row, 0, title, self._cell_format(bold=True))
            for position, column in enumerate(comparison.columns["colonne"]):
                self._cell(
                    row, position + 1, cell_by_column[(line, column)], texts.iat[row - 1, position]
                )
            if reading_titles:
                verdict = _VERDICTS[
                    (row_verdicts.at[line, "commun"], row_verdicts.at[line, "different"])
                ]
                self.sheet.write_string(row, len(texts.columns) + 1, verdict, self._cell_format())
        silent = comparison.unknown_rows[name]
        if silent and row_filter == "tout":
            text = f"Sans réponse dans toutes les colonnes : {join_words(silent)}."
            self.sheet.write_string(
                len(texts) + 2, 0, text, self.book.add_format(_CELL_FORMATS[UNKNOWN])
            )
        self.sheet.set_column(0, 0, 40)
        self.sheet.set_column(1, len(texts.columns), 34)
        self.sheet.set_column(len(texts.columns) + 1, len(texts.columns) + 1, 18)
        self.sheet.freeze_panes(1, 1)

    def _cell(self, row: int, position: int, cell: object, text: str) -> None:
        format_code = _number_format(cell, text)
        if format_code is None:
            self.sheet.write_string(
                row, position, text, self._cell_format(**_CELL_FORMATS[cell.etat])
            )
            return
        cell_format = self._cell_format(
            num_format=format_code, align="left", text_wrap=False, shrink=True
        )
        self.sheet.write_number(row, position, float(cell.valeur), cell_format)
        if (
            cell.rubrique == "indicateurs"
        ):  # the definition of the indicator is too long for a cell format
            self.sheet.write_comment(row, position, text, {"x_scale": 2})

    def _cell_format(self, **properties: object) -> Format:
        cell_properties = {"text_wrap": True, "valign": "top"} | properties
        key = tuple(cell_properties.items())
        if key not in self.formats:
            self.formats[key] = self.book.add_format(cell_properties)
        return self.formats[key]


def _number_format(cell: object, text: str) -> str | None:
    """Return the number format of a cell, or None if the cell is a text.

    `text` is the text of the cell on the page: the words around its number are kept in the format
    (« axe 2 sur 5 »).
    """
    numeric = cell.unite in _NUMBERS or cell.rubrique in _NUMERIC
    match = _NUMBER_PATTERN.search(text)
    if cell.etat != KNOWN or is_missing(cell.valeur) or not numeric or not match:
        return None
    if cell.unite in _NUMBERS and cell.rubrique != "indicateurs":
        digits, unit = _NUMBERS[cell.unite]
    elif cell.ligne in _YEARS:
        digits, unit = "0", ""
    else:
        digits, unit = "#,##0" if float(cell.valeur).is_integer() else "#,##0.0", ""
    before, after = text[: match.start()], text[match.end() :]
    if cell.rubrique == "indicateurs":
        stated = cell.certitude != "deduit"
        after = after.split(" : ")[0] + ("" if stated else "\u00a0(déduit)")
    return f"{_literal(before)}{digits}{_literal(unit + after)}"


def _literal(text: str) -> str:
    """Return a text quoted for a number format, without control characters."""
    plain = re.sub(r"[\x00-\x1f\"\\]", " ", text)[:_MAX_FORMAT_LENGTH]
    return f'"{plain}"' if plain else ""
