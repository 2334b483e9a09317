"""Données: every table, queries, what may be concluded, versions, addresses for programs."""

import streamlit as st

from comparisons import ui
from comparisons.view import DataView

PAGE = "donnees"
PARTS = {
    "tables": ("Tables", ui.data.show_tables),
    "requetes": ("Requêtes", ui.data.show_queries),
    "representativite": ("Représentativité", ui.data.show_representativeness),
    "versions": ("Versions", ui.data.show_versions),
    "programmes": ("API", ui.data.show_programmes),
}

st.title("Données", anchor=False)
view = ui.open_view(PAGE, DataView)
titles = {code: title for code, (title, _) in PARTS.items()}
view = ui.choose_one(PAGE, view, "partie", "Partie", titles)
PARTS[view.partie][1](PAGE, view)
