"""Media types of the map files, GeoJSON and GeoPackage.

A table can be exported to these when it names the territory of each row: columns
`territoire_niveau` and `territoire_code`. Outlines are at their true position (pages draw the
overseas beside the mainland).
"""

MEDIA_TYPES = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
