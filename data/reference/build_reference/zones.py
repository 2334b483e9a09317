"""The mainland and the overseas départements: projections, and insets of the maps."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

# Overseas département: its région.
OVERSEAS = {"971": "01", "972": "02", "973": "03", "974": "04", "976": "06"}
# Paris, too small to be seen on a map of the country, and the départements around it.
CLOSE_UP, CLOSE_UP_DEPARTEMENTS = "75", ("75", "92", "93", "94")
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class Inset:
    """Inset of a zone, by one of its départements: origin, scale, position and frame on the map."""

    name: str
    origin: tuple[float, float]  # true longitude, latitude of its middle
    scale: float
    target: tuple[float, float]  # longitude, latitude of its middle on the map
    frame: tuple[float, float, float, float]  # west, south, east, north


INSETS = {
    "971": Inset("Guadeloupe", (-61.40, 16.18), 1.60, (-5.60, 45.75), (-6.6, 45.05, -4.6, 46.65)),
    "972": Inset("Martinique", (-61.02, 14.64), 2.20, (-5.60, 44.10), (-6.6, 43.4, -4.6, 45.0)),
    "973": Inset("Guyane", (-53.10, 3.95), 0.36, (-5.60, 42.45), (-6.6, 41.75, -4.6, 43.35)),
    "974": Inset("La Réunion", (55.53, -21.13), 2.10, (-3.55, 45.75), (-4.55, 45.05, -2.55, 46.65)),
    "976": Inset("Mayotte", (45.16, -12.82), 3.20, (-3.55, 44.10), (-4.55, 43.4, -2.55, 45.0)),
    CLOSE_UP: Inset("Petite couronne", (2.38, 48.84), 4.7, (-5.3, 50.03), (-6.6, 49.0, -4.0, 51.1)),
}


def zone_of(code: str) -> str:
    """Return the overseas département of a commune, or "" for the mainland and Corse."""
    return code[:3] if code[:3] in OVERSEAS else ""


def local_crs(zone: str) -> str:
    """Return an equal-area projection in metres for a zone."""
    if not zone:
        return "EPSG:3035"
    longitude, latitude = INSETS[zone].origin
    return f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m"


def communes_by_zone(shapes: gpd.GeoSeries) -> list[tuple[str, gpd.GeoSeries]]:
    """Return the communes of each zone, the mainland first."""
    zones = shapes.index.map(zone_of)
    return [(zone, shapes[zones == zone]) for zone in ("", *OVERSEAS)]


def areas_km2(shapes: gpd.GeoSeries) -> pd.Series:
    """Return the area of each commune, in the projection of its zone."""
    return pd.concat(
        [part.to_crs(local_crs(zone)).area / 1e6 for zone, part in communes_by_zone(shapes)]
    )
