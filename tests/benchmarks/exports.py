"""Whole tables over HTTP, against DuckDB's own COPY and against Datasette on the same tables."""

import contextlib
import sqlite3
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import httpx
import pandas as pd

from tests.benchmarks.serving import APP, DATABASE, Site, serve_site, wait_for
from tests.ports import free_port

TITLE = "Exports: whole tables, against DuckDB's COPY and Datasette"
NOTE = """Medians of whole downloads over HTTP on the same machine. *Plain*: the same rows written
to a file in a process that has the database open, by DuckDB's `COPY` (a workbook: by pandas with
XlsxWriter); it is the least, without documentation, harmless cells or HTTP. *Datasette*: the same
tables in SQLite, streamed as it does (`_stream=on`), installed for this only; it has CSV and JSON,
and answers JSON in pages of 1,000 rows, here followed to the end. ×: the site's time over
theirs."""

TABLES = ("budgets", "priorites", "appartenances", "couverture")
REPEATS = 5
# one client for all: to make one takes longer than a small table
_CLIENT = httpx.Client(timeout=300, headers={"Accept-Encoding": "identity"})
_COPIES = {
    "csv": "(FORMAT csv, HEADER)",
    "json": "(FORMAT json, ARRAY true)",
    "parquet": "(FORMAT parquet)",
}
_DATASETTE = "datasette>=0.65,<2"


def run(folder: Path) -> pd.DataFrame:
    """Measure each table in each format."""
    database = folder / DATABASE
    with (
        serve_site(APP, database) as site,
        _datasette(database, folder) as datasette_site,
    ):
        with duckdb.connect(str(database), read_only=True) as connection:
            return pd.DataFrame(
                [
                    _measured(table, extension, site, datasette_site, connection, folder)
                    for table in TABLES
                    for extension in ("csv", "json", "parquet", "xlsx")
                    # a workbook of these has more cells than the site writes
                    if not (extension == "xlsx" and table == "couverture")
                ]
            )


def _measured(
    table: str,
    extension: str,
    site: Site,
    datasette_site: str,
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
) -> dict:
    count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    ours = f"{site.url}/api/v1/tables/{table}.{extension}"
    plain = folder / f"{table}.{extension}"

    def write() -> int:
        if extension in _COPIES:
            connection.execute(f"COPY {table} TO '{plain}' {_COPIES[extension]}")
        else:
            rows = connection.execute(f"FROM {table}").df()
            rows.to_excel(plain, engine="xlsxwriter", index=False)
        return plain.stat().st_size

    measures: dict[str, Callable[[], int]] = {"site": lambda: _download(ours), "plain": write}
    if extension == "csv":
        address = f"{datasette_site}/tables/{table}.csv?_stream=on&_size=max"
        measures["Datasette"] = lambda: _download(address)
    if extension == "json":
        measures["Datasette"] = lambda: _pages(
            f"{datasette_site}/tables/{table}.json?_shape=objects", count
        )
    times: dict[str, list[float]] = {name: [] for name in measures}
    sizes: dict[str, int] = {}
    for _ in range(REPEATS):  # in turn, so that what else the machine does weighs on all
        for name, measure in measures.items():
            started = time.perf_counter()
            sizes[name] = measure()
            times[name].append(time.perf_counter() - started)
    seconds = {name: statistics.median(durations) for name, durations in times.items()}
    row = {
        "table": table, "rows": count, "format": extension,
        "site, kB": round(sizes["site"] / 1000), "site, ms": round(1000 * seconds["site"]),
    }  # fmt: skip
    for name in ("plain", "Datasette"):
        if name in seconds:
            row[f"{name}, ms"] = round(1000 * seconds[name])
            row[f"× {name}"] = round(seconds["site"] / seconds[name], 2)
    return row


def _download(address: str) -> int:
    """Fetch all of an address, uncompressed; return its size."""
    response = _CLIENT.get(address)
    response.raise_for_status()
    return len(response.content)


def _pages(address: str, count: int) -> int:
    """Fetch all the pages of Datasette's JSON; return their total size."""
    size, rows = 0, 0
    following: str | None = f"{address}&_size=max"
    while following:
        response = _CLIENT.get(following).raise_for_status()
        page_data = response.json()
        size, rows = size + len(response.content), rows + len(page_data["rows"])
        following = page_data["next_url"]
    if rows != count:
        raise RuntimeError(f"Datasette gave {rows} rows of {count}.")
    return size


@contextlib.contextmanager
def _datasette(database: Path, folder: Path) -> Iterator[str]:
    """Serve the same tables by Datasette, from an environment of its own; give its address."""
    home = folder / "datasette"
    venv.create(home, with_pip=True)
    program = home / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([program / "python", "-m", "pip", "install", "-qqq", _DATASETTE], check=True)
    tables = folder / "tables.sqlite"
    with duckdb.connect(str(database), read_only=True) as source:
        with contextlib.closing(sqlite3.connect(tables)) as target:
            for table in TABLES:
                rows = source.execute(f"SELECT * FROM {table}").df()
                rows.astype(object).where(rows.notna(), None).to_sql(table, target, index=False)
    port = free_port()
    command = [program / "datasette", "serve", "--immutable", str(tables), "--port", str(port),
               "--setting", "max_csv_mb", "0", "--setting", "sql_time_limit_ms",
               "60000"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://localhost:{port}/-/versions.json", process)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)
