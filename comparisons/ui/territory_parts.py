"""Parts of pages about one territory: figures, documents, links, card."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from comparisons.analysis.map_questions.views import map_of_territory
from comparisons.analysis.profile import Profile, describe_neighbours
from comparisons.analysis.themes.similar_strategies import has_candidates
from comparisons.exports import table_writers
from comparisons.exports.pdf import compiler
from comparisons.formatting import (
    MISSING,
    describe_absence,
    escape_markdown,
    format_number,
    format_partial_date,
    format_period,
    is_missing,
    pluralize,
)
from comparisons.queries import strategies
from comparisons.queries.sources import describe_readings, reread_on, source_link
from comparisons.queries.territories import load_territories, neighbours
from comparisons.schema.model import code_label
from comparisons.ui.basket import basket_button
from comparisons.ui.controls import page_link
from comparisons.ui.state import page_url
from comparisons.ui.tables import download

_MAX_LISTED = 8


def empty_state() -> None:
    """Render how to choose a territory, when none is selected."""
    st.title("Un territoire", anchor=False)
    st.info(
        "Cherchez une région, un département, une intercommunalité ou une commune en haut de la "
        "page, ou cliquez sur la carte.",
        icon=":material/search:",
    )
    st.page_link("carte.py", label="Aller à la carte", icon=":material/map:")


def metric_row(figures: Sequence[tuple[str, str, str]]) -> None:
    """Render a few figures (title, value, help) in a row of cards."""
    with st.grid(len(figures), min_column_width=150):
        for title, value, help_text in figures:
            if any(map(str.isdigit, value)):
                st.metric(title, value, help=help_text or None, border=True)
            else:
                # texts would be truncated at the size of a figure
                st.metric(title, "–", value, "off", help=help_text or None, border=True,
                          delta_arrow="off")  # fmt: skip


def territory_links(profile: Profile) -> None:
    """Render the links of a territory: to what contains it, peers, map, basket; its PDF."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for row in profile.containing.itertuples():
            page_link("territoire", escape_markdown(row.nom), "arrow_upward", t=row.cle)
        neighbours_link("Comparer avec ses voisins", profile.key)
        page_link("pairs", "Qui lui ressemble ?", "groups", t=profile.key)
        page_link("carte", "Voir sur la carte", "map", **map_of_territory(profile.key).to_query())
        basket_button(profile.key, "territoire")
    download(
        "Fiche à imprimer (PDF)",
        table_writers.file_name(f"fiche-{profile.key}", "pdf"),
        compiler.territory_pdf,
        profile.key,
        f"{page_url() or '/territoire'}?t={profile.key}",
        key=f"{profile.key}:fiche",
        icon=":material/print:",
    )


def neighbours_link(label: str, key: str) -> None:
    """Render a link to the comparison of a territory with its three main neighbours."""
    page_link("comparer", label, "compare_arrows", t=[key, *neighbours(key)[:3]])


def enclosing_strategies(profile: Profile) -> None:
    """Render the documents of other territories whose area includes this one."""
    current = profile.enclosing_documents[profile.enclosing_documents["etat"] != "terminee"]
    if current.empty:
        return
    title = "Documents plus larges, dont l’aire comprend ce territoire"
    with st.expander(title, icon=":material/arrow_upward:", expanded=profile.documents.empty):
        _show_territory_links(current)


def neighbour_strategies(profile: Profile) -> None:
    """Render what is known of the neighbours, with links to those that have a document."""
    rows = profile.neighbours
    st.markdown(escape_markdown(describe_neighbours(rows)))
    _show_territory_links(rows.head(_MAX_LISTED))
    if len(rows) > _MAX_LISTED:
        with st.expander(f"Les {len(rows) - _MAX_LISTED} autres"):
            _show_territory_links(rows.iloc[_MAX_LISTED:])


def _show_territory_links(rows: pd.DataFrame) -> None:
    """Render links to the territories of documents (`cle`, `nom`, `titre`, type, state, year)."""
    for row in rows.itertuples():
        page_link(
            "territoire",
            f"**{escape_markdown(row.nom)}** : {escape_markdown(row.titre)} "
            f"({escape_markdown(_describe_document(row))})",
            "arrow_forward",
            t=row.cle,
        )


def _describe_document(row: object) -> str:
    """Return the type of a document, its shared area, its state and its year."""
    details = [code_label("types_strategie", row.type).lower(), getattr(row, "aire", "")]
    details.append(code_label("etats_couverture", row.etat).lower())
    details.append("" if is_missing(row.annee_document) else f"{int(row.annee_document)}")
    return ", ".join(filter(None, details))


def strategy_card(row: object) -> None:
    """Render one strategy: state, period, owner, summary, source."""
    year = "" if is_missing(row.annee_document) else f" · {int(row.annee_document)}"
    heading = f"**{escape_markdown(row.titre)}** · {strategies.describe_state(row)}{year}"
    with st.expander(heading, expanded=row.rang == 1):
        st.markdown(escape_markdown(row.resume))
        lines = {
            "Type": code_label("types_strategie", row.type),
            "Adoption": format_partial_date(row.date_adoption),
            "Période": format_period(row.annee_debut, row.annee_fin),
            "Porteur": row.porteur_nom,
            "Pilotage": MISSING
            if is_missing(row.pilotage)
            else code_label("pilotages", row.pilotage),
            "Gouvernance": row.gouvernance,
            "Certitude": code_label("certitudes", row.certitude),
        }
        if row.lien != "propre":
            lines["Lien"] = (
                "Portée par un territoire jumeau"
                if row.lien == "jumeau"
                else "Document de plusieurs territoires, dont celui-ci"
            )
        if row.etat_deduit:
            lines["État déduit"] = (
                "la période est échue"
                if is_missing(row.remplacee_par)
                else f"remplacée par « {row.remplacee_par_titre} »"
            )
        st.markdown(
            "  \n".join(f"{title} : {escape_markdown(value)}" for title, value in lines.items())
        )
        publication = (
            "" if is_missing(row.source_date) else f", {format_partial_date(row.source_date)}"
        )
        st.markdown(
            f"Source : {source_link(row.source_titre, row.source_url)} "
            f"({escape_markdown(row.source_editeur)}{publication}, "
            f"{describe_readings(row.source_consulte_le, reread_on(row.source_url))})"
        )
        if has_candidates(row.strategie_id, row.famille, row.nb_priorites_nommees):
            page_link(
                "themes",
                "Stratégies proches par leurs mots",
                "join_inner",
                partie="proches",
                strategie=row.strategie_id,
            )


def territory_card(key: str) -> None:
    """Render the essentials of a territory beside the map, and links to other pages."""
    territory = load_territories((key,)).iloc[0]
    with st.container(border=True):
        st.markdown(f"## {escape_markdown(territory.nom)}")
        st.caption(
            f"{format_number(territory.population)} habitants ({territory.population_annee}) · "
            f"{pluralize(territory.nb_communes, 'commune')}"
        )
        facts = strategies.strategies_of((key,))
        if facts.empty:
            lookups = strategies.last_lookups((key,))
            st.markdown(describe_absence(lookups))
            enclosing = strategies.enclosing_strategies(key)
            for row in enclosing[enclosing["etat"] != "terminee"].head(3).itertuples():
                st.markdown(
                    f"Dans l’aire de : **{escape_markdown(row.titre)}**  \n"
                    f"{escape_markdown(row.nom)} ({escape_markdown(_describe_document(row))})"
                )
        for row in facts.head(4).itertuples():
            year = "" if pd.isna(row.annee_document) else f", {int(row.annee_document)}"
            st.markdown(
                f"**{escape_markdown(row.titre)}**  \n"
                f"{strategies.describe_state(row)}{year} · "
                f"{code_label('types_strategie', row.type)}"
            )
        if len(facts) > 4:
            st.caption(f"et {pluralize(len(facts) - 4, 'autre document', 'autres documents')}")
        page_link("territoire", "Voir la page du territoire", "arrow_forward", t=key)
        neighbours_link("Comparer avec ses voisins", key)
        basket_button(key, "carte")
