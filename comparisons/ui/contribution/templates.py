"""Render the spreadsheet templates: short form, full format, own files."""

from collections.abc import Callable

import streamlit as st

from comparisons.database.cache import cached
from comparisons.datapackage.template import templates
from comparisons.schema.model import load_format
from comparisons.ui.controls import page_link
from comparisons.ui.tables import download


def show_templates(page: str) -> None:
    """Render the download buttons of the templates."""
    short_column, full_column, own_column = st.columns(3, gap="large")
    with short_column:
        st.markdown("**Une ligne par stratégie**")
        st.markdown("Vingt colonnes, dont cinq obligatoires : dix minutes.")
        _download(page, "Formulaire court", "court", templates.short_form_template)
    with full_column:
        st.markdown("**Le modèle complet**")
        st.markdown(
            "Une feuille par table : priorités, budgets, partenaires, indicateurs, sources."
        )
        _download(page, "Modèle à remplir", "modele", templates.workbook)
        _download(page, "Exemple rempli", "exemple", templates.example_workbook)
    with own_column:
        st.markdown("**Vos propres fichiers**")
        st.markdown(
            "Un dossier .zip de CSV, ou une seule table en .csv : seules les colonnes obligatoires "
            "sont nécessaires, dans n’importe quel ordre."
        )
        page_link("donnees", "Colonnes et codes de chaque table", "menu_book", table="strategies")
    st.caption(
        f"Format « stratégie numérique territoriale », version {load_format().version}. Une case "
        "vide veut dire « non renseigné », jamais zéro. Chaque fait cite sa source. Ni nom de "
        "personne, ni donnée personnelle."
    )


def _download(page: str, title: str, name: str, make: Callable[[], bytes]) -> None:
    file_name = f"strategie-numerique_{name}_{load_format().version}.xlsx"
    download(title, file_name, _build, make, key=f"{page}:{name}")


@cached
def _build(make: Callable[[], bytes]) -> bytes:
    return make()
