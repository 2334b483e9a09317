"""Folders of the project."""

from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = PROJECT_DIR / "data"
FORMAT_DIR = DATA_DIR / "format"
REFERENCE_DIR = DATA_DIR / "reference"
STRATEGIES_DIR = DATA_DIR / "strategies"
EDITIONS_DIR = DATA_DIR / "editions"
