"""GeoJSON (RFC 7946): one feature for each row."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from comparisons.errors import BadRequestError
from comparisons.exports import tables
from comparisons.exports.geo_metadata import file_metadata
from comparisons.formatting import NBSP, format_number
from comparisons.queries.outlines import KEY, row_outlines

COORDINATE_DECIMALS = 6  # 10 cm, as the RFC advises
# Every territory of France once is 1.5 million points, 33 MB. The outline is written again for each
# row: beyond twice that, neither this server nor a browser reads the file with ease.
MAX_POINTS = 3_000_000


def to_geojson(
    rows: pd.DataFrame,
    about: Mapping[str, str],
    metadata: Mapping[str, object],
    dictionary: pd.DataFrame | None = None,
) -> bytes:
    """Write a table as GeoJSON; its geometry is null where the outline is unknown.

    `about` says what the table is (`titre`, `requete`…), `metadata` is that of the dataset,
    `dictionary` describes the columns as `tables.data_dictionary` does (and by default). They make
    the member `metadonnees`, with the licence and how to cite. Lists are arrays, what is unknown is
    null. Raises `BadRequestError` when the outlines, written for each row, exceed `MAX_POINTS`.
    """
    import shapely

    outlines = row_outlines(rows)
    _check_points(int(shapely.get_num_coordinates(outlines).sum()))
    keys = list(rows[KEY].itertuples(index=False, name=None))
    written = _written(keys, outlines)
    features = [
        f'{{"type":"Feature","geometry":{written[key]},"properties":{_json(properties)}}}'
        for key, properties in zip(keys, tables.to_records(rows), strict=True)
    ]
    said = file_metadata(about, metadata, outlines)
    described = tables.data_dictionary({"": rows}) if dictionary is None else dictionary
    said["colonnes"] = tables.to_records(described.drop(columns="table"))
    members = f'"metadonnees":{_json(said)},"features":[\n' + ",\n".join(features)
    return f'{{"type":"FeatureCollection",{members}\n]}}\n'.encode()


def _written(keys: list[tuple], outlines: np.ndarray) -> dict[tuple, str]:
    """Write the outline of each territory: outer rings counter-clockwise, `null` for none."""
    import shapely

    once = dict(zip(keys, outlines, strict=True))
    shapes = np.array(list(once.values()), dtype=object)
    rounded = shapely.transform(shapes, lambda points: points.round(COORDINATE_DECIMALS))
    texts = shapely.to_geojson(shapely.orient_polygons(rounded))
    return {key: text or "null" for key, text in zip(once, texts, strict=True)}


def _check_points(points: int) -> None:
    if points > MAX_POINTS:
        raise BadRequestError(
            f"Trop de contours pour un GeoJSON{NBSP}: écrits pour chaque ligne, ils feraient "
            f"{format_number(points)}{NBSP}points (au plus {format_number(MAX_POINTS)}). Filtrez "
            "les lignes, par "
            "exemple par niveau ou par type, ou prenez le GeoPackage, où chaque contour n’est "
            "écrit qu’une fois."
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
