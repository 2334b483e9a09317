"""Read-only access to the database, one edition at a time.

Only this module opens the database; only `comparisons.build.build` writes it. It is the published
file or, for code that runs under `use_preview`, the preview of one reader's package. Other threads
and later calls read a preview only through `bind_preview`, so that it is never visible to others.
One answer or one page reads one edition, even if a build replaces the file meanwhile.
"""

import hashlib
import os
import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import duckdb
import pandas as pd

from comparisons.concurrency import raise_if_interrupted, stop_on_interruption
from comparisons.database.answer_cache import AnswerCache
from comparisons.schema.model import duckdb_type, load_format
from comparisons.schema.registry import described_tables
from comparisons.settings import database_path

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Tables are small and read row by row: Arrow, the default, makes a new string at each reading.
pd.options.mode.string_storage = "python"

DATABASE_ALIAS = "donnees"
# Schema of what official sources alone say (`comparisons/build/sql/sources_officielles.sql`), and
# the value of the parameter `source_type` that asks for it.
OFFICIAL_SCHEMA = "officielles"
OFFICIAL_SOURCES = "officielle"
# Size of the cache of an edition, in bytes: some thousands of answers.
_CACHE_BYTES = 384 * 2**20
# Size of what precedes the blocks in a DuckDB file, in bytes.
_HEADER_BYTES = 3 * 4096
_DAMAGED_REASON = "elle est abîmée, ou tenue par un autre programme"


class DatabaseMissingError(Exception):
    """There is no database to read; the message says so in French."""


class DatabaseUnusableError(DatabaseMissingError):
    """The database file is damaged, or of another version of the code."""


class PreviewDatabase(Protocol):
    """A database read instead of the published one (`comparisons.build.preview.Preview`)."""

    description: Mapping[str, object]
    cache: AnswerCache

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that finds the tables of the preview before the published ones."""

    def time_limit(self, seconds: float) -> AbstractContextManager[None]:
        """Stop what this thread asks of the preview after so many seconds."""


@dataclass(frozen=True)
class _Snapshot:
    """One edition of the published file, open, even once a build has replaced it."""

    connection: duckdb.DuckDBPyConnection
    description: Mapping[str, object]
    cache: AnswerCache = field(default_factory=lambda: AnswerCache(_CACHE_BYTES))
    schemas: str = f"{DATABASE_ALIAS}.main"

    def cursor(self) -> duckdb.DuckDBPyConnection:
        with _connection_lock:
            new_cursor = self.connection.cursor()
        new_cursor.execute(f"SET search_path = '{self.schemas}'")
        return new_cursor

    @cached_property
    def official(self) -> "_Snapshot":
        """Return this edition as official sources alone tell it."""
        return replace(
            self,
            cache=AnswerCache(_CACHE_BYTES // 4),
            schemas=f"{DATABASE_ALIAS}.{OFFICIAL_SCHEMA},{self.schemas}",
        )


@dataclass
class _ReadContext:
    """Database that the current code reads: a preview, or the edition that it read first."""

    preview: PreviewDatabase | None
    edition: _Snapshot | None = None


_context: ContextVar[_ReadContext | None] = ContextVar("reading", default=None)
_source_type: ContextVar[str] = ContextVar("source_type", default="")


# For other modules, which do not import DuckDB.
Cursor = duckdb.DuckDBPyConnection
QueryFailedError = duckdb.Error


def current_preview() -> PreviewDatabase | None:
    """Return the preview that this code runs under, or nothing for the published database."""
    context = _context.get()
    return context.preview if context else None


@contextmanager
def use_preview(preview: PreviewDatabase | None) -> Iterator[None]:
    """Use a preview in this context or, with `None`, the published database.

    All that is read of the published database is then of one edition. Other threads, and what runs
    once this is over, are left alone.
    """
    context = _context.get()
    if context is None or context.preview is not preview:
        context = _ReadContext(preview)
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


def current_source_type() -> str:
    """Return the kind of sources that this code reads alone; empty for all of them.

    A preview has all of them.
    """
    return "" if current_preview() else _source_type.get()


@contextmanager
def use_source_type(source_type: str) -> Iterator[None]:
    """Read only what one kind of sources says (`OFFICIAL_SOURCES`), or all of it (empty)."""
    token = _source_type.set(source_type)
    try:
        yield
    finally:
        _source_type.reset(token)


def bind_preview(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return the function, bound to what this code reads, in any thread and at any time."""
    preview, source_type = current_preview(), current_source_type()

    @wraps(function)
    def run(*arguments: _P.args, **keywords: _P.kwargs) -> _T:
        with use_preview(preview), use_source_type(source_type):
            return function(*arguments, **keywords)

    return run


_connection_lock = threading.Lock()


def open_readonly(
    database: Path | None = None, settings: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a new connection in memory, with the database attached to it, read-only.

    Not locked yet: see `lock_down`. Raises `DatabaseMissingError`, or `DatabaseUnusableError` if
    the file cannot be opened.
    """
    # Attached to a connection of its own: DuckDB would hand out the replaced file again if it
    # were opened twice by its name.
    path, _ = _path_and_stamp(database)
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", **(settings or {})}
    )
    escaped_path = path.replace("'", "''")
    try:
        connection.execute(f"ATTACH '{escaped_path}' AS {DATABASE_ALIAS} (READ_ONLY)")
        block_bytes = connection.execute(
            "SELECT block_size * total_blocks FROM pragma_database_size() WHERE database_name = ?",
            [DATABASE_ALIAS],
        ).fetchone()
    except duckdb.Error as error:
        raise _unusable_error(path, _DAMAGED_REASON) from error
    if (
        os.stat(path).st_size < _HEADER_BYTES + block_bytes[0]
    ):  # cut short, where nothing was read yet
        raise _unusable_error(path, _DAMAGED_REASON)
    return connection


def _unusable_error(path: str, reason: str) -> DatabaseUnusableError:
    return DatabaseUnusableError(f"La base {Path(path).name} ne se lit pas : {reason}.")


def lock_down(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Disable external access and changes of settings of a connection; return it."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def use_file(database: Path) -> Iterator[None]:
    """Use another database file than the published one, open in this block only.

    Raises `DatabaseUnusableError` if it is not a database that this version of the code reads.
    """
    snapshot = _open_snapshot(str(database))
    token = _context.set(_ReadContext(None, snapshot))
    try:
        yield
    finally:
        _context.reset(token)
        snapshot.connection.close()


@lru_cache(maxsize=1)
def _open_edition(path: str, stamp: tuple[int, int]) -> _Snapshot:
    """Open one edition of the file; `stamp` changes when a build replaces it.

    The previous edition is closed once the last answer that reads it is over.
    """
    return _open_snapshot(path)


def _open_snapshot(path: str) -> _Snapshot:
    # Queries are small and several run at once: a second thread for one costs more than it brings.
    threads = max(1, (os.cpu_count() or 1) // 2)
    connection = lock_down(open_readonly(Path(path), {"threads": str(threads)}))
    try:
        _check_columns(connection, path)
        rows = connection.execute(f"SELECT * FROM {DATABASE_ALIAS}.jeu_de_donnees").df()
    except duckdb.Error as error:
        raise _unusable_error(path, _DAMAGED_REASON) from error
    description = rows.to_dict("records")
    if not description or not description[0]["version"]:
        raise _unusable_error(path, "elle ne dit pas sa version")
    return _Snapshot(connection, description[0])


def _check_columns(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Raise `DatabaseUnusableError` if a described column is missing or of another type."""
    actual_columns = set(
        connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = ? AND schema_name = 'main'",
            [DATABASE_ALIAS],
        ).fetchall()
    )
    for table in (*load_format().tables.values(), *described_tables("derived").values()):
        for column in table.fields:
            if (table.name, column.name, duckdb_type(column)) not in actual_columns:
                mismatch = f"{table.name}.{column.name} n’y est pas comme décrit"
                raise _unusable_error(
                    path, f"elle est d’une autre version de Stratoscope ({mismatch})"
                )


def _path_and_stamp(database: Path | None = None) -> tuple[str, tuple[int, int]]:
    """Return the path of the current database, and a stamp (mtime, inode) of its edition."""
    path = Path(database or database_path())
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise DatabaseMissingError(f"La base {path.name} n’existe pas encore.") from error
    except OSError as error:
        raise _unusable_error(str(path), "le droit de la lire manque, ou son dossier") from error
    return str(path), (status.st_mtime_ns, status.st_ino)


def _current_edition(database: Path | None = None) -> _Snapshot:
    """Return the edition that this code reads: the one it already read, if any."""
    context = _context.get() if database is None else None
    with _connection_lock:
        if context is None:
            return _open_edition(*_path_and_stamp(database))
        if context.edition is None:
            context.edition = _open_edition(*_path_and_stamp())
        return context.edition


def _current_database() -> PreviewDatabase | _Snapshot:
    if preview := current_preview():
        return preview
    edition = _current_edition()
    return edition.official if current_source_type() == OFFICIAL_SOURCES else edition


def cursor(database: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a read-only cursor on the current database, free to use in this thread.

    Its query is stopped when the current request is interrupted. Raises `DatabaseMissingError`, or
    `DatabaseUnusableError` if the file is not a database that this version of the code reads.
    """
    new_cursor = (_current_database() if database is None else _current_edition(database)).cursor()
    stop_on_interruption(new_cursor.interrupt)
    return new_cursor


def query(sql: str, parameters: Sequence | dict | None = None) -> pd.DataFrame:
    """Run a read-only query on the current database; values only as parameters.

    The last answers are cached: one page reads the same rows in several of its parts.
    """
    # pickled, because the repr of a long array leaves out its middle
    pickled_query = pickle.dumps((sql, parameters), pickle.HIGHEST_PROTOCOL)
    rows = current_cache().rows(
        hashlib.blake2b(pickled_query).digest(),
        lambda: cursor().execute(sql, parameters or []).df(),
    )
    return rows.copy(deep=False)  # copied once it is written to


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


def official_tables() -> list[str]:
    """Return the tables that differ when official sources alone are read."""
    names = query(
        "SELECT DISTINCT table_name FROM duckdb_tables() WHERE schema_name = ? ORDER BY table_name",
        [OFFICIAL_SCHEMA],
    )
    return list(names["table_name"])


def dataset_metadata() -> dict[str, object]:
    """Describe the open dataset: version, format_version, construit_le, date, annee."""
    return dict(_current_database().description)


def current_cache() -> AnswerCache:
    """Return the cache of answers about the database that this code reads.

    Raises `InterruptedRequestError` if the current request is interrupted: what takes long without
    a query ends there.
    """
    raise_if_interrupted()
    return _current_database().cache


def verify_checksums() -> None:
    """Read the whole published file, of which DuckDB keeps checksums.

    Raises `DatabaseUnusableError` if a part is damaged (a read takes 0.2 s), and all that `cursor`
    raises.
    """
    path, _ = _path_and_stamp()
    with open_readonly() as connection:  # a new one, so that what it reads leaves the memory
        connection.execute(f"USE {DATABASE_ALIAS}")
        try:
            tables = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?",
                [DATABASE_ALIAS],
            ).fetchall()
            for schema, name in tables:
                connection.execute(f'SELECT max(hash(t)) FROM {schema}."{name}" AS t').fetchall()
        except duckdb.Error as error:
            raise _unusable_error(path, _DAMAGED_REASON) from error
