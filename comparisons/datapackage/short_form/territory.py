"""Resolve the level of a territory that the short form names by its code alone."""

from collections.abc import Mapping, Set
from typing import Protocol

from comparisons.datapackage.known_territories import read_code
from comparisons.datapackage.short_form.messages import ShortFormMessages
from comparisons.datapackage.short_form.table import load_short_form
from comparisons.datapackage.territory_aliases import territories_meant
from comparisons.datapackage.validation.messages import named_codes
from comparisons.schema.model import vocabulary_codes

# Level of a code that no territory has: a wrong code, or one without its first zero.
_LEVEL_OF_LENGTH = {4: "commune", 5: "commune", 9: "epci"}


class TerritoryIndex(Protocol):
    """Interface of the reference of territories: their (level, code) and names."""

    @property
    def codes(self) -> Set[tuple[str, str]]:
        """Return the current (level, code) pairs."""

    @property
    def names(self) -> Mapping[tuple[str, str], str]:
        """Return the names by (level, code)."""


def resolve_level(
    row: Mapping[str, str], line: int, index: TerritoryIndex, messages: ShortFormMessages
) -> str:
    """Return the level of a row, else the only level that has its code.

    If several levels have it, the problem is added to `messages` and the first level is returned,
    so that the rest of the line is checked too.
    """
    written_level, code = row["territoire_niveau"], row["territoire_code"]
    level_field = load_short_form().field("territoire_niveau")
    written_level = named_codes(level_field, written_level) or written_level
    if written_level or not code:
        return written_level or "departement"
    levels = [level for level in vocabulary_codes("niveaux") if read_code(index.codes, level, code)]
    if len(levels) > 1:
        names = [
            index.names.get((level, read_code(index.codes, level, code)), code) for level in levels
        ]
        messages.ambiguous_level(line, code, dict(zip(levels, names, strict=True)))
    if levels:
        return levels[0]
    if meant := territories_meant(code):
        return meant[0][0]
    # Validation reports the unknown code; its length gives the most likely level.
    return _LEVEL_OF_LENGTH.get(len(code), "departement")
