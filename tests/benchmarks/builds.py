"""Validating and building: the real corpus, then synthetic packages up to the size of France."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import psutil

from comparisons.settings import STRATEGIES_DIR
from tests.benchmarks import synthetic
from tests.benchmarks.serving import PROJECT

TITLE = "Builds: the corpus and synthetic packages"
NOTE = """Reading, validating and building each in a process of its own, on the real corpus and on
synthetic packages (labelled so in every title: 1 strategy, 29 priorities, 3 amounts, a source and
3 links of mutualisation each, on real territories). A build validates again. *× read*: the ratio
to DuckDB reading the same CSV files into tables, the least that any loader does. *Growth*: how
time grows when the package grows, from the line before: 1 is in proportion."""

SIZES = (1_000, 10_000, 35_000)
_MODULE = "tests.benchmarks.measured_build"


def run(folder: Path) -> pd.DataFrame:
    """Measure each package: seconds, ratio, growth, peak megabytes."""
    rows = [_measure_packages("Corpus", STRATEGIES_DIR, folder)]
    for size in SIZES:
        packages = folder / str(size)
        synthetic.generate(packages / f"synthetique-{size}", size)
        rows.append(_measure_packages(f"Synthetic, {size}", packages, folder))
    table = pd.DataFrame(rows)
    # the corpus does not compare with the synthetic packages
    size, spent = table["rows"], table["validate, s"] + table["build, s"]
    table["growth"] = ((spent / spent.shift()) / (size / size.shift())).round(2)
    table.loc[:1, "growth"] = None
    return table


def _measure_packages(name: str, packages: Path, folder: Path) -> dict:
    database = folder / f"{name}.duckdb"
    seconds, megabytes = {}, {}
    for step in ("read", "validate", "build"):
        seconds[step], megabytes[step] = _run_in_process(packages, database, step)
    rows, minimum = _read_by_duckdb(packages)
    return {
        "package": name, "rows": rows,
        "CSV, MB": round(sum(f.stat().st_size for f in packages.rglob("*.csv")) / 2**20, 1),
        "DuckDB reads, s": round(minimum, 2), "read, s": round(seconds["read"], 2),
        "validate, s": round(seconds["validate"] - seconds["read"], 2),
        "build, s": round(seconds["build"], 2), "build, ×": round(seconds["build"] / minimum, 1),
        "validate, peak MB": megabytes["validate"], "build, peak MB": megabytes["build"],
        "database, MB": round(database.stat().st_size / 2**20, 1),
    }  # fmt: skip


def _run_in_process(packages: Path, database: Path, step: str) -> tuple[float, int]:
    """Return the seconds that a step takes, without imports, and its peak memory in megabytes."""
    command = [sys.executable, "-m", _MODULE, str(packages), str(database), step]
    peak = 0
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                peak = max(peak, watched.memory_info().rss)
            time.sleep(0.02)
        if process.returncode:
            raise RuntimeError(f"{step} failed on {packages.name}.")
        return json.loads(process.stdout.read()), round(peak / 2**20)


def _read_by_duckdb(packages: Path) -> tuple[int, float]:
    """Return the rows of the package's tables, and the seconds that DuckDB takes to load them."""
    started, rows = time.perf_counter(), 0
    with duckdb.connect() as connection:
        for number, file in enumerate(sorted(packages.rglob("*.csv"))):
            connection.execute(
                f"CREATE TABLE t{number} AS SELECT * FROM read_csv(?, all_varchar = true)",
                [str(file)],
            )
            rows += connection.execute(f"SELECT count(*) FROM t{number}").fetchone()[0]
    return rows, time.perf_counter() - started
