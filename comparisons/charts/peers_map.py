"""Small map of a territory and those that are compared with it."""

from collections.abc import Mapping

import plotly.graph_objects as go

from comparisons.charts.base_map import (
    HEIGHTS,
    LEGEND_LINE,
    fit_bounds,
    ground,
    map_layout,
    outline_ranks,
    plain_areas,
)
from comparisons.charts.map_positions import territory_positions
from comparisons.charts.style import HIGHLIGHT, legend, page_colours, plain_text, themed_colour
from comparisons.queries import geometry

_COLOURS = (HIGHLIGHT, "#2171b5", "#b4690e")
# Smaller territories are points: their outlines would not be seen.
_AREA_LEVELS = ("region", "departement")


def peers_map(groups: Mapping[str, Mapping[str, str]], dark: bool = False) -> go.Figure:
    """Return the map of up to three groups of territories of one level, one colour each.

    `groups` holds the names of the territories by their keys, by the title of the group.
    """
    level = next(key for names in groups.values() for key in names).partition("-")[0]
    has_areas = level in _AREA_LEVELS
    figure = go.Figure(ground(level if has_areas else "departement", dark, close_up=has_areas))
    draw = _areas if has_areas else _points
    frames = geometry.inset_frames(level if has_areas else "")
    for (title, names), colour in zip(groups.items(), _COLOURS, strict=False):
        if names:
            figure.add_trace(
                draw(names, themed_colour(dark, colour), page_colours(dark)[0]).update(
                    name=plain_text(f"{title} ({len(names)})"), showlegend=True
                )
            )
    below = LEGEND_LINE * len(groups)
    return figure.update_layout(
        map_layout(HEIGHTS["narrow"] + below, dark, fit_bounds(None, "narrow"), frames),
        margin={"b": below},
        legend=legend(y=0, yanchor="top", font={"size": 13}),
    )


def _areas(names: Mapping[str, str], colour: str, border: str) -> go.Choroplethmap:
    level = next(iter(names)).partition("-")[0]
    return plain_areas(
        level,
        outline_ranks(level, (key.partition("-")[2] for key in names)),
        colour,
        {"width": 0.6, "color": border},
        hoverinfo=None,
        hovertemplate="<b>%{properties.nom}</b><extra></extra>",
    )


def _points(names: Mapping[str, str], colour: str, border: str) -> go.Scattermap:
    positions = territory_positions(names)
    return go.Scattermap(
        lon=positions["longitude"],
        lat=positions["latitude"],
        mode="markers",
        marker={"size": 11, "color": colour, "opacity": 1},
        hovertext=[plain_text(names[key]) for key in positions.index],
        hoverinfo="text",
    )
