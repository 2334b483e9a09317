"""Tables with territories as files for maps: GeoJSON and GeoPackage, each territory at its place.

`contours` gives the true outlines (not those that pages draw, where overseas départements stand
beside the mainland), `about` says what a file holds, `geojson` and `geopackage` write it. A table
goes out this way when it names the territory of each row: columns `territoire_niveau` and
`territoire_code`.
"""

MEDIA_TYPES = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
