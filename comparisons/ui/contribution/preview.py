"""Render the preview of a strategy before it is published, for its reader alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from comparisons.analysis.missing_facts import missing_facts
from comparisons.build.preview import Preview, PreviewError
from comparisons.concurrency import PAGE_LIMITER, PREVIEW_LIMITER, release_page_slot
from comparisons.database.connection import query, use_preview
from comparisons.formatting import curly_apostrophes, escape_markdown, format_number, pluralize
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label
from comparisons.ui.contribution.checking import Upload, published_tables
from comparisons.ui.controls import page_link
from comparisons.ui.tables import text_table
from comparisons.ui.territory_parts import neighbours_link

_PREVIEW = "apercu"
_MAX_LISTED = 12
_MAX_PAGE_SECONDS = 20
_MANY_TERRITORIES = 200


@contextmanager
def page_turn() -> Iterator[None]:
    """Wait for the turn of this page, and let it read what its reader sees until it is over.

    Previews wait for one another only, and have a limited time.
    """
    preview = current_preview()
    if preview is None:
        with PAGE_LIMITER.slot(), use_preview(None):
            yield
        return
    try:
        with PREVIEW_LIMITER.slot(), use_preview(preview), preview.time_limit(_MAX_PAGE_SECONDS):
            yield
    except PreviewError as error:
        st.error(escape_markdown(error), icon=":material/timer_off:")


def current_preview() -> Preview | None:
    """Return the open preview of this reader, or None."""
    return st.session_state.get(_PREVIEW)


def _close_preview() -> None:
    """Close the preview and delete its data."""
    preview = st.session_state.pop(_PREVIEW, None)
    if preview is not None:
        preview.close()


def preview_banner() -> None:
    """Render the banner of an open preview, with the button that closes it."""
    preview = current_preview()
    if preview is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            ":material/visibility: **Aperçu.** Ces pages montrent aussi "
            f"« {escape_markdown(preview.package_name)} », pour vous seul ; les fichiers et "
            "requêtes de la page Données restent ceux des données publiées."
        )
        st.button("Quitter l’aperçu", key="apercu:quitter", on_click=_close_preview)


def show_preview(page: str, uploaded: Upload) -> None:
    """Render the opening of the preview of a valid file, links to pages, and missing facts."""
    if st.session_state.get("apercu:fichier") != uploaded.identifier:
        _close_preview()
    if current_preview() is None:
        st.markdown(
            "Voyez vos données dans le site comme si elles étaient publiées : la fiche de votre "
            "territoire, vos pairs, la comparaison. Vous seul les voyez, jusqu’à la fin de cette "
            "session."
        )
        if not st.button(
            "Ouvrir l’aperçu", type="primary", icon=":material/visibility:", key=f"{page}:ouvrir"
        ):
            return
        with (
            st.spinner("Préparation de l’aperçu…"),
            release_page_slot(),
            PREVIEW_LIMITER.slot(),
        ):
            try:
                preview = Preview.from_package(uploaded.report, published_tables())
            except PreviewError as error:
                st.error(escape_markdown(error), icon=":material/error:")
                return
        st.session_state[_PREVIEW] = preview
        st.session_state["apercu:fichier"] = uploaded.identifier
        st.rerun()
    preview = current_preview()
    st.markdown(
        f"**Aperçu ouvert** : {pluralize(len(preview.strategies), 'stratégie')}"
        + (
            f", dont {format_number(len(preview.replaced))} qui en remplacent de publiées"
            if preview.replaced
            else ""
        )
        + "."
    )
    with use_preview(preview):
        _show_links(preview)
        _show_missing(preview)


def _show_links(preview: Preview) -> None:
    territories = load_territories(preview.territories[:_MAX_LISTED])
    for row in territories.itertuples():
        level = code_label("niveaux", row.territoire_niveau).lower()
        name = f"{escape_markdown(curly_apostrophes(row.nom))}** ({level})"
        with st.container(horizontal=True, vertical_alignment="center"):
            page_link("territoire", f"**{name} : sa fiche", "location_city", t=row.cle)
            page_link("pairs", "ses pairs", "groups", t=row.cle)
            neighbours_link("à côté de ses voisins", row.cle)
            page_link("carte", "sur la carte", "map", niveau=row.territoire_niveau, t=row.cle)
    other_count = len(preview.territories) - _MAX_LISTED
    if other_count > 0:
        st.caption(f"et {pluralize(other_count, 'autre territoire', 'autres territoires')}")


def _show_missing(preview: Preview) -> None:
    st.subheader("Ce qui manque pour être comparable", anchor=False)
    strategy = preview.strategies[0] if preview.strategies else ""
    if len(preview.strategies) > 1:
        proposed = preview.strategies[:_MANY_TERRITORIES]
        rows = query(
            "SELECT strategie_id, titre FROM strategies WHERE list_contains(?, strategie_id)",
            [list(proposed)],
        )
        titles = dict(zip(rows["strategie_id"], map(curly_apostrophes, rows["titre"]), strict=True))
        strategy = st.selectbox(
            "Stratégie",
            proposed,
            format_func=titles.get,
            key="contribuer:strategie_vue",
        )
    rows = missing_facts((strategy,)) if strategy else pd.DataFrame()
    if rows.empty:
        st.markdown("Rien d’important : tout ce que d’autres renseignent l’est.")
        return
    st.caption("Le plus utile d’abord : ce qui mettrait votre stratégie à côté du plus d’autres.")
    text_table(
        pd.DataFrame(
            {
                "À ajouter": rows["manque"],
                "Pourquoi": rows["pourquoi"],
                "Où": [f"`{location}`" for location in rows["ou"]],
            }
        ).head(_MAX_LISTED),
        ("Où",),
    )
