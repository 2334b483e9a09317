"""Find the short form among the sheets of a workbook."""

import io
from collections.abc import Iterator
from itertools import islice

import openpyxl

from comparisons.problems import Problem
from comparisons.short_form.table import SHEET, is_short, short_table
from comparisons.tabular import MAX_COLUMNS, RawTable, from_sheet

# One line per strategy: more than all the territories of France.
MAX_ROWS = 50_000
_TITLES = (SHEET, "formulaire court")
_NOT_READ = ("exemple", "lisez-moi", "listes")


def short_sheet(content: bytes, name: str) -> tuple[str, RawTable, list[Problem]] | None:
    """Read the sheet named « court », else the first one that has its header.

    Gives its file, its table and how reading it went; None if there is no such sheet. The
    workbook must have passed `workbooks.read_sheets`, which refuses harmful ones.
    """
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheets = [s for s in workbook.worksheets if s.title.strip().casefold() not in _NOT_READ]
    named = [sheet for sheet in sheets if sheet.title.strip().casefold() in _TITLES]
    for sheet in named or sheets:
        sheet.reset_dimensions()
        if not named and not any(is_short(header) for header in islice(_texts(sheet), 20)):
            continue
        file = f"{name} › {sheet.title}"
        rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
        raw, problems = from_sheet(rows, file, short_table().columns)
        if raw is not None:
            return file, raw, problems
    return None


def _texts(sheet: object) -> Iterator[list[str]]:
    for row in sheet.iter_rows(max_row=20, max_col=MAX_COLUMNS, values_only=True):
        yield [str(cell).strip() for cell in row if cell is not None]
