"""Find the axes that lists hold, announced by a sentence or each with its own text."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from comparisons.documents.headings import (
    MAX_TITLE,
    clean_title,
    contents_indices,
    level_of,
    read_mark,
)
from comparisons.documents.model import Block, Document
from comparisons.documents.proposals import to_passage
from comparisons.documents.vocabulary import pattern, words

# Fewest axes of a list.
FEWEST = 2
# « Recenser les données. Une aide de 20 jours … »
_LEAD = re.compile(r"([A-ZÀ-Ý][^.:;!?€\d]{3,90}?)(?:\.|\s?:)\s+(?=[A-ZÀ-Ý])")
# « Ce que nous vous proposons », a heading
_WE_PROPOSE = re.compile(
    r"(?:ce que nous (?:vous )?(?:propos|promett|ferons|allons faire|voulons)|nos propositions)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Axis:
    """An axis that was found: its level, wording, the index of its block, and why."""

    level: str
    title: str
    index: int
    block: Block
    reason: str
    label: str = ""
    number: str = ""

    @property
    def has_section(self) -> bool:
        """Return whether text about the axis follows it: it is in no list or table."""
        return not self.reason.startswith(("liste", "énumérés", "colonne"))

    def page_gap(self, page: int) -> int:
        """Return how many pages lie between the axis and a page."""
        return abs(page - self.block.page)


def merge_axes(axes: Sequence[Axis], added: Sequence[Axis]) -> list[Axis]:
    """Return axes, and those added whose blocks hold none of them, in reading order."""
    known = {axis.index for axis in axes}
    return sorted(
        [*axes, *(axis for axis in added if axis.index not in known)], key=lambda axis: axis.index
    )


def announced_items(document: Document) -> list[Axis]:
    """List the items, or numbered lines, after a sentence that announces axes."""
    blocks = document.blocks
    skipped = contents_indices(blocks)
    counts = Counter(block.text for block in blocks)
    for index, block in enumerate(blocks):
        # « Ce que nous ferons », in each section, announces the actions of one axis
        is_of_each = counts[block.text] > 1
        if block.rows or index in skipped or is_of_each or not announces(block):
            continue
        level = level_of(announced_word(block))
        items = []
        for offset, other in enumerate(blocks[index + 1 : index + 60], start=index + 1):
            if items and other.is_item and other.indent > items[0].block.indent:
                continue
            is_bold = items and block.bold and other.bold and not items[0].block.bold
            if is_bold or 0 < other.level <= block.level:
                # the next heading, maybe with a number
                break
            mark = read_mark(other.text)
            is_listed = other.is_item or (mark is not None and not mark.word)
            ends = items and not items[-1].block.text.rstrip().endswith((";", ","))
            if not other.rows and not is_listed and len(other.text) <= MAX_TITLE and not ends:
                # lines of a list without marks end with semicolons
                is_listed = other.text.rstrip().endswith((";", ",")) or (
                    bool(items) and not items[-1].block.is_item
                )
            if other.rows or not is_listed or len(_item_title(other)) > MAX_TITLE:
                break
            title = _item_title(other)
            reason = f"liste annoncée par « {to_passage(block.text)[-80:]} »"
            items.append(Axis(level, title, offset, other, reason))
        if len(items) >= FEWEST:
            return _without_explanations(items)
    return []


def _without_explanations(items: Sequence[Axis]) -> list[Axis]:
    """Return items by what stands before their colon, where all have one: « Former : … »."""
    leads = [re.match(r"([^:]{3,60}?)\s?:\s", item.title) for item in items]
    if not all(leads):
        return list(items)
    return [replace(item, title=lead[1]) for item, lead in zip(items, leads, strict=True)]


def _item_title(block: Block) -> str:
    """Return the title of an item: its words, or those before what explains them."""
    text = block.lead or block.text
    mark = read_mark(text)
    return title_before_text(mark.title if mark and not mark.word else text)


def title_before_text(text: str) -> str:
    """Return the title that begins an item, « Recenser. Une aide … », or all of its words."""
    lead = _LEAD.match(text)
    return clean_title(re.sub(r"\s*;?\s+et$", "", clean_title(lead[1] if lead else text)))


def announced_word(block: Block) -> str:
    """Return the last word of a block that names axes, orientations, objectives …; or ""."""
    found = re.findall(rf"\b(?:{words('mots_annonce')})\b", block.text, re.IGNORECASE)
    return found[-1] if found else ""


def announces(block: Block) -> bool:
    """Return whether a block says that axes follow: « Nos axes », « Elle a trois axes : »."""
    is_heading = bool(block.level or block.bold) and len(block.text) < 90
    if is_heading and _WE_PROPOSE.match(block.text):
        return True
    if not announced_word(block):
        return False
    says = pattern("annonces").search(block.text) and block.text.rstrip().endswith(":")
    return is_heading or bool(says)
