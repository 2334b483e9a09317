"""Find the axes that headings are: below one that announces them, numbered, or alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from comparisons.documents.axis_lists import FEWEST, Axis
from comparisons.documents.headings import (
    Heading,
    is_generic,
    level_of,
    sections,
    without_part,
    words_of_levels,
)
from comparisons.documents.model import Document
from comparisons.documents.proposals import LEVELS
from comparisons.documents.title_forms import common_beginning
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

# Blocks at the beginning among which the title of the document is.
_MOST_BEFORE_TITLE = 3
# Letters before one thing that announces others: « Notre ambition », « Le plan d’actions ».
_MOST_BEFORE_WORD = 12
# « Le plan d’action et son financement »
_WITH_ANOTHER = re.compile(r"\bet (?:son|sa|ses|leurs?) (?P<other>\w.*)", re.IGNORECASE)
_OF_ACTIONS = re.compile(r"\b(?:actions?|fiches|mesures|projets)\b", re.IGNORECASE)


def announced_headings(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """List the headings under one that announces them: « Nos quatre priorités »."""
    best: list[Axis] = []
    of_actions: list[Axis] = []
    for position, heading in enumerate(headings):
        count = _announced_count(heading.title)
        if not heading.is_styled or len(heading.title) > 90:
            continue
        is_holder = _is_chapter_of_axes(headings, position)
        word = _announcing_word(heading.title)
        if not (word or count or is_holder) or (heading.mark and heading.mark.word):
            continue
        below = _styled_below(headings, position)
        if not below:
            continue
        first = min(each.rank for each in below)
        reason = f"titre placé sous « {heading.title} »"
        axes = [
            _axis(level_of(word), each, reason, each.mark.number if each.mark else "")
            for each in below
            if each.rank == first and not is_generic(each.title)
        ]
        if len(axes) > len(best) and (word or is_holder or len(axes) == count):
            best = axes
        elif word or is_holder:
            is_other = bool(_OF_ACTIONS.search(heading.title)) and bool(best)
            of_actions = [replace(axis, level=LEVELS[-1]) for axis in axes] if is_other else []
    if any(axis.level == LEVELS[-1] for axis in best):
        return best
    return best + of_actions


def _announcing_word(title: str) -> str:
    """Return the word of a title that announces axes, or ""; « Le numérique, levier » has none."""
    word = re.search(rf"\b(?:{words('mots_annonce')})\b", title, re.IGNORECASE)
    is_any = word is not None and (
        word[0].endswith(("s", "x")) or word.start() <= _MOST_BEFORE_WORD
    )
    return word[0] if is_any else ""


def _axis(level: str, heading: Heading, reason: str, number: str = "") -> Axis:
    return Axis(level, heading.title, heading.index, heading.block, reason, "", number)


def _styled_below(headings: Sequence[Heading], position: int) -> list[Heading]:
    """Return the styled headings in the section of the one at a position."""
    rank = headings[position].rank
    styled = (each for each in headings[position + 1 :] if each.is_styled)
    return list(takewhile(lambda each: each.rank > rank, styled))


def headings_with_word(headings: Sequence[Heading]) -> list[Axis]:
    """List the headings of one style that begin with one word of a level, without a number.

    « Priorité aux habitants », « Priorité aux agents ».
    """
    found: dict[tuple[int, str], list[Heading]] = {}
    weak = words("niveaux_faibles")
    for heading in headings:
        word = heading.title.split()[0].lower() if heading.title else ""
        if heading.is_styled and heading.mark is None and word in words_of_levels():
            found.setdefault((heading.rank, word), []).append(heading)
    # « Enjeu de services », of a diagnosis, comes before « Volet eau »
    for (_, word), same in sorted(found.items(), key=lambda each: each[0][1] in weak):
        titles = {each.title for each in same}
        if len(titles) >= FEWEST and all(" " in title for title in titles):
            reason = f"titres qui commencent par « {word.capitalize()} »"
            level = words_of_levels()[word]
            return [_axis(level, each, reason) for each in same]
    return []


def section_ranks(headings: Sequence[Heading], axes: Sequence[Axis]) -> dict[int, int]:
    """Return the ranks of the styled headings by index, those of axes as their titles have it.

    The title of « Axe 1 » may stand below that label, in larger letters.
    """
    titles = {axis.index: axis.title for axis in axes}
    ranks = {each.index: each.rank for each in headings if each.is_styled}
    for each in headings:
        if each.is_styled and titles.get(each.index - 1) == each.title:
            ranks[each.index - 1] = min(each.rank, ranks.get(each.index - 1, 99))
    return ranks


def headings_above(headings: Sequence[Heading], axes: Sequence[Axis]) -> list[Axis]:
    """List the headings of one style that hold all of the axes, « Action 1 » for one."""
    known = {axis.index for axis in axes}
    own = {each.index: each.rank for each in headings if each.index in known and each.is_styled}
    above = [
        next((each for each in sections(headings, index) if each.rank < own.get(index, 99)), None)
        for index in sorted(known)
    ]
    holders = {each.index: each for each in above if each is not None}
    is_any = any(is_generic(each.title) for each in holders.values())
    if None in above or is_any or len({each.rank for each in holders.values()}) != 1:
        return []
    reason = "titre au-dessus d’actions"
    return [_axis("axe", each, reason) for each in holders.values()]


def at_headings(axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """Return the axes of a list at the headings that have their titles, if all of them do.

    A table may name in short, « Recherche », what headings of one style have in whole.
    """
    styled = {fold(each.title): each for each in headings if each.is_styled}
    matches = [styled.get(fold(axis.title)) for axis in axes]
    if not all(matches):
        matches = [_only_with_words(axis.title, styled) for axis in axes]
        ranks = {each.rank for each in matches if each}
        if not all(matches) or len(ranks) > 1 or len({each.index for each in matches}) < len(axes):
            return axes
    if {axis.index for axis in axes} & {each.index for each in styled.values()}:
        return axes
    return [
        replace(axis, title=each.title, index=each.index, block=each.block,
                reason=f"titre, en {axis.reason}")
        for axis, each in zip(axes, matches, strict=True)
    ]  # fmt: skip


def _only_with_words(words_of_title: str, styled: Mapping[str, Heading]) -> Heading | None:
    """Return the only heading that has the words of a shorter title, or None."""
    short = re.sub(r"^(?:l['’]|l[ae]s? |une? |des )", "", fold(words_of_title))
    found = [each for title, each in styled.items() if re.search(rf"\b{re.escape(short)}\b", title)]
    return found[0] if len(found) == 1 else None


def _is_chapter_of_axes(headings: Sequence[Heading], position: int) -> bool:
    """Return whether a heading is the chapter of the strategy, « Notre stratégie », among others.

    The title of the document has no chapter beside it.
    """
    heading = headings[position]
    if heading.index < _MOST_BEFORE_TITLE or not _names_chapter_of_axes(heading.title):
        return False
    return any(
        each.is_styled and each.rank == heading.rank and each is not heading for each in headings
    )


def _names_chapter_of_axes(title: str) -> bool:
    """Return whether a title names the strategy, and no other chapter with it."""
    other = _WITH_ANOTHER.search(title)
    is_other = other is not None and is_generic(other["other"])
    return bool(pattern("titres_porteurs").match(without_part(title))) and not is_other


def _announced_count(title: str) -> int:
    """Return how many things a heading announces, « Nos trois convictions »; 0 for none."""
    numbers = "|".join(words("nombres"))
    match = re.match(rf"(?:nos|les|ses)\s+(?:({numbers})|([2-9]))\s+\w", title, re.IGNORECASE)
    if not match:
        return 0
    return int(match[2]) if match[2] else words("nombres")[match[1].lower()]


def numbered(headings: Sequence[Heading]) -> list[Axis]:
    """List numbered headings, « 1 » and « 1.1 », « I », « A » and « a », with their depths."""
    of_chapter = _numbered_in_chapter(headings)
    axes: list[Axis] = []
    generic_depth = 9
    for depth, heading in of_chapter or _without_general(headings):
        if depth <= generic_depth:
            generic_depth = depth if is_generic(heading.title) else 9
        if generic_depth != 9 or depth > len(LEVELS) or _is_only_announce(heading.title):
            continue
        reason = f"titre numéroté « {heading.mark.number} »"
        axes.append(_axis(LEVELS[depth - 1], heading, reason, heading.mark.number))
    highest = min((axis.level for axis in axes), key=LEVELS.index, default="")
    return axes if sum(axis.level == highest for axis in axes) >= FEWEST else []


def _is_only_announce(title: str) -> bool:
    """Return whether a title says no more than that axes follow: « Les priorités »."""
    words_of_title = rf"(?:{words('titres_porteurs')}|(?:les|nos|ses) (?:{words('mots_annonce')}))"
    return re.fullmatch(words_of_title, title, re.IGNORECASE) is not None


def _numbered_in_chapter(headings: Sequence[Heading]) -> list[tuple[int, Heading]]:
    """Return what is numbered within the chapter of the axes, « 2. Ce qui est prévu », if any is.

    The depths are those within the chapter, from the level that its title names.
    """
    for is_chapter in (_names_chapter_of_axes, _names_several_axes):
        found: list[tuple[int, Heading]] = []
        is_inside, first = False, 0
        for depth, heading in _with_depths(headings):
            if depth == 1:
                is_inside = is_chapter(heading.title)
                first = LEVELS.index(level_of(heading.title))
            elif is_inside:
                found.append((depth - 1 + first, heading))
        highest = min((depth for depth, _ in found), default=0)
        if sum(depth == highest for depth, _ in found) >= FEWEST:
            return found
    return []


def _names_several_axes(title: str) -> bool:
    """Return whether a title begins by naming axes, « Les orientations du schéma »."""
    several = rf"(?:les|nos|ses)\s(?:\w+\s)?(?P<word>{words('mots_annonce')})\b"
    name = re.match(several, title, re.IGNORECASE)
    return name is not None and name["word"].lower()[:-1] not in words("niveaux_faibles")


def _without_general(headings: Sequence[Heading]) -> list[tuple[int, Heading]]:
    """Return the numbered headings that no heading without number, « Diagnostic », holds.

    Among the highest, those that begin alike, « Un pays solidaire », are told from the others.
    """
    found = [
        (depth, heading)
        for depth, heading in _with_depths(headings)
        if not any(each.mark is None and is_generic(each.title)
                   for each in sections(headings, heading.index) if each.rank < heading.rank)
    ]  # fmt: skip
    tops = [heading for depth, heading in found if depth == 1]
    alike = {tops[place].index for place in common_beginning([each.title for each in tops])}
    if not alike:
        return found
    is_inside, kept = False, []
    for depth, heading in found:
        is_inside = heading.index in alike if depth == 1 else is_inside
        kept += [(depth, heading)] if is_inside else []
    return kept


def _with_depths(headings: Sequence[Heading]) -> Iterator[tuple[int, Heading]]:
    """Iterate over the numbered headings, each with its depth, 1 for the highest."""
    stack: list[str] = []
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
        yield int(kind) if kind.isdigit() and stack[0] == "1" else len(stack), heading


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
