"""Map of partnerships: lines from organisations to the territories linked to them."""

import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.shared_services.network import (
    ORGANISATION,
    build_nodes,
    describe_link_counts,
    load_edges,
)
from comparisons.charts.map_positions import organisation_positions, territory_positions
from comparisons.charts.maps import DARK, FONT, HEIGHTS, LEGEND_LINE, LIGHT, fit_bounds, map_style
from comparisons.charts.network import LEVEL_MARKERS, hover_texts
from comparisons.formatting import format_number, pluralize
from comparisons.queries import geometry
from comparisons.schema.territory import LEVEL_NAMES

_ORGANISATION_COLOUR = {False: "#b34700", True: "#f28e4b"}
_LAND_COLOUR = {False: "#eef1f4", True: "#1b262f"}
# Map lines cannot be dotted: inferred links are paler and thinner, and have their own legend.
_LINE_STYLES = {
    "explicite": ("Lien énoncé par une source", 1.8, {False: "#7b5a45", True: "#d8a987"}),
    "deduit": ("Lien déduit", 0.9, {False: "#c9a892", True: "#7d6455"}),
}
_MIN_SPAN = 1.2  # degrees
_MAX_LARGE_MARKERS = 150  # number of points above which they are drawn smaller
POSITION_NOTE = (
    "Un organisme est dessiné dans le département de son siège (sa ville n’est pas renseignée) ou, "
    "si son siège est inconnu, au milieu des territoires qui lui sont liés. Une ligne est un lien, "
    "non un réseau. L’outre-mer est dans les encarts."
)


def map_links(
    service: str = "", zone: str = "", partner: str = "", level: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nodes and edges as `network_layout.load_network`, with `longitude` and `latitude`.

    Nodes have no `x`, `y`, but `siege`: whether an organisation is drawn at its seat (missing for
    territories). A territory that is not on the maps has no position, nor has an organisation
    linked only to such territories.
    """
    edges = load_edges(service, zone, partner, level)
    nodes = build_nodes(edges).drop(columns=["x", "y"])
    territories = territory_positions(edges["cle"])
    organisations = organisation_positions(edges, territories)
    for axis, position in (("longitude", 0), ("latitude", 1)):
        territory_coordinates = {key: point[position] for key, point in territories.items()}
        nodes[axis] = (
            nodes["id"].map(territory_coordinates | organisations[axis].to_dict()).astype(float)
        )
    nodes["siege"] = nodes["id"].map(organisations["siege"])
    return nodes, edges


def links_map(
    nodes: pd.DataFrame, edges: pd.DataFrame, window: str = "wide", dark: bool = False
) -> go.Figure | None:
    """Return the map of the result of `map_links`; None when no node has a position.

    Outlines are fetched by the browser, as on the other maps. `window` is `narrow`, `medium` or
    `wide`; the `customdata` of a point is the id of its node.
    """
    placed = nodes.dropna(subset=["longitude", "latitude"])
    if placed.empty:
        return None
    background, ink = DARK if dark else LIGHT
    figure = go.Figure(_ground(placed, background, dark))
    _draw_lines(figure, placed, edges, dark)
    _draw_points(figure, placed, hover_texts(nodes, edges), dark)
    narrow = window == "narrow"
    # the legend is below the map in every window, hence no space is needed at the right
    room = "narrow" if narrow else "medium"
    below = LEGEND_LINE * (7 if narrow else 3)
    figure.update_layout(
        map={"style": map_style(background), **fit_bounds(_bounds(placed), room)},
        margin={"l": 0, "r": 0, "t": 0, "b": below},
        height=HEIGHTS[room] + below,
        clickmode="event+select",
        dragmode="pan",
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "font": {"size": 13},
                "itemsizing": "constant", "bgcolor": "rgba(0,0,0,0)"},
        hoverlabel={"align": "left"},
        paper_bgcolor=background,
        font={"color": ink, "family": FONT},
        template=go.layout.Template(),
        meta={"sans_place": len(nodes) - len(placed)},
    )  # fmt: skip
    return figure


def map_alternative_text(nodes: pd.DataFrame, edges: pd.DataFrame) -> str:
    """Return the alternative text of the map."""
    organisations = nodes[nodes["sorte"] == ORGANISATION]
    count = len(organisations)
    seats = int(organisations["siege"].eq(True).sum())
    return (
        f"Carte des liens ({describe_link_counts(edges)}) entre {pluralize(count, 'organisme')} "
        f"(dont {format_number(seats)} au siège connu) et "
        f"{pluralize(len(nodes) - count, 'territoire')}. Le tableau donne tous les liens."
    )


def _ground(placed: pd.DataFrame, border: str, dark: bool) -> go.Choroplethmap:
    """Return the outlines below the lines: régions if only these are linked, else départements."""
    levels = set(placed["niveau"]) - {""}
    level = "region" if levels == {"region"} else "departement"
    ranks = list(geometry.feature_index(level).values())
    return go.Choroplethmap(
        geojson=geometry.outline_url(level),
        featureidkey="properties.rang",
        locations=ranks,
        z=[0] * len(ranks),
        colorscale=[[0, _LAND_COLOUR[dark]], [1, _LAND_COLOUR[dark]]],
        showscale=False,
        showlegend=False,
        marker={"line": {"width": 0.8, "color": "#3e4c59" if dark else "#c3cad1"}},
        hoverinfo="skip",
    )


def _draw_lines(figure: go.Figure, placed: pd.DataFrame, edges: pd.DataFrame, dark: bool) -> None:
    positions = placed.set_index("id")[["longitude", "latitude"]]
    drawn_edges = edges[
        edges["cle"].isin(positions.index) & edges["partenaire_id"].isin(positions.index)
    ]
    for code in ("deduit", "explicite"):
        title, width, colour = _LINE_STYLES[code]
        links = drawn_edges[(drawn_edges["nb_cites"] > 0) == (code == "explicite")]
        if links.empty:
            continue
        ends = [positions.loc[links["cle"]], positions.loc[links["partenaire_id"]]]
        longitudes, latitudes = (
            [value for pair in zip(*(end[axis] for end in ends), strict=True)
             for value in (*pair, None)]
            for axis in ("longitude", "latitude")
        )  # fmt: skip
        figure.add_trace(
            go.Scattermap(
                lon=longitudes,
                lat=latitudes,
                mode="lines",
                line={"color": colour[dark], "width": width},
                name=f"{title} ({format_number(len(links))})",
                hoverinfo="skip",
            )
        )


def _draw_points(figure: go.Figure, placed: pd.DataFrame, texts: dict, dark: bool) -> None:
    kinds = [
        (LEVEL_NAMES[level], placed["niveau"] == level, marker[1 if dark else 0], 8)
        for level, marker in LEVEL_MARKERS.items()
    ]
    kinds.append(("Organismes", placed["sorte"] == ORGANISATION, _ORGANISATION_COLOUR[dark], 12))
    ring = (DARK if dark else LIGHT)[0]
    scale = 1 if len(placed) <= _MAX_LARGE_MARKERS else 0.65
    for title, mask, colour, min_size in kinds:
        points = placed[mask]
        if points.empty:
            continue
        # symbols would need a font to download: an organisation is a larger point with a ring
        sizes = [
            scale * min(min_size + 1.2 * (max(size, 1) ** 0.5 - 1), 22) for size in points["taille"]
        ]
        for growth, point_colour, is_main in ((3 * scale, ring, False), (0, colour, True)):
            figure.add_trace(
                go.Scattermap(
                    lon=points["longitude"],
                    lat=points["latitude"],
                    mode="markers",
                    marker={"size": [size + growth for size in sizes], "color": point_colour,
                            "opacity": 1},
                    name=f"{title} ({format_number(len(points))})",
                    legendgroup=title,
                    showlegend=is_main,
                    customdata=points["id"],
                    hovertext=[texts[node] for node in points["id"]],
                    hoverinfo="text" if is_main else "skip",
                )
            )  # fmt: skip


def _bounds(placed: pd.DataFrame) -> geometry.Bounds | None:
    """Return the bounding box of nodes, with a margin; None when it is most of the country."""
    west, east = placed["longitude"].min(), placed["longitude"].max()
    south, north = placed["latitude"].min(), placed["latitude"].max()
    if east - west > 8 or north - south > 6:
        return None
    room_x = max(0.08 * (east - west), (_MIN_SPAN - (east - west)) / 2)
    room_y = max(0.08 * (north - south), (_MIN_SPAN - (north - south)) / 2)
    return (west - room_x, south - room_y, east + room_x, north + room_y)
