"""Draw a page of a PDF, with a place of it marked."""

import io

from PIL import Image, ImageDraw

from comparisons.documents.model import Box, UnreadableDocumentError
from comparisons.documents.readers.pdf_page import open_pdf

# In pixels; the margin is around the marked place.
_WIDTH, _MAX_HEIGHT, _MARGIN = 1_000, 2_200, 6
_COLOUR = (255, 200, 0, 70)
_EDGE = (190, 110, 0, 255)


def draw_page(content: bytes, page: int, box: Box | None) -> bytes:
    """Return the picture (PNG) of a page, from 1, of a PDF; `box` is in shares of the page."""
    file = open_pdf(content)
    if not 1 <= page <= len(file):
        raise UnreadableDocumentError(f"Ce document n’a pas de page {page}.")
    drawn = file[page - 1]
    width, height = drawn.get_size()
    scale = min(_WIDTH / max(width, 1), _MAX_HEIGHT / max(height, 1))
    picture = drawn.render(scale=scale).to_pil().convert("RGBA")
    if box:
        layer = Image.new("RGBA", picture.size)
        left, top, right, bottom = (
            share * side for share, side in zip(box, picture.size * 2, strict=True)
        )
        place = (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
        ImageDraw.Draw(layer).rectangle(place, fill=_COLOUR, outline=_EDGE, width=2)
        picture = Image.alpha_composite(picture, layer)
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()
