"""Render the choices of territories and documents."""

from typing import TypeVar

import streamlit as st

from comparisons.analysis.comparison.columns import board, usual_family
from comparisons.formatting import escape_markdown, is_missing
from comparisons.page_parameters import ANY_FAMILY, ComparisonParameters, TerritoryParameters
from comparisons.parameters import Parameters
from comparisons.queries import strategies
from comparisons.queries.family_subjects import DEFAULT_DOCUMENT
from comparisons.queries.territories import load_territories, successor_commune
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import parse_key
from comparisons.search.territories import unknown_territory_reason
from comparisons.ui.controls import choose_one
from comparisons.ui.state import update_parameters

_V = TypeVar("_V", bound=Parameters)


def drop_unknown_territories(page: str, view: _V) -> _V:
    """Return a view without the territories that do not exist, and warn about them."""
    for name, value in view:
        if name not in ("t", "zone", "chez") or not value:
            continue
        keys = value if isinstance(value, tuple) else (value,)
        known_keys = set(load_territories(keys)["cle"])
        for key in keys:
            if key not in known_keys:
                _warn_unknown_territory(key)
        if known_keys != set(keys):
            st.session_state.pop(f"{page}:{name}", None)
            known_value = tuple(key for key in keys if key in known_keys)
            known_value = known_value if isinstance(value, tuple) else ""
            view = update_parameters(page, view, **{name: known_value})
    return view


def _warn_unknown_territory(key: str) -> None:
    """Warn that a territory does not exist; name the commune that replaced it, if any."""
    territory = parse_key(key)
    successor = successor_commune(territory.code) if territory.niveau == "commune" else None
    if successor:
        code, name = successor
        st.warning(
            f"Le code {territory.code} n’est plus celui d’une commune : c’est aujourd’hui "
            f"{escape_markdown(name)} ({code})."
        )
        st.page_link(
            "territoire.py",
            label=f"Ouvrir {name}",
            query_params={"t": f"commune-{code}"},
        )
    else:
        st.warning(
            f"{escape_markdown(unknown_territory_reason(key))} La recherche en haut de la page "
            "trouve un territoire par son nom."
        )


def choose_order(page: str, view: TerritoryParameters) -> TerritoryParameters:
    """Render the order of priorities, by theme or by document; return the updated view."""
    orders = {"theme": "Par thème", "document": "Par document"}
    return choose_one(page, view, "par", "Ordre des priorités", orders)


def choose_family(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render the choice of a family of documents with its counts; return the updated view."""
    documents = strategies.strategies_of(view.t)
    if documents.empty:
        return view
    families = board(documents, view.nommes)
    total = len(view.t)
    default_family = usual_family(documents, view.nommes)
    titles = {
        row.famille: f"{code_label('familles_strategie', row.famille)} "
        f"({row.nb_territoires} sur {total})"
        for row in iterate_rows(families)
    }
    # the default family is offered once, unless the address names it explicitly
    labels = {"": f"{titles[default_family]}, par défaut"} | {
        family: title
        for family, title in titles.items()
        if family != default_family or view.famille == default_family
    }
    labels[ANY_FAMILY] = "Tout ce qui est relevé"
    if view.famille not in labels:
        labels[view.famille] = f"{code_label('familles_strategie', view.famille)} (0 sur {total})"
    return choose_one(page, view, "famille", "Documents comparés", labels, titled=True)


def choose_documents(page: str, view: Parameters) -> Parameters:
    """Render the choice of documents of territories with several; return the updated view."""
    documents = strategies.strategies_of(view.t)
    alternatives = documents[documents["cle"].duplicated(keep=False)]
    if alternatives.empty:
        return view
    territories = load_territories(view.t)
    names = dict(zip(territories["cle"], territories["nom"], strict=True))
    titles: dict[str, dict[str, str]] = {key: {} for key in alternatives["cle"]}
    for row in iterate_rows(
        alternatives[
            ["cle", "strategie_id", "titre", "annee_document", "etat", "portee", "dans_aire"]
        ]
    ):
        titles[row.cle][row.strategie_id] = _document_label(row)
    chosen: list[str] = []
    with st.expander("Choisir les documents comparés", icon=":material/description:"):
        st.caption(f"Par défaut : {DEFAULT_DOCUMENT}.")
        for key, document_titles in titles.items():
            selected = [code for code in view.doc if code in document_titles]
            widget = f"{page}:doc:{key}"
            if widget not in st.session_state:
                st.session_state[widget] = selected
            chosen += st.multiselect(
                escape_markdown(names[key]),
                list(document_titles),
                format_func=document_titles.get,
                key=widget,
                max_selections=2,
                placeholder="Celui qui est choisi par défaut",
                help="Deux éditions d’un même territoire peuvent être mises côte à côte.",
            )
    return update_parameters(page, view, doc=tuple(chosen))


def _document_label(row: object) -> str:
    year = "sans date" if is_missing(row.annee_document) else str(int(row.annee_document))
    state = strategies.describe_state(row)
    return f"{row.titre} ({state[0].lower()}{state[1:]}, {year})"
