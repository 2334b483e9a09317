"""Propose the amounts that sentences state, with what the words around say of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import itemgetter

from comparisons.documents.amount_perimeters import (
    NO_WORD,
    Place,
    objects_of,
    perimeter_of_sentence,
    purposes_of,
    without_money,
)
from comparisons.documents.amount_sums import (
    date_wholes,
    leave_past_stages,
    place_networks,
    place_sum,
    place_totals,
    tie_shares,
    tie_tables,
)
from comparisons.documents.amount_words import (
    add_stage,
    add_years,
    clause_around,
    clause_end,
    find_funder,
    find_nature,
    find_years,
)
from comparisons.documents.axis_headings import section_ranks
from comparisons.documents.axis_lists import Axis
from comparisons.documents.headings import contents_indices, find_headings
from comparisons.documents.model import Block, Document, split_sentences
from comparisons.documents.money import Money, find_money, is_foreign, to_text
from comparisons.documents.proposals import LEVELS, ProposedRow, Value, to_passage
from comparisons.documents.strategy import is_of_networks
from comparisons.documents.tables_of_amounts import (
    holds_cards,
    propose_table_amounts,
    years_of_form,
)
from comparisons.documents.vocabulary import pattern
from comparisons.formatting import capitalize_first, fold, shorten

_MAX_LABEL = 110
# Euros: what a sentence states below is the price of something, a fee or a fine.
_LEAST = 1_000
_DIGITS_AND_EURO = re.compile(r"\d\s?(?:[kM]|Md)?€|\d euros|d['’]euros")


def propose_amounts(
    document: Document, axes: Sequence[Axis], years: tuple[str, str] = ("", "")
) -> list[ProposedRow]:
    """Build the rows of `budgets`, in the order of the document; an amount said twice is one.

    `years` are the first and the last of the strategy. `inclus_dans` has the number of the row
    that an amount is a part of (`ligne`, from 1).
    """
    in_tables = propose_table_amounts(document, axes)
    with_columns = {index for index, _ in in_tables}
    rows: list[tuple[int, ProposedRow]] = []
    said_before: dict[str, str] = {}
    skipped = contents_indices(document.blocks) | _under_headings(document, "titres_ailleurs")
    # a scheme of networks has a financing of its own for each of its phases
    is_networks = is_of_networks(document)
    means = set() if is_networks else _under_headings(document, "titres_moyens")
    sections = [axis for axis in _with_highest(axes) if axis.has_section]
    ranks = _ranks_of_headings(document, sections)
    for index in with_columns:
        # an axis that the table itself holds is not above it
        above = _axes_above(sections, ranks, document.blocks[index], index - 1)
        place_totals([row for each, row in in_tables if each == index], above)
    for index, block in enumerate(document.blocks):
        if index in skipped or index in with_columns:
            continue
        above = _axes_above(sections, ranks, block, index)
        for line, part in enumerate(_lines(_with_caption(document, block, index))):
            said = document.blocks[index - 1].text if index and not block.rows else ""
            place = Place(part, axes=above, is_of_means=index in means and not above, above=said)
            for row in _block_amounts(place, f"b{index}-{line}"):
                add_years(row, years_of_form(block), "calendrier de la fiche")
                known = _find_same(row, [each for _, each in [*rows, *in_tables]])
                if known is None:
                    rows.append((index, row))
                else:
                    said_before[row.key] = known.key
                    for column in row.values.keys() & {"annee_debut", "annee_fin", "nature"}:
                        known.values.setdefault(column, row.values[column])
                    if any(known is each and index < table for table, each in in_tables):
                        # it is shown where the document says it first
                        known.values["montant"] = row.values["montant"]
    tie_shares(rows)
    tie_tables(rows, in_tables)
    place_sum([row for _, row in rows])
    date_wholes([row for _, row in [*rows, *in_tables]], years)
    leave_past_stages([row for _, row in [*rows, *in_tables]], years[0])
    if is_networks:
        place_networks([row for _, row in [*rows, *in_tables]])
    ordered = [row for _, row in sorted([*rows, *in_tables], key=lambda each: each[0])]
    numbers = {row.key: str(number) for number, row in enumerate(ordered, start=1)}
    numbers |= {key: numbers[known] for key, known in said_before.items()}
    for row in ordered:
        row.values.setdefault("libelle", row.values["montant"])
        row.key = numbers[row.key]
        if whole := row.values.pop("inclus_dans", None):
            row.values["inclus_dans"] = replace(whole, text=numbers[whole.text])
        row.locate()
    return ordered


def _under_headings(document: Document, name: str) -> set[int]:
    """Return the indices of the blocks under headings that an entry of the vocabulary matches."""
    indices: set[int] = set()
    is_inside = False
    for index, block in enumerate(document.blocks):
        if block.level or block.bold:
            is_inside = pattern(name).match(block.text) is not None
        if is_inside:
            indices.add(index)
    return indices


def _with_highest(axes: Sequence[Axis]) -> list[Axis]:
    """Return axes with those of the highest level, maybe called orientations, as « axe »."""
    top = min((LEVELS.index(axis.level) for axis in axes), default=0)
    is_called = LEVELS[top] in LEVELS[1:3]
    return [
        replace(axis, level="axe") if is_called and axis.level == LEVELS[top] else axis
        for axis in axes
    ]


def _lines(block: Block) -> list[Block]:
    """Return a paragraph, or the rows of a table without columns of amounts, as paragraphs."""
    # a card in each cell
    if holds_cards(block):
        cells = ((cell, row) for row in block.rows for cell in row.cells)
        return [Block(cell, row.page, box=row.box) for cell, row in cells]
    return [
        Block(" : ".join(filter(None, row.cells)), row.page, box=row.box) for row in block.rows
    ] or [block]


def _with_caption(document: Document, block: Block, index: int) -> Block:
    """Return a block; an amount without a word, a large figure, with the words below or above."""
    if len(block.text) > 40 or re.search(r"[^\W\d]{3}", without_money(block.text)):
        return block
    if not any(find_money(block.text)):
        return block
    near = [*document.blocks[index + 1 : index + 8], *document.blocks[max(0, index - 3) : index]]
    for other in near:
        is_caption = (
            not other.rows and len(other.text) < 160 and re.search(r"[^\W\d]{4}", other.text)
        )
        if is_caption and not any(find_money(other.text)) and _is_beside(block, other):
            return replace(block, text=f"{block.text} {other.text}")
    return block


def _is_beside(block: Block, other: Block) -> bool:
    """Return whether another block is just below or above one, in its column."""
    if block.page != other.page or block.box is None or other.box is None:
        return block.page == other.page and block.box is other.box
    (left, top, right, bottom), (left2, top2, right2, bottom2) = block.box, other.box
    gap = max(top2 - bottom, top - bottom2)
    return min(right, right2) > max(left, left2) and gap < 0.06


def _block_amounts(around: Place, key: str) -> Iterator[ProposedRow]:
    start, block = 0, around.block
    for sentence in split_sentences(block.text):
        place = block.text.find(sentence, start)
        start = max(start, place)
        whole: ProposedRow | None = None
        found = list(_own_amounts(sentence))
        for money in found:
            row = _row(sentence, money, replace(around, before=block.text[:place]))
            row.key = f"{key}-{place + money.start}"
            if whole is not None:
                _tie_to_whole(row, whole, sentence, money, found[0])
            whole = whole or row
            yield row


def _own_amounts(sentence: str) -> Iterator[Money]:
    """Iterate over the amounts of a sentence but those that words say to be of another subject."""
    start = 0
    for money in find_money(sentence):
        end = clause_end(sentence, money)
        if not _DIGITS_AND_EURO.search(sentence, money.end):
            end = max(sentence.find(" ; ", money.end), 0) or len(sentence)
        elif (bracket := sentence.find("(", money.end)) > 0:
            end = min(end, bracket)
        if is_foreign(
            sentence[max(start, sentence.rfind(" ; ", 0, money.start)) : end], money.euros
        ):
            # « … un préjudice de 5 M€, la Ville agit : 2 M€ »: the latter is of the Ville
            start = max(start, sentence.find(" : ", money.end))
        elif money.euros >= _LEAST:
            yield money


def _tie_to_whole(
    row: ProposedRow, whole: ProposedRow, sentence: str, money: Money, first: Money
) -> None:
    """Give an amount what it has of the first one of its sentence: stage, perimeter."""
    is_part = bool(pattern("parts").search(sentence[: money.start]))
    if is_part and money.euros < first.euros:
        row.add("inclus_dans", whole.key, "« dont »", row.values["montant"])
    # « évalué à 2 M€ ; l’exploitation, à 1 M€ », « puis à 1 M€ » have one verb
    befores = (sentence[: each.start] for each in (first, money))
    is_same_verb = all(map(re.search, (r"\bà $", r"(?:,|\bpuis) à $"), befores))
    if (is_part or is_same_verb) and row.values["etape"].alternatives:
        row.values["etape"] = whole.values["etape"]
    # a part of an investment is one, a part of what is due each year is due each year
    for column in ("nature", "recurrence") if is_part else ():
        if whole.get(column) != "mixte" and column in whole.values:
            row.values.setdefault(column, whole.values[column])
    # « et celle du fonctionnement 735 000 € », « dont 2,1 M€ attendus du Fonds vert »
    is_share = is_part and row.get("financeur_type")
    if is_share or not purposes_of(without_money(clause_around(sentence, money))):
        row.values["perimetre"] = whole.values["perimetre"]


def _row(sentence: str, money: Money, place: Place) -> ProposedRow:
    passage = to_passage(sentence, (money.start, money.end))
    page, box = place.block.page, place.block.box
    shown = Value(to_text(money.euros), page, passage, f"« {money.shown} »", box=box)
    row = ProposedRow("budgets", {"montant": shown})
    clause = clause_around(sentence, money)
    # the words of a sentence of several amounts may be those of another one
    first, *others = find_money(sentence)
    whole = sentence[: clause_end(sentence, money)] if others else sentence
    # « L’outil a été acquis en 2019 ; sa mise à niveau, votée, mobilise 83 000 € »
    own = whole[whole.rfind(" ; ", 0, money.start) + 1 :].split(" ; ")[0]
    texts = (clause, own, whole) if first == money else (clause,)
    row.add("libelle", _label(sentence, money, place.axes), "mots de la phrase", shown)
    perimeter, why = perimeter_of_sentence(sentence, money, texts, place)
    # outside of axes, where no word tells it, one in five was not an action
    else_of = ("strategie", "infrastructures") if why == NO_WORD and not place.axes else ()
    row.values["perimetre"] = replace(shown, text=perimeter, reason=why, alternatives=else_of)
    add_stage(row, shown, [*texts, *_told_before(sentence, money, place)])
    named = re.split(r";|\.\s|\bet\b", sentence[: money.start])[-1]
    is_named = named.endswith((": ", ", ")) or not others
    # « a reçu 450 000 € en 2023 pour son plateau, en investissement »
    last = "" if others else "".join(pattern("natures_dites_apres").findall(sentence))
    # « 120 k€ (investissement) + 15 k€/an (fonctionnement) »
    beside = re.findall(r"^[^\d(.;,]{0,12}\(([^)\d]{3,40})\)", sentence[money.end :])
    around = f"{named} {clause} {last}" if is_named else clause
    natures = map(find_nature, (*beside, around))
    row.add("nature", *next(filter(itemgetter(0), natures), ("", "")), shown)
    for column, text, why in find_years(clause, sentence, money):
        row.add(column, text, why, shown)
    funder = find_funder(sentence, (money.start, money.end))
    if funder:
        row.add("financeur_nom", funder[1], funder[2], shown)
        row.add("financeur_type", funder[0], funder[2], shown)
    row.add("recurrence", "annuel" if money.is_yearly else "", "« par an »", shown)
    row.add("approximatif", "oui" if money.is_approximate else "", "« environ »", shown)
    row.add("remarque", "Hors taxes." if money.is_without_tax else "", "« HT »", shown)
    return row


def _told_before(sentence: str, money: Money, place: Place) -> list[str]:
    """Return the words before an amount, or its sentence, that tell its stage, if any do."""
    earlier = [each.end for each in find_money(sentence) if each.end <= money.start]
    # « ouvre 2 M€ et inscrit au budget primitif les crédits, soit 1 M€ »
    if earlier and sentence[: money.start].endswith(", soit "):
        return [sentence[earlier[-1] : money.start]]
    last = split_sentences((place.before or place.above).strip())[-1]
    # « Cet effort de 2 M€ »
    if place.before and pattern("renvois_somme").match(sentence):
        return [last]
    # « Marché attribué en mai. Budget : 2 M€ »
    is_field = re.fullmatch(r"[^.;]{4,45} : ?", sentence[: money.start])
    return [last] if is_field and pattern("actes_engagement").search(last) else []


def _ranks_of_headings(document: Document, axes: Sequence[Axis]) -> dict[int, int]:
    """Return the rank by index of the headings; one that is no axis may end the section of one."""
    known = {axis.index for axis in axes}
    titles = {axis.title for axis in axes}
    headings = find_headings(document)
    ranks = section_ranks(headings, axes)
    return {
        each.index: ranks.get(each.index, 99)
        for each in headings
        if each.index in known or (each.is_styled and each.title not in titles)
    }


def _is_bare(item: Axis, axes: Sequence[Axis]) -> bool:
    """Return whether an axis is an item of a list without text between its items."""
    return any(abs(axis.index - item.index) == 1 for axis in axes if axis.block.is_item)


def _axes_above(
    axes: Sequence[Axis], ranks: dict[int, int], block: Block, index: int
) -> list[Axis]:
    """Return the axes in whose sections a block stands, nearest first."""
    nearest = next((each for each in reversed(axes) if each.index <= index), None)
    if nearest is None or nearest.page_gap(block.page) > 3:
        return []
    if nearest.block.is_item and not block.is_item and _is_bare(nearest, axes):
        # what follows a bare list of axes tells of all of them, of the axis above the list
        higher = [each for each in axes if not (each.block.is_item and _is_bare(each, axes))]
        return _axes_above(higher, ranks, block, index)
    rank = ranks.get(nearest.index, 99)
    if any(ranks[other] <= rank for other in ranks if nearest.index < other <= index):
        return []
    found = [nearest]
    for axis in reversed(axes[: axes.index(nearest)]):
        if LEVELS.index(axis.level) < LEVELS.index(found[-1].level):
            found.append(axis)
    return found


def _label(sentence: str, money: Money, axes: Sequence[Axis]) -> str:
    """Return what an amount pays: the words of the sentence, or the title of the action."""
    words = (sentence[: money.start] + "…" + sentence[money.end :]).strip(" .;")
    if len(words) < 25 or re.match(r"\W*(?:montant|coût|budget|dépense)\b", words, re.IGNORECASE):
        if axes:
            return shorten(axes[0].title, _MAX_LABEL)
    text = pattern("debuts_acte").sub("", sentence.strip(" .;"))
    return capitalize_first(shorten(text, _MAX_LABEL))


def _find_same(row: ProposedRow, known: Sequence[ProposedRow]) -> ProposedRow | None:
    """Return the row that says the same amount already: the same figure, of the same thing."""
    for other in known:
        columns = ("financeur_nom", "annee_debut")
        differ = any(len({other.get(each), row.get(each)} - {""}) > 1 for each in columns)
        if other.get("montant") != row.get("montant") or differ:
            continue
        wholes = {other.get("perimetre"), row.get("perimetre")}
        if other.key.startswith("t"):
            label, passage = other.get("libelle"), row.values["montant"].passage
            named = fold(label.split(" – ")[0]) in fold(passage)
            is_shared = named or bool(_words(" ".join(objects_of(label))) & _words(passage))
        else:
            is_shared = len(_words(other.get("libelle")) & _words(row.get("libelle"))) > 1
        if wholes != {"strategie"} and not is_shared:
            continue
        mine, its = row.values["etape"], other.values["etape"]
        if its.alternatives and not (mine.alternatives and mine.text):
            # a stage that a word tells, or none of what is told as past
            other.values["etape"] = mine
        if mine.text == other.get("etape") or mine.alternatives:
            return other
    return None


def _words(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[a-z]{5,}", fold(text))}
