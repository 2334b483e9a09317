"""Render the choices that several parts of the shared services page have in common."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from comparisons.page_parameters import SharedServicesParameters
from comparisons.queries.territories import zone_labels
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_one
from comparisons.ui.state import set_title, update_parameters, widget_key

_EXPLORE = "explorer"
_ENTRIES = {
    "avec_qui": "Avec qui mutualiser ?",
    "organismes": "Organismes",
    _EXPLORE: "Explorer",
    "simulateur": "Simulateur",
}
_EXPLORED = {
    "reseau": "Réseau",
    "couverture": "Couverture",
    "solutions": "Solutions citées",
    "public_prive": "Public et privé",
    "services": "Services par territoire",
}
# What narrows one part is forgotten in another, where nobody would look for it.
_FILTERS = ("organisme", "texte", "service", "forme", "licence", "zone", "theme")


def choose_part(page: str, view: SharedServicesParameters) -> None:
    """Render the choice of a part of the page: four of them, one of which has parts of its own."""
    is_explored = view.partie in _EXPLORED
    _choose_entry(page, view, "entree", _ENTRIES, _EXPLORE if is_explored else view.partie)
    if is_explored:
        _choose_entry(page, view, "exploration", _EXPLORED, view.partie)
    set_title({**_ENTRIES, **_EXPLORED}[view.partie])


def _choose_entry(
    page: str, view: SharedServicesParameters, name: str, labels: Mapping[str, str], current: str
) -> None:
    key = f"{page}:{name}"

    def open_part() -> None:
        chosen = st.session_state[key]
        part = next(iter(_EXPLORED)) if chosen == _EXPLORE else chosen
        for filter_name in _FILTERS:
            st.session_state.pop(f"{page}:{filter_name}", None)
        update_parameters(page, view, partie=part, **dict.fromkeys(_FILTERS, ""))

    st.session_state[key] = current
    st.segmented_control(
        "Partie", tuple(labels), format_func=labels.get, key=key, required=True, wrap=True,
        label_visibility="collapsed", on_change=open_part,
    )  # fmt: skip


def choose_code(
    page: str,
    view: SharedServicesParameters,
    name: str,
    vocabulary: str,
    title: str,
    every: str = "",
) -> SharedServicesParameters:
    """Render the choice of a code of a vocabulary and return the updated view.

    `every` is the label of an additional option for all codes; without it there is none.
    """
    options = ("", *vocabulary_codes(vocabulary)) if every else vocabulary_codes(vocabulary)
    key = widget_key(page, view, name, "")
    if st.session_state[key] not in options:
        st.session_state[key] = options[0]
    chosen = st.selectbox(
        title,
        options,
        format_func=lambda code: code_label(vocabulary, code) if code else every,
        key=key,
    )
    return update_parameters(page, view, **{name: chosen})


def choose_zone(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    """Render the choice of a région or a département and return the updated view."""
    labels = {"": "Toute la France", **zone_labels()}
    chosen = st.selectbox(
        "Où", tuple(labels), format_func=labels.get, key=widget_key(page, view, "zone", "")
    )
    return update_parameters(page, view, zone=chosen)


def choose_level(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    """Render the choice of a level and return the updated view."""
    return choose_one(page, view, "niveau", "Niveau", LEVEL_NAMES, titled=True)


choose_service = partial(choose_code, name="service", vocabulary="services", title="Service")
