"""The DuckDB file as everything else sees it: open read-only, one edition at a time.

This module alone knows which database is open; `comparisons.build` alone writes one.
"""

import os
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import duckdb
import pandas as pd

from comparisons.format import DATA_DIR


class DatabaseMissingError(Exception):
    """There is no database to read yet."""


def default_database() -> Path:
    """Give the database of this installation (`STRATOSCOPE_DATABASE` overrides it)."""
    return Path(os.environ.get("STRATOSCOPE_DATABASE") or DATA_DIR / "stratoscope.duckdb")


_opening = threading.Lock()


@lru_cache(maxsize=2)
def _open(path: str, stamp: tuple[int, int]) -> duckdb.DuckDBPyConnection:
    """Open one edition of the file; `stamp` changes when a build replaces it."""
    # Attached to a connection of its own: DuckDB would hand out the replaced file again if it
    # were opened twice by its name.
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    escaped = path.replace("'", "''")
    connection.execute(f"ATTACH '{escaped}' AS donnees (READ_ONLY)")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _edition(database: Path | None = None) -> tuple[str, tuple[int, int]]:
    """Tell which file, and which edition of it, is the current database."""
    path = Path(database or default_database())
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise DatabaseMissingError(f"La base {path.name} n’existe pas encore.") from error
    return str(path), (status.st_mtime_ns, status.st_ino)


def cursor(database: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Give a read-only cursor on the current database, free to use in this thread."""
    edition = _edition(database)
    with _opening:
        new = _open(*edition).cursor()
    new.execute("USE donnees")
    return new


def query(sql: str, parameters: Sequence | dict | None = None) -> pd.DataFrame:
    """Run a read-only query on the current database; values only as parameters."""
    return cursor().execute(sql, parameters or []).df()


def placeholders(values: Iterable) -> str:
    """Give `?, ?, ?` for a list of values."""
    return ", ".join("?" for _ in values)


def metadata() -> dict[str, object]:
    """Describe the open dataset: version, format_version, construit_le, date, annee."""
    return dict(_described(*_edition()))


@lru_cache(maxsize=2)
def _described(path: str, stamp: tuple[int, int]) -> dict[str, object]:
    """Read the description of one edition, which every page asks for several times."""
    return query("SELECT * FROM jeu_de_donnees").iloc[0].to_dict()
