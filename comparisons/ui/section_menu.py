"""Render the menu of the sections of a long page, which stays in sight while one scrolls."""

from collections.abc import Mapping

import streamlit as st

from comparisons.charts.style import page_colours
from comparisons.ui.state import is_dark

_KEY = "sommaire"


def section_menu(titles: Mapping[str, str]) -> None:
    """Render links to the sections of a page; `titles` has their titles by their anchors."""
    background, _ = page_colours(is_dark())
    # below the header of Streamlit, which covers the top of the page
    st.html(
        f"<style>[data-testid=stLayoutWrapper]:has(> .st-key-{_KEY}) {{ position: sticky;"
        f" top: 3.75rem; z-index: 90; background: {background}; padding: 0.4rem 0 }}"
        f" .st-key-{_KEY} p {{ white-space: nowrap; overflow-x: auto }}"
        " [data-testid=stHeading] [id] { scroll-margin-top: 7rem }</style>"
    )
    with st.container(key=_KEY):
        st.markdown(" · ".join(f"[{title}](#{anchor})" for anchor, title in titles.items()))
