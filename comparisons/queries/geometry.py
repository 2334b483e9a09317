"""Simplified outlines of territories for the browser, served under a hashed name."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from comparisons.schema.territory import LEVELS, parse_key
from comparisons.settings import REFERENCE_DIR

_DISPLAY_DIR = REFERENCE_DIR / "affichage"


def outline_file(level: str) -> Path:
    """Return the gzipped GeoJSON of a level; raises `KeyError` for an unknown level."""
    if level not in LEVELS:
        raise KeyError(level)
    return _DISPLAY_DIR / f"{level}.geojson.gz"


@lru_cache(maxsize=8)
def outline_hash(level: str) -> str:
    """Hash the display geometry of a level, so that its address changes when it does."""
    return hashlib.sha256(outline_file(level).read_bytes()).hexdigest()[:10]


def outline_url(level: str) -> str:
    """Return the address of the outlines, which browsers may cache for ever."""
    return f"/api/v1/geo/{level}-{outline_hash(level)}.geojson"


@lru_cache(maxsize=4)
def outline_codes(level: str) -> tuple[str, ...]:
    """Return codes of the territories that have outlines, in the order of the display file.

    A figure refers to a territory by its index here (the `rang` of the outline), which takes two
    bytes instead of ten: this matters for 34,900 communes.
    """
    text = gzip.decompress(outline_file(level).read_bytes()).decode("utf-8")
    # a regular expression, because parsing the JSON of communes takes two seconds and 0.5 GB
    return tuple(re.findall(r'"type":"Feature","id":"([0-9AB]+)"', text))


@lru_cache(maxsize=4)
def feature_index(level: str) -> dict[str, int]:
    """Return the index of each drawn territory of a level, by its code."""
    return {code: index for index, code in enumerate(outline_codes(level))}


Outline = list[tuple[float, float]]
_FEATURE = re.compile(r'\{"type":"Feature","id":"([0-9AB]+)"')


def read_outlines(level: str, wanted: Iterable[str]) -> dict[str, list[Outline]]:
    """Return the rings of some territories by code, without parsing those of all the others."""
    text = gzip.decompress(outline_file(level).read_bytes()).decode("utf-8")
    codes, decoder, outlines = set(wanted), json.JSONDecoder(), {}
    for match in _FEATURE.finditer(text):
        if match[1] in codes:
            shape = decoder.raw_decode(text, match.start())[0]["geometry"]
            parts = shape["coordinates"]
            polygons = [parts] if shape["type"] == "Polygon" else parts
            outlines[match[1]] = [ring for polygon in polygons for ring in polygon]
    return outlines


Bounds = tuple[float, float, float, float]


@lru_cache(maxsize=2)
def _bounds_by_code(level: str) -> dict[str, Bounds]:
    collection = json.loads(gzip.decompress(outline_file(level).read_bytes()))
    bounds = {}
    for feature in collection["features"]:
        points = list(_iterate_points(feature["geometry"]["coordinates"]))
        longitudes, latitudes = zip(*points, strict=True)
        bounds[feature["id"]] = (
            min(longitudes), min(latitudes), max(longitudes), max(latitudes)
        )  # fmt: skip
    return bounds


def _iterate_points(coordinates: list) -> Iterator[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        yield tuple(coordinates)
    else:
        for part in coordinates:
            yield from _iterate_points(part)


def bounding_box(key: str) -> Bounds | None:
    """Return the box (west, south, east, north) of a région or département as it is drawn."""
    territory = parse_key(key)
    return _bounds_by_code(territory.niveau).get(territory.code)


@lru_cache(maxsize=1)
def inset_frames() -> dict:
    """Return the frames of the overseas insets, as a GeoJSON collection of closed lines."""
    return json.loads(gzip.decompress((_DISPLAY_DIR / "cadres.geojson.gz").read_bytes()))


@lru_cache(maxsize=8)
def inset_name_image(code: str) -> bytes:
    """Return the name of an inset as a PNG image, by the code of its département."""
    return (_DISPLAY_DIR / f"nom-{code}.png").read_bytes()
