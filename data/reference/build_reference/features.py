"""GeoJSON features of the maps."""

from __future__ import annotations

import gzip
import json

import geopandas as gpd
import pandas as pd
import shapely
from display import DECIMALS
from zones import INSETS


def rings(polygon: shapely.Polygon) -> list:
    """RFC 7946: outer rings run counter-clockwise, holes clockwise."""
    polygon = shapely.orient_polygons(polygon)
    return [
        [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords]
        for ring in (polygon.exterior, *polygon.interiors)
    ]


def territory(rank: int, code: str, name: str, shape: shapely.MultiPolygon) -> dict:
    """Feature of one territory."""
    parts = [rings(part) for part in shapely.get_parts(shape)]
    kind = "Polygon" if len(parts) == 1 else "MultiPolygon"
    return {
        "type": "Feature", "id": code, "properties": {"rang": rank, "nom": name},
        "geometry": {"type": kind, "coordinates": parts[0] if len(parts) == 1 else parts},
    }  # fmt: skip


def layer_features(shapes: gpd.GeoSeries, names: pd.Series) -> list[dict]:
    """Features of a display layer; ``names`` holds the name of each code."""
    return [
        territory(rank, code, names[code], shape)
        for rank, (code, shape) in enumerate(shapes.items())
    ]


def frame_features() -> list[dict]:
    """The rectangles around the insets, each with its label and where to write it."""
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


def compressed(features: list[dict]) -> bytes:
    """Gzip without a date nor a name, so that the same data give the same bytes."""
    collection = {"type": "FeatureCollection", "features": features}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)
