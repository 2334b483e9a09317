"""The search for a territory that stands on every page."""

import streamlit as st

from comparisons.territories import listed
from comparisons.ui.state import cached

_FIELD, _FOUND = "recherche", "recherche:trouve"


def territory_search() -> str:
    """Let the reader find a territory by typing its name; give the key just chosen, or nothing."""

    def take() -> None:
        st.session_state[_FOUND] = st.session_state[_FIELD]
        st.session_state[_FIELD] = None

    offered = cached(listed)(())
    labels = dict(zip(offered["cle"], offered["libelle"], strict=True))
    st.selectbox(
        "Chercher un territoire",
        tuple(labels),
        index=None,
        format_func=labels.get,
        key=_FIELD,
        on_change=take,
        placeholder="Chercher une région, un département, une intercommunalité, une commune",
        label_visibility="collapsed",
    )
    return st.session_state.pop(_FOUND, None) or ""
