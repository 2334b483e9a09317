"""Render the strategies most similar to one, by the wordings of their priorities."""

import pandas as pd
import streamlit as st

from comparisons.analysis.completeness.reliability import describe_axes
from comparisons.analysis.themes import similar_strategies
from comparisons.formatting import capitalize_first, curly_apostrophes, escape_markdown, is_missing
from comparisons.page_parameters import ThemesParameters
from comparisons.queries.sources import source_link
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.controls import choose_named
from comparisons.ui.state import update_parameters, widget_key
from comparisons.ui.tables import TextColumns, download_buttons, source_line, text_table

_CHOOSE = "Choisir une stratégie"
_INTRODUCTION = (
    "Les documents d’une même famille dont des axes sont écrits avec des mots voisins : de quoi "
    "trouver des territoires qui se sont posé les mêmes questions."
)


def show_similar(page: str, view: ThemesParameters) -> None:
    """Render the choice of a strategy and the strategies with similar wordings."""
    view = choose_named(page, view, "mots_nommes")
    strategies = similar_strategies.searchable_strategies(view.mots_nommes)
    titles = {row.strategie_id: _document_title(row) for row in iterate_rows(strategies)}
    if view.strategie and view.strategie not in titles:
        _show_no_match_reason(view)
        view = update_parameters(page, view, strategie="", autre="")
    chosen = st.selectbox(
        f"Document d’au moins {similar_strategies._MIN_AXES} axes relevés",
        tuple(titles),
        format_func=titles.get,
        index=None,
        placeholder=_CHOOSE,
        key=widget_key(page, view, "strategie"),
    )
    if (chosen or "") != view.strategie:
        st.session_state.pop(f"{page}:autre", None)
        view = update_parameters(page, view, autre="")
    view = update_parameters(page, view, strategie=chosen or "")
    st.markdown(_INTRODUCTION)
    if chosen:
        _show_matches(page, view, titles)
    with st.expander("Comment les axes sont rapprochés", icon=":material/straighten:"):
        st.markdown(f"{similar_strategies.METHOD} {describe_axes()}")


def _show_matches(page: str, view: ThemesParameters, titles: dict[str, str]) -> None:
    chosen = view.strategie
    matches = similar_strategies.similar_strategies(chosen, view.mots_nommes)
    if matches.empty:
        st.markdown(escape_markdown(similar_strategies.no_match_reason(chosen, view.mots_nommes)))
        return
    st.header("Les plus proches", anchor="proches", divider="gray")
    text_table(_matches_table(chosen, matches), ("Stratégie", "Axes qui se répondent"))
    reserves = matches["reserves"].explode().dropna().unique()
    scope = matches["portee"].iloc[0]
    st.caption(". ".join(capitalize_first(text) for text in (scope, *reserves)) + ".")
    st.header("Les mots qui les rapprochent", anchor="mots", divider="gray")
    view = _choose_other(page, view, matches)
    pairs = similar_strategies.matching_wordings(view.strategie, view.autre, view.mots_nommes)
    text_table(_pairs_table(pairs), ("Chez l’une", "Chez l’autre"))
    sheets = {"proches": matches, "intitules": pairs}
    download_buttons(f"proches-{chosen}", sheets, f"Stratégies proches : {titles[chosen]}", view)
    source_line()


def _document_title(row: object) -> str:
    year = "" if is_missing(row.annee_document) else f" ({int(row.annee_document)})"
    return f"{curly_apostrophes(row.nom)} : {curly_apostrophes(row.titre)}{year}"


def _show_no_match_reason(view: ThemesParameters) -> None:
    try:
        reason = similar_strategies.no_match_reason(view.strategie, view.mots_nommes)
        st.info(escape_markdown(reason), icon=":material/info:")
    except KeyError:
        known = "connue de sources officielles" if view.source_type else "connue"
        st.warning(f"« {escape_markdown(view.strategie)} » n’est pas une stratégie {known}.")


def _matches_table(chosen: str, matches: pd.DataFrame) -> TextColumns:
    return {
        "Stratégie": [
            f"[{escape_markdown(_document_title(row))}](/territoire?t={row.cle})"
            + (" · même collectivité" if row.meme_collectivite else "")
            for row in iterate_rows(matches)
        ],
        "Axes qui se répondent": [
            f"{row.nb_repondues} sur {row.nb_axes} ; chez l’autre {row.nb_repondues_autre} "
            f"sur {row.nb_axes_autre} · "
            f"[les voir](/themes?partie=proches&strategie={chosen}&autre={row.strategie_id})"
            for row in iterate_rows(matches)
        ],
        "État": [code_label("etats_couverture", code) for code in matches["etat"]],
    }


def _choose_other(page: str, view: ThemesParameters, matches: pd.DataFrame) -> ThemesParameters:
    titles = {row.strategie_id: _document_title(row) for row in iterate_rows(matches)}
    first_id = next(iter(titles))
    key = widget_key(page, view, "autre", first_id)
    if st.session_state[key] not in titles:
        st.session_state[key] = first_id
    other_id = st.selectbox("Comparer avec", tuple(titles), format_func=titles.get, key=key)
    return update_parameters(page, view, autre=other_id)


def _pairs_table(pairs: pd.DataFrame) -> TextColumns:
    return {
        "Chez l’une": [_format_wording(row, "") for row in iterate_rows(pairs)],
        "Chez l’autre": [_format_wording(row, "_autre") for row in iterate_rows(pairs)],
        "Thèmes communs": [
            ", ".join(code_label("themes", code) for code in common) or "aucun"
            for common in pairs["themes_communs"]
        ],
    }


def _format_wording(row: object, suffix: str) -> str:
    """Return a wording with its rank and source, as Markdown; `suffix` selects the columns."""
    rank, wording = getattr(row, f"rang{suffix}"), getattr(row, f"intitule{suffix}")
    source = source_link("source", getattr(row, f"source_url{suffix}"))
    return f"{rank}. {escape_markdown(wording)} :small[{source}]".replace(".", "\\.", 1)
