"""The database as everything else sees it: open read-only, one edition at a time.

This module alone knows which database is open; `comparisons.build.build` alone writes one. It is
the published file, unless the code runs under `use_preview`: then it is what one reader's package
would make of it, for that code only. What other threads or later calls should see has to be told
them (`bind_preview`), so that a preview never leaks. One answer or one page reads one edition, from
beginning to end, even if a build replaces the file meanwhile.
"""

import hashlib
import math
import os
import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import cachetools
import duckdb
import pandas as pd

from comparisons.schema.model import duckdb_type, load_format
from comparisons.schema.registry import derived_tables
from comparisons.settings import DATA_DIR

P = ParamSpec("P")
T = TypeVar("T")

DATABASE_ALIAS = "donnees"
# What is kept of the answers to `query`, in bytes.
CACHE_BYTES = 64 * 2**20
# Before the blocks of a file of DuckDB, in bytes.
_HEADERS = 3 * 4096
_DAMAGED = "elle est abîmée, ou tenue par un autre programme"


class DatabaseMissingError(Exception):
    """There is no database to read; the message says so in French."""


class DatabaseUnusableError(DatabaseMissingError):
    """The file is there, but damaged, or not what this version of the code reads."""


class PreviewDatabase(Protocol):
    """What stands in front of the published database (`comparisons.build.preview.Preview`)."""

    description: Mapping[str, object]

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that finds the tables of the preview before the published ones."""

    def remembering(self, function: Callable[P, T], size: int) -> Callable[P, T]:
        """Return the function with a memory of its last `size` answers, which goes with it."""


@dataclass(frozen=True)
class _Snapshot:
    """The published file, open: whole and the same, even once a build has replaced it.

    What it answered last is kept: one page asks for the same rows in several of its parts.
    """

    connection: duckdb.DuckDBPyConnection
    description: Mapping[str, object]
    answers: cachetools.LRUCache = field(
        default_factory=lambda: cachetools.LRUCache(CACHE_BYTES, getsizeof=_weight)
    )

    def cursor(self) -> duckdb.DuckDBPyConnection:
        with _opening:
            new = self.connection.cursor()
        new.execute(f"USE {DATABASE_ALIAS}")
        return new

    def answer(self, sql: str, parameters: Sequence | dict) -> pd.DataFrame:
        # by all that they hold: a long array would write itself with dots in the middle
        asked = pickle.dumps((sql, parameters), pickle.HIGHEST_PROTOCOL)
        key = hashlib.blake2b(asked).digest()
        with _opening:
            rows = self.answers.get(key)
        if rows is None:
            rows = self.cursor().execute(sql, parameters).df()
            with _opening, suppress(ValueError):  # too large to be kept
                self.answers[key] = rows
        return rows.copy(deep=False)  # copied once it is written to


def _weight(rows: pd.DataFrame) -> float:
    """Return the bytes of an answer; large ones, of whole levels, would drive all others away."""
    size = int(rows.memory_usage(deep=True).sum())
    return size if size < CACHE_BYTES / 32 else math.inf


@dataclass
class _ReadContext:
    """What some code reads: a preview, or the edition that it read first."""

    preview: PreviewDatabase | None
    edition: _Snapshot | None = None


_reading: ContextVar[_ReadContext | None] = ContextVar("reading", default=None)


# Others name these without knowing DuckDB.
Cursor = duckdb.DuckDBPyConnection
QueryFailedError = duckdb.Error


def current_preview() -> PreviewDatabase | None:
    """Return the preview that this code runs under, or nothing for the published database."""
    reading = _reading.get()
    return reading.preview if reading else None


@contextmanager
def use_preview(preview: PreviewDatabase | None) -> Iterator[None]:
    """Use a preview in this context or, with `None`, the published database.

    All that is read of the published database is then of one edition. Other threads, and what runs
    once this is over, are left alone.
    """
    reading = _reading.get()
    if reading is None or reading.preview is not preview:
        reading = _ReadContext(preview)
    token = _reading.set(reading)
    try:
        yield
    finally:
        _reading.reset(token)


def bind_preview(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that, wherever and whenever it is called.

    Reads what this code reads now.
    """
    preview = current_preview()

    @wraps(function)
    def run(*arguments: P.args, **named: P.kwargs) -> T:
        with use_preview(preview):
            return function(*arguments, **named)

    return run


# What forgets the answers about the edition before, once there is a new one.
_forgetting: list[Callable[[], None]] = []


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
        _forgetting.append(for_everybody.cache_clear)

        @wraps(function)
        def answer(version: str, *arguments: object) -> T:
            preview = current_preview()
            if preview is None:
                return for_everybody(version, *arguments)
            if reference_only:
                with use_preview(None):
                    return for_everybody(str(dataset_metadata()["version"]), *arguments)
            return preview.remembering(function, size)(version, *arguments)

        return answer

    return kept


def database_path() -> Path:
    """Return the database of this installation (`STRATOSCOPE_DATABASE` overrides it)."""
    return Path(os.environ.get("STRATOSCOPE_DATABASE") or DATA_DIR / "stratoscope.duckdb")


_opening = threading.Lock()


def open_readonly(
    database: Path | None = None, settings: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a new connection in memory, with the database attached to it, read-only.

    Not locked yet: see `lock_down`. Raises `DatabaseMissingError`, or `DatabaseUnusableError` if
    the file cannot be opened.
    """
    # Attached to a connection of its own: DuckDB would hand out the replaced file again if it
    # were opened twice by its name.
    path, _ = _stamped(database)
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", **(settings or {})}
    )
    escaped = path.replace("'", "''")
    try:
        connection.execute(f"ATTACH '{escaped}' AS {DATABASE_ALIAS} (READ_ONLY)")
        needed = connection.execute(
            "SELECT block_size * total_blocks FROM pragma_database_size() WHERE database_name = ?",
            [DATABASE_ALIAS],
        ).fetchone()
    except duckdb.Error as error:
        raise _unusable(path, _DAMAGED) from error
    if os.stat(path).st_size < _HEADERS + needed[0]:  # cut short, where nothing was read yet
        raise _unusable(path, _DAMAGED)
    return connection


def _unusable(path: str, why: str) -> DatabaseUnusableError:
    return DatabaseUnusableError(f"La base {Path(path).name} ne se lit pas : {why}.")


def lock_down(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Forbid a connection to reach anything else or to change how it is set."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


@lru_cache(maxsize=1)
def _open(path: str, stamp: tuple[int, int]) -> _Snapshot:
    """Open one edition of the file; `stamp` changes when a build replaces it.

    The edition before is closed as soon as the last answer that reads it is over.
    """
    connection = lock_down(open_readonly(Path(path)))
    try:
        _check_columns(connection, path)
        rows = connection.execute(f"SELECT * FROM {DATABASE_ALIAS}.jeu_de_donnees").df()
    except duckdb.Error as error:
        raise _unusable(path, _DAMAGED) from error
    description = rows.to_dict("records")
    if not description or not description[0]["version"]:
        raise _unusable(path, "elle ne dit pas sa version")
    for forget in _forgetting:
        forget()
    return _Snapshot(connection, description[0])


def _check_columns(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Refuse a database of another version of the code, whose tables would not be as described."""
    held = set(
        connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = ?",
            [DATABASE_ALIAS],
        ).fetchall()
    )
    for table in (*load_format().tables.values(), *derived_tables().values()):
        for column in table.fields:
            if (table.name, column.name, duckdb_type(column)) not in held:
                odd = f"{table.name}.{column.name} n’y est pas comme décrit"
                raise _unusable(path, f"elle est d’une autre version de Stratoscope ({odd})")


def _stamped(database: Path | None = None) -> tuple[str, tuple[int, int]]:
    """Return which file, and which edition of it, is the current database."""
    path = Path(database or database_path())
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise DatabaseMissingError(f"La base {path.name} n’existe pas encore.") from error
    except OSError as error:
        raise _unusable(str(path), "le droit de la lire manque, ou son dossier") from error
    return str(path), (status.st_mtime_ns, status.st_ino)


def _edition(database: Path | None = None) -> _Snapshot:
    """Return the edition that this code reads: if it has read one, that one again."""
    reading = _reading.get() if database is None else None
    with _opening:
        if reading is None:
            return _open(*_stamped(database))
        if reading.edition is None:
            reading.edition = _open(*_stamped())
        return reading.edition


def cursor(database: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a read-only cursor on the current database, free to use in this thread.

    Raises `DatabaseMissingError`, or `DatabaseUnusableError` if the file is not a database that
    this version of the code reads.
    """
    preview = current_preview()
    if preview is not None and database is None:
        return preview.cursor()
    return _edition(database).cursor()


def query(sql: str, parameters: Sequence | dict | None = None) -> pd.DataFrame:
    """Run a read-only query on the current database; values only as parameters."""
    if current_preview() is None:
        return _edition().answer(sql, parameters or [])
    return cursor().execute(sql, parameters or []).df()


# The territories of the parameter `keys` (`niveau-code`), in their order: to join them reads only
# the part of a table that holds them; to look for keys made of its columns reads it all.
KEYS_RELATION = """(
    SELECT cle, ordre, split_part(cle, '-', 1) AS territoire_niveau,
           split_part(cle, '-', 2) AS territoire_code
    FROM (SELECT unnest($keys) AS cle, generate_subscripts($keys, 1) AS ordre)
)"""


def placeholders(values: Iterable) -> str:
    """Return `?, ?, ?` for a list of values."""
    return ", ".join("?" for _ in values)


def dataset_metadata() -> dict[str, object]:
    """Describe the open dataset: version, format_version, construit_le, date, annee."""
    preview = current_preview()
    if preview is not None:
        return dict(preview.description)
    return dict(_edition().description)


def verify_checksums() -> None:
    """Read the whole published file, of which DuckDB keeps checksums.

    Raises `DatabaseUnusableError` if a part is damaged (a read takes 0.2 s), and all that `cursor`
    raises.
    """
    path, _ = _stamped()
    with open_readonly() as connection:  # of its own: what it reads is not to stay in memory
        connection.execute(f"USE {DATABASE_ALIAS}")
        try:
            for (name,) in connection.execute("SHOW TABLES").fetchall():
                connection.execute(f'SELECT max(hash(t)) FROM "{name}" AS t').fetchall()
        except duckdb.Error as error:
            raise _unusable(path, _DAMAGED) from error
