"""Territories chosen on the page of pooling: added by the search above, taken out by a button."""

from collections.abc import Sequence

import streamlit as st

from comparisons.analysis.peers import search
from comparisons.database.cache import cached
from comparisons.parameters import MAX_MEMBERS, SharedServicesParameters
from comparisons.queries.territories import load_territories
from comparisons.schema import peer_options
from comparisons.schema.territory import parse_key
from comparisons.ui.basket import basket_keys
from comparisons.ui.controls import removable_chips
from comparisons.ui.state import update_parameters


def chosen_territories(
    page: str, view: SharedServicesParameters, advice: str
) -> SharedServicesParameters:
    """Render the territories chosen, and offer the basket and the peers of the first."""

    def put(keys: Sequence[str]) -> None:
        update_parameters(page, view, t=tuple(dict.fromkeys(keys))[:MAX_MEMBERS])

    known = cached(load_territories)(tuple(map(parse_key, view.t)))
    with st.container(horizontal=True, vertical_alignment="center"):
        removable_chips(page, known, put)
        if basket_keys():
            st.button("Mon panier", icon=":material/shopping_basket:", on_click=put,
                      args=(basket_keys(),), key=f"{page}:panier")  # fmt: skip
        if view.t:
            near = cached(search.find_peers)(view.t[0], peer_options.Choice()).table
            st.button(
                "Avec ses pairs",
                icon=":material/groups:",
                on_click=put,
                args=([view.t[0], *near["cle"]],),
                key=f"{page}:pairs",
                disabled=near.empty,
            )
    st.caption(advice)
    return view
