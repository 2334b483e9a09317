"""Merge packages into one dataset: a later package may replace rows of an earlier one."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from comparisons.datapackage.reader import DESCRIPTOR, Package, read_package
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


def _external_package_folders() -> list[Path]:
    """List the folders of external packages, named by `STRATOSCOPE_PACKAGES`.

    They are separated as in `PATH`. Raises `MergeError` if one does not exist.
    """
    names = os.environ.get("STRATOSCOPE_PACKAGES", "").split(os.pathsep)
    folders = [Path(name) for name in map(str.strip, names) if name]
    for folder in folders:
        if not folder.is_dir():
            raise MergeError(
                f"STRATOSCOPE_PACKAGES nomme un dossier qui n’existe pas\u00a0: {folder}. "
                "Créez-le, ou corrigez la variable."
            )
    return folders


def package_folders() -> list[Path]:
    """List the folders of all packages: those of `data/strategies/`, then the external ones.

    An external folder is a package, if it has a descriptor, or holds packages. Any folder with
    tables is listed, even without a descriptor. Raises `MergeError` for a repeated name.
    """
    parents = [STRATEGIES_DIR, *_external_package_folders()]
    folders = [folder for parent in parents for folder in _list_packages(parent)]
    folder_by_name: dict[str, Path] = {}
    for folder in folders:
        other_folder = folder_by_name.setdefault(folder.name, folder)
        if other_folder != folder:
            raise MergeError(
                f"Deux paquets portent le nom {folder.name}\u00a0: {other_folder} et {folder}. "
                "Renommez l’un des dossiers."
            )
    return list(folder_by_name.values())


def _list_packages(parent: Path) -> list[Path]:
    parent = parent.resolve()
    if (parent / DESCRIPTOR).exists():
        return [parent]
    folders = (folder for folder in parent.iterdir() if folder.is_dir()) if parent.is_dir() else ()
    return sorted(
        folder for folder in folders if (folder / DESCRIPTOR).exists() or any(folder.glob("*.csv"))
    )


def published_packages() -> list[Package]:
    """Read every package that has a descriptor, oldest first: the later one wins.

    Of two packages with the same date, that of `data/strategies/` precedes the external one,
    external ones are in the order of `STRATOSCOPE_PACKAGES`, and names decide within a folder.
    """
    folders = [folder for folder in package_folders() if (folder / DESCRIPTOR).exists()]
    return sorted((read_package(folder) for folder in folders), key=creation_date)


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
    packages = published_packages()
    names = [package.name for package in packages]
    if path.name not in names:
        return {}
    return merge_packages(packages[: names.index(path.name)])[0]


def creation_date(package: Package) -> str:
    """Return the date of a package, from its descriptor, which decides the precedence."""
    return str(package.descriptor.get("created", ""))


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
    packages: Sequence[Package],
) -> tuple[dict[str, pd.DataFrame], list[Replacement]]:
    """Merge packages, the later one winning; return the tables and the replacements.

    All cells are texts, as read.
    """
    tables = empty_dataset()
    replacements: list[Replacement] = []
    for package in packages:
        tables, _, package_replacements = merge_package(tables, package)
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
