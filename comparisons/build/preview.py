"""Preview of the whole dataset as it would be with one more package, in memory only.

The published database is attached read-only to a database in memory, which holds the tables that
the package changes (by the rules of a build: `comparisons.datapackage.merge`, then the SQL of the
derived tables) and is searched first. Nothing is written to disk, and the memory is freed with the
object. The year of the dataset, the list of packages, its history and the positions of the network
stay those published.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pandas as pd

from comparisons.build.build import _create_table, affected_tables
from comparisons.concurrency import Interruption, interrupted_by
from comparisons.database.answer_cache import AnswerCache
from comparisons.database.connection import (
    DATABASE_ALIAS,
    cursor,
    lock_down,
    open_readonly,
    use_preview,
)
from comparisons.datapackage.cells import to_typed_frame
from comparisons.datapackage.merge import (
    MergeError,
    Replacement,
    TableChange,
    merge_package,
)
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.errors import InterruptedRequestError
from comparisons.formatting import pluralize
from comparisons.schema.model import Table, load_format
from comparisons.tabular_files import FALSE_VALUE, LIST_SEPARATOR, TRUE_VALUE

_VERSION_SUFFIX = "apercu-"
_MAX_MEGABYTES = 256
_MAX_SECONDS = 30
# Size of the cache of its answers, in bytes.
_CACHE_BYTES = 16 * 2**20
_MEMORY_ALIAS = "apercu"
# how a package writes a cell that is no text
_TEXT_SQL = {
    "list": f"array_to_string({{}}, '{LIST_SEPARATOR}')",
    "boolean": f"CASE WHEN {{0}} THEN '{TRUE_VALUE}' WHEN NOT {{0}} THEN '{FALSE_VALUE}' END",
    "number": "CASE WHEN {0} = trunc({0}) AND abs({0}) < 1e15 THEN {0}::BIGINT::VARCHAR "
    "ELSE {0}::VARCHAR END",
}
_CONNECTION_SETTINGS = {
    "memory_limit": f"{_MAX_MEGABYTES}MB",
    # no temporary files: a preview that exceeds the memory is refused
    "temp_directory": "",
    "max_temp_directory_size": "0KB",
    # one thread, so as not to slow other readers, and freed memory returned to the system
    "threads": "1",
    "allocator_flush_threshold": "1MB",
    "allocator_bulk_deallocation_flush_threshold": "1MB",
}
_TOO_LARGE = (
    f"Ce fichier est trop grand pour un aperçu ({_MAX_MEGABYTES}\u00a0Mo de mémoire et "
    f"{_MAX_SECONDS} secondes au plus). Il peut être valide\u00a0: essayez avec "
    "une partie de ses stratégies."
)


_TOO_LONG = (
    "Cette page demande trop de calcul pour un aperçu de ce fichier\u00a0: elle a été arrêtée. "
    "Choisissez-en une autre, ou essayez avec une partie de ses stratégies."
)
_CLOSED = "Cet aperçu est terminé\u00a0: déposez le fichier de nouveau."


class PreviewError(Exception):
    """The preview cannot be built; the message says why in French, and what to do."""


class Preview:
    """The published database as a package would change it, for `connection.use_preview`.

    `strategies` has the ids of the package, `replaced` those of them that are already published;
    `territories` the keys (`niveau-code`) of the territories that it mentions, those that lead a
    strategy first; `replacements` all the rows it replaces; `description` the value of
    `connection.dataset_metadata`.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        package: Package,
        description: Mapping[str, object],
        replacements: tuple[Replacement, ...],
    ) -> None:
        """Wrap a connection that is ready to be read; see `Preview.from_package`."""
        self.package_name = package.name
        self.description = description
        self.replacements = replacements
        self.strategies = _strategy_ids(package)
        self.replaced = tuple(
            replacement.key for replacement in replacements if replacement.table == "strategies"
        )
        self.territories = _mentioned_territories(package.tables)
        self._connection: duckdb.DuckDBPyConnection | None = connection
        self.cache = AnswerCache(_CACHE_BYTES)
        self._lock = threading.Lock()

    @classmethod
    def from_package(
        cls, report: Report, published: Mapping[str, pd.DataFrame] | None = None
    ) -> "Preview":
        """Build the preview of a valid package over the published database.

        `published` are the tables of all the published packages, as texts (read again if they are
        not given). Raises `PreviewError`, in French, for a package with errors, one whose
        identifiers clash with published ones, or one too large; `DatabaseMissingError` without a
        database.
        """
        package = report.package
        if published is None:
            published = published_tables()
        if report.is_valid and not package.is_complete:
            # the references of a single table are checked against the published tables
            report = validate(package, published=published)
        if not report.is_valid:
            raise PreviewError(_refusal_message(report))
        try:
            merged_tables, changed_rows, replacements = merge_package(published, package)
        except MergeError as error:
            raise PreviewError(str(error)) from error
        connection = open_readonly(settings=_CONNECTION_SETTINGS)
        timer = threading.Timer(_MAX_SECONDS, connection.interrupt)
        timer.start()
        try:
            description = _load_tables(connection, merged_tables, changed_rows, package)
        except (duckdb.OutOfMemoryException, duckdb.InterruptException) as error:
            connection.close()
            raise PreviewError(_TOO_LARGE) from error
        except BaseException:
            connection.close()
            raise
        finally:
            timer.cancel()
        return cls(connection, package, description, tuple(replacements))

    @property
    def weight(self) -> int:
        """Return the bytes that the preview holds at most, once its queries are over."""
        memory = self.cursor().execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()")
        return int(memory.fetchone()[0]) + _CACHE_BYTES

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that finds the tables of the preview before the published ones.

        Raises `PreviewError` once the preview is closed.
        """
        with self._lock:
            if self._connection is None:
                raise PreviewError(_CLOSED)
            new_cursor = self._connection.cursor()
        _set_search_path(new_cursor)
        return new_cursor

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Stop what this thread asks of the preview after so many seconds.

        Raises `PreviewError` then, in French, and where a query needs too much memory.
        """
        interruption = Interruption()
        timer = threading.Timer(seconds, interruption.request)
        timer.start()
        try:
            with interrupted_by(interruption):
                yield
        except (InterruptedRequestError, duckdb.OutOfMemoryException) as error:
            raise PreviewError(_TOO_LONG) from error
        finally:
            timer.cancel()

    def close(self) -> None:
        """Close the connection of the preview and free its answers, those being computed too."""
        with self._lock:
            connection, self._connection = self._connection, None
            self.cache = AnswerCache(0)
        if connection is not None:
            connection.close()


def published_tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the format that the published database holds, as texts."""
    with use_preview(None):
        return {
            name: cursor().execute(_texts_sql(table)).df().astype("str")
            for name, table in load_format().tables.items()
        }


def _texts_sql(table: Table) -> str:
    """Return the query of the rows of a table as a package writes them, "" for what is missing."""
    columns = ", ".join(
        "coalesce({}, '') AS {}".format(
            _TEXT_SQL.get(field.type, "{0}::VARCHAR").format(f'"{field.name}"'), f'"{field.name}"'
        )
        for field in table.fields
    )
    return f'SELECT {columns} FROM "{table.name}"'


def _load_tables(
    connection: duckdb.DuckDBPyConnection,
    merged_tables: Mapping[str, pd.DataFrame],
    changed_rows: Mapping[str, TableChange],
    package: Package,
) -> dict[str, object]:
    """Build the tables that the package changes; return the description of the dataset."""
    connection.execute("SET enable_progress_bar = false")
    # compression divides the memory of the table of all territories by ten
    connection.execute(f"ATTACH ':memory:' AS {_MEMORY_ALIAS} (COMPRESS)")
    _set_search_path(connection)
    for name in changed_rows:
        table = load_format().tables[name]
        _create_table(connection, table, to_typed_frame(merged_tables[name], table))
    for _, sql in affected_tables(changed_rows):
        connection.execute(sql)
        connection.execute(f"CHECKPOINT {_MEMORY_ALIAS}")
    published_metadata = connection.execute("SELECT * FROM jeu_de_donnees").df().iloc[0].to_dict()
    description = published_metadata | {
        "version": _preview_version(str(published_metadata["version"]), package)
    }
    connection.execute(
        "CREATE TABLE jeu_de_donnees AS SELECT * REPLACE (? AS version) "
        f"FROM {DATABASE_ALIAS}.jeu_de_donnees",
        [description["version"]],
    )
    lock_down(connection)
    return description


def _set_search_path(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"SET search_path = '{_MEMORY_ALIAS}.main,{DATABASE_ALIAS}.main'")


def _preview_version(published_version: str, package: Package) -> str:
    """Return the dataset version of a preview, a hash of the published version and the package."""
    digest = hashlib.sha256(published_version.encode())
    for name, rows in sorted(package.tables.items()):
        digest.update(name.encode())
        digest.update(rows.to_json(orient="split", index=False).encode())
    return _VERSION_SUFFIX + digest.hexdigest()[:12]


def _strategy_ids(package: Package) -> tuple[str, ...]:
    return (
        tuple(package.tables["strategies"]["strategie_id"])
        if "strategies" in package.tables
        else ()
    )


def _mentioned_territories(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Return the keys of the territories of a package, those that lead a strategy first."""
    located_tables = [name for name in tables if load_format().tables[name].located]
    keys: dict[str, None] = {}
    for name in sorted(located_tables, key=lambda name: name != "strategies"):
        rows = tables[name]
        keys |= dict.fromkeys(rows["territoire_niveau"] + "-" + rows["territoire_code"])
    return tuple(keys)


def _refusal_message(report: Report) -> str:
    if not report.is_readable:
        return "Aucune table de ce fichier n’a pu être lue : il n’y a rien à montrer."
    return (
        f"Ce fichier a {pluralize(len(report.errors), 'erreur')} : corrigez-les d’abord, l’aperçu "
        "ne montre que ce qui pourrait être publié."
    )
