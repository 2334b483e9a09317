"""Write the sheets of a template: headers with help, checked cells, lists of codes."""

import datetime as dt
import io
from collections.abc import Collection, Sequence

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from comparisons.datapackage.template.cell_rules import (
    FIRST_ROW,
    LAST_ROW,
    NAMES_ROW,
    data_validation,
)
from comparisons.datapackage.template.instructions import Notes, header_comment
from comparisons.formatting import french_spaces
from comparisons.rows import iterate_rows
from comparisons.schema.model import Field, Table, load_format

_LISTS_SHEET = "Listes"
_NOTES_SHEET = "Lisez-moi"
_LIST_HEADER = ("liste", "code", "libellé", "définition", "colonnes")
_LIST_WIDTHS = (24, 28, 42, 90, 60)
# A fixed date, so that the same format gives the same bytes.
_CREATED = dt.datetime(2026, 11, 23)
_NOTES_WIDTH = 112
_LINE_HEIGHT = 16
_HEADER = {"border": 1, "valign": "vcenter", "text_wrap": True}
_NUMBER_FORMATS = {"integer": "0", "year": "0", "number": "#,##0.##"}
_WIDTHS = {"identifiant": 30, "adresse": 44, "date": 14, "siren": 14, "territoire": 18}
_LONG_TEXTS = {"titre", "intitule", "libelle", "description", "resume", "gouvernance", "note"}
_LONG_TEXTS |= {"priorites", "partenaires", "affichage", "source", "correction"}


class TemplateWorkbook:
    """A template under construction; its lists hold the codes of the given tables."""

    def __init__(self, tables: Sequence[Table]) -> None:
        """Create an empty workbook in which no text becomes a formula or a link."""
        self._buffer = io.BytesIO()
        self._book = Workbook(
            self._buffer,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
        self._book.set_properties(
            {"title": load_format().title, "author": "Stratoscope", "created": _CREATED}
        )
        self._tables = tables
        self._lists = _list_rows(tables)
        self._required = self._format(
            bold=True, font_color="#FFFFFF", bg_color="#1B4F72", **_HEADER
        )
        self._optional = self._format(
            italic=True, font_color="#1C1C1C", bg_color="#E8EEF4", **_HEADER
        )
        self._name = self._format(font_size=9, font_color="#4A5561", border=1)

    def add_notes(self, notes: Notes) -> None:
        """Write the sheet of instructions: a heading and a text on each line."""
        sheet = self._book.add_worksheet(_NOTES_SHEET)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, _NOTES_WIDTH)
        title = self._format(bold=True, font_size=16, font_color="#1B4F72")
        section = self._format(bold=True, font_size=12, font_color="#1B4F72", bottom=1)
        heading = self._format(bold=True, valign="top", text_wrap=True)
        text = self._format(valign="top", text_wrap=True)
        styles = {name: self._legend_format(name) for name in ("obligatoire", "facultatif")}
        sheet.write_string(0, 0, notes.title, title)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for row, (left, right) in enumerate(notes.lines, 1):
            sheet.set_row(row, _row_height(right, _NOTES_WIDTH))
            if not left:
                continue
            if not right:
                sheet.write_string(row, 0, left, section)
                sheet.write_blank(row, 1, None, section)
                continue
            sheet.write_string(row, 0, left, styles.get(left, heading))
            sheet.write_string(row, 1, right, text)

    def add_table(
        self,
        table: Table,
        rows: pd.DataFrame | None = None,
        title: str | None = None,
        hidden: Collection[str] = (),
    ) -> None:
        """Write a sheet (`title`, else the name of the table): headers, help, checks and `rows`.

        The columns `hidden` are there, and not shown.
        """
        sheet = self._book.add_worksheet(title or table.name)
        for column, field in enumerate(table.fields):
            self._add_column(sheet, table, column, field, field.name in hidden)
        filled_rows = () if rows is None else rows.itertuples(index=False)
        for row, values in enumerate(filled_rows, FIRST_ROW):
            texts = zip(values, map(_column_width, table.fields), table.fields, strict=True)
            wrapped = (_row_height(t, width) for t, width, field in texts if _is_long(field))
            sheet.set_row(row, max(wrapped, default=_LINE_HEIGHT))
            for column, text in enumerate(values):
                _write_cell(sheet, row, column, text, table.fields[column])
        last_row = max(LAST_ROW, NAMES_ROW + (0 if rows is None else len(rows)))
        sheet.set_row(0, 2 * _LINE_HEIGHT)
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.autofilter(NAMES_ROW, 0, last_row, len(table.fields) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def add_lists(self) -> None:
        """Write the sheet of codes: every list, with labels and definitions."""
        sheet = self._book.add_worksheet(_LISTS_SHEET)
        wrap = self._format(valign="top", text_wrap=True, num_format="@")
        for column, (name, width) in enumerate(zip(_LIST_HEADER, _LIST_WIDTHS, strict=True)):
            sheet.write_string(0, column, name, self._required)
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for row, values in enumerate(self._lists, 1):
            longest = zip(values, _LIST_WIDTHS, strict=True)
            sheet.set_row(row, max(_row_height(value, width) for value, width in longest))
            for column, value in enumerate(values):
                sheet.write_string(row, column, value, wrap)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(self._lists), len(_LIST_HEADER) - 1)

    def to_bytes(self) -> bytes:
        """Close the workbook and return its bytes (XLSX)."""
        self._book.close()
        return self._buffer.getvalue()

    def _add_column(
        self, sheet: Worksheet, table: Table, column: int, field: Field, is_hidden: bool
    ) -> None:
        number_format = _NUMBER_FORMATS.get(field.type, "@")
        is_wrapped = {"text_wrap": True, "valign": "top"} if _is_long(field) else {}
        cells = self._format(num_format=number_format, **is_wrapped)
        sheet.set_column(column, column, _column_width(field), cells, {"hidden": is_hidden})
        style = self._required if field.required else self._optional
        sheet.write_string(0, column, french_spaces(field.title), style)
        sheet.write_string(NAMES_ROW, column, field.name, self._name)
        sheet.write_comment(
            0,
            column,
            header_comment(field),
            {"author": "Stratoscope", "width": 340, "height": 170, "font_size": 9},
        )
        check = data_validation(table, field, self._tables, self._list_range(field))
        sheet.data_validation(FIRST_ROW, column, LAST_ROW, column, check)

    def _list_range(self, field: Field) -> str:
        """Return the range of the codes of a column, "" if it has none."""
        lines = [row for row, values in enumerate(self._lists, 2) if values[0] == field.vocabulary]
        return f"={_LISTS_SHEET}!$B${lines[0]}:$B${lines[-1]}" if lines else ""

    def _legend_format(self, name: str) -> Format:
        return self._required if name == "obligatoire" else self._optional

    def _format(self, **properties: object) -> Format:
        return self._book.add_format(properties)


def _list_rows(tables: Sequence[Table]) -> list[tuple[str, ...]]:
    """List (list, code, label, definition, columns) for the codes that the tables use."""
    users: dict[str, list[str]] = {}
    for table in tables:
        for field in table.coded_fields:
            users.setdefault(field.vocabulary, []).append(f"{table.name}.{field.name}")
    return [
        (name, row.code, row.libelle, row.definition, ", ".join(columns))
        for name, columns in users.items()
        for row in iterate_rows(load_format().vocabularies[name])
    ]


def _write_cell(sheet: Worksheet, row: int, column: int, text: str, field: Field) -> None:
    if not text:
        return
    if field.type in _NUMBER_FORMATS:
        sheet.write_number(row, column, float(text))
    else:
        sheet.write_string(row, column, text)


def _row_height(text: str, width: int) -> int:
    """Return the height of a row of wrapped text, which not all spreadsheets compute."""
    return _LINE_HEIGHT * (1 + len(text) // width)


def _is_long(field: Field) -> bool:
    return field.name in _LONG_TEXTS


def _column_width(field: Field) -> int:
    width = 60 if _is_long(field) else _WIDTHS.get(field.kind, 16)
    # the button of the filter takes five characters
    return max(width, len(field.name) + 5)
