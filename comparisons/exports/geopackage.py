"""GeoPackage, the format that QGIS and other GIS tools read best.

A table of one row per territory is one layer of MultiPolygons with its name, whatever its levels:
`territoire_niveau` filters them. Where a territory has several rows (its services, its themes…),
repeated outlines would overlap and make the file huge: the layer `contours` then has each territory
once, and the table has no geometry, joined by `cle` (`departement-35`). No outline is ever written
twice, so there is no limit of size.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from comparisons import tabular_files
from comparisons.database.connection import query
from comparisons.exports import table_writers
from comparisons.exports.geo_metadata import file_metadata
from comparisons.formatting import NBSP
from comparisons.queries.outlines import CRS, KEY, row_outlines

if TYPE_CHECKING:
    import pyarrow as pa

_OUTLINES_LAYER = "contours"
_JOIN = "cle"
_OUTLINES_DESCRIPTION = (
    f"Contours des territoires de la table, que relie la colonne «{NBSP}{_JOIN}{NBSP}»."
)
_JOIN_TITLE = "Clé du territoire"
_JOIN_DESCRIPTION = (
    f"Niveau et code du territoire (departement-35){NBSP}: relie les lignes de la table aux "
    f"contours de la couche «{NBSP}{_OUTLINES_LAYER}{NBSP}»."
)
_GEOMETRY = "geometrie"
# Arrow metadata in which GDAL reads the alias and the comment of a column.
_ALIAS, _COMMENT = "GDAL:OGR:alternative_name", "GDAL:OGR:comment"


@dataclass(frozen=True)
class Layer:
    """Layer of the file: its rows, and their outlines unless it has no geometry."""

    name: str
    description: str
    rows: pd.DataFrame
    outlines: np.ndarray | None = None


def to_gpkg(
    rows: pd.DataFrame,
    table_name: str,
    about: Mapping[str, str],
    metadata: Mapping[str, object],
    dictionary: pd.DataFrame | None = None,
) -> bytes:
    """Return a table as a GeoPackage; a row whose outline is unknown has no geometry.

    `about` describes the table (`titre`, `requete`…), `metadata` is that of the dataset; with
    licence and citation, they are the metadata of the file and of its layers. `dictionary`
    describes the columns as `table_writers.data_dictionary` does (the default): titles become the
    aliases of columns, descriptions their comments. Numbers and booleans keep their types, lists
    are joined by `|`. The same rows of one dataset give the same bytes.
    """
    outlines = row_outlines(rows)
    layers = _layers(table_name, about.get("titre", table_name), rows, outlines)
    columns = (
        table_writers.data_dictionary({table_name: rows}) if dictionary is None else dictionary
    )
    description = {
        key: str(value) for key, value in file_metadata(about, metadata, outlines).items()
    }
    return _write_file(layers, _column_metadata(columns), description, str(metadata["date"]))


def _layers(name: str, title: str, rows: pd.DataFrame, outlines: np.ndarray) -> list[Layer]:
    """Return the layers of a table, in which each outline is written once."""
    first = ~rows.duplicated(KEY).to_numpy()
    if first.all():
        return [Layer(name, title, rows, outlines)]
    territories = _add_key(_add_names(rows.loc[first, KEY]))
    return [
        Layer(_OUTLINES_LAYER, _OUTLINES_DESCRIPTION, territories, outlines[first]),
        Layer(name, title, _add_key(rows)),
    ]


def _add_names(territories: pd.DataFrame) -> pd.DataFrame:
    names = query("SELECT territoire_niveau, territoire_code, nom FROM territoires")
    return territories.merge(names, on=KEY, how="left")


def _add_key(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{_JOIN: rows["territoire_niveau"] + "-" + rows["territoire_code"]})


def _column_metadata(dictionary: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the alias and comment of each column by name; aliases are unique."""
    metadata = {_JOIN: (_JOIN_TITLE, _JOIN_DESCRIPTION)}
    for row in dictionary.itertuples():
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


def _write_file(
    layers: Iterable[Layer],
    descriptions: Mapping[str, dict[str, str]],
    description: Mapping[str, str],
    date: str,
) -> bytes:
    """Return the bytes of a file of these layers, dated as the data."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.gpkg"
        for layer in layers:
            geometry = {"geometry_name": _GEOMETRY, "geometry_type": "MultiPolygon", "crs": CRS}
            pyogrio.write_arrow(
                _to_arrow(layer, descriptions),
                path,
                layer=layer.name,
                driver="GPKG",
                append=path.exists(),
                dataset_metadata=None if path.exists() else description,
                layer_metadata=description | {"DESCRIPTION": layer.description},
                **({} if layer.outlines is None else geometry),
            )
        return path.read_bytes()


def _to_arrow(layer: Layer, descriptions: Mapping[str, dict[str, str]]) -> pa.Table:
    """Return the rows of a layer as an Arrow table: types, descriptions, outlines as WKB."""
    import pyarrow as pa
    import shapely

    table = pa.Table.from_pandas(tabular_files.join_lists(layer.rows), preserve_index=False)
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
    if layer.outlines is None:
        return table
    return table.append_column(_GEOMETRY, pa.array(shapely.to_wkb(layer.outlines), pa.binary()))
