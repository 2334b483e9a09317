"""Helpers for pages: the one part of the library that knows Streamlit."""

from comparisons.ui.basket import basket_button, basket_menu, open_basket
from comparisons.ui.choices import (
    choose_documents,
    choose_order,
    choose_territories,
    known_choice,
)
from comparisons.ui.finder import open_territory, territory_search
from comparisons.ui.map_choices import choose_map, choose_second_map
from comparisons.ui.map_figure import answered, show_maps
from comparisons.ui.parts import (
    chart,
    document_sheet,
    footer,
    invitation,
    metrics,
    neighbours_strategies,
    territory_card,
    territory_links,
    wider_strategies,
    wordings,
)
from comparisons.ui.state import cached, is_dark, keep_view, measure_window, open_view, window_kind
from comparisons.ui.tables import (
    downloads,
    facts,
    layer_tables,
    paper_button,
    source_line,
    words_table,
)

__all__ = [
    "answered",
    "basket_button",
    "basket_menu",
    "cached",
    "chart",
    "choose_documents",
    "choose_map",
    "choose_order",
    "choose_second_map",
    "choose_territories",
    "document_sheet",
    "downloads",
    "facts",
    "footer",
    "invitation",
    "is_dark",
    "keep_view",
    "known_choice",
    "layer_tables",
    "measure_window",
    "metrics",
    "neighbours_strategies",
    "open_basket",
    "open_territory",
    "open_view",
    "paper_button",
    "show_maps",
    "source_line",
    "territory_card",
    "territory_links",
    "territory_search",
    "wider_strategies",
    "window_kind",
    "wordings",
    "words_table",
]
