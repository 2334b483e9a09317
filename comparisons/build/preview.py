"""A preview: what the whole site would say if one package were published, in memory only.

The published database is attached read-only to a database in memory, which holds the tables that
the package changes (by the rules of a build: `comparisons.datapackage.merge`, then the SQL of the
derived tables) and stands in front of it. Nothing is written to disk, and all of it goes with the
object. The year of the dataset, the list of packages and its history stay those published.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import ParamSpec, TypeVar

import duckdb
import pandas as pd

from comparisons.build.build import DERIVED_TABLES, SQL_DIR, _create
from comparisons.database.connection import DATABASE_ALIAS, lock_down, open_readonly
from comparisons.datapackage.cells import to_typed_frame
from comparisons.datapackage.merge import (
    MergeError,
    Replacement,
    TableChange,
    merge_package,
    merge_packages,
    published_packages,
)
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.formatting import pluralize
from comparisons.schema.model import load_format

P = ParamSpec("P")
T = TypeVar("T")

VERSION_MARK = "apercu-"
MEGABYTES = 256
MAX_SECONDS = 30
_IN_MEMORY = "apercu"
_SETTINGS = {
    "memory_limit": f"{MEGABYTES}MB",
    # what does not fit in memory is refused, never written
    "temp_directory": "",
    "max_temp_directory_size": "0KB",
    # one reader's preview must not take the machine of all; and memory freed is given back
    "threads": "1",
    "allocator_flush_threshold": "1MB",
    "allocator_bulk_deallocation_flush_threshold": "1MB",
}
_TOO_LARGE = (
    f"Ce paquet est trop grand pour un aperçu ({MEGABYTES}\u00a0Mo de mémoire et "
    f"{MAX_SECONDS} secondes au plus). Il peut être valide\u00a0: essayez avec "
    "une partie de ses stratégies."
)


class PreviewError(Exception):
    """There is nothing to preview; the message says why in French, and what to do."""


class Preview:
    """The published database as a package would change it, for `connection.use_preview`.

    `strategies` has the ids that the package brings, `replaced` those among them that were
    published; `territories` the keys (`niveau-code`) of the territories that it tells of, those
    that lead a strategy first; `replacements` all that it replaces; `description` what
    `connection.dataset_metadata` gives.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        package: Package,
        description: Mapping[str, object],
        replacements: tuple[Replacement, ...],
    ) -> None:
        """Take over a connection that is ready to be read; see `Preview.of`."""
        self.package_name = package.name
        self.description = description
        self.replacements = replacements
        self.strategies = _ids(package)
        self.replaced = tuple(r.key for r in replacements if r.table == "strategies")
        self.territories = mentioned_territories(package.tables)
        self._connection: duckdb.DuckDBPyConnection | None = connection
        self._memories: dict[Callable, Callable] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, report: Report, published: Mapping[str, pd.DataFrame] | None = None) -> "Preview":
        """Place a package that was found valid in front of the published database.

        `published` are the tables of all the published packages, as texts (read again if they are
        not given). Raises `PreviewError`, in French, for a package with errors, one whose
        identifiers clash with published ones, or one too large; `DatabaseMissingError` without a
        database.
        """
        package = report.package
        if published is None:
            published = _published()
        if report.valid and not package.complete:
            # a table alone refers to what is published: now its references can be followed
            report = validate(package, published=published)
        if not report.valid:
            raise PreviewError(_refusal(report))
        try:
            merged, touched, replacements = merge_package(published, package)
        except MergeError as error:
            raise PreviewError(str(error)) from error
        connection = open_readonly(settings=_SETTINGS)
        hurry = threading.Timer(MAX_SECONDS, connection.interrupt)
        hurry.start()
        try:
            description = _load(connection, merged, touched, package)
        except (duckdb.OutOfMemoryException, duckdb.InterruptException) as error:
            connection.close()
            raise PreviewError(_TOO_LARGE) from error
        except BaseException:
            connection.close()
            raise
        finally:
            hurry.cancel()
        return cls(connection, package, description, tuple(replacements))

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that finds the tables of the preview before the published ones.

        Raises `PreviewError` once the preview is closed.
        """
        with self._lock:
            if self._connection is None:
                raise PreviewError("Cet aperçu est terminé : déposez le fichier de nouveau.")
            new = self._connection.cursor()
        _look_in_memory_first(new)
        return new

    def remembering(self, function: Callable[P, T], size: int) -> Callable[P, T]:
        """Return the function with a memory of its last `size` answers, which goes with this."""
        with self._lock:
            if self._connection is None:
                return function
            return self._memories.setdefault(function, lru_cache(maxsize=size)(function))

    def close(self) -> None:
        """Free all that the preview holds."""
        with self._lock:
            connection, self._connection = self._connection, None
            self._memories.clear()
        if connection is not None:
            connection.close()


def _published() -> dict[str, pd.DataFrame]:
    try:
        return merge_packages(published_packages())[0]
    except MergeError as error:
        raise PreviewError(str(error)) from error


def _load(
    connection: duckdb.DuckDBPyConnection,
    merged: Mapping[str, pd.DataFrame],
    touched: Mapping[str, TableChange],
    package: Package,
) -> dict[str, object]:
    """Build the tables that the package changes; give the description of the dataset."""
    connection.execute("SET enable_progress_bar = false")
    # compressed, the board of all territories takes a tenth of the memory
    connection.execute(f"ATTACH ':memory:' AS {_IN_MEMORY} (COMPRESS)")
    _look_in_memory_first(connection)
    for name in touched:
        table = load_format().tables[name]
        _create(connection, table, to_typed_frame(merged[name], table))
    for _, sql in affected_tables(touched):
        connection.execute(sql)
        connection.execute(f"CHECKPOINT {_IN_MEMORY}")
    published = connection.execute("SELECT * FROM jeu_de_donnees").df().iloc[0].to_dict()
    description = published | {"version": _version(str(published["version"]), package)}
    connection.execute(
        "CREATE TABLE jeu_de_donnees AS SELECT * REPLACE (? AS version) "
        f"FROM {DATABASE_ALIAS}.jeu_de_donnees",
        [description["version"]],
    )
    lock_down(connection)
    return description


def _look_in_memory_first(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"SET search_path = '{_IN_MEMORY}.main,{DATABASE_ALIAS}.main'")


def affected_tables(changed: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the name and SQL of the derived tables that rest on changed ones, in their order."""
    stale, steps = set(changed), []
    for name in DERIVED_TABLES:
        sql = (SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")
        if stale & set(re.findall(r"\w+", sql)):
            stale.add(name)
            steps.append((name, sql))
    return steps


def _version(published: str, package: Package) -> str:
    """Return the name of the dataset of a preview after what it is made of."""
    digest = hashlib.sha256(published.encode())
    for name, rows in sorted(package.tables.items()):
        digest.update(name.encode())
        digest.update(rows.to_json(orient="split", index=False).encode())
    return VERSION_MARK + digest.hexdigest()[:12]


def _ids(package: Package) -> tuple[str, ...]:
    return (
        tuple(package.tables["strategies"]["strategie_id"])
        if "strategies" in package.tables
        else ()
    )


def mentioned_territories(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Return the keys of the territories that tables of a package name, those that lead first."""
    placed = [name for name in tables if load_format().tables[name].located]
    keys: dict[str, None] = {}
    for name in sorted(placed, key=lambda name: name != "strategies"):
        rows = tables[name]
        keys |= dict.fromkeys(rows["territoire_niveau"] + "-" + rows["territoire_code"])
    return tuple(keys)


def _refusal(report: Report) -> str:
    if not report.usable:
        return "Aucune table de ce fichier n’a pu être lue : il n’y a rien à montrer."
    return (
        f"Ce paquet a {pluralize(len(report.errors), 'erreur')} : corrigez-les d’abord, l’aperçu "
        "ne montre que ce qui pourrait être publié."
    )
