"""Parts of the page of contributions, one module each."""

from comparisons.ui.contribution.checking import receive, show_report
from comparisons.ui.contribution.publishing import show_publishing
from comparisons.ui.contribution.seeing import banner, current, show_preview
from comparisons.ui.contribution.templates import show_templates

__all__ = [
    "banner",
    "current",
    "receive",
    "show_preview",
    "show_publishing",
    "show_report",
    "show_templates",
]
