"""Find the axes that tables hold: in labelled cells, numbered rows, columns of their own."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from comparisons.documents.axis_lists import FEWEST, Axis, announced_word, announces
from comparisons.documents.headings import (
    MAX_TITLE,
    clean_title,
    has_word,
    is_number_within,
    level_of,
    read_mark,
    words_of_levels,
)
from comparisons.documents.model import Block, Document, Row
from comparisons.documents.money import find_money
from comparisons.documents.proposals import LEVELS
from comparisons.documents.title_forms import is_infinitive
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

_CODE = re.compile(r"[A-Z]{0,3}[ .-]?\d{1,2}(?:\.\d{1,2})?|[IVX]{1,4}|[A-H]")
_TITLE_FIELD = re.compile(r"intitule|titre|nom|libelle")
_TOTAL = re.compile(r"(?:sous-)?total")


def labelled_cells(document: Document) -> Iterator[Axis]:
    """Iterate over the labelled cells of tables: a plan of actions is often one."""
    for index, table in document.tables:
        seen: set[str] = set()
        label = ""
        place, level = _column_of_titles(table)
        for number, row in enumerate(table.rows):
            if level and number > place[0] and (title := row.cells[place[1]]) and row.cells[-1]:
                axis = _axis_of_cell(level, title, index, row, "colonne d’actions")
                yield replace(axis, label=level, number=title)
            for cell, following in zip(row.cells, (*row.cells[1:], ""), strict=True):
                mark = read_mark(cell)
                if mark is None or cell in seen or (not mark.title and read_mark(following)):
                    # heads of columns: « Priorité 1 | Priorité 2 »
                    continue
                title = clean_title(mark.title or following)
                if not has_word(title) or len(title) > MAX_TITLE:
                    continue
                reason = f"cellule « {f'{mark.word.capitalize()} {mark.number}'.strip()} »"
                if label and is_number_within(mark.number, label):
                    # « Axe 1 : Servir | 1.1 Ouvrir un port »
                    axis = _axis_of_cell(LEVELS[-1], title, index, row, reason, cell)
                    yield replace(axis, label=LEVELS[-1], number=mark.number)
                elif mark.word and mark.number:
                    seen.add(cell)
                    label = mark.number
                    text = f"{cell} {'' if mark.title else following}".strip()
                    axis = _axis_of_cell(mark.level, title, index, row, reason, text)
                    yield replace(axis, label=mark.word, number=label)


def _axis_of_cell(
    level: str, title: str, index: int, row: Row, reason: str, text: str = ""
) -> Axis:
    """Return the axis that a cell names; `text` is that of the cell if it says more."""
    block = Block(text or title, row.page, box=row.box)
    return Axis(level, clean_title(title), index, block, reason)


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


def columns_of_axes(document: Document) -> list[Axis]:
    """List the cells of the columns whose head is « Axe », « Objectif », « Mesure » …"""
    axes: list[Axis] = []
    for index, table in document.tables:
        heads = [_level_of_head(cell) for cell in table.rows[0].cells]
        columns = [column for column, level in enumerate(heads) if level]
        if len(columns) > 1 or (columns and heads[columns[0]] in LEVELS[:2]):
            levels = _columns_of_verbs(table) | {column: heads[column] for column in columns}
            axes += titles_in_columns(index, table, dict(sorted(levels.items())))
    return axes


def columns_of_actions(document: Document) -> list[Axis]:
    """List the cells of the columns where all, three at least, begin with a verb."""
    return [
        axis
        for index, table in document.tables
        for axis in titles_in_columns(index, table, _columns_of_verbs(table))
    ]


def _columns_of_verbs(table: Block) -> dict[int, str]:
    """Return the column of actions of a table, by its head or its verbs, and its level."""
    for column, head in enumerate(table.rows[0].cells):
        titles = [title for row in table.rows[1:] for title in _titles(row, column)]
        titles = [title for title in titles if title and not _TOTAL.match(fold(title))]
        level = _level_of_head(head)
        # the operations of a budget are no actions
        is_headed = level == LEVELS[-1] and len(table.rows[0].cells) > 2 and fold(head)[:2] != "op"
        are_verbs = len(titles) > FEWEST and all(map(is_infinitive, titles))
        if are_verbs or (is_headed and len(titles) >= FEWEST):
            return {column: level or LEVELS[-1]}
    return {}


def grouped_actions(document: Document) -> list[Axis]:
    """List the groups of the rows of tables, each alone on its row, and the actions below them."""
    axes: list[Axis] = []
    for index, table in document.tables:
        columns = _columns_of_verbs(table)
        rows = [row for row in table.rows[1:] if not _TOTAL.match(fold(row.cells[0]))]
        are_groups = [bool(row.cells[0]) and not any(row.cells[1:]) for row in rows]
        follows = [before and after for before, after in pairwise(are_groups)]
        if not columns or sum(are_groups) < FEWEST or any(follows) or are_groups[-1:] == [True]:
            continue
        groups = [row.cells[0] for row, is_group in zip(rows, are_groups, strict=True) if is_group]
        heads = {mark.title if (mark := read_mark(group)) else group for group in groups}
        for axis in titles_in_columns(index, table, columns | {0: LEVELS[-1]}):
            axes.append(replace(axis, level=LEVELS[0]) if axis.block.text in heads else axis)
    return axes


def cards_of_actions(document: Document) -> list[Axis]:
    """List what tables of two columns say of one action each: « Intitulé | … », « Axe | … ».

    The title may be alone in the first row.
    """
    axes: list[Axis] = []
    for index, table in document.tables:
        rows = _fields_of_action(table)
        if LEVELS[-1] in rows and len(rows) > 1:
            for level in sorted(rows, key=LEVELS.index):
                title, row = rows[level]
                reason = f"fiche « {rows[LEVELS[-1]][0]} »"
                axes.append(_axis_of_cell(level, title, index, row, reason))
    return axes if sum(axis.level == LEVELS[-1] for axis in axes) >= FEWEST else []


def _fields_of_action(table: Block) -> dict[str, tuple[str, Row]]:
    """Return the wordings that a table of fields gives, by level, each with its row."""
    if len(table.rows[0].cells) != 2:
        return {}
    found: dict[str, tuple[str, Row]] = {}
    head, *others = table.rows
    if not head.cells[1] and any(pattern("champs").match(row.cells[0]) for row in others):
        found[LEVELS[-1]] = head.cells[0], head
    for row in table.rows:
        name = re.sub(r" (?:de |du |d.|n)\s?\w.*", "", fold(row.cells[0])).strip(" :")
        level = LEVELS[-1] if _TITLE_FIELD.fullmatch(name) else _level_of_head(name)
        if level and level not in found and row.cells[1]:
            found[level] = row.cells[1], row
    return found


def cells_of_verbs(document: Document) -> list[Axis]:
    """List the axes that cells of tables are, and their actions beside or below, all verbs."""
    axes: list[Axis] = []
    for index, table in document.tables:
        head, *rows = table.rows
        is_pair = len(head.cells) == 2
        beside = [(row.cells[0], _titles(row, 1), row) for row in table.rows if is_pair]
        below = [(cell, _titles(row, place), row)
                 for row in rows[:1] for place, cell in enumerate(head.cells)]  # fmt: skip
        for pairs in ([pair for pair in beside if pair[0]], below):
            verbs = [verb for _, titles, _ in pairs for verb in titles]
            is_list = len(verbs) > len(pairs) >= FEWEST and all(map(is_infinitive, verbs))
            for title, titles, row in pairs if is_list and all(pair[0] for pair in pairs) else ():
                reason = "cellule d’un tableau, avec ses actions"
                axes.append(_axis_of_cell(LEVELS[0], title, index, row, reason))
                axes += [_axis_of_cell(LEVELS[-1], verb, index, row, reason) for verb in titles]
    return axes


def announced_cells(document: Document) -> list[Axis]:
    """List the titles of the cells of a table, each above its text, that a heading announces."""
    for index, table in document.tables:
        if not index or not announces(document.blocks[index - 1]):
            continue
        cells = [
            (row, column) for row in table.rows for column, cell in enumerate(row.cells) if cell
        ]
        titles = [_titles(row, column)[0] for row, column in cells]
        texts = [row.cells[column] for row, column in cells]
        are_titles = all(a != b and len(a) <= 80 for a, b in zip(titles, texts, strict=True))
        if len(cells) < FEWEST or not are_titles:
            continue
        level = level_of(announced_word(document.blocks[index - 1]))
        reason = "cellules d’un tableau annoncé"
        return [
            _axis_of_cell(level, title, index, row, reason)
            for title, (row, _) in zip(titles, cells, strict=True)
        ]
    return []


def rows_of_titles(document: Document) -> Iterator[list[tuple[str, int, Block]]]:
    """Iterate over the first cells of each table whose rows are a title and a text beside it."""
    for index, table in document.tables:
        rows = [row for row in table.rows if all(row.cells) and len(row.cells) == 2]
        are_texts = [len(row.cells[1]) > 60 and row.cells[1].endswith(".") for row in rows]
        if len(rows) == len(table.rows) and all(are_texts):
            titles = [row.cells[0] for row in rows]
            if all(len(title) <= 90 and not any(find_money(title)) for title in titles):
                yield [
                    (clean_title(row.cells[0]), index, Block(row.cells[0], row.page, box=row.box))
                    for row in rows
                ]


def _level_of_head(head: str) -> str:
    """Return the level that the head of a column names, « Axe stratégique », or ""."""
    word = re.sub(rf"(?:\s+(?:{words('qualificatifs')}))+$", "", head.strip().lower())
    return words_of_levels().get(re.sub(r"s$", "", word), "")


def titles_in_columns(index: int, table: Block, levels: dict[int, str]) -> Iterator[Axis]:
    """Iterate over the titles in the columns of a table, row after row, each title once."""
    seen: set[str] = set()
    for row in table.rows[1:]:
        for column, level in levels.items():
            for title in _titles(row, column):
                mark = read_mark(title)
                if _CODE.fullmatch(title) and column + 1 < len(row.cells):
                    # « 1 | Former », under « Axe | Intitulé »
                    title = _titles(row, column + 1)[0]
                elif mark:
                    title = mark.title
                is_title = 3 < len(title) <= MAX_TITLE and has_word(title)
                is_title = is_title and not any(find_money(title))
                if is_title and title not in seen and not _TOTAL.match(fold(title)):
                    seen.add(title)
                    reason = f"colonne « {table.rows[0].cells[column]} » d’un tableau"
                    yield _axis_of_cell(level, title, index, row, reason)


def _titles(row: Row, column: int) -> list[str]:
    """Return the titles of a cell: verbs one below the other, or what the rest explains."""
    parts = row.paragraphs[column] if column < len(row.paragraphs) else ()
    if len(parts) > 1 and all(map(is_infinitive, parts)):
        return list(parts)
    if len(parts) < 2 or parts[0].endswith((",", ":")) or not re.search(r"[^\W\d]{3}", parts[0]):
        return [row.cells[column]]
    mark = read_mark(parts[0])
    # « Axe 1 », and its title below
    is_label = (mark is not None and not mark.title) or _level_of_head(parts[0]) != ""
    return [" ".join(parts[:2]) if is_label else parts[0]]
