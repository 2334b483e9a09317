"""Outlines of territories: what the browser draws (built once, served under a hashed name)."""

import gzip
import hashlib
import json
from functools import lru_cache
from pathlib import Path

from comparisons.format import REFERENCE_DIR
from comparisons.territories import LEVELS

DISPLAY_DIR = REFERENCE_DIR / "affichage"


def display_file(level: str) -> Path:
    """Give the gzipped GeoJSON of a level; raises `KeyError` for an unknown level."""
    if level not in LEVELS:
        raise KeyError(level)
    return DISPLAY_DIR / f"{level}.geojson.gz"


@lru_cache(maxsize=8)
def fingerprint(level: str) -> str:
    """Hash the display geometry of a level, so that its address changes when it does."""
    return hashlib.sha256(display_file(level).read_bytes()).hexdigest()[:10]


def display_url(level: str) -> str:
    """Give the address that browsers may keep for ever."""
    return f"/api/v1/geo/{level}-{fingerprint(level)}.geojson"


@lru_cache(maxsize=1)
def frames() -> dict:
    """Give the frames of the overseas insets, as a GeoJSON collection of closed lines."""
    return json.loads(gzip.decompress((DISPLAY_DIR / "cadres.geojson.gz").read_bytes()))
