"""Format a comparison as plain text for the terminal."""

from collections.abc import Sequence
from itertools import zip_longest

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.comparison.facts import NOTHING_KNOWN
from comparisons.cli.text import bullet_list, underline, wrap
from comparisons.exports import table_writers
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.formatting import join_words
from comparisons.rows import iterate_rows

_SEPARATOR = " │ "
# width of a column, in characters
_MIN_COLUMN_WIDTH = 16


def comparison_to_text(comparison: Comparison, options: ExportOptions, width: int = 100) -> str:
    """Return the summary, sections and citation as text of lines of `width` characters.

    Columns stand side by side if the width allows it, otherwise one below the other.
    """
    summary = bullet_list((statement.in_full() for statement in comparison.statements), width)
    blocks = ["\n".join([underline("En bref"), *summary])]
    for name in options.sections:
        texts = comparison.text_matrix(name, options.row_filter)
        silent = comparison.unknown_rows[name] if options.row_filter == "tout" else []
        empty = comparison.empty_section(name) if options.row_filter == "tout" else ""
        if texts.empty and not silent and empty in ("", NOTHING_KNOWN):
            continue
        lines = [underline(SECTIONS[name])]
        if len(texts):
            table = [["", *texts.columns], *([title, *row] for title, *row in iterate_rows(texts))]
            lines += _side_by_side(table, width) or _stacked(table, width)
        elif empty:
            lines += wrap(empty, width)
        if silent:
            sentence = f"Sans réponse dans toutes les colonnes : {join_words(silent)}."
            lines += wrap(sentence, width)
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, "\n".join(wrap(table_writers.citation_sentence(), width))]) + "\n"


def _side_by_side(table: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines of a table in columns of equal width; no line if they do not fit."""
    count = len(table[0]) - 1
    title_width = min(width // 3, max(len(row[0]) for row in table))
    max_width = (width - title_width - count * len(_SEPARATOR)) // count
    if max_width < _MIN_COLUMN_WIDTH:
        return []
    widths = [title_width, *(min(max_width, max(len(row[index]) for row in table))
                        for index in range(1, count + 1))]  # fmt: skip
    lines = []
    for row in table:
        cells = [wrap(text, column_width) for text, column_width in zip(row, widths, strict=True)]
        for line_cells in zip_longest(*cells, fillvalue=""):
            padded = (
                cell.ljust(column_width)
                for cell, column_width in zip(line_cells, widths, strict=True)
            )
            lines.append(_SEPARATOR.join(padded).rstrip())
    return lines


def _stacked(table: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines of a table row by row, one column below the other."""
    names = table[0][1:]
    lines = []
    for title, *texts in table[1:]:
        lines += wrap(title, width)
        for name, text in zip(names, texts, strict=True):
            lines += wrap(f"{name} : {text}", width, "  ", "    ")
    return lines
