"""Changes of each package, computed at build time: the tables `editions` and `changements`.

Edition *k* of the data is the merge of the first *k* packages, oldest first. A package that is
published again replaces its earlier state. Only the rows that a package changes are compared.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from comparisons.datapackage.merge import (
    TableChange,
    creation_date,
    empty_dataset,
    merge_package,
    merge_packages,
)
from comparisons.datapackage.reader import Package
from comparisons.schema.change_kinds import ADDED, CHANGED, COMPLETED, KEY_SEPARATOR, REMOVED
from comparisons.schema.model import Table, load_format

CHANGE_COLUMNS = ["edition", "table_nom", "cle", "nature", "colonne", "avant", "apres"]
EDITION_COLUMNS = [
    "rang", "paquet", "titre", "description", "version", "date", "versions_servies", "empreinte",
    "nb_lignes_ajoutees", "nb_lignes_modifiees", "nb_lignes_completees", "nb_lignes_retirees",
    "nb_lignes",
]  # fmt: skip
COUNT_COLUMNS = dict(zip((ADDED, CHANGED, COMPLETED, REMOVED), EDITION_COLUMNS[8:12], strict=True))
# Bytes kept of the hash of each row, and of the sum of all hashes.
_HASH_BYTES = 16


class VersionHistory:
    """Editions of the dataset, built by calls to `add` for each package, oldest first."""

    def __init__(
        self,
        rank: int = 0,
        content: int = 0,
        size: int = 0,
        removed_keys: Mapping[str, set[str]] | None = None,
    ) -> None:
        """Create a history without packages, or one that follows the edition of a rank.

        `content` is the sum of the hashes of its rows, `size` their number; `removed_keys` are
        those of rows that were in an earlier edition, by table.
        """
        self.content = content
        self._rank = rank
        self._editions: list[dict[str, object]] = []
        self._changes: list[pd.DataFrame] = []
        self._size = size
        self._in_force: dict[str, Package] = {}
        self._tables = empty_dataset()
        # keys of rows that were in an earlier edition but are not in the current one
        self._removed_keys = {name: set() for name in load_format().tables}
        self._removed_keys |= removed_keys or {}

    def add(self, package: Package) -> None:
        """Add the edition of a package and its changes.

        A package that is published again without changes makes no edition.
        """
        is_republished = package.name in self._in_force
        changed_rows = self._merge(package)
        if is_republished and not any(
            len(table_change.removed) or len(table_change.added)
            for table_change in changed_rows.values()
        ):
            return
        self.record(package, changed_rows)

    def record(self, package: Package, changed_rows: Mapping[str, TableChange]) -> None:
        """Add the edition of a package that changes these rows."""
        self._rank += 1
        rank = self._rank
        counts = dict.fromkeys(COUNT_COLUMNS.values(), 0)
        for name, rows in changed_rows.items():
            table = load_format().tables[name]
            self._size += len(rows.added) - len(rows.removed)
            if rank == 1:  # nothing before it
                self.content += rows_checksum(rows.added, name)
                continue
            diff = _diff_rows(rows, table, self._removed_keys[name])
            self.content += rows_checksum(diff.after, name) - rows_checksum(diff.before, name)
            self._changes.append(diff.changes.assign(edition=rank, table_nom=name))
            for nature, column in COUNT_COLUMNS.items():
                counts[column] += diff.counts[nature]
            keys = diff.changes.groupby("nature")["cle"].agg(set)
            self._removed_keys[name] -= keys.get(ADDED, set())
            self._removed_keys[name] |= keys.get(REMOVED, set())
        self._editions.append(
            {
                "rang": rank,
                "paquet": package.name,
                "titre": package.descriptor.get("title", package.name),
                "description": package.descriptor.get("description", ""),
                "version": package.descriptor.get("version", ""),
                "date": str(package.descriptor.get("created", ""))[:10],
                "versions_servies": package.descriptor.get("versionsServies"),
                "empreinte": dataset_fingerprint(self.content),
                **(counts if rank > 1 else dict.fromkeys(counts)),
                "nb_lignes": self._size,
            }
        )

    def _merge(self, package: Package) -> Mapping[str, TableChange]:
        """Replace the earlier state of a package; return the rows that differ."""
        is_republished = package.name in self._in_force
        self._in_force[package.name] = package
        if not is_republished:
            self._tables, changed_rows, _ = merge_package(self._tables, package)
            return changed_rows
        before = self._tables
        self._tables, _ = merge_packages(sorted(self._in_force.values(), key=creation_date))
        return {name: differing_rows(rows, self._tables[name]) for name, rows in before.items()}

    def editions(self) -> pd.DataFrame:
        """Return the table `editions`; the first has no changes to count."""
        table = pd.DataFrame(self._editions, columns=EDITION_COLUMNS)
        return table.astype(dict.fromkeys(COUNT_COLUMNS.values(), "Int64"))

    def changes(self) -> pd.DataFrame:
        """Return the table `changements`; empty cells ("" in a package) are missing."""
        if not self._changes:
            return pd.DataFrame(columns=CHANGE_COLUMNS).astype({"edition": "Int64"})
        table = pd.concat(self._changes, ignore_index=True)[CHANGE_COLUMNS]
        cells = ["colonne", "avant", "apres"]
        return table.assign(**{name: table[name].where(table[name] != "") for name in cells})


def differing_rows(before: pd.DataFrame, after: pd.DataFrame) -> TableChange:
    """Return the rows of each of two tables that are not in the other."""
    if before.empty:
        return TableChange(before, after)
    rows = before.merge(after, how="outer", indicator="cote")
    return TableChange(
        *(rows[rows["cote"] == side].drop(columns="cote") for side in ("left_only", "right_only"))
    )


def rows_checksum(rows: pd.DataFrame, table: str) -> int:
    """Return the sum of the hashes of rows: the same rows give the same sum, in any order.

    Only filled cells count, by name: adding a column to the format does not change it.
    """
    names = [f"{column}\x1f" for column in rows.columns]
    total = 0
    for row in zip(*(rows[column].tolist() for column in rows.columns), strict=True):
        filled_cells = [name + cell for name, cell in zip(names, row, strict=True) if cell]
        text = "\x1e".join([table, *sorted(filled_cells)])
        total += int.from_bytes(hashlib.sha256(text.encode()).digest()[:_HASH_BYTES])
    return total


def dataset_fingerprint(total: int) -> str:
    """Return the sum of the hashes of an edition as twelve characters."""
    reduced = total % 2 ** (8 * _HASH_BYTES)
    return hashlib.sha256(reduced.to_bytes(_HASH_BYTES)).hexdigest()[:12]


@dataclass(frozen=True)
class TableDiff:
    """Changes of a package in a table.

    `changes` has `cle`, `nature`, `colonne`, `avant`, `apres` ("" for nothing): a row per cell
    changed (`complete` if it was empty, else `modifie`), a row per filled cell of what is removed,
    one row for what is added, or one per filled cell if its key had been there before. `counts`
    counts rows by nature (a row that is changed and completed counts as changed); `before` and
    `after` are the rows that differ.
    """

    changes: pd.DataFrame
    counts: Mapping[str, int]
    before: pd.DataFrame
    after: pd.DataFrame


def _diff_rows(rows: TableChange, table: Table, removed_keys: Collection[str] = ()) -> TableDiff:
    """Compare the rows removed and added, by key; `removed_keys` are those of earlier editions."""
    lost, brought = index_by_key(rows.removed, table), index_by_key(rows.added, table)
    common_keys = lost.index.intersection(brought.index)
    removed, added = lost.index.difference(common_keys), brought.index.difference(common_keys)
    before, after = lost.loc[common_keys], brought.loc[common_keys]
    restored = added[added.isin(removed_keys)]
    changed, completed = (np.zeros(len(common_keys), dtype=bool) for _ in range(2))
    cells = [(added.difference(restored), ADDED, "", "", "")]
    for name in table.columns:
        differs = np.asarray(before[name].array != after[name].array, dtype=bool)
        is_empty = np.asarray(before[name].array == "", dtype=bool)
        corrected, filled_in = differs & ~is_empty, differs & is_empty
        changed |= corrected
        completed |= filled_in
        removed_values, restored_values = (
            _drop_empty(lost.loc[removed, name]),
            _drop_empty(brought.loc[restored, name]),
        )
        cells += [
            *(
                (
                    common_keys[cells],
                    nature,
                    name,
                    before[name].array[cells],
                    after[name].array[cells],
                )
                for nature, cells in ((CHANGED, corrected), (COMPLETED, filled_in))
            ),
            (removed_values.index, REMOVED, name, removed_values.array, ""),
            (restored_values.index, ADDED, name, "", restored_values.array),
        ]
    return TableDiff(
        _changes_table(cells),
        {
            ADDED: len(added),
            CHANGED: int(changed.sum()),
            COMPLETED: int((completed & ~changed).sum()),
            REMOVED: len(removed),
        },
        pd.concat([before[changed | completed], lost.loc[removed]]),
        pd.concat([after[changed | completed], brought.loc[added]]),
    )


def index_by_key(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return rows under their keys as `changements` writes them."""
    first_column, *other_columns = (rows[column].astype("str") for column in table.primary_key)
    keys = first_column.str.cat(other_columns, sep=KEY_SEPARATOR) if other_columns else first_column
    return rows[list(table.columns)].set_index(pd.Index(keys.array, name="cle"))


def _drop_empty(values: pd.Series) -> pd.Series:
    return values[values != ""]


def _changes_table(cells: Iterable[tuple]) -> pd.DataFrame:
    """Build a table from lists of changes, each a tuple of the columns from `cle` to `apres`."""
    columns = ["cle", "nature", "colonne", "avant", "apres"]
    frames = [
        pd.DataFrame(dict(zip(columns, change_list, strict=True)))
        for change_list in cells
        if len(change_list[0])
    ]
    return pd.concat([pd.DataFrame(columns=columns, dtype="str"), *frames], ignore_index=True)
