"""Mutualisation: who pools what with whom, and whom to join."""

import streamlit as st

from comparisons import ui
from comparisons.view import PoolingView

PAGE = "mutualisation"
PARTS = {
    "organismes": ui.pooling.show_directory,
    "reseau": ui.pooling.show_network,
    "services": ui.pooling.show_matrix,
    "solutions": ui.pooling.show_solutions,
    "couverture": ui.pooling.show_coverage,
    "avec_qui": ui.pooling.show_partners,
    "simulateur": ui.pooling.show_simulator,
    "public_prive": ui.pooling.show_kinds,
}

st.title("Mutualiser", anchor=False)
view = ui.pooling.choose_part(PAGE, ui.known_choice(PAGE, ui.open_view(PAGE, PoolingView)))
PARTS[view.partie](PAGE, view)
