"""Render what all pages add to Streamlit: French words and spaces, focus, contrast, print."""

from pathlib import Path

import streamlit as st

_FRENCH_LABELS = st.components.v2.component(
    "stratoscope_mots",
    js=Path(__file__).with_name("french_labels.js").read_text(encoding="utf-8"),
)
# On a phone the menu covers the page, and Streamlit leaves it there once a page is chosen.
_CLOSE_MENU = st.components.v2.component(
    "stratoscope_menu",
    js="""
    export default function () {
      const close = (event) => {
        if (innerWidth >= 700 || !event.target.closest?.("[data-testid=stSidebarNavLink]")) return;
        document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
      };
      document.addEventListener("click", close);
      return () => document.removeEventListener("click", close);
    }
    """,
)
_FOCUS = """
    :is(a, button, summary, [role=tab], [tabindex="0"]):focus-visible {
      outline: 3px solid #08519c !important; outline-offset: 2px;
    }
"""
# Streamlit gives the texts of tables 400 pixels at most, even where there is more room.
_TABLES = ".stTable [data-testid=stMarkdownContainer] { max-width: 44rem }"
# The questions and the levels of the map stand in one line at 1366 pixels.
_BUTTONS = ".stButtonGroup button { padding-inline: 0.65rem }"
# What can only be clicked is not printed.
_PRINT = """
    @media print {
      [data-testid=stHeader], .stButton, .stDownloadButton, .stPopover, .stPageLink,
      .stButtonGroup, .st-key-sommaire, .stBidiComponent { display: none !important }
    }
"""
# Streamlit draws axes in a grey of 3.7:1 on white.
_LIGHT = ".js-plotly-plot :is(.xtick, .ytick, [class$=tick]) text,"
_LIGHT += ".js-plotly-plot text:is(.xtitle, .ytitle, [class$=title]) { fill: #4a5561 !important }"
# Streamlit writes in white on the primary colour, which is too light in the dark theme.
_DARK = ":is(.stMultiSelect [data-tag-index], [kind=primary]) * { color: #10181f }"


def show_style(dark: bool) -> None:
    """Render the style of all pages."""
    focus = _FOCUS.replace("#08519c", "#6baed6") if dark else _FOCUS
    st.html(f"<style>{focus}{_TABLES}{_BUTTONS}{_PRINT}{_DARK if dark else _LIGHT}</style>")


def write_french() -> None:
    """Have the browser write in French what Streamlit writes in English."""
    _FRENCH_LABELS(key="mots")


def close_menu_after_choice() -> None:
    """Have the menu of a phone closed by a tap on one of its pages."""
    _CLOSE_MENU(key="menu")
