"""Tables with territories as files for maps: GeoJSON and GeoPackage, each territory at its place.

`contours` gives the true outlines (not those that pages draw, where overseas départements stand
beside the mainland), `about` says what a file holds, `geojson` and `geopackage` write it. A table
goes out this way when it names the territory of each row: columns `territoire_niveau` and
`territoire_code`.
"""

from comparisons.geofiles.contours import contours, has_territories
from comparisons.geofiles.geojson import to_geojson
from comparisons.geofiles.geopackage import to_gpkg

MEDIA_TYPES = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}

__all__ = ["MEDIA_TYPES", "contours", "has_territories", "to_geojson", "to_gpkg"]
