"""Papers to hand out: the two pages of a territory, a comparison of several."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import typst

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.profile import load_profile
from comparisons.exports.pdf import comparison as side_by_side
from comparisons.exports.pdf.locator_map import render_locator
from comparisons.exports.pdf.territory import content

TEMPLATE = Path(__file__).with_name("fiche.typ")
COMPARISON_TEMPLATE = Path(__file__).with_name("comparaison.typ")
POOLING_TEMPLATE = Path(__file__).with_name("mutualiser.typ")
# PDF/UA-1: titles, tables, figures and reading order are marked for those who do not see the page.
PDF_STANDARD = "ua-1"
# Size of the text of a comparison by number of columns, and themes given in their own words.
FONT_SIZES = {1: 9.0, 2: 9.0, 3: 9.0, 4: 8.5, 5: 8.0, 6: 7.5}
MAX_THEME_WORDINGS = {1: 8, 2: 8, 3: 8, 4: 6, 5: 5, 6: 5}
# How these may change to fill the last page, and the room above and below a row (in mm).
LAYOUT_VARIANTS = (
    (0, 0, 1.0), (0, 0, 0.75), (0, -2, 1.0), (0, 0, 1.25), (0.3, 0, 1.0), (-0.3, 0, 0.75),
    (0, 4, 1.0),
)  # fmt: skip
# Below that share of its height, a last page is near-empty.
MIN_LAST_PAGE_FILL = 0.4


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return the fonts inside typst only: the same paper on every machine."""
    return typst.Fonts(include_system_fonts=False)


def territory_pdf(key: str, address: str = "") -> bytes:
    """Build the paper of a territory; raises `ValueError` or `KeyError` if there is none.

    `address` is that of its page, whole; by default, as the site knows it. One edition of the
    dataset gives one file, byte for byte.
    """
    known = load_profile(key)
    located = render_locator(known.territory)
    words = content(known, located, address or f"/territoire?t={known.key}")
    return render(words, located.svg)


def render(words: dict, drawing: str) -> bytes:
    """Set words and a map in the template: data come beside it, and are never read as markup."""
    inputs = {"words": json.dumps(words, ensure_ascii=False), "map": drawing}
    return _compiler(TEMPLATE, inputs).compile(**_options(words))


def comparison_pdf(
    comparison: Comparison,
    which: str = "tout",
    address: str = "",
    sections: Collection[str] = tuple(SECTIONS),
) -> bytes:
    """Build the paper of a comparison: A4, landscape, as many pages as it takes.

    `which` rows are shown is one of `parameters.ROW_FILTERS`; `address` is that of its page, whole;
    `sections` are those to print.
    """
    return render_comparison(side_by_side.content(comparison, which, address, sections))


def render_comparison(words: dict) -> bytes:
    """Set the words of a comparison, so that its last page is not near-empty if it can be."""
    text = json.dumps(words, ensure_ascii=False)
    best = (-1.0, b"")
    for setting in _settings(len(words["columns"])):
        compiler = _compiler(COMPARISON_TEMPLATE, {"words": text, "setting": json.dumps(setting)})
        end = json.loads(compiler.query("<end>", field="value", one=True))
        filled = 1.0 if end["page"] == 1 else end["down"]
        if filled > best[0]:
            best = (filled, compiler.compile(**_options(words)))
        if filled >= MIN_LAST_PAGE_FILL:
            break
    return best[1]


def render_on_one_page(template: Path, words: dict, settings: Iterable[dict]) -> bytes:
    """Set words with the first setting for which the paper holds on one page, else with the last.

    The template reads `setting`, and says where it ends in metadata labelled `<end>`.
    """
    text = json.dumps(words, ensure_ascii=False)
    for setting in settings:
        compiler = _compiler(template, {"words": text, "setting": json.dumps(setting)})
        if json.loads(compiler.query("<end>", field="value", one=True))["page"] == 1:
            break
    return compiler.compile(**_options(words))


def _settings(columns: int) -> Iterator[dict]:
    """Return the ways to set a comparison, the preferred first."""
    size, themes = FONT_SIZES[columns], MAX_THEME_WORDINGS[columns]
    for change, more, air in LAYOUT_VARIANTS:
        yield {"size": size + change, "wordings": themes + more, "air": air}


def _compiler(template: Path, inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(template, font_paths=_fonts(), sys_inputs=inputs)


def _options(words: dict) -> dict:
    return {"timestamp": datetime(*words["date"], tzinfo=UTC), "pdf_standards": PDF_STANDARD}
