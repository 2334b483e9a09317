"""Page Territoire: the full profile of one territory."""

import streamlit as st

from comparisons.analysis import profile, profile_tables
from comparisons.formatting import escape_markdown
from comparisons.page_parameters import TerritoryParameters
from comparisons.ui import territory_sections
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.state import load_parameters, set_title
from comparisons.ui.tables import (
    download_buttons,
    source_line,
    table_or_message,
)
from comparisons.ui.territory_parts import (
    empty_state,
    enclosing_strategies,
    metric_row,
    neighbour_strategies,
    territory_links,
)

PAGE = "territoire"


def show() -> None:
    """Render the page."""
    view = drop_unknown_territories(PAGE, load_parameters(PAGE, TerritoryParameters))
    if not view.t:
        empty_state()
        return
    territory_profile = profile.load_profile(view.t)

    set_title(territory_profile.name)
    st.title(escape_markdown(territory_profile.name), anchor=False)
    st.markdown(escape_markdown(profile.describe_identity(territory_profile)))
    for sentence in territory_profile.twins:
        st.caption(sentence)
    metric_row(profile.key_figures(territory_profile))
    st.caption(profile.identity_sources(territory_profile))
    territory_links(territory_profile)

    territory_sections.show_strategies(territory_profile)
    enclosing_strategies(territory_profile)

    view = territory_sections.show_priorities(PAGE, view, territory_profile)
    view = territory_sections.show_alignment(PAGE, view)
    territory_sections.show_budgets(territory_profile)
    st.header("Partenaires et services", anchor="partenaires", divider="gray")
    table_or_message(
        profile_tables.links_table(territory_profile.links),
        "Aucun organisme de mutualisation connu.",
        ("Source",),
    )

    st.header("Indicateurs", anchor="indicateurs", divider="gray")
    table_or_message(
        profile_tables.indicators_table(territory_profile.indicators),
        "Aucun indicateur relevé.",
        ("Source",),
    )

    st.header("Voisins", anchor="voisins", divider="gray")
    neighbour_strategies(territory_profile)

    st.header("Sources et recherches", anchor="sources", divider="gray")
    table_or_message(
        profile_tables.sources_table(territory_profile.sources),
        "Aucun document ne parle de ce territoire.",
        ("Source",),
    )
    st.markdown(escape_markdown(profile.describe_lookup(territory_profile)))

    st.header("Télécharger", anchor="telecharger", divider="gray")
    download_buttons(
        view.t, territory_profile.tables(), f"Fiche du territoire : {territory_profile.name}", view
    )
    source_line()


show()
