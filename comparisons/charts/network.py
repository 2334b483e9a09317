"""Network graph of partnerships, with shapes besides colours, from stored positions."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.shared_services.network import (
    ORGANISATION,
    ROLE_ORDER,
    format_link_counts,
)
from comparisons.charts.style import (
    HIGHLIGHT,
    layout,
    legend,
    page_colours,
    plain_text,
    segments,
    themed_colour,
)
from comparisons.database.cache import cached
from comparisons.formatting import format_number, join_words, pluralize
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, load_format
from comparisons.schema.territory import LEVEL_NAMES

# (legend, colour, shape): shapes distinguish them without colours (after Okabe and Ito).
ORGANISATION_MARKERS = {
    "Structure publique": ("Organisme public", "#b34700", "square"),
    "Association ou entreprise": ("Association, entreprise", "#8a4a7a", "diamond"),
    "Groupement": ("Groupement de commandes", "#7a6200", "hexagon"),
    "Autre": ("Autre organisme", "#52606d", "cross"),
}
LEVEL_MARKERS = {
    "region": ("#08306b", "star"),
    "departement": ("#2171b5", "circle"),
    "epci": ("#00795a", "triangle-up"),
    "commune": ("#697586", "triangle-down"),
}
LINK_KINDS = {True: ("Lien énoncé par une source", "solid"), False: ("Lien déduit", "dot")}
_MAX_LISTED = 8
MAX_NAMES = 20
# Least width of the figure in each kind of window, width of a name there, in pixels; characters of
# a line of a name.
_WIDTHS = {"narrow": (330, 96, 15), "medium": (620, 125, 20), "wide": (940, 125, 20)}
_MAX_HEIGHT = 900
_NAME_HEIGHT = 42
_MARGIN = 20  # above the marks
_MARK_ROOM = 32  # between neighbours; marks are smaller where they have less
_LEGEND_LINE = 24


@cached
def network_figure(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    window: str = "wide",
    dark: bool = False,
    selected: str = "",
) -> go.Figure | None:
    """Return the graph of a network; None when it has no node.

    Names are written below at most `MAX_NAMES` nodes, the most cited first, where they are far
    enough from each other: `layout.meta["sans_nom"]` counts the nodes without one. `selected` is
    the id of a node to ring. The `customdata` of a point is its id.
    """
    if nodes.empty:
        return None
    full_width, name_width, line_length = _WIDTHS[window]
    width, height = full_width - name_width, min(_MAX_HEIGHT, 180 + 52 * len(nodes) ** 0.5)
    scale = min(1, (width * height / len(nodes)) ** 0.5 / _MARK_ROOM)
    nodes = nodes.assign(
        x=_fit(nodes["x"], width),
        y=_fit(nodes["y"], height),
        diametre=[scale * _marker_size(row) for row in iterate_rows(nodes)],
    )
    figure = go.Figure()
    _draw_edges(figure, nodes, edges, themed_colour(dark, "#a7b1bb"))
    _draw_nodes(figure, nodes, hover_texts(nodes, edges), dark)
    if selected in set(nodes["id"]):
        _draw_ring(figure, nodes.set_index("id").loc[selected], themed_colour(dark, HIGHLIGHT))
    named = _named_nodes(nodes, selected, name_width)
    legend_height = _LEGEND_LINE * (7 if window == "narrow" else 3)
    axis = {"visible": False, "fixedrange": False}
    return figure.update_layout(
        layout(
            height + _MARGIN + _NAME_HEIGHT + legend_height,
            dark,
            margin={"l": 0, "r": 0, "t": legend_height, "b": 0},
            xaxis=axis | {"range": [-name_width / 2, width + name_width / 2]},
            yaxis=axis | {"range": [height + _NAME_HEIGHT, -_MARGIN]},
            legend=legend(y=1, font={"size": 13}),
            dragmode="pan",
            clickmode="event+select",
            annotations=[_name_annotation(row, line_length, dark) for row in named],
            meta={"sans_nom": len(nodes) - len(named)},
        )
    )


def _fit(values: pd.Series, length: float) -> pd.Series:
    """Return positions spread over a length in pixels; in its middle if they are all the same."""
    span = values.max() - values.min()
    return (values - values.min()) / span * length if span else values * 0 + length / 2


def _named_nodes(nodes: pd.DataFrame, selected: str, name_width: int) -> list[object]:
    """Return the rows of the nodes to name: the selected one, then the most cited."""
    ranked = nodes.assign(is_selected=nodes["id"] == selected).sort_values(
        ["is_selected", "taille", "nb_deduits", "id"], ascending=[False, False, False, True]
    )
    named: list[object] = []
    for row in iterate_rows(ranked):
        is_free = all(
            abs(row.x - other.x) > name_width or abs(row.y - other.y) > _NAME_HEIGHT
            for other in named
        )
        if is_free and len(named) < MAX_NAMES:
            named.append(row)
    return named


def _name_annotation(row: object, line_length: int, dark: bool) -> dict:
    lines = textwrap.wrap(row.etiquette, line_length, max_lines=2, placeholder="…")
    return {
        "x": row.x,
        "y": row.y,
        "yshift": -row.diametre / 2 - 1,
        "yanchor": "top",
        "showarrow": False,
        "text": "<br>".join(map(plain_text, lines)),
        "font": {"size": 11},
        "bgcolor": "rgba(16,24,31,0.72)" if dark else "rgba(255,255,255,0.78)",
        "borderpad": 0,
    }


def _marker_size(row: object) -> float:
    """Return the diameter of a node in pixels; its area grows with the number of cited links."""
    least, most = (12, 30) if row.sorte == ORGANISATION else (8, 16)
    return min(least + 2.6 * (max(row.taille, 1) ** 0.5 - 1), most)


def _draw_edges(figure: go.Figure, nodes: pd.DataFrame, edges: pd.DataFrame, colour: str) -> None:
    positions = nodes.set_index("id")
    for is_stated, (title, dash) in LINK_KINDS.items():
        links = edges[(edges["nb_cites"] > 0) == is_stated]
        if links.empty:
            continue
        starts, ends = positions.loc[links["cle"]], positions.loc[links["partenaire_id"]]
        figure.add_trace(
            go.Scatter(
                x=segments(starts["x"], ends["x"]),
                y=segments(starts["y"], ends["y"]),
                mode="lines",
                line={"color": colour, "width": 1.3, "dash": dash},
                name=title,
                hoverinfo="skip",
            )
        )


def _draw_nodes(figure: go.Figure, nodes: pd.DataFrame, texts: dict[str, str], dark: bool) -> None:
    families = nodes["forme"].map(lambda form: form and _family(form))
    kinds = [
        *((LEVEL_NAMES[level], nodes["niveau"] == level, *marker)
          for level, marker in LEVEL_MARKERS.items()),
        *((title, families == family, *marker)
          for family, (title, *marker) in ORGANISATION_MARKERS.items()),
    ]  # fmt: skip
    for title, mask, colour, symbol in kinds:
        group = nodes[mask]
        if group.empty:
            continue
        figure.add_trace(
            go.Scatter(
                x=group["x"],
                y=group["y"],
                mode="markers",
                marker={
                    "symbol": symbol,
                    "color": themed_colour(dark, colour),
                    "size": group["diametre"],
                    "opacity": 1,
                    "line": {"color": page_colours(dark)[0], "width": 1},
                },
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                name=title,
                customdata=group["id"],
                hovertext=[texts[node] for node in group["id"]],
                hoverinfo="text",
            )
        )


def _family(form: str) -> str:
    """Return the family of a legal form, from the vocabulary."""
    rows = load_format().vocabularies["formes"]
    return dict(zip(rows["code"], rows["famille"], strict=True)).get(form, "Autre")


def hover_texts(nodes: pd.DataFrame, edges: pd.DataFrame) -> dict[str, str]:
    """Return the hover text of each node by id: its kind, its links, their roles and services."""
    names = dict(zip(nodes["id"], nodes["nom"], strict=True))
    links: dict[str, list[str]] = {node: [] for node in nodes["id"]}
    for row in iterate_rows(edges):
        service_names = join_words(code_label("services", code) for code in row.services)
        role = code_label("roles", min(row.roles, key=ROLE_ORDER.index)).lower()
        unsure = ", déduit" if not row.nb_cites else ", en partie déduit" if row.nb_deduits else ""
        about = f"{role}{unsure} ({plain_text(service_names, 70)})"
        for start, end in ((row.cle, row.partenaire_id), (row.partenaire_id, row.cle)):
            links[start].append(f"{plain_text(names[end], 60)} : {about}")
    texts = {}
    for row in iterate_rows(nodes):
        kind = code_label("formes", row.forme) if row.forme else code_label("niveaux", row.niveau)
        lines = links[row.id]
        if len(lines) > _MAX_LISTED:
            others = pluralize(len(lines) - _MAX_LISTED, "autre lien", "autres liens")
            lines = [*lines[:_MAX_LISTED], f"et {others}"]
        count = format_link_counts(row.taille, row.nb_deduits)
        heading = f"<b>{plain_text(row.nom, 80)}</b>"
        texts[row.id] = "<br>".join([heading, f"{plain_text(kind, 60)} : {count}", *lines])
    return texts


def _draw_ring(figure: go.Figure, node: pd.Series, colour: str) -> None:
    figure.add_trace(
        go.Scatter(
            x=[node["x"]],
            y=[node["y"]],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": node["diametre"] + 12,
                "color": colour,
                "line": {"width": 3},
            },
            showlegend=False,
            hoverinfo="skip",
        )
    )


def describe_names(total: int, unnamed: int) -> str:
    """Return a French sentence on the nodes without a name in the figure; empty without any."""
    if not unnamed:
        return ""
    return (
        f"{MAX_NAMES} noms au plus, les plus cités d’abord ; {pluralize(unnamed, 'autre')} à lire "
        f"au survol ou dans le tableau (sur {format_number(total)})."
    )
