"""A lake of each test's own: a database of a real PostgreSQL, and a folder of Parquet files."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from comparisons.lake import connection
from comparisons.settings import FORMAT_DIR

PASSWORD = "très-secret"
_IDENTIFIERS = ("strategie_id", "source_id", "budget_id", "inclus_dans", "partenaire_id", "chaine")


class PostgreSQL:
    """A server of PostgreSQL on loopback, that needs a password."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        # it refuses to run as root
        self._user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self._user:
            shutil.chown(folder, **self._user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        password = folder / "mot-de-passe"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self._run("initdb", "-U", "lac", "--auth=scram-sha-256", f"--pwfile={password}",
                  "--no-sync", "--locale=C.UTF-8")  # fmt: skip
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, "-D", self._folder / "base", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._user)

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", str(self._folder / "journal"))

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate")

    def address(self, database: str) -> str:
        return f"postgres:host=127.0.0.1 port={self.port} user=lac dbname={database}"

    def create(self, database: str) -> None:
        command = [self._programs / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U",
                   "lac", database]  # fmt: skip
        subprocess.run(command, check=True, env=os.environ | {"PGPASSWORD": PASSWORD})


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Return a server for the whole run; `make test` installs PostgreSQL."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="stratoscope-postgresql-"))
    server = PostgreSQL(programs, folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lake(
    postgresql: PostgreSQL, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return the folder of the files of an empty lake, that the environment names."""
    name = f"lac{len(list(postgresql._folder.glob('lac*')))}"
    (postgresql._folder / name).touch()
    postgresql.create(name)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("STRATOSCOPE_LAKE", postgresql.address(name))
    monkeypatch.setenv("STRATOSCOPE_LAKE_DATA", f"{tmp_path / 'lac'}/")
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "replique" / "base.duckdb"))
    return tmp_path / "lac"


@pytest.fixture
def parquet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the smallest rows written to Parquet files, as many are."""
    monkeypatch.setattr(connection, "_ROWS_IN_CATALOGUE", 0)


@pytest.fixture
def write_package(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the valid example under identifiers of its own."""

    def write(name: str, created: str = "2026-11-24", **cells: str) -> Path:
        folder = tmp_path / "paquets" / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(FORMAT_DIR / "exemples" / "valide", folder)
        descriptor = json.loads((folder / "datapackage.json").read_text("utf-8"))
        descriptor |= {"name": name, "created": created}
        (folder / "datapackage.json").write_text(json.dumps(descriptor))
        for file in folder.glob("*.csv"):
            rows = pd.read_csv(file, dtype="str", keep_default_na=False)
            for column in {*_IDENTIFIERS, "remplace"} & set(rows.columns):
                rows[column] = rows[column].where(rows[column] == "", f"{name}-" + rows[column])
            for column, value in cells.items():
                if column in rows:
                    rows[column] = value
            rows.to_csv(file, index=False)
        return folder

    return write
