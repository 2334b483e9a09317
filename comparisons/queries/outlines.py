"""The true outlines of territories, in WGS 84 (EPSG:4326: longitude, latitude in degrees).

Those of communes are read from the reference data; every other level is dissolved from them, which
takes a fifth of a second: nothing is computed beforehand. GeoPandas is imported when first needed,
for the site's start does not need it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from comparisons.database.connection import dataset_metadata, per_version, query
from comparisons.schema.territory import LEVELS
from comparisons.settings import REFERENCE_DIR

if TYPE_CHECKING:
    from geopandas import GeoSeries

KEY = ["territoire_niveau", "territoire_code"]
CRS = "EPSG:4326"


def has_territory_column(columns: Iterable[str]) -> bool:
    """Return whether a table names the territory of each row, so that it can be put on a map."""
    return set(KEY) <= set(columns)


def load_outlines(level: str) -> GeoSeries:
    """Return the outlines of a level as MultiPolygons by `territoire_code`; not to be changed.

    A territory without a known outline is left out: the five communes of no known area (one
    outline holds them all; it counts in the levels above). The Métropole du Grand Paris has that
    of all its communes, and so lies over its EPT. Raises `KeyError` for an unknown level.
    """
    if level not in LEVELS:
        raise KeyError(level)
    # forty megabytes once read, and a fifth of a second to read again: not kept
    return _communes_of_known_area() if level == "commune" else _dissolved(_version(), level)


def row_outlines(places: pd.DataFrame) -> np.ndarray:
    """Return the outline of the territory of each row (columns `KEY`); None where it is unknown."""
    outlines = np.full(len(places), None, dtype=object)
    levels, codes = (places[column].to_numpy(dtype=object) for column in KEY)
    for level in LEVELS:
        here = levels == level
        if here.any():
            outlines[here] = load_outlines(level).reindex(codes[here]).to_numpy()
    return outlines


def _version() -> str:
    return str(dataset_metadata()["version"])


def _communes() -> GeoSeries:
    import geopandas

    frame = geopandas.read_parquet(REFERENCE_DIR / "communes.parquet")
    return frame.set_index("territoire_code").geometry


def _communes_of_known_area() -> GeoSeries:
    unknown = query(
        """
        SELECT territoire_code FROM territoires
        WHERE territoire_niveau = 'commune' AND superficie_km2 IS NULL
        """
    )
    outlines = _communes()
    return outlines[~outlines.index.isin(unknown["territoire_code"])]


@per_version(size=len(LEVELS), reference_only=True)
def _dissolved(version: str, level: str) -> GeoSeries:
    """Merge the outlines of the communes of each territory of a level, in one dataset version."""
    import shapely
    from geopandas import GeoDataFrame, GeoSeries

    members = query(
        """
        SELECT territoire_code AS commune, dans_code AS territoire_code FROM appartenances
        WHERE territoire_niveau = 'commune' AND dans_niveau = ?
        """,
        [level],
    )
    outlines = _communes()
    known = members[members["commune"].isin(outlines.index)]
    frame = GeoDataFrame(
        known[["territoire_code"]],
        geometry=outlines.loc[known["commune"]].to_numpy(),
        crs=CRS,
    )
    merged = frame.dissolve("territoire_code", method="coverage").geometry
    whole = [shapely.multipolygons(shapely.get_parts(outline)) for outline in merged]
    return GeoSeries(whole, merged.index, crs=CRS)
