"""Page Territoire: the full profile of one territory."""

import streamlit as st

from comparisons.analysis import profile
from comparisons.analysis.map_questions.views import map_around
from comparisons.page_parameters import TerritoryParameters
from comparisons.ui import territory_sections
from comparisons.ui.feeds import territory_feeds
from comparisons.ui.figures import embed_button
from comparisons.ui.map_figure import show_small_map
from comparisons.ui.questions_page import show_territory_answers
from comparisons.ui.section_menu import section_menu
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.state import load_parameters, set_title, update_parameters
from comparisons.ui.tables import download_buttons, source_line
from comparisons.ui.territory_parts import empty_state, enclosing_strategies, territory_header

PAGE = "territoire"


def show() -> None:
    """Render the page."""
    view = drop_unknown_territories(PAGE, load_parameters(PAGE, TerritoryParameters))
    if not view.t:
        empty_state()
        return
    territory_profile = profile.load_profile(view.t)
    set_title(territory_profile.name)
    text_column, map_column = st.columns([2.4, 1])
    with text_column:
        territory_header(territory_profile)
    with map_column:
        clicked = show_small_map(PAGE, map_around(view.t))
    if clicked and clicked != view.t:
        update_parameters(PAGE, view, t=clicked)
        st.rerun()

    if territory_profile.is_empty:
        territory_sections.show_coverage(territory_profile)
    titles = territory_sections.known_sections(territory_profile)
    if not territory_profile.is_empty:
        section_menu(titles)
    if "strategies" in titles:
        territory_sections.show_strategies(territory_profile)
    if not territory_profile.is_empty:
        enclosing_strategies(territory_profile)
    if "priorites" in titles:
        view = territory_sections.show_priorities(PAGE, view, territory_profile)
    if "alignement" in titles:
        view = territory_sections.show_alignment(PAGE, view)
    if "budgets" in titles:
        territory_sections.show_budgets(territory_profile)
    if "partenaires" in titles:
        territory_sections.show_partners(territory_profile)
    if "indicateurs" in titles:
        territory_sections.show_indicators(territory_profile)
    if not territory_profile.is_empty:
        show_territory_answers(view.t)
    territory_sections.show_duties(view.t)
    territory_sections.show_neighbours(territory_profile)
    territory_sections.show_sources(territory_profile)
    st.header("Télécharger", anchor="telecharger", divider="gray")
    tables = {name: rows for name, rows in territory_profile.tables.items() if len(rows)}
    download_buttons(view.t, tables, f"Fiche du territoire : {territory_profile.name}", view)
    with st.container(horizontal=True):
        territory_feeds(view.t, territory_profile.name)
        embed_button("fiche", view, f"{PAGE}:integrer")
    source_line()


show()
