"""Helpers for pages: state in the address, tables, downloads.

The one library module that knows Streamlit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TypeVar
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from comparisons import exports, strategies
from comparisons.comparison import Comparison, by_theme, theme_matrix
from comparisons.format import label
from comparisons.layers import Layer
from comparisons.profile import Profile
from comparisons.territories import current_commune, described, listed, neighbours, parse_key
from comparisons.text import (
    MISSING,
    absence_sentence,
    is_missing,
    link,
    markdown_escaped,
    number,
    partial_date,
    period,
    plural,
)
from comparisons.view import MAX_COMPARED, View
from comparisons.warehouse import metadata

V = TypeVar("V", bound=View)

# Streamlit does not tell how wide the window is; the zoom of a map depends on it.
_WINDOW = st.components.v2.component(
    "stratoscope_fenetre",
    js="""
    export default function ({ data, setStateValue }) {
      const width = window.innerWidth;
      const kind = width < 700 ? "narrow" : width < 1100 ? "medium" : "wide";
      if (kind !== data.known) setStateValue("kind", kind);
    }
    """,
)


def measure_window() -> None:
    """Ask the browser how wide its window is; once per run, before the page."""
    known = st.session_state.get("fenetre_connue", "wide")
    answer = _WINDOW(
        key="fenetre", data={"known": known}, default={"kind": known}, on_kind_change=lambda: None
    )
    st.session_state["fenetre_connue"] = answer.get("kind") or known


def window_kind() -> str:
    """Tell the kind of window, `narrow` (a phone), `medium` or `wide`; `wide` until it answers."""
    return st.session_state.get("fenetre_connue", "wide")


def is_dark() -> bool:
    """Tell whether the reader uses the dark theme."""
    return st.context.theme.type == "dark"


# --- state in the address ------------------------------------------------------------------------


def open_view(page: str, view_class: type[V]) -> V:
    """Give the view of a page: from its address, or as the reader left it.

    Values of the address that cannot be taken are shown as notices.
    """
    state = st.session_state
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    seen = state.get(f"{page}:adresse")
    returning = state.get("page_ouverte") != page
    state["page_ouverte"] = page
    state[f"{page}:adresse"] = query
    # coming back by the navigation, whose links have no parameters, finds the page as it was left
    kept = returning and not query and f"{page}:vue" in state
    if kept or query != seen or f"{page}:vue" not in state:
        view, notices = (state[f"{page}:vue"], []) if kept else view_class.from_query(query)
        state[f"{page}:vue"] = view
        for parameter in fields(view):
            state.pop(f"{page}:{parameter.name}", None)
        state[f"{page}:avis"] = notices
    for notice in state.get(f"{page}:avis", ()):
        st.warning(markdown_escaped(notice), icon=":material/info:")
    return state[f"{page}:vue"]


def keep_view(page: str, view: V, **values: object) -> V:
    """Change some values of a page's view and write its address."""
    view = replace(view, **values)
    st.session_state[f"{page}:vue"] = view
    query = view.to_query()
    if query != st.session_state.get(f"{page}:adresse"):
        st.query_params.from_dict(query)
        st.session_state[f"{page}:adresse"] = query
    return view


def widget_key(page: str, view: View, name: str) -> str:
    """Give the key of the widget that holds one value of a view, set to that value at first."""
    key = f"{page}:{name}"
    if key not in st.session_state:
        value = getattr(view, name)
        st.session_state[key] = list(value) if isinstance(value, tuple) else (value or None)
    return key


def permalink(view: View) -> str:
    """Give the whole address of the page as it is seen."""
    base = st.context.url or ""
    query = urlencode(view.to_query(), doseq=True)
    return f"{base}?{query}" if query else base


# --- words, tables, downloads --------------------------------------------------------------------


def words_table(rows: pd.DataFrame, raw: Sequence[str] = ()) -> None:
    """Show a small table of words, every cell escaped but those of the columns `raw` (links).

    On a phone each row becomes a card: a table of several columns cannot be read there.
    """
    safe = rows.copy()
    for column in safe.columns:
        if column not in raw:
            safe[column] = [markdown_escaped(value) for value in safe[column]]
    safe.columns = [markdown_escaped(column) for column in safe.columns]
    safe.index = [markdown_escaped(value) for value in safe.index]
    numbered = isinstance(rows.index, pd.RangeIndex)
    if window_kind() == "narrow":
        _cards(safe, numbered)
    else:
        st.table(safe, border="horizontal", hide_index=numbered)


def _cards(rows: pd.DataFrame, numbered: bool) -> None:
    """Show each row as its title (the index, or the first column) and a line per other column."""
    for name, row in rows.iterrows():
        cells = list(row.items())
        title = cells.pop(0)[1] if numbered else name
        lines = [f"**{title}**", *(f"{column} : {value}" for column, value in cells)]
        st.markdown("  \n".join(lines))


def downloads(
    key: str, sheets: Mapping[str, pd.DataFrame], about: str, view: View | None = None
) -> None:
    """Offer what is shown as files, and the address of the page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, rows in sheets.items():
            label = "CSV" if len(sheets) == 1 else f"CSV : {name}"
            st.download_button(
                label,
                data=_later(exports.to_csv, exports.with_labels(rows)),
                file_name=exports.file_name(f"{key}-{name}", "csv"),
                mime="text/csv",
                key=f"{key}:{name}:csv",
                on_click="ignore",
                icon=":material/download:",
            )
        labelled = {name: exports.with_labels(rows) for name, rows in sheets.items()}
        st.download_button(
            "Classeur Excel",
            data=_later(exports.to_xlsx, labelled, about),
            file_name=exports.file_name(key, "xlsx"),
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"{key}:xlsx",
            on_click="ignore",
            icon=":material/download:",
        )
        if view is not None:
            with st.popover("Partager", icon=":material/link:"):
                st.caption("Cette adresse rouvre la page telle que vous la voyez.")
                st.code(permalink(view), language=None, wrap_lines=True)


def _later(function: Callable[..., bytes], *arguments: object) -> Callable[[], bytes]:
    """Make a file only when someone asks for it."""
    return lambda: function(*arguments)


def source_line(extra: str = "") -> None:
    """Say where the figures come from, under a figure or a table."""
    data = metadata()
    st.caption(
        f"{extra} Source : corpus Stratoscope du {partial_date(data['date'])}, "
        f"Licence Ouverte 2.0 ; version {data['version']}. "
        "Populations : Insee. Contours : IGN.".strip()
    )


# --- parts of pages ------------------------------------------------------------------------------


def layer_table(shown: Layer) -> None:
    """Show the content of a map as a table."""
    labels = {c.code: c.label for c in shown.classes}
    rows = shown.data.assign(etat=shown.data["classe"].map(labels))
    columns = {
        "territoire_code": "Code",
        "nom": "Territoire",
        "etat": "Classe",
        "valeur": st.column_config.NumberColumn("Valeur (€/hab.)", format="localized"),
        "detail": st.column_config.TextColumn("Détail", width="large"),
    }
    if not pd.api.types.is_numeric_dtype(rows["valeur"]):
        columns.pop("valeur")
    st.dataframe(
        rows[list(columns)],
        column_config=columns,
        hide_index=True,
        height=320,
        alt=f"Tableau : {shown.title}",
    )


def choose_territory(page: str, view: View) -> str:
    """Let the reader find a territory by typing; give its key, or nothing.

    A code of the address that is no longer one is told with today's.
    """
    offered = listed([view.t])
    labels = dict(zip(offered["cle"], offered["libelle"], strict=True))
    if view.t and view.t not in labels:
        _unknown_territory(view.t)
        view = keep_view(page, view, t="")
    return (
        st.selectbox(
            "Territoire",
            list(labels),
            format_func=labels.get,
            key=widget_key(page, view, "t"),
            placeholder="Tapez un nom : région, département, intercommunalité ou commune",
        )
        or ""
    )


def _unknown_territory(key: str) -> None:
    territory = parse_key(key)
    today = current_commune(territory.code) if territory.niveau == "commune" else None
    if today:
        code, name = today
        st.warning(
            f"Le code {territory.code} n’est plus celui d’une commune : c’est aujourd’hui "
            f"{markdown_escaped(name)} ({code})."
        )
        st.page_link(
            "territoire.py",
            label=f"Ouvrir {name}",
            query_params={"t": f"commune-{code}"},
        )
    else:
        st.warning(
            f"Aucun territoire ne porte le code « {markdown_escaped(key)} ». Cherchez-le par son "
            "nom ci-dessous."
        )


def metrics(figures: Sequence[tuple[str, str, str]]) -> None:
    """Show a few figures in a row of cards."""
    with st.grid(len(figures), min_column_width=150):
        for title, value, help_text in figures:
            st.metric(title, value, help=help_text or None, border=True)


def territory_links(known: Profile) -> None:
    """Offer the ways out of a territory's page: above, beside, side by side."""
    with st.container(horizontal=True):
        for row in known.containing.itertuples():
            st.page_link(
                "territoire.py",
                label=markdown_escaped(row.nom),
                icon=":material/arrow_upward:",
                query_params={"t": row.cle},
            )
        st.page_link(
            "comparer.py",
            label="Comparer avec ses voisins",
            icon=":material/compare_arrows:",
            query_params={"t": [known.key, *neighbours(known.key)[:3]]},
        )


def wider_strategies(known: Profile) -> None:
    """Name the strategies of the territories above, when a territory has none of its own."""
    names = dict(zip(known.containing["cle"], known.containing["nom"], strict=True))
    current = known.wider[known.wider["etat"] != "terminee"]
    if current.empty:
        return
    st.markdown("Des territoires plus larges, qui le contiennent, en ont une :")
    for row in current.itertuples():
        st.markdown(
            f"- {markdown_escaped(names[row.cle])} : {markdown_escaped(row.titre)} "
            f"({label('etats_couverture', row.etat).lower()})"
        )


def document_sheet(row: object) -> None:
    """Show one strategy: state, period, who leads it, what it says, where that is said."""
    year = "" if is_missing(row.annee_document) else f" · {int(row.annee_document)}"
    heading = f"**{markdown_escaped(row.titre)}** · {label('etats_couverture', row.etat)}{year}"
    with st.expander(heading, expanded=row.rang == 1):
        st.markdown(markdown_escaped(row.resume))
        lines = {
            "Type": label("types_strategie", row.type),
            "Adoption": partial_date(row.date_adoption),
            "Période": period(row.annee_debut, row.annee_fin),
            "Porteur": row.porteur_nom,
            "Pilotage": MISSING if is_missing(row.pilotage) else label("pilotages", row.pilotage),
            "Gouvernance": row.gouvernance,
            "Certitude": label("certitudes", row.certitude),
        }
        if row.lien != "propre":
            lines["Lien"] = (
                "Portée par un territoire jumeau"
                if row.lien == "jumeau"
                else "Stratégie d’un autre territoire, qui nomme celui-ci"
            )
        if row.etat_deduit:
            lines["État"] = "Déduit : période échue ou document remplacé"
        st.markdown(
            "  \n".join(f"{title} : {markdown_escaped(value)}" for title, value in lines.items())
        )
        published = "" if is_missing(row.source_date) else f", {partial_date(row.source_date)}"
        st.markdown(
            f"Source : {link(row.source_titre, row.source_url)} "
            f"({markdown_escaped(row.source_editeur)}{published}, "
            f"consulté le {partial_date(row.source_consulte_le)})"
        )


def facts(rows: pd.DataFrame, empty: str, raw: Sequence[str] = ()) -> None:
    """Show a table of facts, or say that none is known."""
    if rows.empty:
        st.markdown(empty)
    else:
        words_table(rows, raw)


def choose_on_map(page: str, view: View) -> str:
    """Let the reader choose a territory of the map by its name; give its key, or nothing."""
    offered = listed([view.t])
    offered = offered[offered["territoire_niveau"] == view.niveau]
    labels = dict(zip(offered["cle"], offered["libelle"], strict=True))
    if view.t not in labels:
        st.session_state.pop(f"{page}:t", None)
        view = replace(view, t="")
    return (
        st.selectbox(
            "Chercher un territoire, ou cliquer sur la carte",
            list(labels),
            format_func=labels.get,
            key=widget_key(page, view, "t"),
            placeholder="Tapez un nom",
        )
        or ""
    )


def territory_card(key: str) -> None:
    """Show the essentials of a territory beside the map, and the ways to know more."""
    if not key:
        return
    territory = described([parse_key(key)]).iloc[0]
    with st.container(border=True):
        st.markdown(f"#### {markdown_escaped(territory.nom)}")
        st.caption(
            f"{number(territory.population)} habitants ({territory.population_annee}) · "
            f"{plural(territory.nb_communes, 'commune')}"
        )
        facts = strategies.documents([key])
        if facts.empty:
            searched = strategies.last_search([key])
            st.markdown(absence_sentence(searched))
        for row in facts.head(4).itertuples():
            year = "" if pd.isna(row.annee_document) else f", {int(row.annee_document)}"
            st.markdown(
                f"**{markdown_escaped(row.titre)}**  \n"
                f"{label('etats_couverture', row.etat)}{year} · "
                f"{label('types_strategie', row.type)}"
            )
        if len(facts) > 4:
            st.caption(f"et {plural(len(facts) - 4, 'autre document', 'autres documents')}")
        st.page_link(
            "territoire.py",
            label="Voir la page du territoire",
            icon=":material/arrow_forward:",
            query_params={"t": key},
        )
        st.page_link(
            "comparer.py",
            label="Comparer avec ses voisins",
            icon=":material/compare_arrows:",
            query_params={"t": [key, *neighbours(key)[:3]]},
        )


def footer() -> None:
    """Close every page: what this is, and under which version."""
    st.divider()
    st.caption(
        f"**Stratoscope** compare les stratégies numériques des territoires français. "
        f"{exports.citation()} « Non renseigné » veut dire inconnu, jamais zéro."
    )


def choose_territories(page: str, view: View) -> list[str]:
    """Let the reader choose territories to compare, by typing their names."""
    offered = listed(view.t)
    labels = dict(zip(offered["cle"], offered["libelle"], strict=True))
    unknown = [key for key in view.t if key not in labels]
    for key in unknown:
        _unknown_territory(key)
    if unknown:
        view = keep_view(page, view, t=tuple(key for key in view.t if key in labels))
    return st.multiselect(
        "Territoires (2 à 6)",
        list(labels),
        format_func=labels.get,
        max_selections=MAX_COMPARED,
        key=widget_key(page, view, "t"),
        placeholder="Tapez un nom : région, département, intercommunalité ou commune",
        select_all=False,
    )


def choose_documents(page: str, view: View) -> View:
    """Let the reader choose the document of each territory that has several."""
    documents = strategies.documents(view.t)
    several = documents.groupby("cle").filter(lambda rows: len(rows) > 1)
    if several.empty:
        return view
    names = {row.cle: row.nom for row in described(map(parse_key, view.t)).itertuples()}
    chosen: list[str] = []
    with st.expander("Choisir les documents comparés", icon=":material/description:"):
        st.caption("Par défaut : le document en vigueur, à défaut le plus récent.")
        for key, rows in several.groupby("cle", sort=False):
            titles = {row.strategie_id: _document_label(row) for row in rows.itertuples()}
            picked = [code for code in view.doc if code in titles]
            widget = f"{page}:doc:{key}"
            if widget not in st.session_state:
                st.session_state[widget] = picked or [rows.iloc[0]["strategie_id"]]
            answer = st.multiselect(
                markdown_escaped(names[key]),
                list(titles),
                format_func=titles.get,
                key=widget,
                max_selections=2,
                help="Deux éditions d’un même territoire peuvent être mises côte à côte.",
            )
            if answer != [rows.iloc[0]["strategie_id"]]:
                chosen += answer
    return keep_view(page, view, doc=tuple(chosen))


def _document_label(row: object) -> str:
    year = "sans date" if is_missing(row.annee_document) else str(int(row.annee_document))
    return f"{row.titre} ({label('etats_couverture', row.etat).lower()}, {year})"


def wordings(side: Comparison) -> None:
    """Show the wordings of one theme side by side, each with its source."""
    tidy = by_theme(side.priorities)
    found = list(theme_matrix(side).index)
    chosen = st.pills(
        "Lire les intitulés d’un thème",
        found,
        format_func=lambda code: label("themes", code),
        key="comparer:intitules",
    )
    if not chosen:
        return
    columns = st.columns(len(side.names))
    for column, (key, name) in zip(columns, side.names.items(), strict=True):
        rows = tidy[(tidy["cle"] == key) & (tidy["theme"] == chosen)]
        with column:
            st.markdown(f"**{markdown_escaped(name)}**")
            for row in rows.itertuples():
                st.markdown(
                    f"Axe {row.rang} : « {markdown_escaped(row.intitule)} »  \n"
                    f"{link(row.source_editeur or row.source_titre, row.source_url)}"
                )
            if rows.empty:
                st.markdown("–")
