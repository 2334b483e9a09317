"""Put the words of PDF pages in reading order: columns, paragraphs, tables."""

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from unicodedata import category

from comparisons.documents.model import Block, table_block
from comparisons.documents.readers.pdf_page import Item, PdfPage, Word, group_lines, split_line
from comparisons.documents.readers.pdf_side_heads import with_side_heads
from comparisons.documents.readers.pdf_tables import Bounds, find_tables, join_tables
from comparisons.documents.readers.wording import BULLET, LABEL, clean, ends_early, join_lines
from comparisons.formatting import fold

# Shares of the height of a page where headers and footers are.
_TOP, _BOTTOM = 0.11, 0.89
# In points.
_SAME_HEIGHT = 6
# What begins a new paragraph even without a space before it.
_BEGINNING = re.compile(
    # « A.1 – Former », not « 35 M€ », « 11 mars » or « 38 communes »
    rf"^(?:{LABEL}|(?!\d+\s(?:(?:M|Md|k)€|(?-i:[a-zà-ÿ])))"
    r"(?-i:[A-H]\.)?\d{1,2}(?:\.\d{1,2})*[.)\s–-]+\s*[A-ZÀ-Ý«]|"
    r"\d{1,2}(?:°\)?|\))\s|[IVX]{1,4}[.)]\s|[A-Ha-h][.)]\s|article\s+\d)",
    re.IGNORECASE,
)
# Shares of the width of a page that an item within another is further to the right.
_LEAST_INDENT, _MOST_INDENT = 0.008, 0.1
_MAX_COLUMNS_DEPTH = 3
# Lines of a card, a figure and its caption; those of a page among which cards are looked for.
_MAX_CARD, _MAX_CARD_ITEMS = 6, 500
# Boxes of a page, and how deep they lie in one another.
_MAX_BOXES, _MAX_BOX_DEPTH = 60, 3
_PAGE_NUMBER = re.compile(r"(?:page )?[-–|]?\s*#\s*(?:(?:/|sur|of)\s*#)?\s*[-–|]?")


def to_blocks(pages: Sequence[PdfPage]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the blocks of all the pages, and the headers and footers set aside."""
    running = _set_aside_running(pages)
    texts = " ".join(word.text for page in pages for word in page.words)
    words = frozenset(word.lower() for word in re.findall(r"\w+(?:-\w+)+", texts))
    blocks: list[Block] = []
    for page in pages:
        items = _items(page)
        blocks += _paragraphs(_ordered(items, page.boxes[:_MAX_BOXES]), page, words)
    return tuple(join_tables(blocks)), running


def _set_aside_running(pages: Sequence[PdfPage]) -> tuple[str, ...]:
    """Remove repeated headers and footers, and numbers of pages; return the former, each once."""
    marginal = [_marginal_lines(page) for page in pages]
    tops: dict[str, dict[int, float]] = {}
    wordings: dict[str, set[str]] = {}
    for page, lines in zip(pages, marginal, strict=True):
        for part in (part for line in lines for part in line):
            tops.setdefault(_key(part), {})[page.number] = part[0].top
            wordings.setdefault(_key(part), set()).add(_text(part))
    least = max(2, min(4, 0.4 * len(pages)))

    def is_repeated(part: Sequence[Word]) -> bool:
        # « Fiche action n° 2 » heads a page after « Fiche action n° 1 »
        if re.match(LABEL, _text(part), re.IGNORECASE) and len(wordings[_key(part)]) > 1:
            return False
        # rows of tables may be alike too, but not at one height of several pages
        alike = tops[_key(part)].values()
        return sum(abs(top - part[0].top) < _SAME_HEIGHT for top in alike) >= least

    texts: dict[str, None] = {}
    for page, lines in zip(pages, marginal, strict=True):
        removed: set[int] = set()
        for line in lines:
            repeated = [part for part in line if is_repeated(part)]
            numbers = [part for part in line if _PAGE_NUMBER.fullmatch(_key(part))]
            texts |= dict.fromkeys(clean(_text(part)) for part in repeated if part not in numbers)
            # a number beside other words is a cell of a table
            parts = repeated if len(repeated) + len(numbers) < len(line) else [*repeated, *numbers]
            removed |= {id(word) for part in parts for word in part}
        page.words = [word for word in page.words if id(word) not in removed]
    return tuple(texts)


def _marginal_lines(page: PdfPage) -> list[list[list[Word]]]:
    """Return the lines at the top and the bottom of a page, each as its parts."""
    words = [
        word
        for word in page.words
        if word.bottom < _TOP * page.height or word.top > _BOTTOM * page.height
    ]
    return [split_line(line, 2) for line in group_lines(words)]


def _key(part: Sequence[Word]) -> str:
    return re.sub(r"\d+", "#", fold(_text(part)))


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _items(page: PdfPage) -> list[Item]:
    """Return the lines and the tables of a page."""
    items, used = [], set()
    for (left, top, right, bottom), rows, words in find_tables(page):
        items.append(Item(left, top, right, bottom, rows=tuple(rows)))
        used |= set(map(id, words))
    lines: list[Item] = []
    usual = median(word.size for word in page.words) if page.words else 0.0
    for word in page.words:
        if id(word) in used or _is_ornament(word, usual):
            continue
        line = Item(word.left, word.top, word.right, word.bottom, word.text, word.size, word.bold)
        line.lead = word.text if word.bold else ""
        same = next((each for each in reversed(lines[-3:]) if _is_same_line(each, line)), None)
        if same and not _is_ruled_off(page, same, line):
            first, last = sorted((same, line), key=lambda each: each.left)
            same.lead = f"{first.text} {last.lead}".strip() if first.bold else first.lead
            same.text = f"{first.text} {last.text}"
            same.left, same.right = first.left, max(same.right, line.right)
            same.size, same.bold = max(same.size, line.size), same.bold and line.bold
        else:
            lines.append(line)
    for line in lines:
        middle = (line.top + line.bottom) / 2
        if any(0 < line.left - x < 30 and abs(middle - y) < line.size / 2 for x, y in page.bullets):
            line.text = f"• {line.text}"
    return items + lines


def _is_ornament(word: Word, usual: float) -> bool:
    """Return whether a word is a large symbol, « ★ », which stands beside several lines."""
    are_symbols = all(category(letter) == "So" for letter in word.text)
    return are_symbols and word.size > 1.4 * usual


def _is_same_line(before: Item, after: Item) -> bool:
    """Return whether a word continues a line: a bullet or a number, and its text."""
    overlap = min(before.bottom, after.bottom) - max(before.top, after.top)
    if overlap < 0.5 * min(before.bottom - before.top, after.bottom - after.top):
        return False
    gap = max(after.left - before.right, before.left - after.right)
    # a title in the margin, and the text on its right
    is_other = before.bold != after.bold and not 0.85 < before.size / (after.size or 1) < 1.18
    if is_other and gap > 0.5 * max(before.size, after.size):
        return False
    is_mark = len(before.text) <= 9 or BULLET.fullmatch(before.text + " ") is not None
    return gap < (5 if is_mark or before.text.endswith(("..", ". .")) else 1.4) * before.size


def _is_ruled_off(page: PdfPage, before: Item, after: Item) -> bool:
    """Return whether a vertical rule stands between two words, as between figures in boxes."""
    middle = (after.top + after.bottom) / 2
    return after.left - before.right > after.size / 2 and any(
        before.right < x < after.left and top < middle < bottom for x, top, bottom in page.vertical
    )


def _ordered(items: list[Item], boxes: Sequence[Bounds], depth: int = 0) -> list[Item]:
    """Return items in reading order; what a drawn box holds stays together."""
    left = list(items)
    for box in sorted(boxes, key=_area, reverse=True) if depth < _MAX_BOX_DEPTH else ():
        inside = [item for item in left if not item.parts and _holds(box, item)]
        if 2 <= len(inside) < len(items):
            inner = [each for each in boxes if each != box and _area(each) < _area(box)]
            held = set(map(id, inside))
            parts = tuple(_ordered(inside, inner, depth + 1))
            left = [item for item in left if id(item) not in held]
            left.append(Item(*box, parts=parts))
    ordered = _in_reading_order(_with_cards(with_side_heads(left)))
    return [part for item in ordered for part in (item.parts or (item,))]


def _area(box: Bounds) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _holds(box: Bounds, item: Item) -> bool:
    x, y = (item.left + item.right) / 2, (item.top + item.bottom) / 2
    return box[0] < x < box[2] and box[1] < y < box[3] and item.right < box[2] + _SAME_HEIGHT


def _with_cards(items: list[Item]) -> list[Item]:
    """Return items; cards side by side, each a large figure and its caption, are one of them."""
    if len(items) > _MAX_CARD_ITEMS:
        return items
    left = sorted(items, key=lambda item: (round(item.top), item.left))
    result: list[Item] = []
    while left:
        first = left[0]
        heads = [each for each in left if abs(each.top - first.top) < first.size / 2]
        cards = _cards(heads, [each for each in left if each not in heads])
        parts = [part for card in cards for part in card] or [first]
        if cards:
            bounds = (min(i.left for i in parts), first.top,
                      max(i.right for i in parts), max(i.bottom for i in parts))  # fmt: skip
            result.append(Item(*bounds, parts=tuple(parts)))
        else:
            result.append(first)
        known = set(map(id, parts))
        left = [each for each in left if id(each) not in known]
    return result


def _cards(heads: Sequence[Item], below: Sequence[Item]) -> list[list[Item]]:
    """Return the lines of each card that heads begin, or nothing if they are no cards."""
    cards = [[head] for head in sorted(heads, key=lambda each: each.left)]
    if len(cards) < 2 or any(head.rows or head.parts for head in heads):
        return []
    for item in below:
        owners = [
            card
            for card in cards
            if min(item.right, max(i.right for i in card)) > max(item.left, card[0].left)
        ]
        is_near = len(owners) == 1 and item.top - owners[0][-1].bottom < 1.6 * item.size
        if item.rows or item.parts or not is_near or len(owners[0]) == _MAX_CARD:
            break
        owners[0].append(item)
    are_figures = all(re.search(r"\d", card[0].text) for card in cards)
    is_each = all(card[0].size > 1.2 * card[-1].size for card in cards)
    return cards if is_each and (are_figures or len(cards) > 2) else []


def _in_reading_order(items: list[Item], depth: int = 0) -> list[Item]:
    """Return items from the top, column after column where white space parts them."""
    items = sorted(items, key=lambda item: (round(item.top), item.left))
    gutter = _gutter(items) if depth < _MAX_COLUMNS_DEPTH else None
    if gutter is None:
        return items
    ordered: list[Item] = []
    left: list[Item] = []
    right: list[Item] = []
    for item in [*items, None]:
        is_wide = item is not None and item.left < gutter - 3 < gutter + 3 < item.right
        if item is None or is_wide or _ends_columns(item, left, right):
            ordered += _in_reading_order(left, depth + 1) + _in_reading_order(right, depth + 1)
            left, right = [], []
            if item:
                ordered.append(item)
        else:
            (left if item.right <= gutter + 3 else right).append(item)
    return ordered


def _ends_columns(item: Item, left: Sequence[Item], right: Sequence[Item]) -> bool:
    """Return whether a title below two columns is larger than all that these hold."""
    start = min((each.top for each in right), default=0)
    beside = [each for each in (*left, *right) if each.bottom > start]
    is_below = bool(left and right) and item.top > max(each.bottom for each in beside)
    return is_below and item.bold and item.size > 1.12 * max(each.size for each in beside)


def _gutter(items: Sequence[Item]) -> float | None:
    """Return where a white space parts two columns of text, or None."""
    lines = [item for item in items if len(item.text) > 12 or item.rows or item.parts]
    if _height_in_lines(lines) < 8:
        return None
    start, end = min(item.left for item in items), max(item.right for item in items)
    best: tuple[float, float] | None = None
    steps = [start + (end - start) * share / 100 for share in range(25, 76)]
    for x in steps:
        crossing = sum(item.left < x - 3 and item.right > x + 3 for item in items)
        left = [item for item in lines if item.right <= x + 3]
        right = [item for item in lines if item.left >= x - 3]
        if min(map(_height_in_lines, (left, right))) < 3 or crossing > 0.45 * len(items):
            continue
        height = min(
            max(i.bottom for i in left) - min(i.top for i in left),
            max(i.bottom for i in right) - min(i.top for i in right),
        )
        shared = min(max(i.bottom for i in left), max(i.bottom for i in right)) - max(
            min(i.top for i in left), min(i.top for i in right)
        )
        if shared < 0.5 * height or shared < 40:
            continue
        # side by side: most lines of the shorter column have one beside them
        beside = sum(
            any(a.top < b.bottom + a.size and b.top < a.bottom + a.size for b in left)
            for a in right
        )
        if beside < 0.3 * min(len(left), len(right)):
            continue
        score = crossing + abs(len(left) - len(right)) / 100
        if best is None or score < best[0]:
            best = score, x
    return best[1] if best else None


def _height_in_lines(items: Sequence[Item]) -> int:
    return sum(len(item.rows) or len(item.parts) or 1 for item in items)


def _paragraphs(items: Sequence[Item], page: PdfPage, words: frozenset[str]) -> list[Block]:
    """Join the lines of each paragraph."""
    blocks: list[Block] = []
    group: list[Item] = []
    for item in [*items, None]:
        if group and (item is None or item.rows or not _continues(group, item, items)):
            blocks.append(_block(group, page, words))
            group = []
        if item and item.rows:
            box = _box((item.left, item.top, item.right, item.bottom), page)
            blocks.append(table_block(list(item.rows), box))
        elif item:
            group.append(item)
    return _with_indents(blocks)


def _with_indents(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks; an item is within another if it begins a little further to the right."""
    result: list[Block] = []
    lefts: list[float] = []
    for block in blocks:
        left = block.box[0] if block.box else 0.0
        if not block.is_item:
            lefts = []
        else:
            lefts = [each for each in lefts if each < left - _LEAST_INDENT]
            # a column further to the right is another list
            lefts = [*([] if lefts and left - lefts[-1] > _MOST_INDENT else lefts), left]
        result.append(replace(block, indent=max(0, len(lefts) - 1)) if block.is_item else block)
    return result


def _continues(group: Sequence[Item], item: Item, items: Sequence[Item]) -> bool:
    last = group[-1]
    size = max(last.size, item.size) or 1
    gap = item.top - last.bottom
    if abs(last.size - item.size) > 0.08 * size or last.bold != item.bold:
        return False
    # a sentence that goes on may do so further below
    goes_on = item.text[:1].islower() and re.search(r"[\w,]$", last.text.rstrip())
    if not -0.9 * size < gap < (0.75 if goes_on else 0.62) * size or BULLET.match(item.text):
        return False
    # another column
    if min(last.right, item.right) < max(last.left, item.left):
        return False
    if len(group) > 1 and gap > (group[-1].top - group[-2].bottom) + 0.25 * size:
        return False
    # « 38 communes », « 15 écoles »: figures one below the other
    are_figures = group[0].text[:1].isdigit() and re.match(r"\d{1,2} [a-zà-ÿ]", item.text)
    if _BEGINNING.match(item.text) or are_figures:
        return False
    first = group[0]
    if len(group) == 1 and _BEGINNING.match(first.text):
        # « Action 1 : Ouvrir un lieu », then its text
        margin = max(each.right for each in items if abs(each.left - item.left) < item.size)
        length = item.right - item.left
        if ends_early(first.text, margin - first.right, item.text, length):
            return False
    widest = max(each.right for each in group)
    is_short = last.right < widest - 6 * size or (
        len(group) == 1 and last.right < 0.55 * item.right
    )
    return not (is_short and last.text.rstrip().endswith((".", ":", "!", "?")))


def _block(group: Sequence[Item], page: PdfPage, words: frozenset[str]) -> Block:
    text = join_lines([line.text for line in group], words)
    bullet = BULLET.match(text)
    bounds = (
        min(line.left for line in group), min(line.top for line in group),
        max(line.right for line in group), max(line.bottom for line in group),
    )  # fmt: skip
    return Block(
        text[bullet.end() :] if bullet else text,
        page.number,
        size=round(max(line.size for line in group), 1),
        bold=all(line.bold for line in group),
        is_item=bullet is not None,
        box=_box(bounds, page),
        lead="" if all(line.bold for line in group) else clean(group[0].lead),
    )


def _box(bounds: tuple[float, float, float, float], page: PdfPage) -> tuple:
    left, top, right, bottom = bounds
    return left / page.width, top / page.height, right / page.width, bottom / page.height
