"""Map of partnerships: lines from organisations to the territories linked to them."""

import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.shared_services.network import ORGANISATION, describe_link_counts
from comparisons.charts.base_map import HEIGHTS, LEGEND_LINE, fit_bounds, ground, map_layout
from comparisons.charts.network import LEVEL_MARKERS, LINK_KINDS, hover_texts
from comparisons.charts.style import legend, page_colours, segments, themed_colour
from comparisons.formatting import format_number, pluralize
from comparisons.queries import geometry
from comparisons.schema.territory import LEVEL_NAMES

_ORGANISATION_COLOUR = "#b34700"
# Map lines cannot be dotted: inferred links are paler and thinner.
_LINE_STYLES = {False: ("#c9a892", 0.9), True: ("#7b5a45", 1.8)}
_MIN_SPAN = 1.2  # degrees
_MAX_LARGE_MARKERS = 150  # number of points above which they are drawn smaller


def links_map(
    nodes: pd.DataFrame, edges: pd.DataFrame, window: str = "wide", dark: bool = False
) -> go.Figure | None:
    """Return the map of the result of `map_positions.map_links`; None when no node has a position.

    Outlines are fetched by the browser, as on the other maps. `window` is `narrow`, `medium` or
    `wide`; the `customdata` of a point is the id of its node.
    """
    placed = nodes.dropna(subset=["longitude", "latitude"])
    if placed.empty:
        return None
    is_regional = set(placed["niveau"]) - {""} == {"region"}
    figure = go.Figure(ground("region" if is_regional else "departement", dark))
    _draw_lines(figure, placed.set_index("id"), edges, dark)
    _draw_points(figure, placed, hover_texts(nodes, edges), dark)
    narrow = window == "narrow"
    # the legend is below the map in every window, hence no space is needed at the right
    room = "narrow" if narrow else "medium"
    below = LEGEND_LINE * (7 if narrow else 3)
    return figure.update_layout(
        map_layout(
            HEIGHTS[room] + below, dark, fit_bounds(_bounds(placed), room), geometry.inset_frames()
        ),
        margin={"b": below},
        legend=legend(y=0, yanchor="top", font={"size": 13}),
        meta={"sans_place": len(nodes) - len(placed)},
    )


def _draw_lines(figure: go.Figure, placed: pd.DataFrame, edges: pd.DataFrame, dark: bool) -> None:
    drawn = edges[edges["cle"].isin(placed.index) & edges["partenaire_id"].isin(placed.index)]
    for is_stated, (colour, width) in _LINE_STYLES.items():
        links = drawn[(drawn["nb_cites"] > 0) == is_stated]
        if links.empty:
            continue
        starts, ends = placed.loc[links["cle"]], placed.loc[links["partenaire_id"]]
        figure.add_trace(
            go.Scattermap(
                lon=segments(starts["longitude"], ends["longitude"]),
                lat=segments(starts["latitude"], ends["latitude"]),
                mode="lines",
                line={"color": themed_colour(dark, colour), "width": width},
                name=f"{LINK_KINDS[is_stated][0]} ({format_number(len(links))})",
                hoverinfo="skip",
            )
        )


def _draw_points(figure: go.Figure, placed: pd.DataFrame, texts: dict, dark: bool) -> None:
    kinds = [(LEVEL_NAMES[level], placed["niveau"] == level, colour, 8)
             for level, (colour, _) in LEVEL_MARKERS.items()]  # fmt: skip
    kinds.append(("Organismes", placed["sorte"] == ORGANISATION, _ORGANISATION_COLOUR, 12))
    scale = 1 if len(placed) <= _MAX_LARGE_MARKERS else 0.65
    for title, mask, colour, min_size in kinds:
        points = placed[mask]
        sizes = scale * (min_size + 1.2 * (points["taille"].clip(lower=1) ** 0.5 - 1)).clip(
            upper=22
        )
        # symbols would need a font to download: an organisation is a larger point with a ring
        rings = ((sizes + 3 * scale, page_colours(dark)[0]), (sizes, themed_colour(dark, colour)))
        for is_main, (diameters, point_colour) in enumerate(rings if len(points) else ()):
            figure.add_trace(
                go.Scattermap(
                    lon=points["longitude"],
                    lat=points["latitude"],
                    mode="markers",
                    marker={"size": diameters, "color": point_colour, "opacity": 1},
                    name=f"{title} ({format_number(len(points))})",
                    legendgroup=title,
                    showlegend=bool(is_main),
                    customdata=points["id"],
                    hovertext=[texts[node] for node in points["id"]],
                    hoverinfo="text" if is_main else "skip",
                )
            )


def _bounds(placed: pd.DataFrame) -> geometry.Bounds | None:
    """Return the bounding box of nodes, with a margin; None when it is most of the country."""
    west, east = placed["longitude"].min(), placed["longitude"].max()
    south, north = placed["latitude"].min(), placed["latitude"].max()
    if east - west > 8 or north - south > 6:
        return None
    room_x = max(0.08 * (east - west), (_MIN_SPAN - (east - west)) / 2)
    room_y = max(0.08 * (north - south), (_MIN_SPAN - (north - south)) / 2)
    return (west - room_x, south - room_y, east + room_x, north + room_y)


def map_alternative_text(nodes: pd.DataFrame, edges: pd.DataFrame) -> str:
    """Return the alternative text of the map."""
    organisations = nodes[nodes["sorte"] == ORGANISATION]
    count, seats = len(organisations), int(organisations["siege"].eq(True).sum())
    return (
        f"Carte des liens ({describe_link_counts(edges)}) entre {pluralize(count, 'organisme')} "
        f"(dont {format_number(seats)} au siège connu) et "
        f"{pluralize(len(nodes) - count, 'territoire')}. Le tableau donne tous les liens."
    )
