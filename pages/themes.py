"""Thèmes et recherche: what the texts say, theme by theme, and who says nearly the same."""

import streamlit as st

from comparisons import ui
from comparisons.view import ThemesView

PAGE = "themes"
PARTS = {
    "recherche": ("Recherche", ui.themes.show_search),
    "fiche": ("Un thème", ui.themes.show_sheet),
    "frequence": ("Fréquence des thèmes", ui.themes.show_frequency),
    "proches": ("Stratégies proches", ui.themes.show_closest),
}

st.title("Thèmes et recherche", anchor=False)
view = ui.open_view(PAGE, ThemesView)
titles = {code: title for code, (title, _) in PARTS.items()}
view = ui.choose_one(PAGE, view, "partie", "Partie", titles)
PARTS[view.partie][1](PAGE, view)
