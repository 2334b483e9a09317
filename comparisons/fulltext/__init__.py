"""Full-text search over what is recorded of all territories, in French as people type it.

`documents` says what is searched, `words` what the forms of a word share, `index` where each word
is, `reading` what is understood of a text typed, `facets` how results are narrowed and counted,
`excerpts` which passage is shown, `finding` puts all this together; `http` serves it (import it by
its name).
"""

from comparisons.fulltext.excerpts import highlighted
from comparisons.fulltext.facets import FACETS, Filters
from comparisons.fulltext.finding import (
    COLUMNS,
    LIMIT,
    ORDER_RULE,
    Results,
    choices,
    search,
    table,
    warm_up,
)

__all__ = [
    "COLUMNS",
    "FACETS",
    "LIMIT",
    "ORDER_RULE",
    "Filters",
    "Results",
    "choices",
    "highlighted",
    "search",
    "table",
    "warm_up",
]
