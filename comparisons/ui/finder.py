"""The search for a territory that stands on every page."""

from pathlib import Path

import streamlit as st

from comparisons.layers import map_around
from comparisons.view import MapView

_HERE = Path(__file__).parent
# the words typed go to /api/v1/recherche, not through the page: a run for each key would be slow
_FINDER = st.components.v2.component(
    "stratoscope_recherche",
    **{
        part: (_HERE / f"finder.{part}").read_text(encoding="utf-8")
        for part in ("html", "css", "js")
    },
)


def territory_search(
    label: str = "Chercher un territoire",
    placeholder: str = "Chercher une région, un département, une intercommunalité, une commune",
    key: str = "recherche",
) -> str:
    """Let the reader find a territory by typing its name; give the key just chosen, or nothing."""

    def take() -> None:
        st.session_state[f"{key}:trouve"] = st.session_state[key]["chosen"]

    _FINDER(key=key, data={"label": label, "placeholder": placeholder}, on_chosen_change=take)
    return st.session_state.pop(f"{key}:trouve", None) or ""


def open_territory(key: str, on_map: bool) -> None:
    """Go to a territory: on the map if the reader is there, on its own page otherwise."""
    if not on_map:
        st.switch_page("territoire.py", query_params={"t": key})
    view = st.session_state.get("carte:vue", MapView())
    st.switch_page("carte.py", query_params=map_around(key, view).to_query())
