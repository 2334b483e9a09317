"""Read the sheets of a spreadsheet (.xlsx) as tables, within safe bounds."""

import io
import unicodedata
from collections.abc import Iterator

import openpyxl
from rapidfuzz import fuzz, process

from comparisons.datapackage.archive import UnreadableFileError, unreadable_file
from comparisons.datapackage.csv_reader import MAX_COLUMNS, RawTable, parse_rows
from comparisons.datapackage.hidden_content import sheet_faults
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.schema.model import load_format

# Far above any real table; a sheet may claim a million rows and hold two cells.
MAX_ROWS = 400_000


def read_workbook(
    content: bytes, name: str
) -> tuple[dict[str, tuple[str, RawTable]], list[Problem]]:
    """Read each sheet named after a table (or its title); other sheets are help, left out.

    `content` is a workbook that `workbook_sanitizer.defused` gave back.
    """
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return _tables(workbook, content, name)
    except Exception as error:  # openpyxl raises anything on damaged files
        raise UnreadableFileError(unreadable_file(name)) from error


def _tables(
    workbook: openpyxl.Workbook, content: bytes, name: str
) -> tuple[dict[str, tuple[str, RawTable]], list[Problem]]:
    found: dict[str, tuple[str, RawTable]] = {}
    problems: list[Problem] = []
    for sheet in workbook.worksheets:
        file = f"{name} › {sheet.title}"
        table = match_sheet(sheet.title)
        if table is None:
            problems += _near_miss(sheet.title, file)
            continue
        if table in found:
            problems.append(_second_sheet(file, table))
            continue
        raw, reading = parse_rows(_rows(sheet), file, load_format().tables[table].columns)
        # A template keeps all its sheets: one left blank is no fault.
        problems += [problem for problem in reading if problem.code != "fichier-vide"]
        if raw is None:
            continue
        found[table] = (file, raw)
        problems += sheet_faults(content, sheet, file, raw)
        if raw.lines and raw.lines[-1] >= MAX_ROWS:
            problems.append(_cut_short(file))
    if not found:
        problems.append(_no_table(name))
    return found, problems


def match_sheet(title: str) -> str | None:
    """Find the table that a sheet is named after, by code or by title, accents aside."""
    wanted = _plain(title)
    for table in load_format().tables.values():
        if wanted in (_plain(table.name), _plain(table.title)):
            return table.name
    return None


def _rows(sheet: object) -> Iterator[tuple]:
    # The dimensions that a sheet claims are not to be trusted.
    sheet.reset_dimensions()
    blank = (None,) * MAX_COLUMNS
    for row in sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True):
        # hundreds of thousands of lines may be empty
        yield () if row == blank else row


def _near_miss(title: str, file: str) -> list[Problem]:
    """Warn of a sheet whose name is almost that of a table: it would be lost unseen."""
    names = {table.name: _plain(table.name) for table in load_format().tables.values()}
    best = process.extractOne(_plain(title), names, scorer=fuzz.ratio, score_cutoff=80)
    if best is None:
        return []
    return [
        file_problem(
            file,
            "fichier-ignore",
            "Cette feuille n’est pas une table du format\u00a0: elle n’a pas été lue.",
            f"Si c’est la table {quoted(best[2])}, nommez-la ainsi.",
            WARNING,
            title,
        )
    ]


def _second_sheet(file: str, table: str) -> Problem:
    return file_problem(
        file,
        "fichier-ignore",
        f"Une autre feuille est déjà la table {quoted(table)}\u00a0: celle-ci n’a pas été lue.",
        "Réunissez les lignes dans une seule feuille.",
        WARNING,
    )


def _cut_short(file: str) -> Problem:
    return file_problem(
        file,
        "lignes-ignorees",
        f"Seules les {MAX_ROWS} premières lignes de cette feuille ont été lues.",
        "Fournissez cette table au format CSV.",
        WARNING,
    )


def _no_table(name: str) -> Problem:
    titles = ", ".join(load_format().tables)
    return file_problem(
        name,
        "table-inconnue",
        "Aucune feuille remplie ne porte le nom d’une table du format.",
        f"Nommez les feuilles comme les tables\u00a0: {titles}.",
    )


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
