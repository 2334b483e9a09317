"""Blank maps: their size and camera, the frames of the insets, outlines in one colour."""

import base64
import math
from collections.abc import Iterable, Sequence

import plotly.graph_objects as go

from comparisons.charts.style import layout, themed_colour
from comparisons.database.cache import cached
from comparisons.queries import geometry

# The wide map leaves room for its legend at the right.
CENTRES = {
    "small": {"lon": 1.48, "lat": 46.45},
    "narrow": {"lon": 1.48, "lat": 46.45},
    "medium": {"lon": 1.48, "lat": 46.45},
    "wide": {"lon": 4.7, "lat": 46.42},
    "large": {"lon": 4.2, "lat": 46.42},
}
# Plotly cannot fit a map to outlines given by address: zoom and height per kind of window.
ZOOMS = {"small": 3.5, "narrow": 3.88, "medium": 4.3, "wide": 4.74, "large": 5.34}
HEIGHTS = {"small": 250, "narrow": 360, "medium": 460, "wide": 568, "large": 860}
# Width of a map in pixels, from which the zoom on a zone is computed.
WIDTHS = {"small": 330, "narrow": 350, "medium": 620, "wide": 620, "large": 980}
# Windows in which the legend is beside the map, not below.
LEGEND_BESIDE = ("wide", "large")
LEGEND_SPACE = 250
LEGEND_LINE = 21
INSET_BORDER = "#9aa5b1"
# Images of the names of the insets: degrees of longitude per pixel, and margin.
_NAME_SCALE, _NAME_MARGIN = 0.0125, 0.09
# Every how many points of an outline its silhouette has one.
_SILHOUETTE_STEP = 36


def map_layout(
    height: int, dark: bool, camera: dict, frames: Sequence[dict], **options: object
) -> dict:
    """Return the layout of a map that can be moved and clicked; `options` complete it.

    `frames` are those of its insets (see `geometry.inset_frames`).
    """
    return layout(
        height,
        dark,
        map={"style": _map_style(frames), **camera},
        paper_bgcolor="rgba(0,0,0,0)",
        modebar={"bgcolor": "rgba(0,0,0,0)"},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        clickmode="event+select",
        dragmode="pan",
        **options,
    )


def fit_bounds(bounds: geometry.Bounds | None, window: str) -> dict:
    """Return the centre and zoom for a box (west, south, east, north), or the whole country."""
    if bounds is None:
        return {"center": CENTRES[window], "zoom": ZOOMS[window]}
    west, south, east, north = bounds
    # Web Mercator: the world is 512 pixels wide at zoom 0
    span = max((mercator(north) - mercator(south)) / HEIGHTS[window], 1e-9)
    span = max(span, (east - west) / WIDTHS[window])
    zoom = math.log2(360 / 512 / span) - 0.12
    shift = LEGEND_SPACE / 2 * span if window in LEGEND_BESIDE else 0
    return {
        "center": {"lon": (west + east) / 2 + shift, "lat": (south + north) / 2},
        "zoom": round(zoom, 2),
    }


def ground(
    level: str, dark: bool, colour: str = "", border: str = "", close_up: bool = False
) -> go.Choroplethmap:
    """Return all the outlines of a level in one colour, to be drawn upon."""
    line = {"width": 0.8, "color": border or themed_colour(dark, "#c3cad1")}
    index = geometry.feature_index(level)
    ranks = outline_ranks(level, index) if close_up else list(index.values())
    return plain_areas(level, ranks, colour or themed_colour(dark, "#eef1f4"), line)


def outline_ranks(level: str, codes: Iterable[str]) -> list[int]:
    """Return the ranks of the outlines of some territories, those of the close-up included."""
    indexes = (geometry.feature_index(level), geometry.close_up_index(level))
    return [index[code] for code in codes for index in indexes if code in index]


def plain_areas(
    level: str, ranks: list[int], colour: str, line: dict, **options: object
) -> go.Choroplethmap:
    """Return some outlines of a level in one colour; `options` are those of the trace."""
    return go.Choroplethmap(
        geojson=geometry.outline_url(level),
        featureidkey="properties.rang",
        locations=ranks,
        z=[0] * len(ranks),
        colorscale=[[0, colour], [1, colour]],
        showscale=False,
        marker={"line": line},
        **({"showlegend": False, "hoverinfo": "skip"} | options),
    )


@cached(reference_only=True)
def silhouette(window: str) -> tuple[str, int]:
    """Return the outline of the mainland as it is drawn in a window, as SVG, and its width.

    Its height is that of the map: a page shows it where the map will be.
    """
    scale = 512 * 2 ** ZOOMS[window] / 360
    centre, height = CENTRES[window], HEIGHTS[window]
    middle = mercator(centre["lat"])
    codes = [code for code in geometry.outline_codes("region") if code > "06"]
    paths, width = [], 0
    for rings in geometry.read_outlines("region", codes).values():
        points = [
            (round((x - centre["lon"]) * scale), round((middle - mercator(y)) * scale))
            for x, y in max(rings, key=len)[::_SILHOUETTE_STEP]
        ]
        width = max(width, *(2 * abs(x) for x, _ in points))
        paths.append("M" + "L".join(f"{x} {y}" for x, y in points) + "Z")
    box = f"{-width // 2} {-height // 2} {width} {height}"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='{box}' width='{width}' "
        f"height='{height}'><path fill='#e6e6e6' d='{''.join(paths)}'/></svg>",
        width,
    )


def _map_style(frames: Sequence[dict]) -> dict:
    """Return a map style with the frames of the insets and their names only.

    There are no tiles or fonts to download (names are images), and no background, so that what the
    page shows beneath is seen until the map is drawn.
    """
    lines = {"type": "FeatureCollection", "features": frames}
    sources = {"cadres": {"type": "geojson", "data": lines}}
    line = {"line-color": INSET_BORDER, "line-width": 1}
    layers = [{"id": "cadres", "type": "line", "source": "cadres", "paint": line}]
    for frame in frames:
        sources[frame["id"]] = _frame_name(frame)
        layers.append({"id": frame["id"], "type": "raster", "source": frame["id"]})
    return {"version": 8, "sources": sources, "layers": layers}


def _frame_name(frame: dict) -> dict:
    """Return the source of the image of the name of an inset, inside of its frame at the top."""
    image = geometry.inset_name_image(frame["id"])
    # the head of a PNG file has the width and the height of the image
    width, height = (int.from_bytes(image[start : start + 4]) for start in (16, 20))
    longitudes, latitudes = zip(*frame["geometry"]["coordinates"], strict=True)
    west, top = min(longitudes) + _NAME_MARGIN, mercator(max(latitudes)) - _NAME_MARGIN / 2
    east = west + width * _NAME_SCALE
    north, south = _latitude(top), _latitude(top - height * _NAME_SCALE)
    corners = [[west, north], [east, north], [east, south], [west, south]]
    address = f"data:image/png;base64,{base64.b64encode(image).decode()}"
    return {"type": "image", "url": address, "coordinates": corners}


def mercator(latitude: float) -> float:
    """Return the height of a latitude on a Mercator map, in degrees of longitude."""
    return math.degrees(math.asinh(math.tan(math.radians(latitude))))


def _latitude(mercator: float) -> float:
    """Return the latitude at a height of a Mercator map (the inverse of `mercator`)."""
    return math.degrees(math.atan(math.sinh(math.radians(mercator))))
