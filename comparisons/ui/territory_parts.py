"""Parts of pages about one territory: figures, documents, links, card."""

from datetime import date

import pandas as pd
import streamlit as st

from comparisons.analysis.profile import (
    Profile,
    describe_identity,
    describe_neighbours,
    describe_size,
    verdict,
)
from comparisons.analysis.replies import REPLY_COLUMN
from comparisons.analysis.themes.similar_strategies import has_candidates
from comparisons.exports import reply_sheets, table_writers
from comparisons.exports.office import office_files
from comparisons.exports.pdf import compiler
from comparisons.formatting import (
    MISSING,
    curly_apostrophes,
    describe_absence,
    escape_markdown,
    format_number,
    format_partial_date,
    format_period,
    is_missing,
    pluralize,
    shorten,
)
from comparisons.page_parameters import MAX_COMPARED
from comparisons.queries import strategies
from comparisons.queries.sources import describe_readings, reread_on, source_link
from comparisons.queries.territories import load_territories, neighbours
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.basket import basket_button
from comparisons.ui.controls import page_link
from comparisons.ui.reports import report_error_link
from comparisons.ui.state import page_url
from comparisons.ui.tables import download

_MAX_LISTED = 8
# Letters of the summary of a document at the top of a page.
_MAX_SUMMARY = 260


def empty_state() -> None:
    """Render how to choose a territory, when none is selected."""
    st.title("Un territoire", anchor=False)
    st.info(
        "Cherchez une région, un département, une intercommunalité ou une commune en haut de la "
        "page, ou cliquez sur la carte.",
        icon=":material/search:",
    )
    st.page_link("carte.py", label="Aller à la carte", icon=":material/map:")


def territory_header(profile: Profile) -> None:
    """Render what a territory is, what is known of it in a sentence, and what can be done."""
    st.title(escape_markdown(profile.name), anchor=False)
    st.markdown(escape_markdown(f"{describe_identity(profile)} {describe_size(profile)}"))
    st.markdown(f"**{escape_markdown(verdict(profile))}**")
    if profile.replies_sentence:
        st.markdown(f":material/fact_check: {escape_markdown(profile.replies_sentence)}")
    for row in iterate_rows(profile.documents.head(1)):
        if not is_missing(row.resume):
            summary = shorten(curly_apostrophes(row.resume), _MAX_SUMMARY)
            st.caption(escape_markdown(f"« {curly_apostrophes(row.titre)} » : {summary}"))
    for sentence in profile.twins:
        st.caption(sentence)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        download(
            "Fiche à imprimer (PDF)",
            table_writers.file_name(f"fiche-{profile.key}", "pdf"),
            compiler.territory_pdf,
            profile.key,
            f"{page_url() or '/territoire'}?t={profile.key}",
            key=f"{profile.key}:fiche",
            icon=":material/print:",
            type="primary",
        )
        with st.popover("À modifier", icon=":material/edit_document:"):
            for title, extension, icon in (
                ("Note (Word)", "docx", "description"),
                ("Diaporama (PowerPoint)", "pptx", "slideshow"),
            ):
                download(
                    title,
                    table_writers.file_name(f"fiche-{profile.key}", extension),
                    office_files.territory_file,
                    *(profile.key, extension, f"{page_url() or '/territoire'}?t={profile.key}"),
                    key=f"{profile.key}:{extension}",
                    icon=f":material/{icon}:",
                )
        if not profile.is_empty:
            _reply_files(profile.key)
        basket_button(profile.key, "territoire")
        neighbours_link("Comparer avec ses voisins", profile.key)
        page_link("pairs", "Qui lui ressemble ?", "groups", t=profile.key)
        page_link("themes", "Chercher chez ce territoire", "search", chez=profile.key)
        page_link("mutualisation", "Avec qui mutualiser ?", "hub", partie="avec_qui", t=profile.key)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for row in iterate_rows(profile.containing):
            level = code_label("niveaux", row.territoire_niveau).lower()
            page_link(
                "territoire", f"{escape_markdown(row.nom)} ({level})", "arrow_upward", t=row.cle
            )


def _reply_files(key: str) -> None:
    """Render the files in which a territory says which of its facts are exact."""
    with st.popover("Relire ces faits", icon=":material/fact_check:"):
        st.caption(
            "C’est votre territoire ? Dites quels faits sont exacts : remplissez la fiche, puis "
            "déposez-la sur la page Contribuer. Le fait publié reste affiché, votre réponse à côté."
        )
        for title, extension, make in (
            ("Fiche à relire (Excel)", "xlsx", reply_sheets.reply_sheet),
            ("Fiche à imprimer (Word)", "docx", reply_sheets.reply_letter),
        ):
            download(
                title,
                table_writers.file_name(f"a-relire-{key}", extension),
                make,
                *(key, date.today().isoformat()),
                key=f"{key}:relire:{extension}",
                icon=":material/fact_check:",
            )


def neighbours_link(label: str, key: str) -> None:
    """Render a link to the comparison of a territory with its neighbours, if it has any.

    Where they are too many, the label says how many are taken, which the comparison names.
    """
    keys = neighbours(key)
    taken = keys[: MAX_COMPARED - 1]
    if len(keys) > len(taken):
        label += f" ({len(taken)} sur {len(keys)})"
    if taken:
        page_link("comparer", label, "compare_arrows", t=[key, *taken])


def enclosing_strategies(profile: Profile) -> None:
    """Render the documents of other territories whose area includes this one."""
    current = profile.current_enclosing_documents()
    if current.empty:
        return
    title = "Documents plus larges, dont l’aire comprend ce territoire"
    with st.expander(title, icon=":material/arrow_upward:", expanded=profile.documents.empty):
        show_territory_links(current)


def neighbour_strategies(profile: Profile) -> None:
    """Render what is known of the neighbours, with links to those that have a document."""
    rows = profile.neighbours
    st.markdown(escape_markdown(describe_neighbours(rows)))
    show_territory_links(rows.head(_MAX_LISTED))
    if len(rows) > _MAX_LISTED:
        with st.expander(f"Les {len(rows) - _MAX_LISTED} autres"):
            show_territory_links(rows.iloc[_MAX_LISTED:])


def show_territory_links(rows: pd.DataFrame) -> None:
    """Render links to the territories of documents (`cle`, `nom`, `titre`, type, state, year).

    `distance_km`, if any, is said too.
    """
    lines = []
    for row in iterate_rows(rows):
        distance = getattr(row, "distance_km", None)
        away = "" if distance is None else f", à {format_number(distance)} km"
        lines.append(
            f"- [**{escape_markdown(row.nom)}**](/territoire?t={row.cle}){away} : "
            f"{escape_markdown(row.titre)} ({escape_markdown(_describe_document(row))})"
        )
    st.markdown("\n".join(lines))


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
        if reply := getattr(row, "avis", None):
            st.markdown(f"{REPLY_COLUMN} : {reply.to_markdown()}")
        publication = (
            "" if is_missing(row.source_date) else f", {format_partial_date(row.source_date)}"
        )
        st.markdown(
            f"Source : {source_link(row.source_titre, row.source_url)} "
            f"({escape_markdown(row.source_editeur)}{publication}, "
            f"{describe_readings(row.source_consulte_le, reread_on(row.source_url))}) · "
            f"{report_error_link('strategies', row.strategie_id)}"
        )
        if has_candidates(row.strategie_id, row.famille, row.nb_priorites_nommees):
            page_link(
                "themes",
                "Stratégies proches par leurs mots",
                "join_inner",
                partie="proches",
                strategie=row.strategie_id,
            )


def territory_card(key: str, is_titled: bool = True) -> None:
    """Render the essentials of a territory beside the map, and links to other pages."""
    territory = load_territories((key,)).iloc[0]
    with st.container(border=is_titled):
        if is_titled:
            st.markdown(f"## {escape_markdown(territory.nom)}")
        communes = f" · {pluralize(territory.nb_communes, 'commune')}"
        st.caption(
            f"{format_number(territory.population)} habitants ({territory.population_annee})"
            f"{communes if territory.territoire_niveau != 'commune' else ''}"
        )
        facts = strategies.strategies_of((key,))
        if facts.empty:
            lookups = strategies.last_lookups((key,))
            st.markdown(describe_absence(lookups))
            enclosing = strategies.enclosing_strategies(key)
            for row in iterate_rows(enclosing[enclosing["etat"] != "terminee"].head(3)):
                st.markdown(
                    f"Dans l’aire de : **{escape_markdown(row.titre)}**  \n"
                    f"{escape_markdown(row.nom)} ({escape_markdown(_describe_document(row))})"
                )
        for row in iterate_rows(facts.head(4)):
            year = "" if pd.isna(row.annee_document) else f", {int(row.annee_document)}"
            st.markdown(
                f"**{escape_markdown(row.titre)}**  \n"
                f"{strategies.describe_state(row)}{year} · "
                f"{code_label('types_strategie', row.type)}"
            )
        if len(facts) > 4:
            st.caption(f"et {pluralize(len(facts) - 4, 'autre document', 'autres documents')}")
        page_link("territoire", "Voir la page du territoire", "arrow_forward", t=key)
        page_link("pairs", "Qui lui ressemble ?", "groups", t=key)
        neighbours_link("Comparer avec ses voisins", key)
        basket_button(key, "carte")
