"""A comparison as plain text, for a terminal."""

from collections.abc import Sequence
from itertools import zip_longest

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.cli.text import bullet_list, underline, wrap
from comparisons.exports import tables
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.formatting import join_words

_SEPARATOR = " │ "
# of a column, in characters
_NARROWEST = 16


def comparison_to_text(comparison: Comparison, about: ExportOptions, width: int = 100) -> str:
    """Write summary, sections and citation; side by side if `width` characters allow it."""
    said = bullet_list((each.texte for each in comparison.statements), width)
    parts = ["\n".join([underline("En bref"), *said])]
    for name in about.sections:
        words = comparison.matrix(name, about.which)
        silent = comparison.silent[name] if about.which == "tout" else []
        if words.empty and not silent:
            continue
        lines = [underline(SECTIONS[name])]
        if len(words):
            table = [["", *words.columns], *([title, *row] for title, *row in words.itertuples())]
            lines += _side_by_side(table, width) or _stacked(table, width)
        if silent:
            said = f"Sans réponse dans toutes les colonnes : {join_words(silent)}."
            lines += wrap(said, width)
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, "\n".join(wrap(tables.citation_sentence(), width))]) + "\n"


def _side_by_side(table: Sequence[Sequence[str]], width: int) -> list[str]:
    """Arrange a table in columns of equal width; no line if there is no room for them."""
    count = len(table[0]) - 1
    titles = min(width // 3, max(len(row[0]) for row in table))
    each = (width - titles - count * len(_SEPARATOR)) // count
    if each < _NARROWEST:
        return []
    widths = [titles, *(min(each, max(len(row[place]) for row in table))
                        for place in range(1, count + 1))]  # fmt: skip
    lines = []
    for row in table:
        cut = [wrap(text, w) for text, w in zip(row, widths, strict=True)]
        for pieces in zip_longest(*cut, fillvalue=""):
            padded = (piece.ljust(w) for piece, w in zip(pieces, widths, strict=True))
            lines.append(_SEPARATOR.join(padded).rstrip())
    return lines


def _stacked(table: Sequence[Sequence[str]], width: int) -> list[str]:
    """Arrange a table row by row, the columns one under the other."""
    names = table[0][1:]
    lines = []
    for title, *words in table[1:]:
        lines += wrap(title, width)
        for name, text in zip(names, words, strict=True):
            lines += wrap(f"{name} : {text}", width, "  ", "    ")
    return lines
