"""Territories chosen on the page of pooling: added by the search above, taken out by a button."""

from collections.abc import Sequence

import streamlit as st

from comparisons.analysis.peers import search
from comparisons.database.cache import cached
from comparisons.parameters import MAX_POOLED, PoolingView
from comparisons.queries.territories import described
from comparisons.schema import peer_options
from comparisons.schema.territory import parse_key
from comparisons.ui.basket import held
from comparisons.ui.controls import removable
from comparisons.ui.state import keep_view


def chosen_territories(page: str, view: PoolingView, advice: str) -> PoolingView:
    """Show the territories chosen, and offer the basket and the peers of the first."""

    def put(keys: Sequence[str]) -> None:
        keep_view(page, view, t=tuple(dict.fromkeys(keys))[:MAX_POOLED])

    known = cached(described)(tuple(map(parse_key, view.t)))
    with st.container(horizontal=True, vertical_alignment="center"):
        removable(page, known, put)
        if held():
            st.button("Mon panier", icon=":material/shopping_basket:", on_click=put,
                      args=(held(),), key=f"{page}:panier")  # fmt: skip
        if view.t:
            near = cached(search.find)(view.t[0], peer_options.Choice()).table
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
