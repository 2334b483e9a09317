"""The map itself: drawn once per view, a click chooses a territory."""

from dataclasses import replace

import streamlit as st

from comparisons.analysis import map_layers
from comparisons.charts import maps
from comparisons.database.cache import cached
from comparisons.formatting import escape_markdown
from comparisons.parameters import MapParameters
from comparisons.schema.territory import Territory
from comparisons.ui.figures import show_map
from comparisons.ui.state import is_dark, update_parameters, viewport


def displayed_layers(view: MapParameters) -> tuple[map_layers.MapLayer, ...]:
    """Return what the map or the two maps of a view show; the territory chosen changes nothing."""
    return cached(map_layers.build_layers)(*_views(view))


def _views(view: MapParameters) -> tuple[MapParameters, ...]:
    plain = replace(view, t="")
    return (plain, plain.second()) if view.deux else (plain,)


def show_maps(page: str, view: MapParameters) -> None:
    """Draw the map, or the two maps; a click on one chooses a territory and starts again."""
    shown = displayed_layers(view)
    window = viewport()
    if len(shown) > 1 and window == "wide":
        window = "medium"
    figures = cached(maps.map_figures)(_views(view), window, is_dark())
    code = view.t.removeprefix(f"{view.niveau}-") if view.t.startswith(view.niveau) else ""
    columns = st.columns(len(shown))
    for place, (column, layer, figure) in enumerate(zip(columns, shown, figures, strict=True)):
        with column:
            st.subheader(
                f"{escape_markdown(layer.title)} :small[{escape_markdown(layer.subtitle)}]",
                anchor=False,
            )
            clicked = _map(
                f"{page}-{view.niveau}-{place}", layer, maps.with_outline(figure, layer.level, code)
            )
            if len(shown) > 1:
                st.caption(map_layers.describe_coverage(layer))
        if clicked:
            st.session_state.pop(f"{page}:t", None)
            update_parameters(page, view, t=clicked)
            st.rerun()


def _map(name: str, layer: map_layers.MapLayer, figure: dict) -> str:
    """Render a map; give the key of the territory that has just been clicked, or nothing."""
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
    # a selection outlives the click that made it: only a new one moves the reader
    is_new = code != st.session_state.get(f"{name}:clic", "")
    st.session_state[f"{name}:clic"] = code
    return Territory(layer.level, code).key if code and is_new else ""
