"""Page Données: tables, SQL queries, completeness, dataset versions, API."""

import streamlit as st

from comparisons.page_parameters import DataParameters
from comparisons.ui.controls import choose_one
from comparisons.ui.data.api_docs import show_api_docs
from comparisons.ui.data.changes import show_changes
from comparisons.ui.data.completeness import show_completeness
from comparisons.ui.data.sql_console import show_sql_console
from comparisons.ui.data.tables import show_tables
from comparisons.ui.state import load_parameters

PAGE = "donnees"
PARTS = {
    "tables": ("Tables", show_tables),
    "requetes": ("Requêtes", show_sql_console),
    "representativite": ("Représentativité", show_completeness),
    "versions": ("Versions", show_changes),
    "programmes": ("API", show_api_docs),
}

st.title("Données", anchor=False)
view = load_parameters(PAGE, DataParameters)
titles = {code: title for code, (title, _) in PARTS.items()}
view = choose_one(PAGE, view, "partie", "Partie", titles)
PARTS[view.partie][1](PAGE, view)
