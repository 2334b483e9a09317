"""Navigation: the list of pages, and the elements common to all of them."""

import logging
from pathlib import Path

import streamlit as st

from comparisons.database.connection import DatabaseMissingError, dataset_metadata
from comparisons.ui.basket import basket_menu, open_basket
from comparisons.ui.contribution.preview import page_turn, preview_banner
from comparisons.ui.state import detect_viewport, is_dark, viewport
from comparisons.ui.territory_parts import footer
from comparisons.ui.territory_search import open_territory, territory_search

_FOLDER = Path(__file__).parent
_log = logging.getLogger("stratoscope")

st.set_page_config(page_title="Stratoscope", page_icon=_FOLDER / "icone.svg", layout="wide")

st.logo(_FOLDER / "logo.svg", size="large")
if is_dark():
    # Streamlit writes in white on the primary colour, which is too light in the dark theme
    st.html("<style>.stMultiSelect [data-tag-index] * { color: #10181f }</style>")

page = st.navigation(
    [
        st.Page("carte.py", title="Carte", icon=":material/map:", default=True),
        st.Page(
            "territoire.py",
            title="Territoire",
            icon=":material/location_city:",
            url_path="territoire",
        ),
        st.Page(
            "comparer.py", title="Comparer", icon=":material/compare_arrows:", url_path="comparer"
        ),
        st.Page("pairs.py", title="Pairs", icon=":material/groups:", url_path="pairs"),
        st.Page(
            "mutualisation.py",
            title="Mutualiser",
            icon=":material/hub:",
            url_path="mutualisation",
        ),
        st.Page("themes.py", title="Thèmes", icon=":material/topic:", url_path="themes"),
        st.Page("donnees.py", title="Données", icon=":material/database:", url_path="donnees"),
        st.Page(
            "contribuer.py",
            title="Contribuer",
            icon=":material/upload_file:",
            url_path="contribuer",
        ),
        st.Page("methode.py", title="Méthode", icon=":material/menu_book:", url_path="methode"),
    ],
    position="top",
)

with page_turn():
    try:
        dataset_metadata()
    except DatabaseMissingError as error:
        st.error(
            "Les données de ce site ne peuvent pas être lues pour l’instant : revenez un peu plus "
            "tard.",
            icon=":material/error:",
        )
        st.caption(
            f"Pour qui tient ce site : {error} « python -m comparisons build » la refait, ou dit "
            "ce qui l’empêche ; il n’y a pas à redémarrer."
        )
        _log.warning("%s", error)
        st.stop()
    open_basket()
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        found_key = territory_search(page.url_path)
        basket_menu(is_compact=viewport() == "narrow")
    if found_key:
        open_territory(found_key, page.url_path)
    preview_banner()

    page.run()
    footer()
# called last: the answer of the browser starts a new run, which interrupts this one
detect_viewport()
