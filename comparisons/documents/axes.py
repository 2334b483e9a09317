"""Propose the axes of a strategy, in order, with their levels."""

import re
from collections.abc import Sequence
from dataclasses import replace

from comparisons.documents.actions_below import add_actions
from comparisons.documents.axes_below import (
    add_headings_below,
    add_numbered_below,
    add_titles_below,
)
from comparisons.documents.axis_guesses import guess_axes
from comparisons.documents.axis_headings import (
    announced_headings,
    at_headings,
    headings_above,
    headings_with_word,
    numbered,
)
from comparisons.documents.axis_lists import FEWEST, Axis, announced_items, merge_axes
from comparisons.documents.axis_sentences import (
    announced_words,
    articulated_words,
    ordered_clauses,
    ordinal_sentences,
)
from comparisons.documents.axis_tables import (
    announced_cells,
    cards_of_actions,
    cells_of_verbs,
    columns_of_axes,
    grouped_actions,
    labelled_cells,
)
from comparisons.documents.headings import (
    MAX_TITLE,
    Heading,
    clean_title,
    contents_indices,
    find_headings,
    read_mark,
    words_of_levels,
)
from comparisons.documents.model import Document
from comparisons.documents.money import find_money
from comparisons.documents.proposals import LEVEL_COLUMN, LEVELS, ProposedRow, value_of
from comparisons.documents.title_forms import is_infinitive
from comparisons.documents.vocabulary import words
from comparisons.formatting import fold

# « réussir 2028. Il s’agit … »
_FIRST_SENTENCE = re.compile(r"([^.:;]{3,100})(?:\.\s+(?=[A-ZÀ-Ý\d])|\s:\s+(?=[A-ZÀ-Ý]))")
_SENTENCES = re.compile(r"[.!?]\s+[A-ZÀ-Ý]")
# « Axe 1 – Former : Dix agents suivront un cours. »
_EXPLAINED = re.compile(r"\w\s:\s[A-ZÀ-Ý][^:]{20,}\.\s*$")
# Most rows of one document.
_MOST = 300


def find_axes(document: Document) -> list[Axis]:
    """List the axes of a document in reading order, those of its table of contents once."""
    headings = find_headings(document)
    axes = at_headings(_labelled(document, headings), headings)
    if grouped := grouped_actions(document):
        # « Axe 1 – Relier », alone on a row above its actions
        known = {axis.title: axis for axis in axes}
        if known.keys() == {axis.title for axis in grouped if axis.level == LEVELS[0]}:
            axes = [known.get(axis.title, axis) for axis in grouped]
    axes = _below_headings(axes, headings)
    if sum(axis.level == axes[0].level for axis in axes) < FEWEST if axes else True:
        stated, guessed = announced_words(document), guess_axes(document, headings)
        columns = columns_of_axes(document)
        is_summary = len(columns) == len(guessed) and len({axis.level for axis in columns}) == 1
        candidates = (
            axes,
            headings_with_word(headings),
            announced_headings(document, headings),
            numbered(headings),
            announced_items(document),
            stated,
            ordinal_sentences(document),
            articulated_words(document),
            ordered_clauses(document),
            announced_cells(document),
            cards_of_actions(document),
            cells_of_verbs(document),
            # « Recherche », in a budget, names in short what is a heading
            [] if is_summary else columns,
            grouped_actions(document),
            guessed,
        )
        # the first way of finding them wins
        best = max(candidates, key=lambda each: len(each) >= FEWEST)
        best = _with_level(best, stated)
        best = _with_numbered_below(_as_headings(best, guessed), numbered(headings))
        axes = merge_axes(at_headings(best, headings), axes)
    elif not any(axis.level == "axe" for axis in axes) and _has_parents(axes):
        # « 1. », without a word, above « Orientation 1.1 »
        axes = merge_axes(_best_without_label(document, headings, axes), axes)
    axes = add_numbered_below(axes, headings)
    axes = add_headings_below(axes, headings)
    axes = add_titles_below(document, axes, headings)
    axes = add_actions(document, axes, headings)
    return _distinct(_without_details(document, axes))[:_MOST]


def _below_headings(axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """Put « Brique 1 », a word that names no level, under the headings that hold all of them."""
    above = headings_above(headings, axes)
    is_unknown = not any(axis.label in words_of_levels() for axis in axes)
    if not is_unknown or not FEWEST <= len(above) < len(axes):
        return axes
    return merge_axes(above, [replace(axis, level=LEVELS[-1]) for axis in axes])


def _without_details(document: Document, axes: Sequence[Axis]) -> list[Axis]:
    """Return axes without what is in brackets after titles that sections have without them."""
    texts = {fold(block.text).rstrip(" .:") for block in document.paragraphs}
    shorter = [re.sub(r"\s*\([^()]*\)$", "", axis.title) for axis in axes]
    return [
        replace(axis, title=title) if fold(title) in texts else axis
        for axis, title in zip(axes, shorter, strict=True)
    ]


def _has_parents(axes: Sequence[Axis]) -> bool:
    """Return whether numbers of labels tell that others stand above: « 1.1 », or twice « 1 »."""
    top = [axis.number for axis in axes if axis.level == axes[0].level]
    # « Objectif : former », without numbers, is of an axis too
    is_action = all(axis.level == "action" for axis in axes) or not any(top)
    return (
        is_action or "1" in top[1:] or all(re.search(r"\w\.\d|[A-Z]\d", number) for number in top)
    )


def _with_level(axes: list[Axis], stated: Sequence[Axis]) -> list[Axis]:
    """Return axes with the level of the sentence that names the same: « trois orientations »."""
    is_same = {fold(axis.title) for axis in axes} == {fold(axis.title) for axis in stated}
    return [replace(axis, level=stated[0].level) for axis in axes] if is_same and stated else axes


def _with_numbered_below(axes: list[Axis], tree: list[Axis]) -> list[Axis]:
    """Return the numbered headings of all depths, if the highest of them are the axes."""
    tops = [axis.index for axis in tree if axis.level == LEVELS[0]]
    is_deeper = len(tree) > len(tops) > 0
    return tree if is_deeper and tops == [axis.index for axis in axes] else axes


def _as_headings(stated: list[Axis], guessed: list[Axis]) -> list[Axis]:
    """Return the axes that a sentence names in short by the headings that have their number."""
    is_sentence = bool(stated) and stated[0].reason.startswith("énumérés")
    are_verbs = all(is_infinitive(axis.title) for axis in guessed)
    if is_sentence and len(stated) == len(guessed) and are_verbs:
        return [replace(axis, level=stated[0].level) for axis in guessed]
    return stated


def _best_without_label(
    document: Document, headings: Sequence[Heading], labelled: Sequence[Axis]
) -> list[Axis]:
    tops = [axis for axis in numbered(headings) if axis.level == "axe"]
    candidates = (
        announced_headings(document, headings), tops, announced_items(document),
        headings_above(headings, labelled),
    )  # fmt: skip
    return max(candidates, key=lambda each: len(each) >= FEWEST)


def _labelled(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """List what a word and a number label: « Axe 1 : … », the title maybe in the next block."""
    axes: list[Axis] = []
    run_in: list[Axis] = []
    for heading in headings:
        mark = heading.mark
        if mark is None or not mark.word:
            continue
        title = heading.title
        if not mark.number and not (heading.is_styled and title):
            continue
        if not title:
            title = _next_title(document, heading)
        if heading.block.lead:
            title = _title_of_lead(heading) or title
        is_sentence = _is_sentence(title, heading)
        if is_sentence and mark.number and (first := _FIRST_SENTENCE.match(title)):
            run_in.append(_label_axis(heading, clean_title(first[1])))
        if not title or len(title) > MAX_TITLE or is_sentence:
            continue
        if not mark.number and mark.word not in words("niveaux_sans_numero"):
            continue
        axes.append(_label_axis(heading, title))
    axes = merge_axes(axes, _completing(axes, run_in))
    cells = list(labelled_cells(document))
    axes, cells = _without_rare(axes, cells)
    highest = min((axis.level for axis in axes), key=LEVELS.index, default=LEVELS[0])
    # « Fiche action 1.1 » heads a table, under headings of objectives
    has_actions = not axes or any(axis.level == LEVELS[-1] for axis in axes)
    added = [cell for cell in cells if not axes or (not has_actions and cell.level == LEVELS[-1])]
    if axes and cells and cells[0].index < axes[0].index:
        # « Axe 1 | Relier », a table above « Action 1.1 »
        added += [cell for cell in cells if LEVELS.index(cell.level) < LEVELS.index(highest)]
    axes = merge_axes(axes, added)
    return _without_weak(_nested(_without_repeated(axes)))


def _without_repeated(axes: Sequence[Axis]) -> list[Axis]:
    """Leave out what says more of the axis before: « Axe 1 : les moyens », after « Axe 1 : … »."""
    kept: list[Axis] = []
    above: dict[int, tuple[str, str]] = {}
    for axis in axes:
        rank, name = LEVELS.index(axis.level), (axis.label, axis.number)
        if not axis.number or above.get(rank) != name:
            kept.append(axis)
        above = {each: other for each, other in above.items() if each < rank} | {rank: name}
    return kept


def _completing(axes: Sequence[Axis], run_in: Sequence[Axis]) -> list[Axis]:
    """Return the titles that a sentence follows, « Enjeu 1 : un port. Il est grand. ».

    Those of a word that has each number once under what stands above: no axis is told again.
    """
    kept = []
    for label in {axis.label for axis in run_in}:
        added = [axis for axis in run_in if axis.label == label]
        same = [*added, *(axis for axis in axes if axis.label == label)]
        above = [axis.index for axis in axes if axis.label != label]
        places = {(sum(index < axis.index for index in above), axis.number) for axis in same}
        kept += added if len(places) == len(same) >= FEWEST else []
    return kept


def _label_axis(heading: Heading, title: str) -> Axis:
    """Return the axis of a heading with a label."""
    mark = heading.mark
    reason = f"intitulé « {mark.word.capitalize()} {mark.number} »".replace(" »", " »")
    return Axis(mark.level, title, heading.index, heading.block, reason, mark.word, mark.number)


def _without_rare(axes: list[Axis], cells: list[Axis]) -> tuple[list[Axis], list[Axis]]:
    """Leave out words that label no axis elsewhere, « Verbe 1 », unless they alone are numbered."""
    is_known = {each.label: each.label in words_of_levels() for each in [*axes, *cells]}
    numbers: dict[str, set[str]] = {}
    for each in [*axes, *cells]:
        numbers.setdefault(each.label, set()).add(each.number)
    has_known = any(is_known[each.label] and each.level != LEVELS[-1] for each in [*axes, *cells])

    known = [each for each in axes if is_known[each.label]]
    below = _labels_below(known or [each for each in cells if is_known[each.label]], axes)
    axes = [replace(each, level=LEVELS[-1]) if each.label in below else each for each in axes]

    def is_kept(each: Axis) -> bool:
        is_alone = not has_known and len(numbers[each.label]) >= FEWEST
        return is_known[each.label] or is_alone or each.label in below

    return [each for each in axes if is_kept(each)], [each for each in cells if is_kept(each)]


def _labels_below(known: Sequence[Axis], axes: Sequence[Axis]) -> set[str]:
    """Return the words that label what is under each of the known axes, « Brique 1 : … »."""
    if len({axis.level for axis in known}) != 1 or known[0].level == LEVELS[-1]:
        return set()
    starts = [axis.index for axis in known]
    parents: dict[str, set[int]] = {}
    for axis in axes:
        if axis.label not in {each.label for each in known} and axis.index > starts[0]:
            parent = max(start for start in starts if start <= axis.index)
            parents.setdefault(axis.label, set()).add(parent)
    return {label for label, each in parents.items() if len(each) == len(starts) >= FEWEST}


def _is_sentence(title: str, heading: Heading) -> bool:
    """Return whether what follows a label is a sentence of the text rather than a title."""
    return not heading.is_styled and (
        _SENTENCES.search(title) is not None
        or (not heading.block.lead and _EXPLAINED.search(heading.block.text) is not None)
        or len(title) > 160
        or any(find_money(title))
    )


def _title_of_lead(heading: Heading) -> str:
    """Return the title that begins a paragraph after a bold label, or in bold with it; or ""."""
    mark = read_mark(heading.block.lead)
    if mark is None or not mark.word:
        return ""
    first = re.match(r"[^.]{3,140}(?=\.\s|$)", heading.title)
    # « Mesure 2 : partager : 15 communes en 2027 »
    title = re.split(r"\s:\s(?=\d)", mark.title or (first[0] if first else ""))[0]
    return clean_title(title)


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
    return [replace(axis, level="orientation") if axis.label == inner else axis for axis in axes]


def _without_weak(axes: list[Axis]) -> list[Axis]:
    """Leave out stakes and challenges, of a diagnosis, where other words label the axes."""
    weak = set(words("niveaux_faibles"))
    strong = [axis for axis in axes if axis.level in LEVELS[:2] and axis.label not in weak]
    if len(strong) < FEWEST:
        return axes
    stakes = [axis.index for axis in axes if axis.level == "axe" and axis.label in weak]
    holds_others = any(axis.index < max(stakes, default=0) or "." in axis.number for axis in strong)
    if holds_others and not any(axis.level == "axe" for axis in strong):
        return axes
    return [axis for axis in axes if axis.level != "axe" or axis.label not in weak]


def _distinct(axes: Sequence[Axis]) -> list[Axis]:
    """Leave out an axis that is named again, maybe at a lower level.

    A title is kept at its highest level, where its section begins.
    """
    kept: dict[str, Axis] = {}
    for axis in axes:
        key = re.sub(r"\W+", " ", fold(axis.title)).strip()
        if key and (key not in kept or _order(axis) < _order(kept[key])):
            kept[key] = axis
    return sorted(kept.values(), key=lambda axis: axis.index)


def _order(axis: Axis) -> tuple[int, bool]:
    is_section = bool(axis.block.level or axis.block.bold or axis.block.size)
    return LEVELS.index(axis.level), not is_section


def propose_axes(document: Document, axes: Sequence[Axis]) -> list[ProposedRow]:
    """Build the rows of `priorites`: rank, wording, level."""
    contents = _contents_titles(document)
    rows = []
    for rank, axis in enumerate(axes, start=1):
        reason = axis.reason
        if contents and axis.level == "axe":
            agrees = fold(axis.title) in contents
            reason += " ; " + ("au sommaire aussi" if agrees else "absent du sommaire")
        shown = value_of(axis.block, axis.title, reason)
        row = ProposedRow("priorites", {"intitule": shown}, key=f"axe-{rank}")
        row.add(LEVEL_COLUMN, axis.level, reason, shown)
        row.add("rang", rank, "ordre du document", shown)
        row.locate()
        rows.append(row)
    return rows


def add_themes(rows: Sequence[ProposedRow]) -> None:
    """Add the likely theme of each row of `priorites`.

    What suggests them takes seconds to load: once in a site, once in each process that reads.
    """
    from comparisons.datapackage.validation.theme_suggestions import suggest_themes

    for row in rows:
        if row.table != "priorites":
            continue
        themes, shown = suggest_themes(row.get("intitule"), limit=3), row.values["intitule"]
        if themes:
            others = tuple(theme.theme for theme in themes[1:])
            row.values["theme"] = replace(
                shown, text=themes[0].theme, reason=themes[0].reason, alternatives=others
            )


def _contents_titles(document: Document) -> str:
    """Return the folded titles of the bookmarks and of the table of contents, as one text."""
    blocks = document.blocks
    lines = [blocks[index].text for index in sorted(contents_indices(blocks))]
    return fold("\n".join([*(title for _, title in document.outline), *lines]))
