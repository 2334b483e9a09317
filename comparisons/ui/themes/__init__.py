"""Parts of the page of themes and search, one module each."""

from comparisons.ui.themes.search import show_search

__all__ = ["show_search"]
