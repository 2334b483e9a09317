"""What each package changed, told at build time: the tables `editions` and `changements`.

Edition *k* of the data is what the first *k* packages say once put together, oldest first. A
package that is published again replaces its earlier state. Only the rows that a package touches are
compared.
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
_COUNTS = dict(zip((ADDED, CHANGED, COMPLETED, REMOVED), EDITION_COLUMNS[8:12], strict=True))
# Room for the sum of the hashes of all rows; so much is kept of each.
_HASH_BYTES = 16


class VersionHistory:
    """The editions one after the other; `add` each package, oldest first."""

    def __init__(self) -> None:
        """Start before the first package."""
        self._editions: list[dict[str, object]] = []
        self._changes: list[pd.DataFrame] = []
        self._content = 0
        self._size = 0
        self._in_force: dict[str, Package] = {}
        self._tables = empty_dataset()
        # keys of rows that an earlier edition had and the current one has not
        self._gone: dict[str, set[str]] = {name: set() for name in load_format().tables}

    def add(self, package: Package) -> None:
        """Return what a package changes, its cells being as they are loaded.

        One that is published again as it was makes no edition.
        """
        published_again = package.name in self._in_force
        touched = self._merge(package)
        if published_again and not any(len(r.lost) or len(r.brought) for r in touched.values()):
            return
        rank = len(self._editions) + 1
        counts = dict.fromkeys(_COUNTS.values(), 0)
        for name, rows in touched.items():
            table = load_format().tables[name]
            self._size += len(rows.brought) - len(rows.lost)
            if rank == 1:  # nothing before it
                self._content += rows_checksum(rows.brought, name)
                continue
            found = diff_rows(rows, table, self._gone[name])
            self._content += rows_checksum(found.after, name) - rows_checksum(found.before, name)
            self._changes.append(found.changes.assign(edition=rank, table_nom=name))
            for nature, column in _COUNTS.items():
                counts[column] += found.counts[nature]
            keys = found.changes.groupby("nature")["cle"].agg(set)
            self._gone[name] -= keys.get(ADDED, set())
            self._gone[name] |= keys.get(REMOVED, set())
        self._editions.append(
            {
                "rang": rank,
                "paquet": package.name,
                "titre": package.descriptor.get("title", package.name),
                "description": package.descriptor.get("description", ""),
                "version": package.descriptor.get("version", ""),
                "date": str(package.descriptor.get("created", ""))[:10],
                "versions_servies": package.descriptor.get("versionsServies"),
                "empreinte": dataset_fingerprint(self._content),
                **(counts if rank > 1 else dict.fromkeys(counts)),
                "nb_lignes": self._size,
            }
        )

    def _merge(self, package: Package) -> Mapping[str, TableChange]:
        """Replace the earlier state of a package; return the rows that differ."""
        published_again = package.name in self._in_force
        self._in_force[package.name] = package
        if not published_again:
            self._tables, touched, _ = merge_package(self._tables, package)
            return touched
        before = self._tables
        self._tables, _ = merge_packages(sorted(self._in_force.values(), key=creation_date))
        return {name: _differing(rows, self._tables[name]) for name, rows in before.items()}

    def editions(self) -> pd.DataFrame:
        """Return the table `editions`; the first has no changes to count."""
        table = pd.DataFrame(self._editions, columns=EDITION_COLUMNS)
        return table.astype(dict.fromkeys(_COUNTS.values(), "Int64"))

    def changes(self) -> pd.DataFrame:
        """Return the table `changements`; nothing ("" in a package) is missing."""
        if not self._changes:
            return pd.DataFrame(columns=CHANGE_COLUMNS).astype({"edition": "Int64"})
        table = pd.concat(self._changes, ignore_index=True)[CHANGE_COLUMNS]
        cells = ["colonne", "avant", "apres"]
        return table.assign(**{name: table[name].where(table[name] != "") for name in cells})


def _differing(before: pd.DataFrame, after: pd.DataFrame) -> TableChange:
    """Find the rows of one table that another has not, both ways."""
    rows = before.merge(after, how="outer", indicator="cote")
    return TableChange(
        *(rows[rows["cote"] == side].drop(columns="cote") for side in ("left_only", "right_only"))
    )


def rows_checksum(rows: pd.DataFrame, table: str) -> int:
    """Add up a hash of each row: the same rows give the same sum, in whatever order.

    Only filled cells count, by name: a column that the format gains changes nothing.
    """
    names = [f"{column}\x1f" for column in rows.columns]
    total = 0
    for row in zip(*(rows[column].tolist() for column in rows.columns), strict=True):
        cells = [name + cell for name, cell in zip(names, row, strict=True) if cell]
        text = "\x1e".join([table, *sorted(cells)])
        total += int.from_bytes(hashlib.sha256(text.encode()).digest()[:_HASH_BYTES])
    return total


def dataset_fingerprint(total: int) -> str:
    """Write the sum of the hashes of all rows of an edition in twelve characters."""
    reduced = total % 2 ** (8 * _HASH_BYTES)
    return hashlib.sha256(reduced.to_bytes(_HASH_BYTES)).hexdigest()[:12]


@dataclass(frozen=True)
class TableDiff:
    """What a package changed in a table.

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


def diff_rows(rows: TableChange, table: Table, gone: Collection[str] = ()) -> TableDiff:
    """Compare the rows lost with those brought, by key; `gone` are keys of earlier editions."""
    lost, brought = _by_key(rows.lost, table), _by_key(rows.brought, table)
    kept = lost.index.intersection(brought.index)
    removed, added = lost.index.difference(kept), brought.index.difference(kept)
    before, after = lost.loc[kept], brought.loc[kept]
    back = added[added.isin(gone)]
    changed, completed = (np.zeros(len(kept), dtype=bool) for _ in range(2))
    cells = [(added.difference(back), ADDED, "", "", "")]
    for name in table.columns:
        differs = np.asarray(before[name].array != after[name].array, dtype=bool)
        empty = np.asarray(before[name].array == "", dtype=bool)
        corrected, filled = differs & ~empty, differs & empty
        changed |= corrected
        completed |= filled
        was, returns = _filled(lost.loc[removed, name]), _filled(brought.loc[back, name])
        cells += [
            *(
                (kept[cells], nature, name, before[name].array[cells], after[name].array[cells])
                for nature, cells in ((CHANGED, corrected), (COMPLETED, filled))
            ),
            (was.index, REMOVED, name, was.array, ""),
            (returns.index, ADDED, name, "", returns.array),
        ]
    return TableDiff(
        _table(cells),
        {
            ADDED: len(added),
            CHANGED: int(changed.sum()),
            COMPLETED: int((completed & ~changed).sum()),
            REMOVED: len(removed),
        },
        pd.concat([before[changed | completed], lost.loc[removed]]),
        pd.concat([after[changed | completed], brought.loc[added]]),
    )


def _by_key(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    first, *others = (rows[column].astype("str") for column in table.primary_key)
    keys = first.str.cat(others, sep=KEY_SEPARATOR) if others else first
    return rows[list(table.columns)].set_index(pd.Index(keys.array, name="cle"))


def _filled(values: pd.Series) -> pd.Series:
    return values[values != ""]


def _table(cells: Iterable[tuple]) -> pd.DataFrame:
    """Place lists of changes one after the other, each with its keys first."""
    columns = ["cle", "nature", "colonne", "avant", "apres"]
    parts = [pd.DataFrame(dict(zip(columns, part, strict=True))) for part in cells if len(part[0])]
    return pd.concat([pd.DataFrame(columns=columns, dtype="str"), *parts], ignore_index=True)
