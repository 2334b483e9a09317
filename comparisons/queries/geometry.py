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
# The département that gives its code to the close-up.
CLOSE_UP = "75"


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

    Those of the close-up of Paris come at the end, once more.

    A figure refers to a territory by its index here (the `rang` of the outline), which takes two
    bytes instead of ten: this matters for 34,900 communes.
    """
    text = gzip.decompress(outline_file(level).read_bytes()).decode("utf-8")
    # a regular expression, because parsing the JSON of communes takes two seconds and 0.5 GB
    return tuple(re.findall(r'"type":"Feature","id":"([0-9AB]+)"', text))


@lru_cache(maxsize=4)
def feature_index(level: str) -> dict[str, int]:
    """Return the index of each drawn territory of a level, by its code."""
    codes = outline_codes(level)
    return {codes[index]: index for index in reversed(range(len(codes)))}


@lru_cache(maxsize=4)
def close_up_index(level: str) -> dict[str, int]:
    """Return the index of the outlines of the close-up of Paris, by code; régions have none."""
    first = feature_index(level)
    return {code: index for index, code in enumerate(outline_codes(level)) if index != first[code]}


Outline = list[tuple[float, float]]
_FEATURE = re.compile(r'\{"type":"Feature","id":"([0-9AB]+)"')


def read_outlines(
    level: str, wanted: Iterable[str], close_up: bool = False
) -> dict[str, list[Outline]]:
    """Return the rings of some territories by code, without parsing those of all the others.

    Those of the close-up of Paris, or those of the map.
    """
    text = gzip.decompress(outline_file(level).read_bytes()).decode("utf-8")
    indexes = close_up_index(level) if close_up else feature_index(level)
    selected = {indexes[code] for code in wanted if code in indexes}
    decoder, outlines = json.JSONDecoder(), {}
    for index, match in enumerate(_FEATURE.finditer(text)):
        if index in selected:
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
        if feature["id"] in bounds:  # the close-up
            break
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
def _all_frames() -> list[dict]:
    content = gzip.decompress((_DISPLAY_DIR / "cadres.geojson.gz").read_bytes())
    return json.loads(content)["features"]


def inset_frames(close_up_level: str = "") -> list[dict]:
    """Return the frames of the insets, as GeoJSON features: closed lines, `id` a département.

    Those of the overseas départements and, on a map of `close_up_level`, that of Paris if this
    level is drawn in it.
    """
    has_close_up = bool(close_up_level and close_up_index(close_up_level))
    return [frame for frame in _all_frames() if has_close_up or frame["id"] != CLOSE_UP]


@lru_cache(maxsize=8)
def inset_name_image(code: str) -> bytes:
    """Return the name of an inset as a PNG image, by the code of its département."""
    return (_DISPLAY_DIR / f"nom-{code}.png").read_bytes()
