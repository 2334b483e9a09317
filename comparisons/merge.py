"""Several packages become one dataset: a later one may replace what an earlier one says."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons.format import Table, load_format
from comparisons.packages import Package


@dataclass(frozen=True)
class Replacement:
    """One thing of an earlier package that a later one replaces."""

    table: str
    key: str
    package: str

    def __str__(self) -> str:
        """Say it in the build report."""
        return f"Remplacé par {self.package} : {self.table} « {self.key} »"


def merge_packages(
    packages: Sequence[Package],
) -> tuple[dict[str, pd.DataFrame], list[Replacement]]:
    """Put packages together, the later one winning; say what was replaced.

    A strategy is replaced whole, with its priorities, budgets, coverage and indicators; any other
    row is replaced by one with the same key. All cells are text, as read.
    """
    tables = {
        name: pd.DataFrame(columns=list(t.columns)) for name, t in load_format().tables.items()
    }
    replacements: list[Replacement] = []
    for package in packages:
        known = set(tables["strategies"]["strategie_id"])
        replaced = known & set(
            package.tables.get("strategies", tables["strategies"])["strategie_id"]
        )
        replacements += [Replacement("strategies", key, package.name) for key in sorted(replaced)]
        for name, table in load_format().tables.items():
            new = package.tables.get(name)
            if new is None:
                continue
            old = tables[name]
            if "strategie_id" in old:
                old = old[~old["strategie_id"].isin(replaced)]
            old, lost = _without_same_key(old, new, table)
            replacements += [Replacement(name, key, package.name) for key in lost]
            tables[name] = pd.concat([old, new], ignore_index=True).fillna("")
        # A replaced strategy leaves nothing behind, even in tables the new package does not have.
        for name, table in load_format().tables.items():
            if name not in package.tables and "strategie_id" in table.columns:
                tables[name] = tables[name][~tables[name]["strategie_id"].isin(replaced)]
    return tables, replacements


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
