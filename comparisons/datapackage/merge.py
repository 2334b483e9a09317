"""Merge packages into one dataset: a later package may replace rows of an earlier one."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from comparisons.datapackage.archive import UnreadableFileError, list_folder
from comparisons.datapackage.descriptor import DESCRIPTOR
from comparisons.datapackage.package_date import creation_text
from comparisons.datapackage.reader import Package, read_package
from comparisons.schema.model import Table, load_format
from comparisons.settings import EDITIONS_DIR, STRATEGIES_DIR

# Tables whose identifiers may collide by chance (`s1`, `b1`): the identifier, and the column whose
# equality shows that two rows are the same item.
_IDENTITY_COLUMNS = {"sources": ("source_id", "url"), "budgets": ("budget_id", "strategie_id")}


class MergeError(Exception):
    """Error of incompatible packages; the message explains it in French."""


@dataclass(frozen=True)
class Replacement:
    """One row of an earlier package that a later one replaces."""

    table: str
    key: str
    package: str

    def __str__(self) -> str:
        """Return the French line of the build report."""
        return f"Remplacé par {self.package} : {self.table} « {self.key} »"


@dataclass(frozen=True)
class LeftOut:
    """An external package, or what stands in its place, that is not loaded; why, in French."""

    name: str
    reason: str

    def __str__(self) -> str:
        """Return the French line of the build report."""
        return f"Paquet externe laissé de côté, {self.name}\u00a0: {self.reason}"


@dataclass(frozen=True)
class PackageFolders:
    """The folders of packages: those of `data/strategies/`, external ones, and those left out."""

    own: list[Path]
    external: list[Path]
    left_out: list[LeftOut]


def find_packages() -> PackageFolders:
    """Find the folders of all packages: `data/strategies/`, then those of `STRATOSCOPE_PACKAGES`.

    This variable names folders, separated as in `PATH`; each is a package, if it has a descriptor,
    or holds packages. Any folder with tables counts, even without a descriptor. What cannot be
    read there is left out, and never waited for.
    """
    own = _list_packages(STRATEGIES_DIR)
    external: list[Path] = []
    left_out: list[LeftOut] = []
    names = os.environ.get("STRATOSCOPE_PACKAGES", "").split(os.pathsep)
    for parent in [Path(name) for name in map(str.strip, names) if name]:
        try:
            if not parent.is_dir():
                left_out.append(LeftOut(str(parent), _not_a_folder(parent)))
                continue
            candidates = _list_packages(parent)
            left_out += _unread_entries(parent) if parent.resolve() not in candidates else []
        except OSError as error:
            left_out.append(LeftOut(str(parent), f"le dossier ne se lit pas ({error.strerror})."))
            continue
        for folder in candidates:
            if folder in external:
                continue
            if reason := _external_fault(folder, [*own, *external]):
                left_out.append(LeftOut(folder.name, reason))
            else:
                external.append(folder)
    return PackageFolders(own, external, left_out)


def package_folders() -> list[Path]:
    """List the folders of all packages: those of `data/strategies/`, then the external ones."""
    folders = find_packages()
    return [*folders.own, *folders.external]


def _not_a_folder(path: Path) -> str:
    """Describe in French what stands where a folder of packages is expected."""
    if not path.exists():
        return "STRATOSCOPE_PACKAGES nomme un dossier qui n’existe pas. Créez-le, ou corrigez-la."
    if path.suffix.lower() == ".zip":
        return (
            "une archive n’est pas lue. Décompressez-la, ou ajoutez-la par « python -m comparisons "
            "import »."
        )
    return "ce n’est pas un dossier. Corrigez STRATOSCOPE_PACKAGES."


def _unread_entries(parent: Path) -> list[LeftOut]:
    """List the archives, pipes and devices of a folder of packages: none is opened."""
    return [
        LeftOut(entry.name, _not_a_folder(entry))
        for entry in sorted(parent.iterdir())
        if not entry.is_dir() and (entry.suffix.lower() == ".zip" or not entry.is_file())
    ]


def _external_fault(folder: Path, others: Collection[Path]) -> str:
    """Return in French why an external folder cannot be loaded, "" if nothing is against it."""
    if other := next((other for other in others if other.name == folder.name), None):
        return f"deux paquets portent ce nom, {other} et {folder}. Renommez l’un des dossiers."
    if not (folder / DESCRIPTOR).is_file():
        return "il n’a pas de datapackage.json. Ajoutez-le."
    try:
        for path in list_folder(folder):
            (folder / path).open("rb").close()
        special = next((p for p in folder.rglob("*.csv") if not (p.is_file() or p.is_dir())), None)
    except UnreadableFileError as error:
        return error.problem.message
    except OSError as error:
        return f"un de ses fichiers ne se lit pas ({error.strerror})."
    return f"{special.name} n’est pas un fichier ordinaire. Retirez-le." if special else ""


def _list_packages(parent: Path) -> list[Path]:
    parent = parent.resolve()
    if (parent / DESCRIPTOR).exists():
        return [parent]
    folders = (folder for folder in parent.iterdir() if folder.is_dir()) if parent.is_dir() else ()
    return sorted(
        folder for folder in folders if (folder / DESCRIPTOR).exists() or any(folder.glob("*.csv"))
    )


def published_packages(folders: PackageFolders | None = None) -> list[Package]:
    """Read every package that has a descriptor, oldest first: the later one wins.

    Of two packages with the same date, that of `data/strategies/` precedes the external one,
    external ones are in the order of `STRATOSCOPE_PACKAGES`, and names decide within a folder.
    """
    folders = folders or find_packages()
    described = [
        folder for folder in (*folders.own, *folders.external) if (folder / DESCRIPTOR).exists()
    ]
    return sorted((read_package(folder) for folder in described), key=creation_date)


def past_folders(names: Collection[str]) -> list[Path]:
    """List the folders of the earlier states of the packages of these names."""
    folders = _list_packages(EDITIONS_DIR)
    return [folder for folder in folders if folder.name.rpartition("-")[0] in names]


def past_packages(names: Collection[str]) -> list[Package]:
    """Read the earlier states of the packages of these names, oldest first.

    `data/editions/` keeps each as it was published, in a folder named `package-version`, to
    compute changes and to find cited versions. They are not loaded in the database.
    """
    packages = (
        replace(read_package(folder), name=folder.name.rpartition("-")[0])
        for folder in past_folders(names)
    )
    return sorted(packages, key=creation_date)


def tables_before(path: Path) -> dict[str, pd.DataFrame]:
    """Return the tables that a built package may refer to: those of all the packages before it.

    Returns an empty mapping for a package that is not part of the build.
    """
    path = path.resolve()
    if path not in package_folders():
        return {}
    folders = find_packages()
    packages = published_packages(folders)
    names = [package.name for package in packages]
    if path.name not in names:
        return {}
    optional = {folder.name for folder in folders.external}
    return merge_packages(packages[: names.index(path.name)], optional)[0]


def creation_date(package: Package) -> str:
    """Return the date of a package, from its descriptor, which decides the precedence."""
    return creation_text(package.descriptor)


@dataclass(frozen=True)
class TableChange:
    """Changes of one package to one table: the rows removed, the rows added."""

    removed: pd.DataFrame
    added: pd.DataFrame


def empty_dataset() -> dict[str, pd.DataFrame]:
    """Return the dataset before any package: every table of the format, without rows."""
    tables = load_format().tables
    return {
        name: pd.DataFrame(columns=list(table.columns), dtype="str")
        for name, table in tables.items()
    }


def merge_packages(
    packages: Sequence[Package], optional: Collection[str] = ()
) -> tuple[dict[str, pd.DataFrame], list[Replacement]]:
    """Merge packages, the later one winning; return the tables and the replacements.

    All cells are texts, as read. Raises `MergeError` for packages that contradict each other; of
    the names in `optional`, they are left out instead.
    """
    tables = empty_dataset()
    replacements: list[Replacement] = []
    for package in packages:
        try:
            tables, _, package_replacements = merge_package(tables, package)
        except MergeError:
            if package.name not in optional:
                raise
            continue
        replacements += package_replacements
    return tables, replacements


def merge_package(
    tables: Mapping[str, pd.DataFrame], package: Package
) -> tuple[dict[str, pd.DataFrame], dict[str, TableChange], list[Replacement]]:
    """Merge a package into tables; return the tables, the changes by table, the replacements.

    A strategy is replaced whole, with its priorities, budgets, coverage and indicators; any other
    row is replaced by one with the same key. Tables that the package does not change are returned
    as they are. Raises `MergeError` for an identifier that is used by another item.
    """
    replaced_strategies: set[str] = set()
    if "strategies" in package.tables:
        published_strategies = set(tables["strategies"]["strategie_id"])
        replaced_strategies = published_strategies & set(
            package.tables["strategies"]["strategie_id"]
        )
    replacements = [
        Replacement("strategies", key, package.name) for key in sorted(replaced_strategies)
    ]
    merged, changes = dict(tables), {}
    for name, table in load_format().tables.items():
        old_rows, new_rows = tables[name], package.tables.get(name)
        remaining_rows = old_rows
        if replaced_strategies and "strategie_id" in table.columns:
            remaining_rows = old_rows[~old_rows["strategie_id"].isin(replaced_strategies)]
        if new_rows is not None:
            _require_free_identifiers(remaining_rows, new_rows, name, package.name)
            remaining_rows, replaced_keys = _drop_replaced(remaining_rows, new_rows, table)
            replacements += [Replacement(name, key, package.name) for key in replaced_keys]
            merged[name] = pd.concat([remaining_rows, new_rows], ignore_index=True).fillna("")
        elif remaining_rows is not old_rows:
            merged[name] = remaining_rows
        if new_rows is not None or len(remaining_rows) < len(old_rows):
            removed_rows = old_rows[~old_rows.index.isin(remaining_rows.index)]
            changes[name] = TableChange(
                removed_rows, old_rows.iloc[:0] if new_rows is None else new_rows
            )
    return merged, changes, replacements


def _require_free_identifiers(
    old_rows: pd.DataFrame, new_rows: pd.DataFrame, table: str, package: str
) -> None:
    """Raise `MergeError` for an identifier that an earlier package uses for another item."""
    if table not in _IDENTITY_COLUMNS:
        return
    key, identity_column = _IDENTITY_COLUMNS[table]
    common_rows = old_rows[[key, identity_column]].merge(new_rows[[key, identity_column]], on=key)
    conflicts = common_rows[
        common_rows[f"{identity_column}_x"] != common_rows[f"{identity_column}_y"]
    ]
    if len(conflicts):
        raise MergeError(
            f"{package} : l’identifiant « {conflicts.iloc[0][key]} » de la table {table} "
            f"désigne déjà autre chose dans un paquet précédent ({identity_column} différent). "
            "Choisissez-en un autre, "
            "par exemple précédé du nom du paquet."
        )


def _drop_replaced(
    old_rows: pd.DataFrame, new_rows: pd.DataFrame, table: Table
) -> tuple[pd.DataFrame, list[str]]:
    """Drop the old rows that a new row replaces; return the other rows, and the dropped keys."""
    if old_rows.empty:
        return old_rows, []
    key = list(table.primary_key)
    old_keys = pd.MultiIndex.from_frame(old_rows[key])
    is_replaced = old_keys.isin(pd.MultiIndex.from_frame(new_rows[key]))
    replaced_keys = [
        " / ".join(filter(None, map(str, values)))
        for values in old_rows.loc[is_replaced, key].to_numpy()
    ]
    return old_rows[~is_replaced], replaced_keys
