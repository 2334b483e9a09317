"""Network graph of partnerships, with shapes besides colours and labels that do not overlap."""

from html import escape

import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.shared_services.network import ROLE_ORDER, format_link_counts
from comparisons.charts.maps import DARK, FONT, LIGHT
from comparisons.charts.network_labels import annotations, visible_labels
from comparisons.charts.network_layout import (
    LINE_HEIGHT,
    NARROW,
    WIDE,
    lines_of,
    marker_size,
    place_nodes,
)
from comparisons.formatting import curly_apostrophes, join_words, pluralize
from comparisons.schema.model import code_label, load_format
from comparisons.schema.territory import LEVEL_NAMES

# (legend, colour, colour on dark, shape): shapes distinguish them without colours.
# (after Okabe and Ito)
ORGANISATION_MARKERS = {
    "Structure publique": ("Organisme public", "#b34700", "#f28e4b", "square"),
    "Association ou entreprise": ("Association, entreprise", "#8a4a7a", "#d69ac6", "diamond"),
    "Groupement": ("Groupement de commandes", "#7a6200", "#e5c94a", "hexagon"),
    "Autre": ("Autre organisme", "#52606d", "#b4bec8", "cross"),
}
LEVEL_MARKERS = {
    "region": ("#08306b", "#d6ebff", "star"),
    "departement": ("#0072b2", "#7fb9e8", "circle"),
    "epci": ("#00795a", "#57c9a5", "triangle-up"),
    "commune": ("#697586", "#9aa5b1", "triangle-down"),
}
_CERTAINTIES = {
    "explicite": ("Lien énoncé par une source", "solid"),
    "deduit": ("Lien déduit", "dot"),
}
_HIGHLIGHT = {False: "#d6336c", True: "#ff7aa8"}
_MAX_LISTED = 8
_LABEL_MARGIN = 12  # margin around the graph, in pixels


def network_figure(
    nodes: pd.DataFrame,
    edges: pd.DataFrame,
    narrow: bool = False,
    dark: bool = False,
    selected: str = "",
) -> go.Figure | None:
    """Return the graph of a network; None when it has no node.

    Labels are written below nodes; those that would overlap a label or a node are left out (with
    those that `place_nodes` empties): `layout.meta["sans_nom"]` counts them. `selected` is the id
    of a node to ring. The `customdata` of a point is its id.
    """
    if nodes.empty:
        return None
    width = NARROW if narrow else WIDE
    if narrow:
        nodes = place_nodes(nodes, edges, NARROW)
    background, ink = DARK if dark else LIGHT
    labels = visible_labels(nodes)
    figure = go.Figure()
    _draw_edges(figure, nodes, edges, "#566470" if dark else "#a7b1bb")
    _draw_nodes(figure, nodes, edges, background, dark)
    if selected in set(nodes["id"]):
        _draw_ring(figure, nodes.set_index("id").loc[selected], _HIGHLIGHT[dark])
    bottom = _lowest_point(nodes)
    legend = 24 * (7 if narrow else 3)
    figure.update_layout(
        # one pixel of the layout is one pixel of the screen
        height=round(bottom + 2 * _LABEL_MARGIN + legend),
        margin={"l": 0, "r": 0, "t": legend, "b": 0},
        xaxis={
            "visible": False,
            "range": [-_LABEL_MARGIN, width + _LABEL_MARGIN],
            "fixedrange": False,
        },
        yaxis={"visible": False, "range": [bottom + _LABEL_MARGIN, -_LABEL_MARGIN]},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": 13},
                "itemsizing": "constant", "bgcolor": "rgba(0,0,0,0)"},
        hoverlabel={"align": "left"},
        dragmode="pan",
        clickmode="event+select",
        paper_bgcolor=background,
        plot_bgcolor=background,
        font={"color": ink, "family": FONT},
        template=go.layout.Template(),
        annotations=annotations(labels, ink, dark),
        meta={"sans_nom": len(nodes) - len(labels)},
    )  # fmt: skip
    return figure


def _lowest_point(nodes: pd.DataFrame) -> float:
    return max(
        row.y + marker_size(row.sorte, row.taille) / 2 + LINE_HEIGHT * len(lines_of(row.etiquette))
        for row in nodes.itertuples()
    )


def _draw_edges(figure: go.Figure, nodes: pd.DataFrame, edges: pd.DataFrame, colour: str) -> None:
    positions = nodes.set_index("id")[["x", "y"]]
    for code, (title, dash) in _CERTAINTIES.items():
        links = edges[(edges["nb_cites"] > 0) == (code == "explicite")]
        if links.empty:
            continue
        starts, ends = positions.loc[links["cle"]], positions.loc[links["partenaire_id"]]
        lines = {
            axis: [value for pair in zip(starts[axis], ends[axis], strict=True)
                   for value in (*pair, None)]
            for axis in ("x", "y")
        }  # fmt: skip
        figure.add_trace(
            go.Scatter(
                **lines,
                mode="lines",
                line={"color": colour, "width": 1.3, "dash": dash},
                name=title,
                hoverinfo="skip",
            )
        )


def _draw_nodes(
    figure: go.Figure, nodes: pd.DataFrame, edges: pd.DataFrame, background: str, dark: bool
) -> None:
    texts = hover_texts(nodes, edges)
    groups = nodes["forme"].map(lambda form: form and _family(form))
    kinds = [(LEVEL_NAMES[level], nodes["niveau"] == level, *marker)
             for level, marker in LEVEL_MARKERS.items()]  # fmt: skip
    kinds += [
        (title, groups == family, *marker)
        for family, (title, *marker) in ORGANISATION_MARKERS.items()
    ]
    for title, mask, light, on_dark, symbol in kinds:
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
                    "color": on_dark if dark else light,
                    "size": [marker_size(row.sorte, row.taille) for row in group.itertuples()],
                    "opacity": 1,
                    "line": {"color": background, "width": 1},
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
    for row in edges.itertuples():
        service_names = join_words(code_label("services", code) for code in row.services)
        role = code_label("roles", min(row.roles, key=ROLE_ORDER.index)).lower()
        unsure = ", déduit" if not row.nb_cites else ", en partie déduit" if row.nb_deduits else ""
        for start, end in ((row.cle, row.partenaire_id), (row.partenaire_id, row.cle)):
            name = _escape(names[end], 60)
            links[start].append(f"{name} : {role}{unsure} ({_escape(service_names, 70)})")
    texts = {}
    for row in nodes.itertuples():
        kind = code_label("formes", row.forme) if row.forme else code_label("niveaux", row.niveau)
        node_links = links[row.id]
        hidden_count = len(node_links) - _MAX_LISTED
        hidden_line = (
            [f"et {pluralize(hidden_count, 'autre lien', 'autres liens')}"]
            if hidden_count > 0
            else []
        )
        count = format_link_counts(row.taille, row.nb_deduits)
        texts[row.id] = "<br>".join(
            [
                f"<b>{_escape(row.nom, 80)}</b>",
                f"{_escape(kind, 60)} : {count}",
                *node_links[:_MAX_LISTED],
                *hidden_line,
            ]
        )
    return texts


def _escape(text: str, max_length: int) -> str:
    """Return a text escaped for HTML, shortened beyond `max_length` characters."""
    text = curly_apostrophes(text)
    shortened = text if len(text) <= max_length else f"{text[: max_length - 2].rstrip()}…"
    return escape(shortened, quote=False)


def _draw_ring(figure: go.Figure, node: pd.Series, colour: str) -> None:
    figure.add_trace(
        go.Scatter(
            x=[node["x"]],
            y=[node["y"]],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": marker_size(node["sorte"], node["taille"]) + 12,
                "color": colour,
                "line": {"width": 3},
            },
            showlegend=False,
            hoverinfo="skip",
        )
    )
