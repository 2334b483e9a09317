"""The sheet of a theme: what it is, who speaks of it and where, in which words, with what money."""

from functools import partial

import pandas as pd
import streamlit as st

from comparisons.analysis.themes.similar_strategies import LEAST_AXES
from comparisons.analysis.themes.theme_profile import (
    MONEY_NOTE,
    OVERALL_NOTE,
    Sheet,
    levels_statements,
    sheet,
)
from comparisons.database.cache import cached
from comparisons.formatting import (
    euros,
    is_missing,
    markdown_escaped,
    number,
    period,
    plural,
    typographic,
)
from comparisons.parameters import ThemesView
from comparisons.queries.axes import rank_words
from comparisons.queries.sources import source_link
from comparisons.schema.model import codes, label
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_named, choose_one
from comparisons.ui.state import keep_view, widget_key
from comparisons.ui.tables import downloads, facts, source_line

SHOWN = 30


def show_sheet(page: str, view: ThemesView) -> None:
    """Let the reader choose a theme, and show all that is recorded of it."""
    chosen = st.selectbox(
        "Thème",
        codes("themes"),
        format_func=partial(label, "themes"),
        key=widget_key(page, view, "fiche"),
    )
    view = keep_view(page, view, fiche=chosen)
    view = choose_named(page, view)
    known: Sheet = cached(sheet)(view.fiche, view.nommes)
    st.markdown(f"**{markdown_escaped(known.definition)}** Famille : {known.famille.lower()}.")
    _show_levels(known)
    st.page_link(
        "carte.py",
        label="Voir ce thème sur la carte",
        icon=":material/map:",
        query_params={"question": "theme", "theme": view.fiche},
    )
    view = choose_one(page, view, "echelon", "Niveau", {"": "Tous les niveaux", **LEVEL_NAMES})
    st.header("Les mots de chacun", anchor="mots", divider="gray")
    _show_wordings(page, _of_level(known.intitules, view.echelon))
    st.header("Qui, dans quels documents", anchor="qui", divider="gray")
    _show_setters(page, _of_level(known.territoires, view.echelon))
    st.header("Avec quel argent", anchor="argent", divider="gray")
    _show_budgets(known)
    st.header("Avec quels organismes", anchor="organismes", divider="gray")
    st.markdown(markdown_escaped(known.pourquoi))
    _show_bodies(page, known.organismes)
    st.header("Télécharger", anchor="telecharger", divider="gray")
    sheets = {
        "intitules": known.intitules,
        "territoires": known.territoires,
        "niveaux": known.niveaux,
        "budgets": known.budgets,
        "organismes": known.organismes,
    }
    downloads(f"theme-{view.fiche}", sheets, f"Thème : {known.libelle}", view)
    source_line()


def _show_levels(known: Sheet) -> None:
    said = levels_statements(known.niveaux)
    st.markdown("\n".join(f"- {each.texte}" for each in said))
    st.caption(OVERALL_NOTE)


def _of_level(rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """Keep the rows of a level, or all without one."""
    return rows[rows["territoire_niveau"] == level] if level else rows


def _more(page: str, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Give the first rows, or all once the reader has asked for them."""
    if len(rows) <= SHOWN or st.session_state.get(f"{page}:{name}:tous"):
        return rows
    return rows.head(SHOWN)


def _ask_for_more(page: str, name: str, rows: pd.DataFrame) -> None:
    if len(rows) > SHOWN:
        st.checkbox(f"Tout montrer ({number(len(rows))} lignes)", key=f"{page}:{name}:tous")


def _show_wordings(page: str, wordings: pd.DataFrame) -> None:
    rows = _more(page, "mots", wordings)
    facts(
        pd.DataFrame(
            {
                "Territoire": [_territory(row) for row in rows.itertuples()],
                "Intitulé": [_wording(row) for row in rows.itertuples()],
                "Rang": [rank_words(row) for row in rows.itertuples()],
                "Document": [_document(row) for row in rows.itertuples()],
                "Source": [_source(row) for row in rows.itertuples()],
            }
        ).reset_index(drop=True),
        "Aucun intitulé relevé ne porte ce thème.",
        ("Territoire", "Intitulé", "Document", "Source"),
    )
    _ask_for_more(page, "mots", wordings)


def _territory(row: object) -> str:
    return f"[{markdown_escaped(row.nom)}](/territoire?t={row.cle})"


def _wording(row: object) -> str:
    secondary = "" if row.principal else " :small[(thème secondaire)]"
    more = "" if is_missing(row.description) else f"  \n:small[{markdown_escaped(row.description)}]"
    return f"{markdown_escaped(row.intitule)}{secondary}{more}"


def _document(row: object) -> str:
    year = "" if is_missing(row.annee_document) else f", {int(row.annee_document)}"
    state = label("etats_couverture", row.etat).lower()
    said = f"{markdown_escaped(row.titre)}{year} ({state})"
    if row.nb_axes_nommes < LEAST_AXES:
        return said
    return f"{said} · [stratégies proches](/themes?partie=proches&strategie={row.strategie_id})"


def _source(row: object) -> str:
    where = "" if is_missing(row.localisation) else f", {row.localisation}"
    source = source_link(f"source{where}", row.source_url)
    return f"{source}, {label('certitudes', row.certitude).lower()}"


def _show_setters(page: str, setters: pd.DataFrame) -> None:
    rows = _more(page, "qui", setters)
    facts(
        pd.DataFrame(
            {
                "Territoire": [_territory(row) for row in rows.itertuples()],
                "Niveau": [label("niveaux", code) for code in rows["territoire_niveau"]],
                "Stratégie d’ensemble": [
                    "non lue" if is_missing(said) else "en parle" if said else "axe non relevé"
                    for said in rows["dans_ensemble"]
                ],
                "Documents qui en parlent": [
                    ", ".join(label("familles_strategie", code) for code in found)
                    for found in rows["familles"]
                ],
                "Premier document connu": [
                    "sans date" if is_missing(year) else str(int(year))
                    for year in rows["premier_document"]
                ],
            }
        ).reset_index(drop=True),
        "Aucun document connu n’en parle.",
        ("Territoire", "Documents qui en parlent"),
    )
    _ask_for_more(page, "qui", setters)


def _show_budgets(known: Sheet) -> None:
    rows = known.budgets
    st.caption(MONEY_NOTE)
    facts(
        pd.DataFrame(
            {
                "Montant": [_amount(row) for row in rows.itertuples()],
                "Périmètre, étape": [
                    f"{label('perimetres', row.perimetre)}, {label('etapes', row.etape).lower()}"
                    for row in rows.itertuples()
                ],
                "Période": [period(r.annee_debut, r.annee_fin) for r in rows.itertuples()],
                "Quoi": [_paid(row) for row in rows.itertuples()],
                "Territoire": [_territory(row) for row in rows.itertuples()],
                "Source": [_source(row) for row in rows.itertuples()],
            }
        ).reset_index(drop=True),
        "Aucun montant connu n’est rattaché à une priorité de ce thème.",
        ("Quoi", "Territoire", "Source"),
    )


def _paid(row: object) -> str:
    """Say what an amount is for: its own words, then the priority that it pays for."""
    secondary = "" if row.principal else " (thème secondaire)"
    priority = f"Priorité {row.rang} : {typographic(row.intitule)}{secondary}"
    return f"{markdown_escaped(row.libelle)}  \n:small[{markdown_escaped(priority)}]"


def _amount(row: object) -> str:
    yearly = " par an" if row.recurrence == "annuel" else ""
    about = "environ " if not is_missing(row.approximatif) and row.approximatif else ""
    return f"{about}{euros(row.montant)}{yearly}"


def _show_bodies(page: str, bodies: pd.DataFrame) -> None:
    rows = _more(page, "organismes", bodies)
    facts(
        pd.DataFrame(
            {
                "Organisme": [
                    f"[{markdown_escaped(row.nom)}](/mutualisation?organisme={row.partenaire_id})"
                    for row in rows.itertuples()
                ],
                "Forme": [label("formes", code) for code in rows["forme"]],
                "Services": [
                    ", ".join(label("services", code) for code in found)
                    for found in rows["services"]
                ],
                "Territoires liés": [
                    plural(count, "territoire") for count in rows["nb_territoires"]
                ],
            }
        ).reset_index(drop=True),
        "Aucun organisme connu n’offre un service qui y réponde.",
        ("Organisme",),
    )
    _ask_for_more(page, "organismes", bodies)
