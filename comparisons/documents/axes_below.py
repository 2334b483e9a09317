"""Add the orientations and actions that are headings under those of axes."""

import re
from collections.abc import Sequence

from comparisons.documents.axis_headings import is_numbered_heading, section_ranks
from comparisons.documents.axis_lists import FEWEST, Axis, merge_axes
from comparisons.documents.headings import Heading, is_generic, is_number_within
from comparisons.documents.model import Block, Document
from comparisons.documents.money import find_money
from comparisons.documents.proposals import LEVELS
from comparisons.documents.title_forms import is_infinitive
from comparisons.documents.vocabulary import pattern


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
    ranks = section_ranks(headings, axes)
    known = {axis.index for axis in axes}
    added = []
    for heading in headings:
        is_labelled = heading.mark is not None and heading.mark.word != ""
        is_candidate = heading.is_styled and not is_labelled and heading.index not in known
        if not is_candidate or is_generic(heading.title) or not is_infinitive(heading.title):
            continue
        above = [axis for axis in reversed(axes) if axis.index < heading.index]
        parent = next(iter(above), None)
        # a label that no style sets apart may be above headings, within those of its own axis
        is_plain = parent is not None and parent.label and parent.index not in ranks
        styled = (ranks[axis.index] for axis in above if axis.index in ranks)
        if parent is None or next(styled, -1 if is_plain else 99) >= heading.rank:
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
    has_others = any(axis.level in LEVELS[1:3] for axis in axes if axis.index not in tops)
    if len(tops) < FEWEST or has_others or axes[0].level == LEVELS[-1]:
        return axes
    below, ends = _styled_below(tops, headings), set()
    for _, found in sorted(below.items()):
        # « Financer » ends the last axis, although that one is in no heading
        found = [
            (parent, each)
            for parent, each in found
            if not any(parent.index < end < each.index for end in ends)
        ]
        ends |= {each.index for _, each in found}
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
    ranks = section_ranks(headings, list(tops.values()))
    below: dict[int, list[tuple[Axis, Heading]]] = {}
    ended = -1
    for heading in headings:
        start = max((index for index in tops if index <= heading.index), default=ended)
        if not heading.is_styled or start in (ended, heading.index):
            continue
        if heading.index == start + 1 and heading.title == tops[start].title:
            # « Axe 1 », and its title below
            continue
        if heading.rank <= ranks.get(start, -1):
            ended = start
        else:
            below.setdefault(heading.rank, []).append((tops[start], heading))
    return below


def _has_fields(below: Sequence[Block]) -> bool:
    """Return whether fields of an action stand below its title: « Coût », « Pilote »."""
    texts = [block.rows[0].cells[0] if block.rows else block.text for block in below]
    return any(pattern("champs").match(text) for text in texts)


def _is_title(text: str) -> bool:
    """Return whether a heading may be the title of an axis: words, no amount, no part of any."""
    is_worded = " " in text and text[:1].isupper() and len(text) <= 140
    return is_worded and not is_generic(text) and not any(find_money(text))
