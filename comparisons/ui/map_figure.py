"""The map itself: drawn once per view, a click chooses a territory."""

from dataclasses import replace

import streamlit as st

from comparisons.analysis import map_layers
from comparisons.charts import maps
from comparisons.database.cache import cached
from comparisons.formatting import markdown_escaped
from comparisons.parameters import MapView
from comparisons.schema.territory import Territory
from comparisons.ui.figures import show_map
from comparisons.ui.state import is_dark, keep_view, window_kind


def answered(view: MapView) -> tuple[map_layers.Layer, ...]:
    """Give what the map or the two maps of a view show; the territory chosen changes nothing."""
    return cached(map_layers.layers)(*_views(view))


def _views(view: MapView) -> tuple[MapView, ...]:
    plain = replace(view, t="")
    return (plain, plain.second()) if view.deux else (plain,)


def show_maps(page: str, view: MapView) -> None:
    """Draw the map, or the two maps; a click on one chooses a territory and starts again."""
    shown = answered(view)
    window = window_kind()
    if len(shown) > 1 and window == "wide":
        window = "medium"
    figures = cached(maps.figures)(_views(view), window, is_dark())
    code = view.t.removeprefix(f"{view.niveau}-") if view.t.startswith(view.niveau) else ""
    columns = st.columns(len(shown))
    for place, (column, layer, figure) in enumerate(zip(columns, shown, figures, strict=True)):
        with column:
            st.subheader(
                f"{markdown_escaped(layer.title)} :small[{markdown_escaped(layer.subtitle)}]",
                anchor=False,
            )
            clicked = _map(
                f"{page}-{view.niveau}-{place}", layer, maps.outlined(figure, layer.level, code)
            )
            if len(shown) > 1:
                st.caption(map_layers.summary(layer))
        if clicked:
            st.session_state.pop(f"{page}:t", None)
            keep_view(page, view, t=clicked)
            st.rerun()


def _map(name: str, layer: map_layers.Layer, figure: dict) -> str:
    """Show a map; give the key of the territory that has just been clicked, or nothing."""
    event = show_map(
        figure,
        name,
        maps.alternative_text(layer),
        f"{layer.title} {layer.subtitle}",
        on_select="rerun",
        selection_mode="points",
    )
    points = event.selection.points
    code = maps.clicked(layer.level, points[0].get("location")) if points else ""
    # a selection outlives the click that made it: only a new one moves the reader
    is_new = code != st.session_state.get(f"{name}:clic", "")
    st.session_state[f"{name}:clic"] = code
    return Territory(layer.level, code).key if code and is_new else ""
