"""Find the tables of a PDF page, by ruled lines or by columns of aligned text."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from comparisons.documents.model import Block, Row, table_block
from comparisons.documents.readers.pdf_page import PdfPage, Word, group_lines, split_line
from comparisons.documents.readers.pdf_table_checks import (
    NUMBER,
    align_heads,
    is_layout,
    is_ruled_table,
    looks_like_table,
    places_of_numbers,
)
from comparisons.documents.readers.wording import join_lines

# In points: how near lines must be to touch, and how wide is the space between two columns.
_TOUCHING, _COLUMN_GAP = 4.0, 5.0
# Of the height of letters: the least space between two rows without lines.
_ROW_GAP = 0.32
# Of the size of letters: the least space between cells on a line; lines of one cell in a row.
_LEAST_GAP, _MOST_SINGLE = 1.0, 3
_MAX_EDGES = 3_000

Bounds = tuple[float, float, float, float]
FoundTable = tuple[Bounds, list[Row], list[Word]]


def find_tables(page: PdfPage) -> list[FoundTable]:
    """List the tables of a page: bounds in points, rows, and the words that they hold."""
    found: list[FoundTable] = []
    left = list(page.words)
    for bounds, xs, ys in _ruled_regions(page):
        inside = [word for word in left if _is_inside(word, bounds)]
        table = _build(page, inside, xs, ys)
        if table and is_ruled_table(table) and not is_layout(table, inside, xs):
            found.append((bounds, table, inside))
            held = set(map(id, inside))
            left = [word for word in left if id(word) not in held]
    for run in _aligned_runs(left):
        table = _build(page, run, [], [])
        if table and looks_like_table(table):
            found.append((_bounds(run), table, run))
    return found


def _ruled_regions(page: PdfPage) -> list[tuple[Bounds, list[float], list[float]]]:
    """List groups of touching lines: their bounds, the places of columns and of rows."""
    edges: list[tuple[Bounds, str]] = [
        ((x0, y, x1, y), "h") for y, x0, x1 in page.horizontal[:_MAX_EDGES]
    ]
    edges += [((x, y0, x, y1), "v") for x, y0, y1 in page.vertical[:_MAX_EDGES]]
    groups: list[tuple[Bounds, list[tuple[Bounds, str]]]] = []
    for edge in sorted(edges, key=lambda each: (each[0][1], each[0][0])):
        bounds, members, others = edge[0], [edge], []
        for other_bounds, other_members in groups:
            if _touch(bounds, other_bounds):
                bounds = _union(bounds, other_bounds)
                members += other_members
            else:
                others.append((other_bounds, other_members))
        groups = [*others, (bounds, members)]
    regions = []
    for bounds, members in _join_parallel(groups):
        xs = _distinct(box[0] for box, kind in members if kind == "v")
        ys = _distinct(box[1] for box, kind in members if kind == "h")
        if len(xs) < 3:
            # each cell has a line of its own below it; what stands above a box is no head of it
            is_box = len(xs) == len(ys) == 2
            xs = _distinct(x for box, _ in members for x in (box[0], box[2]))
            bounds, ys = (bounds, ys) if is_box else _with_head(page, bounds, ys)
        elif not any(abs(box[1] - bounds[1]) < _TOUCHING for box, kind in members if kind == "v"):
            # its first line is below a row, at the top of a page for one
            bounds, ys = _with_head(page, bounds, ys, fewest=2)
        if len(ys) >= 3 or (len(ys) >= 2 and len(xs) >= 3):
            regions.append((bounds, xs if len(xs) >= 3 else [], ys))
    return sorted(regions, key=lambda region: region[0][1])


def _with_head(
    page: PdfPage, bounds: Bounds, ys: list[float], fewest: int = 1
) -> tuple[Bounds, list[float]]:
    """Return a region, and its lines, with the line of text that stands just above its first.

    That line has at least the `fewest` parts.
    """
    left, top, right, bottom = bounds
    above = [
        word
        for word in page.words
        if top - 2.2 * word.size < word.top and word.bottom < top + 2
        and left - 2 < word.left and word.right < right + 2
    ]  # fmt: skip
    if len(above) < 2 or len(ys) < 2 or _spans(above, right - left):
        return bounds, ys
    if len(split_line(above, _LEAST_GAP)) < fewest:
        return bounds, ys
    start = min(word.top for word in above) - 1
    return (left, start, right, bottom), [start, *ys]


def _spans(words: Sequence[Word], width: float) -> bool:
    """Return whether the words of a line are a sentence rather than heads of columns."""
    parts = split_line(list(words), _LEAST_GAP)
    return len(parts) < 2 and parts[0][-1].right - parts[0][0].left > 0.5 * width


def _join_parallel(groups: list) -> list:
    """Join groups of lines of equal ends: tables that are ruled between rows only.

    A head or a total in boxes belongs to the lines below or above that have its columns.
    """
    joined: list = []
    for bounds, members in sorted(groups, key=lambda group: group[0][1]):
        previous = joined[-1] if joined else None
        if (
            previous
            and (_is_plain(members, previous[1]) or _has_columns_of(members, previous[1]))
            and abs(previous[0][0] - bounds[0]) < _TOUCHING
            and abs(previous[0][2] - bounds[2]) < _TOUCHING
            and bounds[1] - previous[0][3] < 80
        ):
            joined[-1] = (_union(bounds, previous[0]), [*previous[1], *members])
        else:
            joined.append((bounds, members))
    return joined


def _is_plain(*groups: list) -> bool:
    return all(kind == "h" for members in groups for _, kind in members)


def _has_columns_of(group: list, other: list) -> bool:
    """Return whether two groups have at least three columns, and the same ones."""
    first, second = (
        _distinct(x for box, _ in members for x in (box[0], box[2])) for members in (group, other)
    )
    return len(first) == len(second) > 3 and all(
        abs(a - b) < _TOUCHING for a, b in zip(first, second, strict=True)
    )


def _build(page: PdfPage, words: Sequence[Word], xs: list[float], ys: list[float]) -> list[Row]:
    """Build the rows of a region; without lines, of columns and rows that white space parts."""
    if len(words) < 2:
        return []
    inner_xs = xs[1:-1] if xs else _column_borders(words)
    if not inner_xs:
        return []
    inner_ys = ys[1:-1] if len(ys) > 2 else []
    words = [part for word in words for part in _split_word(word, inner_xs)]
    grid: dict[int, list[Word]] = {}
    if inner_ys:
        is_drawn = _drawn_borders(page, xs, inner_ys) if xs else None
        for word in words:
            middle = (word.top + word.bottom) / 2
            row = sum(y < middle for y in inner_ys)
            # a cell over several rows is of the first of them
            while is_drawn and row and not is_drawn[_column(word, inner_xs)][row - 1]:
                row -= 1
            grid.setdefault(row, []).append(word)
        groups = [grid[key] for key in sorted(grid)]
    else:
        groups = _text_rows(words, inner_xs)
    end = xs[-1] if xs else max(word.right for word in words)
    return align_heads([_row(page, group, [*inner_xs, end]) for group in groups])


def _drawn_borders(page: PdfPage, xs: list[float], inner_ys: list[float]) -> list[list[bool]]:
    """Return for each column whether the page draws the lines between rows in it, if any."""
    columns = []
    for middle in ((left + right) / 2 for left, right in pairwise(xs)):
        crossing = [y for y, left, right in page.horizontal if left <= middle <= right]
        drawn = [any(abs(y - line) < _TOUCHING for line in crossing) for y in inner_ys]
        columns.append(drawn if any(drawn) else [True] * len(inner_ys))
    return columns


def _row(page: PdfPage, words: list[Word], ends: list[float]) -> Row:
    inner_xs = ends[:-1]
    cells: list[list[Word]] = [[] for _ in range(len(inner_xs) + 1)]
    for line in group_lines(words):
        column, right = 0, -1.0
        for word in line:
            own = _column(word, inner_xs)
            # a text over several columns goes on in the first one
            goes_on = right >= 0 and word.left - right < 0.4 * word.size
            if not goes_on or _is_ruled(page, inner_xs[column:own], word):
                column = own
            cells[column].append(word)
            right = word.right
    lines = [group_lines(cell) for cell in cells]
    texts = [join_lines([_line_text(line) for line in each]) for each in lines]
    paragraphs = tuple(map(_paragraphs, lines, ends))
    left, top, right, bottom = _bounds(words)
    box = left / page.width, top / page.height, right / page.width, bottom / page.height
    return Row(tuple(texts), page.number, box, paragraphs)


def _paragraphs(lines: Sequence[list[Word]], end: float) -> tuple[str, ...]:
    """Return the paragraphs of a cell: after bold letters, or a line that ends early."""
    groups: list[list[list[Word]]] = []
    for line in lines:
        before = groups[-1][-1] if groups else None
        if before is None or _is_paragraph(before, line, end):
            groups.append([])
        groups[-1].append(line)
    return tuple(join_lines([_line_text(line) for line in group]) for group in groups)


def _is_paragraph(before: list[Word], line: list[Word], end: float) -> bool:
    """Return whether a line begins a paragraph: its first word would not have been cut off."""
    if all(word.bold for word in before) != all(word.bold for word in line):
        return True
    first = line[0]
    has_place = before[-1].right + (first.right - first.left) + 1.2 * first.size < end
    return has_place and first.text[:1].isupper()


def _is_ruled(page: PdfPage, xs: Sequence[float], word: Word) -> bool:
    """Return whether the page draws one of the borders of columns beside a word."""
    middle = (word.top + word.bottom) / 2
    return any(
        abs(x - border) < _TOUCHING and top < middle < bottom
        for border in xs
        for x, top, bottom in page.vertical
    )


def _split_word(word: Word, inner_xs: list[float]) -> list[Word]:
    """Return the two words that fill their cells so that they touch: « MontantFinanceur »."""
    borders = [x for x in inner_xs if word.left < x - 2 and word.right > x + 2]
    cuts = [match.end() for match in re.finditer(r"[a-zà-ÿ)](?=[A-ZÀ-Ý])", word.text)]
    if len(borders) != 1 or len(cuts) != 1:
        return [word]
    first, second = word.text[: cuts[0]], word.text[cuts[0] :]
    x = borders[0]
    return [replace(word, text=first, right=x), replace(word, text=second, left=x)]


def _column(word: Word, inner_xs: list[float]) -> int:
    """Return the column of a word: that of its middle, of its start if it spans several."""
    spans = any(word.left < x - 2 and word.right > x + 2 for x in inner_xs)
    place = word.left + 1 if spans else (word.left + word.right) / 2
    return sum(x < place for x in inner_xs)


def _line_text(line: Sequence[Word]) -> str:
    return " ".join(word.text for word in line)


def _text_rows(words: Sequence[Word], inner_xs: list[float]) -> list[list[Word]]:
    """Group lines to rows: a space, or a second number in the same column, begins a new one."""
    rows: list[list[Word]] = []
    numbers: set[int] = set()
    bottom = 0.0
    for line in group_lines(list(words)):
        cells: dict[int, list[str]] = {}
        for word in line:
            cells.setdefault(_column(word, inner_xs), []).append(word.text)
        new_numbers = {
            column for column, texts in cells.items() if NUMBER.fullmatch(" ".join(texts))
        }
        top = min(each.top for each in line)
        size = max(each.size for each in line)
        if not rows or top - bottom > _ROW_GAP * size or numbers & new_numbers:
            rows.append([])
            numbers = set()
        rows[-1] += line
        numbers |= new_numbers
        bottom = max(each.bottom for each in line)
    return rows


def _column_borders(words: Sequence[Word]) -> list[float]:
    """Return the middles of the white spaces that part columns, of which few lines cross any."""
    lines = group_lines(list(words))
    several = [line for line in lines if len(split_line(line, _LEAST_GAP)) > 1]
    places = [(part[0].left, part[-1].right) for line in several for part in split_line(line, 0.45)]
    numbers = places_of_numbers([split_line(line, 0.45) for line in several])
    edges = sorted({right for _, right in places})
    borders: list[float] = []
    for edge in edges:
        nexts = [left for left, _ in places if left >= edge - 0.1]
        if not nexts or min(nexts) - edge < _COLUMN_GAP:
            continue
        x = (edge + min(nexts)) / 2
        crossing = sum(left < x < right for left, right in numbers or places)
        if crossing <= 0.1 * len(several) and (not borders or _has_text(places, borders[-1], x)):
            borders.append(x)
    return borders


def _has_text(places: Sequence[tuple[float, float]], start: float, end: float) -> bool:
    return any(start <= left and right <= end for left, right in places)


def _aligned_runs(words: Sequence[Word]) -> list[list[Word]]:
    """List runs of lines of several parts, with the short lines of one part between them."""
    runs: list[list[Word]] = []
    current: list[list[Word]] = []
    bottom, alone = 0.0, 0
    for line in [*group_lines(list(words)), None]:
        is_single = line is None or len(split_line(line, _LEAST_GAP)) == 1
        alone = alone + 1 if is_single else 0
        is_far = line is None or line[0].top - bottom > 2.2 * max(each.size for each in line)
        if current and (is_far or alone > _MOST_SINGLE):
            runs += _whole_run(current)
            current = []
        if line and (current or not is_single):
            current.append(line)
        bottom = max(each.bottom for each in line) if line else 0.0
    return runs


def _whole_run(lines: list[list[Word]]) -> list[list[Word]]:
    """Return the words of a run as its only element, or nothing if it is too short."""
    while lines and len(split_line(lines[-1], _LEAST_GAP)) == 1:
        lines = lines[:-1]
    several = sum(len(split_line(line, _LEAST_GAP)) > 1 for line in lines)
    return [[word for line in lines for word in line]] if several >= 3 else []


def _is_inside(word: Word, bounds: Bounds) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return bounds[0] - 1 < x < bounds[2] + 1 and bounds[1] - 1 < y < bounds[3] + 1


def _bounds(words: Sequence[Word]) -> Bounds:
    return (
        min(each.left for each in words),
        min(each.top for each in words),
        max(each.right for each in words),
        max(each.bottom for each in words),
    )


def _touch(a: Bounds, b: Bounds) -> bool:
    return (
        a[0] - _TOUCHING <= b[2]
        and b[0] - _TOUCHING <= a[2]
        and a[1] - _TOUCHING <= b[3]
        and b[1] - _TOUCHING <= a[3]
    )


def _union(a: Bounds, b: Bounds) -> Bounds:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _distinct(values: object) -> list[float]:
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > _TOUCHING:
            places.append(value)
    return places


def join_tables(blocks: Sequence[Block]) -> list[Block]:
    """Join a table with the one that continues it on the next page; its repeated head goes."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if (
            block.rows
            and before is not None
            and before.rows
            and before.rows[-1].page == block.page - 1
            and len(before.rows[0].cells) == len(block.rows[0].cells)
        ):
            is_head = before.rows[0].cells == block.rows[0].cells
            rows = [*before.rows, *block.rows[is_head:]]
            joined[-1] = table_block(_whole_rows(rows), before.box)
        else:
            joined.append(table_block(_whole_rows(block.rows), block.box) if block.rows else block)
    return joined


def _whole_rows(rows: Sequence[Row]) -> list[Row]:
    """Return rows, those that only end the cells of the row before joined with it."""
    whole: list[Row] = []
    for row in rows:
        starts = [cell[0] for cell in row.cells if cell]
        # the end of a page cuts a row anywhere: some of its cells go on
        enough = all if whole and row.page == whole[-1].page else any
        is_rest = enough(start.islower() or start in "€%" for start in starts)
        if not whole or not is_rest or not 0 < len(starts) < sum(map(bool, whole[-1].cells)):
            whole.append(row)
            continue
        pairs = zip(whole[-1].cells, row.cells, strict=True)
        cells = tuple(" ".join(filter(None, pair)) for pair in pairs)
        whole[-1] = replace(whole[-1], cells=cells, paragraphs=())
    return whole
