"""Texts of an image: their places, and their widths in the font of the pages."""

from dataclasses import dataclass
from functools import cache
from html import unescape

import fontpkg
from PIL import ImageFont

FONT_FAMILY = "Source Sans 3"
INK, FAINT_INK = "#0f1720", "#4a5560"
LINE_HEIGHT = 1.3
_MEASURED_SIZE = 100


@dataclass(frozen=True)
class Text:
    """One line of text: its place and size in pixels, of the baseline.

    `anchor` is start, middle or end: which part of the line is at `x`.
    """

    x: float
    y: float
    text: str
    anchor: str = "start"
    size: float = 12
    colour: str = INK
    turned: bool = False


def font_folder() -> str:
    """Return the folder of the files of the font, of variable weight."""
    return str(fontpkg.path(FONT_FAMILY).parent)


@cache
def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(fontpkg.path(FONT_FAMILY)), _MEASURED_SIZE)
    font.set_variation_by_axes([400])
    return font


@cache
def text_width(text: str, size: float = 12) -> float:
    """Return the width of a line of text in pixels."""
    return _font().getlength(text) * size / _MEASURED_SIZE


def split_lines(text: object) -> list[str]:
    """Return the lines of a text of a figure, without its markup."""
    return [unescape(line) for line in str(text).split("<br>")]


def block_width(lines: list[str], size: float = 12) -> float:
    """Return the width of the widest of some lines in pixels."""
    return max((text_width(line, size) for line in lines), default=0)


def place_lines(
    x: float, middle: float, lines: list[str], anchor: str, size: float = 12, colour: str = INK
) -> list[Text]:
    """Return lines of text, around the height of their middle."""
    height = size * LINE_HEIGHT
    top = middle - height * len(lines) / 2
    return [
        # the middle of small letters is about a third of the size above the baseline
        Text(x, top + height * (rank + 0.5) + size * 0.33, line, anchor, size, colour)
        for rank, line in enumerate(lines)
    ]
