"""Plain text for a terminal: headings, lines that fit, lists."""

import textwrap
from collections.abc import Iterable


def underline(title: str) -> str:
    """Underline a title."""
    return f"{title}\n{'─' * len(title)}"


def wrap(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    """Cut a text into lines; a name with hyphens stays whole."""
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_on_hyphens=False
    )


def bullet_list(items: Iterable[str], width: int) -> list[str]:
    """Write a list, a dash before each item."""
    return [line for item in items for line in wrap(item, width, "- ", "  ")]
