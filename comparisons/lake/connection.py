"""Open the lake that `STRATOSCOPE_LAKE` names: DuckLake, its catalogue and its Parquet files.

The extensions of DuckDB come from wheels of its version; nothing is downloaded. Neither a message
nor a log shows a password.
"""

import importlib.util
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from comparisons.errors import BadRequestError
from comparisons.settings import lake_address, lake_data

ALIAS = "lac"
_CATALOGUE = f"__ducklake_metadata_{ALIAS}"
_POSTGRES = re.compile(r"postgres(ql)?:")
# How long a publisher waits for the others, and a reader for a server that does not answer.
_LOCK_SECONDS = 300
_CONNECT_SECONDS = 10
# of PostgreSQL, for publishers only
_LOCK_KEY = 7_210_452_006
# Rows of one insertion that stay in the catalogue: smaller files would be slow to read.
_ROWS_IN_CATALOGUE = 50
_SECRET_VARIABLES = ("PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_FAULTS = {
    "password authentication failed": "le nom ou le mot de passe est refusé",
    "no password supplied": "il manque un mot de passe : donnez-le dans PGPASSWORD ou ~/.pgpass",
    "Connection refused": "rien n’écoute à cette adresse",
    "could not translate host name": "ce nom d’hôte est inconnu",
    "timeout expired": f"pas de réponse en {_CONNECT_SECONDS} secondes",
    "does not exist": "il n’existe pas encore, ou sa base n’existe pas. Publiez-y un paquet",
    "Could not set lock": "un autre programme tient ce catalogue. Pour plusieurs programmes à la "
    "fois, il faut un catalogue PostgreSQL",
    "DATA_PATH parameter": "il a été créé avec un autre dossier de données",
    "lock timeout": f"d’autres dépôts l’occupent depuis {_LOCK_SECONDS} secondes. Recommencez",
}

_PASSING_FAULTS = ("Could not set lock", "duplicate key value violates", "already exists")


class LakeError(BadRequestError):
    """The lake cannot be read or written; the message says why in French, without passwords."""

    status = 503


@dataclass(frozen=True)
class Lake:
    """An open lake."""

    connection: duckdb.DuckDBPyConnection

    def execute(self, sql: str, parameters: Sequence = ()) -> list[tuple]:
        """Run a statement in the lake; return its rows."""
        return self.connection.execute(sql, list(parameters)).fetchall()

    def query(self, sql: str, parameters: Sequence = ()) -> pd.DataFrame:
        """Run a query in the lake; return its rows."""
        return self.connection.execute(sql, list(parameters)).df()

    @contextmanager
    def registered(self, name: str, rows: pd.DataFrame) -> Iterator[None]:
        """Let statements read rows under a name until the end of the block."""
        self.connection.register(name, rows)
        try:
            yield
        finally:
            self.connection.unregister(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block does as one snapshot or, if it raises, nothing of it."""
        self.execute("BEGIN")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            _undo(self.connection)
            raise

    @contextmanager
    def only_publisher(self) -> Iterator[None]:
        """Have the other publishers wait until the end of the block, or of this process.

        A catalogue that is a file is opened by one process at a time anyhow.
        """
        if not _is_shared():
            yield
            return
        timeout = f"SET LOCAL lock_timeout = ''{_LOCK_SECONDS}s''"
        with closing(self.connection.cursor()) as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"CALL postgres_execute('{_CATALOGUE}', '{timeout}')")
            lock = f"SELECT pg_advisory_xact_lock({_LOCK_KEY})::text"
            cursor.execute(f"FROM postgres_query('{_CATALOGUE}', '{lock}')").fetchall()
            try:
                yield
            finally:
                _undo(cursor)


def _undo(cursor: duckdb.DuckDBPyConnection) -> None:
    """Undo a transaction, which an error may have ended already."""
    with suppress(duckdb.Error):
        cursor.execute("ROLLBACK")


@contextmanager
def open_lake(for_writing: bool = False) -> Iterator[Lake]:
    """Open the lake until the end of the block; one that is written to is made if need be.

    Raises `LakeError`.
    """
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    with closing(connection), _french_errors():
        connection.execute("SET enable_progress_bar = false")
        _load_extensions(connection)
        _attach(connection, for_writing)
        yield Lake(connection)


def _load_extensions(connection: duckdb.DuckDBPyConnection) -> None:
    names = ["ducklake"]
    names += ["postgres_scanner"] if _is_shared() else []
    names += ["httpfs"] if lake_data().startswith("s3://") else []
    for name in names:
        connection.execute(f"LOAD {_quoted(_extension_file(name))}")
    if "httpfs" in names:
        connection.execute(_s3_secret())


def _extension_file(name: str) -> str:
    """Return the file of an extension in its wheel; raise `LakeError` if it is not installed."""
    wheel = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(wheel)
    folders = spec.submodule_search_locations if spec else ()
    for folder in folders or ():
        for file in Path(folder).rglob(f"v{duckdb.__version__}/{name}.duckdb_extension"):
            return str(file)
    raise LakeError(
        f"Il manque une extension de DuckDB : {wheel.replace('_', '-')} {duckdb.__version__}. "
        "Installez-la par « python -m pip install -r .ci/lake.lock »."
    )


def _attach(connection: duckdb.DuckDBPyConnection, for_writing: bool) -> None:
    """Attach the lake; wait for another process that holds its catalogue in a file, or makes it."""
    data = f"DATA_PATH {_quoted(lake_data())}, OVERRIDE_DATA_PATH true" if lake_data() else ""
    mode = f"DATA_INLINING_ROW_LIMIT {_ROWS_IN_CATALOGUE}" if for_writing else "READ_ONLY"
    options = ", ".join(filter(None, (data, mode)))
    statement = f"ATTACH {_quoted('ducklake:' + _address())} AS {ALIAS}"
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            connection.execute(f"{statement} ({options})")
            break
        except duckdb.Error as error:
            # held in another process, or just being made by one
            is_passing = any(text in str(error) for text in _PASSING_FAULTS)
            if not is_passing or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _address() -> str:
    """Return the address for DuckLake, with the time that a connection may take."""
    address = lake_address()
    if not _is_shared() or "connect_timeout" in address:
        return address
    if "://" in address:
        mark = "&" if "?" in address else "?"
        return f"postgres:{address}{mark}connect_timeout={_CONNECT_SECONDS}"
    return f"{address} connect_timeout={_CONNECT_SECONDS}"


def _is_shared() -> bool:
    """Return whether the catalogue is a PostgreSQL server, which serves many processes at once."""
    return _POSTGRES.match(lake_address()) is not None


def _s3_secret() -> str:
    """Return the statement that gives DuckDB the key of the storage, from the usual variables."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    options = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID", ""),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN", ""),
        "REGION": os.environ.get("AWS_REGION", ""),
        "ENDPOINT": endpoint.partition("://")[2],
        "URL_STYLE": "path" if endpoint else "",
        "USE_SSL": "false" if endpoint.startswith("http://") else "",
    }
    given = ", ".join(f"{name} {_quoted(value)}" for name, value in options.items() if value)
    return f"CREATE SECRET (TYPE s3, {given})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def _french_errors() -> Iterator[None]:
    """Raise `LakeError` for an error of DuckDB; the original, with its secrets, is dropped."""
    try:
        yield
    except duckdb.Error as error:
        text = str(error)
        reason = next((french for english, french in _FAULTS.items() if english in text), None)
        reason = reason or _without_secrets(text.strip().splitlines()[0])
        address = _without_secrets(lake_address())
        raise LakeError(f"Le lac {address} n’a pas pu être utilisé : {reason}.") from None


def _without_secrets(text: str) -> str:
    """Return a text with its passwords masked."""
    for variable in _SECRET_VARIABLES:
        if secret := os.environ.get(variable):
            text = text.replace(secret, "***")
    text = re.sub(r"(password\s*=\s*)('[^']*'|\S+)", r"\1***", text, flags=re.IGNORECASE)
    return re.sub(r"(://[^:/@\s]*:)[^@\s]*@", r"\1***@", text)
