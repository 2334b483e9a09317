"""Find the columns of tables that hold amounts: by their heads, their unit, their cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from comparisons.documents.amount_words import funder_of_head
from comparisons.documents.model import Row
from comparisons.documents.money import find_money, read_number, scale_of
from comparisons.documents.vocabulary import words
from comparisons.formatting import fold

YEAR_HEAD = re.compile(r"(?:\D{0,14}\s)?(20[0-4]\d)(?:\s.{0,16})?")
PERIOD_HEAD = re.compile(r"(20[0-4]\d)\s*[-–/à]+\s*(20[0-4]\d)")
_SHORT_YEAR = re.compile(r"[1-4]\d(?:\s?[-–/]\s?[1-4]\d)?")
# Characters at the end of a paragraph that may be the caption of the table below.
CAPTION = 300
# An amount and a sum may differ by what rounding takes.
_ROUNDING = Decimal("0.006")


def years_of(head: str) -> tuple[str, str]:
    """Return the years that a head, a label or a caption tells."""
    period, year = PERIOD_HEAD.search(head), YEAR_HEAD.fullmatch(head)
    # « Dès 2023 » is not 2023 alone
    if re.search(r"\b(?:dès|depuis|après|avant|à partir)\b", head.lower()):
        return "", ""
    return period.groups() if period else (year[1], year[1]) if year else ("", "")


def is_period(text: str) -> bool:
    """Return whether a cell holds a year or years and nothing else: « 2022-2024 »."""
    return re.fullmatch(rf"20\d\d|{PERIOD_HEAD.pattern}", text) is not None


@dataclass(frozen=True)
class Column:
    """A column of amounts: its head, how many euros its numbers count (None: each cell says).

    `is_named` tells that its own head or cells, not only a caption, say that they are amounts.
    """

    index: int
    head: str
    scale: int | None
    is_total: bool = False
    is_named: bool = False


def find_columns(heads: Sequence[str], body: Sequence[Row], context: Sequence[str]) -> list[Column]:
    """Return the columns that hold amounts: by their head, their unit, their cells."""
    kinds = words("colonnes")
    scales = (scale_of(text[-CAPTION:], is_caption=True) for text in context)
    common = next((scale for scale in scales if scale is not None), None)
    corner = scale_of(heads[0]) if heads else None
    columns = []
    for i, head in enumerate(heads):
        # « – » is an empty cell
        cells = [row.cells[i] for row in body if re.search(r"\w", row.cells[i])]
        numbers = [cell for cell in cells if is_amount_cell(cell)]
        if not numbers or len(numbers) < 0.5 * len(cells):
            continue
        if i == 0 and all(read_number(cell) is not None for cell in numbers):
            continue
        own = scale_of(head)
        if fold(head).startswith("dont ") and columns:
            # « Total en k€ | dont communes »
            own = own or columns[-1].scale
        if own is None and all(YEAR_HEAD.fullmatch(cell) for cell in numbers):
            continue
        has_money = any(any(True for _ in find_money(cell)) for cell in numbers)
        folded = fold(head)
        is_total = bool(re.search(rf"\b(?:{kinds['total']})\b", folded))
        is_other = bool(re.search(fold(kinds["autre"]), folded)) and not own
        is_named = (
            own is not None
            or has_money
            or re.search(rf"(?:{fold(kinds['montant'])})", folded) is not None
        )
        is_money = (
            is_named
            or is_total
            or _is_part_head(head)
            # a table in euros, whatever its heads: « Phase 1 », or none on its second page
            or common is not None
            or corner is not None
        )
        scale = own if own is not None else (corner or common)
        if is_other and not has_money and not is_total:
            continue
        if is_money and (scale is not None or has_money or _row_scales(body)):
            columns.append(Column(i, head, scale, is_total, is_named))
    columns = _with_shares(columns, heads, body)
    # beside « Coût », a column of the same unit is no money unless its head says so
    has_named = any(column.is_named and not column.is_total for column in columns)
    return [
        column
        for column in columns
        if column.is_named or column.is_total or not has_named or _is_part_head(column.head)
    ]


def _row_scales(body: Sequence[Row]) -> list[int]:
    """Return the units that rows say themselves, in their first cell: « Crédits (k€) »."""
    scales = (scale_of(row.cells[0], is_caption=True) for row in body)
    return [scale for scale in scales if scale is not None]


def _with_shares(columns: list[Column], heads: Sequence[str], body: Sequence[Row]) -> list[Column]:
    """Return the columns, with those whose numbers add up to those of the only named one."""
    named = [column for column in columns if column.is_named and column.scale]
    indices = {column.index for column in named}
    others = [
        i
        for i in range(1, len(heads))
        if i not in indices
        and any(read_number(row.cells[i]) is not None for row in body)
        and (
            heads[i].lower().startswith("part ")
            or not re.search(fold(words("colonnes")["autre"]), fold(heads[i]))
        )
    ]
    if len(named) != 1 or not others:
        return columns
    sums = []
    for row in body:
        numbers = [number for i in others if (number := read_number(row.cells[i])) is not None]
        whole = read_number(row.cells[named[0].index])
        if numbers and whole is not None:
            sums.append(is_sum(sum(numbers, Decimal(0)), whole))
    if len(sums) < 2 or not all(sums):
        return columns
    shares = [Column(i, heads[i], named[0].scale, is_named=True) for i in others]
    return sorted([*named, *shares], key=lambda each: each.index)


def _is_part_head(head: str) -> bool:
    """Return whether a head names a part of an amount: a year, a phase, a funder."""
    is_year = YEAR_HEAD.fullmatch(head) or PERIOD_HEAD.search(head)
    is_phase = re.search(r"\b(?:phase|tranche|lot)\b", fold(head))
    return bool(is_year or is_phase or funder_of_head(head))


def is_amount_cell(cell: str) -> bool:
    """Return whether a cell holds a number or an amount."""
    return read_number(cell) is not None or any(True for _ in find_money(cell))


def is_sum(sum_of_parts: Decimal, amount: Decimal) -> bool:
    """Return whether a sum is an amount, but for what rounding takes."""
    return abs(sum_of_parts - amount) <= _ROUNDING * amount


def split_head(rows: Sequence[Row]) -> tuple[tuple[str, ...], list[Row]]:
    """Return the heads of the columns, of one or two rows, and the rows below."""
    rows = [_with_years(rows[0]), *rows[1:]]
    count = next((number for number, row in enumerate(rows[:3]) if _has_amounts(row)), 3)
    lines = [list(row.cells) for row in rows[:count]]
    for above, below in pairwise(lines):
        # a head over several columns is written in the first of them
        for i in range(1, len(above)):
            above[i] = above[i] or (above[i - 1] if below[i] and i > 1 else "")
    heads = (" ".join(dict.fromkeys(filter(None, cells))) for cells in zip(*lines, strict=True))
    return tuple(heads) if lines else ("",) * len(rows[0].cells), list(rows[count:])


def _with_years(row: Row) -> Row:
    """Return a row of heads « 24 | 25 | 26-27 » with whole years."""
    starts = [int(cell[:2]) for cell in row.cells if _SHORT_YEAR.fullmatch(cell)]
    if len(starts) < 3 or any(b - a != 1 for a, b in pairwise(starts)):
        return row
    cells = (
        re.sub(r"\d\d", r"20\g<0>", cell) if _SHORT_YEAR.fullmatch(cell) else cell
        for cell in row.cells
    )
    return replace(row, cells=tuple(cells))


def _has_amounts(row: Row) -> bool:
    return any(is_amount_cell(cell) and not YEAR_HEAD.fullmatch(cell) for cell in row.cells)


def find_label_columns(
    heads: Sequence[str], body: Sequence[Row], columns: Sequence[Column]
) -> list[int]:
    """Return the columns of words that name a row: those before the amounts, the first two."""
    amounts = {column.index for column in columns}
    first = min(amounts)
    labels = [
        i
        for i in range(len(heads))
        if i not in amounts
        and not re.fullmatch(r"(?:etat|statut|etape|stade|avancement)\W*", fold(heads[i]))
        and (i < first or not any(j < first for j in range(len(heads)) if j not in amounts))
        and (
            any(re.search(r"[^\W\d]{3}", row.cells[i]) for row in body)
            or (i == 0 and all(YEAR_HEAD.fullmatch(row.cells[i]) for row in body))
        )
    ]
    return labels[:2]
