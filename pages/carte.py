"""Page Carte: the answer to one question for all territories of a level."""

import streamlit as st

from comparisons.analysis import map_layers
from comparisons.page_parameters import MapParameters
from comparisons.ui.map_figure import displayed_layers, show_maps
from comparisons.ui.map_selectors import choose_map, choose_second_map
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.state import load_parameters
from comparisons.ui.tables import map_tables, source_line
from comparisons.ui.territory_parts import territory_card

PAGE = "carte"

view = choose_map(PAGE, drop_unknown_territories(PAGE, load_parameters(PAGE, MapParameters)))
if view.deux:
    view = choose_second_map(PAGE, view)
layers = displayed_layers(view)
if view.deux:
    show_maps(PAGE, view)
    if view.t:
        territory_card(view.t)
else:
    map_column, card_column = st.columns([2.3, 1])
    with map_column:
        show_maps(PAGE, view)
    with card_column:
        if view.t:
            territory_card(view.t)
        else:
            st.info(
                "Cliquez sur un territoire, ou cherchez-le par son nom en haut de la page.",
                icon=":material/touch_app:",
            )
        st.markdown(map_layers.describe_coverage(layers[0]))
st.caption(layers[0].note)
source_line()
map_tables(PAGE, view, layers)
