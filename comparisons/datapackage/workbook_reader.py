"""Read the sheets of a spreadsheet (.xlsx, .ods, .xls) as tables, within safe bounds.

A sheet made to look small may still exhaust the memory, which ends the process: uploads are read in
a process of their own (`isolated_check`).
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook
from xlsxwriter.utility import xl_cell_to_rowcol, xl_range

from comparisons.datapackage.archive import (
    MAX_WORKBOOK_MEMBERS,
    UnreadableFileError,
    open_zip,
    read_member,
    unreadable_file,
    unsafe_archive,
)
from comparisons.datapackage.column_names import name_key
from comparisons.datapackage.csv_reader import RawTable, parse_rows
from comparisons.datapackage.hyperlinks import Links, read_links
from comparisons.datapackage.number_formats import rewrite_ods, xlsx_rewriter
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.formatting import closest, fold
from comparisons.schema.model import load_format

# First bytes of a .xls, whose sheets have 65,536 rows at most; the other workbooks are archives.
_XLS_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_MAX_SHEETS = 100
_MAX_ROWS = 400_000
# A sheet is read as a rectangle: one value far from the others makes it large.
_MAX_CELLS = 24_000_000
_MAX_MERGED_RANGES = 500
_MAX_HEADER_ROWS = 20
_FILLED_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,9})"[^<>/]{0,99}>')
# calamine reads an error (#REF!) as an empty cell, unless it is declared as a text.
_XLSX_ERROR = re.compile(rb'(<c\b[^<>]{0,99}\bt=")e"')
_ODS_ERROR = re.compile(rb'office:string-value=""(?=[^<>]{0,99}"error")')
# calamine reads the whole code of a number format for each style that uses it: both are bounded as
# Excel bounds them. A duration (« [h]:mm ») is read as the number that its cell holds: the format
# has no durations, and calamine panics on long ones.
_ODD_FORMAT = re.compile(
    rb"""formatCode\s*=\s*(["'])(?:[^"']{256,}|[^"']{0,255}\[[hmsHMS]+\][^"']{0,255})\1"""
)
_ELAPSED_TIME = re.compile(rb"""(numFmtId\s*=\s*["'])46(?=["'])""")
_MAX_STYLES = 65_536
# Numbers that no cell of dates holds: calamine panics on some of them there.
_ODD_NUMBER = re.compile(
    rb"(<c\b[^<>]{0,99})(>(?:<f\b[^<>]{0,99}>[^<]{0,9999}</f>)?<v>\s*(?:"
    rb"-(?:[0-9]{11,}[0-9.]*|[0-9.]+[eE]\+?[0-9]{2,3})"
    rb"|\+?(?:[0-9]{17,}[0-9.]*|[0-9.]+[eE]\+?(?:1[6-9]|[2-9][0-9]|[0-9]{3}))"
    rb"|[+-]?(?i:nan|inf[a-z]{0,5}))\s*</v>)"
)
_REMOVED_PARTS = {
    "xl/vbaProject.bin": "contient des macros : elles n’ont été ni lues ni exécutées",
    "xl/externalLinks/": "tire des valeurs d’autres fichiers : ils n’ont pas été ouverts",
}


# A number in an .xls workbook: its row and column, its style, its value.
_XLS_NUMBER = re.compile(rb"(\x03\x02\x0e\x00.{4})(.{2})(.{8})", re.DOTALL)
_LAST_DAY = 2_958_465  # of the calendar of spreadsheets, in the year 9999


def _without_odd_date(number: re.Match[bytes]) -> bytes:
    """Return a number in the general style if no calendar has it: read as a date, it fails."""
    (value,) = struct.unpack("<d", number[3])
    return number[0] if -_LAST_DAY < value < _LAST_DAY else number[1] + b"\0\0" + number[3]


class Workbook:
    """A spreadsheet in memory: the titles of its sheets, and the problems of opening it."""

    def __init__(self, content: bytes, name: str):
        """Open a workbook. Raises `UnreadableFileError` if it is damaged or out of bounds."""
        self.name = name
        self.problems: list[Problem] = []
        self._links: Mapping[str, Links] = {}
        if content.startswith(_XLS_SIGNATURE):
            self.problems.append(_xls_problem(name))
            content = _XLS_NUMBER.sub(_without_odd_date, content)
        else:
            archive = open_zip(content, name, MAX_WORKBOOK_MEMBERS)
            self.problems += _removed_part_problems(archive.namelist(), name)
            self._links = read_links(lambda path: _read_part(archive, path, name))
            content = _rewrite_archive(archive, name)
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
            return sheet.to_python(skip_empty_area=False, nrows=max_rows)

    def first_headers(self) -> dict[str, tuple[str, ...]]:
        """Return the most filled of the first rows of each sheet, likely its header (by title)."""
        headers = {}
        for title in self.titles[:_MAX_HEADER_ROWS]:
            rows = self.read_rows(title, _MAX_HEADER_ROWS)
            texts = [tuple(str(cell).strip() for cell in row if cell != "") for row in rows]
            headers[title] = max(texts, key=len, default=())
        return headers

    def read_table(
        self, title: str, columns: Sequence[str], max_rows: int = _MAX_ROWS
    ) -> tuple[RawTable | None, list[Problem]]:
        """Read a sheet as a table with these columns; None if it is blank."""
        with self._refuse_if_damaged():
            sheet = self._book.get_sheet_by_name(title)
            rows = sheet.to_python(skip_empty_area=False, nrows=max_rows)
            merged_ranges = sheet.merged_cell_ranges or []
        file = self.file(title)
        link_problems = _follow_links(rows, self._links.get(title, {}), file)
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


def read_tables(workbook: Workbook) -> tuple[dict[str, tuple[str, RawTable]], list[Problem]]:
    """Read each sheet that has the name or title of a table; other sheets are ignored.

    Returns table name → (file and sheet, raw table), and the problems.
    """
    tables = load_format().tables
    names = {
        fold(text): table.name for table in tables.values() for text in (table.title, table.name)
    }
    raw_tables: dict[str, tuple[str, RawTable]] = {}
    problems: list[Problem] = []
    for title in workbook.titles:
        file = workbook.file(title)
        table = names.get(fold(title))
        if table is None or table in raw_tables:
            problems += _unread_sheet_problems(title, file, table, names)
            continue
        raw_table, sheet_problems = workbook.read_table(title, tables[table].columns)
        # A template has a sheet for each table: a blank one is accepted.
        problems += [problem for problem in sheet_problems if problem.code != "fichier-vide"]
        if raw_table is not None:
            raw_tables[table] = (file, raw_table)
    if not raw_tables:
        problems.append(_no_table_problem(workbook.name))
    return raw_tables, problems


def _rewrite_archive(archive: zipfile.ZipFile, name: str) -> bytes:
    """Build a workbook of the XML of this one alone, whose declared sizes are the true ones."""
    buffer = io.BytesIO()
    rewrite_cells = xlsx_rewriter(
        *(_read_part(archive, path, name) for path in ("xl/styles.xml", "xl/workbook.xml"))
    )
    with zipfile.ZipFile(buffer, "w") as rewritten:
        for info in archive.infolist():
            if not info.filename.endswith((".xml", ".rels", "mimetype")):
                continue
            data = read_member(archive, info, name)
            if info.filename.startswith("xl/worksheets/"):
                _require_few_cells(data, name)
                data = _ODD_NUMBER.sub(_number_as_text, _XLSX_ERROR.sub(rb'\1str"', data))
                data = rewrite_cells(data)
            elif info.filename == "content.xml":
                data = rewrite_ods(data)
            elif info.filename == "xl/styles.xml":
                data = _simplify_formats(data, name)
            # always dated 1980: zip accepts no year before it or after 2107
            rewritten.writestr(zipfile.ZipInfo(info.filename), _ODS_ERROR.sub(b"", data))
    return buffer.getvalue()


def _read_part(archive: zipfile.ZipFile, path: str, name: str) -> bytes:
    """Return a part of a workbook, empty if it has none."""
    return read_member(archive, archive.getinfo(path), name) if path in archive.NameToInfo else b""


def _simplify_formats(styles: bytes, name: str) -> bytes:
    """Return the styles of a workbook without the number formats that are dangerous to read."""
    if styles.count(b"<xf") > 2 * _MAX_STYLES:  # those of cells, and those that have a name
        raise UnreadableFileError(unsafe_archive(name, "il a trop de styles de cellule"))
    return _ELAPSED_TIME.sub(rb"\g<1>0", _ODD_FORMAT.sub(b'formatCode="General"', styles))


def _number_as_text(cell: re.Match[bytes]) -> bytes:
    attributes = cell[1].replace(b' t="n"', b"")
    return cell[0] if b" t=" in attributes else attributes + b' t="str"' + cell[2]


def _require_few_cells(sheet: bytes, name: str) -> None:
    columns = {b"A"}
    row_count = 1
    for cell in _FILLED_CELL.finditer(sheet):
        columns.add(cell[1])
        row_count = max(row_count, int(cell[2]))
    last_column = max(columns, key=lambda letters: (len(letters), letters)).decode()
    if row_count * (xl_cell_to_rowcol(f"{last_column}1")[1] + 1) > _MAX_CELLS:
        reason = "il a trop de cellules (enregistrez les tables au format CSV)"
        raise UnreadableFileError(unsafe_archive(name, reason))


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


def _follow_links(rows: list[list], links: Links, file: str) -> list[Problem]:
    """Put the addresses that texts hide in the cells of columns of addresses; tell each."""
    names = _address_columns()
    columns = {
        column: str(cell)
        for row in rows[:_MAX_HEADER_ROWS]
        for column, cell in enumerate(row)
        if name_key(str(cell)) in names
    }
    problems = []
    for (row, column), address in links.items():
        if column not in columns or row >= len(rows) or column >= len(rows[row]):
            continue
        text = str(rows[row][column]).strip()
        if not text.startswith("http") and name_key(text) not in names:
            rows[row][column] = address
            problems.append(_link_problem(file, row + 1, columns[column], text, address))
    return problems


@lru_cache(maxsize=1)
def _address_columns() -> frozenset[str]:
    fields = (field for table in load_format().tables.values() for field in table.fields)
    return frozenset(name_key(field.name) for field in fields if field.kind == "adresse")


def _link_problem(file: str, line: int, column: str, text: str, address: str) -> Problem:
    return Problem(
        file,
        line,
        column,
        text,
        "valeur-interpretee",
        f"{quoted(text)} cache un lien : c’est lui qui a été lu, {quoted(address)}.",
        "Rien à faire si c’est bien cela ; sinon, tapez l’adresse dans la cellule.",
        WARNING,
        address,
    )


def _hidden_sheet_problem(file: str) -> Problem:
    return file_problem(
        file,
        "contenu-masque",
        "Cette feuille est masquée : ce contenu a été lu comme le reste.",
        "Affichez-le pour le relire ; supprimez-le s’il n’est pas à publier.",
        WARNING,
    )


def _xls_problem(name: str) -> Problem:
    return file_problem(
        name,
        "contenu-masque",
        "Dans un classeur .xls, l’erreur d’une formule (#REF!, #N/A…) est lue comme une cellule "
        "vide, et un nombre sans ce que son format y ajoute (« 1,2 » pour « 1,2 M€ »).",
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
    title: str, file: str, table: str | None, names: Mapping[str, str]
) -> list[Problem]:
    """Return a warning for a second sheet of a table, or one whose name is almost a table's."""
    similar_title = closest(title, names, 80)
    if table is not None:
        message = f"Une autre feuille est déjà la table {quoted(table)} : celle-ci n’a pas été lue."
        remedy = "Réunissez les lignes dans une seule feuille."
    elif similar_title:
        message = "Cette feuille n’est pas une table du format : elle n’a pas été lue."
        remedy = f"Si c’est la table {quoted(names[similar_title])}, nommez-la ainsi."
    else:
        return []
    return [file_problem(file, "fichier-ignore", message, remedy, WARNING, title)]


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
        f"Nommez les feuilles comme les tables : {titles}.",
    )
