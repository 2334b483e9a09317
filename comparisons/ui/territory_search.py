"""Render the search of the whole site, present on every page, and that of a territory."""

from pathlib import Path

import streamlit as st

from comparisons.analysis.map_questions.views import map_of_territory
from comparisons.page_parameters import (
    MAX_COMPARED,
    MAX_MEMBERS,
    ComparisonParameters,
    MapParameters,
    PeersParameters,
    QuestionParameters,
    SharedServicesParameters,
)
from comparisons.schema.territory import parse_key
from comparisons.ui.internal_links import request_page
from comparisons.ui.state import remembered_territory, viewport

_DIRECTORY = Path(__file__).parent
# the text typed goes to /api/v1/recherche: a rerun of the page for each key would be slow
_SEARCH_FIELD = st.components.v2.component(
    "stratoscope_recherche",
    **{
        part: (_DIRECTORY / f"territory_search.{part}").read_text(encoding="utf-8")
        for part in ("html", "css", "js")
    },
)


# Leave place for the basket, and the territory of the reader, on narrow phones, in pixels.
_PHONE_WIDTH, _PHONE_WIDTH_BESIDE_TERRITORY = 228, 170


def territory_search(page: str) -> str:
    """Render the search of the site; return the key of the territory just chosen, else nothing.

    `page` is the address of the current page: on the comparison page, it adds a territory. What
    else is chosen is opened by `internal_links.follow_internal_link`.
    """
    label, placeholder = "Chercher un territoire", "Territoire, organisme, thème, document…"
    if page == "comparer":
        label = "Ajouter un territoire à la comparaison"
        placeholder = "Ajouter un territoire, ou chercher un organisme, un thème, un document…"
    return _search_field(
        f"{label}, un organisme, un thème, un document",
        "recherche",
        placeholder,
        only_territories=False,
        width=_search_width(),
    )


def _search_width() -> int | str:
    if viewport() != "narrow":
        return "stretch"
    return _PHONE_WIDTH_BESIDE_TERRITORY if remembered_territory() else _PHONE_WIDTH


def pick_territory(label: str, key: str) -> str:
    """Render a search field; return the key of the territory just chosen, or an empty string."""
    placeholder = "Ajouter une région, un département, une intercommunalité, une commune"
    return _search_field(label, key, placeholder, only_territories=True, width="stretch")


def _search_field(
    label: str, key: str, placeholder: str, only_territories: bool, width: int | str
) -> str:
    def store_choice() -> None:
        chosen = st.session_state[key]["chosen"]
        if chosen.startswith("/"):
            request_page(chosen)
        else:
            st.session_state[f"{key}:trouve"] = chosen

    _SEARCH_FIELD(
        key=key,
        data={"label": label, "placeholder": placeholder, "only_territories": only_territories},
        on_chosen_change=store_choice,
        width=width,
    )
    return st.session_state.pop(f"{key}:trouve", None) or ""


def open_territory(key: str, page: str) -> None:
    """Open a territory on the current page if it takes one, otherwise on its own page.

    `page` is the address of the current page. A full comparison takes no other territory.
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
            comparison_view = view.replace(t=tuple(dict.fromkeys([*view.t, key])))
            st.switch_page("comparer.py", query_params=comparison_view.to_query())
        case "pairs":
            view = st.session_state.get("pairs:vue", PeersParameters())
            st.switch_page("pairs.py", query_params=view.replace(t=key, avec=()).to_query())
        case "questions":
            view = st.session_state.get("questions:vue", QuestionParameters())
            level = parse_key(key).niveau
            # the territories shown are those of its level, as peers are
            asked = view.replace(t=key, niveau=level, zone="", taille="")
            st.switch_page("questions.py", query_params=asked.to_query())
        case "mutualisation":
            view = st.session_state.get("mutualisation:vue", SharedServicesParameters())
            adds_territory = view.partie in ("services", "simulateur")
            chosen = tuple(dict.fromkeys([*view.t, key] if adds_territory else [key]))[:MAX_MEMBERS]
            part = view.partie if adds_territory else "avec_qui"
            target_view = view.replace(t=chosen, partie=part, organisme="")
            st.switch_page("mutualisation.py", query_params=target_view.to_query())
        case _:
            st.switch_page("territoire.py", query_params={"t": key})
