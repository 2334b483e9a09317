"""Read a package: a folder, a zip archive, a spreadsheet or a single table.

Whatever the file holds, the answer is a `Package`: tables of texts, with the columns of the
format, and the list of what could not be read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import pandas as pd
from rapidfuzz import fuzz, process

from comparisons.datapackage.archive import (
    FileContents,
    UnreadableFileError,
    check_limits,
    is_safe_path,
    list_folder,
    list_zip,
    read_file,
    unreadable_file,
)
from comparisons.datapackage.csv_reader import (
    Header,
    RawTable,
    decode_text,
    parse_csv,
    to_dataframe,
)
from comparisons.datapackage.excel_reader import read_workbook
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.datapackage.short_form.reader import ShortFormSource, expand_short_form
from comparisons.datapackage.short_form.table import SHEET, is_short_form, load_short_form
from comparisons.datapackage.short_form.workbook import find_short_sheet
from comparisons.datapackage.workbook_sanitizer import defused
from comparisons.schema.model import load_format

DESCRIPTOR = "datapackage.json"
SHORT_FORM = f"{SHEET}.csv"


@dataclass(frozen=True)
class Package:
    """The tables of a package as texts ("" is an empty cell), and how reading them went.

    Each table has all the columns of the format; `headers` tells those that the file has.
    `complete` is false for a single table, whose references cannot be followed. `short_form` is
    where the tables come from, when it is not from tables.
    """

    name: str
    tables: Mapping[str, pd.DataFrame]
    descriptor: Mapping = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Header] = field(default_factory=dict)
    complete: bool = True
    short_form: ShortFormSource | None = None

    def as_sent(self, problems: Iterable[Problem]) -> Iterable[Problem]:
        """Return faults of the tables where the sender finds them.

        In the short form if there is.
        """
        return self.short_form.as_sent(problems) if self.short_form else problems

    def as_written(self) -> "Package":
        """Return the tables as they are in the file: one, « court », for a short form."""
        form = self.short_form
        if form is None:
            return self
        one = {"tables": {SHEET: form.rows}, "headers": {SHEET: form.header}}
        return replace(self, **one, files={SHEET: form.file}, short_form=None)

    def file(self, table: str) -> str:
        """Return the name of the file (or the sheet) that holds a table."""
        return self.files.get(table, f"{table}.csv")


def read_package(path: str | Path) -> Package:
    """Read a package from disk. Never raises: what cannot be read is among its problems."""
    path = Path(path)
    try:
        if path.is_dir():
            return _from_files(list_folder(path), path.resolve().name)
        return read_upload(read_file(path), path.name)
    except UnreadableFileError as refusal:
        return _unusable(path.name, refusal.problem)
    except OSError:
        missing = file_problem(
            path.name or str(path),
            "fichier-absent",
            "Ce fichier n’existe pas, ou ne peut pas être ouvert.",
            "Vérifiez le chemin et les droits de lecture.",
        )
        return _unusable(path.name, missing)


def read_upload(content: bytes, name: str) -> Package:
    """Read a package that was sent rather than stored, by the extension of its name."""
    try:
        check_limits(content, name)
        match PurePosixPath(name).suffix.lower():
            case ".zip":
                return _from_files(list_zip(content, name), PurePosixPath(name).stem)
            case ".xlsx":
                return _from_workbook(content, name)
            case ".csv" | ".tsv" | ".txt":
                return _from_single_table(content, name)
        raise UnreadableFileError(unreadable_file(name))
    except UnreadableFileError as refusal:
        return _unusable(name, refusal.problem)


def detect_table(name: str, header: tuple[str, ...]) -> str | None:
    """Find which table a file holds: by its name, else by its columns."""
    tables = load_format().tables
    stem = PurePosixPath(name).stem.lower()
    if stem in tables:
        return stem
    columns = set(header)
    candidates = [t for t in tables.values() if columns.issuperset(t.required_columns)]
    if not candidates:
        candidates = [t for t in tables.values() if t.name in stem]
    if not candidates:
        return None
    return max(candidates, key=lambda table: len(columns & set(table.columns))).name


def _from_single_table(content: bytes, name: str) -> Package:
    raw, problems = _raw_csv(content, name)
    if raw is None:
        return Package(name, {}, problems=tuple(problems), complete=False)
    if is_short_form(raw.header.names):
        return _from_short_form(name, raw, name, {}, problems)
    table = detect_table(name, raw.header.names)
    if table is None:
        return _unusable(name, *problems, _unknown_table(name))
    return _package(name, {table: (name, raw)}, {}, problems, complete=False)


def _from_workbook(content: bytes, name: str) -> Package:
    content, left_out = defused(content, name)
    sheets, problems = read_workbook(content, name)
    problems = left_out + problems
    # A template keeps all its sheets: those left blank are no fault, unless all are.
    filled = {table: sheet for table, sheet in sheets.items() if sheet[1].rows}
    try:
        short = find_short_sheet(content, name, beside_tables=bool(filled))
    except Exception as error:  # openpyxl raises anything on damaged files
        raise UnreadableFileError(unreadable_file(name)) from error
    if short is not None and short[1].rows:
        file, raw, reading = short
        if filled:
            return _unusable(name, *problems, _two_forms(name))
        return _from_short_form(name, raw, file, {}, _known_sheets(problems) + reading)
    if not filled and (short is not None or len(sheets) == len(load_format().tables)):
        return _unusable(name, *_known_sheets(problems), _blank(name))
    return _package(name, filled or sheets, {}, problems)


def _from_files(files: FileContents, name: str) -> Package:
    problems: list[Problem] = []
    root = _root(files)
    descriptor = _descriptor(files, root, problems)
    paths = _paths(descriptor, problems)
    found: dict[str, tuple[str, RawTable]] = {}
    for table in load_format().tables:
        file = paths.get(table, f"{table}.csv")
        if root + file not in files:
            if table in paths:
                problems.append(_absent(file))
            continue
        raw, reading = _raw_csv(files[root + file](), file)
        problems += reading
        if raw is not None:
            found[table] = (file, raw)
    if root + SHORT_FORM in files:
        raw, reading = _raw_csv(files[root + SHORT_FORM](), SHORT_FORM)
        problems += reading
        if found:
            return _unusable(name, *problems, _two_forms(name))
        if raw is not None:
            return _from_short_form(name, raw, SHORT_FORM, descriptor, problems)
    problems += _ignored(files, root, set(paths.values()))
    if not found and all(problem.severity == WARNING for problem in problems):
        problems.append(_unknown_table(name))
    return _package(name, found, descriptor, problems)


def _package(
    name: str,
    found: Mapping[str, tuple[str, RawTable]],
    descriptor: Mapping,
    problems: list[Problem],
    complete: bool = True,
) -> Package:
    tables = load_format().tables
    return Package(
        name=name,
        tables={t: to_dataframe(raw, tables[t].columns) for t, (_, raw) in found.items()},
        descriptor=descriptor,
        problems=tuple(problems),
        files={t: file for t, (file, _) in found.items()},
        headers={t: raw.header for t, (_, raw) in found.items()},
        complete=complete,
    )


def _from_short_form(
    name: str, raw: RawTable, file: str, descriptor: Mapping, problems: list[Problem]
) -> Package:
    """Unfold a short form; its generic contacts go to the descriptor, as the standard has them."""
    made, origin = expand_short_form(raw, file)
    contributors = [{"title": c, "email": c, "roles": ["contact"]} for c in made.contacts]
    return Package(
        name=name,
        tables=made.tables,
        descriptor={**({"contributors": contributors} if contributors else {}), **descriptor},
        problems=(*problems, *made.problems),
        files=dict.fromkeys(made.tables, file),
        headers={table: Header(tuple(rows.columns)) for table, rows in made.tables.items()},
        short_form=origin,
    )


def _unusable(name: str, *problems: Problem) -> Package:
    return Package(name, {}, problems=problems)


def _raw_csv(content: bytes, file: str) -> tuple[RawTable | None, list[Problem]]:
    text, problems = decode_text(content, file)
    if text is None:
        return None, problems
    tables = [*load_format().tables.values(), load_short_form()]
    known = {column for table in tables for column in table.columns}
    raw, reading = parse_csv(text, file, known)
    return raw, problems + reading


def _root(files: FileContents) -> str:
    """Find the folder of the tables: an archive often wraps them in one more folder."""
    by_depth = sorted(files, key=lambda path: (path.count("/"), path))
    for wanted in (DESCRIPTOR, SHORT_FORM, *(f"{table}.csv" for table in load_format().tables)):
        for path in by_depth:
            if PurePosixPath(path).name == wanted:
                return path.removesuffix(wanted)
    return ""


def _descriptor(files: FileContents, root: str, problems: list[Problem]) -> dict:
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
            "Corrigez-le (un validateur JSON montre la ligne), ou retirez-le\u00a0: "
            "les tables suffisent.",
        )
    )
    return {}


def _paths(descriptor: Mapping, problems: list[Problem]) -> dict[str, str]:
    """Find where the descriptor says that each table is."""
    paths = {}
    resources = descriptor.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if not isinstance(resource, dict):
            continue
        table, path = resource.get("name"), resource.get("path")
        if table not in load_format().tables or not isinstance(path, str):
            continue
        if is_safe_path(path):
            paths[table] = PurePosixPath(path).as_posix()
        else:
            problems.append(
                file_problem(
                    DESCRIPTOR,
                    "chemin-dangereux",
                    f"Le chemin {quoted(path)} sort du paquet\u00a0: il n’a pas été suivi.",
                    "Donnez un chemin relatif, à l’intérieur du paquet.",
                    value=path,
                )
            )
    return paths


def _ignored(files: FileContents, root: str, declared: set[str]) -> list[Problem]:
    """Return the name of the CSV files, beside the tables, that no table of the format explains."""
    known = {f"{table}.csv" for table in load_format().tables} | declared
    beside = (path.removeprefix(root) for path in files if path.startswith(root))
    return [
        file_problem(
            path,
            "fichier-ignore",
            "Ce fichier n’est pas une table du format\u00a0: il n’a pas été lu.",
            _closest_table(PurePosixPath(path).stem) or "Retirez-le si vous ne l’attendiez pas là.",
            WARNING,
        )
        for path in sorted(beside)
        if "/" not in path and path.lower().endswith(".csv") and path not in known
    ]


def _closest_table(name: str) -> str:
    tables = list(load_format().tables)
    best = process.extractOne(name.lower(), tables, scorer=fuzz.ratio, score_cutoff=70)
    return (
        f"Si c’est la table {quoted(best[0])}, nommez-le {quoted(best[0] + '.csv')}."
        if best
        else ""
    )


def _absent(file: str) -> Problem:
    return file_problem(
        file,
        "fichier-absent",
        "Le descripteur annonce ce fichier, qui n’est pas dans le paquet.",
        "Ajoutez le fichier, ou retirez sa ressource du descripteur.",
    )


def _known_sheets(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.code != "table-inconnue"]


def _two_forms(name: str) -> Problem:
    return file_problem(
        name,
        "formulaire-court",
        "Le formulaire court et les tables du format sont remplis tous les deux.",
        f"Gardez l’un ou l’autre\u00a0: videz {quoted(SHEET)}, ou toutes les autres tables.",
    )


def _blank(name: str) -> Problem:
    return file_problem(
        name,
        "fichier-vide",
        "Ce classeur est vide\u00a0: aucune ligne n’est remplie sous les en-têtes.",
        "Remplissez au moins une ligne des feuilles «\u00a0strategies\u00a0» et "
        f"«\u00a0sources\u00a0», ou une ligne de la feuille {quoted(SHEET)}.",
    )


def _unknown_table(name: str) -> Problem:
    tables = ", ".join(load_format().tables)
    return file_problem(
        name,
        "table-inconnue",
        "Aucune table du format n’a été reconnue, ni par le nom ni par les colonnes.",
        f"Nommez le fichier (ou la feuille) comme sa table\u00a0: {tables}.",
    )
