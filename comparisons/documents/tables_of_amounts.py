"""Propose the amounts of tables: unit of the heads or the caption, rows, columns, totals."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain

from comparisons.documents.amount_columns import (
    CAPTION,
    Column,
    find_columns,
    find_label_columns,
    is_amount_cell,
    is_period,
    is_sum,
    split_head,
    years_of,
)
from comparisons.documents.amount_perimeters import (
    is_total,
    kind_of_rows,
    names_axis,
    names_funders,
    perimeter_of_row,
)
from comparisons.documents.amount_words import (
    add_stage,
    add_years,
    clause_around,
    find_nature,
    funder_of_head,
)
from comparisons.documents.axis_lists import Axis
from comparisons.documents.model import Block, Document, Row, split_sentences
from comparisons.documents.money import find_money, is_foreign, read_number, scale_of, to_text
from comparisons.documents.proposals import ProposedRow, Value, to_passage
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import capitalize_first, fold, shorten

_MAX_LABEL = 110
# Amounts of one table.
_MOST = 400


@dataclass(frozen=True)
class _Shared:
    """What the amounts of a table share: its heads, what its rows are, what tells their stage.

    `captions` are the titles and the sentences before it that tell of its amounts.
    """

    heads: Sequence[str]
    kind: str
    stages: Sequence[str]
    captions: Sequence[str]
    axes: Sequence[Axis]


def propose_table_amounts(
    document: Document, axes: Sequence[Axis]
) -> list[tuple[int, ProposedRow]]:
    """Build the rows of `budgets` that tables state, each with the index of its table."""
    rows: list[tuple[int, ProposedRow]] = []
    for index, table in document.tables:
        if _is_form(table) or holds_cards(table) or len(table.rows[0].cells) < 2:
            continue
        context = _context(document, index)
        rows += [(index, row) for row in _table_amounts(table, index, context, axes)]
    return rows


def _context(document: Document, index: int) -> list[str]:
    """Return the words near a table, the nearest first: before it, since its heading, then after.

    What follows may be the caption of this table, unless another one follows.
    """
    blocks = document.blocks
    before: list[str] = []
    for block in reversed(blocks[max(0, index - 3) : index]):
        if block.rows and before:
            break
        if not block.rows:
            before.append(block.text)
        if block.level or block.bold:
            # what stands before its heading is of another subject
            break
    after = blocks[index + 1 : index + 3]
    is_own = after and not any(block.rows for block in after) and len(after[0].text) < 120
    # « Les montants sont exprimés en euros », in a section before
    stated = [
        text for each in blocks[:index] for text in pattern("unites_dites").findall(each.text)
    ]
    return [*before, *([after[0].text] if is_own else []), *stated[-1:]]


def holds_cards(table: Block) -> bool:
    """Return whether each cell of a table is a text of its own."""
    cells = [cell for row in table.rows for cell in row.cells]
    return bool(cells) and all(len(cell) > 60 and cell.endswith(".") for cell in cells)


def _is_form(table: Block) -> bool:
    """Return whether a table is a form, each row a field and what is written in it."""
    keys = [row.cells[0] for row in table.rows]
    fields = sum(bool(pattern("champs").match(key)) for key in keys)
    amounts = sum(is_amount_cell(row.cells[-1]) for row in table.rows)
    is_form = fields >= max(2, 0.5 * len(keys)) and amounts <= 0.5 * len(keys)
    return len(table.rows[0].cells) == 2 and is_form


def _table_amounts(
    table: Block, index: int, context: Sequence[str], axes: Sequence[Axis]
) -> list[ProposedRow]:
    heads, body = split_head(table.rows)
    columns = find_columns(heads, body, context)
    if not columns:
        return []
    label_columns = find_label_columns(heads, body, columns)
    cells = ([row.cells[i] for i in label_columns] for row in body)
    labels = [" – ".join(dict.fromkeys(filter(None, each))) for each in cells]
    rows = [[_amount(row, column) for column in columns] for row in body]
    named = [label for label, cells in zip(labels, rows, strict=True) if any(cells)]
    shared = _Shared(
        heads,
        kind_of_rows([heads[i] for i in label_columns], named, axes),
        _stage_texts(context, [amount for cells in rows for amount in cells if amount is not None]),
        _captions(context),
        axes,
    )
    found: list[tuple[int, Column, ProposedRow, Decimal]] = []
    section = ""
    for number, (row, label) in enumerate(zip(body, labels, strict=True)):
        if not any(amount is not None for amount in rows[number]):
            section = label or section
            continue
        # « Câbler les classes – La charte évite un achat »: what it is, not what is said of it
        is_axis = shared.kind == "axe" or names_axis(label, axes)
        if (not is_axis and is_foreign(label.split(" – ")[0])) or _counts_other_things(label, row):
            continue
        for column, amount in zip(columns, rows[number], strict=True):
            if amount is not None and len(found) < _MOST:
                receipt = _receipt_column(heads, row, column, columns)
                if receipt is None:
                    proposed = _row(shared, row, column, amount, label, section)
                else:
                    part = replace(shared, kind="part")
                    proposed = _row(part, row, column, amount, row.cells[receipt], "")
                proposed.key = f"t{index}-{number}-{column.index}"
                found.append((number, column, proposed, amount))
    if found:
        _tie_parts(found, body, label_columns)
    return [row for _, _, row, _ in found]


def _receipt_column(
    heads: Sequence[str], row: Row, column: Column, columns: Sequence[Column]
) -> int | None:
    """Return the column of receipts whose amounts a column has: « Dépenses | € | Recettes | € »."""
    if not re.match(r"(?:depenses?|emplois|charges|postes?|investissements?)\b", fold(heads[0])):
        return None
    amounts = {each.index for each in columns}
    between = set(range(min(amounts), column.index)) - amounts
    found = (i for i in between if names_funders(heads[i]) and re.search(r"[^\W\d]", row.cells[i]))
    return max(found, default=None)


def _stage_texts(context: Sequence[str], amounts: Sequence[Decimal]) -> list[str]:
    """Return the words near a table that may tell its stage: not the sentences of other amounts.

    What tells of the sum of the table comes first.
    """
    # with a row or a column of totals, or both, all is counted more than once
    wholes = [sum(amounts, Decimal(0)) / times for times in (1, 2, 4)]
    paragraphs = [split_sentences(text) for text in context]
    of_sum = []
    for sentence in chain(*paragraphs):
        found = list(find_money(sentence))
        for money in found:
            if any(is_sum(whole, money.euros) for whole in wholes):
                of_sum += [clause_around(sentence, money), *([sentence] if len(found) == 1 else [])]
    others = (
        " ".join(each for each in sentences if not any(find_money(each)))[-CAPTION:]
        for sentences in paragraphs
    )
    # its rows are hoped for, whatever authorisation is named beside it
    planned = pattern("plans_financement").findall(" ".join(context))
    return [*of_sum, *planned, *others]


def _counts_other_things(label: str, row: Row) -> bool:
    """Return whether a row of numbers is no money: « Nombre d’agents », « Effectifs (ETP) »."""
    is_count = re.match(r"(?:nombre|nb|taux|part|effectifs?|etp|population)\b", fold(label))
    has_money = any(any(find_money(cell)) for cell in row.cells)
    return bool(is_count) and not has_money


def _amount(row: Row, column: Column) -> Decimal | None:
    cell = row.cells[column.index]
    money = list(find_money(cell))
    if is_foreign(cell):
        return None
    if len(money) == 1:
        return money[0].euros
    number = read_number(cell)
    scale = scale_of(row.cells[0], is_caption=True) or column.scale
    if number is None or money or scale is None or number == 0:
        return None
    return number * scale


def _row(
    shared: _Shared, row: Row, column: Column, amount: Decimal, label: str, section: str
) -> ProposedRow:
    label, cell = label or section, row.cells[column.index]
    passage = to_passage(f"{label} | {column.head} : {cell}".strip(" |"))
    unit = f" × {column.scale}" if column.scale and column.scale > 1 else ""
    reason = f"« {cell} »{unit if read_number(cell) is not None else ''}, colonne « {column.head} »"
    shown = Value(to_text(amount), row.page, passage, reason, box=row.box)
    proposed = ProposedRow("budgets", {"montant": shown})
    title = label if not is_total(label) else "Total"
    parts = [title, "" if column.is_total else _without_generic(column.head)]
    text = " – ".join(filter(None, parts)) or column.head
    proposed.add("libelle", shorten(text, _MAX_LABEL), "tête de ligne et de colonne", shown)
    perimeter, why = perimeter_of_row(label, section, shared.kind, shared.axes)
    proposed.add("perimetre", perimeter, why, shown)
    # « Les crédits de 2022 sont votés » tells nothing of 2023
    of_years = ((text, pattern("credits_d_une_annee").search(text)) for text in shared.stages)
    stages = (text for text, year in of_years if not year or year[1] in column.head)
    # « Estimation 2022-2028 | Part du Département »
    is_part = re.match(r"(?:dont|part)\b", fold(column.head))
    beside = shared.heads[column.index - 1] if is_part else ""
    texts = (column.head, " | ".join(row.cells), beside, *stages)
    add_stage(proposed, shown, texts, ", au tableau ou à son titre")
    proposed.add("nature", *_nature_of(shared, row, label, column.head), shown)
    period = _cell_under(words("colonnes")["periode"], shared.heads, row)
    period = period if is_period(period) else ""
    # « Dépensé au 30 juin 2024 » is not of all the years of the table
    captions = [] if pattern("dates").search(column.head) else shared.captions
    places = [("colonne", column.head), ("ligne", label), ("ligne", period), ("colonne", beside)]
    for kind, text in (*places, *(("titre", caption) for caption in captions)):
        add_years(proposed, years_of(text), f"{kind} « {text} »")
    says_yearly = any(each.is_yearly for each in find_money(cell))
    is_yearly = says_yearly or pattern("annuels").search(column.head)
    proposed.add("recurrence", "annuel" if is_yearly else "", "« par an »", shown)
    if not column.is_total:
        _add_funder(proposed, shared, row, column.head, label)
    return proposed


def _add_funder(proposed: ProposedRow, shared: _Shared, row: Row, head: str, label: str) -> None:
    """Add the funder that the head of the column names, else a cell, else the label of a part."""
    cell = _cell_under(words("colonnes")["financeur"], shared.heads, row)
    part = label if shared.kind == "part" and not is_total(label) else ""
    for kind, text in (("tête de colonne", head), ("cellule", cell), ("tête de ligne", part)):
        if funder := funder_of_head(text):
            shown = proposed.values["montant"]
            proposed.add("financeur_type", funder[0], kind, shown)
            proposed.add("financeur_nom", funder[1], kind, shown)
            return


def _nature_of(shared: _Shared, row: Row, label: str, head: str) -> tuple[str, str]:
    """Return the nature that the first of these tells, and why: row, cell « I/F », head, caption.

    One that names both natures tells nothing of this amount.
    """
    cell = _cell_under(words("colonnes")["nature"], shared.heads, row)
    cell = {"I": "investissement", "F": "fonctionnement"}.get(cell.strip(" ."), cell)
    places = [("ligne", label), ("cellule", cell), ("colonne", head)]
    for kind, text in (*places, *(("titre", caption) for caption in shared.captions)):
        nature, word = find_nature(text)
        if nature:
            return nature if nature != "mixte" else "", f"{kind}, {word}"
    return "", ""


def _without_generic(head: str) -> str:
    """Return a head without its unit and the words of any column: « Montant (M€) » has no other."""
    without_unit = re.sub(r"\(([^()]*)\)", lambda part: "" if scale_of(part[1]) else part[0], head)
    text = without_unit.strip()
    generic = pattern("tetes_generiques").match(text)
    return capitalize_first((text[generic.end() :] if generic else text).strip(" –-:"))


def years_of_form(block: Block) -> tuple[str, str]:
    """Return the years that a form tells: « Calendrier | 2022-2024 »."""
    expression = fold(words("colonnes")["periode"])
    cells = (row.cells[-1] for row in block.rows if re.search(expression, fold(row.cells[0])))
    return years_of(next(filter(is_period, cells), ""))


def _cell_under(expression: str, heads: Sequence[str], row: Row) -> str:
    """Return the cell of a row under the first head that an expression finds, "" without one."""
    cells = zip(heads, row.cells, strict=True)
    return next((cell for head, cell in cells if re.search(fold(expression), fold(head))), "")


def _captions(context: Sequence[str]) -> list[str]:
    """Return what tells of the amounts of a table just above it, the nearest first.

    It is the title or the last sentence, if short, or one that announces them before it.
    """
    sentences = split_sentences(context[0]) if context else []
    return [
        each
        for place, each in enumerate(reversed(sentences))
        if len(each) < 120
        and re.search(words("colonnes")["montant"], each, re.IGNORECASE)
        and (place == 0 or pattern("annonces_tableau").search(each))
        and not any(find_money(each))
    ]


def _tie_parts(
    found: Sequence[tuple[int, Column, ProposedRow, Decimal]],
    body: Sequence[Row],
    label_columns: Sequence[int],
) -> None:
    """Tie parts to their totals, of their row and of their column, where the sums agree."""
    cells = {(number, column.index): (row, amount) for number, column, row, amount in found}
    totals = {column.index for _, column, _, _ in found if column.is_total}
    total_rows = {
        number
        for number, row in enumerate(body)
        if any(is_total(row.cells[i]) for i in label_columns)
    }

    def above(key: tuple[int, int]) -> list[tuple[int, int]]:
        return [each for each in cells if each[1] == key[1] and each[0] < key[0]]

    last = [key for key in cells if key[0] == found[-1][0]]
    if not total_rows and len(last) > 1 and all(_is_whole(cells, above(key), key) for key in last):
        total_rows = {last[0][0]}
        for row in (cells[key][0] for key in last):
            row.add("perimetre", "strategie", "la somme des lignes", row.values["montant"])
    for key in cells:
        if key[1] in totals:
            beside = [each for each in cells if each[0] == key[0] and each[1] not in totals]
            _tie(cells, beside, key)
    for key in cells:
        if key[0] in total_rows:
            _tie(cells, [each for each in above(key) if each[0] not in total_rows], key)


def _is_whole(cells: dict, parts: Sequence[tuple[int, int]], total: tuple[int, int]) -> bool:
    sum_of_parts = sum((cells[part][1] for part in parts), Decimal(0))
    return len(parts) > 1 and is_sum(sum_of_parts, cells[total][1])


def _tie(cells: dict, parts: Sequence[tuple[int, int]], total: tuple[int, int]) -> None:
    if not _is_whole(cells, parts, total):
        return
    for row in (cells[part][0] for part in parts):
        if not row.get("inclus_dans"):
            why = "la somme des parts est le total"
            row.add("inclus_dans", cells[total][0].key, why, row.values["montant"])
    years = [[cells[part][0].get(each) for part in parts] for each in ("annee_debut", "annee_fin")]
    if all(chain(*years)):
        add_years(cells[total][0], (min(years[0]), max(years[1])), "années des parts")
