"""The four levels of territories, and how communes group into them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from sources import Decoupage

LEVELS = ["region", "departement", "epci", "commune"]
KEY = ["territoire_niveau", "territoire_code"]
MGP = "200054781"  # Métropole du Grand Paris; Paris is its only commune without an EPT


def level_keys(decoupage: Decoupage) -> pd.DataFrame:
    """Return the code of the territory of each commune at each level, as drawn on the maps."""
    epci = decoupage.epci_of_communes
    return pd.DataFrame({
        code: {
            "region": row["region"], "departement": row["departement"],
            "epci": epci.get(code), "commune": code,
        }
        for code, row in decoupage.current.items()
    }).T  # fmt: skip


def dissolve(shapes: gpd.GeoSeries, keys: pd.Series) -> gpd.GeoSeries:
    """Merge the contours of communes that have the same key; those without one are left out."""
    keys = keys.reindex(shapes.index).dropna()
    frame = gpd.GeoDataFrame({"key": keys}, geometry=shapes.loc[keys.index])
    return frame.dissolve("key", method="coverage").geometry


def inner_points(shapes: gpd.GeoSeries, keys: pd.DataFrame, decoupage: Decoupage) -> pd.DataFrame:
    """Return a point inside the largest polygon of each territory, 4 decimals."""
    rows = []
    for level in LEVELS:
        layer = dissolve(shapes, keys[level])
        if level == "epci":
            layer[MGP] = shapely.union_all(shapes.loc[decoupage.epci_members[MGP]].to_numpy())
        for code, shape in layer.items():
            largest = max(shapely.get_parts(shape), key=lambda part: part.area)
            point = largest.representative_point()
            rows.append((level, code, f"{point.x:.4f}", f"{point.y:.4f}"))
    return pd.DataFrame(rows, columns=[*KEY, "longitude", "latitude"])
