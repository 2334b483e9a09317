"""GeoPackage, the format that QGIS and other GIS tools read best.

A table is one layer of MultiPolygons with its name, whatever its levels: `territoire_niveau`
filters them. An outline is repeated for each row of its territory.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from comparisons import tabular_files
from comparisons.exports.geo import check_points, file_metadata
from comparisons.formatting import NBSP
from comparisons.queries.outlines import CRS, row_outlines
from comparisons.rows import iterate_rows

if TYPE_CHECKING:
    import pyarrow as pa

_GEOMETRY = "geometrie"
# Arrow metadata in which GDAL reads the alias and the comment of a column.
_ALIAS, _COMMENT = "GDAL:OGR:alternative_name", "GDAL:OGR:comment"


def to_gpkg(
    rows: pd.DataFrame, table_name: str, about: Mapping[str, str], dictionary: pd.DataFrame
) -> bytes:
    """Return a table as a GeoPackage; a row whose outline is unknown has no geometry.

    `about` describes the table (`titre`, `requete`…); with licence and citation, it is the metadata
    of the file and of its layers. `dictionary` describes the columns as
    `table_writers.data_dictionary` does: titles become the aliases of columns, descriptions their
    comments. Numbers and booleans keep their types, lists are joined by `|`. The same rows of one
    dataset give the same bytes. Raises `BadRequestError` when the outlines, repeated for each row,
    exceed `geo.MAX_POINTS`.
    """
    outlines = row_outlines(rows)
    check_points(outlines)
    description = {key: str(value) for key, value in file_metadata(about, outlines).items()}
    table = _to_arrow(rows, outlines, _column_metadata(dictionary))
    return _write_file(table, table_name, about.get("titre", table_name), description)


def _column_metadata(dictionary: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the alias and comment of each column by name; aliases are unique."""
    metadata = {}
    for row in iterate_rows(dictionary):
        unit = f" Unité{NBSP}: {row.unite}." if row.unite else ""
        metadata[row.colonne] = (row.titre, f"{row.description}{unit}")
    title_counts = Counter(title for title, _ in metadata.values())
    return {
        column: {
            _ALIAS: title if title_counts[title] == 1 else f"{title} ({column})",
            _COMMENT: comment,
        }
        for column, (title, comment) in metadata.items()
    }


def _write_file(table: pa.Table, name: str, title: str, description: Mapping[str, str]) -> bytes:
    """Return the bytes of a file of one layer, dated as the data."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{description['date']}T00:00:00.000Z"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.gpkg"
        pyogrio.write_arrow(
            table,
            path,
            layer=name,
            driver="GPKG",
            geometry_name=_GEOMETRY,
            geometry_type="MultiPolygon",
            crs=CRS,
            dataset_metadata=description,
            layer_metadata=description | {"DESCRIPTION": title},
        )
        return path.read_bytes()


def _to_arrow(
    rows: pd.DataFrame, outlines: np.ndarray, descriptions: Mapping[str, dict[str, str]]
) -> pa.Table:
    """Return rows as an Arrow table: types, descriptions, outlines as WKB."""
    import pyarrow as pa
    import shapely

    table = pa.Table.from_pandas(tabular_files.join_lists(rows), preserve_index=False)
    fields = [
        # a column without any value has no type
        pa.field(
            field.name,
            pa.string() if pa.types.is_null(field.type) else field.type,
            metadata=descriptions.get(field.name),
        )
        for field in table.schema
    ]
    table = table.cast(pa.schema(fields))
    return table.append_column(_GEOMETRY, pa.array(shapely.to_wkb(outlines), pa.binary()))
