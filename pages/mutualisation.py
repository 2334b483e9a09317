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
    "avec_qui": show_partners,
    "organismes": show_directory,
    "reseau": show_network,
    "couverture": show_coverage,
    "solutions": show_solutions,
    "public_prive": show_public_private,
    "services": show_matrix,
    "simulateur": show_simulator,
}

st.title("Mutualiser", anchor=False)
view = drop_unknown_territories(PAGE, load_parameters(PAGE, SharedServicesParameters))
choose_part(PAGE, view)
PARTS[view.partie](PAGE, view)
