"""True contours of today's communes, corrected from those of the source."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from former import delegated_communes, former_codes
from geometry import on_grid, to_multipolygon
from sources import Decoupage, read_wheel_table

# Coordinates of contours lie on this grid (degrees, under a metre): a power of two is exact in
# binary, so that shared borders stay shared and files compress well.
GRID = 2.0**-17
SLIVER = 0.0003  # degrees: narrower gaps between communes are closed
SMALLEST_PIECE = 5e-5  # square degrees (about 0.5 km²)


def read_contours(wheel: Path, name: str, kinds: tuple[str, ...] = ()) -> gpd.GeoSeries:
    """Read the contours of one table of the wheel, only of some types if ``kinds`` are given."""
    table = read_wheel_table(wheel, name)
    selected = ~table["geometry"].isin(["", "\\N"])
    if kinds:
        selected &= table["type"].isin(kinds)
    table = table[selected]
    shapes = on_grid(shapely.from_wkb(table["geometry"].to_list()), GRID)
    return gpd.GeoSeries(shapes, index=table["code"].to_list(), crs=4326)


def replace_shapes(shapes: gpd.GeoSeries, changes: dict[str, shapely.Geometry]) -> gpd.GeoSeries:
    """Return the contours with some replaced or added."""
    return gpd.GeoSeries({**shapes.to_dict(), **changes}, crs=shapes.crs)


def shapes_of_moved_communes(
    shapes: gpd.GeoSeries, parts: gpd.GeoSeries, decoupage: Decoupage
) -> dict[str, shapely.Geometry]:
    """Return the contours of communes whose code changed: unions of their communes déléguées."""
    return {
        code: shapely.union_all(parts.loc[codes].to_numpy())
        for code, codes in delegated_communes(decoupage).items()
        if code not in shapes.index and set(codes) <= set(parts.index)
    }


def missing_pieces(shapes: gpd.GeoSeries, cantons: gpd.GeoSeries) -> np.ndarray:
    """Return the parts of cantons outside all communes, absorbed since the year of the contours."""
    cantons_area, communes_area = (
        to_multipolygon(shapely.union_all(layer.to_numpy())) for layer in (cantons, shapes)
    )
    pieces = shapely.get_parts(to_multipolygon(shapely.difference(cantons_area, communes_area)))
    return pieces[shapely.area(pieces) > SMALLEST_PIECE]


def assign_missing_pieces(
    shapes: gpd.GeoSeries, parts: gpd.GeoSeries, pieces: np.ndarray, decoupage: Decoupage
) -> dict[str, shapely.Geometry]:
    """Return the contours of communes nouvelles, with the missing pieces that they absorbed."""
    # Candidates share a border with the piece, have a former code without a contour, and a SIREN
    # issued from late 2024 on (new commune: 9...). One with a commune déléguée without a contour
    # comes first, then the longest border. The result has been checked piece by piece.
    delegated, former = delegated_communes(decoupage), former_codes(decoupage)
    current, drawn_codes = decoupage.current, set(parts.index)
    pieces_by_commune: dict[str, list[shapely.Geometry]] = {}
    tree = shapely.STRtree(shapes.to_numpy())
    for piece in pieces:
        ranked = []
        for code in shapes.index[tree.query(piece, predicate="intersects")]:
            missing = former[code] - drawn_codes
            border = shapely.length(shapely.intersection(shapes[code], piece.boundary))
            if missing and current[code]["siren"].startswith("9") and border > 0:
                ranked.append((bool(missing & set(delegated.get(code, []))), border, code))
        pieces_by_commune.setdefault(max(ranked)[2], []).append(piece)
    return {
        code: to_multipolygon(shapely.union_all([shapes[code], *commune_pieces]))
        for code, commune_pieces in pieces_by_commune.items()
    }


def clean_coverage(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return contours without overlaps nor slivers, where neighbours share every vertex."""
    geometries = shapes.to_numpy()
    for _ in range(5):
        geometries = on_grid(shapely.coverage_clean(geometries, gap_width=SLIVER), GRID)
        if shapely.coverage_is_valid(geometries):
            return gpd.GeoSeries(geometries, index=shapes.index, crs=shapes.crs)
    raise ValueError("the contours of the communes do not form a clean coverage")


def commune_contours(wheel: Path, decoupage: Decoupage) -> gpd.GeoSeries:
    """Return the contours of today's communes, sorted by code, as a clean coverage."""
    shapes = read_contours(wheel, "communes", ("COM",))
    parts = read_contours(wheel, "communes", ("COMD", "COMA"))
    shapes = replace_shapes(shapes, shapes_of_moved_communes(shapes, parts, decoupage))
    pieces = missing_pieces(shapes, read_contours(wheel, "cantons"))
    shapes = replace_shapes(shapes, assign_missing_pieces(shapes, parts, pieces, decoupage))
    return clean_coverage(shapes.loc[sorted(set(shapes.index) & set(decoupage.current))])
