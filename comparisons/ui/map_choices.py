"""What the map shows: the reader's choice of question, level and detail."""

from dataclasses import replace
from functools import partial

import streamlit as st

from comparisons import budgets, mutualisation
from comparisons.format import codes, label
from comparisons.territories import LEVEL_NAMES
from comparisons.text import markdown_escaped, plural, typographic
from comparisons.ui.state import keep_view, widget_key
from comparisons.view import ALL_TYPES, COMPARABLE_PERIMETERS, MAP_LEVELS, MAP_QUESTIONS, MapView

_QUESTIONS = {
    "couverture": "Qui a une stratégie ?",
    "theme": "Qui en fait une priorité ?",
    "budget": "Combien d’argent ?",
    "mutualisation": "Avec qui mutualise-t-on ?",
}
_MEASURES = {"total": "€ par habitant", "par_an": "€ par habitant et par an"}


def choose_map(page: str, view: MapView) -> MapView:
    """Let the reader choose the question, the level and the detail."""
    key = partial(widget_key, page, view)
    question = st.segmented_control(
        "Question",
        MAP_QUESTIONS,
        format_func=_QUESTIONS.get,
        key=key("question"),
        required=True,
        label_visibility="collapsed",
    )
    left, right = st.columns([1, 1.6], vertical_alignment="bottom")
    with left:
        level = st.segmented_control(
            "Niveau", MAP_LEVELS, format_func=LEVEL_NAMES.get, key=key("niveau"), required=True
        )
    view = keep_view(page, view, question=question, niveau=level)
    with right:
        return keep_view(page, view, **_DETAILS[question](view, key))


def _choose_type(view: MapView, key: partial) -> dict:
    """Choose a type of strategy."""
    names = {ALL_TYPES: "Toutes les stratégies"}
    return {
        "type": st.selectbox(
            "Type de stratégie",
            (ALL_TYPES, *codes("types_strategie")),
            format_func=lambda code: names.get(code) or label("types_strategie", code),
            key=key("type"),
        )
    }


def _choose_theme(view: MapView, key: partial) -> dict:
    """Choose a theme."""
    return {
        "theme": st.selectbox(
            "Thème", codes("themes"), format_func=partial(label, "themes"), key=key("theme")
        )
    }


def _choose_money(view: MapView, key: partial) -> dict:
    """Choose what is compared: one perimeter, one stage, one measure."""
    found = budgets.available(view.niveau).set_index(["perimetre", "etape"])["nb_strategies"]
    first, second, third = st.columns(3)
    perimeter = first.selectbox(
        "Périmètre",
        COMPARABLE_PERIMETERS,
        format_func=partial(label, "perimetres"),
        key=key("perimetre"),
    )
    stage = second.selectbox(
        "Étape",
        codes("etapes"),
        format_func=lambda code: (
            f"{label('etapes', code)} ({plural(found.get((perimeter, code), 0), 'stratégie')})"
        ),
        key=key("etape"),
    )
    measure = third.selectbox(
        "Mesure", tuple(_MEASURES), format_func=_MEASURES.get, key=key("mesure")
    )
    return {"perimetre": perimeter, "etape": stage, "mesure": measure}


def _choose_sharing(view: MapView, key: partial) -> dict:
    """Choose a service, or one organisation."""
    used = mutualisation.services_used(view.niveau).set_index("service")["nb_territoires"]
    bodies = mutualisation.partners(view.niveau).set_index("partenaire_id")
    if view.partenaire and view.partenaire not in bodies.index:
        st.warning(
            f"« {markdown_escaped(view.partenaire)} » n’est pas un organisme connu à ce niveau."
        )
        st.session_state.pop("carte:partenaire", None)
        view = replace(view, partenaire="")
        key = partial(widget_key, "carte", view)
    first, second = st.columns(2)
    service = first.selectbox(
        "Service partagé",
        codes("services"),
        format_func=lambda code: f"{label('services', code)} ({used.get(code, 0)})",
        key=key("service"),
    )
    partner = second.selectbox(
        "Ou un organisme",
        tuple(bodies.index),
        format_func=lambda code: (
            f"{typographic(bodies.loc[code, 'nom'])} ({bodies.loc[code, 'nb_territoires']})"
        ),
        key=key("partenaire"),
        placeholder="Tous les organismes",
    )
    return {"service": service, "partenaire": partner or ""}


_DETAILS = {
    "couverture": _choose_type,
    "theme": _choose_theme,
    "budget": _choose_money,
    "mutualisation": _choose_sharing,
}
