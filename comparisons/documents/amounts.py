"""Propose the amounts that sentences state, with what the words around say of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from comparisons.documents.amount_words import (
    add_stage,
    find_funder,
    find_nature,
    find_years,
    perimeter_of,
)
from comparisons.documents.axis_lists import Axis
from comparisons.documents.headings import contents_indices
from comparisons.documents.model import Block, Document, split_sentences
from comparisons.documents.money import Money, find_money, is_foreign, to_text
from comparisons.documents.proposals import ProposedRow, Value, to_passage
from comparisons.documents.tables_of_amounts import propose_table_amounts
from comparisons.formatting import capitalize_first, fold, shorten

_MAX_LABEL = 110
_PART = re.compile(r"\bdont\b|\by compris\b|\bparmi lesquels?\b", re.IGNORECASE)


def propose_amounts(document: Document, axes: Sequence[Axis]) -> list[ProposedRow]:
    """Build the rows of `budgets`, in the order of the document; an amount said twice is one.

    `inclus_dans` has the number of the row that an amount is a part of (`ligne`, from 1).
    """
    in_tables = propose_table_amounts(document, axes)
    with_columns = {index for index, _ in in_tables}
    rows: list[tuple[int, ProposedRow]] = []
    said_before: dict[str, str] = {}
    skipped = contents_indices(document.blocks)
    for index, block in enumerate(document.blocks):
        if index in skipped or index in with_columns:
            continue
        for line, part in enumerate(_lines(block)):
            for row in _block_amounts(part, index, line, axes):
                known = _find_same(row, [each for _, each in [*rows, *in_tables]])
                if known is None:
                    rows.append((index, row))
                else:
                    said_before[row.key] = known.key
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


def _lines(block: Block) -> list[Block]:
    """Return a paragraph, or the rows of a table without columns of amounts, as paragraphs."""
    return [
        Block(" : ".join(filter(None, row.cells)), row.page, box=row.box) for row in block.rows
    ] or [block]


def _block_amounts(
    block: Block, index: int, line: int, axes: Sequence[Axis]
) -> Iterator[ProposedRow]:
    start = 0
    for sentence in split_sentences(block.text):
        place = block.text.find(sentence, start)
        start = max(start, place)
        found = list(find_money(sentence))
        if not found or is_foreign(sentence):
            continue
        whole: ProposedRow | None = None
        for money in found:
            row = _row(block, index, sentence, money, axes)
            row.key = f"b{index}-{line}-{place + money.start}"
            if whole is not None and _PART.search(sentence[: money.start]):
                if money.euros < found[0].euros:
                    row.add("inclus_dans", whole.key, "« dont »", row.values["montant"])
                if row.values["etape"].alternatives:
                    row.values["etape"] = whole.values["etape"]
            whole = whole or row
            yield row


def _row(
    block: Block,
    index: int,
    sentence: str,
    money: Money,
    axes: Sequence[Axis],
) -> ProposedRow:
    passage = to_passage(sentence, (money.start, money.end))
    shown = Value(to_text(money.euros), block.page, passage, f"« {money.shown} »", box=block.box)
    row = ProposedRow("budgets", {"montant": shown})
    clause = clause_around(sentence, money)
    axis = _axis_above(axes, block, index)
    is_part = bool(_PART.search(sentence[: money.start]))
    alone = not is_part and (axis is None or len(block.text) < len(sentence) + 3)
    row.add("libelle", _label(sentence, money, axis), "mots de la phrase", shown)
    perimeter, why = perimeter_of(clause, sentence, *_section(axis), alone)
    row.add("perimetre", perimeter, why, shown)
    # the words of a sentence of several amounts may be those of another one
    is_alone = sum(1 for _ in find_money(sentence)) == 1
    add_stage(row, shown, (clause, sentence) if is_alone else (clause,))
    nature, why = find_nature(clause)
    row.add("nature", nature, why, shown)
    for column, text, why in find_years(clause, sentence):
        row.add(column, text, why, shown)
    funder = find_funder(sentence, (money.start, money.end))
    if funder:
        row.add("financeur_nom", funder[1], funder[2], shown)
        row.add("financeur_type", funder[0], funder[2], shown)
    row.add("recurrence", "annuel" if money.is_yearly else "", "« par an »", shown)
    row.add("approximatif", "oui" if money.is_approximate else "", "« environ »", shown)
    row.add("remarque", "Hors taxes." if money.is_without_tax else "", "« HT »", shown)
    return row


def _axis_above(axes: Sequence[Axis], block: Block, index: int) -> Axis | None:
    """Return the axis in whose section a block stands, or None."""
    axis = next((each for each in reversed(axes) if each.index < index), None)
    return axis if axis and axis.has_section and axis.page_gap(block.page) <= 3 else None


def _section(axis: Axis | None) -> tuple[str, str]:
    return (axis.title, axis.level) if axis else ("", "")


def clause_around(sentence: str, money: Money) -> str:
    """Return the part of a sentence that tells of one amount, between commas and « dont »."""
    cuts = [0]
    for match in re.finditer(
        r"[;:(]\s|,\s|\s(?:dont|puis|tandis que|alors que|contre)\s|\set\s(?=[\d]|une?\s)", sentence
    ):
        cuts.append(match.end() if match[0].strip() in (",", ";", ":", "(") else match.start())
    cuts.append(len(sentence))
    start = max(cut for cut in cuts if cut <= money.start)
    end = min(cut for cut in cuts if cut >= money.end)
    return sentence[start:end]


def _label(sentence: str, money: Money, axis: Axis | None) -> str:
    """Return what an amount pays: the words of the sentence, or the title of the action."""
    words = (sentence[: money.start] + "…" + sentence[money.end :]).strip(" .;")
    if len(words) < 25 or re.match(r"\W*(?:montant|coût|budget|dépense)\b", words, re.IGNORECASE):
        if axis:
            return shorten(axis.title, _MAX_LABEL)
    return capitalize_first(shorten(sentence.strip(" .;"), _MAX_LABEL))


def _find_same(row: ProposedRow, known: Sequence[ProposedRow]) -> ProposedRow | None:
    """Return the row that says the same amount already: the same figure, of the same thing."""
    for other in known:
        if other.get("montant") != row.get("montant"):
            continue
        wholes = {other.get("perimetre"), row.get("perimetre")}
        is_in_table = other.key.startswith("t")
        shared = _words(other.get("libelle")) & _words(
            row.values["montant"].passage if is_in_table else row.get("libelle")
        )
        if wholes != {"strategie"} and len(shared) < 2 and not (is_in_table and shared):
            continue
        mine, its = row.values["etape"], other.values["etape"]
        if its.alternatives and not mine.alternatives:
            other.values["etape"] = mine
        if mine.text == other.get("etape") or mine.alternatives:
            return other
    return None


def _words(text: str) -> set[str]:
    return {word[:6] for word in re.findall(r"[a-z]{5,}", fold(text))}
