"""Last results of each part, stored as JSON and as a Markdown document."""

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
PARTS = (
    "pages", "browser", "maps", "builds", "exports", "pdf", "load", "replicas", "siege",
    "documents", "scale",
)  # fmt: skip
PACKAGES = ("streamlit", "duckdb", "pandas", "plotly", "typst")
_HEAD = """# Benchmarks

Written by `make bench` from [benchmarks.json](benchmarks.json); do not edit. Times depend on the
machine: what holds elsewhere is the ratios (×), whose two sides are measured in one run.
"""


def load_part(name: str) -> ModuleType:
    """Return the module of a part, with `TITLE`, `NOTE` and `run(folder) -> DataFrame`."""
    return import_module(f"tests.benchmarks.{name}")


def record(name: str, table: pd.DataFrame, seconds: float) -> None:
    """Replace the results of a part, and update the document."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results[name] = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "machine": machine(),
        "seconds": round(seconds),
        "rows": json.loads(table.to_json(orient="records", force_ascii=False)),
    }
    ordered = {name: results[name] for name in PARTS if name in results}
    text = json.dumps(ordered, ensure_ascii=False, indent=1)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")
    DOCUMENT.write_text(document(ordered), encoding="utf-8")


def document(results: dict[str, dict]) -> str:
    """Format all results as Markdown."""
    sections = [
        f"## {load_part(name).TITLE}\n\n{load_part(name).NOTE}\n\n"
        f"{markdown(pd.DataFrame(result['rows']))}\n\n"
        f"{result['date']}, commit {result['commit']}, {result['seconds']} s. {result['machine']}\n"
        for name, result in results.items()
    ]
    return "\n".join([_HEAD, *sections])


def markdown(table: pd.DataFrame) -> str:
    """Format a table as Markdown, unknown values empty."""
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
