"""Carte: a plain question, answered for all the territories of a level."""

from dataclasses import replace

import streamlit as st

from comparisons import layers, maps, ui
from comparisons.territories import Territory
from comparisons.text import markdown_escaped
from comparisons.view import MapView

PAGE = "carte"


def show_map(view: MapView, shown: layers.Layer) -> None:
    """Draw the map; a click on it selects a territory."""
    selected = view.t.removeprefix(f"{view.niveau}-") if view.t.startswith(view.niveau) else ""
    event = st.plotly_chart(
        maps.choropleth(shown, selected, window=ui.window_kind(), dark=ui.is_dark()),
        key=f"carte-{view.niveau}",
        on_select="rerun",
        selection_mode="points",
        theme=None,
        alt=maps.alternative_text(shown),
        config={"scrollZoom": False, "displaylogo": False},
    )
    points = event.selection.points
    clicked = Territory(view.niveau, points[0]["location"]).key if points else ""
    # a selection outlives the click that made it: only a new one moves the reader
    is_new = clicked != st.session_state.get("carte:clic", "")
    st.session_state["carte:clic"] = clicked
    if clicked and is_new:
        st.session_state["carte:t"] = clicked
        ui.keep_view(PAGE, view, t=clicked)
        st.rerun()


view = ui.choose_map(PAGE, ui.open_view(PAGE, MapView))
# chosen by its name below the map, and outlined on it
view = ui.keep_view(PAGE, view, t=st.session_state.get("carte:t", view.t) or "")
shown = ui.cached(layers.layer)(replace(view, t=""))
map_column, card_column = st.columns([2.3, 1])
with map_column:
    st.subheader(markdown_escaped(shown.title), anchor=False, help=shown.note)
    show_map(view, shown)
    st.caption(f"{layers.summary(shown)} {shown.note}")
    ui.source_line()
with card_column:
    view = ui.keep_view(PAGE, view, t=ui.choose_on_map(PAGE, view))
    ui.territory_card(view.t)
with st.expander("Voir le tableau et le télécharger", icon=":material/table:"):
    ui.layer_table(shown)
    ui.downloads(f"carte-{view.question}-{view.niveau}", {"carte": shown.data}, shown.title, view)
