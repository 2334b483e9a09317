"""The short form: one strategy per line, unfolded into the tables of the format.

Its columns are described in `data/format/formulaire-court.json`. Unfolding only cuts the cells
apart and names the rows; the validation then judges each value as in any package, and what it
finds is told at the line and the column of the short form.
"""

from comparisons.short_form.expansion import Expansion, expand
from comparisons.short_form.partners import KnownPartners, known_partners, load_known_partners
from comparisons.short_form.reading import Origin, unfolded
from comparisons.short_form.table import SHEET, is_short, short_table
from comparisons.short_form.workbook import short_sheet

__all__ = [
    "SHEET",
    "Expansion",
    "KnownPartners",
    "Origin",
    "expand",
    "is_short",
    "known_partners",
    "load_known_partners",
    "short_sheet",
    "short_table",
    "unfolded",
]
