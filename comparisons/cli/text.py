"""Format plain text for the terminal: headings, wrapped lines, lists."""

import textwrap
from collections.abc import Iterable


def underline(title: str) -> str:
    """Return a title and a line of the same length below it."""
    return f"{title}\n{'─' * len(title)}"


def wrap(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    """Return a text as lines of at most `width` characters; hyphenated names are not broken."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False
    )


def bullet_list(items: Iterable[str], width: int) -> list[str]:
    """Return the lines of a list, each item prefixed with a dash."""
    return [line for item in items for line in wrap(item, width, "- ", "  ")]
