"""Page Comparer: two to six territories, two editions, or the levels of a territory."""

import streamlit as st

from comparisons.analysis.comparison import cells, comparison
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.page_parameters import ComparisonParameters
from comparisons.schema.territory import parse_key
from comparisons.ui.comparison_page import (
    choose_columns,
    choose_mode,
    choose_row_filter,
    comparison_downloads,
    show_board,
    show_section,
    show_sources,
    show_summary,
)
from comparisons.ui.controls import choose_named
from comparisons.ui.editions_page import show_editions, show_levels
from comparisons.ui.selectors import choose_documents, choose_family, drop_unknown_territories
from comparisons.ui.state import load_parameters, set_title
from comparisons.ui.tables import source_line

PAGE = "comparer"


def show() -> None:
    """Render the page."""
    st.title("Comparer", anchor=False)
    view = drop_unknown_territories(PAGE, load_parameters(PAGE, ComparisonParameters))
    view = choose_columns(PAGE, choose_mode(PAGE, view))
    if view.mode == "editions":
        show_editions(PAGE, view)
    elif view.mode == "echelons":
        show_levels(PAGE, view)
    else:
        show_territories(view)


def show_territories(view: ComparisonParameters) -> None:
    """Render the comparison of territories: summary, downloads, sections and sources."""
    view = choose_family(PAGE, view)
    view = choose_named(PAGE, choose_documents(PAGE, view))
    comparison_result = comparison.compare(
        tuple(map(parse_key, view.t)), view.doc, view.nommes, view.famille
    )
    if len(comparison_result.columns) < 2:
        st.info("Choisissez de deux à six territoires, de tous niveaux.", icon=":material/compare:")
        return
    if comparison_result.columns["territoire_niveau"].nunique() > 1:
        st.warning(
            "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
            "comparent pas directement.",
            icon=":material/balance:",
        )
    set_title(f"Comparer {join_words(map(curly_apostrophes, comparison_result.columns['nom']))}")
    show_board(comparison_result)
    show_summary(comparison_result)
    comparison_downloads(comparison_result, view)
    view = choose_row_filter(PAGE, view)
    for section in cells.SECTIONS:
        show_section(comparison_result, section, PAGE, view)
    show_sources(comparison_result)
    source_line()


show()
