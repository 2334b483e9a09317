"""Excerpts of the texts that match a search, with the ranges to highlight, escaped."""

from collections.abc import Iterable, Sequence

from comparisons.formatting import NBSP, escape_markdown
from comparisons.search.query_parser import QueryTerm
from comparisons.search.stemming import located

TextRange = tuple[int, int]
# characters shown of a long text, and before the first word found
WIDTH, CONTEXT_BEFORE = 240, 60
_ELLIPSIS = "…"


def match_ranges(text: str, terms: Sequence[QueryTerm]) -> list[tuple[int, int, int]]:
    """Return the sorted matches of terms in a text: (start, end in characters, term number)."""
    words = list(located(text))
    roots = [root for _, _, root in words]
    matches = set()
    for number, term in enumerate(terms):
        for phrase in term.phrases:
            for position in range(len(roots) - len(phrase) + 1):
                if tuple(roots[position : position + len(phrase)]) == phrase:
                    matches.add((words[position][0], words[position + len(phrase) - 1][1], number))
    return sorted(matches)


def snippet(text: str, ranges: Iterable[tuple[int, int, int]]) -> tuple[str, tuple[TextRange, ...]]:
    """Return the excerpt of a text around its matches, and the merged ranges.

    The excerpt is cut between words, with « … » in place of the rest; it is where most terms match,
    or else at the beginning.
    """
    matches = list(ranges)
    start, end = _excerpt_bounds(text, matches)
    before, after = _ELLIPSIS if start else "", _ELLIPSIS if end < len(text) else ""
    shift = len(before) - start
    inner_ranges = [(first + shift, last + shift) for first, last, _ in matches
              if start <= first and last <= end]  # fmt: skip
    return f"{before}{text[start:end]}{after}", _merge_ranges(inner_ranges)


def _excerpt_bounds(text: str, matches: list[tuple[int, int, int]]) -> TextRange:
    if len(text) <= WIDTH:
        return 0, len(text)
    starts = [max(first - CONTEXT_BEFORE, 0) for first, _, _ in matches] or [0]

    def terms_from(start: int) -> int:
        end = start + WIDTH
        return len({term for first, last, term in matches if start <= first and last <= end})

    start = max(starts, key=terms_from)  # the first of the best
    start = min(start, len(text) - WIDTH)
    end = start + WIDTH
    if start and (space := text.find(" ", start, start + CONTEXT_BEFORE)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - CONTEXT_BEFORE, end)) >= 0:
        end = space
    return start, end


def _merge_ranges(ranges: Iterable[TextRange]) -> tuple[TextRange, ...]:
    """Merge the ranges that overlap or are at most one character apart."""
    merged: list[TextRange] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def highlight_markdown(
    extrait: str, trouves: Sequence[TextRange], before: str = "**", after: str = "**"
) -> str:
    """Render an excerpt as Markdown, its matches between marks; the text itself is escaped.

    `trouves` are ranges of characters, in order, that do not overlap.
    """
    parts, end = [], 0
    for start, stop in trouves:
        parts += [
            _escape_piece(extrait[end:start]),
            before,
            _escape_piece(extrait[start:stop]),
            after,
        ]
        end = stop
    return "".join([*parts, _escape_piece(extrait[end:])]).strip()


def _escape_piece(piece: str) -> str:
    """Escape a piece of text for Markdown, keeping the space at its ends."""
    text = piece.strip()
    if not text:
        return " " if piece else ""
    # French punctuation does not begin a line
    leading = NBSP if text[0] in ":;!?»%€" else " "
    trailing = NBSP if text[-1] == "«" else " "
    escaped = escape_markdown(text)
    return f"{leading * piece[0].isspace()}{escaped}{trailing * piece[-1].isspace()}"
