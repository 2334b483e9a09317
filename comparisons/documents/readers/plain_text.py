"""Read a plain text, or one in Markdown: paragraphs between empty lines, headings, lists."""

import re
from collections.abc import Iterator

from comparisons.datapackage.encodings import detect_encoding
from comparisons.documents.model import Block, Document, Row, table_block
from comparisons.documents.readers.wording import BULLET, LABEL, clean, ends_early, join_lines

_UNDERLINE = re.compile(r"\s*(=+|-{3,}|_{3,}|\*{3,}|~{3,})\s*")
_NUMBERED = re.compile(
    r"\s*(?:\d{1,2}(?:\.\d{1,2})*[.)]|\d{1,2}(?:\.\d{1,2})+(?=\s)|[IVX]{1,4}[.)/]|[A-Ha-h][.)/]|\d{1,2}\s[-–])\s+\S"
)
_FIELD = re.compile(r"[A-ZÀ-Ý][^.;:]{2,50}\s?:(?:\s|$)")
_LABELLED = re.compile(rf"\s*{LABEL}", re.IGNORECASE)


def read_text(content: bytes, name: str) -> Document:
    """Read a text; a form feed begins a page."""
    mark, encoding = detect_encoding(content)
    text = content.removeprefix(mark).decode(encoding, errors="replace")
    blocks: list[Block] = []
    pages = text.rstrip("\f\n\r ").split("\f")
    for number, page in enumerate(pages, start=1):
        blocks += _page_blocks(page.splitlines(), number)
    return Document(name, tuple(blocks), len(pages))


def _page_blocks(lines: list[str], page: int) -> Iterator[Block]:
    group: list[str] = []
    table: list[Row] = []
    for number, line in enumerate([*lines, ""]):
        cells = _cells(line) or _cells_of_two(lines, number)
        if len(cells) >= 2:
            yield from _paragraph(group, page)
            group = []
            if any(re.search(r"\w", cell) for cell in cells):
                table.append(Row(tuple(cells), page))
            continue
        if table:
            yield table_block(table)
            table = []
        if group and _UNDERLINE.fullmatch(line):
            level = 1 if "=" in line else 2
            yield Block(join_lines(group), page, level=level)
            group = []
        elif not line.strip() or _UNDERLINE.fullmatch(line):
            yield from _paragraph(group, page)
            group = []
        elif BULLET.match(line) or _NUMBERED.match(line) or _LABELLED.match(line) or line[0] == "#":
            yield from _paragraph(group, page)
            group = [line]
        elif group and line.lstrip()[0].isupper() and _ends_before(group, line):
            yield from _paragraph(group, page)
            group = [line]
        else:
            group.append(line)


def _ends_before(group: list[str], line: str) -> bool:
    """Return whether a paragraph ends although no empty line follows: a heading, an item."""
    if BULLET.match(group[0]) and not line[0].isspace():
        # « Budget : 2 M€ », or a sentence after a whole item
        is_whole = group[-1].rstrip().endswith((".", ";"))
        is_cut = ends_early(group[-1], len(line) - len(group[-1]), line, len(line))
        return is_whole or is_cut or _FIELD.match(line) is not None
    return len(group) == 1 and _is_heading(group[0])


def _is_heading(line: str) -> bool:
    """Return whether a line is a heading although the next one is not empty: short, numbered."""
    is_marked = line.isupper() or _NUMBERED.match(line) or _LABELLED.match(line)
    return bool(is_marked) and len(line) < 60 and not line.rstrip().endswith((".", ",", ";"))


def _cells(line: str) -> list[str]:
    if line.count("|") >= 2 or "\t" in line.strip():
        parts = re.split(r"\s*\|\s*|\t+", line.strip().strip("|"))
        return [clean(part.replace("**", "")) for part in parts]
    parts = re.split(r"\s{3,}", line.strip())
    is_row = len(parts) >= 2 and any(re.match(r"[\d–-]", part) for part in parts[1:])
    return [clean(part) for part in parts] if is_row and not BULLET.match(line) else []


def _cells_of_two(lines: list[str], number: int) -> list[str]:
    """Return the cells of a line with one bar, where the line before or after has one too."""
    near = lines[max(0, number - 1) : number + 2]
    if number >= len(lines) or sum(line.count(" | ") == 1 for line in near) < 2:
        return []
    return [clean(part) for part in lines[number].split(" | ")]


def _paragraph(lines: list[str], page: int) -> Iterator[Block]:
    if not lines:
        return
    text = join_lines([clean(line) for line in lines])
    marks = re.match(r"(#{1,6})\s+", text)
    strong = re.fullmatch(r"\*\*(.+)\*\*", text)
    # « **Former.** Chaque agent … » begins with bold words, not with a bullet
    bullet = None if marks or text.startswith("**") else BULLET.match(text)
    text = strong[1] if strong else text[(marks or bullet).end() :] if marks or bullet else text
    lead = re.match(r"\*\*(.+?)\*\*.", text)
    yield Block(
        text.replace("**", "").strip(),
        page,
        level=len(marks[1]) if marks else 0,
        bold=bool(strong) or (text.isupper() and len(text) > 5),
        is_item=bullet is not None,
        lead=lead[1] if lead and not strong else "",
    )
