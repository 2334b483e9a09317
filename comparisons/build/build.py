"""Build the DuckDB file from the files of `data/`.

A build writes a new file and replaces the database at the end
(`comparisons.build.file_replacement`); the previous database stays usable until then.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from comparisons.analysis.peers import distances
from comparisons.build import history as build_history
from comparisons.build import network_positions
from comparisons.build.file_replacement import atomic_replace, os_error_message
from comparisons.build.packages import BuildError, LoadedPackages, load_packages
from comparisons.build.start_up import load_site
from comparisons.database.connection import (
    OFFICIAL_SCHEMA,
    DatabaseMissingError,
    DatabaseUnusableError,
    database_path,
    dataset_metadata,
    use_file,
    verify_checksums,
)
from comparisons.datapackage import merge
from comparisons.datapackage.cells import to_typed_frame
from comparisons.datapackage.descriptor import DESCRIPTOR
from comparisons.datapackage.merge import LeftOut, Replacement, past_folders
from comparisons.datapackage.validation.report import Report
from comparisons.formatting import pluralize
from comparisons.queries.territories import ACTING_AREAS_SQL
from comparisons.schema import peer_variables
from comparisons.schema.model import Table, duckdb_type, load_format
from comparisons.schema.registry import TABLES_DIR, described_tables
from comparisons.schema.territory import LEVELS
from comparisons.settings import FORMAT_DIR, REFERENCE_DIR

# Derived tables in the order of their dependencies; `pairs` and `positions_reseau` are computed in
# Python.
SQL_DIR = Path(__file__).resolve().with_name("sql")
DERIVED_TABLES = (
    "appartenances",
    "axes",
    "etats_strategies",
    "etats_annuels",
    "territoires_couverts",
    "strategies_englobantes",
    "populations_strategies",
    "budgets_comparables",
    "dernieres_recherches",
    "couverture",
    "priorites_par_theme",
    "services_par_territoire",
    "preuves",
)
# makes the tables of facts in `OFFICIAL_SCHEMA`
_OFFICIAL_SOURCES = "sources_officielles"
# their code determines the content of the database, as data do
_COMPUTING_MODULES = (peer_variables, distances, merge, build_history, network_positions)
_REFERENCE_TABLES = (
    "territoires",
    "voisins",
    "jumeaux",
    "anciennes_communes",
    "questions",
    "competences",
    "ruptures",
)


@dataclass
class BuildReport:
    """Report of a build: version, rows per table, warnings, replaced rows, packages left out."""

    version: str
    database: Path
    rows: dict[str, int] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    replacements: list[Replacement] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def input_files() -> list[Path]:
    """List every file that determines the content of the database.

    Packages come last, in the order of precedence for equal dates.
    """
    folders = merge.package_folders()
    folders += past_folders([folder.name for folder in folders])
    return computing_files() + [file for folder in folders for file in _package_files(folder)]


def computing_files() -> list[Path]:
    """List the files that determine the database besides packages: format, territories, code."""
    shared_files = [
        *FORMAT_DIR.glob("datapackage.json"),
        *FORMAT_DIR.glob("schemas/*.json"),
        *FORMAT_DIR.glob("vocabulaires/*.csv"),
        *REFERENCE_DIR.glob("*.csv"),
        *REFERENCE_DIR.glob("*.parquet"),
        *SQL_DIR.glob("*.sql"),
        *(TABLES_DIR / "derived").glob("*.json"),
        *(Path(module.__file__) for module in _COMPUTING_MODULES),
        Path(__file__),
    ]
    return sorted(shared_files)


def _package_files(folder: Path) -> list[Path]:
    """List the tables and the descriptor of a package; a pipe or a device is never opened."""
    files = sorted([*folder.rglob("*.csv"), *folder.glob(DESCRIPTOR)])
    return [file for file in files if file.is_file()]


def dataset_version() -> str:
    """Return the version of the dataset: a short hash of all its input files.

    Raises `BuildError` if a file cannot be read.
    """
    return hash_files(input_files())


def hash_files(paths: Iterable[Path]) -> str:
    """Return a short hash of the names and contents of files.

    Raises `BuildError` if one cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for path in paths:
            # the folder is the name of a package, which decides the precedence for equal dates
            digest.update(f"{path.parent.name}/{path.name}".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise BuildError(
            f"{error.filename} ne se lit pas : {os_error_message(error)}.\nRien n’a été remplacé."
        ) from error
    return digest.hexdigest()[:12]


def build(
    database: Path | None = None,
    progress: Callable[[str], object] = lambda line: None,
    load: Callable[[Callable[[str], object]], LoadedPackages] = load_packages,
    version: str = "",
) -> BuildReport:
    """Validate all packages, build the database and replace the previous one; return a report.

    `load` gives the packages (by default those of the folders), `version` names the dataset (by
    default a hash of its files). Raises `BuildError` (in French) if a package has errors, or if
    the database cannot be written; the old database then stays.
    """
    database = Path(database or database_path())
    version = version or dataset_version()
    progress(f"Version du jeu de données : {version}")
    loaded = load(progress)
    report = BuildReport(
        version,
        database,
        reports=loaded.reports,
        replacements=loaded.replacements,
        left_out=loaded.left_out,
    )
    for replacement in loaded.replacements:
        progress(f"  {replacement}")

    try:
        with atomic_replace(database) as new_file:
            with duckdb.connect(str(new_file)) as connection:
                report.rows = _write_tables(connection, loaded, version, progress)
            _require_usable(new_file)
    except (duckdb.Error, OSError) as error:
        raise BuildError(
            f"La base {database} n’a pas pu être écrite : {os_error_message(error)}.\nRien n’a "
            "été remplacé. "
            "Pour l’écrire ailleurs, donnez l’adresse d’un fichier dans STRATOSCOPE_DATABASE."
        ) from error
    progress(
        f"Base prête : {pluralize(sum(report.rows.values()), 'ligne')} dans "
        f"{pluralize(len(report.rows), 'table')}."
    )
    return report


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    loaded: LoadedPackages,
    version: str,
    progress: Callable[[str], object],
) -> dict[str, int]:
    """Write every table of a new database; return the number of rows of each."""
    connection.execute("SET enable_progress_bar = false")
    _load_format(connection, loaded.tables, progress)
    _load_reference(connection, progress)
    _create_table_by_name(connection, "paquets", loaded.described)
    for name, rows in (("editions", loaded.editions), ("changements", loaded.changes)):
        _create_table_by_name(connection, name, rows)
        progress(f"Chargement de {name} : {pluralize(len(rows), 'ligne')}")
    _compute_derived_tables(connection, progress)
    _keep_official_sources(connection, progress)
    rows = _write_metadata(connection, version)
    # closing the connection would also write it, but without an error if the disk is full
    connection.execute("CHECKPOINT")
    return rows


def _require_usable(new_file: Path) -> None:
    """Raise `BuildError` if the site would not start with a new database."""
    try:
        with use_file(new_file):
            load_site()
    except Exception as error:
        raise BuildError(
            "La base construite ne s’ouvre pas : un paquet contient ce que le site ne sait pas "
            f"lire ({error}).\nRien n’a été remplacé."
        ) from error


def build_if_stale(progress: Callable[[str], object] = lambda line: None) -> bool:
    """Build the default database if it is missing, damaged or outdated; return whether it was.

    Raises `BuildError`, in French.
    """
    try:
        if dataset_metadata()["version"] == dataset_version():
            verify_checksums()
            return False
    except DatabaseUnusableError as error:
        progress(f"{error} Elle va être remplacée.")
    except DatabaseMissingError:
        progress("Première construction de la base.")
    build(progress=progress)
    return True


def _load_format(
    connection: duckdb.DuckDBPyConnection,
    tables: dict[str, pd.DataFrame],
    progress: Callable[[str], object],
) -> None:
    for name, table in load_format().tables.items():
        rows = to_typed_frame(tables[name], table)
        _create_table(connection, table, rows)
        progress(f"Chargement de {name} : {pluralize(len(rows), 'ligne')}")
    vocabularies = pd.concat(
        [rows.assign(vocabulaire=name) for name, rows in load_format().vocabularies.items()],
        ignore_index=True,
    )
    _create_table_by_name(connection, "vocabulaires", vocabularies)


def _create_table(connection: duckdb.DuckDBPyConnection, table: Table, rows: pd.DataFrame) -> None:
    columns = ", ".join(f'"{field_.name}" {duckdb_type(field_)}' for field_ in table.fields)
    connection.execute(f"CREATE TABLE {table.name} ({columns})")
    names = ", ".join(f'"{name}"' for name in table.columns)
    connection.register("nouvelles_lignes", rows.reindex(columns=list(table.columns)))
    connection.execute(f"INSERT INTO {table.name} SELECT {names} FROM nouvelles_lignes")
    connection.unregister("nouvelles_lignes")


def _create_table_by_name(
    connection: duckdb.DuckDBPyConnection, name: str, rows: pd.DataFrame
) -> None:
    table = described_tables("derived").get(name)
    if table:
        _create_table(connection, table, rows)
        return
    connection.register("nouvelles_lignes", rows)
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM nouvelles_lignes")
    connection.unregister("nouvelles_lignes")


def _load_reference(
    connection: duckdb.DuckDBPyConnection, progress: Callable[[str], object]
) -> None:
    for name in _REFERENCE_TABLES:
        rows = _read_reference_table(name)
        _create_table_by_name(connection, name, rows)
        progress(f"Chargement de {name} : {pluralize(len(rows), 'ligne')}")


def _read_reference_table(name: str) -> pd.DataFrame:
    """Read a table of `data/reference/` with the types of its dictionary (codes stay text)."""
    parquet = REFERENCE_DIR / f"{name}.parquet"
    if parquet.exists():
        return pd.read_parquet(parquet)
    table = described_tables("derived")[name]
    types = {"integer": "Int64", "year": "Int64", "number": "Float64", "boolean": "string"}
    rows = pd.read_csv(
        REFERENCE_DIR / f"{name}.csv",
        dtype={field_.name: types.get(field_.type, "string") for field_ in table.fields},
        keep_default_na=False,
        na_values=[""],
    )
    for column in (field_.name for field_ in table.fields if field_.type == "boolean"):
        rows[column] = rows[column].map({"oui": True, "non": False}).astype("boolean")
    for column in (field_.name for field_ in table.fields if field_.type == "list"):
        rows[column] = rows[column].str.split("|")
    return rows


def _compute_derived_tables(
    connection: duckdb.DuckDBPyConnection, progress: Callable[[str], object]
) -> None:
    connection.execute((SQL_DIR / "macros.sql").read_text(encoding="utf-8"))
    for name in DERIVED_TABLES:
        progress(f"Calcul de {name}…")
        connection.execute((SQL_DIR / f"{name}.sql").read_text(encoding="utf-8"))
    progress("Calcul de pairs…")
    territories = connection.execute("SELECT * FROM territoires").df()
    pairs = pd.concat(
        [_nearest_peers(connection, territories, level) for level in LEVELS], ignore_index=True
    )
    _create_table_by_name(connection, "pairs", pairs)
    progress("Calcul de positions_reseau…")
    positions = network_positions.network_positions(connection)
    _create_table_by_name(connection, "positions_reseau", positions)


def _keep_official_sources(
    connection: duckdb.DuckDBPyConnection, progress: Callable[[str], object]
) -> None:
    """Write what official sources alone say, in a schema of its own (see the SQL)."""
    progress("Calcul de ce que disent les seules sources officielles…")
    connection.execute(f"CREATE SCHEMA {OFFICIAL_SCHEMA}")
    connection.execute(f"SET search_path = '{OFFICIAL_SCHEMA},main'")
    connection.execute((SQL_DIR / f"{_OFFICIAL_SOURCES}.sql").read_text(encoding="utf-8"))
    written = {name for (name,) in connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = ?", [OFFICIAL_SCHEMA]
    ).fetchall()}  # fmt: skip
    for name, sql in affected_tables(written):
        if name not in written:
            connection.execute(sql)
    connection.execute("SET search_path = 'main'")


def affected_tables(changed: Iterable[str]) -> list[tuple[str, str]]:
    """Return the name and SQL of the derived tables that depend on changed ones, in order."""
    stale_names, statements = set(changed), []
    for name in DERIVED_TABLES:
        sql = (SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")
        if stale_names & set(re.findall(r"\w+", sql)):
            stale_names.add(name)
            statements.append((name, sql))
    return statements


def _nearest_peers(
    connection: duckdb.DuckDBPyConnection, territories: pd.DataFrame, level: str
) -> pd.DataFrame:
    areas = connection.execute(ACTING_AREAS_SQL, {"level": level}).df()
    rows = territories[territories["territoire_niveau"] == level]
    rows = distances.where_they_act(rows, areas.set_index("territoire_code"))
    return distances.nearest_peers(rows, level)


def _write_metadata(connection: duckdb.DuckDBPyConnection, version: str) -> dict[str, int]:
    """Write the table `jeu_de_donnees`; return the number of rows of each other table."""
    counts = {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        for (name,) in connection.execute("SHOW TABLES").fetchall()
    }
    connection.execute(
        "CREATE TABLE jeu_de_donnees AS SELECT ? AS version, ? AS format_version, "
        "? AS construit_le, (SELECT max(date) FROM paquets) AS date, "
        "(SELECT max(annee) FROM paquets) AS annee",
        [version, load_format().version, datetime.now(UTC).isoformat(timespec="seconds")],
    )
    return counts
