"""Folders of the project, and what the owner of the site says of it in the environment."""

import logging
import os
import re
from functools import cache
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = PROJECT_DIR / "data"
FORMAT_DIR = DATA_DIR / "format"
REFERENCE_DIR = DATA_DIR / "reference"
STRATEGIES_DIR = DATA_DIR / "strategies"
EDITIONS_DIR = DATA_DIR / "editions"
_ADDRESS = r"https?://[\w.:\[\]-]+(?:/[\w.~-]+)*/?"
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_log = logging.getLogger(__name__)


def site_address() -> str:
    """Return the address of the site that its owner named, with a final slash; empty if none.

    Files, messages and links print this one, never the `Host` of a request, which a stranger
    writes as he likes.
    """
    text = _setting("STRATOSCOPE_ADDRESS", _ADDRESS, "l’adresse d’un site")
    return text and f"{text.rstrip('/')}/"


def site_contact() -> str:
    """Return where readers write to the owner: an e-mail or a web address; empty if not named."""
    return _setting(
        "STRATOSCOPE_CONTACT", f"{_EMAIL}|{_ADDRESS}", "une adresse électronique ou web"
    )


def site_publisher() -> str:
    """Return who publishes the site, as the legal notice prints it; empty if not named."""
    return _setting("STRATOSCOPE_PUBLISHER", ".{1,500}", "un nom d’au plus 500 signes")


def site_host() -> str:
    """Return who hosts the site, as the legal notice prints it; empty if not named."""
    return _setting("STRATOSCOPE_HOST", ".{1,500}", "un nom d’au plus 500 signes")


def lake_address() -> str:
    """Return the catalogue of the lake (« postgres:dbname=… host=… » or a file); empty if none."""
    return os.environ.get("STRATOSCOPE_LAKE", "").strip()


def lake_data() -> str:
    """Return where the lake keeps its Parquet files: a folder, or an address in `s3://`."""
    return os.environ.get("STRATOSCOPE_LAKE_DATA", "").strip()


def computes_ahead() -> bool:
    """Return whether the site computes first answers at its start (`STRATOSCOPE_AHEAD=0`: no)."""
    return os.environ.get("STRATOSCOPE_AHEAD") != "0"


def database_path() -> Path:
    """Return the database of this installation (`STRATOSCOPE_DATABASE` overrides it)."""
    return Path(os.environ.get("STRATOSCOPE_DATABASE") or DATA_DIR / "stratoscope.duckdb")


def published_dir() -> Path:
    """Return the folder whose packages hold the wordings and partners that checks compare with.

    With a lake, the replica keeps them beside its database; who only publishes has none.
    """
    copy = replica_dir()
    return copy if lake_address() and copy.is_dir() else STRATEGIES_DIR


def replica_dir() -> Path:
    """Return the folder that a replica of the lake keeps beside its database."""
    return database_path().with_name(f"{database_path().name}.lac")


def _setting(variable: str, pattern: str, expected: str) -> str:
    return _check_setting(variable, os.environ.get(variable, "").strip(), pattern, expected)


@cache
def _check_setting(variable: str, text: str, pattern: str, expected: str) -> str:
    if not text or re.fullmatch(pattern, text):
        return text
    _log.warning("%s=%r n’est pas %s : ignorée.", variable, text, expected)
    return ""
