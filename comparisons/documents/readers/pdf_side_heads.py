"""Put titles in a margin before the text that stands beside them."""

from collections import Counter
from collections.abc import Sequence

from comparisons.documents.readers.pdf_page import Item

# Fewest titles in a margin, most lines of a page; in points, how far what is aligned may be off.
_FEWEST, _MOST, _ALIGNED = 3, 500, 3.0
# Of the size of letters: the largest space between the lines of a title, or of a text.
_TITLE_GAP, _TEXT_GAP = 0.7, 2.0


def with_side_heads(items: list[Item]) -> list[Item]:
    """Return items; each bold title in the margin of a text, and this text, are one of them."""
    lines = [item for item in items if not item.rows and not item.parts]
    if len(lines) > _MOST:
        return items
    lefts = Counter(round(item.left) for item in lines if item.bold)
    for left, _ in lefts.most_common(3):
        sections = _sections(lines, left)
        if len(sections) < _FEWEST:
            continue
        held = {id(item) for section in sections for item in section}
        top, bottom = sections[0][0].top, max(item.bottom for item in sections[-1])
        if any(top < item.top < bottom and id(item) not in held for item in items):
            continue
        others = [item for item in items if id(item) not in held]
        return others + [_joined(section) for section in sections]
    return items


def _sections(lines: Sequence[Item], left: float) -> list[list[Item]]:
    """Return the lines of each title at a place, and those of the text on its right."""
    at_left = [line for line in lines if line.bold and abs(line.left - left) < _ALIGNED]
    places = Counter(round(line.left) for line in lines if not line.bold and line.left > left + 30)
    if not places:
        return []
    start = places.most_common(1)[0][0] - _ALIGNED
    heads = sorted((line for line in at_left if line.right < start), key=lambda line: line.top)
    texts = sorted((line for line in lines if line.left >= start), key=lambda line: line.top)
    titles: list[list[Item]] = []
    for head in heads:
        if titles and head.top - titles[-1][-1].bottom < _TITLE_GAP * head.size:
            titles[-1].append(head)
        else:
            titles.append([head])
    sections = []
    for title, following in zip(titles, [*titles[1:], None][: len(titles)], strict=True):
        end = following[0].top - _ALIGNED if following else float("inf")
        beside = _run([line for line in texts if title[0].top - 2 * _ALIGNED < line.top < end])
        # the first line of a text is level with its title
        if beside and beside[0].top < title[0].bottom:
            sections.append([*title, *beside])
    return sections if len(sections) == len(titles) else []


def _run(lines: Sequence[Item]) -> list[Item]:
    """Return the first lines that follow one another without a large space."""
    run: list[Item] = []
    for line in lines:
        if run and line.top - run[-1].bottom > _TEXT_GAP * line.size:
            break
        run.append(line)
    return run


def _joined(section: Sequence[Item]) -> Item:
    return Item(
        min(item.left for item in section), min(item.top for item in section),
        max(item.right for item in section), max(item.bottom for item in section),
        parts=tuple(section),
    )  # fmt: skip
