"""Render the map of a view, or its two maps; a click selects a territory."""

import streamlit as st

from comparisons.analysis import map_layers
from comparisons.analysis.map_questions import views
from comparisons.charts import maps
from comparisons.formatting import escape_markdown
from comparisons.page_parameters import MapParameters
from comparisons.schema.territory import Territory
from comparisons.ui.figures import show_map
from comparisons.ui.state import is_dark, update_parameters, viewport


def displayed_layers(view: MapParameters) -> tuple[map_layers.MapLayer, ...]:
    """Return the layers of the map or the two maps of a view, whatever its selected territory."""
    return views.build_layers(*_unselected_views(view))


def _unselected_views(view: MapParameters) -> tuple[MapParameters, ...]:
    unselected = view.replace(t="")
    return (unselected, unselected.second_map()) if view.deux else (unselected,)


def show_maps(page: str, view: MapParameters) -> None:
    """Render the map or the two maps; a click selects a territory and reruns the page."""
    layers = displayed_layers(view)
    window = viewport()
    if len(layers) > 1 and window in ("wide", "large"):
        window = "medium"
    figures = maps.map_figures(_unselected_views(view), window, is_dark())
    code = view.t.removeprefix(f"{view.niveau}-") if view.t.startswith(view.niveau) else ""
    columns = st.columns(len(layers))
    for index, (column, layer, figure) in enumerate(zip(columns, layers, figures, strict=True)):
        with column:
            if len(layers) > 1:
                st.header(
                    f"{escape_markdown(layer.title)} :small[{escape_markdown(layer.subtitle)}]",
                    anchor=False,
                )
            clicked = _show_map(
                f"{page}-{view.niveau}-{index}", layer, maps.with_outline(figure, layer.level, code)
            )
            if len(layers) > 1:
                st.caption(map_layers.describe_coverage(layer))
        if clicked:
            st.session_state.pop(f"{page}:t", None)
            update_parameters(page, view, t=clicked)
            st.rerun()


def _show_map(name: str, layer: map_layers.MapLayer, figure: dict) -> str:
    """Render a map; return the key of the territory that was just clicked, or an empty string."""
    event = show_map(
        figure,
        name,
        maps.alt_text(layer),
        f"{layer.title} {layer.subtitle}",
        on_select="rerun",
        selection_mode="points",
    )
    points = event.selection.points
    code = maps.clicked_territory(layer.level, points[0].get("location")) if points else ""
    # the selection persists after the click: only a new one changes the territory
    is_new = code != st.session_state.get(f"{name}:clic", "")
    st.session_state[f"{name}:clic"] = code
    return Territory(layer.level, code).key if code and is_new else ""
