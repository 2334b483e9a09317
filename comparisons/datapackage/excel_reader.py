"""Read the sheets of a spreadsheet (.xlsx) as tables, within safe bounds."""

import io
import unicodedata
from collections.abc import Iterator

import openpyxl
from rapidfuzz import fuzz, process

from comparisons.datapackage.archive import UnreadableFileError, unreadable_file
from comparisons.datapackage.csv_reader import MAX_COLUMNS, RawTable, parse_rows
from comparisons.datapackage.hidden_content import hidden_content_problems
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.schema.model import load_format

# Larger than any real table; a sheet may declare a million rows and hold two cells.
_MAX_ROWS = 400_000


def read_workbook(
    content: bytes, name: str
) -> tuple[dict[str, tuple[str, RawTable]], list[Problem]]:
    """Read each sheet that has the name or title of a table; other sheets are ignored.

    `content` is a workbook returned by `workbook_sanitizer.sanitize_workbook`. Returns
    table name → (file and sheet, raw table), and the problems.
    """
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return _read_sheets(workbook, content, name)
    except Exception as error:  # openpyxl raises anything on damaged files
        raise UnreadableFileError(unreadable_file(name)) from error


def _read_sheets(
    workbook: openpyxl.Workbook, content: bytes, name: str
) -> tuple[dict[str, tuple[str, RawTable]], list[Problem]]:
    raw_tables: dict[str, tuple[str, RawTable]] = {}
    problems: list[Problem] = []
    for sheet in workbook.worksheets:
        file = f"{name} › {sheet.title}"
        table = _match_sheet(sheet.title)
        if table is None:
            problems += _near_miss_problems(sheet.title, file)
            continue
        if table in raw_tables:
            problems.append(_second_sheet_problem(file, table))
            continue
        raw_table, sheet_problems = parse_rows(
            _iterate_rows(sheet), file, load_format().tables[table].columns
        )
        # A template has a sheet for each table: a blank one is accepted.
        problems += [problem for problem in sheet_problems if problem.code != "fichier-vide"]
        if raw_table is None:
            continue
        raw_tables[table] = (file, raw_table)
        problems += hidden_content_problems(content, sheet, file, raw_table)
        if raw_table.lines and raw_table.lines[-1] >= _MAX_ROWS:
            problems.append(_cut_short_problem(file))
    if not raw_tables:
        problems.append(_no_table_problem(name))
    return raw_tables, problems


def _match_sheet(title: str) -> str | None:
    """Return the table of a sheet, by code or title regardless of accents, or None."""
    folded_title = _fold_title(title)
    for table in load_format().tables.values():
        if folded_title in (_fold_title(table.name), _fold_title(table.title)):
            return table.name
    return None


def _iterate_rows(sheet: object) -> Iterator[tuple]:
    # The dimensions that a sheet declares are not reliable.
    sheet.reset_dimensions()
    blank_row = (None,) * MAX_COLUMNS
    for row in sheet.iter_rows(max_row=_MAX_ROWS, max_col=MAX_COLUMNS, values_only=True):
        # hundreds of thousands of lines may be empty
        yield () if row == blank_row else row


def _near_miss_problems(title: str, file: str) -> list[Problem]:
    """Return a warning for an ignored sheet whose name is almost that of a table."""
    names = {table.name: _fold_title(table.name) for table in load_format().tables.values()}
    closest = process.extractOne(_fold_title(title), names, scorer=fuzz.ratio, score_cutoff=80)
    if closest is None:
        return []
    return [
        file_problem(
            file,
            "fichier-ignore",
            "Cette feuille n’est pas une table du format\u00a0: elle n’a pas été lue.",
            f"Si c’est la table {quoted(closest[2])}, nommez-la ainsi.",
            WARNING,
            title,
        )
    ]


def _second_sheet_problem(file: str, table: str) -> Problem:
    return file_problem(
        file,
        "fichier-ignore",
        f"Une autre feuille est déjà la table {quoted(table)}\u00a0: celle-ci n’a pas été lue.",
        "Réunissez les lignes dans une seule feuille.",
        WARNING,
    )


def _cut_short_problem(file: str) -> Problem:
    return file_problem(
        file,
        "lignes-ignorees",
        f"Seules les {_MAX_ROWS} premières lignes de cette feuille ont été lues.",
        "Fournissez cette table au format CSV.",
        WARNING,
    )


def _no_table_problem(name: str) -> Problem:
    titles = ", ".join(load_format().tables)
    return file_problem(
        name,
        "table-inconnue",
        "Aucune feuille remplie ne porte le nom d’une table du format.",
        f"Nommez les feuilles comme les tables\u00a0: {titles}.",
    )


def _fold_title(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
