"""Carte: a plain question, answered for all the territories of a level."""

import streamlit as st

from comparisons import layers, ui
from comparisons.view import MapView

PAGE = "carte"

view = ui.choose_map(PAGE, ui.known_choice(PAGE, ui.open_view(PAGE, MapView)))
if view.deux:
    view = ui.choose_second_map(PAGE, view)
shown = ui.answered(view)
if view.deux:
    ui.show_maps(PAGE, view)
    if view.t:
        ui.territory_card(view.t)
else:
    map_column, card_column = st.columns([2.3, 1])
    with map_column:
        ui.show_maps(PAGE, view)
    with card_column:
        if view.t:
            ui.territory_card(view.t)
        else:
            st.info(
                "Cliquez sur un territoire, ou cherchez-le par son nom en haut de la page.",
                icon=":material/touch_app:",
            )
        st.markdown(layers.summary(shown[0]))
st.caption(shown[0].note)
ui.source_line()
ui.layer_tables(PAGE, view, shown)
