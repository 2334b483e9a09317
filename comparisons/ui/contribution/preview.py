"""Render the preview of a strategy before it is published, for its reader alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from comparisons.analysis.missing_facts import missing_facts
from comparisons.build.preview import Preview, PreviewError
from comparisons.concurrency import PAGE_LIMITER, PREVIEW_LIMITER, release_page_slot
from comparisons.database.connection import query, use_preview
from comparisons.datapackage.isolated_check import CheckRefusedError
from comparisons.formatting import curly_apostrophes, escape_markdown, format_number, pluralize
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, load_format
from comparisons.ui.contribution.checking import Upload, holder
from comparisons.ui.contribution.holdings import HOLDINGS, QuotaError
from comparisons.ui.controls import page_link
from comparisons.ui.state import PREVIEW_MARK
from comparisons.ui.tables import text_table
from comparisons.ui.territory_parts import neighbours_link

_PREVIEW = "apercu"
# Whether the reader has opened the preview, and not left it.
_IS_OPEN = "apercu:ouvert"
_IS_LOST = "apercu:perdu"
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
    session, token = holder()
    return HOLDINGS.get(session, f"{token}:{_PREVIEW}")


def _close_preview() -> None:
    """Close the preview and delete its data."""
    session, token = holder()
    HOLDINGS.release(session, f"{token}:{_PREVIEW}")
    st.session_state[_IS_OPEN] = False


def _open_preview(uploaded: Upload) -> None:
    """Read the file again, with its rows, and hold its preview.

    Raises `PreviewError`, `CheckRefusedError` or `QuotaError`, in French.
    """
    session, token = holder()
    with (
        st.spinner("Préparation de l’aperçu…"),
        release_page_slot(),
        HOLDINGS.one_at_a_time(session, f"{token}:preparation"),
    ):
        report = uploaded.file.read_report()
        with PREVIEW_LIMITER.slot():
            preview = Preview.from_package(report, uploaded.file.published)
    try:
        HOLDINGS.hold(session, f"{token}:{_PREVIEW}", preview, preview.weight)
    except QuotaError:
        preview.close()
        raise
    st.session_state[_IS_OPEN] = True
    st.session_state.pop(_IS_LOST, None)
    st.session_state["apercu:fichier"] = uploaded.identifier


def preview_banner() -> None:
    """Render the banner of an open preview, with the button that closes it."""
    preview = current_preview()
    if preview is None:
        _say_preview_is_gone()
        return
    if PREVIEW_MARK not in st.query_params:
        st.query_params[PREVIEW_MARK] = "oui"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            ":material/visibility: **Aperçu.** Ces pages montrent aussi "
            f"« {escape_markdown(preview.package_name)} », pour vous seul ; les fichiers et "
            "requêtes de la page Données restent ceux des données publiées."
        )
        st.button("Quitter l’aperçu", key="apercu:quitter", on_click=_close_preview)


def _say_preview_is_gone() -> None:
    """Say it once the preview of this address, or of this session, is no longer there.

    The site forgets previews when it restarts, or soon after a tab is closed; the address of the
    page, which the browser sends again, tells that there was one.
    """
    state = st.session_state
    is_marked = PREVIEW_MARK in st.query_params
    # left by its reader: an outdated address may still say so
    was_left = state.get(_IS_OPEN) is False
    if state.get(_IS_OPEN) or (is_marked and not was_left):
        state[_IS_LOST] = True
        state[_IS_OPEN] = False
    st.query_params.pop(PREVIEW_MARK, None)
    if not state.get(_IS_LOST):
        return
    st.warning(
        "**L’aperçu n’est plus là** : le site a redémarré, ou cet onglet est resté fermé trop "
        "longtemps. Ces pages montrent de nouveau les seules données publiées ; pour revoir les "
        "vôtres, déposez le fichier dans Contribuer.",
        icon=":material/visibility_off:",
    )
    st.button("J’ai compris", key="apercu:compris", on_click=lambda: state.pop(_IS_LOST, None))


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
        try:
            _open_preview(uploaded)
        except (PreviewError, CheckRefusedError, QuotaError) as error:
            st.error(escape_markdown(error), icon=":material/error:")
            return
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
    for row in iterate_rows(territories):
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
                "Où": list(map(_name_location, rows["ou"])),
            }
        ).head(_MAX_LISTED)
    )


def _name_location(location: str) -> str:
    """Return « table : columns » in the words of the template, « Stratégies : statut »."""
    name, _, columns = location.partition(" : ")
    table = load_format().tables[name]
    titles = (table.field(column).title for column in columns.split(", "))
    return f"{table.title} : {', '.join(titles)}"
