"""Full-resolution outlines of territories, in WGS 84 (EPSG:4326: longitude, latitude, degrees).

Those of communes are read from the reference data; every other level is dissolved from them on
demand, in 0.2 s. GeoPandas is imported on first use, to start the site faster.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
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
    # not cached: 40 MB in memory, and only 0.2 s to read again
    return _read_located_communes() if level == "commune" else _dissolve_level(level)


def row_outlines(places: pd.DataFrame) -> np.ndarray:
    """Return the outline of the territory of each row (columns `KEY`); None where it is unknown."""
    outlines = np.full(len(places), None, dtype=object)
    levels, codes = (places[column].to_numpy(dtype=object) for column in KEY)
    for level in LEVELS:
        is_level = levels == level
        if is_level.any():
            outlines[is_level] = load_outlines(level).reindex(codes[is_level]).to_numpy()
    return outlines


def _read_communes() -> GeoSeries:
    import geopandas

    frame = geopandas.read_parquet(REFERENCE_DIR / "communes.parquet")
    return frame.set_index("territoire_code").geometry


def _read_located_communes() -> GeoSeries:
    unknown = query(
        """
        SELECT territoire_code FROM territoires
        WHERE territoire_niveau = 'commune' AND superficie_km2 IS NULL
        """
    )
    outlines = _read_communes()
    return outlines[~outlines.index.isin(unknown["territoire_code"])]


@cached(pinned=True, reference_only=True)
def _dissolve_level(level: str) -> GeoSeries:
    """Merge the outlines of the communes of each territory of a level."""
    import shapely
    from geopandas import GeoDataFrame, GeoSeries

    members = query(
        """
        SELECT territoire_code AS commune, dans_code AS territoire_code FROM appartenances
        WHERE territoire_niveau = 'commune' AND dans_niveau = ?
        """,
        [level],
    )
    outlines = _read_communes()
    drawn_members = members[members["commune"].isin(outlines.index)]
    frame = GeoDataFrame(
        drawn_members[["territoire_code"]],
        geometry=outlines.loc[drawn_members["commune"]].to_numpy(),
        crs=CRS,
    )
    outlines_by_code = frame.dissolve("territoire_code", method="coverage").geometry
    multipolygons = [
        shapely.multipolygons(shapely.get_parts(outline)) for outline in outlines_by_code
    ]
    return GeoSeries(multipolygons, outlines_by_code.index, crs=CRS)
