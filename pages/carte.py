"""Carte: a plain question, answered for all the territories of a level."""

from functools import partial

import streamlit as st

from comparisons import budgets, layers, maps, mutualisation, ui
from comparisons.format import codes, label
from comparisons.territories import LEVEL_NAMES, Territory
from comparisons.text import plural, typographic
from comparisons.view import ALL_TYPES, COMPARABLE_PERIMETERS, MAP_LEVELS, MAP_QUESTIONS, MapView

PAGE = "carte"
QUESTIONS = {
    "couverture": "Qui a une stratégie ?",
    "theme": "Qui en fait une priorité ?",
    "budget": "Combien d’argent ?",
    "mutualisation": "Avec qui mutualise-t-on ?",
}
MEASURE_LABELS = {"total": "€ par habitant", "par_an": "€ par habitant et par an"}


def choose(view: MapView) -> MapView:
    """Let the reader choose the question, the level and the detail."""
    key = partial(ui.widget_key, PAGE, view)
    question = st.segmented_control(
        "Question",
        MAP_QUESTIONS,
        format_func=QUESTIONS.get,
        key=key("question"),
        required=True,
        label_visibility="collapsed",
    )
    left, right = st.columns([1, 1.6], vertical_alignment="bottom")
    with left:
        level = st.segmented_control(
            "Niveau", MAP_LEVELS, format_func=LEVEL_NAMES.get, key=key("niveau"), required=True
        )
    view = ui.keep_view(PAGE, view, question=question, niveau=level)
    with right:
        return ui.keep_view(PAGE, view, **DETAILS[question](view, key))


def choose_type(view: MapView, key: partial) -> dict:
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


def choose_theme(view: MapView, key: partial) -> dict:
    """Choose a theme."""
    return {
        "theme": st.selectbox(
            "Thème", codes("themes"), format_func=partial(label, "themes"), key=key("theme")
        )
    }


def choose_money(view: MapView, key: partial) -> dict:
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
        "Mesure", tuple(MEASURE_LABELS), format_func=MEASURE_LABELS.get, key=key("mesure")
    )
    return {"perimetre": perimeter, "etape": stage, "mesure": measure}


def choose_sharing(view: MapView, key: partial) -> dict:
    """Choose a service, or one organisation."""
    used = mutualisation.services_used(view.niveau).set_index("service")["nb_territoires"]
    bodies = mutualisation.partners(view.niveau).set_index("partenaire_id")
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


DETAILS = {
    "couverture": choose_type,
    "theme": choose_theme,
    "budget": choose_money,
    "mutualisation": choose_sharing,
}


def show_map(view: MapView, shown: layers.Layer) -> None:
    """Draw the map; a click on it selects a territory."""
    selected = view.t.removeprefix(f"{view.niveau}-") if view.t.startswith(view.niveau) else ""
    event = st.plotly_chart(
        maps.choropleth(shown, selected, window=ui.window_kind(), dark=ui.is_dark()),
        key=f"carte-{view.niveau}",
        on_select="rerun",
        selection_mode="points",
        theme=None,
        alt=maps.alternative_text(shown),
        config={"scrollZoom": False, "displaylogo": False},
    )
    points = event.selection.points
    clicked = Territory(view.niveau, points[0]["location"]).key if points else ""
    # a selection outlives the click that made it: only a new one moves the reader
    if clicked and clicked != st.session_state.get("carte:clic"):
        st.session_state["carte:clic"] = clicked
        st.session_state["carte:t"] = clicked
        ui.keep_view(PAGE, view, t=clicked)
        st.rerun()


view = choose(ui.open_view(PAGE, MapView))
shown = layers.layer(view)
map_column, card_column = st.columns([2.3, 1])
with map_column:
    st.subheader(shown.title, anchor=False, help=shown.note)
    show_map(view, shown)
    st.caption(f"{layers.summary(shown)} {shown.note}")
    ui.source_line()
with card_column:
    view = ui.keep_view(PAGE, view, t=ui.choose_on_map(PAGE, view))
    ui.territory_card(view.t)
with st.expander("Voir le tableau et le télécharger", icon=":material/table:"):
    ui.layer_table(shown)
    ui.downloads(f"carte-{view.question}-{view.niveau}", {"carte": shown.data}, shown.title, view)
