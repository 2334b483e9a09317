"""A lake of the size of France, and many publishers at once, on a real PostgreSQL."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil

from comparisons.lake.replica import LOOK_SECONDS
from comparisons.settings import REFERENCE_DIR
from tests.benchmarks import synthetic
from tests.benchmarks.serving import PROJECT
from tests.package_files import csv_table, source_row, strategy_row
from tests.postgresql import PASSWORD, PostgreSQL

TITLE = "Scale: a lake of all of France, many publishers"
NOTE = """A lake whose catalogue is a PostgreSQL on loopback, its Parquet files a folder. *Publish*
and *materialise* (build the database of a replica from the last snapshot) are whole commands, each
a process with its imports. *Publishers*: processes that publish packages of one strategy, one after
the other, all at once; *lost* counts packages that are not in the lake, each once. *Replicas*: from
the last commit until both have built it, of which up to 30 s until they look. *Load*: processes
that waited for a processor when the step began; above 2 the machine did something else, too, and
seconds are too long. `SCALE=0.1` measures a tenth of everything."""

SHARE = float(os.environ.get("SCALE", 1))
STRATEGIES, PACKAGES, PUBLISHERS, REPLICAS = round(35_000 * SHARE), round(1000 * SHARE), 8, 2
_PUBLISH_ALL = """
import sys
from pathlib import Path
from comparisons.lake.publishing import publish
for path in sorted(Path(sys.argv[1]).iterdir()):
    result = publish(path)
    assert result.outcome == "fait", result.message
"""
_FOLLOW = """
import sys, time
from comparisons.lake import replica
from comparisons.database.connection import dataset_metadata
deadline = time.monotonic() + 600
while time.monotonic() < deadline:
    replica.follow()
    if str(dataset_metadata()["version"]).startswith(sys.argv[1]):
        break
    time.sleep(replica.LOOK_SECONDS)
"""


def run(folder: Path) -> pd.DataFrame:
    """Measure each step: seconds, peak megabytes, what was lost."""
    with _lake(folder / "grand") as environment:
        packages = folder / "grands"
        synthetic.generate(packages / "france", STRATEGIES)
        _write_package(packages / "un", "un", 0)
        rows = [
            _step(f"Publish {STRATEGIES} strategies", environment, "publish", packages / "france"),
            _step("Publish one more", environment, "publish", packages / "un"),
            _step("Materialise", environment, "build"),
        ]
    with _lake(folder / "partage") as environment:
        rows += _publishers(folder / "petits", environment)
    return pd.DataFrame(rows)


@contextlib.contextmanager
def _lake(folder: Path) -> Iterator[dict[str, str]]:
    """Start an empty lake; yield the environment that names it."""
    server = PostgreSQL()
    try:
        yield os.environ | {
            "PGPASSWORD": PASSWORD,
            "STRATOSCOPE_LAKE": server.create_database(),
            "STRATOSCOPE_LAKE_DATA": f"{folder}/",
            "STRATOSCOPE_DATABASE": str(folder / "base.duckdb"),
        }
    finally:
        server.remove()


def _step(name: str, environment: dict[str, str], *arguments: object) -> dict:
    """Run a command of the project; return its seconds and its peak memory."""
    command = [sys.executable, "-m", "comparisons", *map(str, arguments)]
    started, load, peak = time.perf_counter(), os.getloadavg()[0], 0
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                peak = max(peak, watched.memory_info().rss)
            time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"{name} failed.")
    seconds = round(time.perf_counter() - started, 1)
    return {"step": name, "seconds": seconds, "peak MB": peak >> 20, "load": round(load, 1)}


def _publishers(folder: Path, environment: dict[str, str]) -> list[dict]:
    """Publish from many processes at once, then wait for replicas that follow the lake."""
    for number in range(PACKAGES):
        name = f"paquet-{number:04}"
        _write_package(folder / str(number % PUBLISHERS) / name, name, number)
    started, load = time.perf_counter(), os.getloadavg()[0]
    _run_all(
        [(_PUBLISH_ALL, str(folder / str(number))) for number in range(PUBLISHERS)],
        [environment] * PUBLISHERS,
    )
    seconds = time.perf_counter() - started
    listed = subprocess.run(
        [sys.executable, "-m", "comparisons", "snapshots", "--json"],
        cwd=PROJECT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    published = [snapshot["paquet"] for snapshot in json.loads(listed.stdout)]
    lost = PACKAGES - len(set(published)) + len(published) - len(set(published))
    rows = [{
        "step": f"{PACKAGES} packages from {PUBLISHERS} publishers", "seconds": round(seconds, 1),
        "packages/s": round(PACKAGES / seconds, 2), "lost": lost, "load": round(load, 1),
    }]  # fmt: skip
    base = Path(environment["STRATOSCOPE_DATABASE"])
    replicas = [environment | {"STRATOSCOPE_DATABASE": str(base.with_name(f"{number}.duckdb"))}
                for number in range(REPLICAS)]  # fmt: skip
    started, load = time.perf_counter(), os.getloadavg()[0]
    _run_all([(_FOLLOW, "")] * REPLICAS, replicas)
    seconds = round(time.perf_counter() - started + LOOK_SECONDS, 1)
    name = f"{REPLICAS} replicas, {LOOK_SECONDS} s of waiting counted"
    return [*rows, {"step": name, "seconds": seconds, "load": round(load, 1)}]


def _run_all(scripts: list[tuple[str, str]], environments: list[dict[str, str]]) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", *script], cwd=PROJECT, env=environment)
        for script, environment in zip(scripts, environments, strict=True)
    ]
    # every one is waited for
    if sum(abs(process.wait()) for process in processes):
        raise RuntimeError("A process failed.")


def _write_package(folder: Path, name: str, number: int) -> None:
    """Write a package of one strategy of a commune, with three priorities and a source."""
    folder.mkdir(parents=True)
    territories = pd.read_csv(REFERENCE_DIR / "territoires.csv", dtype="str")
    communes = territories.loc[territories["territoire_niveau"] == "commune", "territoire_code"]
    strategy = strategy_row(f"{name}-s", f"commune-{communes.iloc[number]}", source_id=f"{name}-1")
    strategy |= {"titre": f"{synthetic.LABEL} : {name}"}
    priorities = [
        {"strategie_id": f"{name}-s", "rang": rank, "theme": "inclusion_mediation",
         "intitule": f"{synthetic.LABEL} {rank}", "certitude": "explicite",
         "source_id": f"{name}-1"}
        for rank in (1, 2, 3)
    ]  # fmt: skip
    rows = {"strategies": [strategy], "priorites": priorities, "sources": [source_row(f"{name}-1")]}
    for table, table_rows in rows.items():
        (folder / f"{table}.csv").write_text(csv_table(table_rows), encoding="utf-8")
    descriptor = {"name": name, "created": "2026-11-26", "title": f"{synthetic.LABEL} : {name}"}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
