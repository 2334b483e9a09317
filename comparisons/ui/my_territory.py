"""« Mon territoire »: the one that the reader looked at last, at hand on every page."""

import streamlit as st

from comparisons.analysis.map_questions.views import map_of_territory
from comparisons.formatting import curly_apostrophes, escape_markdown, shorten
from comparisons.queries.territories import load_territories
from comparisons.ui.controls import page_link
from comparisons.ui.state import forget_territory, remembered_territory
from comparisons.ui.territory_parts import neighbours_link

_MAX_NAME_LENGTH = 26


def my_territory_menu(is_compact: bool = False) -> None:
    """Render the menu of the remembered territory, if any: its pages, and how to forget it.

    A compact one, for phones, has no name beside its icon.
    """
    key = remembered_territory()
    rows = load_territories([key] if key else [])
    if rows.empty:
        return
    name = curly_apostrophes(rows["nom"].iloc[0])
    label = "Mon territoire" if is_compact else shorten(name, _MAX_NAME_LENGTH)
    with st.popover(
        " " if is_compact else escape_markdown(label),
        icon=":material/location_on:",
        help=f"Mon territoire : {escape_markdown(name)}",
        width="content",
        key="mon_territoire:menu",
    ):
        st.markdown(f"**Mon territoire : {escape_markdown(name)}**")
        page_link("territoire", "Sa fiche", "location_city", t=key)
        page_link("pairs", "Qui lui ressemble ?", "groups", t=key)
        neighbours_link("Le comparer avec ses voisins", key)
        page_link("mutualisation", "Avec qui mutualiser ?", "hub", t=key)
        page_link("carte", "Le voir sur la carte", "map", **map_of_territory(key).to_query())
        st.caption("Pour en changer, cherchez-en un autre, ou cliquez sur la carte.")
        st.button(
            "L’oublier",
            icon=":material/close:",
            key="mon_territoire:oublier",
            on_click=forget_territory,
        )
