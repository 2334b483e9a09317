"""GeoJSON features of the maps."""

from __future__ import annotations

import gzip
import json

import geopandas as gpd
import pandas as pd
import shapely
from display import DECIMALS
from zones import INSETS


def to_rings(polygon: shapely.Polygon) -> list:
    """Return the rings of a polygon: outer ones counter-clockwise, holes clockwise (RFC 7946)."""
    polygon = shapely.orient_polygons(polygon)
    return [
        [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords]
        for ring in (polygon.exterior, *polygon.interiors)
    ]


def territory_feature(rank: int, code: str, name: str, shape: shapely.MultiPolygon) -> dict:
    """Return the feature of one territory."""
    parts = [to_rings(part) for part in shapely.get_parts(shape)]
    kind = "Polygon" if len(parts) == 1 else "MultiPolygon"
    return {
        "type": "Feature", "id": code, "properties": {"rang": rank, "nom": name},
        "geometry": {"type": kind, "coordinates": parts[0] if len(parts) == 1 else parts},
    }  # fmt: skip


def layer_features(shapes: gpd.GeoSeries, names: pd.Series) -> list[dict]:
    """Return the features of a display layer; ``names`` holds the name of each code.

    Those that are drawn once more, in the close-up, come after all others.
    """
    return [
        territory_feature(rank, code, names[code], shape)
        for rank, (code, shape) in enumerate(shapes.items())
    ]


def frame_features() -> list[dict]:
    """Return the rectangles around the insets, each with its label and where to write it."""
    features = []
    for code, inset in INSETS.items():
        west, south, east, north = inset.frame
        line = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        features.append({
            "type": "Feature", "id": code,
            "properties": {
                "nom": inset.name, "echelle": inset.scale,
                "longitude": round((west + east) / 2, 3), "latitude": round(north - 0.16, 3),
            },
            "geometry": {"type": "LineString", "coordinates": line},
        })  # fmt: skip
    return features


def gzip_features(features: list[dict]) -> bytes:
    """Return features as gzip without date nor name: the same data give the same bytes."""
    collection = {"type": "FeatureCollection", "features": features}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)
