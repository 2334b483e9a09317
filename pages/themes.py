"""Page Thèmes: full-text search, theme profiles, frequencies, similar strategies."""

import streamlit as st

from comparisons.page_parameters import ThemesParameters
from comparisons.ui.controls import choose_one, choose_sources, reading_sources, say_sources
from comparisons.ui.state import load_parameters, set_title
from comparisons.ui.themes.frequency import show_frequency
from comparisons.ui.themes.search import show_search
from comparisons.ui.themes.similar import show_similar
from comparisons.ui.themes.theme_profile import show_theme

PAGE = "themes"
FACTS = ("strategies", "priorites", "budgets", "mutualisations")
PARTS = {
    "recherche": ("Recherche", show_search),
    "fiche": ("Un thème", show_theme),
    "frequence": ("Fréquence des thèmes", show_frequency),
    "proches": ("Stratégies proches", show_similar),
}

st.title("Thèmes et recherche", anchor=False)
view = load_parameters(PAGE, ThemesParameters)
titles = {code: title for code, (title, _) in PARTS.items()}
with reading_sources(PAGE, view) as view:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        view = choose_one(PAGE, view, "partie", "Partie", titles)
        view = choose_sources(PAGE, view)
    set_title(f"Thèmes : {titles[view.partie]}")
    say_sources(FACTS)
    PARTS[view.partie][1](PAGE, view)
