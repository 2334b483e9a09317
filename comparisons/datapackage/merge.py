"""Several packages become one dataset: a later one may replace what an earlier one says."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from comparisons.datapackage.reader import DESCRIPTOR, Package, read_package
from comparisons.schema.model import Table, load_format
from comparisons.settings import EDITIONS_DIR, STRATEGIES_DIR

# Tables whose identifiers are easily taken twice by chance (`s1`, `b1`), and the column that tells
# whether two rows with one identifier are about the same thing.
_SAME_THING = {"sources": ("source_id", "url"), "budgets": ("budget_id", "strategie_id")}


class MergeError(Exception):
    """Two packages cannot stand together; the message says why in French."""


@dataclass(frozen=True)
class Replacement:
    """One thing of an earlier package that a later one replaces."""

    table: str
    key: str
    package: str

    def __str__(self) -> str:
        """Describe it in the build report."""
        return f"Remplacé par {self.package} : {self.table} « {self.key} »"


def external_package_folders() -> list[Path]:
    """List the folders of packages outside the project, which `STRATOSCOPE_PACKAGES` names.

    Several are separated as in `PATH`. Raises `MergeError` if one is not there.
    """
    named = os.environ.get("STRATOSCOPE_PACKAGES", "").split(os.pathsep)
    folders = [Path(name) for name in map(str.strip, named) if name]
    for folder in folders:
        if not folder.is_dir():
            raise MergeError(
                f"STRATOSCOPE_PACKAGES nomme un dossier qui n’existe pas\u00a0: {folder}. "
                "Créez-le, ou corrigez la variable."
            )
    return folders


def package_folders() -> list[Path]:
    """List the folders of all packages: those of `data/strategies/`, then those of outside.

    A folder of outside is a package, if it has a descriptor, or holds packages. Any folder with
    tables is listed, even without a descriptor. Raises `MergeError` if a name is taken twice.
    """
    parents = [STRATEGIES_DIR, *external_package_folders()]
    folders = [folder for parent in parents for folder in _packages_of(parent)]
    places: dict[str, Path] = {}
    for folder in folders:
        other = places.setdefault(folder.name, folder)
        if other != folder:
            raise MergeError(
                f"Deux paquets portent le nom {folder.name}\u00a0: {other} et {folder}. "
                "Renommez l’un des dossiers."
            )
    return list(places.values())


def _packages_of(parent: Path) -> list[Path]:
    parent = parent.resolve()
    if (parent / DESCRIPTOR).exists():
        return [parent]
    found = (child for child in parent.iterdir() if child.is_dir()) if parent.is_dir() else ()
    return sorted(
        child for child in found if (child / DESCRIPTOR).exists() or any(child.glob("*.csv"))
    )


def published_packages() -> list[Package]:
    """Read every package that has a descriptor, oldest first: the later one wins.

    Of two packages with the same date, that of `data/strategies/` comes before that of outside,
    those of outside come in the order of `STRATOSCOPE_PACKAGES`, and names decide within a folder.
    """
    folders = [folder for folder in package_folders() if (folder / DESCRIPTOR).exists()]
    return sorted((read_package(folder) for folder in folders), key=creation_date)


def past_folders(names: Collection[str]) -> list[Path]:
    """List the folders of the earlier states of the packages of these names."""
    folders = _packages_of(EDITIONS_DIR)
    return [folder for folder in folders if folder.name.rpartition("-")[0] in names]


def past_packages(names: Collection[str]) -> list[Package]:
    """Read the earlier states of the packages of these names, oldest first.

    `data/editions/` keeps each as it was published, in a folder named `package-version`: what
    changed can then be told, and what was cited found again. They are not loaded.
    """
    packages = (
        replace(read_package(folder), name=folder.name.rpartition("-")[0])
        for folder in past_folders(names)
    )
    return sorted(packages, key=creation_date)


def tables_before(path: Path) -> dict[str, pd.DataFrame]:
    """Return what a package that is loaded at each build may refer to: all the packages before it.

    A package from elsewhere stands on its own: it gets nothing.
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
    """Return the date of a package, as its descriptor writes it: it decides which one wins."""
    return str(package.descriptor.get("created", ""))


@dataclass(frozen=True)
class TableChange:
    """What one package does to one table: the rows that it takes away, those that it brings."""

    lost: pd.DataFrame
    brought: pd.DataFrame


def empty_dataset() -> dict[str, pd.DataFrame]:
    """Return the dataset before any package: every table of the format, without rows."""
    tables = load_format().tables
    return {name: pd.DataFrame(columns=list(t.columns), dtype="str") for name, t in tables.items()}


def merge_packages(
    packages: Sequence[Package],
) -> tuple[dict[str, pd.DataFrame], list[Replacement]]:
    """Place packages together, the later one winning; say what was replaced.

    As `merge_package` does for each; all cells are text, as read.
    """
    tables = empty_dataset()
    replacements: list[Replacement] = []
    for package in packages:
        tables, _, replaced = merge_package(tables, package)
        replacements += replaced
    return tables, replacements


def merge_package(
    tables: Mapping[str, pd.DataFrame], package: Package
) -> tuple[dict[str, pd.DataFrame], dict[str, TableChange], list[Replacement]]:
    """Add a package to those before it: the tables, the rows touched by table, what was replaced.

    A strategy is replaced whole, with its priorities, budgets, coverage and indicators; any other
    row is replaced by one with the same key. Tables that the package leaves alone are given back
    as they are. Raises `MergeError` when it gives an identifier taken by another thing.
    """
    replaced: set[str] = set()
    if "strategies" in package.tables:
        known = set(tables["strategies"]["strategie_id"])
        replaced = known & set(package.tables["strategies"]["strategie_id"])
    replacements = [Replacement("strategies", key, package.name) for key in sorted(replaced)]
    merged, touched = dict(tables), {}
    for name, table in load_format().tables.items():
        old, new = tables[name], package.tables.get(name)
        kept = old
        if replaced and "strategie_id" in table.columns:
            kept = old[~old["strategie_id"].isin(replaced)]
        if new is not None:
            _refuse_taken(kept, new, name, package.name)
            kept, same = _without_same_key(kept, new, table)
            replacements += [Replacement(name, key, package.name) for key in same]
            merged[name] = pd.concat([kept, new], ignore_index=True).fillna("")
        elif kept is not old:
            merged[name] = kept
        if new is not None or len(kept) < len(old):
            lost = old[~old.index.isin(kept.index)]
            touched[name] = TableChange(lost, old.iloc[:0] if new is None else new)
    return merged, touched, replacements


def _refuse_taken(old: pd.DataFrame, new: pd.DataFrame, table: str, package: str) -> None:
    """Refuse an identifier that an earlier package gave to another thing."""
    if table not in _SAME_THING:
        return
    key, proof = _SAME_THING[table]
    both = old[[key, proof]].merge(new[[key, proof]], on=key)
    taken = both[both[f"{proof}_x"] != both[f"{proof}_y"]]
    if len(taken):
        raise MergeError(
            f"{package} : l’identifiant « {taken.iloc[0][key]} » de la table {table} désigne déjà "
            f"autre chose dans un paquet précédent ({proof} différent). Choisissez-en un autre, "
            "par exemple précédé du nom du paquet."
        )


def _without_same_key(
    old: pd.DataFrame, new: pd.DataFrame, table: Table
) -> tuple[pd.DataFrame, list[str]]:
    """Drop the old rows that a new row replaces; give their keys."""
    if old.empty:
        return old, []
    key = list(table.primary_key)
    old_keys = pd.MultiIndex.from_frame(old[key])
    same = old_keys.isin(pd.MultiIndex.from_frame(new[key]))
    lost = [" / ".join(filter(None, map(str, values))) for values in old.loc[same, key].to_numpy()]
    return old[~same], lost
