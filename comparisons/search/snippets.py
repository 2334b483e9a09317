"""The passage of a text that answers a search, and where; data stay data, whatever they hold."""

from collections.abc import Iterable, Sequence

from comparisons.formatting import NBSP, escape_markdown
from comparisons.search.query_parser import QueryTerm
from comparisons.search.stemming import located

TextRange = tuple[int, int]
# characters shown of a long text, and before the first word found
WIDTH, CONTEXT_BEFORE = 240, 60
_CUT = "…"


def match_ranges(text: str, units: Sequence[QueryTerm]) -> list[tuple[int, int, int]]:
    """Find where a text answers units: start, end (in characters), number of the unit; in order."""
    words = list(located(text))
    roots = [root for _, _, root in words]
    found = set()
    for number, unit in enumerate(units):
        for way in unit.phrases:
            for place in range(len(roots) - len(way) + 1):
                if tuple(roots[place : place + len(way)]) == way:
                    found.add((words[place][0], words[place + len(way) - 1][1], number))
    return sorted(found)


def snippet(text: str, ranges: Iterable[tuple[int, int, int]]) -> tuple[str, tuple[TextRange, ...]]:
    """Cut a text around what was found; give the excerpt, and the ranges found in it (merged).

    The cut is at words, with « … » where there was more; where most units are found, or else at
    the beginning.
    """
    found = list(ranges)
    start, end = _window(text, found)
    before, after = _CUT if start else "", _CUT if end < len(text) else ""
    shift = len(before) - start
    inside = [(first + shift, last + shift) for first, last, _ in found
              if start <= first and last <= end]  # fmt: skip
    return f"{before}{text[start:end]}{after}", _merged(inside)


def _window(text: str, found: list[tuple[int, int, int]]) -> TextRange:
    if len(text) <= WIDTH:
        return 0, len(text)
    starts = [max(first - CONTEXT_BEFORE, 0) for first, _, _ in found] or [0]

    def units_from(start: int) -> int:
        end = start + WIDTH
        return len({unit for first, last, unit in found if start <= first and last <= end})

    start = max(starts, key=units_from)  # the first of the best
    start = min(start, len(text) - WIDTH)
    end = start + WIDTH
    if start and (space := text.find(" ", start, start + CONTEXT_BEFORE)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - CONTEXT_BEFORE, end)) >= 0:
        end = space
    return start, end


def _merged(ranges: Iterable[TextRange]) -> tuple[TextRange, ...]:
    """Bring together ranges that overlap, or that only one character parts."""
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
    """Write an excerpt as Markdown, what was found between marks; nothing in it is markup.

    `trouves` are ranges of characters, in order, that do not overlap.
    """
    written, end = [], 0
    for start, stop in trouves:
        written += [_plain(extrait[end:start]), before, _plain(extrait[start:stop]), after]
        end = stop
    return "".join([*written, _plain(extrait[end:])]).strip()


def _plain(piece: str) -> str:
    """Escape a piece of text, but keep the space at its ends."""
    words = piece.strip()
    if not words:
        return " " if piece else ""
    # French punctuation does not begin a line
    lead = NBSP if words[0] in ":;!?»%€" else " "
    trail = NBSP if words[-1] == "«" else " "
    escaped = escape_markdown(words)
    return f"{lead * piece[0].isspace()}{escaped}{trail * piece[-1].isspace()}"
