"""Map figures: a layer painted on outlines that the browser already holds."""

import plotly.graph_objects as go

from comparisons import geometry
from comparisons.layers import Layer, MapClass
from comparisons.text import number, typographic

# The wide map leaves room for its legend at the right.
CENTRES = {
    "narrow": {"lon": 1.48, "lat": 46.45},
    "medium": {"lon": 1.48, "lat": 46.45},
    "wide": {"lon": 4.6, "lat": 46.42},
}
# Plotly cannot fit a map to outlines that come by address: zoom and height for each kind of window.
ZOOMS = {"narrow": 3.88, "medium": 4.3, "wide": 4.5}
HEIGHTS = {"narrow": 360, "medium": 460, "wide": 480}
LEGEND_LINE = 21
HIGHLIGHT = "#d6336c"
# background, ink: those of .streamlit/config.toml
LIGHT, DARK = ("#ffffff", "#0f1720"), ("#10181f", "#e6ebf0")
FRAME = "#9aa5b1"
# On a dark background what is known must shine and what is not must recede: the same order of
# lightness, turned round.
ON_DARK = {
    "#08306b": "#d6ebff",
    "#08519c": "#a9d3f5",
    "#2171b5": "#7fb9e8",
    "#3182bd": "#62a6dd",
    "#6baed6": "#3f80bb",
    "#9ecae1": "#2d5f8f",
    "#c6dbef": "#21476d",
    "#d8cfc0": "#857c69",
    "#a8a8a8": "#5a6672",
    "#e6e6e6": "#27333d",
}


def choropleth(
    layer: Layer, selected: str = "", window: str = "wide", dark: bool = False
) -> go.Figure:
    """Paint a layer, one trace per class so that the legend counts and can hide them.

    The figure carries codes and words only: outlines come by address and stay in the browser.
    `location` of a point is its `territoire_code`. `selected` is outlined; `window` is `narrow`
    (a phone), `medium` or `wide`.
    """
    figure = go.Figure()
    background, ink = DARK if dark else LIGHT
    counts = layer.counts()
    for map_class in layer.classes:
        if counts[map_class.code]:
            colour = ON_DARK.get(map_class.colour, map_class.colour) if dark else map_class.colour
            count = counts[map_class.code]
            figure.add_trace(_class_trace(layer, map_class, count, colour, background))
    if selected and (layer.data["territoire_code"] == selected).any():
        figure.add_trace(_outline(layer, selected))
    classes = sum(count > 0 for count in counts.values())
    # below the map, or beside it
    legend_lines = 0 if window == "wide" else classes
    figure.update_layout(
        map={
            "style": _style(background),
            "center": CENTRES[window],
            "zoom": ZOOMS[window],
        },
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        height=HEIGHTS[window] + LEGEND_LINE * legend_lines,
        clickmode="event+select",
        dragmode="pan",
        showlegend=True,
        legend=_legend(window),
        hoverlabel={"align": "left"},
        # keeps the reader's zoom when only the colours change
        uirevision=f"{layer.level}-{window}",
        paper_bgcolor=background,
        font={"color": ink},
    )
    return figure


def _style(background: str) -> dict:
    """Give a map style without tiles, fonts or any other thing to fetch: inset frames, no more."""
    return {
        "version": 8,
        "sources": {"cadres": {"type": "geojson", "data": geometry.frames()}},
        "layers": [
            {"id": "fond", "type": "background", "paint": {"background-color": background}},
            {
                "id": "cadres",
                "type": "line",
                "source": "cadres",
                "paint": {"line-color": FRAME, "line-width": 1},
            },
        ],
    }


def _legend(window: str) -> dict:
    common = {"itemsizing": "constant", "font": {"size": 14}, "bgcolor": "rgba(0,0,0,0)"}
    if window == "wide":
        return common | {"x": 1, "xanchor": "right", "y": 0.93, "yanchor": "top"}
    return common | {"orientation": "h", "x": 0, "y": 0, "yanchor": "top"}


def _class_trace(
    layer: Layer, map_class: MapClass, count: int, colour: str, border: str
) -> go.Choroplethmap:
    rows = layer.data[layer.data["classe"] == map_class.code]
    return go.Choroplethmap(
        geojson=geometry.display_url(layer.level),
        locations=rows["territoire_code"],
        z=[0] * len(rows),
        colorscale=[[0, colour], [1, colour]],
        showscale=False,
        showlegend=True,
        name=f"{map_class.label} ({number(count)})",
        marker={"line": {"width": 0.6, "color": border}},
        text=[_hover(row, map_class) for row in rows.itertuples()],
        hovertemplate="%{text}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _hover(row: object, map_class: MapClass) -> str:
    lines = [f"<b>{_plain(typographic(row.nom))}</b>", _plain(map_class.label)]
    if row.detail:
        lines.append(_plain(row.detail))
    return "<br>".join(lines)


def _plain(text: str) -> str:
    """Keep data from being read as markup by the hover label; shorten what would not fit."""
    shortened = text if len(text) <= 90 else f"{text[:88].rstrip()}…"
    return shortened.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")


def _outline(layer: Layer, code: str) -> go.Choroplethmap:
    return go.Choroplethmap(
        geojson=geometry.display_url(layer.level),
        locations=[code],
        z=[0],
        colorscale=[[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]],
        showscale=False,
        showlegend=False,
        marker={"line": {"width": 3, "color": HIGHLIGHT}},
        hoverinfo="skip",
    )


def alternative_text(layer: Layer) -> str:
    """Describe the map for those who cannot see it: its title and its counts."""
    counts = layer.counts()
    parts = [f"{c.label} : {number(counts[c.code])}" for c in layer.classes if counts[c.code]]
    return f"Carte. {layer.title} {' ; '.join(parts)}. Le tableau sous la carte donne le détail."
