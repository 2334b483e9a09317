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
    return _described(DERIVED_DIR)


def described_tables() -> Mapping[str, Table]:
    """Describe the tables made for a comparison, which the database does not hold."""
    return _described(COMPARISON_DIR)


def peers_tables() -> Mapping[str, Table]:
    """Describe the tables made for a territory and its peers, which the database does not hold."""
    return _described(PEERS_DIR)


def pooling_tables() -> Mapping[str, Table]:
    """Describe the tables made of organisations and services, which the database does not hold."""
    return _described(POOLING_DIR)


def representativeness_tables() -> Mapping[str, Table]:
    """Describe the tables of what is known of all there is, which the database does not hold."""
    return _described(REPRESENTATIVENESS_DIR)


def themes_tables() -> Mapping[str, Table]:
    """Describe the tables of texts found and of themes, which the database does not hold."""
    return {**_described(FULLTEXT_DIR), **_described(THEMES_DIR)}


@lru_cache(maxsize=16)
def _described(folder: Path) -> Mapping[str, Table]:
    tables = (read_table_schema(path) for path in sorted(folder.glob("*.json")))
    return MappingProxyType({table.name: table for table in tables})


def tables() -> Mapping[str, Table]:
    """Return every table that can be read, by name: those of the format, then the derived ones."""
    return {**load_format().tables, **derived_tables()}


def find_field(column: str, beside: Iterable[str] = ()) -> Field | None:
    """Find how the format, or a table made from it, describes a column.

    The columns `beside` it tell which table it comes from: `type` is a kind of strategy in one, a
    kind of document in another. Tables that are made for a page describe only those that have all
    their columns.
    """
    return _field_among(column, frozenset(n for n in beside if not n.endswith("_libelle")))


@lru_cache(maxsize=4096)
def _field_among(column: str, around: frozenset[str]) -> Field | None:
    made = (peers_tables(), pooling_tables(), representativeness_tables(), themes_tables())
    for table in (table for each in made for table in each.values()):
        if set(table.columns) == around and column in around:
            return table.field(column)
    described = (load_format().tables, derived_tables(), described_tables())
    tables = [table for each in described for table in each.values()]
    candidates = [table for table in tables if column in table.columns]
    if not candidates:
        return None
    return max(candidates, key=lambda table: len(around & set(table.columns))).field(column)
