"""Valid multipolygons whose coordinates lie on a grid."""

from __future__ import annotations

import numpy as np
import shapely


def to_multipolygons(geometries: np.ndarray) -> np.ndarray:
    """Return valid multipolygons, of the areal parts that ``make_valid`` returns."""
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


def to_multipolygon(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the valid multipolygon of one geometry."""
    return to_multipolygons(np.array([geometry]))[0]


def on_grid(geometries: np.ndarray, step: float) -> np.ndarray:
    """Return valid multipolygons with every coordinate rounded to a multiple of ``step``."""
    return to_multipolygons(shapely.set_precision(geometries, step, mode="pointwise"))
