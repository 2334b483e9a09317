"""Several packages become one dataset: a later one may replace what an earlier one says."""

from collections.abc import Sequence
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


def merge_packages(
    packages: Sequence[Package],
) -> tuple[dict[str, pd.DataFrame], list[Replacement]]:
    """Put packages together, the later one winning; say what was replaced.

    A strategy is replaced whole, with its priorities, budgets, coverage and indicators; any other
    row is replaced by one with the same key. All cells are text, as read. Raises `MergeError` when
    two packages give one identifier to different things.
    """
    tables = {
        name: pd.DataFrame(columns=list(t.columns)) for name, t in load_format().tables.items()
    }
    replacements: list[Replacement] = []
    for package in packages:
        replaced: set[str] = set()
        if "strategies" in package.tables:
            known = set(tables["strategies"]["strategie_id"])
            replaced = known & set(package.tables["strategies"]["strategie_id"])
        replacements += [Replacement("strategies", key, package.name) for key in sorted(replaced)]
        for name, table in load_format().tables.items():
            old, new = tables[name], package.tables.get(name)
            if "strategie_id" in table.columns:
                old = old[~old["strategie_id"].isin(replaced)]
            if new is not None:
                _refuse_taken(old, new, name, package.name)
                old, lost = _without_same_key(old, new, table)
                replacements += [Replacement(name, key, package.name) for key in lost]
                old = pd.concat([old, new], ignore_index=True).fillna("")
            tables[name] = old
    return tables, replacements


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
