"""What a page of a PDF file shows: words, ruled lines, drawn bullets.

Places are in points, from the top left corner of the page.
"""

from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from comparisons.documents.model import Row, UnreadableDocumentError

_OUR_ERRORS = {
    pdfium.FPDF_ERR_PASSWORD: "Ce PDF est protégé par un mot de passe : enregistrez-en une copie "
    "sans protection, puis lisez-la.",
}
DAMAGED = (
    "Ce PDF est endommagé ou n’en est pas un : ouvrez-le, puis enregistrez-le de nouveau (Imprimer "
    "› Enregistrer au format PDF)."
)


def open_pdf(content: bytes) -> pypdfium2.PdfDocument:
    """Open a PDF; raises `UnreadableDocumentError` for one that is encrypted or damaged."""
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        message = _OUR_ERRORS.get(getattr(error, "err_code", None), DAMAGED)
        raise UnreadableDocumentError(message) from error


@dataclass(slots=True)
class Word:
    """Letters without a space between them."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    coloured: bool = False


@dataclass
class PdfPage:
    """The words of a page in the order of the file; lines along x are `y`, `x0`, `x1`."""

    number: int
    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    horizontal: list[tuple[float, float, float]] = field(default_factory=list)
    vertical: list[tuple[float, float, float]] = field(default_factory=list)
    bullets: list[tuple[float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass
class Item:
    """A line, a table (`rows`) or a box in reading order (`parts`), with its bounds in points."""

    left: float
    top: float
    right: float
    bottom: float
    text: str = ""
    size: float = 0.0
    bold: bool = False
    rows: tuple[Row, ...] = ()
    parts: tuple["Item", ...] = ()
    lead: str = ""


def split_line(words: list[Word], gap: float) -> list[list[Word]]:
    """Split the words of a line, from the left, where a space is wider than `gap` letters."""
    parts: list[list[Word]] = []
    for word in sorted(words, key=lambda each: each.left):
        if parts and word.left - parts[-1][-1].right < gap * max(word.size, parts[-1][-1].size):
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def group_lines(words: list[Word]) -> list[list[Word]]:
    """Group words by line, from the top, each from the left."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each.top + each.bottom) / 2):
        middle = (word.top + word.bottom) / 2
        if lines and lines[-1][0].top < middle < lines[-1][0].bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda each: each.left) for line in lines]
