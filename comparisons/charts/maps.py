"""Map figures: a layer painted on outlines that the browser fetches once."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.map_layers import (
    LegendClass,
    MapLayer,
    describe_legend,
    ground_class,
)
from comparisons.analysis.map_questions.views import build_layers
from comparisons.charts.base_map import (
    HEIGHTS,
    LEGEND_BESIDE,
    LEGEND_LINE,
    fit_bounds,
    ground,
    map_layout,
    outline_ranks,
    plain_areas,
)
from comparisons.charts.map_positions import close_up_positions, territory_positions
from comparisons.charts.style import (
    HIGHLIGHT,
    legend,
    page_colours,
    plain_text,
    themed_colour,
)
from comparisons.database.cache import cached
from comparisons.formatting import format_number
from comparisons.page_parameters import MapParameters
from comparisons.queries import geometry
from comparisons.rows import iterate_rows

# Beyond that many territories, hover labels have name and class only.
_MAX_DETAILED = 1000
_DISC_SIZE = 11


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
    return tuple(figure.to_dict() for figure in figures)


def _count_classes(layer: MapLayer) -> int:
    return sum(count > 0 for count in layer.counts.values())


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
            [] if layer.zone else geometry.inset_frames(layer.level),
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
    counts = layer.counts
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
    if not layer.zone:
        positions = pd.concat([positions, close_up_positions(rows["cle"])])
    rows = rows.join(positions[["longitude", "latitude"]], on="cle").dropna(subset=["longitude"])
    counts = layer.counts
    traces = []
    # those of the first classes above the others
    for rank, map_class in reversed(list(enumerate(layer.classes))):
        if not counts[map_class.code]:
            continue
        colour = themed_colour(dark, map_class.colour)
        if map_class.code == ground_code:
            close_up = not layer.zone
            traces.insert(0, ground("departement", dark, colour, background, close_up))
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
        for row in iterate_rows(rows)
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


def with_outline(figure: dict, layer: MapLayer, code: str) -> dict:
    """Return one of `map_figures` with the outline of a territory, if it has one."""
    if ground_class(layer):  # whose outlines the browser has not fetched
        return figure
    return {**figure, "data": [*figure["data"], *_plain_outlines(layer.level, code)]}


@cached
def _plain_outlines(level: str, code: str) -> tuple[dict, ...]:
    return tuple(go.Figure(_outlines(level, code)).to_dict()["data"])


def _camera(zone: str, window: str) -> dict:
    """Return the centre and zoom for a zone, or the whole country with its insets."""
    return fit_bounds(geometry.bounding_box(zone) if zone else None, window)


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


def _legend(window: str) -> dict:
    beside = {"orientation": "v", "x": 1, "xanchor": "right", "y": 0.93}
    return legend(
        font={"size": 13},
        tracegroupgap=0,
        yanchor="top",
        itemclick="toggleothers",
        itemdoubleclick="toggle",
        **(beside if window in LEGEND_BESIDE else {"y": 0}),
    )


def _class_trace(
    layer: MapLayer, map_class: LegendClass, count: int, colour: str, border: str
) -> go.Choroplethmap:
    rows = layer.data[layer.data["classe"] == map_class.code]
    indexes = [geometry.feature_index(layer.level)]
    if not layer.zone:
        indexes.append(geometry.close_up_index(layer.level))
    ranks = pd.concat([rows["territoire_code"].map(index) for index in indexes]).dropna()
    rows = rows.loc[ranks.index]
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
    ranks = outline_ranks(level, [code])
    line = {"width": 3, "color": HIGHLIGHT}
    return [plain_areas(level, ranks, "rgba(0,0,0,0)", line)] if ranks else []


def alt_text(layer: MapLayer) -> str:
    """Return the alternative text of a map: its title and its counts."""
    return f"Carte. {describe_legend(layer)} Le tableau sous la carte donne le détail."
