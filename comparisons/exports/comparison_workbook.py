"""The workbook of a comparison: sheets to read, then tables to compute with.

A number is a number: its format in the cell writes the words that the page puts around it.
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
from comparisons.exports import tables as exports
from comparisons.exports.comparison_notes import ExportOptions, notes_lines
from comparisons.formatting import is_missing, join_words

# Sheets of sections bear the titles of the page, but for those that a spreadsheet would not take.
SHEETS = SECTIONS | {
    "non_comparables": "Montants non comparés",
    "indicateurs": "Indicateurs comparés",  # « indicateurs » is the table of facts
}
READING = "Lecture"
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
# A number as the page writes it, with its unit.
_WRITTEN = re.compile(r"-?\d[\d\u202f,]*(?:\u00a0(?:%|(?:M|Md)?€(?:/hab\.(?:/an)?)?))?")
_LONGEST_FORMAT = 200
_LOOKS = {
    KNOWN: {},
    ABSENT: {"font_color": "#595959"},
    UNKNOWN: {"font_color": "#595959", "italic": True},
    NOT_APPLICABLE: {"font_color": "#595959"},
}


def to_workbook(
    comparison: Comparison, tables: Mapping[str, pd.DataFrame], about: ExportOptions
) -> bytes:
    """Write a comparison as a workbook: notes, a sheet per section, then `tables`."""
    buffer = io.BytesIO()
    with exports.open_workbook(buffer) as writer:
        exports.write_notes_sheet(writer, notes_lines(comparison, about))
        for name in about.sections:
            if len(comparison.matrix(name, about.which)):
                sheet = writer.book.add_worksheet(tabular_files.sheet_name(SHEETS[name]))
                _Section(writer, sheet).write(comparison, name, about.which)
        for name, rows in tables.items():
            exports.write_table_sheet(writer, name, rows)
    return buffer.getvalue()


class _Section:
    """A sheet being written; looks of cells are made once each."""

    def __init__(self, writer: pd.ExcelWriter, sheet: Worksheet) -> None:
        self.book, self.sheet = writer.book, sheet
        self.looks: dict[tuple, Format] = {}

    def write(self, comparison: Comparison, name: str, which: str) -> None:
        """Write a section: a line per row of the page, a column per column."""
        words = comparison.matrix(name, which)
        cells = comparison.section(name, which)
        found = compare_rows(cells, len(comparison.columns)).set_index("ligne")
        by_place = {(cell.ligne, cell.colonne): cell for cell in cells.itertuples()}
        spoken = cells.groupby("ligne")["etat"].agg(lambda states: (states == KNOWN).any())
        lines = [line for line in dict.fromkeys(cells["ligne"]) if spoken[line]]
        heading = tabular_files.header_format(self.book, text_wrap=True, valign="top")
        read = [READING] if name != "non_comparables" else []
        for place, title in enumerate([SHEETS[name], *words.columns, *read]):
            self.sheet.write_string(0, place, title, heading)
        for row, (line, title) in enumerate(zip(lines, words.index, strict=True), start=1):
            self.sheet.write_string(row, 0, title, self._look(bold=True))
            for place, column in enumerate(comparison.columns["colonne"]):
                self._cell(row, place + 1, by_place[(line, column)], words.iat[row - 1, place])
            if read:
                verdict = _VERDICTS[(found.at[line, "commun"], found.at[line, "different"])]
                self.sheet.write_string(row, len(words.columns) + 1, verdict, self._look())
        silent = comparison.silent[name]
        if silent and which == "tout":
            said = f"Sans réponse dans toutes les colonnes : {join_words(silent)}."
            self.sheet.write_string(len(words) + 2, 0, said, self.book.add_format(_LOOKS[UNKNOWN]))
        self.sheet.set_column(0, 0, 40)
        self.sheet.set_column(1, len(words.columns), 34)
        self.sheet.set_column(len(words.columns) + 1, len(words.columns) + 1, 18)
        self.sheet.freeze_panes(1, 1)

    def _cell(self, row: int, place: int, cell: object, words: str) -> None:
        written = number_format(cell, words)
        if written is None:
            self.sheet.write_string(row, place, words, self._look(**_LOOKS[cell.etat]))
            return
        look = self._look(num_format=written, align="left", text_wrap=False, shrink=True)
        self.sheet.write_number(row, place, float(cell.valeur), look)
        if cell.rubrique == "indicateurs":  # what is measured there, too long for a format
            self.sheet.write_comment(row, place, words, {"x_scale": 2})

    def _look(self, **more: object) -> Format:
        wanted = {"text_wrap": True, "valign": "top"} | more
        key = tuple(wanted.items())
        if key not in self.looks:
            self.looks[key] = self.book.add_format(wanted)
        return self.looks[key]


def number_format(cell: object, words: str) -> str | None:
    """Return the spreadsheet's format of a cell that is a number; nothing for one that is a text.

    `words` are those of the page: what they put around the number is kept (« axe 2 sur 5 »).
    """
    numeric = cell.unite in _NUMBERS or cell.rubrique in _NUMERIC
    written = _WRITTEN.search(words)
    if cell.etat != KNOWN or is_missing(cell.valeur) or not numeric or not written:
        return None
    if cell.unite in _NUMBERS and cell.rubrique != "indicateurs":
        digits, unit = _NUMBERS[cell.unite]
    elif cell.ligne in _YEARS:
        digits, unit = "0", ""
    else:
        digits, unit = "#,##0" if float(cell.valeur).is_integer() else "#,##0.0", ""
    before, after = words[: written.start()], words[written.end() :]
    if cell.rubrique == "indicateurs":
        sure = cell.certitude != "deduit"
        after = after.split(" : ")[0] + ("" if sure else "\u00a0(déduit)")
    return f"{_literal(before)}{digits}{_literal(unit + after)}"


def _literal(text: str) -> str:
    """Quote a text inside a number format, where nothing in it acts."""
    plain = re.sub(r"[\x00-\x1f\"\\]", " ", text)[:_LONGEST_FORMAT]
    return f'"{plain}"' if plain else ""
