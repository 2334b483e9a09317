"""Parts of the page of pooling, one module each."""

from comparisons.ui.pooling.choices import choose_part
from comparisons.ui.pooling.directory import show_directory
from comparisons.ui.pooling.network import show_network
from comparisons.ui.pooling.partners import show_partners
from comparisons.ui.pooling.services import show_coverage, show_matrix
from comparisons.ui.pooling.simulator import show_simulator
from comparisons.ui.pooling.solutions import show_kinds, show_solutions

__all__ = [
    "choose_part",
    "show_coverage",
    "show_directory",
    "show_kinds",
    "show_matrix",
    "show_network",
    "show_partners",
    "show_simulator",
    "show_solutions",
]
