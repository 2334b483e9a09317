"""GeoJSON (RFC 7946): one feature per row."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from comparisons.exports import table_writers
from comparisons.exports.geo import check_points, file_metadata
from comparisons.queries.outlines import KEY, row_outlines

_COORDINATE_DECIMALS = 6  # 10 cm, as recommended by the RFC


def to_geojson(rows: pd.DataFrame, about: Mapping[str, str], dictionary: pd.DataFrame) -> bytes:
    """Return a table as GeoJSON; the geometry is null where the outline is unknown.

    `about` describes the table (`titre`, `requete`…), `dictionary` its columns, as
    `table_writers.data_dictionary` does. They make the member `metadonnees`, with licence and
    citation. Lists are arrays, unknown values are null.
    Raises `BadRequestError` when the outlines, repeated for each row, exceed `geo.MAX_POINTS`.
    """
    outlines = row_outlines(rows)
    check_points(outlines)
    keys = list(rows[KEY].itertuples(index=False, name=None))
    geometries = _geometry_by_key(keys, outlines)
    features = [
        f'{{"type":"Feature","geometry":{geometries[key]},"properties":{_to_json(properties)}}}'
        for key, properties in zip(keys, table_writers.to_records(rows), strict=True)
    ]
    description = file_metadata(about, outlines)
    description["colonnes"] = table_writers.to_records(dictionary.drop(columns="table"))
    members = f'"metadonnees":{_to_json(description)},"features":[\n' + ",\n".join(features)
    return f'{{"type":"FeatureCollection",{members}\n]}}\n'.encode()


def _geometry_by_key(keys: list[tuple], outlines: np.ndarray) -> dict[tuple, str]:
    """Return the GeoJSON geometry of each territory by key, `null` if unknown.

    Outer rings are counter-clockwise.
    """
    import shapely

    outline_by_key = dict(zip(keys, outlines, strict=True))
    shapes = np.array(list(outline_by_key.values()), dtype=object)
    rounded = shapely.transform(shapes, lambda points: points.round(_COORDINATE_DECIMALS))
    texts = shapely.to_geojson(shapely.orient_polygons(rounded))
    return {key: text or "null" for key, text in zip(outline_by_key, texts, strict=True)}


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
