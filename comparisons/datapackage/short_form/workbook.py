"""Find the short form among the sheets of a workbook."""

from comparisons.datapackage.csv_reader import RawTable
from comparisons.datapackage.problems import Problem
from comparisons.datapackage.short_form.expansion import MAX_ROWS
from comparisons.datapackage.short_form.table import SHEET, is_short_form, load_short_form
from comparisons.datapackage.workbook_reader import Workbook

# More rows than are expanded, so that the limit is reached and reported.
_MAX_ROWS = MAX_ROWS // 2 + 2
_MAX_HEADER_ROWS = 20
_TITLES = (SHEET, "formulaire court")
_NOT_READ = ("exemple", "lisez-moi", "listes")


def find_short_sheet(
    workbook: Workbook, beside_tables: bool
) -> tuple[str, RawTable, list[Problem]] | None:
    """Read the sheet named « court », else the first one that has its header.

    With `beside_tables`, only a sheet of that name is read. Returns (file and sheet, raw table,
    problems), or None if there is no such sheet.
    """
    folded_titles = {title: title.strip().casefold() for title in workbook.titles}
    titles = [title for title, folded in folded_titles.items() if folded in _TITLES]
    if not titles and not beside_tables:
        titles = [
            title
            for title, folded in folded_titles.items()
            if folded not in _NOT_READ and _has_short_header(workbook, title)
        ]
    for title in titles:
        raw_table, problems = workbook.read_table(title, load_short_form().columns, _MAX_ROWS)
        if raw_table is not None:
            return workbook.file(title), raw_table, problems
    return None


def _has_short_header(workbook: Workbook, title: str) -> bool:
    rows = workbook.read_rows(title, _MAX_HEADER_ROWS)
    return any(is_short_form(str(cell).strip() for cell in row) for row in rows)
