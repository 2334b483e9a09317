"""Find the axes that headings are: below one that announces them, numbered, or alone."""

import re
from collections import Counter
from collections.abc import Sequence

from comparisons.documents.axis_lists import FEWEST, Axis
from comparisons.documents.headings import Heading, is_generic, level_of
from comparisons.documents.model import Document
from comparisons.documents.proposals import LEVELS
from comparisons.documents.title_forms import INFINITIVE, alike, common_form
from comparisons.documents.vocabulary import words
from comparisons.formatting import fold

# Blocks at the beginning among which the name of the document is.
_MOST_BEFORE_TITLE = 5
# « Constat », « Budget : 3 M€ », folded
_PART_NAME = re.compile(r"([a-z][a-z ’']{2,24}?)\s*(?::|$)")


def announced_headings(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """List the headings under one that announces them: « Nos quatre priorités »."""
    announce = re.compile(rf"\b(?:{words('mots_annonce')})\b", re.IGNORECASE)
    best: list[Axis] = []
    for position, heading in enumerate(headings):
        count = _announced_count(heading.title)
        if not heading.is_styled or len(heading.title) > 90:
            continue
        if not announce.search(heading.title) and not count:
            continue
        if heading.mark and heading.mark.word:
            continue
        below = []
        for other in headings[position + 1 :]:
            if other.is_styled and other.rank <= heading.rank:
                break
            if other.is_styled:
                below.append(other)
        if not below:
            continue
        first = min(each.rank for each in below)
        reason = f"titre placé sous « {heading.title} »"
        word = announce.search(heading.title)
        level = level_of(word[0] if word else "")
        axes = [
            Axis(
                level,
                each.title,
                each.index,
                each.block,
                reason,
                number=each.mark.number if each.mark else "",
            )
            for each in below
            if each.rank == first and not is_generic(each.title)
        ]
        if len(axes) > len(best) and (word or len(axes) == count):
            best = axes
    return best


def _announced_count(title: str) -> int:
    """Return how many things a heading announces, « Nos trois convictions »; 0 for none."""
    numbers = "|".join(words("nombres"))
    match = re.match(rf"(?:nos|les|ses)\s+(?:({numbers})|([2-9]))\s+\w", title, re.IGNORECASE)
    if not match:
        return 0
    return int(match[2]) if match[2] else words("nombres")[match[1].lower()]


def numbered(headings: Sequence[Heading]) -> list[Axis]:
    """List numbered headings, « 1 » and « 1.1 », « I », « A » and « a », with their depths."""
    axes: list[Axis] = []
    stack: list[str] = []
    generic_depth = 9
    previous: dict[str, str] = {}
    for heading in headings:
        mark = heading.mark
        if mark is None or mark.word or not is_numbered_heading(heading):
            continue
        kind = _kind_in_sequence(mark.number, mark.numbering, stack, previous)
        previous[kind] = mark.number
        if kind.isdigit() and int(kind) > 1 and not stack:
            stack = ["1"]
        if kind in stack:
            stack = stack[: stack.index(kind) + 1]
        else:
            stack.append(kind)
        depth = int(kind) if kind.isdigit() and stack[0] == "1" else len(stack)
        if depth <= generic_depth:
            generic_depth = depth if is_generic(heading.title) else 9
        if generic_depth != 9 or depth > len(LEVELS):
            continue
        reason = f"titre numéroté « {mark.number} »"
        level = LEVELS[depth - 1]
        place = heading.index, heading.block
        axes.append(Axis(level, heading.title, *place, reason, "", mark.number))
    if sum(axis.level == "axe" for axis in axes) < FEWEST:
        return []
    return axes


def is_numbered_heading(heading: Heading) -> bool:
    """Return whether a numbered block is a heading, by its style or by its length."""
    text = heading.block.text.rstrip()
    if heading.is_styled:
        return True
    is_short = len(text) <= 130 and not text.endswith((".", ";", ",", ":"))
    # items that begin « 1. » are any list
    is_inner = heading.mark.numbering == "I" or heading.mark.numbering in "234"
    return is_short and heading.block.size == 0 and (is_inner or not heading.block.is_item)


def _kind_in_sequence(number: str, kind: str, stack: Sequence[str], previous: dict) -> str:
    """Return the kind of a number; « C » after « B » is a letter, not a Roman number."""
    if kind == "I" and len(number) == 1 and "A" in stack:
        before = previous.get("A", "")
        if before and ord(number) == ord(before) + 1:
            return "A"
    return kind


def plain_headings(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """List the headings of one style, general ones apart, that no number or sentence tells."""
    by_rank = _plain_by_rank(document, headings)
    if not by_rank:
        return []
    rank = next((each for each in by_rank if _is_parallel(document, by_rank[each])), min(by_rank))
    above = [each for each in by_rank if each < rank and _are_above(by_rank, each, rank)]
    reason = "titres d’un même niveau, sans numéro ni annonce : à vérifier"
    return [
        Axis("axe", each.title, each.index, each.block, reason)
        for each in by_rank[min(above, default=rank)]
    ]


def _plain_by_rank(document: Document, headings: Sequence[Heading]) -> dict[int, list[Heading]]:
    """Return the headings that may be axes, by their rank: at least two, of titles alike."""
    title_rank = min((each.rank for each in headings if each.is_styled), default=0)
    by_rank: dict[int, list[Heading]] = {}
    for heading in headings:
        is_title = heading.index == 0 or _names_document(heading)
        if heading.is_styled and len(heading.title) <= 140 and not is_title:
            by_rank.setdefault(heading.rank, []).append(heading)
    found = {}
    for rank, group in sorted(by_rank.items()):
        named = [each for each in group if not is_generic(each.title)]
        kept = _of_common_outline(document, group, named)
        kept = [kept[place] for place in alike([each.title for each in kept])]
        if len(kept) >= (3 if rank == title_rank else FEWEST):
            found[rank] = kept
    return found


def _names_document(heading: Heading) -> bool:
    """Return whether a heading near the beginning is the name of the document."""
    name = rf"(?:(?:la|notre|une|le|un)\s)?(?:{words('noms_strategie_surs')})\b"
    return heading.index < _MOST_BEFORE_TITLE and bool(re.match(name, heading.title, re.IGNORECASE))


def _of_common_outline(
    document: Document, group: Sequence[Heading], named: Sequence[Heading]
) -> list[Heading]:
    """Return the headings whose sections have the same parts, « Constat », « Budget », if most do.

    `group` are all the headings of the style, which end a section.
    """
    starts = [each.index for each in group] + [len(document.blocks)]
    parts = {}
    for heading in named:
        end = min(start for start in starts if start > heading.index)
        section = document.blocks[heading.index + 1 : end]
        parts[heading.index] = {part for block in section if (part := _part_name(block.text))}
    counts = Counter(part for names in parts.values() for part in names)
    common = {part for part, count in counts.items() if count >= max(3, 0.5 * len(named))}
    kept = [each for each in named if parts[each.index] & common]
    return kept or list(named)


def _part_name(text: str) -> str:
    """Return the name of a part of a section, « Constat », « Budget : 3 M€ »; or ""."""
    match = _PART_NAME.match(fold(text))
    return match[1].strip() if match else ""


def _is_parallel(document: Document, group: Sequence[Heading]) -> bool:
    return common_form([each.title for each in group]) == INFINITIVE


def _are_above(by_rank: dict[int, list[Heading]], rank: int, below: int) -> bool:
    """Return whether headings of a rank each have some of a lower one in their section."""
    starts = [each.index for each in by_rank[rank]]
    lower = [each.index for each in by_rank[below]]
    ends = [*starts[1:], max(lower) + 1]
    return all(
        any(start < index < end for index in lower) for start, end in zip(starts, ends, strict=True)
    )
