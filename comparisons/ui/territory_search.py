"""The search for a territory that stands on every page."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from comparisons.analysis.map_layers import map_of_territory
from comparisons.parameters import (
    MAX_COMPARED,
    MAX_MEMBERS,
    ComparisonParameters,
    MapParameters,
    PeersParameters,
    SharedServicesParameters,
)

_HERE = Path(__file__).parent
# the words typed go to /api/v1/recherche, not through the page: a run for each key would be slow
_FINDER = st.components.v2.component(
    "stratoscope_recherche",
    **{
        part: (_HERE / f"territory_search.{part}").read_text(encoding="utf-8")
        for part in ("html", "css", "js")
    },
)


def territory_search(page: str) -> str:
    """Render the search of a territory by its name; return the key just chosen, or nothing.

    `page` is the address of the page it stands on: in a comparison, it adds a territory.
    """
    adds = page == "comparer"
    return pick_territory(
        "Ajouter un territoire à la comparaison" if adds else "Chercher un territoire",
        "recherche",
        verb="Ajouter" if adds else "Chercher",
    )


def pick_territory(label: str, key: str, verb: str = "Ajouter") -> str:
    """Offer a search field; give the key of the territory just chosen in it, or nothing."""

    def take() -> None:
        st.session_state[f"{key}:trouve"] = st.session_state[key]["chosen"]

    placeholder = f"{verb} une région, un département, une intercommunalité, une commune"
    _FINDER(key=key, data={"label": label, "placeholder": placeholder}, on_chosen_change=take)
    return st.session_state.pop(f"{key}:trouve", None) or ""


def open_territory(key: str, page: str) -> None:
    """Go to a territory: on the map, in the comparison, or on its own page; `page` is an address.

    A full comparison takes no other one.
    """
    match page:
        case "":
            view = st.session_state.get("carte:vue", MapParameters())
            st.switch_page("carte.py", query_params=map_of_territory(key, view).to_query())
        case "comparer":
            view = st.session_state.get("comparer:vue", ComparisonParameters())
            if key not in view.t and len(view.t) >= MAX_COMPARED:
                st.toast(f"{MAX_COMPARED} territoires au plus : retirez-en un d’abord.")
                return
            added = replace(view, t=tuple(dict.fromkeys([*view.t, key])))
            st.switch_page("comparer.py", query_params=added.to_query())
        case "pairs":
            view = st.session_state.get("pairs:vue", PeersParameters())
            st.switch_page("pairs.py", query_params=replace(view, t=key, avec=()).to_query())
        case "mutualisation":
            view = st.session_state.get("mutualisation:vue", SharedServicesParameters())
            adds = view.partie in ("services", "simulateur")
            chosen = tuple(dict.fromkeys([*view.t, key] if adds else [key]))[:MAX_MEMBERS]
            part = view.partie if adds else "avec_qui"
            found = replace(view, t=chosen, partie=part, organisme="")
            st.switch_page("mutualisation.py", query_params=found.to_query())
        case _:
            st.switch_page("territoire.py", query_params={"t": key})
