"""The level of a territory that the short form names by its code alone."""

from collections.abc import Mapping, Set
from typing import Protocol

from comparisons.datapackage.short_form.messages import ShortFormMessages
from comparisons.schema.model import vocabulary_codes

# Three or five digits and no such territory: a wrong code, or one that lost its first zero.
_LEVEL_OF_LENGTH = {4: "commune", 5: "commune", 9: "epci"}


class TerritoryIndex(Protocol):
    """What is asked of the known territories: their (level, code) and names."""

    @property
    def codes(self) -> Set[tuple[str, str]]:
        """Report levels and codes of today."""

    @property
    def names(self) -> Mapping[tuple[str, str], str]:
        """Report names by level and code."""


def resolve_level(
    row: Mapping[str, str], line: int, index: TerritoryIndex, messages: ShortFormMessages
) -> str:
    """Return the level that is written, else the only one that has this code.

    Where two have it, the fault is told and the first is given, so that the rest of the line is
    checked too: a form with a fault is not published.
    """
    written_level, code = row["territoire_niveau"], row["territoire_code"]
    if written_level or not code:
        return written_level or "departement"
    # « 1 » is « 01 » in a spreadsheet that took it for a number.
    levels = [
        level for level in vocabulary_codes("niveaux") if (level, code.zfill(2)) in index.codes
    ]
    if len(levels) > 1:
        names = [index.names.get((level, code), code) for level in levels]
        messages.which_level(line, code, dict(zip(levels, names, strict=True)))
    if levels:
        return levels[0]
    # A code of no territory: its length tells which one it would be, the validation says the rest.
    return _LEVEL_OF_LENGTH.get(len(code), "departement")
