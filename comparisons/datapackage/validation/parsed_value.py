"""The value read in a cell that is not written as the format asks."""

import re
from dataclasses import dataclass

from comparisons.formatting import fold

_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


@dataclass(frozen=True)
class ParsedValue:
    """A parsed cell: `value` in the syntax of the format, and its French `description`.

    `unambiguous`: the text has no other meaning. `advice`: the remedy, if it is more than writing
    the value.
    """

    value: str
    unambiguous: bool
    description: str = ""
    advice: str = ""


def simplify(text: str) -> str:
    """Return a text without capitals or accents, whose dashes are all hyphens."""
    return _DASHES.sub("-", fold(text))
