"""Add the orientations and actions that stand under axes: headings, lists, tables."""

import re
from collections.abc import Sequence
from itertools import groupby

from comparisons.documents.axis_headings import is_numbered_heading
from comparisons.documents.axis_lists import FEWEST, Axis, merge_axes
from comparisons.documents.axis_tables import columns_of_actions
from comparisons.documents.headings import (
    Heading,
    clean_title,
    is_generic,
    is_number_within,
    read_mark,
    sections,
)
from comparisons.documents.model import Block, Document
from comparisons.documents.money import find_money
from comparisons.documents.proposals import LEVELS
from comparisons.documents.title_forms import is_infinitive
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import pluralize

# Most actions that are added.
_MOST = 300
_COST_AFTER = re.compile(
    r"\s[–—:(-]\s?(?=[^–—(]*(?:€|euros|coût))|\s\((?=[^)]*(?:€|coût|ETP))|\s: à \w+"
)


def add_numbered_below(axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """Add the numbered headings that stand under axes: « 1.1 » under « Axe 1 », « I.1.a » …"""
    if not axes or not (axes[0].label or axes[0].number):
        return axes
    known = {axis.index for axis in axes}
    added = []
    for heading in headings:
        mark = heading.mark
        if (
            mark is None or mark.word or heading.index in known
            or not mark.numbering.isdigit() or int(mark.numbering) < 2 or is_generic(heading.title)
        ):  # fmt: skip
            continue
        first = re.split(r"\.|(?<=^[A-Z])(?=-?\d)", mark.number)[0]
        parent = next((axis for axis in reversed(axes) if axis.index < heading.index), None)
        # « P1.2 » after « Programme P1 », « I.1.a » after « I.1 »
        is_within = parent is not None and any(
            axis.number and is_number_within(mark.number, axis.number) for axis in axes
        )
        is_short = is_within and len(heading.title) < 100
        if not (is_numbered_heading(heading) or is_short):
            continue
        is_below = first in (axis.number for axis in axes if axis.level == axes[0].level)
        if parent and (is_within or (axes[0].label and is_below)):
            above = parent.level if is_within else axes[0].level
            below = 1 if is_within else int(mark.numbering) - 1
            level = LEVELS[min(LEVELS.index(above) + below, len(LEVELS) - 1)]
            reason = f"titre numéroté « {mark.number} » sous « {parent.title} »"
            added.append(
                Axis(level, heading.title, heading.index, heading.block, reason, "", mark.number)
            )
    return merge_axes(axes, added)


def add_headings_below(axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """Add the headings without number, under that of an axis, that begin with an infinitive."""
    ranks = {each.index: each.rank for each in headings if each.is_styled}
    known = {axis.index for axis in axes}
    added = []
    for heading in headings:
        is_candidate = heading.is_styled and heading.mark is None and heading.index not in known
        if not is_candidate or is_generic(heading.title) or not is_infinitive(heading.title):
            continue
        parent = next((axis for axis in reversed(axes) if axis.index < heading.index), None)
        if parent is None or ranks.get(parent.index, 99) >= heading.rank:
            continue
        level = LEVELS[min(LEVELS.index(parent.level) + 1, len(LEVELS) - 1)]
        reason = f"titre placé sous « {parent.title} »"
        added.append(Axis(level, heading.title, heading.index, heading.block, reason))
    return merge_axes(axes, added)


def add_titles_below(
    document: Document, axes: list[Axis], headings: Sequence[Heading]
) -> list[Axis]:
    """Add the headings of one style that all axes have, two each at least, if none is known yet.

    A heading that several axes have, « Constat », is a part of their sections.
    """
    tops = {axis.index: axis for axis in axes if axis.level == axes[0].level}
    has_others = any(axis.level in LEVELS[1:3] for axis in axes[1:])
    if len(tops) < FEWEST or has_others or axes[0].level == LEVELS[-1]:
        return axes
    for _, found in sorted(_styled_below(tops, headings).items()):
        parents = {parent.index for parent, _ in found}
        titles = [heading.title for _, heading in found]
        is_enough = len(parents) == len(tops) and len(found) >= FEWEST * len(tops)
        if is_enough and len(set(titles)) == len(titles) and all(map(_is_title, titles)):
            blocks = document.blocks
            fields = sum(_has_fields(blocks[each.index + 1 :][:1]) for _, each in found)
            level = LEVELS[-1 if 3 * fields >= 2 * len(found) else LEVELS.index(axes[0].level) + 1]
            added = []
            for parent, each in found:
                reason = f"titre placé sous « {parent.title} »"
                added.append(Axis(level, each.title, each.index, each.block, reason))
            return merge_axes(axes, added)
    return axes


def _styled_below(
    tops: dict[int, Axis], headings: Sequence[Heading]
) -> dict[int, list[tuple[Axis, Heading]]]:
    """Return the styled headings in the sections of axes, by rank, each with its axis."""
    ranks = {each.index: each.rank for each in headings if each.is_styled}
    below: dict[int, list[tuple[Axis, Heading]]] = {}
    parent = None
    for heading in headings:
        if heading.index in tops:
            parent = tops[heading.index]
        elif heading.is_styled and parent and heading.rank <= ranks.get(parent.index, 99):
            parent = None
        elif heading.is_styled and parent and heading.mark is None:
            below.setdefault(heading.rank, []).append((parent, heading))
    return below


def _has_fields(below: Sequence[Block]) -> bool:
    """Return whether fields of an action stand below its title: « Coût », « Pilote »."""
    texts = [block.rows[0].cells[0] if block.rows else block.text for block in below]
    return any(pattern("champs").match(text) for text in texts)


def _is_title(text: str) -> bool:
    """Return whether a heading may be the title of an axis: words, no amount, no part of any."""
    is_worded = " " in text and text[:1].isupper() and len(text) <= 140
    return is_worded and not is_generic(text) and not any(find_money(text))


def add_items(document: Document, axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """Add, as actions, the lists under an axis whose items all begin with an infinitive."""
    if not axes or any(axis.level == LEVELS[-1] for axis in axes):
        return axes
    known = {axis.index for axis in axes}
    added: list[Axis] = []
    for (kind, _), indices in groupby(
        range(axes[0].index + 1, len(document.blocks)),
        lambda index: (_kind_of_item(document.blocks[index]), index in known),
    ):
        group = [index for index in indices if index not in known] if kind else []
        titles = [_without_cost(_item_text(document.blocks[index])) for index in group]
        if not group or not all(map(_is_action, titles)) or _is_elsewhere(group[0], axes, headings):
            continue
        if len(added) > _MOST:
            break
        reason = "liste de verbes sous un axe"
        added += [
            Axis(LEVELS[-1], clean_title(title), index, document.blocks[index], reason)
            for index, title in zip(group, titles, strict=True)
        ]
    return merge_axes(axes, added)


def add_counted_items(document: Document, axes: list[Axis]) -> list[Axis]:
    """Add, as actions, the items below axes that are as many as the text says: « huit actions »."""
    if not axes or any(axis.level == LEVELS[-1] for axis in axes):
        return axes
    known = {axis.index for axis in axes}
    items = {
        index: block
        for index, block in enumerate(document.blocks)
        if index > axes[0].index and block.is_item and index not in known
    }
    if len(items) < FEWEST or len(items) not in _counts_of_actions(document):
        return axes
    reason = f"un des {pluralize(len(items), 'élément')} que le texte compte"
    added = []
    for index, block in items.items():
        title = clean_title(_without_cost(block.text))
        added.append(Axis(LEVELS[-1], title, index, block, reason))
    return merge_axes(axes, added)


def _counts_of_actions(document: Document) -> set[int]:
    """Return the numbers of actions, measures or projects that a document states."""
    numbers = "|".join(words("nombres"))
    count = re.compile(
        rf"\b(?:({numbers})|(\d{{1,2}}))\s(?:actions|mesures|projets)\b", re.IGNORECASE
    )
    return {
        int(digits) if digits else words("nombres")[name.lower()]
        for block in document.paragraphs
        for name, digits in count.findall(block.text)
    }


def _is_elsewhere(index: int, axes: Sequence[Axis], headings: Sequence[Heading]) -> bool:
    """Return whether a general heading, « Méthode », stands between the axes and a list."""
    last = max(axis.index for axis in axes if axis.index < index)
    rank = next((each.rank for each in headings if each.index == last), 99)
    return any(
        each.index > last and each.rank <= rank and is_generic(each.title)
        for each in sections(headings, index)
    )


def add_columns(document: Document, axes: list[Axis]) -> list[Axis]:
    """Add the actions that tables below axes list, if none is known yet."""
    if not axes or any(axis.level == LEVELS[-1] for axis in axes):
        return axes
    below = [axis for axis in columns_of_actions(document) if axis.index > axes[0].index]
    return sorted([*axes, *below], key=lambda axis: axis.index)


def _kind_of_item(block: Block) -> str:
    """Return how an item of a list begins: with a bullet, or a number in plain letters; or ""."""
    is_plain = not (block.rows or block.level or block.bold)
    is_numbered = is_plain and _item_text(block) != block.text
    return "bullet" if block.is_item else "number" if is_numbered else ""


def _item_text(block: Block) -> str:
    """Return the text of an item without its number."""
    mark = read_mark(block.text)
    return mark.title if mark and not mark.word else block.text


def _without_cost(text: str) -> str:
    """Return the words of an item before what it costs: « Acheter un bus – 20 000 € »."""
    return _COST_AFTER.split(text)[0]


def _is_action(text: str) -> bool:
    has_money = re.search(r"\d\s?[k M]?€", text)
    is_verb = is_infinitive(text) and " " in text.strip()
    return bool(is_verb) and len(text) <= 160 and not has_money
