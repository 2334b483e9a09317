"""Find the axes that no word labels: numbered, listed after a sentence, or headings alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from comparisons.documents.headings import (
    MAX_TITLE,
    Heading,
    clean_title,
    contents_indices,
    is_generic,
    level_of,
    read_mark,
    words_of_levels,
)
from comparisons.documents.model import Block, Document
from comparisons.documents.money import find_money
from comparisons.documents.proposals import LEVELS, to_passage
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

# Fewest axes of a list.
FEWEST = 2
_QUOTED = re.compile(r"«\s*([^«»]{4,160}?)\s*»")
# « Recenser les données. Une aide de 20 jours … »
_LEAD = re.compile(r"([A-ZÀ-Ý][^.:;!?€\d]{3,90}?)(?:\.|\s?:)\s+(?=[A-ZÀ-Ý])")
_INLINE_LABEL = re.compile(r"\s*;\s*(?:et\s+)?|,\s+(?:et\s+)?(?=(?:la|le|les|l['’]|un|une)\s)")


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
        """Return whether text about the axis follows it: it is no item of a list."""
        return not self.reason.startswith(("liste", "énumérés"))

    def page_gap(self, page: int) -> int:
        """Return how many pages lie between the axis and a page."""
        return abs(page - self.block.page)


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


def announced_items(document: Document) -> list[Axis]:
    """List the items, or numbered lines, after a sentence that announces axes."""
    blocks = document.blocks
    skipped = contents_indices(blocks)
    for index, block in enumerate(blocks):
        if block.rows or index in skipped or not _announces(block):
            continue
        level = level_of(_announced_word(block))
        items = []
        for offset, other in enumerate(blocks[index + 1 : index + 60], start=index + 1):
            if items and other.is_item and other.indent > items[0].block.indent:
                continue
            if items and block.bold and other.bold and not items[0].block.bold:
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
    mark = read_mark(block.text)
    text = mark.title if mark and not mark.word else block.text
    lead = _LEAD.match(text)
    return clean_title(re.sub(r"\s*;?\s+et$", "", clean_title(lead[1] if lead else text)))


def explained_items(document: Document) -> list[Axis]:
    """List the items « Recenser les données. Une aide … » of the first list where all are so."""
    items: list[Axis] = []
    for index, block in enumerate(document.blocks):
        mark = read_mark(block.text)
        is_numbered = mark is not None and not mark.word and not is_generic(mark.title)
        if _LEAD.match(mark.title if is_numbered else block.text) and (
            block.is_item or is_numbered
        ):
            reason = "liste de titres, chacun suivi de son texte : à vérifier"
            items.append(Axis("axe", _item_title(block), index, block, reason))
        elif len(items) > FEWEST:
            break
        else:
            items = []
    return items if len(items) > FEWEST else []


def columns_of_axes(document: Document) -> list[Axis]:
    """List the cells of the columns whose head is « Axe », « Objectif », « Mesure » …"""
    axes = []
    for index, table in document.tables:
        heads = [re.sub(r"s$", "", cell.strip().lower()) for cell in table.rows[0].cells]
        columns = [i for i, head in enumerate(heads) if head in words_of_levels()]
        seen: set[str] = set()
        is_list = len(columns) > 1 or (
            columns and words_of_levels()[heads[columns[0]]] in LEVELS[:2]
        )
        for row in table.rows[1:] if is_list else ():
            for i in columns:
                mark, cell = read_mark(row.cells[i]), row.cells[i]
                if re.fullmatch(r"\d{1,2}|[IVX]{1,4}|[A-H]", cell) and i + 1 < len(row.cells):
                    # « 1 | Former », under « Axe | Intitulé »
                    cell = row.cells[i + 1]
                elif mark:
                    cell = mark.title
                is_title = 3 < len(cell) <= MAX_TITLE and not any(find_money(cell))
                if is_title and cell not in seen and not re.match(r"(?:sous-)?total", fold(cell)):
                    seen.add(cell)
                    block = Block(cell, row.page, box=row.box)
                    reason = f"colonne « {table.rows[0].cells[i]} » d’un tableau"
                    level = words_of_levels()[heads[i]]
                    axes.append(Axis(level, clean_title(cell), index, block, reason))
    return axes


def _announced_word(block: Block) -> str:
    """Return the last word of a block that names axes, orientations, objectives …; or ""."""
    found = re.findall(rf"\b(?:{words('mots_annonce')})\b", block.text, re.IGNORECASE)
    return found[-1] if found else ""


def _announces(block: Block) -> bool:
    if not _announced_word(block):
        return False
    is_heading = bool(block.level or block.bold) and len(block.text) < 90
    says = pattern("annonces").search(block.text) and block.text.rstrip().endswith(":")
    return is_heading or bool(says)


def announced_words(document: Document) -> list[Axis]:
    """List the axes that one sentence enumerates: « quatre priorités : « … », « … » »."""
    announce = re.compile(
        rf"\b(?:{words('mots_annonce')})\b[^.:«]{{0,80}}(?::|(?=«))\s*(?P<list>[^.]*(?:«[^»]*»[^.]*)*)",
        re.IGNORECASE,
    )
    for index, block in enumerate(document.blocks):
        if block.rows:
            continue
        for match in announce.finditer(block.text):
            if not pattern("annonces").search(block.text[: match.start("list")]):
                continue
            titles = _QUOTED.findall(match["list"])
            if len(titles) < FEWEST:
                titles = _split_words(match["list"], block.text[: match.start("list")])
                if any(not 6 <= len(title) <= 140 for title in titles):
                    continue
            if len(titles) >= FEWEST:
                reason = "énumérés dans une phrase"
                level = level_of(_announced_word(block))
                return [Axis(level, clean_title(title), index, block, reason) for title in titles]
    return []


def _split_words(text: str, before: str) -> list[str]:
    """Split « l’inclusion, la donnée et la sobriété », by the number that is announced before."""
    titles = [
        re.sub(r"^(?:et|puis|enfin)\s+|^\(?\d\s?[.)°]\s*", "", part.strip())
        for part in _INLINE_LABEL.split(text.strip())
    ]
    numbers = "|".join(words("nombres"))
    count = re.findall(rf"\b(?:({numbers})|([2-9]))\s+(?:grande?s? )?\w+", before, re.IGNORECASE)
    name, digit = count[-1] if count else ("", "")
    announced = int(digit) if digit else words("nombres").get(name.lower(), 0)
    if announced > 2 and announced != len(titles):
        simple = re.split(r",\s+(?:et\s+)?|\s+et\s+", text.strip())
        return simple if len(simple) == announced else titles
    if announced == len(titles) + 1:
        titles[-1:] = re.split(r",?\s+et\s+", titles[-1], maxsplit=1)
    return titles


def plain_headings(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """List the headings of the style that most have, general ones apart, without any number."""
    title_rank = min((each.rank for each in headings if each.is_styled), default=0)
    by_rank: dict[int, list[Heading]] = {}
    for heading in headings:
        if heading.is_styled and not is_generic(heading.title) and len(heading.title) <= 140:
            by_rank.setdefault(heading.rank, []).append(heading)
    for rank in sorted(by_rank):
        found = by_rank[rank]
        if rank == title_rank and len(found) < 3:
            continue
        found = [each for each in found if each.index > 0]
        if len(found) >= FEWEST:
            reason = "titres d’un même niveau, sans numéro ni annonce : à vérifier"
            return [Axis("axe", each.title, each.index, each.block, reason) for each in found]
    return []
