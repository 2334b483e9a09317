"""Read a .pptx presentation: a slide is a page, its title a heading."""

import io
from collections.abc import Iterator

import pptx
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER

from comparisons.documents.model import Block, Box, Document, Row, table_block
from comparisons.documents.readers.wording import BULLET, clean, read_cells

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
_RUNNING = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE)
_MAX_DEPTH = 5


def read_pptx(content: bytes, name: str) -> Document:
    """Read a .pptx, slide after slide; shapes go from the top, the title first."""
    file = pptx.Presentation(io.BytesIO(content))
    size = file.slide_width or 1, file.slide_height or 1
    blocks: list[Block] = []
    running: dict[str, None] = {}
    for number, slide in enumerate(file.slides, start=1):
        for shape in _shapes(slide.shapes):
            kind = shape.placeholder_format.type if shape.is_placeholder else None
            if kind in _RUNNING:
                if kind == PP_PLACEHOLDER.FOOTER and shape.has_text_frame:
                    running[clean(shape.text_frame.text)] = None
                continue
            blocks += _blocks(shape, number, _box(shape, size), kind in _TITLES)
    title = (file.core_properties.title or "").strip()
    return Document(name, tuple(blocks), number_of(file), title, running=tuple(running))


def number_of(file: object) -> int:
    """Return how many slides a presentation has, at least one."""
    return max(1, len(file.slides))


def _shapes(shapes: object, depth: int = 0) -> Iterator[object]:
    """Iterate over shapes in reading order; those of a group stay together."""
    for shape in sorted(shapes, key=_order):
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < _MAX_DEPTH:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _order(shape: object) -> tuple:
    is_title = shape.is_placeholder and shape.placeholder_format.type in _TITLES
    return not is_title, shape.top or 0, shape.left or 0


def _box(shape: object, size: tuple[int, int]) -> Box | None:
    if None in (shape.left, shape.top, shape.width, shape.height):
        return None
    width, height = size
    return (
        shape.left / width,
        shape.top / height,
        (shape.left + shape.width) / width,
        (shape.top + shape.height) / height,
    )


def _blocks(shape: object, page: int, box: Box | None, is_title: bool) -> Iterator[Block]:
    if getattr(shape, "has_table", False) and shape.has_table:
        rows = [
            Row(texts, page, box, paragraphs)
            for row in shape.table.rows
            for texts, paragraphs in [read_cells([cell.text for cell in row.cells])]
        ]
        rows = [row for row in rows if any(row.cells)]
        if rows:
            yield table_block(rows, box)
        return
    if not shape.has_text_frame:
        return
    paragraphs = [each for each in shape.text_frame.paragraphs if clean(each.text)]
    if is_title:
        text = clean(" ".join(each.text for each in paragraphs))
        if text:
            yield Block(text, page, level=1, box=box)
        return
    is_placeholder = shape.is_placeholder
    for paragraph in paragraphs:
        text = clean(paragraph.text)
        bullet = BULLET.match(text)
        runs = [run for run in paragraph.runs if run.text.strip()]
        sizes = [run.font.size.pt for run in runs if run.font.size]
        yield Block(
            text[bullet.end() :] if bullet else text,
            page,
            size=max(sizes, default=0.0),
            bold=bool(runs) and all(run.font.bold for run in runs),
            is_item=bullet is not None or (is_placeholder and len(paragraphs) > 1),
            indent=paragraph.level,
            box=box,
            lead=runs[0].text.strip() if len(runs) > 1 and runs[0].font.bold else "",
        )
