"""Tell whether rows that lines or white space make are a table, or texts that are laid out."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

from comparisons.documents.model import Row
from comparisons.documents.readers.pdf_page import Word

NUMBER = re.compile(r"[-+–]?\s*\d[\d\s.,]*\s*(?:%|€|k€|K€|M€|ans?)?|[–-]|n\.?[cd]\.?")
_SENTENCES = re.compile(r"[a-zà-ÿ)][.!?](?: [A-ZÀ-Ý]|$)")
_PAGE_TOP = 0.2


def is_ruled_table(rows: Sequence[Row]) -> bool:
    """Return whether rows between ruled lines are a table: several, with several cells each."""
    if _is_prose(rows):
        return False
    filled = [sum(map(bool, row.cells)) for row in rows]
    # one row at the top of a page ends the table of the page before
    is_enough = len(rows) >= 2 or (rows[0].box is not None and rows[0].box[1] < _PAGE_TOP)
    return is_enough and sum(count >= 2 for count in filled) >= max(1, len(rows) // 3)


def align_heads(rows: Sequence[Row]) -> list[Row]:
    """Return rows; heads that stand beside their numbers, in other columns, come above them."""
    heads = [i for i, cell in enumerate(rows[0].cells) if cell]
    body = [i for i in range(len(rows[0].cells)) if any(row.cells[i] for row in rows[1:])]
    if len(heads) < 3 or len(heads) != len(body) or set(heads) & set(body) - {0}:
        return list(rows)
    columns = [heads, *[body] * (len(rows) - 1)]
    cells = [tuple(row.cells[i] for i in kept) for row, kept in zip(rows, columns, strict=True)]
    return [replace(row, cells=each, paragraphs=()) for row, each in zip(rows, cells, strict=True)]


def places_of_numbers(lines: Sequence[list[list[Word]]]) -> list[tuple[float, float]]:
    """Return where the parts of lines begin and end, of three lines or more of as many numbers."""
    texts = [[" ".join(word.text for word in part) for part in parts[1:]] for parts in lines]
    are_numbers = [len(each) > 1 and all(map(NUMBER.fullmatch, each)) for each in texts]
    found = list(compress(lines, are_numbers))
    if len(found) < 3 or len(set(map(len, found))) > 1:
        return []
    return [(part[0].left, part[-1].right) for parts in found for part in parts]


def is_layout(rows: Sequence[Row], words: Sequence[Word], xs: Sequence[float]) -> bool:
    """Return whether ruled lines only lay out texts: boxes, or titles in a margin."""
    return _are_boxes(rows, words) or (not xs and _has_side_heads(rows, words))


def _are_boxes(rows: Sequence[Row], words: Sequence[Word]) -> bool:
    """Return whether two rows of letters of several sizes are a heading and a box beside it."""
    sizes = [word.size for word in words]
    numbers = any(NUMBER.fullmatch(cell) for row in rows for cell in row.cells)
    return len(rows) == 2 and max(sizes) > 1.4 * min(sizes) and not numbers


def _has_side_heads(rows: Sequence[Row], words: Sequence[Word]) -> bool:
    """Return whether rows are titles in a margin, all bold, and the texts beside them."""
    titles = [word.right for word in words if word.bold]
    beside = [word.left for word in words if not word.bold]
    if not titles or not beside or len(rows[0].cells) != 2 or max(titles) > min(beside):
        return False
    texts = sum(len(row.cells[1]) > 60 and bool(_SENTENCES.search(row.cells[1])) for row in rows)
    return 3 * texts >= 2 * len(rows)


def _is_prose(rows: Sequence[Row]) -> bool:
    """Return whether the first cells of rows without numbers are paragraphs: boxes of a layout."""
    firsts = [next(filter(None, row.cells), "") for row in rows]
    paragraphs = sum(len(each) > 60 and bool(_SENTENCES.search(each)) for each in firsts)
    numbers = any(NUMBER.fullmatch(cell) for row in rows for cell in row.cells if cell)
    return 3 * paragraphs >= len(rows) and not numbers


def looks_like_table(rows: Sequence[Row]) -> bool:
    """Return whether rows without lines are a table: short cells, columns of numbers."""
    width = len(rows[0].cells)
    filled = [row for row in rows if sum(map(bool, row.cells)) >= 2]
    if len(filled) < 3 or len(filled) < 0.5 * len(rows):
        return False
    following = [cell for row in filled[1:] for cell in row.cells if cell]
    if 2 * sum(cell[:1].islower() for cell in following) >= len(following):
        # texts side by side, each line of which goes on with the sentence before
        return False
    inner = [cell for row in filled for cell in row.cells[1:] if cell]
    numbers = sum(bool(NUMBER.fullmatch(cell)) for cell in inner)
    if _is_contents(rows):
        return False
    shortest = sorted(map(len, inner))[len(inner) // 2] if inner else 0
    return numbers >= 0.4 * len(inner) or (width >= 3 and shortest <= 25)


def _is_contents(rows: Sequence[Row]) -> bool:
    """Return whether rows are a table of contents: ever higher numbers of pages at their end."""
    last = [row.cells[-1] for row in rows if row.cells[-1]]
    numbers = [int(cell) for cell in last if re.fullmatch(r"\d{1,3}", cell)]
    return len(numbers) >= max(2, 0.9 * len(last)) and numbers == sorted(numbers)
