"""Tables computed at build time: one SQL file and one Table Schema (its dictionary) for each."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from comparisons.format import Table, read_table

DERIVED_DIR = Path(__file__).resolve().parent
COMPARISON_DIR = DERIVED_DIR.parent / "comparison"
PEERS_DIR = DERIVED_DIR.parent / "peers"
POOLING_DIR = DERIVED_DIR.parent / "pooling"
REPRESENTATIVENESS_DIR = DERIVED_DIR.parent / "representativeness"
FULLTEXT_DIR = DERIVED_DIR.parent / "fulltext"
THEMES_DIR = DERIVED_DIR.parent / "themes"


def derived_tables() -> Mapping[str, Table]:
    """Describe every table of the database that is not a table of the format."""
    return _described(DERIVED_DIR)


def comparison_tables() -> Mapping[str, Table]:
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
    tables = (read_table(path) for path in sorted(folder.glob("*.json")))
    return MappingProxyType({table.name: table for table in tables})
