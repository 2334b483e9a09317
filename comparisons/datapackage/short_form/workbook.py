"""Find the short form among the sheets of a workbook."""

import io
import zipfile
from collections.abc import Iterator
from itertools import islice

import openpyxl

from comparisons.datapackage.csv_reader import MAX_COLUMNS, RawTable, parse_rows
from comparisons.datapackage.hidden_content import hidden_content_problems
from comparisons.datapackage.problems import Problem
from comparisons.datapackage.short_form.expansion import MAX_ROWS
from comparisons.datapackage.short_form.table import SHEET, is_short_form, load_short_form

# More rows than are expanded, so that the limit is reached and reported.
_MAX_ROWS = MAX_ROWS // 2 + 2
_TITLES = (SHEET, "formulaire court")
_NOT_READ = ("exemple", "lisez-moi", "listes")


def find_short_sheet(
    content: bytes, name: str, beside_tables: bool
) -> tuple[str, RawTable, list[Problem]] | None:
    """Read the sheet named « court », else the first one that has its header.

    With `beside_tables`, only a sheet of that name is read. Returns (file and sheet, raw table,
    problems), or None if there is no such sheet. `content` is a workbook returned by
    `workbook_sanitizer.sanitize_workbook`; openpyxl raises anything on damaged ones.
    """
    if beside_tables and not _has_short_sheet(content):
        return None
    workbook = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=True, keep_links=False
    )
    sheets = [
        sheet for sheet in workbook.worksheets if sheet.title.strip().casefold() not in _NOT_READ
    ]
    named_sheets = [sheet for sheet in sheets if sheet.title.strip().casefold() in _TITLES]
    for sheet in named_sheets or sheets:
        sheet.reset_dimensions()
        if not named_sheets and not any(
            is_short_form(header) for header in islice(_iterate_texts(sheet), 20)
        ):
            continue
        file = f"{name} › {sheet.title}"
        rows = sheet.iter_rows(max_row=_MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
        raw_table, problems = parse_rows(rows, file, load_short_form().columns)
        if raw_table is not None:
            return (
                file,
                raw_table,
                [*problems, *hidden_content_problems(content, sheet, file, raw_table)],
            )
    return None


def _has_short_sheet(content: bytes) -> bool:
    """Return whether a sheet has the name of the form, without opening the sheets."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if name.endswith("workbook.xml")]
        names = (f'name="{title}"'.encode() for title in _TITLES)
        text = b"".join(archive.read(part).lower() for part in parts)
    return any(name in text for name in names)


def _iterate_texts(sheet: object) -> Iterator[list[str]]:
    for row in sheet.iter_rows(max_row=20, max_col=MAX_COLUMNS, values_only=True):
        yield [str(cell).strip() for cell in row if cell is not None]
