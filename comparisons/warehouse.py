"""The database as everything else sees it: open read-only, one edition at a time.

This module alone knows which database is open; `comparisons.build` alone writes one. It is the
published file, unless the code runs under `previewing`: then it is what one reader's package would
make of it, for that code only. What other threads or later calls should see has to be told them
(`bound`), so that a preview never leaks.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import duckdb
import pandas as pd

from comparisons.format import DATA_DIR

P = ParamSpec("P")
T = TypeVar("T")

CATALOGUE = "donnees"


class DatabaseMissingError(Exception):
    """There is no database to read yet."""


class Previewed(Protocol):
    """What stands in front of the published database (`comparisons.contributing.Preview`)."""

    description: Mapping[str, object]

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a cursor that finds the tables of the preview before the published ones."""

    def remembering(self, function: Callable[P, T], size: int) -> Callable[P, T]:
        """Give the function with a memory of its last `size` answers, which goes with it."""


_previewed: ContextVar[Previewed | None] = ContextVar("previewed", default=None)


def current_preview() -> Previewed | None:
    """Give the preview that this code runs under, or nothing for the published database."""
    return _previewed.get()


@contextmanager
def previewing(preview: Previewed | None) -> Iterator[None]:
    """Have everything read a preview (or, with `None`, the published database) in this context.

    Other threads, and what runs once this is over, are left alone.
    """
    token = _previewed.set(preview)
    try:
        yield
    finally:
        _previewed.reset(token)


def bound(function: Callable[P, T]) -> Callable[P, T]:
    """Give a function that, wherever and whenever it is called, reads what this code reads now."""
    preview = current_preview()

    @wraps(function)
    def run(*arguments: P.args, **named: P.kwargs) -> T:
        with previewing(preview):
            return function(*arguments, **named)

    return run


def per_version(
    size: int = 2, reference_only: bool = False
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep the last `size` answers of a function whose first argument is the dataset version.

    The answers about a preview are kept by the preview alone: they end with it, and drive away
    none of those for everybody. A function that reads `reference_only` tables, which no package
    changes, answers from the published database under a preview too.
    """

    def kept(function: Callable[P, T]) -> Callable[P, T]:
        for_everybody = lru_cache(maxsize=size)(function)

        @wraps(function)
        def answer(version: str, *arguments: object) -> T:
            preview = current_preview()
            if preview is None:
                return for_everybody(version, *arguments)
            if reference_only:
                with previewing(None):
                    return for_everybody(str(metadata()["version"]), *arguments)
            return preview.remembering(function, size)(version, *arguments)

        return answer

    return kept


def default_database() -> Path:
    """Give the database of this installation (`STRATOSCOPE_DATABASE` overrides it)."""
    return Path(os.environ.get("STRATOSCOPE_DATABASE") or DATA_DIR / "stratoscope.duckdb")


_opening = threading.Lock()


def attached(
    database: Path | None = None, settings: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a new connection in memory, with the database attached to it, read-only.

    Not locked yet: see `locked`. Raises `DatabaseMissingError`.
    """
    # Attached to a connection of its own: DuckDB would hand out the replaced file again if it
    # were opened twice by its name.
    path, _ = _edition(database)
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", **(settings or {})}
    )
    escaped = path.replace("'", "''")
    connection.execute(f"ATTACH '{escaped}' AS {CATALOGUE} (READ_ONLY)")
    return connection


def locked(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Forbid a connection to reach anything else or to change how it is set."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


@lru_cache(maxsize=2)
def _open(path: str, stamp: tuple[int, int]) -> duckdb.DuckDBPyConnection:
    """Open one edition of the file; `stamp` changes when a build replaces it."""
    return locked(attached(Path(path)))


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
    preview = current_preview()
    if preview is not None and database is None:
        return preview.cursor()
    edition = _edition(database)
    with _opening:
        new = _open(*edition).cursor()
    new.execute(f"USE {CATALOGUE}")
    return new


def query(sql: str, parameters: Sequence | dict | None = None) -> pd.DataFrame:
    """Run a read-only query on the current database; values only as parameters."""
    return cursor().execute(sql, parameters or []).df()


def placeholders(values: Iterable) -> str:
    """Give `?, ?, ?` for a list of values."""
    return ", ".join("?" for _ in values)


def metadata() -> dict[str, object]:
    """Describe the open dataset: version, format_version, construit_le, date, annee."""
    preview = current_preview()
    if preview is not None:
        return dict(preview.description)
    return dict(_described(*_edition()))


@lru_cache(maxsize=2)
def _described(path: str, stamp: tuple[int, int]) -> dict[str, object]:
    """Read the description of one edition, which every page asks for several times."""
    return query("SELECT * FROM jeu_de_donnees").iloc[0].to_dict()
