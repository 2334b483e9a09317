"""Read a package: a folder, a zip archive, a spreadsheet or a single table.

Any file gives a `Package`: tables of texts, with the columns of the format, and the list of
problems.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import pandas as pd

from comparisons.datapackage.archive import (
    FileContents,
    UnreadableFileError,
    canonical_path,
    is_safe_path,
    list_folder,
    list_zip,
    read_file,
    readable_files,
    require_limits,
    unreadable_file,
)
from comparisons.datapackage.csv_reader import Header, RawTable, parse_csv, to_dataframe
from comparisons.datapackage.encodings import decode_text
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.datapackage.short_form.reader import ShortFormSource, expand_short_form
from comparisons.datapackage.short_form.table import SHEET, load_short_form, sent_tables
from comparisons.datapackage.short_form.workbook import find_short_sheet, is_short_form
from comparisons.datapackage.unknown_tables import unknown_table_problem
from comparisons.datapackage.validation.column_names import exact_columns, rename_columns
from comparisons.datapackage.workbook_reader import Workbook, read_tables
from comparisons.formatting import closest
from comparisons.schema.model import load_format

DESCRIPTOR = "datapackage.json"
_SHORT_FORM_FILE = f"{SHEET}.csv"


@dataclass(frozen=True)
class Package:
    """The tables of a package as texts ("" is an empty cell), with the problems of reading them.

    Each table has all the columns of the format; `headers` holds those that the file has.
    `is_complete` is false for a single table, whose references cannot be followed. `short_form` is
    the origin of tables that are expanded from a short form.
    """

    name: str
    tables: Mapping[str, pd.DataFrame]
    descriptor: Mapping = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Header] = field(default_factory=dict)
    is_complete: bool = True
    short_form: ShortFormSource | None = None

    def in_source_coordinates(self, problems: Iterable[Problem]) -> Iterable[Problem]:
        """Return the problems at their cells in the uploaded file, which may be a short form."""
        return self.short_form.in_source_coordinates(problems) if self.short_form else problems

    def source_tables(self) -> "Package":
        """Return the package with the tables of the file: one, « court », for a short form."""
        short_form = self.short_form
        if short_form is None:
            return self
        table_fields = {"tables": {SHEET: short_form.rows}, "headers": {SHEET: short_form.header}}
        return replace(self, **table_fields, files={SHEET: short_form.file}, short_form=None)

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
        match PurePosixPath(name).suffix.lower():
            case ".zip":
                return _read_files(list_zip(content, name), PurePosixPath(name).stem)
            case ".xlsx" | ".xlsm" | ".ods" | ".xls":
                return _read_workbook_package(content, name)
            case ".csv" | ".tsv" | ".txt":
                return _read_single_table(content, name)
        raise UnreadableFileError(unreadable_file(name))
    except UnreadableFileError as error:
        is_whole_file = (error.problem.code, error.problem.file) == ("fichier-illisible", name)
        return _unusable_package(
            name, unreadable_file(name, content) if is_whole_file else error.problem
        )


def _detect_table(name: str, header: tuple[str, ...]) -> str | None:
    """Find which table a file holds: by its name, else by its columns."""
    tables = load_format().tables
    stem = PurePosixPath(name).stem.lower()
    if stem in tables:
        return stem
    columns = {
        table.name: {*header, *exact_columns(table, header).values()} & set(table.columns)
        for table in tables.values()
    }
    candidates = [t for t in tables.values() if columns[t.name].issuperset(t.required_columns)]
    if not candidates:
        candidates = [t for t in tables.values() if t.name in stem]
    return max(candidates, key=lambda t: len(columns[t.name])).name if candidates else None


def _read_single_table(content: bytes, name: str) -> Package:
    raw_table, problems = _read_raw_csv(content, name)
    if raw_table is None:
        return Package(name, {}, problems=tuple(problems), is_complete=False)
    if is_short_form(raw_table.header.names):
        return _expand_package(name, raw_table, name, {}, problems)
    table = _detect_table(name, raw_table.header.names)
    if table is None:
        headers = {"": raw_table.header.names}
        return _unusable_package(name, *problems, unknown_table_problem(name, headers))
    return _build_package(name, {table: (name, raw_table)}, {}, problems, is_complete=False)


def _read_workbook_package(content: bytes, name: str) -> Package:
    workbook = Workbook(content, name)
    sheets, table_problems = read_tables(workbook)
    problems = workbook.problems + table_problems
    # A template has a sheet for each table: blank ones are accepted, unless all are blank.
    filled_sheets = {table: sheet for table, sheet in sheets.items() if sheet[1].rows}
    short_sheet = find_short_sheet(workbook, beside_tables=bool(filled_sheets))
    if short_sheet is not None and short_sheet[1].rows:
        file, raw_table, sheet_problems = short_sheet
        if filled_sheets:
            return _unusable_package(name, *problems, _two_forms_problem(name))
        return _expand_package(
            name, raw_table, file, {}, _without_unknown_tables(problems) + sheet_problems
        )
    if not filled_sheets and (short_sheet is not None or len(sheets) == len(load_format().tables)):
        return _unusable_package(
            name, *_without_unknown_tables(problems), _blank_workbook_problem(name)
        )
    if not sheets:
        headers = workbook.first_headers()
        return _unusable_package(
            name, *_without_unknown_tables(problems), unknown_table_problem(name, headers)
        )
    # one sheet alone is a table downloaded from the site: its references cannot be followed
    return _build_package(name, filled_sheets or sheets, {}, problems, len(sheets) > 1)


def _read_files(files: FileContents, name: str) -> Package:
    problems: list[Problem] = []
    files = {canonical_path(path, _known_files()): read for path, read in files.items()}
    root = root_folder(files)
    descriptor = _read_descriptor(files, root, problems)
    paths = _resource_paths(descriptor, problems)
    raw_tables: dict[str, tuple[str, RawTable]] = {}
    for table in load_format().tables:
        file = paths.get(table, f"{table}.csv")
        if root + file not in files:
            if table in paths:
                problems.append(_absent_file_problem(file))
            continue
        raw_table, reading_problems = _read_raw_csv(files[root + file](), file)
        problems += reading_problems
        if raw_table is not None:
            raw_tables[table] = (file, raw_table)
    if root + _SHORT_FORM_FILE in files:
        raw_table, reading_problems = _read_raw_csv(
            files[root + _SHORT_FORM_FILE](), _SHORT_FORM_FILE
        )
        problems += reading_problems
        if raw_tables:
            return _unusable_package(name, *problems, _two_forms_problem(name))
        if raw_table is not None:
            return _expand_package(name, raw_table, _SHORT_FORM_FILE, descriptor, problems)
    if not raw_tables and len(lone := readable_files(files)) == 1:
        # an archive of one file, of whatever name
        return read_upload(files[lone[0]](), PurePosixPath(lone[0]).name)
    problems += _ignored_file_problems(files, root, set(paths.values()))
    if not raw_tables and all(problem.severity == WARNING for problem in problems):
        problems.append(unknown_table_problem(name, dict.fromkeys(sorted(files)[:8], ())))
    return _build_package(name, raw_tables, descriptor, problems)


def _build_package(
    name: str,
    raw_tables: Mapping[str, tuple[str, RawTable]],
    descriptor: Mapping,
    problems: list[Problem],
    is_complete: bool = True,
) -> Package:
    tables = load_format().tables
    raw_tables = dict(raw_tables)
    for table, (file, raw_table) in raw_tables.items():
        renamed, header_problems = rename_columns(raw_table, tables[table], file)
        raw_tables[table] = (file, renamed)
        problems = [*problems, *header_problems]
    return Package(
        name=name,
        tables={
            name_: to_dataframe(raw_table, tables[name_].columns)
            for name_, (_, raw_table) in raw_tables.items()
        },
        descriptor=descriptor,
        problems=tuple(problems),
        files={name_: file for name_, (file, _) in raw_tables.items()},
        headers={name_: raw_table.header for name_, (_, raw_table) in raw_tables.items()},
        is_complete=is_complete,
    )


def _expand_package(
    name: str, raw_table: RawTable, file: str, descriptor: Mapping, problems: list[Problem]
) -> Package:
    """Expand a short form; its generic contacts become contributors of the descriptor."""
    raw_table, header_problems = rename_columns(raw_table, load_short_form(), file)
    problems = [*problems, *header_problems]
    expanded, origin = expand_short_form(raw_table, file)
    contributors = [
        {"title": contact, "email": contact, "roles": ["contact"]} for contact in expanded.contacts
    ]
    return Package(
        name=name,
        tables=expanded.tables,
        descriptor={**({"contributors": contributors} if contributors else {}), **descriptor},
        problems=(*problems, *expanded.problems),
        files=dict.fromkeys(expanded.tables, file),
        headers={table: Header(tuple(rows.columns)) for table, rows in expanded.tables.items()},
        short_form=origin,
    )


def _unusable_package(name: str, *problems: Problem) -> Package:
    return Package(name, {}, problems=problems)


def _read_raw_csv(content: bytes, file: str) -> tuple[RawTable | None, list[Problem]]:
    text, problems = decode_text(content, file)
    if text is None:
        return None, problems
    known_columns = {column for table in sent_tables() for column in table.columns}
    raw_table, parsing_problems = parse_csv(text, file, known_columns)
    return raw_table, problems + parsing_problems


def root_folder(files: FileContents) -> str:
    """Find the folder of the tables: an archive often wraps them in one more folder."""
    paths_by_depth = sorted(files, key=lambda path: (path.count("/"), path))
    for file_name in (
        DESCRIPTOR,
        _SHORT_FORM_FILE,
        *(f"{table}.csv" for table in load_format().tables),
    ):
        for path in paths_by_depth:
            if PurePosixPath(path).name == file_name:
                return path.removesuffix(file_name)
    return ""


def _known_files() -> set[str]:
    return {f"{table}.csv" for table in load_format().tables} | {_SHORT_FORM_FILE, DESCRIPTOR}


def _read_descriptor(files: FileContents, root: str, problems: list[Problem]) -> dict:
    if root + DESCRIPTOR not in files:
        return {}
    try:
        descriptor = json.loads(files[root + DESCRIPTOR]().decode("utf-8-sig"))
        if isinstance(descriptor, dict):
            return descriptor
    except (ValueError, RecursionError):
        pass
    problems.append(
        file_problem(
            DESCRIPTOR,
            "descripteur-illisible",
            "Le descripteur n’est pas un objet JSON lisible.",
            "Corrigez-le (un validateur JSON montre la ligne), ou retirez-le : "
            "les tables suffisent.",
        )
    )
    return {}


def _resource_paths(descriptor: Mapping, problems: list[Problem]) -> dict[str, str]:
    """Return the path of each table in the descriptor."""
    paths = {}
    resources = descriptor.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if not isinstance(resource, dict):
            continue
        table, path = resource.get("name"), resource.get("path")
        if table not in load_format().tables or not isinstance(path, str):
            continue
        if is_safe_path(path):
            paths[table] = canonical_path(PurePosixPath(path).as_posix(), _known_files())
        else:
            problems.append(
                file_problem(
                    DESCRIPTOR,
                    "chemin-dangereux",
                    f"Le chemin {quoted(path)} sort du paquet : il n’a pas été suivi.",
                    "Donnez un chemin relatif, à l’intérieur du paquet.",
                    value=path,
                )
            )
    return paths


def _ignored_file_problems(files: FileContents, root: str, declared: set[str]) -> list[Problem]:
    """Return a warning for each CSV file that is not a table of the format."""
    table_files = {f"{table}.csv" for table in load_format().tables} | declared
    relative_paths = (path.removeprefix(root) for path in files if path.startswith(root))
    return [
        file_problem(
            path,
            "fichier-ignore",
            "Ce fichier n’est pas une table du format : il n’a pas été lu.",
            _suggest_table(PurePosixPath(path).stem) or "Retirez-le si vous ne l’attendiez pas là.",
            WARNING,
        )
        for path in sorted(relative_paths)
        if "/" not in path and path.lower().endswith(".csv") and path not in table_files
    ]


def _suggest_table(name: str) -> str:
    table = closest(name, load_format().tables)
    if not table:
        return ""
    return f"Si c’est la table {quoted(table)}, nommez-le {quoted(table + '.csv')}."


def _absent_file_problem(file: str) -> Problem:
    return file_problem(
        file,
        "fichier-absent",
        "Le descripteur annonce ce fichier, qui n’est pas dans le paquet.",
        "Ajoutez le fichier, ou retirez sa ressource du descripteur.",
    )


def _without_unknown_tables(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.code != "table-inconnue"]


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
