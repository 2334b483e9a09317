"""Helpers for pages: the one part of the library that knows Streamlit."""

from comparisons.ui.choices import (
    choose_documents,
    choose_on_map,
    choose_territories,
    choose_territory,
)
from comparisons.ui.map_choices import choose_map
from comparisons.ui.parts import (
    document_sheet,
    footer,
    metrics,
    territory_card,
    territory_links,
    wider_strategies,
    wordings,
)
from comparisons.ui.state import cached, is_dark, keep_view, measure_window, open_view, window_kind
from comparisons.ui.tables import downloads, facts, layer_table, source_line, words_table

__all__ = [
    "cached",
    "choose_documents",
    "choose_map",
    "choose_on_map",
    "choose_territories",
    "choose_territory",
    "document_sheet",
    "downloads",
    "facts",
    "footer",
    "is_dark",
    "keep_view",
    "layer_table",
    "measure_window",
    "metrics",
    "open_view",
    "source_line",
    "territory_card",
    "territory_links",
    "wider_strategies",
    "window_kind",
    "wordings",
    "words_table",
]
