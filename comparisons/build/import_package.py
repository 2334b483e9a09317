"""Import a package into this installation: check, confirm, and write it atomically."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from comparisons.datapackage import merge
from comparisons.datapackage.merge import (
    MergeError,
    Replacement,
    creation_date,
    merge_package,
    merge_packages,
)
from comparisons.datapackage.package_date import creation_text, to_datetime
from comparisons.datapackage.problems import quoted
from comparisons.datapackage.reader import Package, read_package
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.datapackage.writer import (
    NotPublishableError,
    PackageMetadata,
    package_files,
    read_metadata,
    safe_name,
)
from comparisons.formatting import pluralize
from comparisons.schema.model import load_format
from comparisons.settings import STRATEGIES_DIR

_DONE, _REFUSED, _UNUSABLE = "fait", "refuse", "inutilisable"
_MAX_LISTED = 20
_SCHEMAS_PATH = "../../format/schemas/"


@dataclass(frozen=True)
class ImportReport:
    """Outcome of an import: `fait`, `refuse` or `inutilisable`, explained by `message` in French.

    `added` counts the rows by table; `replaced` holds the rows it replaces, `overruled` those of
    its rows that a later package replaces; `titles` those of the replaced strategies. `report` is
    None if the package was refused before being checked.
    """

    outcome: str
    message: str
    folder: Path
    report: Report | None = None
    added: Mapping[str, int] = field(default_factory=dict)
    replaced: tuple[Replacement, ...] = ()
    overruled: tuple[Replacement, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def to_text(self) -> str:
        """Describe in French the effects of the package, for confirmation in a terminal."""
        tables = load_format().tables
        lines = [f"Paquet {self.folder.name}, à écrire dans {self.folder}.", "Il apporte\u00a0:"]
        lines += [f"  - {tables[name].title}\u00a0: {pluralize(row_count, 'ligne')}"
                  for name, row_count in self.added.items()]  # fmt: skip
        lines += _describe_replacements("Il remplace", self.replaced, self.titles)
        lines += _describe_replacements(
            "Un paquet plus récent remplace déjà", self.overruled, self.titles
        )
        if not self.replaced:
            lines.append("Il ne remplace rien.")
        return "\n".join(lines)


def import_package(
    path: str | Path,
    name: str = "",
    parent_folder: Path | None = None,
    confirm: Callable[[str], bool] = lambda text: False,
    today: date | None = None,
) -> ImportReport:
    """Import the package at a path into a folder (by default `data/strategies/`).

    It is checked against the packages before it, `confirm` receives what it adds and replaces, and
    its folder is created atomically, in the standard form; no folder is ever overwritten.
    `name` (by default its own) is that of the folder. A package without a date gets that of
    `today`. Never raises on a bad package: see `ImportReport`.
    """
    parent_folder = Path(parent_folder or STRATEGIES_DIR)
    package, metadata = read_dated_package(path, name, today)
    folder = parent_folder / metadata.name

    def import_report(outcome: str, message: str, **fields: object) -> ImportReport:
        return ImportReport(outcome, message, folder, **fields)

    if not package.tables:
        report = validate(package)
        return import_report(_UNUSABLE, report.to_text(), report=report)
    try:
        _refuse_existing(folder)
        earlier_packages, later_packages = _split_packages(package)
        external_names = {other.name for other in merge.find_packages().external}
        earlier_tables = merge_packages(earlier_packages, external_names)[0]
        report = validate(package, published=earlier_tables if earlier_packages else {})
        if not report.is_valid:
            return import_report(_REFUSED, report.to_text(), report=report)
        package = report.package
        files = package_files(package, metadata, _SCHEMAS_PATH)
        merged_tables, _, replaced = merge_package(earlier_tables, package)
        overruled = _list_overruled(merged_tables, package, later_packages)
    except (MergeError, NotPublishableError, FileExistsError) as error:
        return import_report(_REFUSED, str(error))
    pending_report = import_report(
        _REFUSED,
        "Rien n’a été ajouté\u00a0: il faut un accord explicite.",
        report=report,
        added={table: len(rows) for table, rows in package.tables.items() if len(rows)},
        replaced=tuple(replaced),
        overruled=tuple(overruled),
        titles=_title_by_strategy(earlier_tables, package),
    )
    if not confirm(pending_report.to_text()):
        return pending_report
    try:
        _write_folder(files, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        return replace(pending_report, message=f"Impossible d’écrire {folder}\u00a0: {reason}.")
    return replace(pending_report, outcome=_DONE, message=f"Paquet ajouté\u00a0: {folder}. Lancez "
                   "« python -m comparisons build » pour le charger.")  # fmt: skip


def read_dated_package(
    path: str | Path, name: str, today: date | None
) -> tuple[Package, PackageMetadata]:
    """Read a package and its metadata; without a date it gets that of `today`.

    `name` (by default its own) becomes that of both, as a folder may bear it.
    """
    package = read_package(path)
    created = creation_text(package.descriptor) or (today or date.today()).isoformat()
    metadata = read_metadata(package)
    metadata = replace(
        metadata,
        name=safe_name(name or metadata.name.removesuffix(".zip")),
        created=to_datetime(created),
    )
    descriptor = {**package.descriptor, "created": metadata.created}
    return replace(package, name=metadata.name, descriptor=descriptor), metadata


def _refuse_existing(folder: Path) -> None:
    used_names = {other_folder.name for other_folder in merge.package_folders()}
    if folder.name in used_names or folder.exists() or folder.is_symlink():
        raise FileExistsError(
            f"Un paquet porte déjà le nom {quoted(folder.name)}\u00a0: rien n’a été écrasé. "
            "Choisissez un autre nom avec --nom."
        )


def _split_packages(package: Package) -> tuple[list[Package], list[Package]]:
    """Return the published packages that precede, and follow, a new one."""
    others = merge.published_packages()
    earlier_packages = [other for other in others if (creation_date(other), other.name)
              <= (creation_date(package), package.name)]  # fmt: skip
    return earlier_packages, others[len(earlier_packages) :]


def _list_overruled(
    merged: dict[str, pd.DataFrame], package: Package, after: list[Package]
) -> list[Replacement]:
    """List the rows of a package that later ones replace; raises `MergeError` on a conflict."""
    overruled = []
    for later_package in after:
        merged, _, replaced = merge_package(merged, later_package)
        overruled += [
            replacement
            for replacement in replaced
            if replacement.key in _row_keys(package, replacement.table)
        ]
    return overruled


def _row_keys(package: Package, table: str) -> set[str]:
    if table not in package.tables:
        return set()
    rows = package.tables[table][list(load_format().tables[table].primary_key)]
    return {" / ".join(map(str, values)) for values in rows.to_numpy()}


def _title_by_strategy(
    earlier_tables: Mapping[str, pd.DataFrame], package: Package
) -> dict[str, str]:
    title_by_id: dict[str, str] = {}
    for rows in (package.tables.get("strategies"), earlier_tables["strategies"]):
        if rows is not None:
            title_by_id |= dict(zip(rows["strategie_id"], rows["titre"], strict=True))
    return title_by_id


def _describe_replacements(
    heading: str, replacements: tuple[Replacement, ...], titles: Mapping[str, str]
) -> list[str]:
    """Return French lines on replaced rows: key, title of strategies, `_MAX_LISTED` per table."""
    if not replacements:
        return []
    lines = [f"{heading}\u00a0:"]
    for table in load_format().tables.values():
        keys = [replacement.key for replacement in replacements if replacement.table == table.name]
        lines += [
            f"  - {table.name} {quoted(key)}"
            + (f", {quoted(titles[key])}" if table.name == "strategies" and key in titles else "")
            for key in keys[:_MAX_LISTED]
        ]
        if len(keys) > _MAX_LISTED:
            lines.append(
                f"  - {table.name}\u00a0: et {pluralize(len(keys) - _MAX_LISTED, 'autre')}"
            )
    return lines


def _write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a folder under a temporary name, then rename it, so that it is never incomplete."""
    # outside the folder of packages, where a build would read it
    temporary_folder = Path(tempfile.mkdtemp(prefix=".import-", dir=folder.parent.parent))
    try:
        for name, content in files.items():
            (temporary_folder / name).write_bytes(content)
        temporary_folder.chmod(0o755)
        os.rename(temporary_folder, folder)
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(temporary_folder)
