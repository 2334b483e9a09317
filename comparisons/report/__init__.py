"""The paper of one territory: two A4 pages to hand out at a council meeting."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import typst

from comparisons.profile import profile
from comparisons.report.content import content
from comparisons.report.locator import locator

TEMPLATE = Path(__file__).with_name("fiche.typ")
# PDF/UA-1: titles, tables, figures and reading order are marked for those who do not see the page.
STANDARD = "ua-1"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Give the fonts inside typst only: the same paper on every machine."""
    return typst.Fonts(include_system_fonts=False)


def territory_pdf(key: str, address: str = "") -> bytes:
    """Make the paper of a territory; raises `ValueError` or `KeyError` if there is none.

    `address` is that of its page, whole; by default, as the site knows it. One edition of the
    dataset gives one file, byte for byte.
    """
    known = profile(key)
    located = locator(known.territory)
    words = content(known, located, address or f"/territoire?t={known.key}")
    return typeset(words, located.svg)


def typeset(words: dict, drawing: str) -> bytes:
    """Set words and a map in the template: data come beside it, and are never read as markup."""
    return typst.compile(
        TEMPLATE,
        font_paths=_fonts(),
        sys_inputs={"words": json.dumps(words, ensure_ascii=False), "map": drawing},
        timestamp=datetime(*words["date"], tzinfo=UTC),
        pdf_standards=STANDARD,
    )
