"""Read the sheets of a spreadsheet (.xlsx, .ods, .xls) as tables, within safe bounds.

A sheet made to look small may still exhaust the memory, which ends the process: uploads are read in
a process of their own (`isolated_check`).
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook
from xlsxwriter.utility import xl_range

from comparisons.datapackage.archive import (
    MAX_WORKBOOK_MEMBERS,
    UnreadableFileError,
    open_zip,
    unreadable_file,
    unsafe_archive,
)
from comparisons.datapackage.csv_reader import RawTable, parse_rows
from comparisons.datapackage.hyperlinks import Links, follow_links, read_links
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.datapackage.short_form.table import SHEET, load_short_form
from comparisons.datapackage.validation.column_names import closest_table, detect_table
from comparisons.datapackage.workbook_archive import read_part, rewrite_archive
from comparisons.datapackage.xls_workbook import (
    XLS_SIGNATURE,
    ShownTexts,
    read_shown_texts,
    without_odd_dates,
)
from comparisons.formatting import closest, fold, join_words
from comparisons.schema.model import load_format

# Tables of a workbook or of an archive: the name of each sheet or file, and its rows.
TableParts = list[tuple[str, RawTable]]
_MAX_SHEETS = 100
_MAX_ROWS = 400_000
_MAX_MERGED_RANGES = 500
_MAX_HEADER_ROWS = 20
# Sheets whose columns are told when no table is recognised.
_MAX_NAMED_SHEETS = 20
_SHORT_FORM_TITLES = (SHEET, "formulaire court")
# Sheets of the template that hold no data.
_UNREAD_SHEETS = frozenset({"exemple", "lisez-moi", "listes"})
_REMOVED_PARTS = {
    "xl/vbaProject.bin": "contient des macros : elles n’ont été ni lues ni exécutées",
    "xl/externalLinks/": "tire des valeurs d’autres fichiers : ils n’ont pas été ouverts",
}


class Workbook:
    """A spreadsheet in memory: the titles of its sheets, and the problems of opening it."""

    def __init__(self, content: bytes, name: str):
        """Open a workbook. Raises `UnreadableFileError` if it is damaged or out of bounds."""
        self.name = name
        self.problems: list[Problem] = []
        self._links: Mapping[str, Links] = {}
        self._shown: Mapping[str, ShownTexts] = {}
        if content.startswith(XLS_SIGNATURE):
            shown = read_shown_texts(content)
            self._shown, self._links = shown or ({}, {})
            self.problems += [] if shown else [_unread_formats_problem(name)]
            content = without_odd_dates(content)
        else:
            archive = open_zip(content, name, MAX_WORKBOOK_MEMBERS)
            self.problems += _removed_part_problems(archive.namelist(), name)
            self._links = read_links(lambda path: read_part(archive, path, name))
            content = rewrite_archive(archive, name)
        with self._refuse_if_damaged():
            self._book = load_workbook(io.BytesIO(content))
        self._is_visible = {
            sheet.name: sheet.visible == SheetVisibleEnum.Visible
            for sheet in self._book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        }
        self.titles = tuple(self._is_visible)
        if len(self.titles) > _MAX_SHEETS:
            raise UnreadableFileError(unsafe_archive(name, f"il a plus de {_MAX_SHEETS} feuilles"))

    def file(self, title: str) -> str:
        """Return the name of a sheet in problems."""
        return f"{self.name} › {title}"

    def read_rows(self, title: str, max_rows: int) -> list[list]:
        """Return the first rows of a sheet."""
        with self._refuse_if_damaged():
            sheet = self._book.get_sheet_by_name(title)
            rows = sheet.to_python(skip_empty_area=False, nrows=max_rows)
        for (row, column), text in self._shown.get(title, {}).items():
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = text
        return rows

    def likely_header(self, title: str) -> tuple[str, ...]:
        """Return the most filled of the first rows of a sheet, likely its header."""
        return max(self._first_texts(title), key=len, default=())

    def first_headers(self) -> dict[str, tuple[str, ...]]:
        """Return the likely header of the first sheets, by title."""
        return {title: self.likely_header(title) for title in self.titles[:_MAX_NAMED_SHEETS]}

    def first_columns(self) -> dict[str, tuple[str, ...]]:
        """Return the first filled cell of the first rows, for the first sheets by title."""
        titles = self.titles[:_MAX_NAMED_SHEETS]
        return {title: tuple(row[0] for row in self._first_texts(title) if row) for title in titles}

    def _first_texts(self, title: str) -> list[tuple[str, ...]]:
        """Return the texts of the filled cells of the first rows of a sheet."""
        rows = self.read_rows(title, _MAX_HEADER_ROWS)
        return [tuple(str(cell).strip() for cell in row if cell != "") for row in rows]

    def read_table(
        self, title: str, columns: Sequence[str]
    ) -> tuple[RawTable | None, list[Problem]]:
        """Read a sheet as a table with these columns; None if it is blank."""
        rows = self.read_rows(title, _MAX_ROWS)
        with self._refuse_if_damaged():
            merged_ranges = self._book.get_sheet_by_name(title).merged_cell_ranges or []
        file = self.file(title)
        link_problems = follow_links(rows, self._links.get(title, {}), file)
        # hundreds of thousands of rows may be empty
        filled_rows = (() if row.count("") == len(row) else row for row in rows)
        raw_table, problems = parse_rows(filled_rows, file, columns)
        problems += link_problems
        if raw_table is None:
            return None, problems
        if len(rows) == _MAX_ROWS:
            problems.append(_cut_short_problem(file))
        if not self._is_visible[title]:
            problems.append(_hidden_sheet_problem(file))
        for range_ in merged_ranges[:_MAX_MERGED_RANGES]:
            problems += _merged_problems(file, raw_table, *range_)
        return raw_table, problems

    @contextmanager
    def _refuse_if_damaged(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic of Rust is not an `Exception`
            raise UnreadableFileError(unreadable_file(self.name)) from error


def read_tables(workbook: Workbook) -> tuple[dict[str, TableParts], list[Problem]]:
    """Read each sheet that has the name, the title or the mandatory columns of a table.

    Returns table name (`court` for the short form) → sheets, and the problems; a sheet that is
    almost a table is told.
    """
    tables = {table.name: table for table in load_format().tables.values()}
    names = {fold(text): name for name in tables for text in (name, tables[name].title)}
    names |= dict.fromkeys(_SHORT_FORM_TITLES, SHEET)
    tables[SHEET] = load_short_form()
    parts: dict[str, TableParts] = {}
    problems: list[Problem] = []
    for title in workbook.titles:
        if fold(title) in _UNREAD_SHEETS:
            continue
        table = names.get(fold(title))
        if table is None:
            header = workbook.likely_header(title)
            table = detect_table(header)
        if table is None:
            problems += _unread_sheet_problems(workbook.file(title), title, header, names)
            continue
        raw_table, sheet_problems = workbook.read_table(title, tables[table].columns)
        # A template has a sheet for each table: a blank one is accepted.
        problems += [problem for problem in sheet_problems if problem.code != "fichier-vide"]
        if raw_table is not None:
            parts.setdefault(table, []).append((workbook.file(title), raw_table))
    return parts, problems


def _merged_problems(
    file: str, table: RawTable, start: tuple[int, int], end: tuple[int, int]
) -> Iterator[Problem]:
    is_in_table = table.header.line <= end[0] and table.lines and start[0] < table.lines[-1]
    if is_in_table and start[1] < len(table.header.names):
        area = xl_range(*start, *end)
        yield Problem(
            file,
            max(start[0] + 1, table.header.line),
            table.header.names[start[1]],
            area,
            "cellules-fusionnees",
            f"Les cellules {area} sont fusionnées : seule {area.partition(':')[0]} garde la "
            "valeur, les autres ont été lues vides.",
            "Défusionnez-les, puis recopiez la valeur sur chaque ligne qu’elle concerne.",
            WARNING,
        )


def _hidden_sheet_problem(file: str) -> Problem:
    return file_problem(
        file,
        "contenu-masque",
        "Cette feuille est masquée : ce contenu a été lu comme le reste.",
        "Affichez-le pour le relire ; supprimez-le s’il n’est pas à publier.",
        WARNING,
    )


def _unread_formats_problem(name: str) -> Problem:
    return file_problem(
        name,
        "contenu-masque",
        "Les formats des cellules de ce classeur .xls ne se lisent pas : l’erreur d’une formule "
        "(#REF!, #N/A…) a été lue comme une cellule vide, et un nombre sans ce que son format y "
        "ajoute (« 1,2 » pour « 1,2 M€ »).",
        "Rien à faire s’il n’y en a pas ; sinon, enregistrez le classeur au format .xlsx ou .ods.",
        WARNING,
    )


def _removed_part_problems(paths: Sequence[str], name: str) -> list[Problem]:
    """Return a warning for each part that is left out."""
    return [
        file_problem(
            name,
            "fichier-ignore",
            f"Ce classeur {sentence}.",
            "Enregistrez une copie au format .xlsx, qui ne garde que les valeurs.",
            WARNING,
        )
        for prefix, sentence in _REMOVED_PARTS.items()
        if any(path.startswith(prefix) for path in paths)
    ]


def _unread_sheet_problems(
    file: str, title: str, header: Sequence[str], names: Mapping[str, str]
) -> list[Problem]:
    """Return a warning for a sheet whose name or columns are almost those of a table."""
    similar_title = closest(title, names, 80)
    table, missing = closest_table(header)
    if missing:
        columns = join_words(map(quoted, missing))
        remedy = f"Si c’est la table {quoted(table)}, donnez-lui la colonne {columns}."
    elif similar_title:
        remedy = f"Si c’est la table {quoted(names[similar_title])}, nommez-la ainsi."
    else:
        return []
    message = "Cette feuille n’est pas une table du format : elle n’a pas été lue."
    return [file_problem(file, "fichier-ignore", message, remedy, WARNING, title)]


def _cut_short_problem(file: str) -> Problem:
    return file_problem(
        file,
        "lignes-ignorees",
        f"Seules les {_MAX_ROWS} premières lignes de cette feuille ont été lues.",
        "Fournissez cette table au format CSV.",
        WARNING,
    )
