"""What the map shows: the reader's choice of question, level, place, year and detail."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from comparisons import parameters
from comparisons.analysis import class_breaks
from comparisons.analysis.map_layers import can_contain
from comparisons.database.cache import cached
from comparisons.formatting import curly_apostrophes, escape_markdown, pluralize
from comparisons.parameters import (
    ALL_FAMILIES,
    COMPARABLE_PERIMETERS,
    MAX_CLASSES,
    MIN_CLASSES,
    ZONE_LEVELS,
    MapParameters,
)
from comparisons.queries import axes, budgets, partners, strategies
from comparisons.queries.territories import menu_territories
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_one
from comparisons.ui.state import update_parameters, viewport, widget_key

_QUESTIONS = {
    "couverture": "Qui a une stratégie ?",
    "theme": "Qui en fait une priorité ?",
    "budget": "Combien d’argent ?",
    "mutualisation": "Avec qui mutualise-t-on ?",
}
_MEASURES = {"total": "€ par habitant", "par_an": "€ par habitant et par an"}
_METHODS = {
    "quantiles": "Quantiles (autant de territoires par classe)",
    "naturelles": "Seuils naturels (Fisher-Jenks)",
    "egales": "Pas égaux",
    "propres": "Mes propres bornes",
}
_AS_FIRST = "Comme la première carte"
_OVERVIEW = "Vue d’ensemble"

Key = Callable[..., str]


def choose_map(page: str, view: MapParameters) -> MapParameters:
    """Render the choice of the question, the level, the place, the detail and the year."""
    key: Key = partial(widget_key, page, view)
    asked, levels = st.columns([1.5, 1])
    with asked:
        view = choose_one(page, view, "question", "Question", _QUESTIONS)
    with levels:
        view = choose_one(page, view, "niveau", "Niveau", LEVEL_NAMES)
    question = view.question
    place, detail, year, more = _places(wide_detail=question in ("budget", "mutualisation"))
    with place:
        view = update_parameters(page, view, zone=_choose_zone(view.niveau, key))
    with detail:
        view = update_parameters(page, view, **_DETAILS[question](view, key))
    if question != "mutualisation":  # few links have a date
        with year:
            view = update_parameters(page, view, annee=_choose_year("Année", key("annee", "")))
    with more:
        return update_parameters(page, view, **_choose_options(view, key))


def _places(wide_detail: bool) -> Sequence[DeltaGenerator]:
    """Arrange where place, detail, year and options are chosen; on a phone the map comes first.

    All in one container, so that the map below keeps its place when the window is known to be a
    phone's: otherwise it would be taken away while it loads, and another one made.
    """
    with st.container():
        if viewport() == "narrow":
            detail = st.container()
            rest = st.expander("Lieu, année, options", icon=":material/tune:")
            return rest, detail, rest, rest
        place, detail, year, more = st.columns(
            [1, 2.1 if wide_detail else 1.4, 1.1, 0.75], vertical_alignment="bottom"
        )
    return place, detail, year, more.popover("Options", icon=":material/tune:", width="stretch")


def choose_second_map(page: str, view: MapParameters) -> MapParameters:
    """Render the choice of in what the map beside differs."""
    key: Key = partial(widget_key, page, view)
    detail, year = st.columns([2, 1], vertical_alignment="bottom")
    with detail:
        match view.question:
            case "couverture":
                names = {"": _AS_FIRST, ALL_FAMILIES: _OVERVIEW}
                family = _again("Documents", "familles_strategie", key("famille_2", ""), names)
                chosen = {"famille_2": family}
            case "theme":
                chosen = {"theme_2": _again("Thème", "themes", key("theme_2", ""))}
            case "budget":
                perimeter, stage = st.columns(2)
                with perimeter:
                    where = key("perimetre_2", "")
                    code = _again("Périmètre", "perimetres", where, only=COMPARABLE_PERIMETERS)
                with stage:
                    chosen = {"etape_2": _again("Étape", "etapes", key("etape_2", ""))}
                chosen["perimetre_2"] = code
            case _:
                chosen = {"service_2": _again("Service", "services", key("service_2", ""))}
    if view.question != "mutualisation":
        with year:
            chosen["annee_2"] = _choose_year(
                "Année de la deuxième carte", key("annee_2", ""), explicit=True
            )
    return update_parameters(page, view, **chosen)


def _again(
    title: str, vocabulary: str, key: str, names: dict | None = None, only: Sequence[str] = ()
) -> str:
    """Choose a code for the map beside, or what the first one shows."""
    names = names or {"": _AS_FIRST}
    return st.selectbox(
        f"{title} de la deuxième carte",
        (*names, *(only or vocabulary_codes(vocabulary))),
        format_func=lambda code: names.get(code) or code_label(vocabulary, code),
        key=key,
    )


def _choose_zone(level: str, key: Key) -> str:
    """Choose the whole country, or a région or département of it."""
    name = key("zone", "")
    if level == "region":
        st.session_state[name] = ""
    wider = cached(menu_territories)(())
    wider = wider[wider["territoire_niveau"].isin(ZONE_LEVELS)]
    labels = {"": "Toute la France"} | {
        row.cle: row.libelle for row in wider.itertuples() if can_contain(row.cle, level)
    }
    if st.session_state[name] not in labels:
        st.session_state[name] = ""
    return st.selectbox("Où", tuple(labels), format_func=labels.get, key=name)


def _choose_year(title: str, key: str, explicit: bool = False) -> str:
    """Choose a year; the dataset's, the last, is written empty unless it must be `explicit`."""
    *past, current = map(str, cached(strategies.covered_years)())
    last = current if explicit else ""
    chosen = st.session_state[key]
    if chosen not in (*past, last):
        if chosen not in ("", current):
            st.warning(
                f"L’année {chosen} n’est pas couverte : choisissez de {past[0]} à {current}."
            )
        st.session_state[key] = last
    return st.select_slider(title, (*past, last), format_func=lambda year: year or current, key=key)


def _choose_options(view: MapParameters, key: Key) -> dict:
    """Choose what shows through, the classes, and whether a second map stands beside."""
    chosen = {
        "deux": st.toggle(
            "Deux cartes côte à côte",
            key=key("deux"),
            help="Deux années, deux thèmes, deux montants ou deux services, à la même échelle.",
        )
    }
    if view.question == "couverture":
        chosen["larges"] = st.toggle(
            "Montrer aussi qui est dans l’aire d’un document plus large",
            key=key("larges"),
            help="Une commune sans stratégie peut être dans l’aire d’un document intercommunal, "
            "départemental ou régional : ce n’est pas une information sur elle, cela a donc sa "
            "propre couleur.",
        )
    if view.question == "theme":
        chosen["nommes"] = st.toggle(axes.SWITCH, key=key("nommes"), help=axes.HELP)
    return chosen | (_choose_classes(view, key) if view.question == "budget" else {})


def _choose_classes(view: MapParameters, key: Key) -> dict:
    """Choose where one colour ends and the next begins."""
    method = st.selectbox(
        "Méthode", parameters.METHODS, format_func=_METHODS.get, key=key("methode")
    )
    if method == "propres":
        name = key("bornes", "")
        # what is shown is what is kept in the address
        st.session_state[name] = (
            class_breaks.format_breaks(st.session_state[name]) or (st.session_state[name])
        )
        bounds = st.text_input(
            "Bornes, en euros par habitant",
            key=name,
            placeholder="10 ; 50 ; 100",
            help="De une à six bornes séparées par des points-virgules.",
        )
        if bounds and not class_breaks.parse_breaks(bounds):
            st.warning("Écrivez des nombres séparés par des points-virgules : 10 ; 50 ; 100.")
        return {"methode": method, "bornes": class_breaks.format_breaks(bounds)}
    count = st.segmented_control(
        "Nombre de classes",
        tuple(map(str, range(MIN_CLASSES, MAX_CLASSES + 1))),
        key=key("classes"),
        required=True,
    )
    return {"methode": method, "classes": count}


def _choose_family(view: MapParameters, key: Key) -> dict:
    """Choose a kind of documents, or what is known of all of them."""
    names = {ALL_FAMILIES: _OVERVIEW}
    return {
        "famille": st.selectbox(
            "Documents",
            (ALL_FAMILIES, *vocabulary_codes("familles_strategie")),
            format_func=lambda code: names.get(code) or code_label("familles_strategie", code),
            key=key("famille"),
        )
    }


def _choose_theme(view: MapParameters, key: Key) -> dict:
    """Choose a theme."""
    return {
        "theme": st.selectbox(
            "Thème",
            vocabulary_codes("themes"),
            format_func=partial(code_label, "themes"),
            key=key("theme"),
        )
    }


def _choose_money(view: MapParameters, key: Key) -> dict:
    """Choose what is compared: one perimeter, one stage, one measure."""
    found = cached(budgets.available_amounts)(view.niveau).set_index(["perimetre", "etape"])[
        "nb_strategies"
    ]
    first, second, third = st.columns(3)
    perimeter = first.selectbox(
        "Périmètre",
        COMPARABLE_PERIMETERS,
        format_func=partial(code_label, "perimetres"),
        key=key("perimetre"),
    )
    stage = second.selectbox(
        "Étape",
        vocabulary_codes("etapes"),
        format_func=lambda code: (
            f"{code_label('etapes', code)} "
            f"({pluralize(found.get((perimeter, code), 0), 'stratégie')})"
        ),
        key=key("etape"),
    )
    measure = third.selectbox(
        "Mesure", tuple(_MEASURES), format_func=_MEASURES.get, key=key("mesure")
    )
    return {"perimetre": perimeter, "etape": stage, "mesure": measure}


def _choose_sharing(view: MapParameters, key: Key) -> dict:
    """Choose a service, or one organisation."""
    used = cached(partners.service_counts)(view.niveau).set_index("service")
    bodies = cached(partners.partner_counts)(view.niveau).set_index("partenaire_id")
    name = key("partenaire")
    if view.partenaire and view.partenaire not in bodies.index:
        st.session_state[name] = None
        st.warning(
            f"« {escape_markdown(view.partenaire)} » n’est pas un organisme connu à ce niveau."
        )
    first, second = st.columns(2)
    service = first.selectbox(
        "Service partagé",
        vocabulary_codes("services"),
        format_func=lambda code: code_label("services", code) + _counted(used, code),
        key=key("service"),
    )
    partner = second.selectbox(
        "Ou un organisme",
        tuple(bodies.index),
        format_func=lambda code: (
            curly_apostrophes(bodies.loc[code, "nom"]) + _counted(bodies, code)
        ),
        key=name,
        placeholder="Tous les organismes",
    )
    return {"service": service, "partenaire": partner or ""}


def _counted(rows: pd.DataFrame, code: str) -> str:
    """Describe ` (7 cités + 57 déduits)`, or nothing where no link is known."""
    if code not in rows.index:
        return ""
    stated, deduced = rows.loc[code, ["nb_cites", "nb_deduits"]]
    parts = [pluralize(stated, "cité")] * bool(stated) + [pluralize(deduced, "déduit")] * bool(
        deduced
    )
    return f" ({' + '.join(parts)})"


_DETAILS = {
    "couverture": _choose_family,
    "theme": _choose_theme,
    "budget": _choose_money,
    "mutualisation": _choose_sharing,
}
