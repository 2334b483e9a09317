"""Tell the short form by its header, and find it among the sheets of a workbook."""

from collections.abc import Iterable

from comparisons.datapackage.column_names import name_key
from comparisons.datapackage.csv_reader import RawTable
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.datapackage.short_form.expansion import MAX_ROWS
from comparisons.datapackage.short_form.table import SHEET, load_short_form
from comparisons.datapackage.validation.column_names import exact_columns
from comparisons.datapackage.workbook_reader import Workbook

# More rows than are expanded, so that the limit is reached and reported.
_MAX_ROWS = MAX_ROWS // 2 + 2
_MAX_HEADER_ROWS = 20
_TITLES = (SHEET, "formulaire court")
# Columns that only the short form has.
_DISTINCTIVE_COLUMNS = frozenset(
    {"priorites", "montant_total", "partenaires", "maj_le", "contact_generique"}
)
_NOT_READ = ("exemple", "lisez-moi", "listes")


def is_short_form(header: Iterable[str]) -> bool:
    """Return whether a header has columns that only the short form has, and no `strategie_id`."""
    header = list(header)
    names = {name_key(name) for name in header}
    names |= set(exact_columns(load_short_form(), header).values())
    return (
        {"territoire_code", "titre"} <= names
        and bool(names & _DISTINCTIVE_COLUMNS)
        and "strategie_id" not in names
    )


def find_short_sheet(
    workbook: Workbook, beside_tables: bool
) -> tuple[str, RawTable, list[Problem]] | None:
    """Read the sheet named « court », else the first one that has its header; the others are told.

    With `beside_tables`, only a sheet of that name is read. Returns (file and sheet, raw table,
    problems), or None if there is no such sheet.
    """
    folded_titles = {title: title.strip().casefold() for title in workbook.titles}
    titles = [title for title, folded in folded_titles.items() if folded in _TITLES]
    if beside_tables:
        others = []
    else:
        others = [
            title
            for title, folded in folded_titles.items()
            if folded not in (*_NOT_READ, *_TITLES) and _has_short_header(workbook, title)
        ]
    first = None
    for title in (*titles, *others):
        raw_table, problems = workbook.read_table(title, load_short_form().columns, _MAX_ROWS)
        if raw_table is None:
            continue
        if first is None or not first[1].rows:
            first = workbook.file(title), raw_table, problems
        elif raw_table.rows:
            first[2].append(_second_sheet_problem(workbook.file(title), title, first[0]))
    return first


def _second_sheet_problem(file: str, title: str, first_file: str) -> Problem:
    first_title = first_file.rpartition(" › ")[2]
    return file_problem(
        file,
        "fichier-ignore",
        f"{quoted(first_title)} est déjà le formulaire court : cette feuille n’a pas été lue.",
        f"Recopiez ses lignes sous celles de {quoted(first_title)}.",
        WARNING,
        title,
    )


def _has_short_header(workbook: Workbook, title: str) -> bool:
    rows = workbook.read_rows(title, _MAX_HEADER_ROWS)
    return any(is_short_form(str(cell).strip() for cell in row if cell != "") for row in rows)
