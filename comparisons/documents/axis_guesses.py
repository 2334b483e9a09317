"""Guess the axes that no word, number or sentence tells, by their look and their form."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from comparisons.documents.axis_lists import FEWEST, Axis
from comparisons.documents.axis_tables import columns_of_actions, rows_of_titles
from comparisons.documents.headings import (
    Heading,
    clean_title,
    contents_indices,
    is_generic,
    read_mark,
    sections,
)
from comparisons.documents.model import Block, Document
from comparisons.documents.proposals import LEVELS
from comparisons.documents.title_forms import (
    DETERMINED,
    INFINITIVE,
    alike,
    common_beginning,
    common_form,
    is_infinitive,
)
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

# Fewest axes of a list that only its form tells.
_FEWEST_ALIKE = 3
# Most headings of one style, or lists, that may be those of axes.
_MOST = 120
# Letters of the longest title.
_LONGEST = 140
# Blocks at the beginning among which the name of the document is.
_MOST_BEFORE_TITLE = 5
# « Constat », « Budget : 3 M€ », folded
_PART_NAME = re.compile(r"([a-z][a-z ’']{2,24}?)\s*(?::|$)")
# « Mer et littoral. Des bouées … »: few words, none of them the subject of a sentence
_FIRST_SENTENCE = re.compile(r"([A-ZÀ-Ý][^.:;!?,\d]{3,45})\.\s+(?=[A-ZÀ-Ý])")
_VERB = re.compile(r"\b(?:est|sont|a|ont|vise|porte|concerne|fait|font|\w+er(?:a|ont))\b")
# « En matière de mobilité : les horaires … »
_SUBJECT = re.compile(
    r"(?:en matière d(?:e |['’])|s['’]agissant d(?:e |['’])|concernant |en ce qui concerne |côté )"
    r"([^.:;!?]{3,60}?)\s?(?::|,)\s",
    re.IGNORECASE,
)
# « Pour les agents : donner à chacun un poste »
_FOR_WHOM = re.compile(
    r"^(?:pour|auprès|avec|côté|envers|à|aux?)\s[^:;.]{3,60}?\s?:\s+", re.IGNORECASE
)
# « Inclusion : … », « Recenser. Une aide de … »
_ITEM_LEAD = re.compile(r"[^:;.!?]{3,60}?(?:\s?:\s+|\.\s+(?=[A-ZÀ-Ý]))")


@dataclass(frozen=True)
class _Guess:
    """Axes that were guessed, and how likely they are: `worth` is higher for surer ones."""

    axes: list[Axis]
    worth: int
    rank: int = 0


def guess_axes(document: Document, headings: Sequence[Heading]) -> list[Axis]:
    """Return the likeliest list: headings of one style, bold beginnings, verbs of a list …"""
    of_headings = list(_plain_headings(document, headings))
    guesses = [
        *of_headings,
        *_bold_beginnings(document),
        *_lists(document, headings),
        *_short_first_sentences(document),
        *_rows_of_titles(document),
        *_short_paragraphs(document, headings),
    ]
    if columns := columns_of_actions(document):
        # tables in several sections list what is of each
        guesses.append(_Guess(columns, 2 * (columns[0].index == columns[-1].index)))
    if not guesses:
        return []
    best = max(guesses, key=lambda guess: guess.worth)
    if best in of_headings:
        above = [each for each in of_headings if each.rank < best.rank and _holds_all(each, best)]
        best = above[0] if above else best
    return best.axes


def _plain_headings(document: Document, headings: Sequence[Heading]) -> Iterator[_Guess]:
    """Iterate over the headings of each style, general ones and what is below these apart."""
    title_rank = min((each.rank for each in headings if each.is_styled), default=0)
    by_rank: dict[int, list[Heading]] = {}
    for heading in headings:
        is_title = heading.index == 0 or _names_document(heading)
        if heading.is_styled and len(heading.title) <= _LONGEST and not is_title:
            by_rank.setdefault(heading.rank, []).append(heading)
    for rank, group in sorted(by_rank.items()):
        if len(group) > _MOST:
            continue
        named = [each for each in group if not _is_part_of_any(each.title)]
        named = _outside_general(headings, named)
        kept = _of_common_outline(document, group, named)
        has_outline = len(kept) >= FEWEST and kept != named
        kept = _repeated(document, kept)
        kept = [kept[place] for place in alike([each.title for each in kept])]
        if len(kept) >= (3 if rank == title_rank else FEWEST):
            reason = "titres d’un même niveau, sans numéro ni annonce : à vérifier"
            titles = _without_prefix([each.title for each in kept])
            axes = [
                Axis("axe", title, each.index, each.block, reason)
                for title, each in zip(titles, kept, strict=True)
            ]
            yield _Guess(axes, 1 + _worth_of_form(axes) + has_outline, rank)


def _is_part_of_any(title: str) -> bool:
    """Return whether a title is a part of any document, the chapter of axes, or a date."""
    is_holder = pattern("titres_porteurs").fullmatch(title) is not None
    return is_generic(title) or is_holder or bool(pattern("titres_dates").match(title))


def _without_prefix(titles: Sequence[str]) -> list[str]:
    """Return titles without what all have before a bar, « Notre action | Les écoles »."""
    parts = [re.split(r"\s+[|–—:/]\s+", title, maxsplit=1) for title in titles]
    is_shared = all(len(each) == 2 for each in parts) and len({each[0] for each in parts}) == 1
    return [each[1] for each in parts] if is_shared else list(titles)


def _outside_general(headings: Sequence[Heading], named: Sequence[Heading]) -> list[Heading]:
    """Return the headings that are below no general one, « Diagnostic », if some are."""
    outside = [
        each
        for each in named
        if not any(is_generic(above.title) for above in sections(headings, each.index)
                   if above.rank < each.rank)
    ]  # fmt: skip
    return outside if len(outside) >= FEWEST else list(named)


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


def _repeated(document: Document, headings: Sequence[Heading]) -> list[Heading]:
    """Return the headings that a list or a table repeats, if most are: a summary, a budget."""
    texts = _other_texts(document)
    kept = [each for each in headings if _comparable(each.title) in texts]
    return kept if len(kept) >= max(_FEWEST_ALIKE, 0.5 * len(headings)) else list(headings)


def _other_texts(document: Document) -> set[str]:
    """Return the texts of items and cells, outside of tables of contents."""
    contents = contents_indices(document.blocks)
    texts = set()
    for index, block in enumerate(document.blocks):
        if block.rows:
            texts |= {_comparable(cell) for row in block.rows for cell in row.cells}
        elif block.is_item and index not in contents:
            texts.add(_comparable(block.text))
    return texts - {""}


def _comparable(text: str) -> str:
    return re.sub(r"\W+", " ", fold(clean_title(text))).strip()


def _worth_of_form(axes: Sequence[Axis]) -> int:
    """Return 2 for verbs or titles that begin alike, 1 for titles with articles, 0 for others."""
    titles = [axis.title for axis in axes]
    if common_beginning(titles):
        return 2
    return {INFINITIVE: 2, DETERMINED: 1}.get(common_form(titles), 0)


def _holds_all(upper: _Guess, lower: _Guess) -> bool:
    """Return whether each of the headings of a guess has some of a lower one in its section."""
    starts = [axis.index for axis in upper.axes]
    below = [axis.index for axis in lower.axes]
    ends = [*starts[1:], max(below) + 1]
    return all(
        any(start < index < end for index in below) for start, end in zip(starts, ends, strict=True)
    )


def _bold_beginnings(document: Document) -> Iterator[_Guess]:
    """Iterate over the titles in bold that begin paragraphs: « **Former.** Chaque agent … »."""
    found: list[tuple[str, int, Block]] = []
    for index, block in enumerate(document.blocks):
        title, rest = block.lead, block.text[len(block.lead) :]
        is_title = title.endswith((".", ":")) or re.match(r"\s?[.:–—]", rest)
        if is_title and len(title) <= _LONGEST and not is_generic(title) and not read_mark(title):
            found.append((clean_title(title), index, block))
    counts = Counter(title for title, _, _ in found)
    # « Coût » begins one paragraph of each section
    once = [each for each in found if counts[each[0]] == 1]
    yield from _alike(once, "débuts de paragraphes en gras, sans numéro ni annonce : à vérifier")


def _rows_of_titles(document: Document) -> Iterator[_Guess]:
    """Iterate over the tables of two columns, titles and texts; those of a form apart."""
    for found in rows_of_titles(document):
        titles = [title for title, _, _ in found]
        if not any(is_generic(title) or pattern("champs").match(title) for title in titles):
            yield from _alike(found, "tableau de titres et de textes, sans annonce : à vérifier")


def _short_first_sentences(document: Document) -> Iterator[_Guess]:
    """Iterate over paragraphs one after the other that begin with a title: « Mer et littoral. »."""
    group: list[tuple[str, int, Block]] = []
    for index, block in enumerate([*document.blocks, Block("", 0)]):
        is_plain = not (block.rows or block.is_item or block.level or block.bold)
        lead = _FIRST_SENTENCE.match(block.text) or _SUBJECT.match(block.text)
        is_title = lead is not None and not (is_generic(lead[1]) or read_mark(lead[1]))
        if is_plain and is_title and not _VERB.search(lead[1]):
            group.append((clean_title(lead[1]), index, block))
            continue
        yield from _alike(group, "paragraphes qui commencent par un titre : à vérifier")
        group = []


def _lists(document: Document, headings: Sequence[Heading]) -> Iterator[_Guess]:
    """Iterate over the lists of verbs, of titles and their texts, or of announced actions.

    One list of a kind is that of the axes; several are those of what stands above each.
    """
    guesses: dict[str, list[_Guess]] = {}
    verbs: list[list[tuple[str, int, Block]]] = []
    for before, group in islice(_item_groups(document), _MOST):
        if any(is_generic(each.title) for each in sections(headings, group[0][0])):
            continue
        reason, titles = _titles_of_items(before, [text for _, text in group])
        found = [
            (title, index, document.blocks[index])
            for title, (index, _) in zip(titles, group, strict=False)
        ]
        if found and all(is_infinitive(title) for title in titles):
            verbs.append(found)
        guesses.setdefault(reason, []).extend(_alike(found, f"{reason} : à vérifier"))
    for same in guesses.values():
        yield from same if len(same) == 1 else (replace(each, worth=0) for each in same)
    if len(verbs) > 1:
        # « Ce trimestre », « Cette année »: what is to be done, list after list
        found = [each for group in verbs for each in group]
        axes = [Axis(LEVELS[-1], *each, "listes de verbes : à vérifier") for each in found]
        yield _Guess(axes, 0)


def _item_groups(document: Document) -> Iterator[tuple[Block, list[tuple[int, str]]]]:
    """Iterate over the lists of a document: the block before each, its items without numbers."""
    group: list[tuple[int, str]] = []
    before = last = Block("", 0)
    for index, block in enumerate([*document.blocks, Block("", 0)]):
        mark = read_mark(block.text) if not block.rows and not block.level else None
        is_numbered = mark is not None and not mark.word and not block.bold
        if group and block.is_item and block.indent > document.blocks[group[0][0]].indent:
            continue
        if block.is_item or is_numbered:
            before = before if group else last
            group.append((index, mark.title if is_numbered else block.text))
        elif group:
            yield before, group
            group = []
        last = block


def _titles_of_items(before: Block, items: Sequence[str]) -> tuple[str, list[str]]:
    """Return why the items of a list may be axes, and their titles; none if they are not."""
    # « Former : … », else « Pour les agents : former … »
    verbs = [item if is_infinitive(item) else _FOR_WHOM.sub("", item) for item in items]
    titles = [clean_title(re.split(r"\s?[.;:](?:\s|$)", verb)[0]) for verb in verbs]
    if all(map(is_infinitive, titles)):
        is_act = any(map(pattern("verbes_acte").match, titles))
        return "liste de verbes, sans annonce", [] if is_act else titles
    leads = [match[0] for item in items if (match := _ITEM_LEAD.match(item))]
    titles = [clean_title(lead) for lead in leads]
    is_field = any(is_generic(title) or pattern("champs").match(title) for title in titles)
    if len(titles) == len(items) and not is_field:
        return "liste de titres expliqués, sans annonce", titles
    titles = [clean_title(item) for item in items]
    if len(common_beginning(titles)) == len(items) and max(map(len, titles)) <= _LONGEST:
        # « Nous ouvrons … », « Nous prêtons … »
        return "liste de phrases qui commencent de même", titles
    announces = before.text.rstrip().endswith(":")
    if announces and pattern("mots_annonce_actions").search(before.text):
        is_list = all(6 <= len(title) <= _LONGEST for title in titles)
        return "liste de mesures annoncée", titles if is_list else []
    return "", []


def _short_paragraphs(document: Document, headings: Sequence[Heading]) -> Iterator[_Guess]:
    """Iterate over the short lines above paragraphs, where nothing sets headings apart."""
    styled = {each.index for each in headings if each.is_styled or each.mark}
    contents = contents_indices(document.blocks)
    found = []
    for index, (block, below) in enumerate(zip(document.blocks, document.blocks[1:], strict=False)):
        is_short = len(block.text) <= 90 and not re.search(r"[.:;,!?…]$", block.text)
        is_plain = not (block.rows or block.is_item or index in styled or index in contents)
        is_above = not below.rows and below.text.endswith(".") and len(below.text) > 25
        if is_short and is_plain and is_above and index and not is_generic(block.text):
            found.append((clean_title(block.text), index, block))
    titles = [title for title, _, _ in found]
    if common_form(titles):
        yield from _alike(found, "lignes courtes au-dessus d’un paragraphe : à vérifier")


def _alike(found: Sequence[tuple[str, int, Block]], reason: str) -> Iterator[_Guess]:
    """Iterate over the guess of titles, those that stand out by their form apart."""
    kept = [found[place] for place in alike([title for title, _, _ in found])]
    if len(kept) >= _FEWEST_ALIKE:
        axes = [Axis("axe", title, index, block, reason) for title, index, block in kept]
        yield _Guess(axes, _worth_of_form(axes))
