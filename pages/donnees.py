"""Données: every table, queries, what may be concluded, versions, addresses for programs."""

import streamlit as st

from comparisons.parameters import DataView
from comparisons.ui.controls import choose_one
from comparisons.ui.data.api_docs import show_programmes
from comparisons.ui.data.changes import show_versions
from comparisons.ui.data.completeness import show_representativeness
from comparisons.ui.data.sql_console import show_queries
from comparisons.ui.data.tables import show_tables
from comparisons.ui.state import open_view

PAGE = "donnees"
PARTS = {
    "tables": ("Tables", show_tables),
    "requetes": ("Requêtes", show_queries),
    "representativite": ("Représentativité", show_representativeness),
    "versions": ("Versions", show_versions),
    "programmes": ("API", show_programmes),
}

st.title("Données", anchor=False)
view = open_view(PAGE, DataView)
titles = {code: title for code, (title, _) in PARTS.items()}
view = choose_one(PAGE, view, "partie", "Partie", titles)
PARTS[view.partie][1](PAGE, view)
