"""Map figures: a layer painted on outlines that the browser fetches once."""

import base64
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.map_layers import LegendClass, MapLayer, ground_class
from comparisons.analysis.map_questions.views import build_layers
from comparisons.charts.map_positions import territory_positions
from comparisons.charts.style import (
    HIGHLIGHT,
    layout,
    legend,
    page_colours,
    plain_text,
    themed_colour,
)
from comparisons.database.cache import cached
from comparisons.formatting import format_number
from comparisons.page_parameters import MapParameters
from comparisons.queries import geometry

# The wide map leaves room for its legend at the right.
_CENTRES = {
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
_LEGEND_BESIDE = ("wide", "large")
LEGEND_SPACE = 250
LEGEND_LINE = 21
# Beyond that many territories, hover labels have name and class only.
_MAX_DETAILED = 1000
INSET_BORDER = "#9aa5b1"
_DISC_SIZE = 11
# Images of the names of the insets: degrees of longitude per pixel, and margin.
_NAME_SCALE, _NAME_MARGIN = 0.0125, 0.09
# Every how many points of an outline its silhouette has one.
_SILHOUETTE_STEP = 36


@cached
def map_figures(
    views: tuple[MapParameters, ...], window: str = "wide", dark: bool = False
) -> tuple[dict, ...]:
    """Return the maps of views on one scale, without selected territory, as plain data.

    They are dictionaries because a cached figure object serialises its parts in another order than
    a new one: the browser would take it for another map and lose the selection.
    """
    layers = build_layers(*views)
    max_classes = max(
        _count_classes(layer) for layer in layers
    )  # maps side by side have the same height
    figures = (choropleth(layer, window=window, dark=dark, lines=max_classes) for layer in layers)
    return tuple(figure.to_plotly_json() for figure in figures)


def _count_classes(layer: MapLayer) -> int:
    return sum(count > 0 for count in layer.counts().values())


def choropleth(
    layer: MapLayer, selected: str = "", window: str = "wide", dark: bool = False, lines: int = 0
) -> go.Figure:
    """Return the map of a layer, one trace per class so that the legend counts and hides them.

    The figure has ranks and texts only: outlines are fetched by the browser. The `location` of a
    point is its rank among the outlines of the level (see `clicked_territory`). The territory of
    code `selected` is outlined; `window` is `narrow` (a phone), `medium`, `wide` or `large`, or
    `small` for a map without legend; the legend has space for at least `lines` classes.
    """
    figure = go.Figure(_disc_traces(layer, dark) or _area_traces(layer, dark))
    classes = max(lines, _count_classes(layer))
    # below the map, or beside it
    legend_lines = {"medium": math.ceil(classes / 2), "narrow": classes}.get(window, 0)
    figure.update_layout(
        map_layout(
            HEIGHTS[window] + LEGEND_LINE * legend_lines,
            dark,
            _camera(layer.zone, window),
            showlegend=window != "small",
            legend=_legend(window),
            # keeps the reader's zoom when only the colours change
            uirevision=f"{layer.level}-{layer.zone}-{window}",
        )
    )
    figure.add_traces(_outlines(layer.level, selected))
    return figure


def _area_traces(layer: MapLayer, dark: bool) -> list[go.Choroplethmap]:
    """Return the areas of the territories, one trace per class."""
    background, _ = page_colours(dark)
    counts = layer.counts()
    return [
        _class_trace(
            layer,
            map_class,
            counts[map_class.code],
            themed_colour(dark, map_class.colour),
            background,
        )
        for map_class in layer.classes
        if counts[map_class.code]
    ]


def _disc_traces(layer: MapLayer, dark: bool) -> list:
    """Return the ground of a layer and the discs of the territories of the other classes.

    The ground is that of the départements, in the colour of the class that nearly all are in; a
    layer without such a class has no discs. The `customdata` of a disc is a code of territory.
    """
    ground_code = ground_class(layer)
    if not ground_code:
        return []
    background, _ = page_colours(dark)
    rows = layer.data[layer.data["classe"] != ground_code]
    rows = rows.assign(cle=f"{layer.level}-" + rows["territoire_code"])
    positions = territory_positions(rows["cle"])
    rows = rows.join(positions[["longitude", "latitude"]], on="cle").dropna(subset=["longitude"])
    counts = layer.counts()
    traces = []
    # those of the first classes above the others
    for rank, map_class in reversed(list(enumerate(layer.classes))):
        if not counts[map_class.code]:
            continue
        colour = themed_colour(dark, map_class.colour)
        if map_class.code == ground_code:
            traces.insert(0, ground("departement", dark, colour, background))
        points = rows[rows["classe"] == map_class.code]
        name = f"{map_class.label} ({format_number(counts[map_class.code])})"
        traces += [
            _discs(map_class, points, background, _DISC_SIZE + 4, showlegend=False),
            _discs(map_class, points, colour, _DISC_SIZE, name=name, legendrank=rank),
        ]
    return traces


def _discs(
    map_class: LegendClass, rows: pd.DataFrame, colour: str, size: int, **options: object
) -> go.Scattermap:
    """Return the discs of a class, or those beneath, which make their rings."""
    lines = [
        (f"<b>{plain_text(row.nom)}</b>", plain_text(map_class.label), plain_text(row.detail, 90))
        for row in rows.itertuples()
    ]
    return go.Scattermap(
        # without any point, there would be no line in the legend
        lon=rows["longitude"] if len(rows) else [None],
        lat=rows["latitude"] if len(rows) else [None],
        mode="markers",
        marker={"size": size, "color": colour, "opacity": 1},
        legendgroup=map_class.code,
        customdata=rows["territoire_code"],
        hovertext=["<br>".join(filter(None, texts)) for texts in lines],
        hoverinfo="text",
        **options,
    )


@cached(reference_only=True)
def silhouette(window: str) -> tuple[str, int]:
    """Return the outline of the mainland as it is drawn in a window, as SVG, and its width.

    Its height is that of the map: a page shows it where the map will be.
    """
    scale = 512 * 2 ** ZOOMS[window] / 360
    centre, height = _CENTRES[window], HEIGHTS[window]
    middle = _mercator(centre["lat"])
    codes = [code for code in geometry.outline_codes("region") if code > "06"]
    paths, width = [], 0
    for rings in geometry.read_outlines("region", codes).values():
        points = [
            (round((x - centre["lon"]) * scale), round((middle - _mercator(y)) * scale))
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


def map_layout(height: int, dark: bool, camera: dict, **options: object) -> dict:
    """Return the layout of a map that can be moved and clicked; `options` complete it."""
    return layout(
        height,
        dark,
        map={"style": _map_style(), **camera},
        paper_bgcolor="rgba(0,0,0,0)",
        modebar={"bgcolor": "rgba(0,0,0,0)"},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        clickmode="event+select",
        dragmode="pan",
        **options,
    )


def with_outline(figure: dict, layer: MapLayer, code: str) -> dict:
    """Return one of `map_figures` with the outline of a territory, if it has one."""
    if ground_class(layer):  # whose outlines the browser has not fetched
        return figure
    traces = [trace.to_plotly_json() for trace in _outlines(layer.level, code)]
    return {**figure, "data": [*figure["data"], *traces]}


def _camera(zone: str, window: str) -> dict:
    """Return the centre and zoom for a zone, or the whole country with its insets."""
    return fit_bounds(geometry.bounding_box(zone) if zone else None, window)


def fit_bounds(bounds: geometry.Bounds | None, window: str) -> dict:
    """Return the centre and zoom for a box (west, south, east, north), or the whole country."""
    if bounds is None:
        return {"center": _CENTRES[window], "zoom": ZOOMS[window]}
    west, south, east, north = bounds
    # Web Mercator: the world is 512 pixels wide at zoom 0
    span = max((_mercator(north) - _mercator(south)) / HEIGHTS[window], 1e-9)
    span = max(span, (east - west) / WIDTHS[window])
    zoom = math.log2(360 / 512 / span) - 0.12
    shift = LEGEND_SPACE / 2 * span if window in _LEGEND_BESIDE else 0
    return {
        "center": {"lon": (west + east) / 2 + shift, "lat": (south + north) / 2},
        "zoom": round(zoom, 2),
    }


def _mercator(latitude: float) -> float:
    """Return the height of a latitude on a Mercator map, in degrees of longitude."""
    return math.degrees(math.asinh(math.tan(math.radians(latitude))))


def _border(layer: MapLayer) -> float:
    """Return the width of borders: those of 34,900 communes would hide the colours."""
    if layer.level == "commune":
        return 0.3 if layer.zone else 0
    return 0.4 if layer.level == "epci" and not layer.zone else 0.6


def clicked_key(layer: MapLayer, point: Mapping) -> str:
    """Return the key of the territory of a point of a figure; empty if there is none.

    On a map of discs, a click beside them is one on a département.
    """
    if disc := point.get("customdata"):
        code = disc[0] if isinstance(disc, list) else disc
        return f"{layer.level}-{code}"
    level = "departement" if ground_class(layer) else layer.level
    code = clicked_territory(level, point.get("location"))
    return f"{level}-{code}" if code else ""


def clicked_territory(level: str, location: object) -> str:
    """Return the code of the territory at a `location` of the figure; empty if there is none."""
    codes = geometry.outline_codes(level)
    try:
        rank = int(location)
        return codes[rank] if rank >= 0 else ""
    except (TypeError, ValueError, IndexError):
        return ""


def _map_style() -> dict:
    """Return a map style with the frames of the insets and their names only.

    There are no tiles or fonts to download (names are images), and no background, so that what the
    page shows beneath is seen until the map is drawn.
    """
    sources = {"cadres": {"type": "geojson", "data": geometry.inset_frames()}}
    line = {"line-color": INSET_BORDER, "line-width": 1}
    layers = [{"id": "cadres", "type": "line", "source": "cadres", "paint": line}]
    for frame in geometry.inset_frames()["features"]:
        sources[frame["id"]] = _frame_name(frame)
        layers.append({"id": frame["id"], "type": "raster", "source": frame["id"]})
    return {"version": 8, "sources": sources, "layers": layers}


def _frame_name(frame: dict) -> dict:
    """Return the source of the image of the name of an inset, inside of its frame at the top."""
    image = geometry.inset_name_image(frame["id"])
    # the head of a PNG file has the width and the height of the image
    width, height = (int.from_bytes(image[start : start + 4]) for start in (16, 20))
    longitudes, latitudes = zip(*frame["geometry"]["coordinates"], strict=True)
    west, top = min(longitudes) + _NAME_MARGIN, _mercator(max(latitudes)) - _NAME_MARGIN / 2
    east = west + width * _NAME_SCALE
    north, south = _latitude(top), _latitude(top - height * _NAME_SCALE)
    corners = [[west, north], [east, north], [east, south], [west, south]]
    address = f"data:image/png;base64,{base64.b64encode(image).decode()}"
    return {"type": "image", "url": address, "coordinates": corners}


def _latitude(mercator: float) -> float:
    """Return the latitude at a height of a Mercator map (the inverse of `_mercator`)."""
    return math.degrees(math.atan(math.sinh(math.radians(mercator))))


def _legend(window: str) -> dict:
    beside = {"orientation": "v", "x": 1, "xanchor": "right", "y": 0.93}
    return legend(
        font={"size": 14},
        tracegroupgap=0,
        yanchor="top",
        **(beside if window in _LEGEND_BESIDE else {"y": 0}),
    )


def _class_trace(
    layer: MapLayer, map_class: LegendClass, count: int, colour: str, border: str
) -> go.Choroplethmap:
    rows = layer.data[layer.data["classe"] == map_class.code]
    ranks = rows["territoire_code"].map(geometry.feature_index(layer.level))
    rows, ranks = rows[ranks.notna()], ranks.dropna()
    detailed = len(rows) <= _MAX_DETAILED and (rows["detail"] != "").any()
    # lines: name (read by the browser in the outlines), class, detail
    lines = ["<b>%{properties.nom}</b>", plain_text(map_class.label), "%{text}" if detailed else ""]
    return go.Choroplethmap(
        geojson=geometry.outline_url(layer.level),
        featureidkey="properties.rang",
        locations=ranks.to_numpy(dtype=np.uint16),
        z=np.zeros(len(rows), dtype=np.int8),
        colorscale=[[0, colour], [1, colour]],
        showscale=False,
        showlegend=True,
        name=f"{map_class.label} ({format_number(count)})",
        marker={"line": {"width": _border(layer), "color": border}},
        text=[text and plain_text(text, 90) for text in rows["detail"]] if detailed else None,
        hovertemplate="<br>".join(filter(None, lines)) + "<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _outlines(level: str, code: str) -> list[go.Choroplethmap]:
    """Return the trace that outlines a territory, in a list; an empty list if it has no outline."""
    rank = geometry.feature_index(level).get(code)
    line = {"width": 3, "color": HIGHLIGHT}
    return [] if rank is None else [plain_areas(level, [rank], "rgba(0,0,0,0)", line)]


def ground(level: str, dark: bool, colour: str = "", border: str = "") -> go.Choroplethmap:
    """Return all the outlines of a level in one colour, to be drawn upon."""
    line = {"width": 0.8, "color": border or themed_colour(dark, "#c3cad1")}
    ranks = list(geometry.feature_index(level).values())
    return plain_areas(level, ranks, colour or themed_colour(dark, "#eef1f4"), line)


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


def alt_text(layer: MapLayer) -> str:
    """Return the alternative text of a map: its title and its counts."""
    counts = layer.counts()
    texts = [
        f"{legend_class.label} : {format_number(counts[legend_class.code])}"
        for legend_class in layer.classes
        if counts[legend_class.code]
    ]
    return f"Carte. {layer.title} {' ; '.join(texts)}. Le tableau sous la carte donne le détail."
