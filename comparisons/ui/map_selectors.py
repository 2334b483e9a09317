"""Render the choices of the map page: question, level, zone, year, detail, options."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import pandas as pd
import streamlit as st

from comparisons import page_parameters
from comparisons.analysis import class_breaks
from comparisons.analysis.map_questions.views import can_contain, known_by_level
from comparisons.formatting import curly_apostrophes, escape_markdown, format_number, pluralize
from comparisons.page_parameters import (
    ALL_FAMILIES,
    COMPARABLE_PERIMETERS,
    MAX_CLASSES,
    MIN_CLASSES,
    MapParameters,
)
from comparisons.parameters import Parameters
from comparisons.queries import axes, budgets, partners, strategies
from comparisons.queries.territories import zone_labels
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_one, choose_sources
from comparisons.ui.glossary import glossary_help
from comparisons.ui.state import update_parameters, viewport, widget_key

QUESTIONS = {
    "couverture": "Qui a une stratégie ?",
    "theme": "Qui en fait une priorité ?",
    "budget": "Combien d’argent ?",
    "mutualisation": "Qui mutualise ?",
}
_MEASURES = {"total": "€ par habitant", "par_an": "€ par habitant et par an"}
_METHODS = {
    "quantiles": "Quantiles (autant de territoires par classe)",
    "naturelles": "Seuils naturels (Fisher-Jenks)",
    "egales": "Pas égaux",
    "propres": "Mes propres bornes",
}
_SAME_AS_FIRST = "Comme la première carte"
_NOTHING_KNOWN = "rien de connu"
_OVERVIEW = "Vue d’ensemble"

Key = Callable[..., str]
_V = TypeVar("_V", bound=Parameters)


def choose_map(page: str, view: MapParameters) -> MapParameters:
    """Render the question and the level, and behind « Affiner » the rest; return the new view."""
    key: Key = partial(widget_key, page, view)
    if viewport() == "narrow":
        view = choose_from_list(page, view, "question", "Question", QUESTIONS)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            view = choose_from_list(page, view, "niveau", "Niveau", LEVEL_NAMES)
            return _refine(page, view, key)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        view = choose_one(page, view, "question", "Question", QUESTIONS)
        view = choose_one(page, view, "niveau", "Niveau", LEVEL_NAMES)
        write_counts(page, view.niveau, known_by_level(view))
        return _refine(page, view, key)


def write_counts(page: str, chosen_level: str, counts: Mapping[str, int]) -> None:
    """Write after each level how many territories have a known answer; one with none is disabled.

    As a style: a label that changes with the question would lose a choice that is made before the
    browser has received it.
    """
    rules = []
    for rank, (level, known) in enumerate(counts.items(), 1):
        button = f".st-key-{page}-niveau button:nth-of-type({rank})"
        rules.append(f"{button}::after {{ content: '\\a0({format_number(known)})' }}")
        if not known and level != chosen_level:
            rules.append(f"{button} {{ opacity: 0.6; pointer-events: none }}")
    st.html(f"<style>{''.join(rules)}</style>")


def choose_from_list(page: str, view: _V, name: str, title: str, labels: Mapping[str, str]) -> _V:
    """Render one parameter as a list that takes one line of a phone; return the updated view."""
    chosen = st.selectbox(
        title,
        tuple(labels),
        format_func=labels.get,
        key=widget_key(page, view, name, ""),
        label_visibility="collapsed",
    )
    return update_parameters(page, view, **{name: chosen})


def _refine(page: str, view: MapParameters, key: Key) -> MapParameters:
    with st.popover("Affiner", icon=":material/tune:", width="content"):
        view = update_parameters(page, view, zone=choose_zone(view.niveau, key))
        if view.question != "mutualisation":  # few partnerships have a date
            view = update_parameters(page, view, annee=_choose_year("Année", key("annee", "")))
        view = choose_sources(page, view)
        return update_parameters(page, view, **_choose_options(view, key))


def choose_object(page: str, view: MapParameters) -> MapParameters:
    """Render what the question is about: documents, theme, amounts or service; return the view."""
    key: Key = partial(widget_key, page, view)
    return update_parameters(page, view, **_OBJECTS[view.question](view, key))


def choose_second_map(page: str, view: MapParameters) -> MapParameters:
    """Render the parameters in which the second map differs; return the updated view."""
    key: Key = partial(widget_key, page, view)
    detail_column, year_column = st.columns([2, 1], vertical_alignment="bottom")
    with detail_column:
        match view.question:
            case "couverture":
                names = {"": _SAME_AS_FIRST, ALL_FAMILIES: _OVERVIEW}
                family = _choose_second_code(
                    "Documents", "familles_strategie", key("famille_2", ""), names
                )
                chosen = {"famille_2": family}
            case "theme":
                chosen = {"theme_2": _choose_second_code("Thème", "themes", key("theme_2", ""))}
            case "budget":
                perimeter_column, stage_column = st.columns(2)
                with perimeter_column:
                    perimeter_key = key("perimetre_2", "")
                    code = _choose_second_code(
                        "Périmètre", "perimetres", perimeter_key, only=COMPARABLE_PERIMETERS
                    )
                with stage_column:
                    chosen = {"etape_2": _choose_second_code("Étape", "etapes", key("etape_2", ""))}
                chosen["perimetre_2"] = code
            case _:
                chosen = {
                    "service_2": _choose_second_code("Service", "services", key("service_2", ""))
                }
    if view.question != "mutualisation":
        with year_column:
            chosen["annee_2"] = _choose_year(
                "Année de la deuxième carte", key("annee_2", ""), explicit=True
            )
    return update_parameters(page, view, **chosen)


def _choose_second_code(
    title: str, vocabulary: str, key: str, names: dict | None = None, only: Sequence[str] = ()
) -> str:
    """Render the choice of a code of the second map; empty for that of the first map."""
    names = names or {"": _SAME_AS_FIRST}
    return st.selectbox(
        f"{title} de la deuxième carte",
        (*names, *(only or vocabulary_codes(vocabulary))),
        format_func=lambda code: names.get(code) or code_label(vocabulary, code),
        key=key,
    )


def choose_zone(level: str, key: Key) -> str:
    """Render the choice of the zone and return its key; empty for the whole country."""
    name = key("zone", "")
    if level == "region":
        st.session_state[name] = ""
    labels = {"": "Toute la France"} | {
        key: label for key, label in zone_labels().items() if can_contain(key, level)
    }
    if st.session_state[name] not in labels:
        st.session_state[name] = ""
    return st.selectbox("Où", tuple(labels), format_func=labels.get, key=name)


def _choose_year(title: str, key: str, explicit: bool = False) -> str:
    """Render the choice of a year and return it.

    The last year, that of the dataset, is returned empty unless it must be `explicit`.
    """
    *past_years, current = map(str, strategies.covered_years())
    last_year = current if explicit else ""
    chosen = st.session_state[key]
    if chosen not in (*past_years, last_year):
        if chosen not in ("", current):
            st.warning(
                f"L’année {chosen} n’est pas couverte : choisissez de {past_years[0]} à {current}."
            )
        st.session_state[key] = last_year
    return st.select_slider(
        title, (*past_years, last_year), format_func=lambda year: year or current, key=key
    )


def _choose_options(view: MapParameters, key: Key) -> dict:
    """Render the options and return their values: second map, wider documents, classes."""
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
        chosen["nommes"] = st.toggle(
            axes.NAMED_ONLY_LABEL, key=key("nommes"), help=axes.NAMED_ONLY_HELP
        )
    if view.question != "budget":
        return chosen
    measure = st.selectbox("Mesure", tuple(_MEASURES), format_func=_MEASURES.get, key=key("mesure"))
    return chosen | {"mesure": measure} | _choose_classes(view, key)


def _choose_classes(view: MapParameters, key: Key) -> dict:
    """Render the classification method and its parameters; return their values."""
    method = st.selectbox(
        "Méthode", page_parameters.METHODS, format_func=_METHODS.get, key=key("methode")
    )
    if method == "propres":
        name = key("bornes", "")
        # display the breaks as they are written in the address
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
    """Render the choice of a family of documents, or all of them; return its value."""
    names = {ALL_FAMILIES: _OVERVIEW}
    return {
        "famille": st.selectbox(
            "Documents",
            (ALL_FAMILIES, *vocabulary_codes("familles_strategie")),
            format_func=lambda code: names.get(code) or code_label("familles_strategie", code),
            key=key("famille"),
            help=glossary_help("Document d’ensemble", "SDUSN", "SDTAN", "SCoRAN"),
        )
    }


def _choose_theme(view: MapParameters, key: Key) -> dict:
    """Render the choice of a theme and return its value."""
    return {
        "theme": st.selectbox(
            "Thème",
            vocabulary_codes("themes"),
            format_func=partial(code_label, "themes"),
            key=key("theme"),
        )
    }


def _choose_amounts(view: MapParameters, key: Key) -> dict:
    """Render the choice of perimeter and stage; return their values."""
    strategy_counts = budgets.available_amounts(view.niveau).set_index(["perimetre", "etape"])[
        "nb_strategies"
    ]
    perimeter_column, stage_column = st.columns(2)
    perimeter = perimeter_column.selectbox(
        "Objet",
        COMPARABLE_PERIMETERS,
        format_func=partial(code_label, "perimetres"),
        key=key("perimetre"),
        help=glossary_help("Périmètre d’un montant"),
    )
    known = {code: strategy_counts.get((perimeter, code), 0) for code in vocabulary_codes("etapes")}
    stages, left_out = _offer_known("etapes", known, view.etape)
    stage = stage_column.selectbox(
        "Stade",
        stages,
        format_func=lambda code: (
            f"{code_label('etapes', code)} "
            f"({pluralize(known[code], 'stratégie') if known[code] else _NOTHING_KNOWN})"
        ),
        key=key("etape"),
        help=glossary_help(*(code_label("etapes", code) for code in stages)) + left_out,
    )
    return {"perimetre": perimeter, "etape": stage}


def _choose_sharing(view: MapParameters, key: Key) -> dict:
    """Render the choice of a service or an organisation; return their values."""
    service_counts = partners.service_counts(view.niveau).set_index("service")
    organisations = partners.partner_counts(view.niveau).set_index("partenaire_id")
    name = key("partenaire")
    if view.partenaire and view.partenaire not in organisations.index:
        st.session_state[name] = None
        st.warning(
            f"« {escape_markdown(view.partenaire)} » n’est pas un organisme connu à ce niveau."
        )
    known = {code: code in service_counts.index for code in vocabulary_codes("services")}
    services, left_out = _offer_known("services", known, view.service)
    service = st.selectbox(
        "Service partagé",
        services,
        format_func=lambda code: (
            code_label("services", code) + _format_link_counts(service_counts, code)
        ),
        key=key("service"),
        help=glossary_help("Mutualisation", "Explicite", "Déduit") + left_out,
    )
    partner = st.selectbox(
        "Ou un organisme",
        tuple(organisations.index),
        format_func=lambda code: (
            curly_apostrophes(organisations.loc[code, "nom"])
            + _format_link_counts(organisations, code)
        ),
        key=name,
        placeholder="Tous les organismes",
    )
    return {"service": service, "partenaire": partner or ""}


def _offer_known(vocabulary: str, known: Mapping[str, int], chosen: str) -> tuple[list[str], str]:
    """Return the codes of which something is known, or that is chosen, and a text of the others.

    Streamlit cannot show a choice as disabled: one that leads to an empty map is not offered.
    """
    codes = [code for code in known if known[code] or code == chosen]
    others = [code_label(vocabulary, code) for code in known if code not in codes]
    return codes, f"\n\nRien de connu à ce niveau : {', '.join(others)}." if others else ""


def _format_link_counts(rows: pd.DataFrame, code: str) -> str:
    """Return the counts of links, as ` (7 cités + 57 déduits)`, or that none is known."""
    if code not in rows.index:
        return f" ({_NOTHING_KNOWN})"
    stated, deduced = rows.loc[code, ["nb_cites", "nb_deduits"]]
    parts = [pluralize(stated, "cité")] * bool(stated) + [pluralize(deduced, "déduit")] * bool(
        deduced
    )
    return f" ({' + '.join(parts)})"


_OBJECTS = {
    "couverture": _choose_family,
    "theme": _choose_theme,
    "budget": _choose_amounts,
    "mutualisation": _choose_sharing,
}
