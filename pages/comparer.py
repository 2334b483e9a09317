"""Page Comparer: two to six territories, two editions, or the levels of a territory."""

import streamlit as st

from comparisons.analysis.comparison import comparison
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.page_parameters import ComparisonParameters
from comparisons.queries.sources import FACTS
from comparisons.schema.territory import parse_key
from comparisons.ui.comparison_grid import show_grid
from comparisons.ui.comparison_page import (
    choose_compared,
    choose_rows,
    show_figures,
    show_sources,
    show_start,
    show_summary,
    show_wordings,
)
from comparisons.ui.controls import reading_sources, say_sources
from comparisons.ui.editions_page import show_editions, show_levels
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.state import load_parameters, set_title
from comparisons.ui.tables import source_line

PAGE = "comparer"


def show() -> None:
    """Render the page."""
    view = drop_unknown_territories(PAGE, load_parameters(PAGE, ComparisonParameters))
    with reading_sources(PAGE, view) as chosen:
        show_mode(choose_compared(PAGE, chosen))


def show_mode(view: ComparisonParameters) -> None:
    """Render what is compared: territories, editions or levels."""
    say_sources(tuple(FACTS))
    if view.mode == "editions":
        show_editions(PAGE, view)
    elif view.mode == "echelons":
        show_levels(PAGE, view)
    else:
        show_territories(view)


def show_territories(view: ComparisonParameters) -> None:
    """Render the comparison of territories: summary, files, rows, figures, words, sources."""
    result = comparison.compare(tuple(map(parse_key, view.t)), view.doc, view.nommes, view.famille)
    if len(result.columns) < 2:
        show_start(PAGE, view)
        return
    if result.columns["territoire_niveau"].nunique() > 1:
        st.warning(
            "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
            "comparent pas directement.",
            icon=":material/balance:",
        )
    set_title(f"Comparer {join_words(map(curly_apostrophes, result.columns['nom']))}")
    show_summary(result)
    view = choose_rows(PAGE, result, view)
    show_grid(result, view.montrer)
    show_figures(result, view)
    show_wordings(result, PAGE, view)
    show_sources(result)
    source_line()


show()
