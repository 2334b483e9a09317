"""Helpers for pages: the one part of the library that knows Streamlit."""

from comparisons.ui import contribution, data, pooling, themes
from comparisons.ui.basket import basket_button, basket_menu, open_basket
from comparisons.ui.cache import cached
from comparisons.ui.choices import (
    choose_documents,
    choose_family,
    choose_order,
    known_choice,
)
from comparisons.ui.comparer import (
    choose_columns,
    choose_mode,
    choose_shown,
    comparison_downloads,
    show_board,
    show_section,
    show_sources,
    show_summary,
)
from comparisons.ui.controls import choose_named, choose_one
from comparisons.ui.editions import show_editions, show_levels
from comparisons.ui.figures import chart
from comparisons.ui.finder import open_territory, territory_search
from comparisons.ui.map_choices import choose_map, choose_second_map
from comparisons.ui.map_figure import answered, show_maps
from comparisons.ui.parts import (
    document_sheet,
    footer,
    invitation,
    metrics,
    neighbours_strategies,
    territory_card,
    territory_links,
    wider_strategies,
)
from comparisons.ui.peers import (
    choose_peers,
    compare_link,
    show_gaps,
    show_peers,
    show_position,
)
from comparisons.ui.state import is_dark, keep_view, measure_window, open_view, window_kind
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
    "choose_columns",
    "choose_documents",
    "choose_family",
    "choose_map",
    "choose_mode",
    "choose_named",
    "choose_one",
    "choose_order",
    "choose_peers",
    "choose_second_map",
    "choose_shown",
    "compare_link",
    "comparison_downloads",
    "contribution",
    "data",
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
    "pooling",
    "show_board",
    "show_editions",
    "show_gaps",
    "show_levels",
    "show_maps",
    "show_peers",
    "show_position",
    "show_section",
    "show_sources",
    "show_summary",
    "source_line",
    "territory_card",
    "territory_links",
    "territory_search",
    "themes",
    "wider_strategies",
    "window_kind",
    "words_table",
]
