"""A lake of each test's own: a database of a real PostgreSQL, and a folder of Parquet files."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from comparisons.lake import connection
from comparisons.settings import FORMAT_DIR
from tests.postgresql import PASSWORD, PROGRAMS, PostgreSQL

_IDENTIFIERS = ("strategie_id", "source_id", "budget_id", "inclus_dans", "partenaire_id", "chaine")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Return a server for the whole run; `make test` installs PostgreSQL."""
    if PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed")
    server = PostgreSQL()
    yield server
    server.remove()


@pytest.fixture
def lake(
    postgresql: PostgreSQL, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return the folder of the files of an empty lake, that the environment names."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("STRATOSCOPE_LAKE", postgresql.create_database())
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
