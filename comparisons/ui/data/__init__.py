"""Parts of the page of data, one module each."""

from comparisons.ui.data.programmes import show_programmes
from comparisons.ui.data.queries import show_queries
from comparisons.ui.data.representativeness import show_representativeness
from comparisons.ui.data.tables import show_tables
from comparisons.ui.data.versions import show_versions

__all__ = [
    "show_programmes",
    "show_queries",
    "show_representativeness",
    "show_tables",
    "show_versions",
]
