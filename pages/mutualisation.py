"""Page Mutualiser: shared services, their organisations, and possible partners."""

import streamlit as st

from comparisons.page_parameters import SharedServicesParameters
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.shared_services.directory import show_directory
from comparisons.ui.shared_services.network import show_network
from comparisons.ui.shared_services.partners import show_partners
from comparisons.ui.shared_services.selectors import choose_part
from comparisons.ui.shared_services.services import show_coverage, show_matrix
from comparisons.ui.shared_services.simulator import show_simulator
from comparisons.ui.shared_services.solutions import show_public_private, show_solutions
from comparisons.ui.state import load_parameters

PAGE = "mutualisation"
PARTS = {
    "organismes": show_directory,
    "reseau": show_network,
    "services": show_matrix,
    "solutions": show_solutions,
    "couverture": show_coverage,
    "avec_qui": show_partners,
    "simulateur": show_simulator,
    "public_prive": show_public_private,
}

st.title("Mutualiser", anchor=False)
view = choose_part(
    PAGE, drop_unknown_territories(PAGE, load_parameters(PAGE, SharedServicesParameters))
)
PARTS[view.partie](PAGE, view)
