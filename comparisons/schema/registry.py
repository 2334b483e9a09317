"""Every table beside those of the format: one Table Schema (its dictionary) for each.

Where a function « returns the columns of `aire_organisme` », the file of that name in `tables/`
says what each of them holds.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from comparisons.schema.model import Field, Table, load_format, read_table_schema

TABLES_DIR = Path(__file__).resolve().with_name("tables")
# Folders of `TABLES_DIR` by group. Only the tables of `derived` are in the database; those of the
# other groups are computed for a page or a file.
_GROUP_FOLDERS = {
    "derived": ("derived",),
    "comparison": ("comparison",),
    "peers": ("peers",),
    "shared_services": ("shared_services",),
    "completeness": ("completeness",),
    "questions": ("questions",),
    "themes": ("search", "themes"),
}
_PAGE_GROUPS = ("peers", "shared_services", "completeness", "questions", "themes")


def described_tables(group: str) -> Mapping[str, Table]:
    """Return the tables of a group by name: `derived`, `comparison`, `peers`, `themes`…"""
    return {
        name: table
        for folder in _GROUP_FOLDERS[group]
        for name, table in _read_tables(TABLES_DIR / folder).items()
    }


@lru_cache(maxsize=16)
def _read_tables(folder: Path) -> Mapping[str, Table]:
    tables = (read_table_schema(path) for path in sorted(folder.glob("*.json")))
    return MappingProxyType({table.name: table for table in tables})


def tables() -> Mapping[str, Table]:
    """Return every table that can be read, by name: those of the format, then the derived ones."""
    return {**load_format().tables, **described_tables("derived")}


def find_table(name: str) -> Table | None:
    """Find a table by its name: one made for a page or a file, else one that can be read."""
    for group in _PAGE_GROUPS:
        if name in described_tables(group):
            return described_tables(group)[name]
    return tables().get(name)


def table_columns(name: str) -> list[str]:
    """Return the columns of a table, in the order of its dictionary, by its name."""
    return list(find_table(name).columns)


def find_field(column: str, beside: Iterable[str] = ()) -> Field | None:
    """Find how the format, or a table made from it, describes a column.

    The columns `beside` it identify the table it comes from: `type` is a kind of strategy in one, a
    kind of document in another. A table built for a page is used only if its columns are exactly
    those given. Returns None if no table has the column.
    """
    return _find_field_among(column, _without_labels(beside))


def _without_labels(columns: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in columns if not name.endswith("_libelle"))


@lru_cache(maxsize=4096)
def _find_field_among(column: str, other_columns: frozenset[str]) -> Field | None:
    page_tables = map(described_tables, _PAGE_GROUPS)
    for table in (table for tables_by_name in page_tables for table in tables_by_name.values()):
        if column in table.columns and _without_labels(table.columns) == other_columns:
            return table.field(column)
    tables_by_source = (
        load_format().tables,
        described_tables("derived"),
        described_tables("comparison"),
    )
    tables = [table for tables_by_name in tables_by_source for table in tables_by_name.values()]
    candidates = [table for table in tables if column in table.columns]
    if not candidates:
        return None
    return max(candidates, key=lambda table: len(other_columns & set(table.columns))).field(column)
