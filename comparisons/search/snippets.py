"""Excerpts of the texts that match a search, with the ranges to highlight, escaped."""

from collections.abc import Sequence

from comparisons.formatting import NBSP, escape_markdown
from comparisons.search.query_parser import QueryTerm
from comparisons.search.stemming import located

TextRange = tuple[int, int]
# characters shown of a long text, and before the first word found
WIDTH, CONTEXT_BEFORE = 240, 60
_ELLIPSIS = "…"


def match_ranges(text: str, terms: Sequence[QueryTerm]) -> list[tuple[int, int, int]]:
    """Return the sorted matches of terms in a text: (start, end in characters, term number)."""
    words = located(text)
    roots = [root for _, _, root in words]
    phrases = [(number, phrase.split()) for number, term in enumerate(terms)
               for phrase in (*term.phrases, *term.synonyms)]  # fmt: skip
    return sorted(
        (words[first][0], words[first + len(phrase) - 1][1], number)
        for number, phrase in phrases
        for first in range(len(roots) - len(phrase) + 1)
        if roots[first : first + len(phrase)] == phrase
    )


def snippet(
    text: str, matches: Sequence[tuple[int, int, int]]
) -> tuple[str, tuple[TextRange, ...]]:
    """Return the excerpt of a text around its matches, and their ranges, merged if side by side.

    The excerpt is cut between words, with « … » in place of the rest; it is where most terms match,
    or else at the beginning.
    """
    start, end = _excerpt_bounds(text, matches)
    before, after = _ELLIPSIS if start else "", _ELLIPSIS if end < len(text) else ""
    shift = len(before) - start
    ranges: list[TextRange] = []
    for first, last, _ in matches:
        if first < start or last > end:
            continue
        if ranges and first + shift <= ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], max(last + shift, ranges[-1][1])
        else:
            ranges.append((first + shift, last + shift))
    return f"{before}{text[start:end]}{after}", tuple(ranges)


def _excerpt_bounds(text: str, matches: Sequence[tuple[int, int, int]]) -> TextRange:
    def terms_from(start: int) -> int:
        return len(
            {term for first, last, term in matches if start <= first <= last <= start + WIDTH}
        )

    starts = [max(first - CONTEXT_BEFORE, 0) for first, _, _ in matches]
    # the first of the best
    start = max(min(max(starts, key=terms_from, default=0), len(text) - WIDTH), 0)
    end = start + WIDTH
    if start and (space := text.find(" ", start, start + CONTEXT_BEFORE)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - CONTEXT_BEFORE, end)) >= 0:
        end = space
    return start, min(end, len(text))


def highlight_markdown(extrait: str, trouves: Sequence[TextRange]) -> str:
    """Render an excerpt as Markdown, its matches in bold; the text itself is escaped.

    `trouves` are ranges of characters, in order, that do not overlap.
    """
    parts, end = [], 0
    for start, stop in trouves:
        parts += [_escape_piece(extrait[end:start]), f"**{_escape_piece(extrait[start:stop])}**"]
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
