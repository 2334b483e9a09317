"""Compile the PDF files: the two pages of a territory, a comparison of several."""

from collections.abc import Collection, Iterator

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.profile import load_profile
from comparisons.exports.pdf.comparison import comparison_content
from comparisons.exports.pdf.locator_map import render_locator
from comparisons.exports.pdf.territory import territory_content
from comparisons.exports.pdf.typesetting import Job, typeset

# Font size of a comparison, and number of themes with their wordings, by number of columns.
_FONT_SIZES = {1: 9.0, 2: 9.0, 3: 9.0, 4: 8.5, 5: 8.0, 6: 7.5}
_MAX_THEME_WORDINGS = {1: 8, 2: 8, 3: 8, 4: 6, 5: 5, 6: 5}
# Vertical padding of rows (in mm): the second where the first leaves the last page near-empty.
_PADDINGS = (1.0, 0.75)


def territory_pdf(key: str, address: str = "") -> bytes:
    """Build the PDF of a territory; raises `ValueError` or `KeyError` if there is none.

    `address` is the full address of its page; by default, without the host. The same dataset
    version gives the same bytes.
    """
    territory_profile = load_profile(key)
    layer, drawing = render_locator(territory_profile.territory)
    content = territory_content(
        territory_profile, layer, drawing, address or f"/territoire?t={territory_profile.key}"
    )
    return render(content, drawing.svg)


def render(content: dict, drawing: str) -> bytes:
    """Typeset the pages of a territory with their map."""
    return typeset(Job("fiche.typ", content, {"map": drawing}))


def comparison_pdf(
    comparison: Comparison,
    row_filter: str = "tout",
    address: str = "",
    sections: Collection[str] = tuple(SECTIONS),
) -> bytes:
    """Build the PDF of a comparison, in landscape A4 pages.

    `row_filter` is one of `parameters.ROW_FILTERS`; `address` is the full address of the page;
    `sections` are those to print.
    """
    return render_comparison(comparison_content(comparison, row_filter, address, sections))


def render_comparison(content: dict) -> bytes:
    """Typeset a comparison, with the first layout whose last page is not near-empty, if any."""
    settings = tuple(_settings(len(content["columns"])))
    return typeset(Job("comparaison.typ", content, settings=settings, fits="full_last_page"))


def _settings(columns: int) -> Iterator[dict]:
    """Yield the two layouts of a comparison, the preferred first."""
    size, themes = _FONT_SIZES[columns], _MAX_THEME_WORDINGS[columns]
    for padding in _PADDINGS:
        yield {"size": size, "wordings": themes, "air": padding}
