"""Add the actions that lists, lines and tables name under axes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from comparisons.documents.axis_lists import FEWEST, Axis, title_before_text
from comparisons.documents.axis_tables import columns_of_actions, titles_in_columns
from comparisons.documents.headings import (
    Heading,
    clean_title,
    has_word,
    is_generic,
    level_of,
    read_mark,
    sections,
)
from comparisons.documents.model import Block, Document, split_sentences
from comparisons.documents.money import find_money
from comparisons.documents.proposals import LEVELS
from comparisons.documents.title_forms import DETERMINED, common_form, form_of, is_infinitive
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

# Most actions that are added, and letters of the longest.
_MOST, _LONGEST = 300, 160
_COST_AFTER = re.compile(
    r"\s[–—:(-]\s?(?=[^–—(]*(?:€|euros|coût))|\s\((?=[^)]*(?:€|coût|ETP))|\s: à \w+"
)
# « Actions : un portail ; une borne », « Projets retenus : un bus, un prêt et des ateliers »
_STATED = re.compile(
    r"(?:nos |les )?(?:actions?|mesures?|projets?|opérations?)(?: [\w’']+){0,3}\s?:\s+(?P<list>.+)",
    re.IGNORECASE | re.DOTALL,
)
# « un parapheur, fourni par le syndicat »
_PARTICIPLE = re.compile(r",\s(?=\w{3,}[éiu]e?s?\s(?:par|avec|dans|en|pour|à|aux?|sur)\s)")
_OF = re.compile(r"(?:de |d['’])", re.IGNORECASE)
_OUTSIDE_BRACKETS = r"(?![^()]*\))"
_NEXT_WORDS = re.compile(rf",\s+(?:et\s+)?{_OUTSIDE_BRACKETS}")


@dataclass(frozen=True)
class _List:
    """A list under an axis: that axis, the words that say what it lists, its items by index."""

    parent: Axis
    lead: str
    items: dict[int, Block]

    @property
    def titles(self) -> list[str]:
        """Return the words of the items, without their numbers and costs."""
        return [_without_cost(_item_text(block)) for block in self.items.values()]


def add_actions(document: Document, axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """Add the actions that stand under axes, if none is known yet: of lists, lines or tables."""
    for find in (_listed, _stated, _in_tables):
        if not axes or any(axis.level == LEVELS[-1] for axis in axes):
            break
        added = find(document, axes, headings)[:_MOST]
        level = _announced_level(document, len(added)) if added else ""
        added = [replace(axis, level=level) for axis in added]
        axes = sorted([*axes, *added], key=lambda axis: axis.index)
    return axes


def _announced_level(document: Document, count: int) -> str:
    """Return the level of that many things, as « quatre axes et onze objectifs » calls them."""
    numbers = "|".join(words("nombres"))
    named = re.compile(
        rf"\b(?:axes|{words('mots_annonce')})(?: \w+)?\s?(?:,|et|déclinée?s en|assortie?s d\W)"
        rf"[^.:;\d]{{0,20}}?\b(?P<count>{numbers}|\d\d?) (?P<word>objectifs|orientations)\b",
        re.IGNORECASE,
    )
    for match in filter(None, (named.search(block.text) for block in document.paragraphs)):
        name = match["count"].lower()
        if count in (words("nombres").get(name), int(name) if name.isdigit() else 0):
            return level_of(match["word"])
    return LEVELS[-1]


def _listed(document: Document, axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """List the items under axes: verbs, what a line calls actions, or the only list of each."""
    lists = list(_lists_below(document, axes, headings))
    announced = [each for each in lists if each.lead and _announces_actions(each.lead)]
    plain = [each for each in lists if not each.lead and _are_titles(each.titles)]
    if not _is_of_each([each.parent for each in [*announced, *plain]], axes):
        plain = []
    added = []
    for each in lists:
        are_verbs = all(map(_is_action, each.titles))
        # « d’adopter la stratégie », « d’autoriser le maire », in a deliberation
        if all(pattern("verbes_acte").match(_OF.sub("", title)) for title in each.titles):
            continue
        if are_verbs or each in plain or each in announced:
            items = each.items.items() if are_verbs else _outermost(each)
            added += [
                Axis(LEVELS[-1], _title_of_item(block), index, block, "liste sous un axe")
                for index, block in items
            ]
    return added


def _lists_below(
    document: Document, axes: list[Axis], headings: Sequence[Heading]
) -> Iterator[_List]:
    """Iterate over the lists below the first axis that no general heading, « Suivi », is above."""
    blocks = document.blocks
    known = {axis.index for axis in axes}
    for (kind, is_known), group in groupby(
        range(axes[0].index + 1, len(blocks)),
        lambda index: (_kind_of_item(blocks[index]), index in known),
    ):
        indices = list(group)
        if kind and not is_known and not _is_elsewhere(indices[0], axes, headings):
            parent = _parent(axes, indices[0])
            lead = _lead_of(document, headings, parent, indices[0])
            texts = {index: blocks[index] for index in indices if has_word(blocks[index].text)}
            items = {index: each for index, each in texts.items() if not _is_field(each.text)}
            if items:
                yield _List(parent, lead, _verbs_at_first(items, bool(lead)))


def _verbs_at_first(items: dict[int, Block], is_announced: bool) -> dict[int, Block]:
    """Return the verbs that begin a list without what follows them.

    What they cost, « Crédits : 2 k€ », or any remark on most of them, « Déjà 17 communes ».
    """
    texts = [_item_text(block) for block in items.values()]
    verbs = {index: block for index, block in items.items() if is_infinitive(_item_text(block))}
    others = [block.text.rpartition(" :") for index, block in items.items() if index not in verbs]
    is_first = list(items)[: len(verbs)] == list(verbs)
    are_costs = all(lead and any(find_money(text)) for lead, _, text in others)
    are_most = not is_announced and common_form(texts) == form_of(texts[0])
    return verbs if verbs and is_first and (are_costs or are_most) else items


def _parent(axes: Sequence[Axis], index: int) -> Axis:
    return next(axis for axis in reversed(axes) if axis.index < index)


def _lead_of(document: Document, headings: Sequence[Heading], parent: Axis, index: int) -> str:
    """Return the words that say what a list holds: a line before it, or a heading; or ""."""
    if index - 1 > parent.index:
        before = document.blocks[index - 1]
        text = before.text.rstrip()
        if text.endswith(":") or (not before.rows and len(text) < 60 and text[-1:] not in ".;!?"):
            return split_sentences(text)[-1]
    above = next(sections(headings, index), None)
    return above.title if above and above.index > parent.index else ""


def _announces_actions(lead: str) -> bool:
    """Return whether words call what follows actions: « Mesures prévues », « On lancera : »."""
    named = pattern("mots_annonce_actions").search(lead)
    other = pattern("mots_annonce_autres").search(lead)
    if named:
        return other is None or named.start() < other.start()
    is_planned = lead.endswith(":") and pattern("annonces_actions").search(lead)
    is_holder = pattern("titres_porteurs").match(lead) and "déjà" not in lead
    return other is None and bool(is_planned or is_holder)


def _is_of_each(parents: Sequence[Axis], axes: Sequence[Axis]) -> bool:
    """Return whether most of the axes that hold no other one are parents, each of one thing."""
    ranks = [*(LEVELS.index(axis.level) for axis in axes), 0]
    innermost = sum(after <= rank for rank, after in pairwise(ranks))
    places = {axis.index for axis in parents}
    return len(places) == len(parents) >= max(FEWEST, 0.6 * innermost)


def _are_titles(titles: Sequence[str]) -> bool:
    """Return whether the items of a list may be titles: no dates, amounts or fields."""
    return all(
        3 < len(title) <= _LONGEST
        and not pattern("titres_dates").match(title)
        and not (title[:1].isdigit() or is_generic(title) or any(find_money(title)))
        for title in titles
    )


def _is_field(text: str) -> bool:
    """Return whether an item says something of the actions: « Budget : 36 000 € »."""
    return re.match(rf"(?:{words('champs')})\b[^:]{{0,30}}:", text, re.IGNORECASE) is not None


def _outermost(whole: _List) -> list[tuple[int, Block]]:
    """Return the items of a list, without those within them, with their indices."""
    items = list(whole.items.items())
    return [(index, block) for index, block in items if block.indent <= items[0][1].indent]


def _title_of_item(block: Block) -> str:
    """Return the title of an item, without what it costs and what explains it."""
    if block.lead:
        return clean_title(_item_text(replace(block, text=block.lead)))
    title = title_before_text(_without_cost(_item_text(block)))
    lead = re.match(r"([^:]{3,80}?)\s?:\s", title)
    return lead[1] if lead else _PARTICIPLE.split(title)[0]


def _stated(document: Document, axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """List what lines under axes state: « Actions : un portail ; une borne »."""
    added = []
    for index, block in enumerate(document.blocks[axes[0].index + 1 :], start=axes[0].index + 1):
        if block.rows or " :" not in block.text:
            continue
        if match := _STATED.match(block.text):
            titles = _split(match["list"].strip())
        else:
            titles = next(filter(None, map(_planned, split_sentences(block.text))), [])
        are_titles = titles and all(3 < len(title) <= _LONGEST for title in titles)
        if are_titles and not _is_elsewhere(index, axes, headings):
            reason = f"énumérés après « {block.text.split(' :')[0][-80:]} »"
            added += [Axis(LEVELS[-1], title, index, block, reason) for title in titles]
    return added if len(added) >= FEWEST else []


def _planned(sentence: str) -> list[str]:
    """Return what a sentence plans, « Elle prévoit : un bus, un atelier », or nothing."""
    lead, _, text = sentence.partition(" :")
    is_other = pattern("mots_annonce_autres").search(lead)
    if is_other or not pattern("annonces_actions").search(lead):
        return []
    titles = _split(text.strip() if "," in text or ";" in text else text.replace(" et ", ", ", 1))
    is_list = len(titles) >= FEWEST and all(form_of(title) == DETERMINED for title in titles)
    return titles if is_list else []


def _split(text: str) -> list[str]:
    """Split an enumeration at its semicolons, else at its commas and the last « et »."""
    parts = re.split(r"\s*;\s*(?:et\s+)?", text)
    if len(parts) == 1:
        parts = _NEXT_WORDS.split(text)
        if len(parts) > 1:
            parts[-1:] = re.split(r"\s+et\s+", parts[-1], maxsplit=1)
    return [clean_title(_without_cost(part)) for part in parts if part.strip(" .")]


def _in_tables(document: Document, axes: list[Axis], headings: Sequence[Heading]) -> list[Axis]:
    """List the actions of tables below axes, by their head or their verbs, or one under each."""
    below = [axis for axis in columns_of_actions(document) if axis.index > axes[0].index]
    tables = [(index, table) for index, table in document.tables if index > axes[0].index]
    heads = {table.rows[0].cells for _, table in tables}
    for head in heads if not below else ():
        same = [(index, table) for index, table in tables if table.rows[0].cells == head]
        if _heads_actions(head) and _is_of_each([_parent(axes, index) for index, _ in same], axes):
            below += [axis for each in same for axis in titles_in_columns(*each, {0: LEVELS[-1]})]
    repeating = {axis.index for axis in below if _names_again(axis.title, axes)}
    return [axis for axis in below if axis.index not in repeating]


def _names_again(title: str, axes: Sequence[Axis]) -> bool:
    """Return whether a title is, or begins, that of an axis: a budget has « Servir » in short."""
    return any(re.match(rf"{re.escape(fold(title))}(?!\w)", fold(axis.title)) for axis in axes)


def _heads_actions(head: Sequence[str]) -> bool:
    """Return whether a table has actions and what is planned for them: « Quoi | Qui | Quand »."""
    first, *others = head
    is_other = pattern("mots_annonce_autres").match(first) or not first
    return not is_other and any(pattern("champs_action").match(other) for other in others)


def _is_elsewhere(index: int, axes: Sequence[Axis], headings: Sequence[Heading]) -> bool:
    """Return whether a general heading, « Méthode », stands between the axes and a list."""
    last = _parent(axes, index).index
    rank = next((each.rank for each in headings if each.index == last), 99)
    return any(
        each.index > last and each.rank <= rank and is_generic(each.title)
        for each in sections(headings, index)
    )


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
    # « louer un poste à 5 € par mois » states a price
    has_money = re.search(r"\d\s?[k M]?€(?!\s?(?:par|/)\s?\w)", text)
    is_verb = is_infinitive(text) and " " in text.strip()
    return bool(is_verb) and len(text) <= _LONGEST and not has_money
