"""Page « Qui l’a fait ? »: one question, who did it, with the proof, and whom to ask."""

import streamlit as st

from comparisons.analysis.map_questions.views import headline
from comparisons.page_parameters import QuestionParameters
from comparisons.ui.map_figure import displayed_layers, show_maps
from comparisons.ui.map_panel import show_card, show_heading, show_territory_list
from comparisons.ui.questions_page import (
    choose_question,
    show_downloads,
    show_proofs,
    show_questions,
    show_territories_to_ask,
)
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.state import load_parameters, update_parameters, viewport
from comparisons.ui.tables import source_line

PAGE = "questions"

view = drop_unknown_territories(PAGE, load_parameters(PAGE, QuestionParameters))
heading = st.container()
view = choose_question(PAGE, view)
(layer,) = displayed_layers(view)
with heading:
    show_heading(layer)
    st.markdown(f"**{headline(view, layer)}**")
map_column, side_column = st.columns([2.7, 1])
with map_column:
    show_maps(PAGE, view)
with side_column:
    if chosen := show_territory_list(PAGE, layer, viewport()):
        update_parameters(PAGE, view, t=chosen)
        st.rerun()
    if view.t:
        show_card(PAGE, view.t)
st.caption(layer.note)
show_territories_to_ask(view)
show_proofs(view)
show_downloads(PAGE, view)
show_questions()
source_line()
