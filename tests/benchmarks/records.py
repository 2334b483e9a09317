"""The last results of each part, kept as JSON and written out for readers."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType

import pandas as pd
import psutil

PROJECT = Path(__file__).parents[2]
RESULTS = PROJECT / "docs" / "benchmarks.json"
DOCUMENT = PROJECT / "docs" / "benchmarks.md"
PARTS = ("pages", "browser", "maps", "builds", "exports", "papers", "load")
PACKAGES = ("streamlit", "duckdb", "pandas", "plotly", "typst")
_HEAD = """# Benchmarks

Written by `make bench` from [benchmarks.json](benchmarks.json); do not edit. Times depend on the
machine: what holds elsewhere is the ratios (×), whose two sides are measured in one run.
"""


def part(name: str) -> ModuleType:
    """Give the module of a part: its `TITLE`, its `NOTE`, and `run(folder) -> DataFrame`."""
    return import_module(f"tests.benchmarks.{name}")


def keep(name: str, table: pd.DataFrame, seconds: float) -> None:
    """Replace the results of a part, and write the document again."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    known[name] = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "machine": machine(),
        "seconds": round(seconds),
        "rows": json.loads(table.to_json(orient="records", force_ascii=False)),
    }
    ordered = {name: known[name] for name in PARTS if name in known}
    text = json.dumps(ordered, ensure_ascii=False, indent=1)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")
    DOCUMENT.write_text(document(ordered), encoding="utf-8")


def document(results: dict[str, dict]) -> str:
    """Write all results as Markdown."""
    sections = [
        f"## {part(name).TITLE}\n\n{part(name).NOTE}\n\n"
        f"{markdown(pd.DataFrame(found['rows']))}\n\n"
        f"{found['date']}, commit {found['commit']}, {found['seconds']} s. {found['machine']}\n"
        for name, found in results.items()
    ]
    return "\n".join([_HEAD, *sections])


def markdown(table: pd.DataFrame) -> str:
    """Write a table as Markdown, figures as they are, unknown ones empty."""
    return (
        table.astype(object)
        .where(table.notna(), "")
        .to_markdown(index=False, disable_numparse=True)
    )


def machine() -> str:
    """Describe the machine and the libraries whose speed matters."""
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return (
        f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GB; "
        f"Python {platform.python_version()}, {versions}."
    )


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.strip()
