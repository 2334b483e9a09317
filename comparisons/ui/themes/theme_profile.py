"""Render the profile of a theme: wordings, territories, budgets, organisations."""

from functools import partial

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services.wording import format_short_counts
from comparisons.analysis.themes.similar_strategies import _MIN_AXES
from comparisons.analysis.themes.theme_profile import (
    MONEY_NOTE,
    OVERALL_NOTE,
    ThemeProfile,
    levels_statements,
    load_theme,
)
from comparisons.formatting import (
    curly_apostrophes,
    escape_markdown,
    format_approximation,
    format_euros,
    format_period,
    is_missing,
)
from comparisons.page_parameters import FeedParameters, ThemesParameters
from comparisons.queries.axes import format_rank
from comparisons.queries.sources import source_link
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_named, choose_one, page_link
from comparisons.ui.feeds import feed_button
from comparisons.ui.glossary import glossary_help
from comparisons.ui.shared_services.directory import organisation_link
from comparisons.ui.state import update_parameters, widget_key
from comparisons.ui.tables import (
    LIST_ROWS,
    choose_page,
    download_buttons,
    source_line,
    table_or_message,
)

# A list that may be partial does not say no.
_IN_OVERALL = {True: "en parle", False: "n’en parle pas (liste complète)"}


def show_theme(page: str, view: ThemesParameters) -> None:
    """Render the choice of a theme and its profile."""
    chosen = st.selectbox(
        "Thème",
        vocabulary_codes("themes"),
        format_func=partial(code_label, "themes"),
        key=widget_key(page, view, "fiche"),
    )
    view = update_parameters(page, view, fiche=chosen)
    view = choose_named(page, view)
    profile: ThemeProfile = load_theme(view.fiche, view.nommes)
    st.markdown(f"**{escape_markdown(profile.definition)}** Famille : {profile.famille.lower()}.")
    _show_levels(profile)
    page_link("carte", "Voir ce thème sur la carte", "map", question="theme", theme=view.fiche)
    view = choose_one(page, view, "echelon", "Niveau", {"": "Tous les niveaux", **LEVEL_NAMES})
    st.header("Les mots de chacun", anchor="mots", divider="gray")
    _show_wordings(_of_level(profile.intitules, view.echelon))
    st.header("Qui, dans quels documents", anchor="qui", divider="gray")
    _show_setters(_of_level(profile.territoires, view.echelon))
    st.header(
        "Avec quel argent",
        anchor="argent",
        divider="gray",
        help=glossary_help("Périmètre d’un montant", "Étape d’un montant"),
    )
    _show_budgets(profile)
    st.header(
        "Avec quels organismes",
        anchor="organismes",
        divider="gray",
        help=glossary_help("Organisme", "Mutualisation"),
    )
    st.markdown(escape_markdown(profile.pourquoi))
    _show_organisations(profile.organismes)
    st.header("Télécharger", anchor="telecharger", divider="gray")
    sheets = {
        "intitules": profile.intitules,
        "territoires": profile.territoires,
        "niveaux": profile.niveaux,
        "budgets": profile.budgets,
        "organismes": profile.organismes,
    }
    download_buttons(f"theme-{view.fiche}", sheets, f"Thème : {profile.libelle}", view)
    feed_button((f"Thème : {profile.libelle}", FeedParameters(theme=view.fiche)))
    source_line()


def _show_levels(profile: ThemeProfile) -> None:
    statements = levels_statements(profile.niveaux)
    st.markdown("\n".join(f"- {escape_markdown(statement.texte)}" for statement in statements))
    st.caption(OVERALL_NOTE)


def _of_level(rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return the rows of a level; all rows if it is empty."""
    return rows[rows["territoire_niveau"] == level] if level else rows


def _show_wordings(wordings: pd.DataFrame) -> None:
    orders = {
        "Niveau, puis territoire": (),
        "Nom du territoire": ("nom",),
        "Documents récents": ("-annee_document",),
    }
    rows = choose_page(wordings, LIST_ROWS, orders)
    table_or_message(
        {
            "Territoire": [_territory_link(row) for row in iterate_rows(rows)],
            "Intitulé": [_format_wording(row) for row in iterate_rows(rows)],
            "Rang": [format_rank(row) for row in iterate_rows(rows)],
            "Document": [_format_document(row) for row in iterate_rows(rows)],
            "Source": [_format_source(row) for row in iterate_rows(rows)],
        },
        "Aucun intitulé relevé ne porte ce thème.",
        ("Territoire", "Intitulé", "Document", "Source"),
    )


def _territory_link(row: object) -> str:
    return f"[{escape_markdown(row.nom)}](/territoire?t={row.cle})"


def _format_wording(row: object) -> str:
    secondary = "" if row.principal else " :small[(thème secondaire)]"
    detail = (
        "" if is_missing(row.description) else f"  \n:small[{escape_markdown(row.description)}]"
    )
    return f"{escape_markdown(row.intitule)}{secondary}{detail}"


def _format_document(row: object) -> str:
    year = "" if is_missing(row.annee_document) else f", {int(row.annee_document)}"
    state = code_label("etats_couverture", row.etat).lower()
    text = f"{escape_markdown(row.titre)}{year} ({state})"
    if row.nb_axes_nommes < _MIN_AXES:
        return text
    return f"{text} · [stratégies proches](/themes?partie=proches&strategie={row.strategie_id})"


def _format_source(row: object) -> str:
    location = "" if is_missing(row.localisation) else f", {row.localisation}"
    source = source_link(f"source{location}", row.source_url)
    return f"{source}, {code_label('certitudes', row.certitude).lower()}"


def _show_setters(setters: pd.DataFrame) -> None:
    orders = {
        "Niveau, puis territoire": (),
        "Nom du territoire": ("nom",),
        "Premier document connu": ("premier_document",),
    }
    rows = choose_page(setters, LIST_ROWS, orders)
    table_or_message(
        {
            "Territoire": [_territory_link(row) for row in iterate_rows(rows)],
            "Niveau": [code_label("niveaux", code) for code in rows["territoire_niveau"]],
            "Stratégie d’ensemble": [
                "on ne sait pas" if is_missing(in_overall) else _IN_OVERALL[bool(in_overall)]
                for in_overall in rows["dans_ensemble"]
            ],
            "Documents qui en parlent": [
                ", ".join(code_label("familles_strategie", code) for code in families)
                for families in rows["familles"]
            ],
            "Premier document connu": [
                "sans date" if is_missing(year) else str(int(year))
                for year in rows["premier_document"]
            ],
        },
        "Aucun document connu n’en parle.",
        ("Territoire", "Documents qui en parlent"),
    )


def _show_budgets(profile: ThemeProfile) -> None:
    rows = profile.budgets
    st.caption(MONEY_NOTE)
    table_or_message(
        {
            "Montant": [_format_amount(row) for row in iterate_rows(rows)],
            "Périmètre, étape": [
                f"{code_label('perimetres', row.perimetre)}, "
                f"{code_label('etapes', row.etape).lower()}"
                for row in iterate_rows(rows)
            ],
            "Période": [format_period(r.annee_debut, r.annee_fin) for r in iterate_rows(rows)],
            "Quoi": [_describe_amount(row) for row in iterate_rows(rows)],
            "Territoire": [_territory_link(row) for row in iterate_rows(rows)],
            "Source": [_format_source(row) for row in iterate_rows(rows)],
        },
        "Aucun montant connu n’est rattaché à une priorité de ce thème.",
        ("Quoi", "Territoire", "Source"),
    )


def _describe_amount(row: object) -> str:
    """Return the label of an amount and the priority that it funds, as Markdown."""
    secondary = "" if row.principal else " (thème secondaire)"
    priority = f"Priorité {row.rang} : {curly_apostrophes(row.intitule)}{secondary}"
    return f"{escape_markdown(row.libelle)}  \n:small[{escape_markdown(priority)}]"


def _format_amount(row: object) -> str:
    yearly = " par an" if row.recurrence == "annuel" else ""
    approximation = format_approximation(row.approximatif)
    return f"{approximation}{format_euros(row.montant)}{yearly}"


def _show_organisations(organisations: pd.DataFrame) -> None:
    orders = {"Territoires, du plus au moins": (), "Nom": ("nom",)}
    rows = choose_page(organisations, LIST_ROWS, orders)
    table_or_message(
        {
            "Organisme": [organisation_link(row) for row in iterate_rows(rows)],
            "Forme": [code_label("formes", code) for code in rows["forme"]],
            "Services": [
                ", ".join(code_label("services", code) for code in services)
                for services in rows["services"]
            ],
            "Territoires liés": [
                format_short_counts(row.nb_cites, row.nb_deduits) for row in iterate_rows(rows)
            ],
        },
        "Aucun organisme connu n’offre un service qui y réponde.",
        ("Organisme",),
    )
