"""Compile the PDF files: the two pages of a territory, a comparison of several."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import typst

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.profile import load_profile
from comparisons.exports.pdf.comparison import comparison_content
from comparisons.exports.pdf.locator_map import render_locator
from comparisons.exports.pdf.territory import territory_content

_TEMPLATE = Path(__file__).with_name("fiche.typ")
_COMPARISON_TEMPLATE = Path(__file__).with_name("comparaison.typ")
PARTNERS_TEMPLATE = Path(__file__).with_name("mutualiser.typ")
# PDF/UA-1: titles, tables, figures and reading order are tagged for screen readers.
_PDF_STANDARD = "ua-1"
# Font size of a comparison, and number of themes with their wordings, by number of columns.
_FONT_SIZES = {1: 9.0, 2: 9.0, 3: 9.0, 4: 8.5, 5: 8.0, 6: 7.5}
_MAX_THEME_WORDINGS = {1: 8, 2: 8, 3: 8, 4: 6, 5: 5, 6: 5}
# Vertical padding of rows (in mm): the second where the first leaves the last page near-empty.
_PADDINGS = (1.0, 0.75)
# Share of its height below which a last page is near-empty.
_MIN_LAST_PAGE_FILL = 0.4


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return the fonts of typst only, so that files are the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def territory_pdf(key: str, address: str = "") -> bytes:
    """Build the PDF of a territory; raises `ValueError` or `KeyError` if there is none.

    `address` is the full address of its page; by default, without the host. The same dataset
    version gives the same bytes.
    """
    territory_profile = load_profile(key)
    located = render_locator(territory_profile.territory)
    content = territory_content(
        territory_profile, located, address or f"/territoire?t={territory_profile.key}"
    )
    return render(content, located.svg)


def render(content: dict, drawing: str) -> bytes:
    """Typeset content and a map; data are inputs of the template, never markup."""
    inputs = {"words": json.dumps(content, ensure_ascii=False), "map": drawing}
    return _compiler(_TEMPLATE, inputs).compile(**_options(content))


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
    text = json.dumps(content, ensure_ascii=False)
    best = (-1.0, b"")
    for setting in _settings(len(content["columns"])):
        compiler = _compiler(_COMPARISON_TEMPLATE, {"words": text, "setting": json.dumps(setting)})
        end = json.loads(compiler.query("<end>", field="value", one=True))
        filled = 1.0 if end["page"] == 1 else end["down"]
        if filled > best[0]:
            best = (filled, compiler.compile(**_options(content)))
        if filled >= _MIN_LAST_PAGE_FILL:
            break
    return best[1]


def render_on_one_page(template: Path, content: dict, settings: Iterable[dict]) -> bytes:
    """Typeset content with the first setting that fits on one page, else with the last.

    The template reads `setting`, and writes where it ends in metadata labelled `<end>`.
    """
    text = json.dumps(content, ensure_ascii=False)
    for setting in settings:
        compiler = _compiler(template, {"words": text, "setting": json.dumps(setting)})
        if json.loads(compiler.query("<end>", field="value", one=True))["page"] == 1:
            break
    return compiler.compile(**_options(content))


def _settings(columns: int) -> Iterator[dict]:
    """Yield the two layouts of a comparison, the preferred first."""
    size, themes = _FONT_SIZES[columns], _MAX_THEME_WORDINGS[columns]
    for padding in _PADDINGS:
        yield {"size": size, "wordings": themes, "air": padding}


def _compiler(template: Path, inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(template, font_paths=_fonts(), sys_inputs=inputs)


def _options(content: dict) -> dict:
    return {"timestamp": datetime(*content["date"], tzinfo=UTC), "pdf_standards": _PDF_STANDARD}
