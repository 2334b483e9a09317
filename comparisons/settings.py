"""Folders of the project, and the address of the site."""

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
_ADDRESS_VARIABLE = "STRATOSCOPE_ADDRESS"
_log = logging.getLogger(__name__)


def site_address() -> str:
    """Return the address of the site that its owner named, with a final slash; empty if none.

    Files, messages and links print this one, never the `Host` of a request, which a stranger
    writes as he likes.
    """
    return _check_address(os.environ.get(_ADDRESS_VARIABLE, ""))


@cache
def _check_address(text: str) -> str:
    if not text:
        return ""
    if not re.fullmatch(r"https?://[\w.:\[\]-]+(?:/[\w.~-]+)*/?", text):
        _log.warning(
            "%s=%r n’est pas l’adresse d’un site, comme https://stratoscope.example : ignorée.",
            _ADDRESS_VARIABLE,
            text,
        )
        return ""
    return f"{text.rstrip('/')}/"
