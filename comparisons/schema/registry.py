"""Every table beside those of the format: one Table Schema (its dictionary) for each."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from comparisons.schema.model import Field, Table, load_format, read_table_schema

TABLES_DIR = Path(__file__).resolve().with_name("tables")
DERIVED_DIR = TABLES_DIR / "derived"
COMPARISON_DIR = TABLES_DIR / "comparison"
PEERS_DIR = TABLES_DIR / "peers"
POOLING_DIR = TABLES_DIR / "shared_services"
REPRESENTATIVENESS_DIR = TABLES_DIR / "completeness"
FULLTEXT_DIR = TABLES_DIR / "search"
THEMES_DIR = TABLES_DIR / "themes"


def derived_tables() -> Mapping[str, Table]:
    """Describe every table of the database that is not a table of the format."""
    return _read_tables(DERIVED_DIR)


def described_tables() -> Mapping[str, Table]:
    """Describe the tables made for a comparison, which the database does not hold."""
    return _read_tables(COMPARISON_DIR)


def peers_tables() -> Mapping[str, Table]:
    """Describe the tables made for a territory and its peers, which the database does not hold."""
    return _read_tables(PEERS_DIR)


def pooling_tables() -> Mapping[str, Table]:
    """Describe the tables made of organisations and services, which the database does not hold."""
    return _read_tables(POOLING_DIR)


def representativeness_tables() -> Mapping[str, Table]:
    """Describe the tables on the completeness of the data, which the database does not hold."""
    return _read_tables(REPRESENTATIVENESS_DIR)


def themes_tables() -> Mapping[str, Table]:
    """Describe the tables of search results and of themes, which the database does not hold."""
    return {**_read_tables(FULLTEXT_DIR), **_read_tables(THEMES_DIR)}


@lru_cache(maxsize=16)
def _read_tables(folder: Path) -> Mapping[str, Table]:
    tables = (read_table_schema(path) for path in sorted(folder.glob("*.json")))
    return MappingProxyType({table.name: table for table in tables})


def tables() -> Mapping[str, Table]:
    """Return every table that can be read, by name: those of the format, then the derived ones."""
    return {**load_format().tables, **derived_tables()}


def find_field(column: str, beside: Iterable[str] = ()) -> Field | None:
    """Find how the format, or a table made from it, describes a column.

    The columns `beside` it identify the table it comes from: `type` is a kind of strategy in one, a
    kind of document in another. A table built for a page is used only if its columns are exactly
    those given. Returns None if no table has the column.
    """
    return _find_field_among(
        column, frozenset(name for name in beside if not name.endswith("_libelle"))
    )


@lru_cache(maxsize=4096)
def _find_field_among(column: str, other_columns: frozenset[str]) -> Field | None:
    page_tables = (peers_tables(), pooling_tables(), representativeness_tables(), themes_tables())
    for table in (table for tables_by_name in page_tables for table in tables_by_name.values()):
        if set(table.columns) == other_columns and column in other_columns:
            return table.field(column)
    tables_by_source = (load_format().tables, derived_tables(), described_tables())
    tables = [table for tables_by_name in tables_by_source for table in tables_by_name.values()]
    candidates = [table for table in tables if column in table.columns]
    if not candidates:
        return None
    return max(candidates, key=lambda table: len(other_columns & set(table.columns))).field(column)
