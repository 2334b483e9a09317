"""Find the axes that tables hold: in labelled cells, numbered rows, columns of their own."""

import re
from collections.abc import Iterator

from comparisons.documents.axis_lists import Axis
from comparisons.documents.headings import (
    MAX_TITLE,
    clean_title,
    level_of,
    read_mark,
    words_of_levels,
)
from comparisons.documents.model import Block, Document, Row
from comparisons.documents.money import find_money
from comparisons.documents.proposals import LEVELS
from comparisons.formatting import fold


def labelled_cells(document: Document) -> Iterator[Axis]:
    """Iterate over the labelled cells of tables: a plan of actions is often one."""
    for index, table in document.tables:
        seen: set[str] = set()
        place, level = _column_of_titles(table)
        for number, row in enumerate(table.rows):
            yield from _numbered_row(index, table.rows[0], row)
            if level and number > place[0] and (title := row.cells[place[1]]) and row.cells[-1]:
                block = Block(title, row.page, box=row.box)
                yield Axis(
                    level, clean_title(title), index, block, "colonne d’actions", level, title
                )
            for cell, following in zip(row.cells, (*row.cells[1:], ""), strict=True):
                mark = read_mark(cell)
                words_of_title = (mark.title or following) if mark else ""
                if mark and not mark.title and read_mark(following):
                    # heads of columns: « Priorité 1 | Priorité 2 »
                    continue
                if mark and mark.word and mark.number and words_of_title and cell not in seen:
                    seen.add(cell)
                    block = Block(
                        f"{cell} {'' if mark.title else following}".strip(), row.page, box=row.box
                    )
                    title = clean_title(words_of_title)
                    if len(title) <= MAX_TITLE:
                        reason = f"cellule « {mark.word.capitalize()} {mark.number} »"
                        yield Axis(mark.level, title, index, block, reason, mark.word, mark.number)


def _column_of_titles(table: Block) -> tuple[tuple[int, int], str]:
    """Return where « Action », « Mesure » heads a column under the label of an axis; its level."""
    mark = read_mark(next(filter(None, table.rows[0].cells)))
    if mark is None or not mark.word or not mark.number or len(table.rows) < 3:
        return (0, 0), ""
    for column, cell in enumerate(table.rows[1].cells):
        level = words_of_levels().get(re.sub(r"s$", "", cell.lower()))
        if level and len(table.rows[1].cells) > 1:
            return (1, column), level
    return (0, 0), ""


def _numbered_row(index: int, heads: Row, row: Row) -> Iterator[Axis]:
    """Iterate over what a row states, « 1.1 | Ouvrir les données », under « N° | Action »."""
    head = heads.cells[1] if len(heads.cells) > 2 else ""
    level = level_of(head)
    number, title = (cell.strip(" .") for cell in row.cells[:2]) if head else ("", "")
    # a title and, on the line below, its description
    is_two = re.search(r"[a-zà-ÿ] [A-ZÀ-Ý]['’]?[a-zà-ÿ]+ [a-zà-ÿ]", title)
    if (
        re.fullmatch(rf"{level}s?", fold(head)) and not is_two and title
        and re.fullmatch(r"[A-Z]?\d{1,2}(?:\.\d{1,2})?", number)
    ):  # fmt: skip
        block = Block(f"{number} {title}", row.page, box=row.box)
        reason = f"ligne « {number} » d’un tableau"
        yield Axis(level, clean_title(title), index, block, reason, level, number)


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
