"""Read the text of a PDF file, with sizes, places and ruled lines, by PDFium."""

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

import pypdfium2
import pypdfium2.raw as pdfium

from comparisons.documents.model import Document, UnreadableDocumentError
from comparisons.documents.readers import ocr, pdf_layout
from comparisons.documents.readers.pdf_page import DAMAGED, PdfPage, Word, open_pdf
from comparisons.formatting import pluralize

MAX_PAGES = 500
# Letters of a page; its objects, and depth of groups, among which ruled lines are looked for.
_MAX_LETTERS, _MAX_PATHS, _MAX_OBJECTS, _MAX_DEPTH = 40_000, 6_000, 60_000, 3
_MAX_OUTLINE = 500
_LIGATURES = {"\x02": "\N{SOFT HYPHEN}"} | dict(
    zip(map(chr, range(0xFB00, 0xFB07)), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
)
_BOLD_WEIGHT = 600
# How far its red, green and blue are apart in a colour that is no grey; the largest share of the
# letters of a document that are coloured to stand out.
_LEAST_HUE, _MOST_COLOURED = 60, 0.25
# Return the address of the text object of a letter, which its letters have in common.
_text_object = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value
)
# A page with fewer letters that shows a picture is a scan.
_FEWEST_LETTERS = 12


def read_pdf(content: bytes, name: str, progress: Callable[[int, int], None]) -> Document:
    """Read a PDF; `progress` is told the page that is read, and how many there are."""
    file = open_pdf(content)
    count = len(file)
    if count > MAX_PAGES:
        raise UnreadableDocumentError(
            f"Ce document a {pluralize(count, 'page')}, et seuls ceux de {MAX_PAGES} pages au plus "
            "sont lus : enregistrez-en les pages de la stratégie dans un fichier à part."
        )
    pages, scanned = [], 0
    for index in range(count):
        progress(index + 1, count)
        with _opened(file, index) as source:
            page = _read_page(source, index)
            letters = sum(len(word.text) for word in page.words)
            if letters < _FEWEST_LETTERS and _has_picture(source):
                scanned += 1
                ocr.read_page(source, page, scanned)
        pages.append(page)
    _mark_coloured(pages)
    blocks, running = pdf_layout.to_blocks(pages)
    title = (file.get_metadata_value("Title") or "").strip()
    return Document(
        name, blocks, count, title, running=running, outline=tuple(_outline(file)),
        is_scanned=scanned > 0,
    )  # fmt: skip


def _mark_coloured(pages: Sequence[PdfPage]) -> None:
    """Take coloured letters for bold ones, unless much of the document is coloured."""
    words = [word for page in pages for word in page.words]
    coloured = [word for word in words if word.coloured]
    letters = sum(len(word.text) for word in words)
    if sum(len(word.text) for word in coloured) <= _MOST_COLOURED * letters:
        for word in coloured:
            word.bold = True


def _outline(file: pypdfium2.PdfDocument) -> Iterator[tuple[int, str]]:
    try:
        for rank, item in enumerate(file.get_toc(max_depth=4)):
            if rank == _MAX_OUTLINE:
                return
            yield item.level + 1, " ".join((item.get_title() or "").split())
    except pypdfium2.PdfiumError:
        return


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2))


@contextmanager
def _opened(file: pypdfium2.PdfDocument, index: int) -> Iterator[pypdfium2.PdfPage]:
    try:
        page = file[index]
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocumentError(DAMAGED) from error
    try:
        yield page
    finally:
        page.close()


def _read_page(page: pypdfium2.PdfPage, index: int) -> PdfPage:
    width, height = page.get_size()
    result = PdfPage(index + 1, width or 1, height or 1)
    text_page = page.get_textpage()
    result.words = list(_words(text_page, result))
    text_page.close()
    _add_ruled_lines(page, result)
    return result


def _letters(text_page: pypdfium2.PdfTextPage) -> Iterator[tuple]:
    """Iterate over (character, left, bottom, right, top, size, bold, coloured) of a page."""
    raw, box, matrix = text_page.raw, pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    flags = ctypes.c_int()
    styles: dict[int, tuple[float, bool, bool]] = {}
    channels = [ctypes.c_uint() for _ in range(4)]
    for i in range(min(pdfium.FPDFText_CountChars(raw), _MAX_LETTERS)):
        code = pdfium.FPDFText_GetUnicode(raw, i)
        if code in (0, 0xFFFE, 0xFFFF) or not pdfium.FPDFText_GetLooseCharBox(raw, i, box):
            continue
        key = _text_object(raw, i) or 0
        if key not in styles:
            pdfium.FPDFText_GetMatrix(raw, i, matrix)
            scale = max(abs(matrix.d), abs(matrix.b)) or 1
            name = ctypes.create_string_buffer(128)
            pdfium.FPDFText_GetFontInfo(raw, i, name, 128, flags)
            weight = pdfium.FPDFText_GetFontWeight(raw, i)
            is_bold = weight >= _BOLD_WEIGHT or bool(
                re.search(rb"bold|black|heavy|demi", name.value, re.IGNORECASE)
            )
            is_read = pdfium.FPDFText_GetFillColor(raw, i, *channels)
            colour = [channel.value for channel in channels[:3]]
            is_coloured = bool(is_read) and max(colour) - min(colour) > _LEAST_HUE
            styles[key] = pdfium.FPDFText_GetFontSize(raw, i) * scale, is_bold, is_coloured
        yield (chr(code), box.left, box.bottom, box.right, box.top, *styles[key])


def _words(text_page: pypdfium2.PdfTextPage, page: PdfPage) -> Iterator[Word]:
    """Join letters to words: a space, a new line, a way back or a gap ends one."""
    current: Word | None = None
    for letter, left, bottom, right, top, size, bold, coloured in _letters(text_page):
        letter = _LIGATURES.get(letter, letter)
        y0, y1 = page.height - top, page.height - bottom
        if letter.isspace() or letter < " " or not -5 < left < page.width + 5:
            if current:
                yield current
            current = None
        elif current and _continues(current, left, y0, y1):
            current.text += letter
            current.right = max(current.right, right)
            # a smaller letter, an exponent for one, does not lower the line
            current.top, current.bottom = min(current.top, y0), max(current.bottom, y1)
            current.size, current.bold = max(current.size, size), current.bold and bold
            current.coloured = current.coloured and coloured
        else:
            if current:
                yield current
            current = Word(letter, left, y0, right, y1, size, bold, coloured)
    if current:
        yield current


def _continues(word: Word, left: float, top: float, bottom: float) -> bool:
    height = min(word.bottom - word.top, bottom - top)
    overlap = min(word.bottom, bottom) - max(word.top, top)
    # the letters of a ligature have one place: back by as much as it is wide
    return overlap > 0.5 * height and -1.2 * word.size < left - word.right < 0.25 * word.size


def _paths(
    parent: object,
    count: Callable = pdfium.FPDFPage_CountObjects,
    get: Callable = pdfium.FPDFPage_GetObject,
    depth: int = 1,
) -> Iterator[object]:
    """Iterate over the paths of a page, or of a group, by PDFium itself: pages have thousands."""
    for i in range(min(count(parent), _MAX_OBJECTS)):
        drawn = get(parent, i)
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield drawn
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inner = pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject
            yield from _paths(drawn, *inner, depth + 1)


def _add_ruled_lines(page: pypdfium2.PdfPage, result: PdfPage) -> None:
    """Add the lines that a page draws, and the edges of its boxes."""
    bounds = [ctypes.c_float() for _ in range(4)]
    for drawn in islice(_paths(page.raw), _MAX_PATHS):
        if not pdfium.FPDFPageObj_GetBounds(drawn, *bounds):
            continue
        left, bottom, right, top = (bound.value for bound in bounds)
        y0, y1 = result.height - top, result.height - bottom
        if 1.5 < y1 - y0 < 8 and 1.5 < right - left < 8:
            result.bullets.append((right, (y0 + y1) / 2))
        elif y1 - y0 < 3 and right - left > 8:
            result.horizontal.append(((y0 + y1) / 2, left, right))
        elif right - left < 3 and y1 - y0 > 6:
            result.vertical.append(((left + right) / 2, y0, y1))
        elif right - left < 0.98 * result.width and 8 < y1 - y0 < 0.9 * result.height:
            result.horizontal += [(y0, left, right), (y1, left, right)]
            result.vertical += [(left, y0, y1), (right, y0, y1)]
            result.boxes.append((left, y0, right, y1))
