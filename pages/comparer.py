"""Comparer: two to six territories, two editions, or the levels of a territory, side by side."""

import streamlit as st

from comparisons import comparison, ui
from comparisons.territories import parse_key
from comparisons.view import ComparisonView

PAGE = "comparer"


def show() -> None:
    """Show the page."""
    st.title("Comparer", anchor=False)
    view = ui.known_choice(PAGE, ui.open_view(PAGE, ComparisonView))
    view = ui.choose_columns(PAGE, ui.choose_mode(PAGE, view))
    if view.mode == "editions":
        ui.show_editions(PAGE, view)
    elif view.mode == "echelons":
        ui.show_levels(PAGE, view)
    else:
        show_territories(view)


def show_territories(view: ComparisonView) -> None:
    """Show territories side by side."""
    view = ui.choose_family(PAGE, view)
    view = ui.choose_named(PAGE, ui.choose_documents(PAGE, view))
    side = ui.cached(comparison.compare)(
        tuple(map(parse_key, view.t)), view.doc, view.nommes, view.famille
    )
    if len(side.columns) < 2:
        st.info("Choisissez de deux à six territoires, de tous niveaux.", icon=":material/compare:")
        return
    if side.columns["territoire_niveau"].nunique() > 1:
        st.warning(
            "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
            "comparent pas directement.",
            icon=":material/balance:",
        )
    ui.show_board(side)
    ui.show_summary(side)
    ui.comparison_downloads(side, view)
    view = ui.choose_shown(PAGE, view)
    for section in comparison.SECTIONS:
        ui.show_section(side, section, PAGE, view)
    ui.show_sources(side)
    ui.source_line()


show()
