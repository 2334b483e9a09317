"""Adding a package to those of this site: checked, shown, agreed to, and written whole or not."""

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
from comparisons.datapackage.problems import count, quoted
from comparisons.datapackage.reader import Package, read_package
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.datapackage.writer import (
    NotPublishableError,
    is_dated,
    package_files,
    read_metadata,
    safe_name,
    to_datetime,
)
from comparisons.schema.model import load_format
from comparisons.settings import STRATEGIES_DIR

DONE, REFUSED, UNUSABLE = "fait", "refuse", "inutilisable"
_SHOWN = 20
_SCHEMAS = "../../format/schemas/"


@dataclass(frozen=True)
class ImportReport:
    """What became of a package: `outcome` is `fait`, `refuse` or `inutilisable`, `message` says it.

    `added` counts the rows by table; `replaced` is what it replaces, `overruled` what a later
    package replaces of it; `titles` are those of the strategies replaced. There is no `report` if
    it was refused before being checked.
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
        """Write what the package does, for a terminal and for the one who must agree."""
        tables = load_format().tables
        lines = [f"Paquet {self.folder.name}, à écrire dans {self.folder}.", "Il apporte\u00a0:"]
        lines += [f"  - {tables[name].title}\u00a0: {count(n, 'ligne')}"
                  for name, n in self.added.items()]  # fmt: skip
        lines += _listed("Il remplace", self.replaced, self.titles)
        lines += _listed("Un paquet plus récent remplace déjà", self.overruled, self.titles)
        if not self.replaced:
            lines.append("Il ne remplace rien.")
        return "\n".join(lines)


def import_package(
    path: str | Path,
    name: str = "",
    into: Path | None = None,
    confirm: Callable[[str], bool] = lambda text: False,
    today: date | None = None,
) -> ImportReport:
    """Add the package at that path to those of a folder (by default `data/strategies/`).

    It is checked against the packages before it, `confirm` is shown what it adds and replaces, and
    its folder appears at once, in the standard form, or not at all; no folder is ever overwritten.
    `name` (by default its own) is that of the folder. A package without a date gets that of
    `today`. Never raises on a bad package: see `ImportReport`.
    """
    into = Path(into or STRATEGIES_DIR)
    package = read_package(path)
    about = read_metadata(package)
    about = replace(about, name=safe_name(name or about.name.removesuffix(".zip")))
    folder = into / about.name

    def ended(outcome: str, message: str, **more: object) -> ImportReport:
        return ImportReport(outcome, message, folder, **more)

    if not package.tables:
        report = validate(package)
        return ended(UNUSABLE, report.to_text(), report=report)
    if about.created and not is_dated(about.created):
        return ended(REFUSED, f"La date du paquet, {quoted(about.created)}, "
                     "n’en est pas une\u00a0: "
                     "écrivez « created » comme 2026-11-23T00:00:00Z.")  # fmt: skip
    about = replace(
        about, created=to_datetime(about.created or (today or date.today()).isoformat())
    )
    package = replace(
        package, name=about.name, descriptor={**package.descriptor, "created": about.created}
    )
    try:
        _refuse_existing(folder)
        before, after = _around(package)
        known = merge_packages(before)[0]
        report = validate(package, published=known if before else {})
        if not report.valid:
            return ended(REFUSED, report.to_text(), report=report)
        package = report.package
        files = package_files(package, about, _SCHEMAS)
        merged, _, replaced = merge_package(known, package)
        overruled = _replaced_later(merged, package, after)
    except (MergeError, NotPublishableError, FileExistsError) as error:
        return ended(REFUSED, str(error))
    found = ended(
        REFUSED,
        "Rien n’a été ajouté\u00a0: il faut un accord explicite.",
        report=report,
        added={table: len(rows) for table, rows in package.tables.items() if len(rows)},
        replaced=tuple(replaced),
        overruled=tuple(overruled),
        titles=_titles(known, package),
    )
    if not confirm(found.to_text()):
        return found
    try:
        _write(files, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        return replace(found, message=f"Impossible d’écrire {folder}\u00a0: {reason}.")
    return replace(found, outcome=DONE, message=f"Paquet ajouté\u00a0: {folder}. Lancez "
                   "« python -m comparisons build » pour le charger.")  # fmt: skip


def _refuse_existing(folder: Path) -> None:
    taken = {other.name for other in merge.package_folders()}
    if folder.name in taken or folder.exists() or folder.is_symlink():
        raise FileExistsError(
            f"Un paquet porte déjà le nom {quoted(folder.name)}\u00a0: rien n’a été écrasé. "
            "Choisissez un autre nom avec --nom."
        )


def _around(package: Package) -> tuple[list[Package], list[Package]]:
    """Return the packages that come before, and after, one that is not there yet."""
    others = merge.published_packages()
    before = [other for other in others if (creation_date(other), other.name)
              <= (creation_date(package), package.name)]  # fmt: skip
    return before, others[len(before) :]


def _replaced_later(
    merged: dict[str, pd.DataFrame], package: Package, after: list[Package]
) -> list[Replacement]:
    """List what later packages replace of this one. Raises `MergeError` if they contradict it."""
    found = []
    for later in after:
        merged, _, replaced = merge_package(merged, later)
        found += [each for each in replaced if each.key in _keys(package, each.table)]
    return found


def _keys(package: Package, table: str) -> set[str]:
    if table not in package.tables:
        return set()
    rows = package.tables[table][list(load_format().tables[table].primary_key)]
    return {" / ".join(map(str, values)) for values in rows.to_numpy()}


def _titles(known: Mapping[str, pd.DataFrame], package: Package) -> dict[str, str]:
    found: dict[str, str] = {}
    for rows in (package.tables.get("strategies"), known["strategies"]):
        if rows is not None:
            found |= dict(zip(rows["strategie_id"], rows["titre"], strict=True))
    return found


def _listed(
    head: str, replacements: tuple[Replacement, ...], titles: Mapping[str, str]
) -> list[str]:
    """Write each strategy with its title, each other row by its key, the first of each table."""
    if not replacements:
        return []
    lines = [f"{head}\u00a0:"]
    for table in load_format().tables.values():
        keys = [each.key for each in replacements if each.table == table.name]
        lines += [
            f"  - {table.name} {quoted(key)}"
            + (f", {quoted(titles[key])}" if table.name == "strategies" and key in titles else "")
            for key in keys[:_SHOWN]
        ]
        if len(keys) > _SHOWN:
            lines.append(f"  - {table.name}\u00a0: et {count(len(keys) - _SHOWN, 'autre')}")
    return lines


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a folder beside its place, then put it there: nobody sees half of it."""
    # not among the packages, where a build would take it for one of them
    temporary = Path(tempfile.mkdtemp(prefix=".import-", dir=folder.parent.parent))
    try:
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        temporary.chmod(0o755)
        os.rename(temporary, folder)
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(temporary)
