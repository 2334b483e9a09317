"""Several packages become one dataset: a later one may replace what an earlier one says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from comparisons.format import STRATEGIES_DIR, Table, load_format
from comparisons.packages import Package, read_package

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
        """Say it in the build report."""
        return f"Remplacé par {self.package} : {self.table} « {self.key} »"


def published_packages() -> list[Package]:
    """Read every package of `data/strategies/`, oldest first: the later one wins."""
    folders = [path.parent for path in STRATEGIES_DIR.glob("*/datapackage.json")]
    return sorted((read_package(folder) for folder in folders), key=_age)


def published_before(path: Path) -> dict[str, pd.DataFrame]:
    """Give what a package of `data/strategies/` may refer to: all the packages before it.

    A package from elsewhere stands on its own: it gets nothing.
    """
    if path.resolve().parent != STRATEGIES_DIR.resolve():
        return {}
    packages = published_packages()
    names = [package.name for package in packages]
    if path.resolve().name not in names:
        return {}
    return merge_packages(packages[: names.index(path.resolve().name)])[0]


def _age(package: Package) -> tuple[str, str]:
    return str(package.descriptor.get("created", "")), package.name


@dataclass(frozen=True)
class Touched:
    """What one package does to one table: the rows that it takes away, those that it brings."""

    lost: pd.DataFrame
    brought: pd.DataFrame


def empty_tables() -> dict[str, pd.DataFrame]:
    """Give the dataset before any package: every table of the format, without rows."""
    tables = load_format().tables
    return {name: pd.DataFrame(columns=list(t.columns), dtype="str") for name, t in tables.items()}


def merge_packages(
    packages: Sequence[Package],
) -> tuple[dict[str, pd.DataFrame], list[Replacement]]:
    """Put packages together, the later one winning; say what was replaced.

    As `merge_package` does for each; all cells are text, as read.
    """
    tables = empty_tables()
    replacements: list[Replacement] = []
    for package in packages:
        tables, _, replaced = merge_package(tables, package)
        replacements += replaced
    return tables, replacements


def merge_package(
    tables: Mapping[str, pd.DataFrame], package: Package
) -> tuple[dict[str, pd.DataFrame], dict[str, Touched], list[Replacement]]:
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
            touched[name] = Touched(lost, old.iloc[:0] if new is None else new)
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
    lost = [" / ".join(map(str, values)) for values in old.loc[same, key].to_numpy()]
    return old[~same], lost
