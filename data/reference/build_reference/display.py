"""Simplified layers of the maps, with overseas départements and Paris beside the mainland."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geometry import on_grid
from levels import dissolve
from zones import (
    CLOSE_UP,
    CLOSE_UP_DEPARTEMENTS,
    EARTH_RADIUS_KM,
    INSETS,
    Inset,
    communes_by_zone,
    local_crs,
)

DECIMALS = 4  # of coordinates, in degrees


@dataclass(frozen=True)
class Layer:
    """Simplification of a display layer: tolerance in metres, area of the smallest island.

    All but régions, which are large enough, are drawn once more in the close-up.
    """

    tolerance_m: float
    islet_km2: float
    has_close_up: bool = True


LAYERS = {
    "region": Layer(450, 2.0, has_close_up=False),
    "departement": Layer(450, 1.0),
    "epci": Layer(450, 0.5),
    "commune": Layer(360, 0.05),
}


def move_to_inset(x: np.ndarray, inset: Inset) -> np.ndarray:
    """Convert local metres to map degrees inside an inset; shapes are those of a Mercator map."""
    (longitude, latitude), scale = inset.target, inset.scale
    degree = 1000 * EARTH_RADIUS_KM * np.pi / 180
    return np.column_stack([
        longitude + x[:, 0] * scale / (degree * np.cos(np.radians(latitude))),
        latitude + x[:, 1] * scale / degree,
    ])  # fmt: skip


def drop_islets(shapes: gpd.GeoSeries, smallest_km2: float) -> gpd.GeoSeries:
    """Drop small parts that touch no neighbour, but never the largest part of a territory."""
    parts, owner = shapely.get_parts(shapes.to_numpy(), return_index=True)
    area = shapely.area(parts) / 1e6
    largest = area == pd.Series(area).groupby(owner).transform("max").to_numpy()
    selected = largest | (area >= smallest_km2)
    tree = shapely.STRtree(parts)
    for position in np.flatnonzero(~selected):
        touching = tree.query(parts[position], predicate="intersects")
        selected[position] = (owner[touching] != owner[position]).any()
    parts, owner = parts[selected], owner[selected]
    merged = [shapely.multipolygons(parts[owner == number]) for number in range(len(shapes))]
    return gpd.GeoSeries(merged, index=shapes.index, crs=shapes.crs)


def display_zone(shapes: gpd.GeoSeries, zone: str, layer: Layer) -> gpd.GeoSeries:
    """Simplify one zone as a coverage, in metres (finer where the inset enlarges it)."""
    scale = INSETS[zone].scale if zone else 1
    local = shapes.to_crs(local_crs(zone))
    simple = shapely.coverage_simplify(local.to_numpy(), layer.tolerance_m / scale)
    local = gpd.GeoSeries(simple, index=shapes.index, crs=local.crs)
    local = drop_islets(local, layer.islet_km2 / scale**2)
    if not zone:
        return local.to_crs(4326)
    placed = shapely.transform(local.to_numpy(), lambda x: move_to_inset(x, INSETS[zone]))
    return gpd.GeoSeries(placed, index=shapes.index, crs=4326)


def close_up_layer(shapes: gpd.GeoSeries, keys: pd.Series, layer: Layer) -> gpd.GeoSeries:
    """Return the territories that Paris and its neighbours belong to, as drawn in their inset."""
    around = shapes.index.str[:2].isin(CLOSE_UP_DEPARTEMENTS)
    part = shapes[keys[shapes.index].isin(keys[shapes.index[around]]).to_numpy()]
    return round_coverage(display_zone(dissolve(part, keys), CLOSE_UP, layer).sort_index())


def display_layer(shapes: gpd.GeoSeries, keys: pd.Series, layer: Layer) -> gpd.GeoSeries:
    """Return the territories of one level as drawn on the maps, from the contours of communes."""
    zones = [
        display_zone(dissolve(part, keys), zone, layer) for zone, part in communes_by_zone(shapes)
    ]
    return round_coverage(pd.concat(zones).sort_index())


def round_coverage(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return shapes with rounded coordinates that are a coverage still."""
    step = 10.0**-DECIMALS
    rounded = on_grid(shapes.to_numpy(), step)
    if not shapely.coverage_is_valid(rounded):
        rounded = on_grid(shapely.coverage_clean(rounded, snapping_distance=0), step)
    return gpd.GeoSeries(rounded, index=shapes.index, crs=4326)
