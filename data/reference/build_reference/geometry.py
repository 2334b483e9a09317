"""Valid multipolygons whose coordinates lie on a grid."""

from __future__ import annotations

import numpy as np
import shapely


def polygons(geometries: np.ndarray) -> np.ndarray:
    """Valid multipolygons: the areal parts of what ``make_valid`` gives."""
    parts, owner = shapely.get_parts(shapely.make_valid(geometries), return_index=True)
    inner, index = shapely.get_parts(parts, return_index=True)
    owner, areal = owner[index], shapely.get_type_id(inner) == shapely.GeometryType.POLYGON
    inner, owner = inner[areal], owner[areal]
    numbers = np.arange(len(geometries))
    starts = np.searchsorted(owner, numbers, "left")
    stops = np.searchsorted(owner, numbers, "right")
    return np.array([
        shapely.multipolygons(inner[start:stop])
        for start, stop in zip(starts, stops, strict=True)
    ])  # fmt: skip


def polygon(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Valid multipolygon of one geometry."""
    return polygons(np.array([geometry]))[0]


def on_grid(geometries: np.ndarray, step: float) -> np.ndarray:
    """Valid multipolygons with every coordinate rounded to a multiple of ``step``."""
    return polygons(shapely.set_precision(geometries, step, mode="pointwise"))
