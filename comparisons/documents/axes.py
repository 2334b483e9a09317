"""Propose the axes of a strategy, in order, with their levels."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from comparisons.documents.headings import (
    MAX_TITLE,
    Heading,
    clean_title,
    contents_indices,
    find_headings,
    is_generic,
    read_mark,
)
from comparisons.documents.model import Block, Document
from comparisons.documents.proposals import LEVEL_COLUMN, LEVELS, ProposedRow, Value, to_passage
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

# Fewest axes of a list; most rows of one document.
_FEWEST, _MOST = 2, 300
_INFINITIVE = re.compile(r"(?:(?:s['’]|se |ne pas )?[A-ZÀ-Ýa-zà-ÿ]{2,}(?:er|ir|re)\b)")
_QUOTED = re.compile(r"«\s*([^«»]{4,160}?)\s*»")
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
        return not self.reason.startswith(("liste annoncée", "énumérés"))

    def page_gap(self, page: int) -> int:
        """Return how many pages lie between the axis and a page."""
        return abs(page - self.block.page)


def find_axes(document: Document) -> list[Axis]:
    """List the axes of a document in reading order, those of its table of contents once."""
    headings = find_headings(document)
    axes = _labelled(document, headings)
    if sum(axis.level == axes[0].level for axis in axes) < _FEWEST if axes else True:
        candidates = (
            axes,
            _announced_headings(document, headings),
            _numbered(headings),
            _announced_items(document),
            _announced_words(document),
            _plain_headings(document, headings),
        )
        axes = _merge(max(candidates, key=_worth), axes)
    elif not any(axis.level == "axe" for axis in axes) and _has_parents(axes):
        # « 1. », without a word, above « Orientation 1.1 »
        axes = _merge(_best_without_label(document, headings), axes)
    axes = _with_numbered_below(axes, headings)
    axes = _with_items(document, axes)
    return _distinct(axes)[:_MOST]


def _has_parents(axes: Sequence[Axis]) -> bool:
    """Return whether the numbers of labels tell that others stand above: « 1.1 », or twice « 1 »."""
    top = [axis.number for axis in axes if axis.level == axes[0].level]
    is_action = all(axis.level == "action" for axis in axes)
    return is_action or "1" in top[1:] or all(re.search(r"\w\.\d|[A-Z]\d", number) for number in top)


def _worth(axes: Sequence[Axis]) -> int:
    """Return 1 for a list of axes, 0 for less; the first way of finding them wins."""
    return int(len(axes) >= _FEWEST)


def _best_without_label(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    numbered = [axis for axis in _numbered(headings) if axis.level == "axe"]
    candidates = (
        _announced_headings(document, headings), numbered, _announced_items(document)
    )  # fmt: skip
    return max(candidates, key=_worth)


def _labelled(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """List what a word and a number label: « Axe 1 : … », the title maybe in the next block."""
    axes = []
    for heading in headings:
        mark = heading.mark
        if mark is None or not mark.word:
            continue
        title, index = heading.title, heading.index
        if not mark.number and not (heading.is_styled and title):
            continue
        if not title:
            title = _next_title(document, heading)
        if not title or len(title) > MAX_TITLE or _is_sentence(title, heading):
            continue
        if not mark.number and mark.word in ("objectif", "projet", "mesure", "cible"):
            continue
        reason = f"intitulé « {mark.word.capitalize()} {mark.number} »".replace(" »", " »")
        axes.append(Axis(mark.level, title, index, heading.block, reason, mark.word, mark.number))
    if not axes:
        axes = list(_labelled_cells(document))
    return _without_weak(_nested(axes))


def _labelled_cells(document: Document) -> Iterator[Axis]:
    """Iterate over the labelled cells of tables: a plan of actions is often one."""
    for index, table in document.tables:
        seen: set[str] = set()
        for row in table.rows:
            for cell in row.cells:
                mark = read_mark(cell)
                if mark and mark.word and mark.number and mark.title and cell not in seen:
                    seen.add(cell)
                    block = Block(cell, row.page, box=row.box)
                    title = clean_title(mark.title)
                    if len(title) <= MAX_TITLE:
                        reason = f"cellule « {mark.word.capitalize()} {mark.number} »"
                        yield Axis(mark.level, title, index, block, reason, mark.word, mark.number)


def _is_sentence(title: str, heading: Heading) -> bool:
    """Return whether what follows a label is a sentence of the text rather than a title."""
    return not heading.is_styled and (
        bool(re.search(r"[.!?]\s+[A-ZÀ-Ý]", title)) or len(title) > 160
    )


def _next_title(document: Document, heading: Heading) -> str:
    """Return the title in the block after a label that stands alone, or ""."""
    for block in document.blocks[heading.index + 1 : heading.index + 2]:
        is_title = not block.rows and len(block.text) <= MAX_TITLE
        if is_title and not read_mark(block.text) and not block.text.rstrip().endswith("."):
            return clean_title(block.text)
    return ""


def _nested(axes: list[Axis]) -> list[Axis]:
    """Put one level lower the label that stands within another of the same level."""
    names = list(dict.fromkeys(axis.label for axis in axes if axis.level == "axe"))
    if len(names) < 2:
        return axes
    outer, inner = names[0], names[1]
    order = [axis.label for axis in axes if axis.label in (outer, inner)]
    text = "".join("o" if name == outer else "i" for name in order)
    if len(re.findall("o+i+", text)) < 2:
        return axes
    return [
        replace(axis, level="orientation") if axis.label == inner else axis for axis in axes
    ]


def _without_weak(axes: list[Axis]) -> list[Axis]:
    """Leave out stakes and challenges, of a diagnosis, where other words label the axes."""
    weak = set(words("niveaux_faibles"))
    strong = [axis for axis in axes if axis.level in LEVELS[:2] and axis.label not in weak]
    if len(strong) < _FEWEST:
        return axes
    stakes = [axis.index for axis in axes if axis.level == "axe" and axis.label in weak]
    holds_others = any(axis.index < max(stakes, default=0) or "." in axis.number for axis in strong)
    if holds_others and not any(axis.level == "axe" for axis in strong):
        return axes
    return [axis for axis in axes if axis.level != "axe" or axis.label not in weak]


def _announced_headings(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """List the headings under one that announces them: « Nos quatre priorités »."""
    announce = re.compile(rf"\b(?:{words('mots_annonce')})\b", re.IGNORECASE)
    best: list[Axis] = []
    for position, heading in enumerate(headings):
        if not heading.is_styled or not announce.search(heading.title) or len(heading.title) > 90:
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
        axes = [
            Axis("axe", each.title, each.index, each.block, reason)
            for each in below
            if each.rank == first and not is_generic(each.title)
        ]
        if len(axes) > len(best):
            best = axes
    return best


_DEPTH_LEVELS = ("axe", "orientation", "objectif", "action")


def _numbered(headings: Sequence[Heading]) -> list[Axis]:
    """List numbered headings, « 1 » and « 1.1 », « I », « A » and « a », with their depths."""
    axes: list[Axis] = []
    stack: list[str] = []
    generic_depth = 9
    previous: dict[str, str] = {}
    for heading in headings:
        mark = heading.mark
        if mark is None or mark.word or not _is_numbered_heading(heading):
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
        if generic_depth != 9 or depth > len(_DEPTH_LEVELS):
            continue
        reason = f"titre numéroté « {mark.number} »"
        level = _DEPTH_LEVELS[depth - 1]
        axes.append(Axis(level, heading.title, heading.index, heading.block, reason, "", mark.number))
    if sum(axis.level == "axe" for axis in axes) < _FEWEST:
        return []
    return axes


def _is_numbered_heading(heading: Heading) -> bool:
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


def _announced_items(document: Document) -> list[Axis]:
    """List the items, or numbered lines, after a sentence that announces axes."""
    blocks = document.blocks
    skipped = contents_indices(blocks)
    for index, block in enumerate(blocks):
        if block.rows or index in skipped or not _announces(block):
            continue
        items = []
        for offset, other in enumerate(blocks[index + 1 : index + 60], start=index + 1):
            mark = read_mark(other.text)
            is_listed = other.is_item or (mark is not None and not mark.word)
            ends = items and not items[-1].block.text.rstrip().endswith((";", ","))
            if not other.rows and not is_listed and len(other.text) <= MAX_TITLE and not ends:
                # lines of a list without marks end with semicolons
                is_listed = other.text.rstrip().endswith((";", ",")) or (
                    bool(items) and not items[-1].block.is_item
                )
            if other.rows or not is_listed or len(other.text) > MAX_TITLE:
                break
            title = clean_title(mark.title if mark and not mark.word else other.text)
            title = re.sub(r"\s*;?\s+et$", "", title)
            reason = f"liste annoncée par « {to_passage(block.text)[-80:]} »"
            items.append(Axis("axe", title, offset, other, reason))
        if len(items) >= _FEWEST:
            return items
    return []


def _announces(block: Block) -> bool:
    words_announced = re.search(rf"\b(?:{words('mots_annonce')})\b", block.text, re.IGNORECASE)
    if not words_announced:
        return False
    is_heading = bool(block.level or block.bold) and len(block.text) < 90
    says = pattern("annonces").search(block.text) and block.text.rstrip().endswith(":")
    return is_heading or bool(says)


def _announced_words(document: Document) -> list[Axis]:
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
            if len(titles) < _FEWEST:
                titles = [
                    re.sub(r"^(?:et|puis|enfin)\s+|^\(?\d\s?[.)°]\s*", "", part.strip())
                    for part in _INLINE_LABEL.split(match["list"].strip())
                ]
                if any(not 6 <= len(title) <= 140 for title in titles):
                    continue
            if len(titles) >= _FEWEST:
                reason = "énumérés dans une phrase"
                return [
                    Axis("axe", clean_title(title), index, block, reason)
                    for title in titles
                ]
    return []


def _plain_headings(document: Document, headings: Sequence[Heading]) -> list[Axis]:
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
        if len(found) >= _FEWEST:
            reason = "titres d’un même niveau, sans numéro ni annonce : à vérifier"
            return [
                Axis("axe", each.title, each.index, each.block, reason) for each in found
            ]
    return []


def _with_numbered_below(axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """Add the numbered headings that stand under labelled axes: « 1.1 » under « Axe 1 »."""
    if not axes or not axes[0].label:
        return axes
    known = {axis.index for axis in axes}
    added = []
    for heading in headings:
        mark = heading.mark
        if (
            mark is None or mark.word or heading.index in known
            or not mark.numbering.isdigit() or int(mark.numbering) < 2
            or not _is_numbered_heading(heading) or is_generic(heading.title)
        ):  # fmt: skip
            continue
        first = re.split(r"\.", mark.number)[0]
        parent = next((axis for axis in reversed(axes) if axis.index < heading.index), None)
        if parent and first in (axis.number for axis in axes if axis.level == axes[0].level):
            level = _DEPTH_LEVELS[min(int(mark.numbering), 4) - 1]
            reason = f"titre numéroté « {mark.number} » sous « {parent.title} »"
            added.append(
                Axis(level, heading.title, heading.index, heading.block, reason, "", mark.number)
            )
    return _merge(axes, added)


def _with_items(document: Document, axes: list[Axis]) -> list[Axis]:
    """Add, as actions, the lists under an axis whose items all begin with an infinitive."""
    starts = [axis.index for axis in axes]
    if not starts or any(axis.level == "action" for axis in axes):
        return axes
    items_known = {axis.index for axis in axes}
    added: list[Axis] = []
    blocks = document.blocks
    index = starts[0]
    while index < len(blocks):
        group = []
        while index < len(blocks) and blocks[index].is_item and index not in items_known:
            group.append(index)
            index += 1
        is_under = group and any(start < group[0] for start in starts)
        if is_under and all(_is_action(blocks[each].text) for each in group):
            reason = "liste de verbes sous un axe"
            added += [
                Axis("action", clean_title(blocks[each].text), each, blocks[each], reason)
                for each in group
            ]
        index += 1
    return _merge(axes, added)


def _is_action(text: str) -> bool:
    return bool(_INFINITIVE.match(text)) and len(text) <= 160 and not re.search(r"\d\s?[k M]?€", text)


def _merge(axes: Sequence[Axis], added: Sequence[Axis]) -> list[Axis]:
    known = {axis.index for axis in axes}
    return sorted(
        [*axes, *(axis for axis in added if axis.index not in known)], key=lambda axis: axis.index
    )


def _distinct(axes: Sequence[Axis]) -> list[Axis]:
    """Leave out an axis that is named again; a title is kept where its section begins."""
    kept: dict[tuple[str, str], Axis] = {}
    for axis in axes:
        key = axis.level, re.sub(r"\W+", " ", fold(axis.title)).strip()
        if not key[1]:
            continue
        known = kept.get(key)
        is_better = known and _is_section(axis) and not _is_section(known)
        if known is None or is_better:
            kept[key] = axis
    return sorted(kept.values(), key=lambda axis: axis.index)


def _is_section(axis: Axis) -> bool:
    return bool(axis.block.level or axis.block.bold or axis.block.size)


def propose_axes(document: Document, axes: Sequence[Axis]) -> list[ProposedRow]:
    """Build the rows of `priorites`: rank, wording, level, likely theme."""
    from comparisons.datapackage.validation.theme_suggestions import suggest_themes

    contents = _contents_titles(document)
    rows = []
    for rank, axis in enumerate(axes, start=1):
        reason = axis.reason
        if contents and axis.level == "axe":
            agrees = fold(axis.title) in contents
            reason += " ; " + ("au sommaire aussi" if agrees else "absent du sommaire")
        passage = to_passage(axis.block.text)
        shown = Value(axis.title, axis.block.page, passage, reason, box=axis.block.box)
        row = ProposedRow("priorites", {"intitule": shown}, key=f"axe-{rank}")
        row.add(LEVEL_COLUMN, axis.level, reason, shown)
        row.add("rang", rank, "ordre du document", shown)
        themes = suggest_themes(axis.title, limit=3)
        if themes:
            row.values["theme"] = Value(
                themes[0].theme, shown.page, passage, themes[0].reason,
                tuple(theme.theme for theme in themes[1:]), shown.box,
            )  # fmt: skip
        row.locate()
        rows.append(row)
    return rows


def _contents_titles(document: Document) -> str:
    """Return the folded titles of the bookmarks and of the table of contents, as one text."""
    blocks = document.blocks
    lines = [blocks[index].text for index in sorted(contents_indices(blocks))]
    return fold("\n".join([*(title for _, title in document.outline), *lines]))
