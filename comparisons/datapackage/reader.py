"""Read a package: a folder, a zip archive, a spreadsheet or a single table.

Any file gives a `Package`: tables of texts, with the columns of the format, and the list of
problems.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePosixPath

import pandas as pd

from comparisons.datapackage.archive import (
    FileContents,
    UnreadableFileError,
    canonical_path,
    kind_of_file,
    list_folder,
    list_zip,
    read_file,
    readable_files,
    require_limits,
    unreadable_file,
)
from comparisons.datapackage.csv_reader import Header, RawTable, parse_csv, to_dataframe
from comparisons.datapackage.descriptor import (
    known_files,
    read_descriptor,
    resource_paths,
    root_folder,
)
from comparisons.datapackage.encodings import decode_text
from comparisons.datapackage.joined_sheets import (
    JoinedTable,
    Sheet,
    join_sheets,
    locate_in_sheet,
    separate_headers,
    separate_sheets,
)
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.datapackage.short_form.reader import ShortFormSource, expand_short_form
from comparisons.datapackage.short_form.table import SHEET, load_short_form, sent_tables
from comparisons.datapackage.unknown_tables import unknown_table_problem
from comparisons.datapackage.validation.column_names import detect_table, rename_columns
from comparisons.datapackage.workbook_reader import TableParts, Workbook, read_tables
from comparisons.formatting import closest
from comparisons.schema.model import Table, load_format


@dataclass(frozen=True)
class Package:
    """The tables of a package as texts ("" is an empty cell), with the problems of reading them.

    Each table has all the columns of the format; `headers` holds those that the file has.
    `is_complete` is false for a single table, whose references cannot be followed. `short_form` is
    the origin of tables that are expanded from a short form; `sheets` are those of a table that was
    joined from several, by the name of its file.
    """

    name: str
    tables: Mapping[str, pd.DataFrame]
    descriptor: Mapping = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Header] = field(default_factory=dict)
    is_complete: bool = True
    short_form: ShortFormSource | None = None
    sheets: Mapping[str, tuple[Sheet, ...]] = field(default_factory=dict)

    def in_source_coordinates(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems at their cells in the uploaded file, which may be a short form."""
        if self.short_form:
            problems = self.short_form.in_source_coordinates(problems)
        return [locate_in_sheet(each, self.sheets.get(each.file, ())) for each in problems]

    def source_tables(self) -> "Package":
        """Return the package with the tables of the file: one, « court », for a short form.

        Each sheet of a joined table is a table of its own, named after its title.
        """
        package = self
        if short_form := self.short_form:
            tables = {"tables": {SHEET: short_form.rows}, "headers": {SHEET: short_form.header}}
            package = replace(self, **tables, files={SHEET: short_form.file}, short_form=None)
        tables, headers, files = {}, {}, {}
        for table, rows in package.tables.items():
            sheets = self.sheets.get(package.file(table), ())
            for title, part, sheet in separate_sheets(rows, sheets):
                tables[title], headers[title], files[title] = part, sheet.header, sheet.file
            if not sheets:
                tables[table], files[table] = rows, package.file(table)
                headers |= {table: package.headers[table]} if table in package.headers else {}
        return replace(package, tables=tables, headers=headers, files=files, sheets={})

    def headers_of(self, table: str) -> list[Header]:
        """Return the headers of a table, one for each sheet that it was joined from."""
        sheets = self.sheets.get(self.file(table))
        if sheets and self.short_form is None:
            return separate_headers(sheets)
        return [self.headers[table]] if table in self.headers else []

    def file(self, table: str) -> str:
        """Return the name of the file (or the sheet) that holds a table."""
        return self.files.get(table, f"{table}.csv")


def read_package(path: str | Path) -> Package:
    """Read a package from disk. Never raises: unreadable files are among its problems."""
    path = Path(path)
    try:
        if path.is_dir():
            return _read_files(list_folder(path), path.resolve().name)
        return read_upload(read_file(path), path.name)
    except UnreadableFileError as error:
        return _unusable_package(path.name, error.problem)
    except OSError:
        missing_file = file_problem(
            path.name or str(path),
            "fichier-absent",
            "Ce fichier n’existe pas, ou ne peut pas être ouvert.",
            "Vérifiez le chemin et les droits de lecture.",
        )
        return _unusable_package(path.name, missing_file)


def read_upload(content: bytes, name: str) -> Package:
    """Read the bytes of an uploaded package, by the extension of its name. Never raises."""
    try:
        require_limits(content, name)
        if not content:
            raise UnreadableFileError(unreadable_file(name))
        match kind_of_file(content, name):
            case "zip":
                return _read_files(list_zip(content, name), PurePosixPath(name).stem)
            case "workbook":
                return _read_workbook_package(content, name)
            case "text":
                return _read_single_table(content, name)
        raise UnreadableFileError(unreadable_file(name))
    except UnreadableFileError as error:
        is_whole_file = (error.problem.code, error.problem.file) == ("fichier-illisible", name)
        return _unusable_package(
            name, unreadable_file(name, content) if is_whole_file else error.problem
        )


def _read_single_table(content: bytes, name: str) -> Package:
    raw_table, problems = _read_raw_csv(content, name)
    if raw_table is None:
        return Package(name, {}, problems=tuple(problems), is_complete=False)
    table = detect_table(raw_table.header.names, PurePosixPath(name).stem)
    if table == SHEET:
        return _expand_package(name, [(name, raw_table)], {}, problems)
    if table is None:
        headers = {"": raw_table.header.names}
        return _unusable_package(name, *problems, unknown_table_problem(name, headers))
    return _build_package(name, {table: [(name, raw_table)]}, {}, problems, is_complete=False)


def _read_workbook_package(content: bytes, name: str) -> Package:
    workbook = Workbook(content, name)
    sheets, sheet_problems = read_tables(workbook)
    problems = workbook.problems + sheet_problems
    short_sheets = sheets.pop(SHEET, [])
    # A template has a sheet for each table: blank ones are accepted, unless all are blank.
    filled_sheets = {table: parts for table, parts in sheets.items() if _has_rows(parts)}
    if _has_rows(short_sheets):
        if filled_sheets:
            return _unusable_package(name, *problems, _two_forms_problem(name))
        return _expand_package(name, short_sheets, {}, problems)
    if not filled_sheets and (short_sheets or len(sheets) == len(load_format().tables)):
        return _unusable_package(name, *problems, _blank_workbook_problem(name))
    if not sheets:
        found = workbook.first_headers(), workbook.first_columns()
        unknown_problem = unknown_table_problem(name, *found)
        return _unusable_package(name, *problems, unknown_problem)
    # one table alone is downloaded from the site: its references cannot be followed
    return _build_package(name, filled_sheets or sheets, {}, problems, len(sheets) > 1)


def _has_rows(parts: TableParts) -> bool:
    return any(raw_table.rows for _, raw_table in parts)


def _read_files(files: FileContents, name: str) -> Package:
    problems: list[Problem] = []
    files = {canonical_path(path, known_files()): read for path, read in files.items()}
    root = root_folder(files)
    descriptor = read_descriptor(files, root, problems)
    paths = resource_paths(descriptor, problems)
    tables: dict[str, TableParts] = {}
    for table in (*load_format().tables, SHEET):
        file = paths.get(table, f"{table}.csv")
        if root + file not in files:
            if table in paths:
                problems.append(_absent_file_problem(file))
            continue
        raw_table, reading_problems = _read_raw_csv(files[root + file](), file)
        problems += reading_problems
        if raw_table is not None:
            tables[table] = [(file, raw_table)]
    if not tables and len(lone := readable_files(files)) == 1:
        # an archive of one file, of whatever name
        return read_upload(files[lone[0]](), PurePosixPath(lone[0]).name)
    named_files = {file for parts in tables.values() for file, _ in parts} | set(paths.values())
    found_tables = _read_other_tables(files, root, named_files, set(tables), problems)
    tables |= found_tables
    short_parts = tables.pop(SHEET, None)
    if short_parts and tables:
        return _unusable_package(name, *problems, _two_forms_problem(name))
    if short_parts:
        return _expand_package(name, short_parts, descriptor, problems)
    if not tables and all(problem.severity == WARNING for problem in problems):
        problems.append(unknown_table_problem(name, dict.fromkeys(sorted(files)[:8], ())))
    return _build_package(name, tables, descriptor, problems)


def _read_other_tables(
    files: FileContents,
    root: str,
    named_files: Collection[str],
    named_tables: Collection[str],
    problems: list[Problem],
) -> dict[str, TableParts]:
    """Read the CSV files of other names by their columns; one that is not read is told.

    A table that a file is named after has no other file.
    """
    tables: dict[str, TableParts] = {}
    for path in sorted(readable_files(files)):
        file = path.removeprefix(root)
        if file in named_files:
            continue
        if not path.lower().endswith(".csv"):
            problems.append(_ignored_file_problem(file, None))
            continue
        if not path.startswith(root) or "/" in file:
            if PurePosixPath(path).name in known_files():
                problems.append(_other_folder_problem(path, root))
            continue
        raw_table, reading_problems = _read_raw_csv(files[path](), file)
        table = detect_table(raw_table.header.names) if raw_table else None
        if table is None or table in named_tables:
            problems.append(_ignored_file_problem(file, table))
            continue
        problems += reading_problems
        tables.setdefault(table, []).append((file, raw_table))
    return tables


def _build_package(
    name: str,
    parts_by_table: Mapping[str, TableParts],
    descriptor: Mapping,
    problems: list[Problem],
    is_complete: bool = True,
) -> Package:
    joined = {
        table: _join_parts(parts, load_format().tables[table])
        for table, parts in parts_by_table.items()
    }
    return Package(
        name=name,
        tables={
            table: to_dataframe(part.raw_table, load_format().tables[table].columns)
            for table, part in joined.items()
        },
        descriptor=descriptor,
        problems=(*problems, *chain.from_iterable(part.problems for part in joined.values())),
        files={table: part.file for table, part in joined.items()},
        headers={table: part.raw_table.header for table, part in joined.items()},
        is_complete=is_complete,
        sheets={part.file: part.sheets for part in joined.values() if part.sheets},
    )


def _expand_package(
    name: str, parts: TableParts, descriptor: Mapping, problems: list[Problem]
) -> Package:
    """Expand a short form; its generic contacts become contributors of the descriptor."""
    joined = _join_parts(parts, load_short_form())
    expanded, origin = expand_short_form(joined.raw_table, joined.file, joined.headers)
    contributors = [
        {"title": contact, "email": contact, "roles": ["contact"]} for contact in expanded.contacts
    ]
    return Package(
        name=name,
        tables=expanded.tables,
        descriptor={**({"contributors": contributors} if contributors else {}), **descriptor},
        problems=(*problems, *joined.problems, *expanded.problems),
        files=dict.fromkeys(expanded.tables, joined.file),
        headers={table: Header(tuple(rows.columns)) for table, rows in expanded.tables.items()},
        short_form=origin,
        sheets={joined.file: joined.sheets} if joined.sheets else {},
    )


def _join_parts(parts: TableParts, table: Table) -> JoinedTable:
    """Give the columns of the parts of a table their names, and join the parts that have rows."""
    filled_parts = [part for part in parts if part[1].rows] or parts[:1]
    renamed_parts, problems = [], []
    for file, raw_table in filled_parts:
        renamed, header_problems = rename_columns(raw_table, table, file)
        renamed_parts.append((file, renamed))
        problems += header_problems
    is_short = table.name not in load_format().tables
    label = "le formulaire court" if is_short else f"la table {quoted(table.name)}"
    joined = join_sheets(renamed_parts, label)
    return replace(joined, problems=[*problems, *joined.problems])


def _unusable_package(name: str, *problems: Problem) -> Package:
    return Package(name, {}, problems=problems)


def _read_raw_csv(content: bytes, file: str) -> tuple[RawTable | None, list[Problem]]:
    text, problems = decode_text(content, file)
    if text is None:
        return None, problems
    known_columns = {column for table in sent_tables() for column in table.columns}
    raw_table, parsing_problems = parse_csv(text, file, known_columns)
    return raw_table, problems + parsing_problems


def _ignored_file_problem(file: str, table: str | None) -> Problem:
    """Return the warning of a CSV file that is not a table of the format, or a second one."""
    table = table or closest(PurePosixPath(file).stem, load_format().tables)
    if table:
        remedy = (
            f"Si c’est la table {quoted(table)}, nommez-le {quoted(table + '.csv')}, ou mettez ses "
            "lignes dans ce fichier."
        )
    else:
        remedy = "Retirez-le si vous ne l’attendiez pas là."
    message = "Ce fichier n’est pas une table du format : il n’a pas été lu."
    return file_problem(file, "fichier-ignore", message, remedy, WARNING)


def _other_folder_problem(path: str, root: str) -> Problem:
    folder = quoted(root.rstrip("/") or "l’archive")
    return file_problem(
        path,
        "fichier-ignore",
        f"Ce fichier n’est pas dans le même dossier que les tables lues ({folder}) : il n’a pas "
        "été lu.",
        "Faites un fichier de chaque dossier, ou mettez les lignes d’une même table ensemble.",
        WARNING,
    )


def _absent_file_problem(file: str) -> Problem:
    return file_problem(
        file,
        "fichier-absent",
        "Le descripteur annonce ce fichier, qui n’est pas dans le paquet.",
        "Ajoutez le fichier, ou retirez sa ressource du descripteur.",
    )


def _two_forms_problem(name: str) -> Problem:
    return file_problem(
        name,
        "formulaire-court",
        "Le formulaire court et les tables du format sont remplis tous les deux.",
        f"Gardez l’un ou l’autre : videz {quoted(SHEET)}, ou toutes les autres tables.",
    )


def _blank_workbook_problem(name: str) -> Problem:
    return file_problem(
        name,
        "fichier-vide",
        "Ce classeur est vide : aucune ligne n’est remplie sous les en-têtes.",
        "Remplissez au moins une ligne des feuilles « strategies » et "
        f"« sources », ou une ligne de la feuille {quoted(SHEET)}.",
    )
