"""Page Données: tables, news, SQL queries, completeness, dataset versions, API."""

import streamlit as st

from comparisons.page_parameters import DataParameters
from comparisons.ui.controls import choose_one
from comparisons.ui.data.api_docs import show_api_docs
from comparisons.ui.data.changes import show_changes
from comparisons.ui.data.completeness import show_completeness
from comparisons.ui.data.news import show_news
from comparisons.ui.data.sql_console import show_sql_console
from comparisons.ui.data.tables import show_tables
from comparisons.ui.state import base_url, load_parameters, set_title

PAGE = "donnees"
PARTS = {
    "tables": ("Tables", show_tables),
    "nouveautes": ("Nouveautés", show_news),
    "requetes": ("Requêtes", show_sql_console),
    "representativite": ("Représentativité", show_completeness),
    "versions": ("Versions", show_changes),
    "programmes": ("API", show_api_docs),
}

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Données", anchor=False)
    st.link_button(
        "English",
        f"{base_url()}api/v1/docs?lang=en",
        help="La documentation, le dictionnaire, la méthode et le paquet en anglais",
        icon=":material/translate:",
        type="tertiary",
    )
view = load_parameters(PAGE, DataParameters)
titles = {code: title for code, (title, _) in PARTS.items()}
view = choose_one(PAGE, view, "partie", "Partie", titles)
set_title(f"Données : {titles[view.partie]}")
PARTS[view.partie][1](PAGE, view)
