"""Render the territories selected on the shared services page."""

from collections.abc import Sequence

import streamlit as st

from comparisons.analysis.peers import search
from comparisons.page_parameters import MAX_MEMBERS, SharedServicesParameters
from comparisons.queries.territories import load_territories
from comparisons.schema import peer_options
from comparisons.ui.basket import basket_keys
from comparisons.ui.controls import removable_chips
from comparisons.ui.state import update_parameters


def show_selected_territories(
    page: str, view: SharedServicesParameters, advice: str
) -> SharedServicesParameters:
    """Render the selected territories, removable, the basket and the peers; return the view."""

    def set_territories(keys: Sequence[str]) -> None:
        update_parameters(page, view, t=tuple(dict.fromkeys(keys))[:MAX_MEMBERS])

    territories = load_territories(view.t)
    with st.container(horizontal=True, vertical_alignment="center"):
        removable_chips(page, territories, set_territories)
        if basket_keys():
            st.button("Mon panier", icon=":material/shopping_basket:", on_click=set_territories,
                      args=(basket_keys(),), key=f"{page}:panier")  # fmt: skip
        if view.t:
            peers = search.find_peers(view.t[0], peer_options.PeerOptions()).table
            st.button(
                "Avec ses pairs",
                icon=":material/groups:",
                on_click=set_territories,
                args=([view.t[0], *peers["cle"]],),
                key=f"{page}:pairs",
                disabled=peers.empty,
            )
    st.caption(advice)
    return view
