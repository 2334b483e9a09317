"""Parts of the page of themes and search, one module each."""

from comparisons.ui.themes.closest import show_closest
from comparisons.ui.themes.frequency import show_frequency
from comparisons.ui.themes.search import show_search
from comparisons.ui.themes.sheet import show_sheet

__all__ = ["show_closest", "show_frequency", "show_search", "show_sheet"]
