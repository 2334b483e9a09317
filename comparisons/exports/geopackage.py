"""GeoPackage: what QGIS and other tools for maps open best.

A table of one row per territory is one layer of MultiPolygons under its name, whatever the levels
in it: `territoire_niveau` tells them apart in a filter. Where a territory has several rows (its
services, its themes…), as many copies of its outline would lie over one another and make the file
huge: the layer `contours` then has each territory once, and the table goes without geometry, joined
by `cle` (`departement-35`). Nothing has to be refused, since no outline is ever written twice.
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
from comparisons.exports import tables
from comparisons.exports.geo_metadata import file_metadata
from comparisons.formatting import NBSP
from comparisons.queries.outlines import CRS, KEY, row_outlines

if TYPE_CHECKING:
    import pyarrow as pa

OUTLINES_LAYER = "contours"
JOIN = "cle"
OUTLINES_DESCRIPTION = (
    f"Contours des territoires de la table, que relie la colonne «{NBSP}{JOIN}{NBSP}»."
)
JOIN_TITLE = "Clé du territoire"
JOIN_DESCRIPTION = (
    f"Niveau et code du territoire (departement-35){NBSP}: relie les lignes de la table aux "
    f"contours de la couche «{NBSP}{OUTLINES_LAYER}{NBSP}»."
)
_GEOMETRY = "geometrie"
# How Arrow tells GDAL the alias and the comment of a column.
_ALIAS, _COMMENT = "GDAL:OGR:alternative_name", "GDAL:OGR:comment"


@dataclass(frozen=True)
class Layer:
    """A layer of the file: its rows, and their outlines unless it has no geometry."""

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
    """Write a table as a GeoPackage; a row whose outline is unknown has no geometry.

    `about` says what the table is (`titre`, `requete`…), `metadata` is that of the dataset; with
    the licence and how to cite, they are the metadata of the file and of its layers. `dictionary`
    describes the columns as `tables.data_dictionary` does (and by default): titles become the
    aliases of columns, descriptions their comments. Numbers and booleans keep their types, lists
    are joined by `|`. The same rows of one dataset give the same bytes.
    """
    outlines = row_outlines(rows)
    layers = _layers(table_name, about.get("titre", table_name), rows, outlines)
    columns = tables.data_dictionary({table_name: rows}) if dictionary is None else dictionary
    said = {key: str(value) for key, value in file_metadata(about, metadata, outlines).items()}
    return _file(layers, _descriptions(columns), said, str(metadata["date"]))


def _layers(name: str, title: str, rows: pd.DataFrame, outlines: np.ndarray) -> list[Layer]:
    """Share a table out between layers, so that each outline is written once."""
    first = ~rows.duplicated(KEY).to_numpy()
    if first.all():
        return [Layer(name, title, rows, outlines)]
    places = _with_key(_named(rows.loc[first, KEY]))
    return [
        Layer(OUTLINES_LAYER, OUTLINES_DESCRIPTION, places, outlines[first]),
        Layer(name, title, _with_key(rows)),
    ]


def _named(places: pd.DataFrame) -> pd.DataFrame:
    names = query("SELECT territoire_niveau, territoire_code, nom FROM territoires")
    return places.merge(names, on=KEY, how="left")


def _with_key(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{JOIN: rows["territoire_niveau"] + "-" + rows["territoire_code"]})


def _descriptions(dictionary: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the alias and the comment of columns, by their names; no alias is given twice."""
    words = {JOIN: (JOIN_TITLE, JOIN_DESCRIPTION)}
    for row in dictionary.itertuples():
        unit = f" Unité{NBSP}: {row.unite}." if row.unite else ""
        words[row.colonne] = (row.titre, f"{row.description}{unit}")
    bearers = Counter(title for title, _ in words.values())
    return {
        column: {_ALIAS: title if bearers[title] == 1 else f"{title} ({column})", _COMMENT: comment}
        for column, (title, comment) in words.items()
    }


def _file(
    layers: Iterable[Layer],
    descriptions: Mapping[str, dict[str, str]],
    said: Mapping[str, str],
    date: str,
) -> bytes:
    """Write layers one after the other in a temporary file, dated as the data are."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.gpkg"
        for layer in layers:
            geometry = {"geometry_name": _GEOMETRY, "geometry_type": "MultiPolygon", "crs": CRS}
            pyogrio.write_arrow(
                _arrow(layer, descriptions),
                path,
                layer=layer.name,
                driver="GPKG",
                append=path.exists(),
                dataset_metadata=None if path.exists() else said,
                layer_metadata=said | {"DESCRIPTION": layer.description},
                **({} if layer.outlines is None else geometry),
            )
        return path.read_bytes()


def _arrow(layer: Layer, descriptions: Mapping[str, dict[str, str]]) -> pa.Table:
    """Return the rows of a layer as GDAL reads them: typed and described, outlines as WKB."""
    import pyarrow as pa
    import shapely

    table = pa.Table.from_pandas(tabular_files.join_lists(layer.rows), preserve_index=False)
    fields = [
        # a column of which nothing is known has no type
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
