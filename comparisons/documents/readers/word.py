"""Read a .docx document: paragraphs with the level of their style, lists, tables."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import docx
from docx.document import Document as DocxDocument
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from comparisons.documents.model import Block, Document, Row, table_block
from comparisons.documents.readers.wording import BULLET, clean, read_cells

_HEADING = re.compile(r"(?:heading|titre|title)\s*(\d)?", re.IGNORECASE)
_PAGE_BREAKS = (
    f".//{qn('w:lastRenderedPageBreak')}",
    f".//{qn('w:br')}[@{qn('w:type')}='page']",
)


def read_docx(content: bytes, name: str) -> Document:
    """Read a .docx; its pages are those that Word, or an explicit break, marked."""
    file = docx.Document(io.BytesIO(content))
    blocks: list[Block] = []
    page = 1
    for element in _parts(file.element.body):
        if element.tag == qn("w:p"):
            paragraph = Paragraph(element, file)
            if blocks and _breaks_before(paragraph):
                page += 1
            breaks = _count_breaks(element)
            text = clean(paragraph.text)
            # the break before the first letters moves the paragraph itself
            leading = breaks if _begins_with_break(element) else 0
            page += leading
            if text:
                blocks += _with_title_line(_block(paragraph, text, page), paragraph.text)
            page += breaks - leading
            page += bool(element.findall(f"./{qn('w:pPr')}/{qn('w:sectPr')}"))
        elif element.tag == qn("w:tbl"):
            rows = []
            for row in _rows(Table(element, file), page):
                rows.append(row)
            if rows:
                blocks.append(table_block(rows))
                page = rows[-1].page
    return Document(
        name, tuple(blocks), page, (file.core_properties.title or "").strip(),
        running=tuple(dict.fromkeys(_running(file))),
    )  # fmt: skip


def _parts(body: object) -> Iterator[object]:
    """Iterate over the paragraphs and tables of a body, those of its fields of content too."""
    for element in body.iterchildren():
        if element.tag == qn("w:sdt"):
            yield from _parts(element.find(qn("w:sdtContent")))
        else:
            yield element
            for box in element.iter(qn("w:txbxContent")):
                # the same box is written twice, for old programs too
                if not any(each.tag.endswith("}Fallback") for each in box.iterancestors()):
                    yield from box.iterchildren(qn("w:p"), qn("w:tbl"))


def _count_breaks(element: object) -> int:
    """Count the breaks of pages; a rendered one that follows an explicit one is the same."""
    explicit = len(element.findall(_PAGE_BREAKS[1]))
    rendered = len(element.findall(_PAGE_BREAKS[0]))
    return max(explicit, rendered)


def _begins_with_break(element: object) -> bool:
    for node in element.iter(qn("w:t"), qn("w:br"), qn("w:lastRenderedPageBreak")):
        if node.tag == qn("w:t"):
            if (node.text or "").strip():
                return False
        elif node.tag != qn("w:br") or node.get(qn("w:type")) == "page":
            return True
    return False


def _breaks_before(paragraph: Paragraph) -> bool:
    """Return whether a paragraph begins a page by its format, and no mark says so already."""
    if paragraph._p.findall(_PAGE_BREAKS[0]):
        return False
    style = paragraph.style
    return bool(
        paragraph.paragraph_format.page_break_before
        or (style is not None and style.paragraph_format.page_break_before)
    )


def _block(paragraph: Paragraph, text: str, page: int) -> Block:
    runs = [run for run in paragraph.runs if run.text.strip()]
    sizes = [run.font.size.pt for run in runs if run.font.size]
    style_size = paragraph.style.font.size if paragraph.style is not None else None
    bullet = BULLET.match(text)
    level = _level(paragraph)
    is_item = bullet is not None or (_is_listed(paragraph) and not level)
    return Block(
        text[bullet.end() :] if bullet else text,
        page,
        level=level,
        size=max(sizes) if sizes else (style_size.pt if style_size else 0.0),
        bold=bool(runs) and all(run.bold for run in runs),
        is_item=is_item,
        indent=_indent(paragraph) if is_item else 0,
        lead=_lead(runs),
    )


def _with_title_line(block: Block, text: str) -> list[Block]:
    """Return a block, or two where bold words fill its first line: a title and what it says."""
    first, _, rest = text.partition("\n")
    if not block.lead or clean(first) != block.lead or not clean(rest):
        return [block]
    return [
        replace(block, text=block.lead, bold=True, lead=""),
        replace(block, text=clean(rest), level=0, lead=""),
    ]


def _lead(runs: Sequence[Run]) -> str:
    """Return the bold words that begin a paragraph, or "" where all are."""
    first = list(takewhile(lambda run: run.bold, runs))
    return clean("".join(run.text for run in first)) if len(first) < len(runs) else ""


def _level(paragraph: Paragraph) -> int:
    """Return the level of a heading, by its outline or by the name of its style."""
    outline = paragraph._p.find(f"./{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if outline is not None and (value := outline.get(qn("w:val"), "9")) < "9":
        return int(value) + 1
    style = paragraph.style
    while style is not None:
        match = _HEADING.match(style.name or "")
        if match:
            return int(match[1] or 1)
        style = style.base_style
    return 0


def _is_listed(paragraph: Paragraph) -> bool:
    name = (paragraph.style.name or "").lower() if paragraph.style is not None else ""
    numbered = paragraph._p.find(f"./{qn('w:pPr')}/{qn('w:numPr')}") is not None
    return numbered or name.startswith(("list", "liste"))


def _indent(paragraph: Paragraph) -> int:
    """Return how deep an item of a list is, by its numbering or the name of its style."""
    depth = paragraph._p.find(f"./{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:ilvl')}")
    if depth is not None:
        return int(depth.get(qn("w:val"), "0"))
    number = re.search(
        r"(\d)$", (paragraph.style.name or "") if paragraph.style is not None else ""
    )
    return int(number[1]) - 1 if number else 0


def _rows(table: Table, page: int) -> Iterator[Row]:
    for row in table.rows:
        cells, seen = [], set()
        breaks = len(row._tr.findall(_PAGE_BREAKS[0]))
        page += breaks
        for cell in row.cells:
            # a merged cell is given once for each column that it spans
            is_repeated = id(cell._tc) in seen
            seen.add(id(cell._tc))
            cells.append("" if is_repeated else cell.text)
        texts, paragraphs = read_cells(cells)
        if any(texts):
            yield Row(texts, page, paragraphs=paragraphs)


def _running(file: DocxDocument) -> Iterator[str]:
    for section in file.sections:
        for part in (section.header, section.footer):
            for paragraph in part.paragraphs:
                if text := clean(paragraph.text):
                    yield text
