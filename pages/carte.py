"""Page Carte: the answer to one question for all territories of a level."""

import streamlit as st

from comparisons.page_parameters import MapParameters
from comparisons.ui.controls import reading_sources, say_sources
from comparisons.ui.map_figure import displayed_layers, show_maps
from comparisons.ui.map_panel import show_answer, show_card, show_heading
from comparisons.ui.map_selectors import QUESTIONS, choose_map, choose_object, choose_second_map
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.state import load_parameters, update_parameters, viewport
from comparisons.ui.tables import map_tables, source_line

PAGE = "carte"
# what the answers to each question are made of
FACTS = {
    "couverture": ("strategies",),
    "theme": ("strategies", "priorites"),
    "budget": ("budgets",),
    "mutualisation": ("mutualisations",),
}


def show(view: MapParameters) -> None:
    """Render the choices, the map or two of them, and its table."""
    view = choose_map(PAGE, view)
    say_sources(FACTS[view.question])
    if view.deux:
        st.title(QUESTIONS[view.question], anchor=False)
        view = choose_second_map(PAGE, choose_object(PAGE, view))
        layers = displayed_layers(view)
        show_maps(PAGE, view)
        if view.t:
            show_card(PAGE, view.t)
    else:
        map_column, side_column = st.columns([2.7, 1])
        with side_column:
            heading = st.container()
            view = choose_object(PAGE, view)
            layers = displayed_layers(view)
            with heading:
                show_heading(layers[0])
        with map_column:
            show_maps(PAGE, view)
        with side_column:
            if view.t:
                show_card(PAGE, view.t)
            elif chosen := show_answer(PAGE, view, layers[0], viewport()):
                update_parameters(PAGE, view, t=chosen)
                st.rerun()
    st.caption(layers[0].note)
    source_line()
    map_tables(PAGE, view, layers)


loaded = drop_unknown_territories(PAGE, load_parameters(PAGE, MapParameters))
with reading_sources(PAGE, loaded) as chosen_view:
    show(chosen_view)
