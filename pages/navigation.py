"""Navigation: the list of pages, and the elements common to all of them."""

import logging
from pathlib import Path

import streamlit as st

from comparisons.database.connection import DatabaseMissingError, dataset_metadata
from comparisons.ui.basket import basket_menu, open_basket
from comparisons.ui.contribution.preview import page_turn, preview_banner
from comparisons.ui.footer import footer
from comparisons.ui.internal_links import follow_internal_link, listen_to_links
from comparisons.ui.my_territory import my_territory_menu
from comparisons.ui.page_frame import close_menu_after_choice, show_style, write_french
from comparisons.ui.state import detect_viewport, is_dark, set_title, viewport
from comparisons.ui.territory_search import open_territory, territory_search

_FOLDER = Path(__file__).parent
_log = logging.getLogger("stratoscope")

st.set_page_config(page_icon=_FOLDER / "icone.svg", layout="wide")

st.logo(_FOLDER / "logo.svg", size="large")
show_style(is_dark())

# name of the file and of the address, title, icon
_PAGES = {
    name: st.Page(
        f"{name}.py",
        title=title,
        icon=f":material/{icon}:",
        url_path=name,
        default=name == "carte",
        visibility="hidden" if name == "contact" else "visible",
    )
    for name, title, icon in (
        ("carte", "Carte", "map"),
        ("territoire", "Territoire", "location_city"),
        ("comparer", "Comparer", "compare_arrows"),
        ("pairs", "Pairs", "groups"),
        ("questions", "Qui l’a fait\u00a0?", "fact_check"),
        ("mutualisation", "Mutualiser", "hub"),
        ("themes", "Thèmes", "topic"),
        ("donnees", "Données", "database"),
        ("contribuer", "Contribuer", "upload_file"),
        ("methode", "Méthode", "menu_book"),
        ("contact", "Contact et mentions légales", "mail"),
    )
}
page = st.navigation(list(_PAGES.values()), position="top")
set_title(page.title)
_FILES = {page.url_path: f"{name}.py" for name, page in _PAGES.items()}
follow_internal_link(_FILES)

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
        my_territory = st.container(width="content")
        basket_menu(is_compact=viewport() == "narrow")
    if found_key:
        open_territory(found_key, page.url_path)
    preview_banner()

    page.run()
    # the page says which territory it is about, so the menu at its top comes after it
    with my_territory:
        my_territory_menu(is_compact=viewport() == "narrow")
    footer(page.url_path)
listen_to_links(_FILES)
write_french()
close_menu_after_choice()
# called last: the answer of the browser starts a new run, which interrupts this one
detect_viewport()
