"""Neighbours at each level, with the length of their common border."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from levels import KEY, LEVELS
from zones import EARTH_RADIUS_KM

ENDS = ["x1", "y1", "x2", "y2"]


def border_segments(shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Return every segment of contours: its ends (the lower first), its owner, its length."""
    parts, owner = shapely.get_parts(shapes.to_numpy(), return_index=True)
    rings, index = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    start, stop = points[:-1], points[1:]
    lon, lat = (stop - start).T * np.pi / 180 * EARTH_RADIUS_KM
    length = np.hypot(lon * np.cos(np.radians((start + stop)[:, 1] / 2)), lat)
    swap = (start[:, 0] > stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] > stop[:, 1]))
    low = np.where(swap[:, None], stop, start)
    high = np.where(swap[:, None], start, stop)
    segments = pd.DataFrame(np.hstack([low, high]), columns=ENDS)
    same_ring = ring[:-1] == ring[1:]
    return segments.assign(owner=owner[index][ring[:-1]], km=length)[same_ring]


def shared_borders(shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Return pairs of communes with the length of each segment that they share."""
    segments = border_segments(shapes).sort_values([*ENDS, "owner"], ignore_index=True)
    same = (segments[ENDS].diff().iloc[1:] == 0).all(axis=1).to_numpy()
    first, second = segments[:-1][same], segments[1:][same]
    codes = shapes.index.to_numpy()
    return pd.DataFrame({
        "a": codes[first["owner"]], "b": codes[second["owner"]], "km": first["km"].to_numpy(),
    })  # fmt: skip


def neighbours_table(shapes: gpd.GeoSeries, keys: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of neighbours at each level, in both directions."""
    borders, tables = shared_borders(shapes), []
    for level in LEVELS:
        pairs = borders.assign(a=borders["a"].map(keys[level]), b=borders["b"].map(keys[level]))
        pairs = pairs[pairs["a"] != pairs["b"]].dropna()
        both = pd.concat([pairs, pairs.rename(columns={"a": "b", "b": "a"})])
        total = both.groupby(["a", "b"], as_index=False)["km"].sum()
        tables.append(total.assign(territoire_niveau=level))
    table = pd.concat(tables, ignore_index=True)
    table = table.rename(columns={"a": "territoire_code", "b": "voisin_code"})
    table["longueur_km"] = table["km"].round(2).clip(lower=0.01)
    return table[[*KEY, "voisin_code", "longueur_km"]]
