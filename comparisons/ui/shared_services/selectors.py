"""Render the choices that several parts of the shared services page have in common."""

from functools import partial

import streamlit as st

from comparisons.page_parameters import ZONE_LEVELS, SharedServicesParameters
from comparisons.queries.territories import menu_territories
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_one
from comparisons.ui.state import update_parameters, widget_key

_PARTS = {
    "organismes": "Organismes",
    "reseau": "Réseau",
    "services": "Services",
    "solutions": "Solutions citées",
    "couverture": "Couverture",
    "avec_qui": "Avec qui mutualiser ?",
    "simulateur": "Simulateur",
    "public_prive": "Public et privé",
}


def choose_part(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    """Render the choice of a part of the page and return the updated view."""
    return choose_one(page, view, "partie", "Partie", _PARTS)


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
    zones = menu_territories()
    zones = zones[zones["territoire_niveau"].isin(ZONE_LEVELS)]
    labels = {"": "Toute la France", **dict(zip(zones["cle"], zones["libelle"], strict=True))}
    chosen = st.selectbox(
        "Où", tuple(labels), format_func=labels.get, key=widget_key(page, view, "zone", "")
    )
    return update_parameters(page, view, zone=chosen)


def choose_level(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    """Render the choice of a level and return the updated view."""
    return choose_one(page, view, "niveau", "Niveau", LEVEL_NAMES, titled=True)


choose_service = partial(choose_code, name="service", vocabulary="services", title="Service")
