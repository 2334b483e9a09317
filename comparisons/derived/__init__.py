"""Tables computed at build time: one SQL file and one Table Schema (its dictionary) for each."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from comparisons.format import Table, read_table

DERIVED_DIR = Path(__file__).resolve().parent
COMPARISON_DIR = DERIVED_DIR.parent / "comparison"


@lru_cache(maxsize=1)
def derived_tables() -> Mapping[str, Table]:
    """Describe every table of the database that is not a table of the format."""
    tables = (read_table(path) for path in sorted(DERIVED_DIR.glob("*.json")))
    return MappingProxyType({table.name: table for table in tables})


@lru_cache(maxsize=1)
def comparison_tables() -> Mapping[str, Table]:
    """Describe the tables made for a comparison, which the database does not hold."""
    tables = (read_table(path) for path in sorted(COMPARISON_DIR.glob("*.json")))
    return MappingProxyType({table.name: table for table in tables})
